// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/spec_reader.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <set>

#include "core/io/file.h"
#include "core/io/library.h"
#include "core/io/model_config.h"
#include "core/io/yaml_tree.h"
#include "core/spec/combinations.h"
#include "core/spec/layer_shapes.h"
#include "core/spec/profile_rules.h"
#include "core/spec/remarks.h"
#include "core/spec/retired.h"
#include "core/spec/study_parts.h"
#include "core/text.h"

namespace epscope {
namespace {

// Collects what is wrong with one file.
class Problems {
public:
    explicit Problems(std::string name)
        : file(std::move(name))
    {
    }

    void add(const YamlNode &where, const std::string &key, std::string message)
    {
        found.add({file, where.line, where.column, key, std::move(message)});
    }
    // Of a value that is taken all the same.
    void warn(const YamlNode &where, const std::string &key, std::string message)
    {
        warnings.add({file, where.line, where.column, key, std::move(message), Severity::warning});
    }
    // Another one, of which only the number is told.
    void add_unlisted(std::size_t problems = 1) { found.add_unlisted(problems); }
    std::size_t count() const { return found.count(); }
    // More are counted but not listed; a caller may save itself the words.
    bool full() const { return found.full(); }
    // Is something wrong with the key or what it holds, as far as one knows?
    bool concern(const std::string &key) const
    {
        const auto of_key = [&](const Diagnostic &problem) {
            const std::string_view rest =
                std::string_view(problem.key).substr(std::min(key.size(), problem.key.size()));
            return problem.key.starts_with(key) && (rest.empty() || rest.front() == '.' || rest.front() == '[');
        };
        return full() || std::any_of(found.kept().begin(), found.kept().end(), of_key);
    }

    template <class T>
    Read<T> finish(T value) const
    {
        return found.empty() ? Read<T>{std::move(value), {}, warnings.list()} : Read<T>{std::nullopt, found.list()};
    }

private:
    std::string file;
    ProblemList found{ProblemList::Order::by_line}, warnings{ProblemList::Order::by_line};
};

// Walks the keys of one map: each is asked for once, finish() reports the rest.
class MapReader {
public:
    MapReader(const YamlNode &map, std::string path_prefix, Problems &all_problems)
        : node(map)
        , prefix(std::move(path_prefix))
        , problems(all_problems)
    {
        if (node.kind != YamlNode::Kind::map) {
            problems.add(node, prefix, "expected keys and values");
            return;
        }
        std::set<std::string_view> seen;
        for (const auto &[key, value] : node.entries) {
            if (!seen.insert(key.scalar).second)
                problems.add(key, path(key.scalar), "duplicate key; each may stand once");
        }
    }

    std::string path(std::string_view key = {}) const
    {
        return prefix.empty() || key.empty() ? prefix + std::string(key) : prefix + "." + std::string(key);
    }
    const YamlNode &where() const { return node; }

    const YamlNode *find(std::string_view key)
    {
        if (std::find(known.begin(), known.end(), key) == known.end())
            known.emplace_back(key);
        for (const auto &[name, value] : node.entries) {
            if (name.scalar == key)
                return &value;
        }
        return nullptr;
    }

    const YamlNode *require(std::string_view key)
    {
        const YamlNode *value = find(key);
        if (!value && node.kind == YamlNode::Kind::map)
            problems.add(node, path(key), "missing key");
        return value;
    }

    const YamlNode *find_or_require(std::string_view key, bool required) { return required ? require(key) : find(key); }

    std::string require_text(std::string_view key)
    {
        const YamlNode *value = require(key);
        if (!value)
            return {};
        if (value->kind != YamlNode::Kind::scalar || trimmed(value->scalar).empty()) {
            problems.add(*value, path(key), "expected a text");
            return {};
        }
        return std::string(trimmed(value->scalar));
    }

