// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/measurements_csv.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "core/io/library.h"
#include "core/quantity.h"
#include "core/text.h"

namespace epscope {
namespace {

struct Column {
    std::string_view name;
    bool required; // in the header
};

constexpr std::array measurement_columns{
    Column{"id", true},
    Column{"chip", true},
    Column{"engine", true},
    Column{"ep", true},
    Column{"batch_per_card", true},
    Column{"context", true},
    Column{"query_tokens", true},
    Column{"accepted_per_step", true},
    Column{"kv_elem_size", true},
    Column{"expert_elem_size", true},
    Column{"attention_elem_size", true},
    Column{"micro_batches", true},
    Column{"step_ms", false},
    Column{"tpot_ms", true},
    Column{"throughput_per_card", false},
    Column{"batch_is_derived", false},
    Column{"source", false},
    Column{"nic", false},
    Column{"model", false},
    Column{"date", false},
};

struct Cell {
    std::string text;
    int column = 1; // where it starts, from 1
};

// Fields between commas; in quotes a comma is text and two quotes are one. Nothing where a quote is never closed.
std::optional<std::vector<Cell>> cells_of(std::string_view line)
{
    std::vector<Cell> cells{{}};
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
            cells.back().text += c;
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            cells.push_back({{}, static_cast<int>(i) + 2});
        } else {
            cells.back().text += c;
        }
    }
    if (quoted)
        return std::nullopt;
    for (Cell &cell : cells)
        cell.text = std::string(trimmed(cell.text));
    return cells;
}

// YYYY, YYYY-MM or YYYY-MM-DD of the calendar.
bool is_date(std::string_view text)
{
    constexpr std::string_view form = "0000-00-00";
    if (text.size() != 4 && text.size() != 7 && text.size() != form.size())
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (form[i] == '-' ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
    }
    const auto part = [&](std::size_t from, std::size_t size, unsigned otherwise) {
        return from < text.size() ? static_cast<unsigned>(std::stoi(std::string(text.substr(from, size)))) : otherwise;
    };
    using namespace std::chrono;
    return year_month_day(year(static_cast<int>(part(0, 4, 0))), month(part(5, 2, 1)), day(part(8, 2, 1))).ok();
}

class RowReader {
public:
    RowReader(std::string file_name, const std::map<std::string, std::size_t> &the_places, ProblemList &all)
        : file(std::move(file_name))
        , places(the_places)
        , problems(all)
    {
    }

    Measurement read(int line_number, const std::vector<Cell> &the_cells)
    {
        line = line_number;
        cells = &the_cells;
        constexpr double ms = 1e-3;
        Measurement row;
        row.place = {file, line};
        row.id = required_text("id");
        row.chip = required_text("chip");
        row.engine = required_text("engine");
        row.nic = text("nic");
        row.model = text("model");
        row.source = text("source");
        row.date = text("date");
        if (!row.date.empty() && !is_date(row.date))
            problem("date", in_quotes(row.date) + " is not a date; expected YYYY, YYYY-MM or YYYY-MM-DD");
        row.ep = whole(required_number("ep", 1, 1048576), "ep");
        row.batch_per_card = number("batch_per_card", 1e-3, 65536);
        row.context = required_number("context", 1, 1048576);
        if (const auto tokens = number("query_tokens", 1, 17))
            row.query_tokens = whole(*tokens, "query_tokens");
        row.accepted_per_step = number("accepted_per_step", 1, 17);
        if (row.query_tokens && row.accepted_per_step
            && *row.accepted_per_step > static_cast<double>(*row.query_tokens))
            problem("accepted_per_step",
                "more tokens accepted than queried; allowed is 1 to " + std::to_string(*row.query_tokens));
        row.kv_elem_size = number("kv_elem_size", 0.5, 4);
        row.expert_elem_size = number("expert_elem_size", 0.5, 4);
        row.attention_elem_size = number("attention_elem_size", 0.5, 4);
        row.micro_batches = whole(required_number("micro_batches", 1, 2), "micro_batches");
        const std::optional<double> step_ms = number("step_ms", 1e-3, 1e6);
        if (text("tpot_ms").empty() && step_ms && row.accepted_per_step)
            row.tpot_s = ms * *step_ms / *row.accepted_per_step;
        else
            row.tpot_s = ms * required_number("tpot_ms", 1e-3, 1e6);
        row.throughput_per_card = number("throughput_per_card", 0, 1e9);
        const std::string derived = text("batch_is_derived");
        row.batch_is_derived = derived == "true";
        if (!derived.empty() && derived != "true" && derived != "false")
            problem("batch_is_derived", in_quotes(derived) + " is not a switch; allowed is true or false");
        return row;
    }

private:
    std::string file;
    const std::map<std::string, std::size_t> &places;
    ProblemList &problems;
    int line = 0;
    const std::vector<Cell> *cells = nullptr;

