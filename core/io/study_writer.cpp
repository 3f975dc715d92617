// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/study_writer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <string_view>

#include "core/io/library.h"
#include "core/io/spec_reader.h"
#include "core/spec/differences.h"
#include "core/spec/layer_shapes.h"
#include "core/spec/profile_rules.h"
#include "core/spec/study_parts.h"
#include "core/text.h"

namespace epscope {
namespace {

// Length of a character that cannot stand in a file as it is: a control, line separator, byte order mark or what is no
// character. 0 for all others.
std::size_t special_length(std::string_view text)
{
    constexpr std::array<std::string_view, 5> unseen{"\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff"};
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x20 || byte(0) == 0x7f)
        return 1;
    if (byte(0) == 0xc2 && text.size() > 1 && byte(1) >= 0x80 && byte(1) < 0xa0)
        return 2;
    const auto found =
        std::find_if(unseen.begin(), unseen.end(), [&](std::string_view one) { return text.starts_with(one); });
    return found == unseen.end() ? 0 : found->size();
}

// Of one, two or three bytes.
unsigned code_point(std::string_view utf8)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(utf8[i])); };
    return utf8.size() == 1 ? byte(0)
        : utf8.size() == 2  ? (byte(0) & 0x1f) << 6 | (byte(1) & 0x3f)
                            : (byte(0) & 0xf) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
}

enum class Place { block, list };

// Does a text mean itself without quotes, to this reader and to others that know YAML's booleans, numbers and dates?
bool is_plain(std::string_view text, Place place)
{
    constexpr std::array<std::string_view, 9> words{"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
    const auto first = static_cast<unsigned char>(text.empty() ? '\0' : text.front());
    if (!std::isalpha(first) && first < 0x80)
        return false;
    if (std::find(words.begin(), words.end(), ascii_lower(text)) != words.end())
        return false;
    if (text.ends_with(' ') || text.ends_with(':') || text.find(": ") != text.npos || text.find(" #") != text.npos)
        return false;
    const auto is_wide = [&](std::size_t i) { return i < text.size() && static_cast<unsigned char>(text[i]) >= 0x80; };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ':' && (is_wide(i - 1) || is_wide(i + 1))) // of a blank it would be the end of a key
            return false;
        if (special_length(text.substr(i)) > 0
            || (place == Place::list && std::string_view(",[]{}").find(text[i]) != std::string_view::npos))
            return false;
    }
    return true;
}

std::string scalar(std::string_view text, Place place = Place::block)
{
    if (is_plain(text, place))
        return std::string(text);
    std::string quoted = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (const std::size_t length = special_length(text.substr(i)); length > 0) {
            std::array<char, 8> escape;
            std::snprintf(escape.data(), escape.size(), "\\u%04x", code_point(text.substr(i, length)));
            quoted += text[i] == '\n' ? "\\n" : text[i] == '\t' ? "\\t" : escape.data();
            i += length - 1;
            continue;
        }
        if (text[i] == '"' || text[i] == '\\')
            quoted += '\\';
        quoted += text[i];
    }
    return quoted + '"';
}

std::string flow_list(const std::vector<std::string> &items)
{
    return "[" + joined(items, ", ") + "]";
}

std::string value_text(const std::string &value)
{
    return scalar(value, Place::list);
}
template <class Enum>
requires std::is_enum_v<Enum> std::string value_text(Enum value)
{
    return std::string(name_of(value));
}
std::string value_text(double value)
{
    return exact_text(value);
}
std::string value_text(const Precision &value)
{
    return exact_text(value.kv_elem_size) + " / " + exact_text(value.param_elem_size);
}

template <class Value>
std::string list_text(const std::vector<Value> &values)
{
    std::vector<std::string> items;
    for (const Value &value : values)
        items.push_back(value_text(value));
    return flow_list(items);
}