    void finish()
    {
        for (const auto &[key, value] : node.entries) {
            if (std::find(known.begin(), known.end(), key.scalar) != known.end())
                continue;
            if (problems.full())
                problems.add_unlisted();
            else
                problems.add(key, path(key.scalar),
                    "unknown key; allowed is " + joined(known, ", ") + did_you_mean(key.scalar, known));
        }
    }

private:
    const YamlNode &node;
    std::string prefix;
    Problems &problems;
    std::vector<std::string> known;
};

// Whether keys that the parameter table calls required may be left out, because the object holds values already.
enum class Missing { refused, allowed };

template <class T>
void read_field(MapReader &map, T &object, const Field<T> &field, Missing missing, Problems &problems)
{
    const YamlNode *value = map.find_or_require(field.info.key, field.info.required && missing == Missing::refused);
    if (!value)
        return;
    std::optional<std::string> wrong;
    if (value->kind == YamlNode::Kind::scalar) {
        wrong = set_field(object, field, value->scalar, BareNumbers::refused);
    } else if (value->kind == YamlNode::Kind::sequence && is_list(field)) {
        std::vector<std::string> items;
        for (const YamlNode &item : value->items) {
            // One at a time first, so that a problem names the line of its item.
            std::optional<std::string> wrong_item = "expected a value, not keys or a list";
            if (item.kind == YamlNode::Kind::scalar)
                wrong_item = item_problem(field, item.scalar, BareNumbers::refused);
            if (wrong_item)
                problems.add(item, map.path(field.info.key), *wrong_item);
            else
                items.push_back(item.scalar);
        }
        if (items.size() < value->items.size())
            return;
        wrong = set_field(object, field, items, BareNumbers::refused);
    } else {
        wrong = value->kind == YamlNode::Kind::null ? "has no value; allowed is " + allowed_text(field.info)
            : is_list(field)                        ? std::string("expected a value or a list of values, not keys")
                                                    : std::string("expected one value, not keys or a list");
    }
    if (wrong)
        problems.add(*value, map.path(field.info.key), *wrong);
}

template <class T>
void read_fields(MapReader &map, T &object, Missing missing, Problems &problems)
{
    for (const Field<T> &field : fields<T>())
        read_field(map, object, field, missing, problems);
}

std::string read_name(MapReader &map, Kind kind, Problems &problems)
{
    std::string name = map.require_text(name_of(kind));
    if (const auto wrong = name_problem(name))
        problems.add(*map.find(name_of(kind)), map.path(name_of(kind)), *wrong);
    return name;
}

// Only of values that are sound: what is missing or wrong has been said.
template <class T>
void check_consistency(MapReader &map, const T &object, Problems &problems)
{
    std::vector<Inconsistency> found = inconsistencies(object);
    std::erase_if(found, [&](const Inconsistency &wrong) {
        return !map.find(wrong.key) || problems.concern(map.path(wrong.key)) || problems.concern(map.path(wrong.other));
    });
    for (const Inconsistency &wrong : found)
        problems.add(*map.find(wrong.key), map.path(wrong.key), wrong.message);
}

// Keys and title of an entry, all that a NIC is.
template <IsEntry T>
T entry_from(MapReader &map, Problems &problems)
{
    T entry;
    entry.name = read_name(map, kind_of<T>, problems);
    read_fields(map, entry, Missing::refused, problems);
    if (entry.title.empty())
        entry.title = entry.name;
    return entry;
}

template <IsEntry T>
T read_entry(const YamlNode &node, const std::string &prefix, Problems &problems)
{
    MapReader map(node, prefix, problems);
    const T entry = entry_from<T>(map, problems);
    map.finish();
    if constexpr (requires { inconsistencies(entry); })
        check_consistency(map, entry, problems);
    if constexpr (requires { remarks(entry); }) {
        for (const Remark &remark : remarks(entry)) {
            if (const YamlNode *value = map.find(remark.key)) // none for what is missing
                problems.warn(*value, map.path(remark.key), remark.message);
        }
    }
    return entry;
}

// What has been read of a number, `min` where it is missing or wrong.
struct ReadNumber {
    double value = 0;
    bool sound = false; // it stands there and is allowed
};

ReadNumber read_number(MapReader &map, std::string_view key, Dimension dimension, double min, double max, bool required,
    Problems &problems)
{
    const YamlNode *value = map.find_or_require(key, required);
    if (!value)
        return {min};
    if (value->kind != YamlNode::Kind::scalar) {
        problems.add(*value, map.path(key), "expected a number");
        return {min};
    }
    const auto parsed = parse_quantity(value->scalar, dimension, BareNumbers::allowed);
    if (const auto *wrong = std::get_if<std::string>(&parsed)) {
        problems.add(*value, map.path(key), *wrong);
        return {min};
    }
    const double number = std::get<Quantity>(parsed).si();
    const bool sound = number >= min && number <= max;
    if (!sound)
        problems.add(*value, map.path(key),
            in_quotes(value->scalar) + " is out of range; allowed is " + exact_text(min) + " to " + exact_text(max));
    return {sound ? number : min, sound};
}

std::vector<std::string> read_texts(MapReader &map, std::string_view key, Problems &problems)
{
    std::vector<std::string> texts;
    const YamlNode *list = map.require(key);
    if (!list)
        return texts;
    if (list->kind != YamlNode::Kind::sequence || list->items.empty()) {
        problems.add(*list, map.path(key), "expected a list of at least one text");
        return texts;
    }
    for (const YamlNode &item : list->items) {
        if (item.kind != YamlNode::Kind::scalar || trimmed(item.scalar).empty())
            problems.add(item, map.path(key), "expected a text");
        else
            texts.emplace_back(trimmed(item.scalar));
    }
    return texts;
}

// One of an enumeration; unchanged where the name is none.
template <class Enum>
void read_choice(MapReader &map, std::string_view key, Enum &choice, Problems &problems)
{
    const std::string name = map.require_text(key);
    const std::span<const std::string_view> names = choices_of<Enum>();
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end())
        choice = static_cast<Enum>(found - names.begin());
    else if (!name.empty())
        problems.add(
            *map.find(key), map.path(key), in_quotes(name) + " is not allowed; allowed is " + allowed_text(names));
}

template <class Entry>
std::vector<Entry> read_ascending(MapReader &map, std::string_view key, Problems &problems);

// Reads a value of an object as core/spec/profile_rules describes it.
template <class T, class Value>
void read_value(MapReader &map, T &object, const StatedValue<T, Value> &value, Problems &problems)
{
    Value &member = object.*value.member;
    if (!value.required && !map.find(value.key))
        return;
    const auto number = [&] {
        return read_number(map, value.key, value.dimension, value.min, value.max, value.required, problems);
    };
    if constexpr (std::is_same_v<Value, std::string>) {
        member = map.require_text(value.key);
    } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
        member = read_texts(map, value.key, problems);
    } else if constexpr (std::is_enum_v<Value>) {
        read_choice(map, value.key, member, problems);
    } else if constexpr (std::is_same_v<Value, bool>) {
        const std::string text = map.require_text(value.key);
        member = text == "true";
        if (!text.empty() && !member && text != "false")
            problems.add(*map.find(value.key), map.path(value.key),
                in_quotes(text) + " is not a switch; allowed is true or false");
    } else if constexpr (std::is_same_v<Value, double>) {
        member = number().value;
    } else if constexpr (std::is_same_v<Value, std::int64_t>) {
        const ReadNumber read = number();
        if (read.sound && read.value != std::floor(read.value))
            problems.add(*map.find(value.key), map.path(value.key),
                in_quotes(exact_text(read.value)) + " is not a whole number");
        member = static_cast<std::int64_t>(read.value);
    } else {
        member = read_ascending<typename Value::value_type>(map, value.key, problems);
    }
}

