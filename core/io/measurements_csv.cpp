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
#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {
namespace {

constexpr std::array columns_of_measurements{CsvColumn{"id"}, CsvColumn{"chip"}, CsvColumn{"engine"}, CsvColumn{"ep"},
    CsvColumn{"batch_per_card"}, CsvColumn{"context"}, CsvColumn{"query_tokens"}, CsvColumn{"accepted_per_step"},
    CsvColumn{"kv_elem_size"}, CsvColumn{"expert_elem_size"}, CsvColumn{"attention_elem_size"},
    CsvColumn{"micro_batches"}, CsvColumn{"step_ms", false}, CsvColumn{"tpot_ms"},
    CsvColumn{"throughput_per_card", false}, CsvColumn{"batch_is_derived", false}, CsvColumn{"source", false},
    CsvColumn{"nic", false}, CsvColumn{"model", false}, CsvColumn{"date", false}, CsvColumn{"tp", false},
    CsvColumn{"moe", false}, CsvColumn{"redundant_experts", false}, CsvColumn{"balanced", false},
    CsvColumn{"output_elem_size", false}, CsvColumn{"dense_elem_size", false}, CsvColumn{"prefill_share", false},
    CsvColumn{"remark", false}};

// How far columns that say the same in two ways may lie apart: the larger over the smaller, less 1. Logs round, and a
// mean of quotients is not the quotient of means.
constexpr double largest_disagreement = 0.1;

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

// What a column's numbers count, and in what.
struct ColumnUnit {
    Dimension dimension = Dimension::count;
    double unit = 1; // in SI units
    Prefixes prefixes = Prefixes::as_written;
};
constexpr double ms = 1e-3;
constexpr ColumnUnit milliseconds{Dimension::seconds, ms}, rate{Dimension::tokens_per_second},
    fraction{Dimension::fraction};

class MeasurementReader {
public:
    // The places of the columns in `columns_of_measurements`.
    enum ColumnId : std::size_t {
        id,
        chip,
        engine,
        ep,
        batch_per_card,
        context,
        query_tokens,
        accepted_per_step,
        kv_elem_size,
        expert_elem_size,
        attention_elem_size,
        micro_batches,
        step_ms,
        tpot_ms,
        throughput_per_card,
        batch_is_derived,
        source,
        nic,
        model,
        date,
        tp,
        moe,
        redundant_experts,
        balanced,
        output_elem_size,
        dense_elem_size,
        prefill_share,
        remark
    };

    MeasurementReader(std::string file_name, CsvReader &the_rows)
        : file(std::move(file_name))
        , rows(the_rows)
    {
    }

    Measurement read()
    {
        Measurement row;
        row.place = {file, rows.line()};
        row.id = required_text(id);
        row.chip = required_text(chip);
        row.engine = required_text(engine);
        row.nic = text(nic);
        row.model = text(model);
        row.source = text(source);
        row.date = text(date);
        if (!row.date.empty() && !is_date(row.date))
            rows.problem(date, in_quotes(row.date) + " is not a date; expected YYYY, YYYY-MM or YYYY-MM-DD");
        row.remark = text(remark);
        row.ep = whole(required_number_as(ep, "cards"), ep);
        row.tp = whole(number_as(tp, "cards"), tp);
        row.mode = mode();
        row.redundant_experts = whole(number_as(redundant_experts, "redundant_experts").value_or(0), redundant_experts);
        row.balanced = is_on(balanced);
        row.batch_per_card = number(batch_per_card, 1e-3, 65536);
        row.context = required_number_as(context, "context").value_or(1);
        if (const auto tokens = number(query_tokens, 1, 17))
            row.query_tokens = whole(*tokens, query_tokens);
        row.accepted_per_step = number(accepted_per_step, 1, 17);
        if (row.query_tokens && row.accepted_per_step
            && *row.accepted_per_step > static_cast<double>(*row.query_tokens))
            rows.problem(accepted_per_step,
                "more tokens accepted than queried; allowed is 1 to " + std::to_string(*row.query_tokens));
        row.kv_elem_size = number_as(kv_elem_size, "model.kv_elem_size");
        row.expert_elem_size = number_as(expert_elem_size, "expert_elem_size");
        row.attention_elem_size = number_as(attention_elem_size, "model.param_elem_size");
        row.output_elem_size = number_as(output_elem_size, "output_elem_size");
        row.dense_elem_size = number_as(dense_elem_size, "dense_elem_size");
        row.micro_batches = whole(required_number(micro_batches, 1, 2), micro_batches);
        row.prefill_share = number(prefill_share, 0, 0.9, fraction).value_or(0);
        const std::optional<double> step = number(step_ms, 1e-3, 1e6, milliseconds);
        std::optional<double> tpot;
        if (text(tpot_ms).empty() && step && row.accepted_per_step)
            tpot = *step / *row.accepted_per_step / (1 - row.prefill_share);
        else
            tpot = required_number(tpot_ms, 1e-3, 1e6, milliseconds);
        row.tpot_s = ms * tpot.value_or(0);
        row.throughput_per_card = number(throughput_per_card, 0, 1e9, rate);
        if (tpot && step && row.accepted_per_step)
            check_agreement(step_ms, *step, *tpot * *row.accepted_per_step * (1 - row.prefill_share),
                "tpot_ms times accepted_per_step", "ms");
        if (tpot && row.throughput_per_card && row.batch_per_card)
            check_agreement(throughput_per_card, *row.throughput_per_card, *row.batch_per_card / row.tpot_s,
                "batch_per_card over tpot_ms", "tok/s");
        row.batch_is_derived = is_on(batch_is_derived);
        return row;
    }

private:
    std::string file;
    CsvReader &rows;