// "8..320:8", "[1, 2, 4..8:2, 72]".
std::string list_text(const std::vector<std::int64_t> &values)
{
    const std::vector<std::string> items = integer_ranges(values);
    return items.size() == 1 && values.size() > 1 ? items.front() : flow_list(items);
}

// Block style, two spaces a level.
class Writer {
public:
    std::string text;

    void line(std::string_view key, const std::string &value)
    {
        indent();
        text += std::string(key) + ":" + (value.empty() ? "" : " " + value) + "\n";
    }
    void open(std::string_view key)
    {
        line(key, {});
        ++depth;
    }
    void close() { --depth; }
    // The next line begins an item of a list, the lines after it until close_item() belong to it.
    void open_item()
    {
        ++depth;
        item = true;
    }
    void close_item() { --depth; }
    void plain_item(const std::string &value)
    {
        indent();
        text += "- " + value + "\n";
    }

private:
    std::size_t depth = 0;
    bool item = false;

    void indent()
    {
        text += item ? std::string(2 * (depth - 1), ' ') + "- " : std::string(2 * depth, ' ');
        item = false;
    }
};

enum class Defaults { left_out, written };

template <class T>
void write_field(Writer &writer, const T &object, const Field<T> &field, Defaults defaults = Defaults::left_out)
{
    std::visit(
        [&](auto member) {
            using Value = std::remove_cvref_t<decltype(object.*member)>;
            // What few files state stays out where it says nothing.
            constexpr bool may_stay_out =
                std::is_same_v<T, Profile> || std::is_same_v<T, Model> || std::is_same_v<Value, std::string>;
            constexpr bool some_stay_out =
                std::is_same_v<T, Workload> || std::is_same_v<T, SearchSpace> || std::is_same_v<T, Chip>;
            if constexpr (may_stay_out || some_stay_out) {
                static const T unwritten;
                if ((may_stay_out || field.info.unwritten_default) && !field.info.required
                    && object.*member == unwritten.*member && defaults == Defaults::left_out)
                    return;
            }
            if constexpr (is_vector<Value>) {
                if (field.info.required || !(object.*member).empty() || defaults == Defaults::written)
                    writer.line(field.info.key, list_text(object.*member));
            } else if constexpr (std::is_same_v<Value, std::string>) {
                writer.line(field.info.key, scalar(object.*member));
            } else if (const std::string value = field_text(object, field); !value.empty()) {
                writer.line(field.info.key, value);
            } else if (std::is_same_v<Value, std::optional<Quantity>> && defaults == Defaults::written) {
                writer.line(field.info.key, "none");
            }
        },
        field.member);
}

template <class T>
void write_fields(Writer &writer, const T &object)
{
    for (const Field<T> &field : fields<T>()) {
        if constexpr (requires {
                          object.title;
                          object.name;
                      }) {
            if (field.info.key == "title" && object.title == object.name)
                continue;
        }
        write_field(writer, object, field);
    }
}

template <class T>
void write_section(Writer &writer, std::string_view key, const T &object)
{
    writer.open(key);
    write_fields(writer, object);
    writer.close();
}

template <IsEntry T>
void write_entry(Writer &writer, const T &entry)
{
    writer.line(name_of(kind_of<T>), scalar(entry.name));
    write_fields(writer, entry);
}

// A value as core/spec/profile_rules describes it; empty where it is not to be stated.
template <class T, class Value>
std::string stated_text(const T &object, const StatedValue<T, Value> &value, Place place)
{
    const Value &member = object.*value.member;
    if constexpr (std::is_same_v<Value, std::string>)
        return scalar(member, place);
    else if constexpr (std::is_same_v<Value, std::vector<std::string>>)
        return list_text(member);
    else if constexpr (std::is_enum_v<Value>)
        return std::string(name_of(member));
    else if constexpr (std::is_same_v<Value, bool>)
        return member ? "true" : "";
    else if (!value.required && member == T{}.*value.member)
        return {};
    else if constexpr (std::is_same_v<Value, std::int64_t>)
        return std::to_string(member);
    else
        return exact_text(member);
}