// A bound within which a parameter may be fitted.
void read_value(
    MapReader &map, ParameterOrigin &origin, const StatedValue<ParameterOrigin, double> &bound, Problems &problems)
{
    const std::optional<ProfileNumber> number = profile_number(origin.parameter);
    if (!number)
        return;
    const Parameter &info = number->info();
    const bool required = origin.origin == Obtained::fitted;
    origin.*bound.member = read_number(map, bound.key, info.dimension, info.min, info.max, required, problems).value;
}

template <class T>
void read_values(MapReader &map, T &object, Problems &problems)
{
    for_each_value<T>([&](const auto &value) { read_value(map, object, value, problems); });
}

// What is wrong with the first entry of a list, or nothing.
template <class Entry>
std::string first_problem(const Entry &)
{
    return {};
}
std::string first_problem(const EfficiencyPiece &piece)
{
    return piece.from != 0        ? "the first entry must start from 0"
        : piece.per_doubling != 0 ? "an entry from 0 cannot rise per doubling"
                                  : "";
}

// The entries of a rule, in ascending order of their first value.
template <class Entry>
std::vector<Entry> read_ascending(MapReader &map, std::string_view key, Problems &problems)
{
    std::vector<Entry> entries;
    const YamlNode *list = map.require(key);
    if (!list)
        return entries;
    if (list->kind != YamlNode::Kind::sequence || list->items.empty()) {
        problems.add(*list, map.path(key), "expected a list of at least one entry");
        return entries;
    }
    const auto size = [](const Entry &entry) { return entry.*std::get<0>(stated_values<Entry>).member; };
    bool sound = true; // every entry so far could be read
    for (const YamlNode &item : list->items) {
        const std::size_t before = problems.count();
        MapReader values(item, map.path(key) + "[" + std::to_string(entries.size()) + "]", problems);
        read_values(values, entries.emplace_back(), problems);
        values.finish();
        sound = sound && problems.count() == before;
        if (!sound)
            continue;
        if (entries.size() > 1 && size(entries.back()) <= size(entries[entries.size() - 2]))
            problems.add(item, values.path(), "must lie above the entry before it");
        if (const std::string wrong = entries.size() == 1 ? first_problem(entries.front()) : ""; !wrong.empty())
            problems.add(item, values.path(), wrong);
    }
    return entries;
}

template <class Rule>
void read_rule(MapReader &parent, std::string_view key, Rule &rule, bool required, Problems &problems)
{
    const YamlNode *node = parent.find_or_require(key, required);
    if (!node)
        return;
    MapReader map(*node, parent.path(key), problems);
    read_values(map, rule, problems);
    map.finish();
}

// The rules of efficiency: each family has one by balance, or its others.
void read_rules(MapReader &map, Profile &profile, Problems &problems)
{
    const auto read = [&](const ProfileRule &rule, bool required) {
        std::visit([&](auto member) { read_rule(map, rule.key, profile.*member, required, problems); }, rule.member);
    };
    for (const ProfileRule &rule : profile_rules()) {
        if (rule.by_balance())
            read(rule, false);
    }
    for (const ProfileRule &rule : profile_rules()) {
        if (rule.by_balance())
            continue;
        const std::string balance(balance_rule_of(rule.family).key);
        if (!map.find(balance))
            read(rule, true);
        else if (const YamlNode *other = map.find(rule.key))
            problems.add(*other, map.path(rule.key), "stands next to " + balance + ", which is in its place");
    }
}