    // On one line, whatever the cell has.
    std::string text(ColumnId column) const
    {
        std::string one_line = rows.text(column);
        std::replace(one_line.begin(), one_line.end(), '\n', ' ');
        return one_line;
    }
    std::string required_text(ColumnId column)
    {
        if (text(column).empty())
            rows.problem(column, "is empty; expected a text");
        return text(column);
    }
    bool is_on(ColumnId column)
    {
        const std::string value = rows.switch_text(column);
        if (!value.empty() && value != "true" && value != "false")
            rows.problem(column, in_quotes(value) + " is not a switch; allowed is true or false");
        return value == "true";
    }
    ExpertMode mode()
    {
        const std::string value = text(moe);
        const std::span<const std::string_view> names = find_parameter("mode")->choices;
        const auto found = std::find(names.begin(), names.end(), value);
        if (found != names.end())
            return static_cast<ExpertMode>(found - names.begin());
        if (!value.empty())
            rows.problem(moe, in_quotes(value) + " is not allowed; allowed is " + allowed_text(names));
        return ExpertMode::all2all;
    }
    // Nothing for an empty field: the source does not say.
    std::optional<double> number(ColumnId column, double min, double max, const ColumnUnit &in = {})
    {
        const std::optional<double> value = rows.number(column, in.dimension, in.unit, in.prefixes);
        if (value && !(*value >= min && *value <= max)) {
            rows.problem(column,
                in_quotes(text(column)) + " is out of range; allowed is " + exact_text(min) + " to " + exact_text(max));
            return std::nullopt;
        }
        return value;
    }
    std::optional<double> required_number(ColumnId column, double min, double max, const ColumnUnit &in = {})
    {
        rows.expect_number(column);
        return number(column, min, max, in);
    }
    // Allowed is what the parameter of that key may be.
    std::optional<double> number_as(ColumnId column, std::string_view key)
    {
        const Parameter &like = *find_parameter(key);
        return number(column, like.min, like.max, {like.dimension, 1, like.prefixes});
    }
    std::optional<double> required_number_as(ColumnId column, std::string_view key)
    {
        const Parameter &like = *find_parameter(key);
        return required_number(column, like.min, like.max, {like.dimension, 1, like.prefixes});
    }
    std::int64_t whole(std::optional<double> value, ColumnId column)
    {
        if (value && *value != std::floor(*value))
            rows.problem(column, in_quotes(exact_text(*value)) + " is not a whole number");
        return static_cast<std::int64_t>(value.value_or(1));
    }
    // What a column says next to what others say of the same.
    void check_agreement(ColumnId column, double said, double follows, const std::string &from, const std::string &unit)
    {
        if (std::max(said, follows) <= std::min(said, follows) * (1 + largest_disagreement))
            return;
        rows.problem(column,
            exact_text(said) + " " + unit + " contradicts " + from + ", " + short_text(follows, Dimension::count, 5)
                + " " + unit + "; allowed is a difference of " + exact_text(100 * largest_disagreement)
                + " %, or the cell left empty");
    }
};

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

std::span<const CsvColumn> measurement_columns()
{
    return columns_of_measurements;
}

Read<std::vector<Measurement>> read_measurements(std::string_view text, const std::string &file)
{
    CsvReader reader(text, file, columns_of_measurements, CsvReader::Others::refused);
    MeasurementReader row_reader(file, reader);
    std::vector<Measurement> rows;
    std::set<std::string> ids;
    while (reader.next()) {
        rows.push_back(row_reader.read());
        if (!rows.back().id.empty() && !ids.insert(rows.back().id).second)
            reader.problem(MeasurementReader::id, "duplicate id " + in_quotes(rows.back().id));
    }
    if (!reader.sound())
        return {std::nullopt, reader.problems()};
    if (rows.empty())
        return {std::nullopt, {{file, 1, 1, "", "holds no measurements"}}};
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
        if (model && *row.query_tokens > 1 && !can_draft(*model.value))
            keep(row, "query_tokens",
                {{"", 0, 0, "",
                    "model " + in_quotes(model.value->name) + " has neither an MTP layer nor a draft to draft with"}});
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