// A bound, where there are some.
std::string stated_text(const ParameterOrigin &origin, const StatedValue<ParameterOrigin, double> &bound, Place)
{
    const std::optional<ProfileNumber> number = profile_number(origin.parameter);
    if (!number || origin.min >= origin.max)
        return {};
    return exact_text(Quantity{origin.*bound.member, &base_unit(number->info().dimension)});
}

// "{from: 64, mfu: 0.5}" for each entry.
template <class Entry>
void write_items(Writer &writer, std::string_view key, const std::vector<Entry> &entries)
{
    writer.open(key);
    for (const Entry &entry : entries) {
        std::vector<std::string> parts;
        for_each_value<Entry>([&](const auto &value) {
            if (const std::string text = stated_text(entry, value, Place::list); !text.empty())
                parts.push_back(std::string(value.key) + ": " + text);
        });
        writer.plain_item("{" + joined(parts, ", ") + "}");
    }
    writer.close();
}

// Lists that a rule holds are of entries.
template <class Rule>
void write_rule(Writer &writer, std::string_view key, const Rule &rule)
{
    writer.open(key);
    for_each_value<Rule>([&](const auto &value) {
        if constexpr (is_vector<std::remove_cvref_t<decltype(rule.*value.member)>>)
            write_items(writer, value.key, rule.*value.member);
        else
            writer.line(value.key, stated_text(rule, value, Place::block));
    });
    writer.close();
}

// What its list of layers says, and of experts what a model without any lacks, stands nowhere else.
// "layers: 58, ffn: moe, attention: mla, heads: 128, ..."
std::string text_of_layers(const LayerKind &kind)
{
    std::vector<std::string> parts{"layers: " + std::to_string(kind.layers),
        "ffn: " + (kind.is_dense() ? std::to_string(kind.dense_width) : "moe"),
        "attention: " + std::string(attention_names[kind.attention.index()])};
    std::visit(
        [&]<class Shape>(const Shape &shape) {
            for_each_value<Shape>([&](const auto &value) {
                if (const std::string text = stated_text(shape, value, Place::list); !text.empty())
                    parts.push_back(std::string(value.key) + ": " + text);
            });
        },
        kind.attention);
    return joined(parts, ", ");
}

void write_entry(Writer &writer, const Model &model)
{
    writer.line(name_of(Kind::model), scalar(model.name));
    const bool listed = !model.layer_kinds.empty();
    for (const Field<Model> &field : fields<Model>()) {
        const std::string_view key = field.info.key;
        const bool is_said = (key == "title" && model.title == model.name) || (listed && is_in_layer_kinds(key))
            || (listed && is_of_experts(key) && model.routed_experts == 0);
        if (!is_said)
            write_field(writer, model, field);
    }
    if (model.draft)
        writer.line(
            "draft", "{method: " + scalar(model.draft->method) + ", " + text_of_layers(model.draft->layer) + "}");
    if (!listed)
        return;
    writer.open("layer_kinds");
    for (const LayerKind &kind : model.layer_kinds)
        writer.plain_item("{" + text_of_layers(kind) + "}");
    writer.close();
}

void write_entry(Writer &writer, const Profile &profile)
{
    writer.line(name_of(Kind::profile), scalar(profile.name));
    write_fields(writer, profile);
    write_section(writer, "quirks", profile.quirks);
    for (const ProfileRule &rule : profile_rules()) {
        if (is_in_force(profile, rule))
            std::visit([&](auto member) { write_rule(writer, rule.key, profile.*member); }, rule.member);
    }
    if (!profile.calibration.empty())
        write_items(writer, "calibration", profile.calibration);
    if (!profile.left_out.empty())
        write_items(writer, "left_out", profile.left_out);
}

template <IsEntry T>
void write_whole(Writer &writer, const T &entry)
{
    writer.open(name_of(kind_of<T>));
    write_entry(writer, entry);
    writer.close();
}