// A list that a profile may have. `check` gets each entry with its map, and says what does not go together.
template <class T, class Check>
std::vector<T> read_list(MapReader &parent, std::string_view key, Check check, Problems &problems)
{
    std::vector<T> all;
    const YamlNode *node = parent.find(key);
    if (!node)
        return all;
    if (node->kind != YamlNode::Kind::sequence) {
        problems.add(*node, parent.path(key), "expected a list");
        return all;
    }
    for (const YamlNode &item : node->items) {
        MapReader map(item, parent.path(key) + "[" + std::to_string(all.size()) + "]", problems);
        read_values(map, all.emplace_back(), problems);
        check(map, all);
        map.finish();
    }
    return all;
}

std::string retired_text(const RetiredKey &retired)
{
    return "has no effect any more: " + std::string(retired.instead);
}

// How the profile's numbers were obtained, and within which bounds they may be fitted.
void check_origin(
    MapReader &map, const std::vector<ParameterOrigin> &origins, const Profile &profile, Problems &problems)
{
    const ParameterOrigin &read = origins.back();
    const std::optional<ProfileNumber> number = profile_number(read.parameter);
    if (retired_key(read.parameter)) {
        map.find("min");
        map.find("max");
    } else if (!number && !read.parameter.empty()) {
        problems.add(
            *map.find("parameter"), map.path("parameter"), in_quotes(read.parameter) + " is no number of a profile");
    } else if (number) {
        const double value = number->of(profile);
        const bool both = map.find("min") && map.find("max");
        if (both && !problems.concern(map.path("min")) && !problems.concern(map.path("max"))
            && !(read.min < read.max && read.min <= value && value <= read.max))
            problems.add(
                map.where(), map.path("min"), "the bounds must enclose the profile's value, " + exact_text(value));
    }
    const bool again = std::any_of(origins.begin(), origins.end() - 1,
        [&](const ParameterOrigin &other) { return other.parameter == read.parameter; });
    if (again)
        problems.add(map.where(), map.path("parameter"), "duplicate parameter " + in_quotes(read.parameter));
}

using ChipClasses = std::set<std::pair<FlashMlaClass, KernelClass>>;

// The errors of estimates for chips that the fit had not seen, by classes of chips. `classes`: those so far.
void check_left_out(MapReader &map, const LeftOutErrors &read, ChipClasses &classes, Problems &problems)
{
    const YamlNode *of = map.find("flash_mla_class");
    const bool is_class = of && trimmed(of->scalar) == name_of(read.of);
    if (is_class && !classes.emplace(read.of, read.kernels).second)
        problems.add(*of, map.path("flash_mla_class"), "duplicate class " + in_quotes(name_of(read.of)));
    if (!problems.concern(map.path("mean_absolute")) && !problems.concern(map.path("bias"))
        && std::abs(read.bias) > read.mean_absolute)
        problems.add(
            map.where(), map.path("bias"), "cannot be farther from 0 than the mean of the errors without their signs");
}

template <class T>
void read_section(MapReader &parent, std::string_view key, T &object, Missing missing, Problems &problems)
{
    const YamlNode *node = parent.find_or_require(key, missing == Missing::refused);
    if (!node)
        return;
    MapReader map(*node, parent.path(key), problems);
    read_fields(map, object, missing, problems);
    map.finish();
}

// "58", or "moe" for layers with experts.
std::int64_t read_ffn(MapReader &map, Problems &problems)
{
    const YamlNode *node = map.find("ffn");
    if (node && node->kind == YamlNode::Kind::scalar && trimmed(node->scalar) == "moe")
        return 0;
    const ReadNumber width = read_number(map, "ffn", Dimension::count, 1, stated::largest_width, true, problems);
    if (width.sound && width.value != std::floor(width.value))
        problems.add(*node, map.path("ffn"), in_quotes(node->scalar) + " is neither moe nor a whole number");
    return static_cast<std::int64_t>(width.value);
}

// "{layers: 58, ffn: moe, attention: mla, heads: 128, ...}".
LayerKind read_layers(MapReader &map, Problems &problems)
{
    LayerKind kind;
    const ReadNumber layers = read_number(map, "layers", Dimension::count, 1, stated::largest_width, true, problems);
    if (layers.sound && layers.value != std::floor(layers.value))
        problems.add(*map.find("layers"), map.path("layers"), "expected a whole number");
    kind.layers = static_cast<std::int64_t>(layers.value);
    kind.dense_width = read_ffn(map, problems);
    const std::string name = map.require_text("attention");
    const auto known = std::find(attention_names.begin(), attention_names.end(), name);
    if (known == attention_names.end()) {
        if (!name.empty())
            problems.add(*map.find("attention"), map.path("attention"),
                in_quotes(name) + " is not allowed; allowed is " + allowed_text(attention_names));
        return kind;
    }
    kind.attention = shape_of_kind(static_cast<std::size_t>(known - attention_names.begin()));
    std::visit([&](auto &shape) { read_values(map, shape, problems); }, kind.attention);
    map.finish();
    return kind;
}

// "{method: EAGLE3, layers: 1, ffn: 18432, attention: gqa, ...}".
Draft read_draft(const YamlNode &node, const std::string &path, Problems &problems)
{
    MapReader map(node, path, problems);
    Draft draft;
    draft.method = map.require_text("method");
    draft.layer = read_layers(map, problems);
    if (!draft.layer.is_dense())
        problems.add(node, path, "a draft with experts is not modelled; expected the width of its FFN");
    return draft;
}

