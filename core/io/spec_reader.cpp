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
#include "core/spec/parameters.h"
#include "core/spec/remarks.h"
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
template <class T>
T entry_from(MapReader &map, Kind kind, Problems &problems)
{
    T entry;
    entry.name = read_name(map, kind, problems);
    read_fields(map, entry, Missing::refused, problems);
    if (entry.title.empty())
        entry.title = entry.name;
    return entry;
}

template <class T, Kind kind>
T plain_entry_from(const YamlNode &node, const std::string &prefix, Problems &problems)
{
    MapReader map(node, prefix, problems);
    const T entry = entry_from<T>(map, kind, problems);
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

// A number of a profile's rules, which are lists and so not in the parameter table.
double read_number(MapReader &map, std::string_view key, Dimension dimension, double min, double max, bool required,
    Problems &problems)
{
    const YamlNode *value = map.find_or_require(key, required);
    if (!value)
        return min;
    if (value->kind != YamlNode::Kind::scalar) {
        problems.add(*value, map.path(key), "expected a number");
        return min;
    }
    const auto parsed = parse_quantity(value->scalar, dimension, BareNumbers::allowed);
    if (const auto *wrong = std::get_if<std::string>(&parsed)) {
        problems.add(*value, map.path(key), *wrong);
        return min;
    }
    const double number = std::get<Quantity>(parsed).si();
    if (number < min || number > max)
        problems.add(*value, map.path(key),
            in_quotes(value->scalar) + " is out of range; allowed is " + exact_text(min) + " to " + exact_text(max));
    return number;
}

double read_size(MapReader &map, std::string_view key, double min, Problems &problems)
{
    constexpr double largest = 1e9;
    return read_number(map, key, Dimension::count, min, largest, true, problems);
}

double read_mfu(MapReader &map, Problems &problems)
{
    constexpr double smallest = 1e-6;
    return read_number(map, "mfu", Dimension::fraction, smallest, 1, true, problems);
}

// The pieces of a rule, in ascending order of `key`.
template <class Piece, class ReadPiece>
std::vector<Piece> read_pieces(MapReader &map, std::string_view list_key, double Piece::*size, ReadPiece read_piece,
    Problems &problems, const std::function<void(MapReader &, const Piece &)> &check_first = {})
{
    std::vector<Piece> pieces;
    const YamlNode *list = map.require(list_key);
    if (!list)
        return pieces;
    if (list->kind != YamlNode::Kind::sequence || list->items.empty()) {
        problems.add(*list, map.path(list_key), "expected a list of at least one entry");
        return pieces;
    }
    bool sound = true; // every size so far could be read
    for (const YamlNode &item : list->items) {
        const std::size_t before = problems.count();
        MapReader piece(item, map.path(list_key) + "[" + std::to_string(pieces.size()) + "]", problems);
        pieces.push_back(read_piece(piece));
        piece.finish();
        sound = sound && problems.count() == before;
        if (sound && pieces.size() > 1 && pieces.back().*size <= pieces[pieces.size() - 2].*size)
            problems.add(item, piece.path(), "must lie above the entry before it");
        if (sound && check_first && pieces.size() == 1)
            check_first(piece, pieces.front());
    }
    return pieces;
}

// What every rule states; read_rest reads its numbers.
template <class Rule, class ReadRest>
Rule read_any_rule(MapReader &parent, std::string_view key, Problems &problems, ReadRest read_rest)
{
    Rule rule;
    const YamlNode *node = parent.require(key);
    if (!node)
        return rule;
    MapReader map(*node, parent.path(key), problems);
    rule.source = map.require_text("source");
    rule.measured_on = map.require_text("measured_on");
    read_rest(map, rule);
    map.finish();
    return rule;
}

EfficiencyRule read_rule(MapReader &parent, std::string_view key, Problems &problems)
{
    return read_any_rule<EfficiencyRule>(parent, key, problems, [&](MapReader &map, EfficiencyRule &rule) {
        rule.pieces = read_pieces<EfficiencyPiece>(
            map, "pieces", &EfficiencyPiece::from,
            [&](MapReader &piece) {
                return EfficiencyPiece{read_size(piece, "from", 0, problems), read_mfu(piece, problems),
                    read_number(piece, "per_doubling", Dimension::fraction, 0, 1, false, problems)};
            },
            problems,
            [&](MapReader &first, const EfficiencyPiece &piece) {
                if (piece.from != 0)
                    problems.add(first.where(), first.path(), "the first entry must start from 0");
                else if (piece.per_doubling != 0)
                    problems.add(first.where(), first.path(), "an entry from 0 cannot rise per doubling");
            });
    });
}

FlashMlaRule read_flash_mla(MapReader &parent, std::string_view key, Problems &problems)
{
    return read_any_rule<FlashMlaRule>(parent, key, problems, [&](MapReader &map, FlashMlaRule &rule) {
        rule.points = read_pieces<FlashMlaPoint>(
            map, "points", &FlashMlaPoint::rows,
            [&](MapReader &point) {
                return FlashMlaPoint{read_size(point, "rows", 1, problems), read_mfu(point, problems)};
            },
            problems);
    });
}

LongInnerFloor read_long_inner(MapReader &parent, std::string_view key, Problems &problems)
{
    return read_any_rule<LongInnerFloor>(parent, key, problems, [&](MapReader &map, LongInnerFloor &floor) {
        const auto size = [&](std::string_view name) {
            const std::size_t before = problems.count();
            const double value = read_size(map, name, 1, problems);
            if (problems.count() == before && value != std::floor(value))
                problems.add(*map.find(name), map.path(name), in_quotes(exact_text(value)) + " is not a whole number");
            return static_cast<std::int64_t>(value);
        };
        floor.inner_above = size("inner_above");
        floor.wide_from = size("wide_from");
        floor.narrow_from = size("narrow_from");
        floor.mfu = read_mfu(map, problems);
    });
}

// Fractions of peak by balance; none where the profile has no such rule.
BalanceRule read_balance(MapReader &parent, std::string_view key, Problems &problems)
{
    BalanceRule rule;
    const YamlNode *node = parent.find(key);
    if (!node)
        return rule;
    MapReader map(*node, parent.path(key), problems);
    rule.points = read_pieces<BalancePoint>(
        map, "points", &BalancePoint::flop_per_op,
        [&](MapReader &point) {
            BalancePoint read;
            read.flop_per_op = read_size(point, "flop_per_op", 1e-3, problems);
            read.mfu = read_mfu(point, problems);
            read.measured_on = point.require_text("measured_on");
            read.source = point.require_text("source");
            return read;
        },
        problems);
    map.finish();
    return rule;
}

// How the profile's numbers were obtained, and within which bounds they may be fitted.
std::vector<ParameterOrigin> read_calibration(MapReader &parent, const Profile &profile, Problems &problems)
{
    std::vector<ParameterOrigin> origins;
    const YamlNode *node = parent.find("calibration");
    if (!node)
        return origins;
    if (node->kind != YamlNode::Kind::sequence) {
        problems.add(*node, parent.path("calibration"), "expected a list");
        return origins;
    }
    for (const YamlNode &item : node->items) {
        MapReader map(item, parent.path("calibration") + "[" + std::to_string(origins.size()) + "]", problems);
        ParameterOrigin &read = origins.emplace_back();
        read.parameter = map.require_text("parameter");
        read.source = map.require_text("source");
        const std::string origin = map.require_text("origin");
        if (const auto found = origin_named(origin))
            read.origin = *found;
        else if (!origin.empty())
            problems.add(*map.find("origin"), map.path("origin"),
                in_quotes(origin) + " is not allowed; allowed is fitted, measured or assumed");
        const std::optional<ProfileNumber> number = profile_number(read.parameter);
        if (!number && !read.parameter.empty()) {
            problems.add(*map.find("parameter"), map.path("parameter"),
                in_quotes(read.parameter) + " is no number of a profile");
        } else if (number) {
            const bool bounds = read.origin == Obtained::fitted;
            const Parameter &info = number->info();
            const double value = number->of(profile);
            read.min = read_number(map, "min", info.dimension, info.min, info.max, bounds, problems);
            read.max = read_number(map, "max", info.dimension, info.min, info.max, bounds, problems);
            const bool both = map.find("min") && map.find("max");
            if (both && !problems.concern(map.path("min")) && !problems.concern(map.path("max"))
                && !(read.min < read.max && read.min <= value && value <= read.max))
                problems.add(
                    item, map.path("min"), "the bounds must enclose the profile's value, " + exact_text(value));
        }
        const bool again = std::any_of(origins.begin(), origins.end() - 1,
            [&](const ParameterOrigin &other) { return other.parameter == read.parameter; });
        if (again)
            problems.add(item, map.path("parameter"), "duplicate parameter " + in_quotes(read.parameter));
        map.finish();
    }
    return origins;
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

// The errors of estimates for chips that the fit had not seen, by class of chips.
std::vector<LeftOutErrors> read_left_out(MapReader &parent, Problems &problems)
{
    std::vector<LeftOutErrors> all;
    const YamlNode *node = parent.find("left_out");
    if (!node)
        return all;
    if (node->kind != YamlNode::Kind::sequence) {
        problems.add(*node, parent.path("left_out"), "expected a list");
        return all;
    }
    std::set<FlashMlaClass> classes;
    constexpr double largest = 1000, most_rows = 1e9; // an estimate 1001 times the measured time
    for (const YamlNode &item : node->items) {
        MapReader map(item, parent.path("left_out") + "[" + std::to_string(all.size()) + "]", problems);
        LeftOutErrors &read = all.emplace_back();
        const std::string of = map.require_text("flash_mla_class");
        if (const auto found = class_named(of)) {
            read.of = *found;
            if (!classes.insert(read.of).second)
                problems.add(
                    *map.find("flash_mla_class"), map.path("flash_mla_class"), "duplicate class " + in_quotes(of));
        } else if (!of.empty()) {
            problems.add(*map.find("flash_mla_class"), map.path("flash_mla_class"),
                in_quotes(of) + " is not allowed; allowed is general or low-compute");
        }
        const double rows = read_number(map, "rows", Dimension::count, 1, most_rows, true, problems);
        if (rows != std::floor(rows))
            problems.add(*map.find("rows"), map.path("rows"), in_quotes(exact_text(rows)) + " is not a whole number");
        read.runs = static_cast<std::int64_t>(rows);
        read.within = read_number(map, "within", Dimension::fraction, 0, largest, true, problems);
        read.mean_absolute = read_number(map, "mean_absolute", Dimension::fraction, 0, largest, true, problems);
        read.bias = read_number(map, "bias", Dimension::fraction, -1, largest, true, problems);
        if (!problems.concern(map.path("mean_absolute")) && !problems.concern(map.path("bias"))
            && std::abs(read.bias) > read.mean_absolute)
            problems.add(
                item, map.path("bias"), "cannot be farther from 0 than the mean of the errors without their signs");
        read.chips = read_texts(map, "chips", problems);
        read.source = map.require_text("source");
        map.finish();
    }
    return all;
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

Profile profile_from(const YamlNode &node, const std::string &prefix, Problems &problems)
{
    MapReader map(node, prefix, problems);
    Profile profile = entry_from<Profile>(map, Kind::profile, problems);
    read_section(map, "quirks", profile.quirks, Missing::refused, problems);
    // Rules by balance stand in place of the others.
    profile.gemm_by_balance = read_balance(map, "gemm_by_balance", problems);
    profile.flash_mla_by_balance = read_balance(map, "flash_mla_by_balance", problems);
    const auto refuse = [&](std::initializer_list<std::string_view> keys, const std::string &in_their_place) {
        for (const std::string_view key : keys) {
            if (const YamlNode *node_of_key = map.find(key))
                problems.add(
                    *node_of_key, map.path(key), "stands beside " + in_their_place + ", which is in its place");
        }
    };
    if (map.find("gemm_by_balance")) {
        refuse({"gemm_by_inner", "gemm_by_narrow", "gemm_long_inner", "expert_up", "expert_down"}, "gemm_by_balance");
    } else {
        profile.gemm_by_inner = read_rule(map, "gemm_by_inner", problems);
        profile.gemm_by_narrow = read_rule(map, "gemm_by_narrow", problems);
        profile.gemm_long_inner = read_long_inner(map, "gemm_long_inner", problems);
        profile.expert_up = read_rule(map, "expert_up", problems);
        profile.expert_down = read_rule(map, "expert_down", problems);
    }
    if (map.find("flash_mla_by_balance")) {
        refuse({"flash_mla_general", "flash_mla_low_compute"}, "flash_mla_by_balance");
    } else {
        profile.flash_mla_general = read_flash_mla(map, "flash_mla_general", problems);
        profile.flash_mla_low_compute = read_flash_mla(map, "flash_mla_low_compute", problems);
    }
    profile.calibration = read_calibration(map, profile, problems);
    profile.left_out = read_left_out(map, problems);
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

// A name from the library or a whole definition in place.
template <class T, class FromNode, class FromLibrary>
T read_reference(
    const YamlNode &node, const std::string &path, FromNode from_node, FromLibrary from_library, Problems &problems)
{
    if (node.kind != YamlNode::Kind::scalar)
        return from_node(node, path, problems);
    Read<T> found = from_library(node.scalar);
    add_lookup_problems(found.problems, node, path, problems);
    T value = found ? std::move(*found.value) : T{};
    value.name = node.scalar;
    return value;
}

template <class T, class FromNode, class FromLibrary>
void read_entry(MapReader &parent, Kind kind, T &entry, Missing missing, FromNode from_node, FromLibrary from_library,
    Problems &problems)
{
    if (const YamlNode *node = parent.find_or_require(name_of(kind), missing == Missing::refused))
        entry = read_reference<T>(*node, parent.path(name_of(kind)), from_node, from_library, problems);
}

template <class T, class FromNode, class FromLibrary>
void read_entries(MapReader &parent, Kind kind, std::vector<T> &entries, Missing missing, FromNode from_node,
    FromLibrary from_library, Problems &problems)
{
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
            entries.push_back(read_reference<T>(item, path, from_node, from_library, problems));
            name = entries.back().name;
        }
        if (!name.empty() && !names.insert(name).second)
            problems.add(item, path,
                "duplicate name " + in_quotes(name) + "; each " + std::string(name_of(kind)) + " may stand once");
    }
}

// What a scenario names it takes from its study or, failing that, the library.
template <class T, class FromLibrary>
auto own_first(const std::vector<T> &own, FromLibrary from_library)
{
    return [&own, from_library](const std::string &name) {
        const auto found = std::find_if(own.begin(), own.end(), [&](const T &entry) { return entry.name == name; });
        return found != own.end() ? Read<T>{*found, {}} : from_library(name);
    };
}

// The keys that a scenario may state as its study does, and change one by one.
void read_inputs(MapReader &map, Study &study, const std::vector<Profile> &profiles, const std::vector<Model> &models,
    const std::vector<Chip> &chips, const std::vector<Nic> &nics, const Library &library, Missing missing,
    Problems &problems)
{
    read_entry(map, Kind::profile, study.profile, missing, profile_from,
        own_first(profiles, [&](const std::string &entry) { return library.profile(entry); }), problems);
    read_section(map, "quirks", study.profile.quirks, Missing::allowed, problems);
    read_entry(map, Kind::model, study.model, missing, plain_entry_from<Model, Kind::model>,
        own_first(models, [&](const std::string &entry) { return library.model(entry); }), problems);
    read_entries(map, Kind::chip, study.chips, missing, plain_entry_from<Chip, Kind::chip>,
        own_first(chips, [&](const std::string &entry) { return library.chip(entry); }), problems);
    read_entries(map, Kind::nic, study.nics, missing, plain_entry_from<Nic, Kind::nic>,
        own_first(nics, [&](const std::string &entry) { return library.nic(entry); }), problems);
    read_section(map, "workload", study.workload, missing, problems);
    read_section(map, "search", study.search, missing, problems);
    read_fields(map, study, missing, problems);
}

// "set: {chip.H800.memory: 96 GB}", keys as the command line's --set takes them.
void read_settings(MapReader &parent, Study &study, Problems &problems)
{
    const YamlNode *node = parent.find("set");
    if (!node)
        return;
    const MapReader map(*node, parent.path("set"), problems);
    for (const auto &[key, value] : node->entries) {
        if (value.kind != YamlNode::Kind::scalar)
            problems.add(value, map.path(key.scalar), "expected one value, not keys or a list");
        else if (const auto wrong = set_parameter(study, key.scalar, value.scalar, BareNumbers::refused))
            problems.add(value, map.path(key.scalar), *wrong);
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
        for (const std::string_view section : {"workload", "search"}) {
            const YamlNode *keys = map.find(section);
            if (!keys)
                continue;
            for (const YamlEntry &entry : keys->entries) {
                if (entry.key.scalar == remark.key) {
                    place = &entry.value;
                    path = map.path(section) + "." + remark.key;
                }
            }
        }
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
    read_inputs(
        map, changed, {study.profile}, {study.model}, study.chips, study.nics, library, Missing::allowed, problems);
    // Of entries that could not be read there is nothing to set.
    if (sound && problems.count() == before)
        read_settings(map, changed, problems);
    else
        map.find("set");
    return changed;
}

std::string read_card_name(MapReader &map, Problems &problems)
{
    std::string name = map.require_text("name");
    if (const auto wrong = name_problem(name))
        problems.add(*map.find("name"), map.path("name"), *wrong);
    return name;
}

ScenarioCard scenario_from(const YamlNode &node, const std::string &path, const Study &study, const Library &library,
    bool sound, Problems &problems)
{
    ScenarioCard card;
    MapReader map(node, path, problems);
    card.name = read_card_name(map, problems);
    if (const YamlNode *note = map.find("note")) {
        card.note = map.require_text("note");
        if (card.note.size() > longest_note)
            problems.add(*note, map.path("note"), "the text is longer than " + std::to_string(longest_note) + " bytes");
    }
    card.study = changed_study(map, study, library, sound, problems);
    map.finish();
    warn_of_study(map, card.study, &study, problems);
    return card;
}

// "picked: {chip: H800, nic: ..., ep: 144, ...}": the study's chip and NIC and one value of whatever is searched.
std::optional<Selection> read_picked(MapReader &parent, const Study &study, Problems &problems)
{
    const YamlNode *node = parent.find("picked");
    if (!node)
        return std::nullopt;
    const std::size_t before = problems.count();
    MapReader map(*node, parent.path("picked"), problems);
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
std::vector<Card> read_cards(MapReader &map, std::string_view key, std::string_view what, std::size_t most,
    FromNode from_node, Problems &problems)
{
    std::vector<Card> cards;
    const YamlNode *list = map.find(key);
    if (!list)
        return cards;
    if (list->kind != YamlNode::Kind::sequence || list->items.empty() || list->items.size() > most) {
        problems.add(*list, map.path(key), "expected a list of 1 to " + std::to_string(most) + " " + std::string(key));
        return cards;
    }
    std::set<std::string> names;
    for (const YamlNode &item : list->items) {
        const std::string path = map.path(key) + "[" + std::to_string(cards.size()) + "]";
        cards.push_back(from_node(item, path));
        if (const std::string &name = cards.back().name; !name.empty() && !names.insert(name).second)
            problems.add(
                item, path, "duplicate name " + in_quotes(name) + "; each " + std::string(what) + " has its own");
    }
    return cards;
}

void read_scenarios(MapReader &map, StudyFile &file, const Library &library, bool sound, Problems &problems)
{
    file.scenarios = read_cards<ScenarioCard>(
        map, "scenarios", "scenario", most_scenarios,
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
        if (const YamlNode *compared = keys.find("compared")) {
            if (compared->scalar != "true" || is_chosen)
                problems.add(*compared, keys.path("compared"), "expected true, of one baseline at most");
            else
                file.compared = place;
            is_chosen = is_chosen || compared->scalar == "true";
        }
        keys.finish();
        warn_of_study(keys, card.study, &file.study, problems);
        ++place;
        return card;
    };
    file.baselines = read_cards<BaselineCard>(map, "baselines", "baseline", most_baselines, baseline_from, problems);
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
    read_inputs(map, study, {}, {}, {}, {}, library, missing, problems);
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
    return read_as<Chip>(text, file, [](const YamlNode &node, Problems &problems) {
        return plain_entry_from<Chip, Kind::chip>(node, {}, problems);
    });
}

Read<Nic> read_nic(std::string_view text, const std::string &file)
{
    return read_as<Nic>(text, file,
        [](const YamlNode &node, Problems &problems) { return plain_entry_from<Nic, Kind::nic>(node, {}, problems); });
}

Read<Model> read_model(std::string_view text, const std::string &file)
{
    if (is_model_config(text, file))
        return model_from_config(text, file);
    return read_as<Model>(text, file, [](const YamlNode &node, Problems &problems) {
        return plain_entry_from<Model, Kind::model>(node, {}, problems);
    });
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
    return read_as<Profile>(
        text, file, [](const YamlNode &node, Problems &problems) { return profile_from(node, {}, problems); });
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