    const Cell *cell(const std::string &name) const
    {
        const auto place = places.find(name);
        return place == places.end() ? nullptr : &(*cells)[place->second];
    }
    std::string text(const std::string &name) const { return cell(name) ? cell(name)->text : std::string{}; }
    void problem(const std::string &name, std::string message)
    {
        problems.add({file, line, cell(name) ? cell(name)->column : 1, name, std::move(message)});
    }
    std::string required_text(const std::string &name)
    {
        if (text(name).empty())
            problem(name, "is empty; expected a text");
        return text(name);
    }
    // Nothing for an empty field: the source does not say.
    std::optional<double> number(const std::string &name, double min, double max)
    {
        const std::string value = text(name);
        if (value.empty())
            return std::nullopt;
        const auto parsed = parse_quantity(value, Dimension::count, BareNumbers::allowed);
        if (const auto *wrong = std::get_if<std::string>(&parsed)) {
            problem(name, *wrong);
            return std::nullopt;
        }
        const double si = std::get<Quantity>(parsed).si();
        if (!(si >= min && si <= max)) {
            problem(
                name, in_quotes(value) + " is out of range; allowed is " + exact_text(min) + " to " + exact_text(max));
            return std::nullopt;
        }
        return si;
    }
    double required_number(const std::string &name, double min, double max)
    {
        if (text(name).empty())
            problem(name, "is empty; expected a number");
        return number(name, min, max).value_or(min);
    }
    std::int64_t whole(double value, const std::string &name)
    {
        if (value != std::floor(value))
            problem(name, in_quotes(exact_text(value)) + " is not a whole number");
        return static_cast<std::int64_t>(value);
    }
};

std::vector<std::string> column_names()
{
    std::vector<std::string> names;
    for (const Column &column : measurement_columns)
        names.emplace_back(column.name);
    return names;
}

// Where each known column stands.
std::map<std::string, std::size_t> read_header(
    const std::vector<Cell> &cells, const std::string &file, ProblemList &problems)
{
    const std::vector<std::string> names = column_names();
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string &name = cells[i].text;
        const bool known = std::find(names.begin(), names.end(), name) != names.end();
        if (!known && problems.full())
            problems.add_unlisted();
        else if (!known)
            problems.add({file, 1, cells[i].column, "",
                "unknown column " + in_quotes(name) + "; allowed is " + joined(names, ", ")
                    + did_you_mean(name, names)});
        else if (!places.emplace(name, i).second)
            problems.add({file, 1, cells[i].column, "", "duplicate column " + in_quotes(name)});
    }
    for (const Column &column : measurement_columns) {
        if (column.required && !places.contains(std::string(column.name)))
            problems.add({file, 1, 1, "", "missing column " + in_quotes(column.name)});
    }
    return places;
}

// Entries by name, the study's own before the library's, of which each file is read once.
template <class T>
class EntriesByName {
public:
    EntriesByName(const std::vector<T> &the_own, std::function<Read<T>(const std::string &)> the_library)
        : own(the_own)
        , from_library(std::move(the_library))
    {
    }

    const Read<T> &named(const std::string &name)
    {
        const auto [entry, is_new] = known.try_emplace(name);
        if (is_new) {
            const auto found = std::find_if(own.begin(), own.end(), [&](const T &each) { return each.name == name; });
            entry->second = found != own.end() ? Read<T>{*found, {}} : from_library(name);
        }
        return entry->second;
    }

private:
    const std::vector<T> &own;
    std::function<Read<T>(const std::string &)> from_library;
    std::map<std::string, Read<T>> known;
};

} // namespace

void add_new(std::vector<Measurement> &rows, const std::vector<Measurement> &more)
{
    std::multimap<std::string, std::size_t> by_id; // rows of one id may differ
    for (std::size_t i = 0; i < rows.size(); ++i)
        by_id.emplace(rows[i].id, i);
    for (const Measurement &row : more) {
        const auto [first, last] = by_id.equal_range(row.id);
        if (std::any_of(first, last, [&](const auto &entry) { return rows[entry.second] == row; }))
            continue;
        by_id.emplace(row.id, rows.size());
        rows.push_back(row);
    }
}