template <>
Model read_entry<Model>(const YamlNode &node, const std::string &prefix, Problems &problems)
{
    MapReader map(node, prefix, problems);
    Model model;
    model.name = read_name(map, Kind::model, problems);
    const YamlNode *list = map.find("layer_kinds");
    if (list && (list->kind != YamlNode::Kind::sequence || list->items.empty())) {
        problems.add(*list, map.path("layer_kinds"), "expected a list of at least one kind of layers");
    } else if (list) {
        for (const YamlNode &item : list->items) {
            MapReader values(
                item, map.path("layer_kinds") + "[" + std::to_string(model.layer_kinds.size()) + "]", problems);
            model.layer_kinds.push_back(read_layers(values, problems));
        }
    }
    if (const YamlNode *draft = map.find("draft"))
        model.draft = read_draft(*draft, map.path("draft"), problems);
    const bool has_experts = !list
        || std::any_of(
            model.layer_kinds.begin(), model.layer_kinds.end(), [](const LayerKind &kind) { return !kind.is_dense(); });
    for (const Field<Model> &field : fields<Model>()) {
        const YamlNode *beside = list && is_in_layer_kinds(field.info.key) ? map.find(field.info.key) : nullptr;
        if (beside)
            problems.add(*beside, map.path(field.info.key), "stands next to layer_kinds, which says it");
        else if (!list || !is_in_layer_kinds(field.info.key))
            read_field(map, model, field,
                has_experts || !is_of_experts(field.info.key) ? Missing::refused : Missing::allowed, problems);
    }
    if (model.title.empty())
        model.title = model.name;
    take_numbers_of_layers(model);
    map.finish();
    check_consistency(map, model, problems);
    return model;
}

template <>
Profile read_entry<Profile>(const YamlNode &node, const std::string &prefix, Problems &problems)
{
    MapReader map(node, prefix, problems);
    Profile profile = entry_from<Profile>(map, problems);
    for (const YamlEntry &entry : node.entries) {
        const RetiredKey *retired = retired_key(entry.key.scalar);
        if (!retired || !map.find(retired->key))
            continue;
        problems.warn(entry.value, map.path(retired->key), retired_text(*retired));
        profile.retired.keys.emplace_back(retired->key);
    }
    read_section(map, "quirks", profile.quirks, Missing::refused, problems);
    read_rules(map, profile, problems);
    profile.calibration = read_list<ParameterOrigin>(
        map, "calibration",
        [&](MapReader &item, const std::vector<ParameterOrigin> &all) { check_origin(item, all, profile, problems); },
        problems);
    std::erase_if(profile.calibration, [](const ParameterOrigin &origin) { return retired_key(origin.parameter); });
    ChipClasses classes;
    profile.left_out = read_list<LeftOutErrors>(
        map, "left_out",
        [&](MapReader &item, const std::vector<LeftOutErrors> &all) {
            check_left_out(item, all.back(), classes, problems);
        },
        problems);
    map.finish();
    check_consistency(map, profile, problems);
    return profile;
}

void add_lookup_problems(
    const std::vector<Diagnostic> &found, const YamlNode &where, const std::string &path, Problems &problems)
{
    for (const Diagnostic &problem : found) {
        if (problem.unlisted > 0)
            problems.add_unlisted(problem.unlisted);
        else
            problems.add(where, path, problem.file.empty() ? problem.message : text_of(problem));
    }
}

// A whole definition in place or a name: of one of `own`, which go first, or of one of the library.
template <IsEntry T>
T read_reference(
    const YamlNode &node, const std::string &path, std::span<const T> own, const Library &library, Problems &problems)
{
    if (node.kind != YamlNode::Kind::scalar)
        return read_entry<T>(node, path, problems);
    const auto same = std::find_if(own.begin(), own.end(), [&](const T &entry) { return entry.name == node.scalar; });
    Read<T> found = same != own.end() ? Read<T>{*same, {}} : library.entry<T>(node.scalar);
    add_lookup_problems(found.problems, node, path, problems);
    T value = found ? std::move(*found.value) : T{};
    value.name = node.scalar;
    return value;
}

template <IsEntry T>
void read_part(MapReader &parent, T &entry, const T *own, const Library &library, Missing missing, Problems &problems)
{
    const std::string_view key = name_of(kind_of<T>);
    if (const YamlNode *node = parent.find_or_require(key, missing == Missing::refused))
        entry = read_reference<T>(*node, parent.path(key), {own, own ? 1u : 0u}, library, problems);
}

