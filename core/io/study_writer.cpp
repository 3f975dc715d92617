// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/study_writer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <string_view>

#include "core/io/library.h"
#include "core/io/spec_reader.h"
#include "core/spec/parameters.h"
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
std::string value_text(Policy value)
{
    return std::string(name_of(value));
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

template <class Value>
constexpr bool is_vector = false;
template <class Value>
constexpr bool is_vector<std::vector<Value>> = true;

template <class T>
void write_field(Writer &writer, const T &object, const Field<T> &field)
{
    std::visit(
        [&](auto member) {
            using Value = std::remove_cvref_t<decltype(object.*member)>;
            // What few files state stays out where it says nothing.
            constexpr bool is_rarely_stated = std::is_same_v<T, Profile> || std::is_same_v<T, Model>;
            if ((is_rarely_stated || std::is_same_v<Value, std::string>)&&!field.info.required
                && object.*member == T{}.*member)
                return;
            if constexpr (is_vector<Value>) {
                if (field.info.required || !(object.*member).empty())
                    writer.line(field.info.key, list_text(object.*member));
            } else if constexpr (std::is_same_v<Value, std::string>) {
                writer.line(field.info.key, scalar(object.*member));
            } else if (const std::string value = field_text(object, field); !value.empty()) {
                writer.line(field.info.key, value);
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

template <class T>
void write_entry(Writer &writer, Kind kind, const T &entry)
{
    writer.line(name_of(kind), scalar(entry.name));
    write_fields(writer, entry);
}

// Opens a rule's section; the caller writes what it states and closes it.
template <class Rule>
void open_rule(Writer &writer, std::string_view key, const Rule &rule)
{
    writer.open(key);
    writer.line("source", scalar(rule.source));
    writer.line("measured_on", scalar(rule.measured_on));
}

void write_rule(Writer &writer, std::string_view key, const EfficiencyRule &rule)
{
    open_rule(writer, key, rule);
    writer.open("pieces");
    for (const EfficiencyPiece &piece : rule.pieces)
        writer.plain_item("{from: " + exact_text(piece.from) + ", mfu: " + exact_text(piece.mfu)
            + (piece.per_doubling == 0 ? "" : ", per_doubling: " + exact_text(piece.per_doubling)) + "}");
    writer.close();
    writer.close();
}

void write_rule(Writer &writer, std::string_view key, const FlashMlaRule &rule)
{
    open_rule(writer, key, rule);
    writer.open("points");
    for (const FlashMlaPoint &point : rule.points)
        writer.plain_item("{rows: " + exact_text(point.rows) + ", mfu: " + exact_text(point.mfu) + "}");
    writer.close();
    writer.close();
}

void write_rule(Writer &writer, std::string_view key, const LongInnerFloor &floor)
{
    open_rule(writer, key, floor);
    writer.line("inner_above", std::to_string(floor.inner_above));
    writer.line("wide_from", std::to_string(floor.wide_from));
    writer.line("narrow_from", std::to_string(floor.narrow_from));
    writer.line("mfu", exact_text(floor.mfu));
    writer.close();
}

void write_rule(Writer &writer, std::string_view key, const BalanceRule &rule)
{
    writer.open(key);
    writer.open("points");
    for (const BalancePoint &point : rule.points)
        writer.plain_item("{flop_per_op: " + exact_text(point.flop_per_op) + ", mfu: " + exact_text(point.mfu)
            + ", measured_on: " + scalar(point.measured_on, Place::list)
            + ", source: " + scalar(point.source, Place::list) + "}");
    writer.close();
    writer.close();
}

void write_calibration(Writer &writer, const std::vector<ParameterOrigin> &origins)
{
    writer.open("calibration");
    for (const ParameterOrigin &origin : origins) {
        std::string bounds;
        if (const auto number = profile_number(origin.parameter); number && origin.min < origin.max) {
            const auto text = [&](double value) {
                return exact_text(Quantity{value, &base_unit(number->info().dimension)});
            };
            bounds = "min: " + text(origin.min) + ", max: " + text(origin.max) + ", ";
        }
        writer.plain_item("{parameter: " + origin.parameter + ", origin: " + std::string(name_of(origin.origin)) + ", "
            + bounds + "source: " + scalar(origin.source, Place::list) + "}");
    }
    writer.close();
}

void write_left_out(Writer &writer, const std::vector<LeftOutErrors> &all)
{
    writer.open("left_out");
    for (const LeftOutErrors &errors : all)
        writer.plain_item("{flash_mla_class: " + std::string(name_of(errors.of))
            + ", rows: " + std::to_string(errors.runs) + ", within: " + exact_text(errors.within)
            + ", mean_absolute: " + exact_text(errors.mean_absolute) + ", bias: " + exact_text(errors.bias)
            + ", chips: " + list_text(errors.chips) + ", source: " + scalar(errors.source, Place::list) + "}");
    writer.close();
}

void write_entry(Writer &writer, Kind kind, const Profile &profile)
{
    writer.line(name_of(kind), scalar(profile.name));
    write_fields(writer, profile);
    write_section(writer, "quirks", profile.quirks);
    if (!profile.gemm_by_balance.points.empty()) {
        write_rule(writer, "gemm_by_balance", profile.gemm_by_balance);
    } else {
        write_rule(writer, "gemm_by_inner", profile.gemm_by_inner);
        write_rule(writer, "gemm_by_narrow", profile.gemm_by_narrow);
        write_rule(writer, "gemm_long_inner", profile.gemm_long_inner);
        write_rule(writer, "expert_up", profile.expert_up);
        write_rule(writer, "expert_down", profile.expert_down);
    }
    if (!profile.flash_mla_by_balance.points.empty()) {
        write_rule(writer, "flash_mla_by_balance", profile.flash_mla_by_balance);
    } else {
        write_rule(writer, "flash_mla_general", profile.flash_mla_general);
        write_rule(writer, "flash_mla_low_compute", profile.flash_mla_low_compute);
    }
    if (!profile.calibration.empty())
        write_calibration(writer, profile.calibration);
    if (!profile.left_out.empty())
        write_left_out(writer, profile.left_out);
}

template <class T>
void write_entries(Writer &writer, Kind kind, const std::vector<T> &entries, const std::vector<bool> &by_name)
{
    if (std::find(by_name.begin(), by_name.end(), false) == by_name.end()) {
        std::vector<std::string> names;
        for (const T &entry : entries)
            names.push_back(entry.name);
        writer.line(folder_of(kind), list_text(names));
        return;
    }
    writer.open(folder_of(kind));
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (by_name[i]) {
            writer.plain_item(scalar(entries[i].name));
        } else {
            writer.open_item();
            write_entry(writer, kind, entries[i]);
            writer.close_item();
        }
    }
    writer.close();
}

template <class T, class Find>
std::vector<bool> known(const std::vector<T> &entries, Find find)
{
    std::vector<bool> known;
    for (const T &entry : entries)
        known.push_back(find(entry.name) == entry);
    return known;
}

void write_profile(Writer &writer, const Profile &profile, const Library *library)
{
    const std::optional<Profile> entry = library ? library->profile(profile.name).value : std::nullopt;
    Profile same_quirks = profile;
    if (entry)
        same_quirks.quirks = entry->quirks;
    if (entry != same_quirks) {
        writer.open(name_of(Kind::profile));
        write_entry(writer, Kind::profile, profile);
        writer.close();
        return;
    }
    writer.line(name_of(Kind::profile), scalar(profile.name));
    if (entry->quirks == profile.quirks)
        return;
    writer.open("quirks");
    for (const Field<Quirks> &field : fields<Quirks>()) {
        if (field_text(profile.quirks, field) != field_text(entry->quirks, field))
            write_field(writer, profile.quirks, field);
    }
    writer.close();
}

// "chip.H800.memory: 96 GB" for whatever of the entries has another value.
class Settings {
public:
    template <class T>
    void add(const std::string &prefix, const T &before, const T &after)
    {
        for (const Field<T> &field : fields<T>()) {
            const bool is_text = std::holds_alternative<std::string T::*>(field.member) || is_list(field);
            if (const std::string text = field_text(after, field); text != field_text(before, field))
                lines.push_back({prefix + "." + std::string(field.info.key), text, is_text ? scalar(text) : text});
        }
    }
    template <class T>
    void add_each(const std::string &scope, const std::vector<T> &before, const std::vector<T> &after)
    {
        for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i)
            add(scope + "." + before[i].name, before[i], after[i]);
    }
    void apply_to(Study &study) const
    {
        for (const Line &line : lines)
            set_parameter(study, line.key, line.text, BareNumbers::refused);
    }
    void append(const Settings &more) { lines.insert(lines.end(), more.lines.begin(), more.lines.end()); }
    void write(Writer &writer) const
    {
        if (lines.empty())
            return;
        writer.open("set");
        for (const Line &line : lines)
            writer.line(scalar(line.key), line.written);
        writer.close();
    }

private:
    struct Line {
        std::string key, text, written;
    };
    std::vector<Line> lines;
};

// The settings that make `after` of `before`, collected in `all`; false if there are none that do.
template <class T>
bool by_settings(const Study &before, const Study &after, T Study::*member, const Settings &changes, Settings &all)
{
    Study changed = before;
    changes.apply_to(changed);
    if (changed.*member != after.*member)
        return false;
    all.append(changes);
    return true;
}

template <class T>
void write_changed_fields(Writer &writer, std::string_view key, const T &before, const T &after)
{
    if (before == after)
        return;
    writer.open(key);
    for (const Field<T> &field : fields<T>()) {
        if (field_text(before, field) != field_text(after, field))
            write_field(writer, after, field);
    }
    writer.close();
}

// Only what the study does not have itself.
void write_differences(Writer &writer, const Study &study, const Study &own)
{
    Settings settings, profile, model, chips, nics;
    profile.add("profile", study.profile, own.profile);
    profile.add("quirks", study.profile.quirks, own.profile.quirks);
    if (!by_settings(study, own, &Study::profile, profile, settings)) {
        writer.open(name_of(Kind::profile));
        write_entry(writer, Kind::profile, own.profile);
        writer.close();
    }
    model.add("model", study.model, own.model);
    if (!by_settings(study, own, &Study::model, model, settings)) {
        writer.open(name_of(Kind::model));
        write_entry(writer, Kind::model, own.model);
        writer.close();
    }
    const auto in_study = [](const auto &entries) {
        return [&entries](const std::string &name) {
            const auto found =
                std::find_if(entries.begin(), entries.end(), [&](const auto &entry) { return entry.name == name; });
            return found == entries.end() ? std::nullopt : std::optional(*found);
        };
    };
    chips.add_each("chip", study.chips, own.chips);
    if (!by_settings(study, own, &Study::chips, chips, settings))
        write_entries(writer, Kind::chip, own.chips, known(own.chips, in_study(study.chips)));
    nics.add_each("nic", study.nics, own.nics);
    if (!by_settings(study, own, &Study::nics, nics, settings))
        write_entries(writer, Kind::nic, own.nics, known(own.nics, in_study(study.nics)));
    write_changed_fields(writer, "workload", study.workload, own.workload);
    write_changed_fields(writer, "search", study.search, own.search);
    for (const Field<Study> &field : fields<Study>()) {
        if (field_text(study, field) != field_text(own, field))
            write_field(writer, own, field);
    }
    settings.write(writer);
}

void write_scenario(Writer &writer, const Study &study, const ScenarioCard &card)
{
    writer.open_item();
    writer.line("name", scalar(card.name));
    if (!card.note.empty())
        writer.line("note", scalar(card.note));
    write_differences(writer, study, card.study);
    writer.close_item();
}

void write_baseline(Writer &writer, const Study &study, const BaselineCard &card, bool compared)
{
    writer.open_item();
    writer.line("name", scalar(card.name));
    if (compared)
        writer.line("compared", "true");
    write_differences(writer, study, card.study);
    if (card.picked) {
        writer.open("picked");
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
        writer.open("scenarios");
        for (const ScenarioCard &card : file.scenarios)
            write_scenario(writer, file.study, card);
        writer.close();
    }
    if (!file.baselines.empty()) {
        writer.open("baselines");
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
    write_section(writer, "workload", study.workload);
    write_section(writer, "search", study.search);
    write_fields(writer, study);
    const auto found = [&](const auto &read) { return library ? read(*library).value : std::nullopt; };
    write_entries(writer, Kind::chip, study.chips, known(study.chips, [&](const std::string &name) {
        return found([&](const Library &all) { return all.chip(name); });
    }));
    write_entries(writer, Kind::nic, study.nics, known(study.nics, [&](const std::string &name) {
        return found([&](const Library &all) { return all.nic(name); });
    }));
    if (found([&](const Library &all) { return all.model(study.model.name); }) == study.model) {
        writer.line(name_of(Kind::model), scalar(study.model.name));
    } else {
        writer.open(name_of(Kind::model));
        write_entry(writer, Kind::model, study.model);
        writer.close();
    }
    write_profile(writer, study.profile, library);
    return writer.text;
}

std::string profile_text(const Profile &profile)
{
    Writer writer;
    write_entry(writer, Kind::profile, profile);
    return writer.text;
}

std::string chip_text(const Chip &chip)
{
    Writer writer;
    write_entry(writer, Kind::chip, chip);
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