Read<std::vector<Measurement>> read_measurements(std::string_view text, const std::string &file)
{
    if (auto not_utf8 = utf8_problems(text, file); !not_utf8.empty())
        return {std::nullopt, std::move(not_utf8)};
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    if (trimmed(text).empty())
        return {std::nullopt,
            {{file, 1, 1, "", "is empty; expected a line with the columns' names, " + joined(column_names(), ", ")}}};
    std::vector<Measurement> rows;
    ProblemList problems;
    std::map<std::string, std::size_t> places;
    std::set<std::string> ids;
    std::size_t width = 0;
    int number = 0;
    for (std::string_view line : split(text, '\n')) {
        ++number;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (trimmed(line).empty() && number > 1)
            continue;
        const std::optional<std::vector<Cell>> cells = cells_of(line);
        if (!cells) {
            problems.add({file, number, 1, "", "a quote is never closed"});
        } else if (number == 1) {
            width = cells->size();
            places = read_header(*cells, file, problems);
            if (!problems.empty())
                break;
        } else if (cells->size() != width) {
            problems.add({file, number, 1, "",
                "has " + std::to_string(cells->size()) + " columns; expected " + std::to_string(width)});
        } else {
            rows.push_back(RowReader(file, places, problems).read(number, *cells));
            if (!rows.back().id.empty() && !ids.insert(rows.back().id).second)
                problems.add({file, number, 1, "id", "duplicate id " + in_quotes(rows.back().id)});
        }
    }
    if (problems.empty() && rows.empty())
        problems.add({file, 1, 1, "", "holds no measurements"});
    if (!problems.empty())
        return {std::nullopt, problems.list()};
    return {std::move(rows), {}};
}

std::vector<std::filesystem::path> measurement_files(const std::vector<std::filesystem::path> &folders)
{
    std::vector<std::filesystem::path> all;
    for (const std::filesystem::path &folder : folders) {
        std::vector<std::filesystem::path> files;
        std::error_code error;
        for (const auto &item : std::filesystem::directory_iterator(folder / "measurements", error)) {
            if (item.path().extension() == ".csv" && item.is_regular_file(error))
                files.push_back(item.path());
        }
        std::sort(files.begin(), files.end());
        all.insert(all.end(), files.begin(), files.end());
    }
    return all;
}

Read<std::vector<MeasuredCase>> resolve_measurements(
    const std::vector<Measurement> &rows, const Study &study, const Library &library)
{
    std::vector<MeasuredCase> cases;
    ProblemList problems;
    const auto keep = [&](const Measurement &row, const char *key, const std::vector<Diagnostic> &found) {
        for (const Diagnostic &problem : found)
            problems.add(problem.file.empty() && problem.unlisted == 0
                    ? Diagnostic{row.place.file, row.place.line, 1, key, problem.message}
                    : problem);
    };
    const std::vector<Model> own_model{study.model};
    EntriesByName<Chip> chips(study.chips, [&](const std::string &name) { return library.chip(name); });
    EntriesByName<Nic> nics(study.nics, [&](const std::string &name) { return library.nic(name); });
    EntriesByName<Model> models(own_model, [&](const std::string &name) { return library.model(name); });
    for (const Measurement &row : rows) {
        if (!row.complete())
            continue;
        const Read<Chip> &chip = chips.named(row.chip);
        keep(row, "chip", chip.problems);
        if (!chip)
            continue;
        const Read<Model> &model = models.named(row.model_name());
        keep(row, "model", model.problems);
        const std::string nic_name = !row.nic.empty() ? row.nic
            : !chip.value->usual_nic.empty()          ? chip.value->usual_nic
                                                      : study.nics.front().name;
        const Read<Nic> &nic = nics.named(nic_name);
        keep(row, "nic", nic.problems);
        if (model && *row.query_tokens > 1 && model.value->mtp_layers == 0)
            keep(row, "query_tokens",
                {{"", 0, 0, "", "model " + in_quotes(model.value->name) + " has no MTP layer to draft with"}});
        if (model && nic)
            cases.push_back({row, *model.value, *chip.value, *nic.value});
    }
    if (problems.empty() && cases.empty())
        problems.add({"measurements", 0, 0, "", "no row states all that an estimate needs; they are for display only"});
    if (!problems.empty())
        return {std::nullopt, problems.list()};
    return {std::move(cases), {}};
}

} // namespace epscope