template <IsEntry T>
void read_part(MapReader &parent, std::vector<T> &entries, const std::vector<T> *own, const Library &library,
    Missing missing, Problems &problems)
{
    constexpr Kind kind = kind_of<T>;
    const std::string_view key = folder_of(kind);
    const YamlNode *list = parent.find_or_require(key, missing == Missing::refused);
    if (!list)
        return;
    if (list->kind != YamlNode::Kind::sequence || list->items.empty()) {
        problems.add(*list, parent.path(key), "expected a list of at least one " + std::string(name_of(kind)));
        return;
    }
    entries.clear();
    std::set<std::string> names;
    std::size_t index = 0;
    for (const YamlNode &item : list->items) {
        const std::string path = parent.path(key) + "[" + std::to_string(index++) + "]";
        // A name that stands again is not looked up again: that would read its file once for every mention.
        std::string name = item.scalar;
        if (item.kind != YamlNode::Kind::scalar || !names.contains(name)) {
            entries.push_back(read_reference<T>(
                item, path, own ? std::span<const T>(*own) : std::span<const T>(), library, problems));
            name = entries.back().name;
        }
        if (!name.empty() && !names.insert(name).second)
            problems.add(item, path,
                "duplicate name " + in_quotes(name) + "; each " + std::string(name_of(kind)) + " may stand once");
    }
}

// The keys of a study's parts, which a scenario may state as its study `own` does and change one by one.
void read_inputs(
    MapReader &map, Study &study, const Study *own, const Library &library, Missing missing, Problems &problems)
{
    for_each_part_as_read([&](const auto &part) {
        using Value = PartValue<decltype(part)>;
        Value &value = part.of(study);
        if constexpr (IsEntry<PartStruct<decltype(part)>>)
            read_part(map, value, own ? &part.of(*own) : nullptr, library, missing, problems);
        else if constexpr (std::is_same_v<Value, Study>)
            read_fields(map, value, missing, problems);
        else if constexpr (std::is_same_v<Value, Quirks>) // of the profile, which has them already
            read_section(map, name_of(part.scope), value, Missing::allowed, problems);
        else
            read_section(map, name_of(part.scope), value, missing, problems);
    });
}

// "profile.layer_overhead".
const RetiredKey *retired_setting(std::string_view key)
{
    constexpr std::string_view prefix = "profile.";
    return key.starts_with(prefix) ? retired_key(key.substr(prefix.size())) : nullptr;
}

// "set: {chip.H800.memory: 96 GB}", keys as the command line's --set takes them.
void read_settings(MapReader &parent, Study &study, Problems &problems)
{
    const YamlNode *node = parent.find(card_key::set);
    if (!node)
        return;
    const MapReader map(*node, parent.path(card_key::set), problems);
    for (const auto &[key, value] : node->entries) {
        if (value.kind != YamlNode::Kind::scalar)
            problems.add(value, map.path(key.scalar), "expected one value, not keys or a list");
        else if (const auto wrong = set_parameter(study, key.scalar, value.scalar, BareNumbers::refused))
            problems.add(value, map.path(key.scalar), *wrong);
        else if (const RetiredKey *retired = retired_setting(key.scalar))
            problems.warn(value, map.path(key.scalar), retired_text(*retired));
    }
}

// What is worth saying of a study that was read from a map of its keys, unless it holds of `base` too. What its entries
// hold has been said of them.
void warn_of_study(MapReader &map, const Study &study, const Study *base, Problems &problems)
{
    const std::vector<Remark> known = base ? remarks(*base) : std::vector<Remark>{};
    for (const Remark &remark : remarks(study)) {
        const bool is_of_entry = remark.key.find('.') != std::string::npos;
        if (is_of_entry || std::find(known.begin(), known.end(), remark) != known.end())
            continue;
        const YamlNode *place = &map.where();
        std::string path = map.path(remark.key);
        for_each_part([&](const auto &part) {
            const YamlNode *keys = part.prefix.empty() ? map.find(name_of(part.scope)) : nullptr;
            if (!keys)
                return;
            for (const YamlEntry &entry : keys->entries) {
                if (entry.key.scalar == remark.key) {
                    place = &entry.value;
                    path = map.path(name_of(part.scope)) + "." + remark.key;
                }
            }
        });
        if (const YamlNode *own = map.find(remark.key))
            place = own;
        problems.warn(*place, path, remark.message);
    }
}

// The study with what a scenario or baseline of it has otherwise.
Study changed_study(MapReader &map, const Study &study, const Library &library, bool sound, Problems &problems)
{
    Study changed = study;
    const std::size_t before = problems.count();
    read_inputs(map, changed, &study, library, Missing::allowed, problems);
    // Of entries that could not be read there is nothing to set.
    if (sound && problems.count() == before)
        read_settings(map, changed, problems);
    else
        map.find(card_key::set);
    return changed;
}

std::string read_card_name(MapReader &map, Problems &problems)
{
    std::string name = map.require_text(card_key::name);
    if (const auto wrong = name_problem(name))
        problems.add(*map.find(card_key::name), map.path(card_key::name), *wrong);
    return name;
}

ScenarioCard scenario_from(const YamlNode &node, const std::string &path, const Study &study, const Library &library,
    bool sound, Problems &problems)
{
    ScenarioCard card;
    MapReader map(node, path, problems);
    card.name = read_card_name(map, problems);
    if (const YamlNode *note = map.find(card_key::note)) {
        card.note = map.require_text(card_key::note);
        if (card.note.size() > longest_note)
            problems.add(
                *note, map.path(card_key::note), "the text is longer than " + std::to_string(longest_note) + " bytes");
    }
    card.study = changed_study(map, study, library, sound, problems);
    map.finish();
    warn_of_study(map, card.study, &study, problems);
    return card;
}