// What is known where the text is read stands by its name alone.
template <IsEntry T, class IsKnown>
void write_entries(Writer &writer, const std::vector<T> &entries, const IsKnown &is_known)
{
    constexpr Kind kind = kind_of<T>;
    std::vector<bool> by_name;
    std::vector<std::string> names;
    for (const T &entry : entries) {
        by_name.push_back(is_known(entry));
        names.push_back(entry.name);
    }
    if (std::find(by_name.begin(), by_name.end(), false) == by_name.end()) {
        writer.line(folder_of(kind), list_text(names));
        return;
    }
    writer.open(folder_of(kind));
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (by_name[i]) {
            writer.plain_item(scalar(names[i]));
        } else {
            writer.open_item();
            write_entry(writer, entries[i]);
            writer.close_item();
        }
    }
    writer.close();
}

template <class T>
void write_changed_fields(Writer &writer, std::string_view key, const T &before, const T &after)
{
    const std::vector<const Field<T> *> differing = differing_fields(before, after);
    if (differing.empty())
        return;
    writer.open(key);
    for (const Field<T> *field : differing) // from what is not the default, perhaps
        write_field(writer, after, *field, Defaults::written);
    writer.close();
}

// A profile that differs from the library's in its quirks alone goes by its name and these.
void write_profile(Writer &writer, const Profile &profile, const Library *library)
{
    const std::optional<Profile> entry = library ? library->profile(profile.name).value : std::nullopt;
    Profile same_quirks = profile;
    if (entry)
        same_quirks.quirks = entry->quirks;
    if (entry != same_quirks) {
        write_whole(writer, profile);
        return;
    }
    writer.line(name_of(Kind::profile), scalar(profile.name));
    write_changed_fields(writer, name_of(Scope::quirks), entry->quirks, profile.quirks);
}

// "set: {chip.H800.memory: 96 GB}"; the texts of each: in the study, in what differs from it.
void write_settings(Writer &writer, const std::vector<Difference> &settings)
{
    if (settings.empty())
        return;
    writer.open(card_key::set);
    for (const Difference &one : settings)
        writer.line(scalar(one.key), one.is_text ? scalar(one.texts[1]) : one.texts[1]);
    writer.close();
}

// Only what the study does not have itself: entries by the settings that make them of the study's, else whole.
void write_differences(Writer &writer, const Study &study, const Study &own)
{
    const std::vector<Difference> all = differences(study, own);
    std::vector<Difference> settings;
    for_each_part_as_read([&](const auto &part) {
        using Value = PartValue<decltype(part)>;
        const Value &before = part.of(study), &after = part.of(own);
        if constexpr (std::is_same_v<Value, Quirks>) {
            // with their profile
        } else if constexpr (IsEntry<PartStruct<decltype(part)>>) {
            std::vector<Difference> changes;
            const auto add_those_of = [&](Scope scope) {
                std::copy_if(all.begin(), all.end(), std::back_inserter(changes),
                    [&](const Difference &one) { return one.parameter->scope == scope; });
            };
            add_those_of(part.scope);
            if constexpr (std::is_same_v<Value, Profile>)
                add_those_of(Scope::quirks);
            Study changed = study;
            for (const Difference &one : changes)
                set_parameter(changed, one.key, one.texts[1], BareNumbers::refused);
            if (part.of(changed) == after)
                settings.insert(settings.end(), changes.begin(), changes.end());
            else if constexpr (is_vector<Value>)
                write_entries(writer, after,
                    [&](const auto &entry) { return std::find(before.begin(), before.end(), entry) != before.end(); });
            else
                write_whole(writer, after);
        } else if constexpr (std::is_same_v<Value, Study>) {
            for (const Field<Study> *field : differing_fields(before, after))
                write_field(writer, after, *field);
        } else {
            write_changed_fields(writer, name_of(part.scope), before, after);
        }
    });
    write_settings(writer, settings);
}