// "picked: {chip: H800, nic: ..., ep: 144, ...}": the study's chip and NIC and one value of whatever is searched.
std::optional<Selection> read_picked(MapReader &parent, const Study &study, Problems &problems)
{
    const YamlNode *node = parent.find(card_key::picked);
    if (!node)
        return std::nullopt;
    const std::size_t before = problems.count();
    MapReader map(*node, parent.path(card_key::picked), problems);
    const auto read_own = [&](Kind kind, const auto &own) {
        const std::string_view key = name_of(kind);
        std::string name = map.require_text(key);
        std::vector<std::string> names;
        for (const auto &entry : own)
            names.push_back(entry.name);
        if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
            problems.add(*map.find(key), map.path(key),
                "no " + std::string(key) + " " + in_quotes(name) + " here; there is " + joined(names, ", ")
                    + did_you_mean(name, names));
        return name;
    };
    Selection picked{read_own(Kind::chip, study.chips), read_own(Kind::nic, study.nics), {}};
    SearchSpace space;
    read_fields(map, space, Missing::refused, problems);
    map.finish();
    const std::optional<Point> point = only_point(space);
    if (!point && problems.count() == before)
        problems.add(*node, map.path(), "expected one value of each, as of one configuration");
    picked.point = point.value_or(Point{});
    return picked;
}

// A list of cards that go by names of their own.
template <class Card, class FromNode>
std::vector<Card> read_cards(MapReader &map, const CardList &kind, FromNode from_node, Problems &problems)
{
    std::vector<Card> cards;
    const YamlNode *list = map.find(kind.key);
    if (!list)
        return cards;
    if (list->kind != YamlNode::Kind::sequence || list->items.empty() || list->items.size() > kind.most) {
        problems.add(*list, map.path(kind.key),
            "expected a list of 1 to " + std::to_string(kind.most) + " " + std::string(kind.key));
        return cards;
    }
    std::set<std::string> names;
    for (const YamlNode &item : list->items) {
        const std::string path = map.path(kind.key) + "[" + std::to_string(cards.size()) + "]";
        cards.push_back(from_node(item, path));
        if (const std::string &name = cards.back().name; !name.empty() && !names.insert(name).second)
            problems.add(
                item, path, "duplicate name " + in_quotes(name) + "; each " + std::string(kind.what) + " has its own");
    }
    return cards;
}

void read_scenarios(MapReader &map, StudyFile &file, const Library &library, bool sound, Problems &problems)
{
    file.scenarios = read_cards<ScenarioCard>(
        map, scenario_list,
        [&](const YamlNode &item, const std::string &path) {
            return scenario_from(item, path, file.study, library, sound, problems);
        },
        problems);
}

// At most one is compared with; without any the first.
void read_baselines(MapReader &map, StudyFile &file, const Library &library, bool sound, Problems &problems)
{
    std::size_t place = 0;
    bool is_chosen = false;
    const auto baseline_from = [&](const YamlNode &item, const std::string &path) {
        BaselineCard card;
        MapReader keys(item, path, problems);
        card.name = read_card_name(keys, problems);
        card.study = changed_study(keys, file.study, library, sound, problems);
        card.picked = read_picked(keys, card.study, problems);
        if (const YamlNode *compared = keys.find(card_key::compared)) {
            if (compared->scalar != "true" || is_chosen)
                problems.add(*compared, keys.path(card_key::compared), "expected true, of one baseline at most");
            else
                file.compared = place;
            is_chosen = is_chosen || compared->scalar == "true";
        }
        keys.finish();
        warn_of_study(keys, card.study, &file.study, problems);
        ++place;
        return card;
    };
    file.baselines = read_cards<BaselineCard>(map, baseline_list, baseline_from, problems);
}

StudyFile study_from(const YamlNode &node, const Library &library, Basing basing, Problems &problems)
{
    StudyFile file;
    Study &study = file.study;
    Missing missing = Missing::refused;
    MapReader map(node, {}, problems);
    const std::string name = read_name(map, Kind::study, problems);
    if (const YamlNode *base = map.find("based_on")) {
        missing = Missing::allowed; // also where the base cannot be read: what is wrong with it is said, the rest would
                                    // follow from it
        const std::string base_name = map.require_text("based_on");
        if (basing == Basing::refused) {
            problems.add(*base, "based_on", "the study is itself based on another; a base stands on its own");
        } else if (!base_name.empty()) {
            Read<Study> read = library.study(base_name, Basing::refused);
            add_lookup_problems(read.problems, *base, "based_on", problems);
            if (read)
                study = std::move(*read.value);
        }
    }
    study.name = study.title = name;
    study.source.clear();
    if (map.find("title"))
        study.title = map.require_text("title");
    if (map.find("source"))
        study.source = map.require_text("source");
    read_inputs(map, study, nullptr, library, missing, problems);
    const bool sound = problems.count() == 0;
    read_scenarios(map, file, library, sound, problems);
    read_baselines(map, file, library, sound, problems);
    map.finish();
    warn_of_study(map, study, nullptr, problems);
    return file;
}

template <class T, class FromNode>
Read<T> read_as(std::string_view text, const std::string &file, FromNode from_node)
{
    const Read<YamlNode> tree = parse_yaml(text, file);
    if (!tree)
        return {std::nullopt, tree.problems};
    Problems problems(file);
    T value = from_node(*tree.value, problems);
    return problems.finish(std::move(value));
}

template <IsEntry T>
Read<T> read_as_entry(std::string_view text, const std::string &file)
{
    return read_as<T>(
        text, file, [](const YamlNode &node, Problems &problems) { return read_entry<T>(node, {}, problems); });
}

} // namespace

std::string_view name_of(Kind kind)
{
    constexpr std::string_view names[] = {"chip", "nic", "model", "profile", "study"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view folder_of(Kind kind)
{
    constexpr std::string_view names[] = {"chips", "nics", "models", "profiles", "studies"};
    return names[static_cast<std::size_t>(kind)];
}

std::optional<std::string> name_problem(std::string_view name)
{
    constexpr std::size_t longest = 64;
    if (name.size() <= longest && printable(name) == name && name.find_first_of(",\"|") == std::string_view::npos)
        return std::nullopt;
    return "a name has at most " + std::to_string(longest)
        + " characters and neither commas, quotes, bars nor control characters";
}

Read<Head> read_head(std::string_view text, const std::string &file)
{
    if (is_model_config(text, file)) {
        const Read<std::string> name = config_head(text, file);
        return name ? Read<Head>{Head{Kind::model, *name.value, *name.value}, {}}
                    : Read<Head>{std::nullopt, name.problems};
    }
    const Read<YamlNode> tree = parse_yaml(text, file);
    if (!tree)
        return {std::nullopt, tree.problems};
    const YamlNode &root = *tree.value;
    Problems problems(file);
    if (root.kind != YamlNode::Kind::map || root.entries.empty()) {
        problems.add(root, "",
            "expected keys and values, the first naming what the file holds: 'chip: NAME', nic, model, profile or "
            "study");
        return problems.finish(Head{});
    }
    const auto &[key, value] = root.entries.front();
    std::vector<std::string> names;
    for (const Kind kind : kinds) {
        names.emplace_back(name_of(kind));
        if (key.scalar != name_of(kind))
            continue;
        Head head{kind, std::string(trimmed(value.scalar)), {}};
        if (value.kind != YamlNode::Kind::scalar || head.name.empty())
            problems.add(value, key.scalar, "expected a text");
        else if (const auto wrong = name_problem(head.name))
            problems.add(value, key.scalar, *wrong);
        for (const auto &[other, title] : root.entries) {
            if (other.scalar == "title")
                head.title = title.scalar;
        }
        return problems.finish(head);
    }
    problems.add(key, key.scalar,
        "the first key must name what the file holds; allowed is " + joined(names, ", ")
            + did_you_mean(key.scalar, names));
    return problems.finish(Head{});
}

Read<Chip> read_chip(std::string_view text, const std::string &file)
{
    return read_as_entry<Chip>(text, file);
}

Read<Nic> read_nic(std::string_view text, const std::string &file)
{
    return read_as_entry<Nic>(text, file);
}

Read<Model> read_model(std::string_view text, const std::string &file)
{
    return is_model_config(text, file) ? model_from_config(text, file) : read_as_entry<Model>(text, file);
}

Read<Model> read_model_file(const std::string &path)
{
    const Read<std::string> file = model_file_of(path);
    if (!file)
        return {std::nullopt, file.problems};
    const Read<std::string> text = read_text(*file.value, largest_file);
    if (!text)
        return {std::nullopt, text.problems};
    const std::string name = shown_name(*file.value);
    if (!is_model_config(*text.value, name))
        return read_model(*text.value, name);
    const std::string beside = quantisation_file_of(name);
    std::error_code error;
    if (!std::filesystem::exists(beside, error))
        return model_from_config(*text.value, name);
    const Read<std::string> quantisation = read_text(beside, largest_file);
    Read<Model> model = model_from_config(*text.value, name, quantisation ? std::string_view(*quantisation.value) : "");
    for (Diagnostic problem : quantisation.problems) {
        problem.severity = Severity::warning;
        if (model)
            model.warnings.push_back(std::move(problem));
    }
    return model;
}

Read<Profile> read_profile(std::string_view text, const std::string &file)
{
    return read_as_entry<Profile>(text, file);
}

Read<Study> read_study(std::string_view text, const std::string &file, const Library &library, Basing basing)
{
    Read<StudyFile> read = read_as<StudyFile>(text, file,
        [&](const YamlNode &node, Problems &problems) { return study_from(node, library, basing, problems); });
    if (!read)
        return {std::nullopt, std::move(read.problems)};
    return {std::move(read.value->study), {}, std::move(read.warnings)};
}

Read<StudyFile> read_study_file(std::string_view text, const std::string &file, const Library &library)
{
    return read_as<StudyFile>(text, file,
        [&](const YamlNode &node, Problems &problems) { return study_from(node, library, Basing::allowed, problems); });
}

} // namespace epscope