void write_scenario(Writer &writer, const Study &study, const ScenarioCard &card)
{
    writer.open_item();
    writer.line(card_key::name, scalar(card.name));
    if (!card.note.empty())
        writer.line(card_key::note, scalar(card.note));
    write_differences(writer, study, card.study);
    writer.close_item();
}

void write_baseline(Writer &writer, const Study &study, const BaselineCard &card, bool compared)
{
    writer.open_item();
    writer.line(card_key::name, scalar(card.name));
    if (compared)
        writer.line(card_key::compared, "true");
    write_differences(writer, study, card.study);
    if (card.picked) {
        writer.open(card_key::picked);
        writer.line(name_of(Kind::chip), scalar(card.picked->chip));
        writer.line(name_of(Kind::nic), scalar(card.picked->nic));
        write_fields(writer, space_of(card.picked->point));
        writer.close();
    }
    writer.close_item();
}

} // namespace

std::string study_file_text(const StudyFile &file)
{
    Writer writer;
    writer.text = study_text(file.study);
    if (!file.scenarios.empty()) {
        writer.open(scenario_list.key);
        for (const ScenarioCard &card : file.scenarios)
            write_scenario(writer, file.study, card);
        writer.close();
    }
    if (!file.baselines.empty()) {
        writer.open(baseline_list.key);
        for (std::size_t i = 0; i < file.baselines.size(); ++i)
            write_baseline(writer, file.study, file.baselines[i], i == file.compared);
        writer.close();
    }
    return writer.text;
}

std::string study_text(const Study &study, const Library *library)
{
    Writer writer;
    writer.text = "# A study for EPScope: opened in the explorer or by 'epscope search --study FILE'. docs/files.md "
                  "describes it.\n";
    writer.line(name_of(Kind::study), scalar(study.name));
    if (study.title != study.name)
        writer.line("title", scalar(study.title));
    if (!study.source.empty())
        writer.line("source", scalar(study.source));
    const auto is_known = [&]<class T>(
                              const T &entry) { return library && library->entry<T>(entry.name).value == entry; };
    for_each_part([&](const auto &part) {
        using Value = PartValue<decltype(part)>;
        const Value &value = part.of(study);
        if constexpr (std::is_same_v<Value, Quirks>) {
            // with their profile
        } else if constexpr (std::is_same_v<Value, Profile>) {
            write_profile(writer, value, library);
        } else if constexpr (is_vector<Value>) {
            write_entries(writer, value, is_known);
        } else if constexpr (IsEntry<Value>) {
            if (is_known(value))
                writer.line(name_of(kind_of<Value>), scalar(value.name));
            else
                write_whole(writer, value);
        } else if constexpr (std::is_same_v<Value, Study>) {
            write_fields(writer, value);
        } else {
            write_section(writer, name_of(part.scope), value);
        }
    });
    return writer.text;
}

std::string profile_text(const Profile &profile)
{
    Writer writer;
    write_entry(writer, profile);
    return writer.text;
}

std::string chip_text(const Chip &chip)
{
    Writer writer;
    write_entry(writer, chip);
    return writer.text;
}

std::string chip_text(const Chip &chip, const std::map<std::string, std::string> &notes)
{
    // A comment ends with its line and holds no more of what cannot stand in a file than a text does.
    const auto comment = [](const std::string &note) {
        const std::string written = scalar(note);
        return " # " + (written == note ? note : written.substr(1, written.size() - 2));
    };
    const std::string plain = chip_text(chip);
    std::map<std::string, std::string> left = notes;
    std::string text;
    for (std::size_t at = 0; at < plain.size();) {
        const std::size_t end = plain.find('\n', at);
        text += plain.substr(at, end - at);
        if (const auto note = left.find(plain.substr(at, plain.find(':', at) - at)); note != left.end()) {
            text += comment(note->second);
            left.erase(note);
        }
        text += '\n';
        at = end + 1;
    }
    for (const auto &[key, note] : left)
        text += comment(key + ": " + note).substr(1) + '\n';
    return text;
}

} // namespace epscope
