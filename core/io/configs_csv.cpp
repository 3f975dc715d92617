// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/configs_csv.h"

#include <algorithm>
#include <array>

#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {
namespace {

constexpr std::array<std::string_view, 11> columns{"chip", "nic", "policy", "ep", "kv_elem_size", "param_elem_size",
    "batch_size", "context", "mtp_len", "deepgemm", "fa3"};

// The operators of the article, in its order; without the rest that comes with quirk 4 off.
constexpr std::array published{OpId::q_down, OpId::q_up, OpId::q_absorb, OpId::kv_compress, OpId::flash_mla, OpId::v_up,
    OpId::o_proj, OpId::dispatch, OpId::shared_up, OpId::shared_down, OpId::routed_up, OpId::routed_down,
    OpId::combine};

class LineReader {
public:
    LineReader(const Study &the_study, std::string file_name, ProblemList &all)
        : study(the_study)
        , file(std::move(file_name))
        , problems(all)
    {
    }

    ConfigRow read(int line_number, const std::vector<std::string_view> &cells)
    {
        line = line_number;
        fields = &cells;
        ConfigRow row;
        row.workload = study.workload;
        row.chip = index_of(study.chips, 0);
        row.nic = index_of(study.nics, 1);
        SearchSpace space = study.search;
        Precision precision;
        set(space, "policy", 2);
        set(space, "ep", 3);
        set_size(precision.kv_elem_size, 4);
        set_size(precision.param_elem_size, 5);
        set(space, "batch", 6);
        set(row.workload, "context", 7);
        set(space, "mtp_len", 8);
        set(row.workload, "deepgemm", 9);
        set(row.workload, "fa3", 10);
        row.point = {space.policy.front(), space.ep.front(), precision.kv_elem_size.si(),
            precision.param_elem_size.si(), space.mtp_len.front(), space.batch.front()};
        return row;
    }

private:
    const Study &study;
    std::string file;
    ProblemList &problems;
    int line = 0;
    const std::vector<std::string_view> *fields = nullptr;

    std::string_view cell(std::size_t column) const { return (*fields)[column]; }

    void problem(std::size_t column, std::string message)
    {
        const auto offset = cell(column).data() - fields->front().data();
        problems.add({file, line, static_cast<int>(offset) + 1, std::string(columns[column]), std::move(message)});
    }

    // The entry that the column names.
    template <class T>
    std::size_t index_of(const std::vector<T> &entries, std::size_t column)
    {
        const std::string_view name = cell(column);
        const bool quoted = name.starts_with('"');
        const auto found = std::find_if(entries.begin(), entries.end(),
            [&](const T &entry) { return entry.name == name || (quoted && csv_field(entry.name) == name); });
        if (found != entries.end())
            return static_cast<std::size_t>(found - entries.begin());
        if (problems.full()) {
            problems.add_unlisted();
            return 0;
        }
        std::vector<std::string> names;
        for (const T &entry : entries)
            names.push_back(entry.name);
        problem(column,
            in_quotes(name) + " is not in the study; it has " + joined(names, ", ") + did_you_mean(name, names));
        return 0;
    }

    template <class T>
    static const Field<T> *find(std::string_view key)
    {
        const std::span<const Field<T>> all = epscope::fields<T>();
        return &*std::find_if(all.begin(), all.end(), [&](const Field<T> &field) { return field.info.key == key; });
    }

    // One side of the precision, checked as the pair is.
    void set_size(Quantity &size, std::size_t column)
    {
        SearchSpace space;
        const std::string text(cell(column));
        std::optional<std::string> wrong = "is empty; expected a value";
        if (!text.empty())
            wrong = set_field(space, *find<SearchSpace>("precision"), std::vector{text + "/1"}, BareNumbers::allowed);
        if (wrong)
            problem(column, *wrong);
        else
            size = space.precision.front().kv_elem_size;
    }

    // A single value, also where the parameter takes lists.
    template <class T>
    void set(T &object, std::string_view key, std::size_t column)
    {
        const std::string text(cell(column));
        std::optional<std::string> wrong;
        if (text.empty())
            wrong = "is empty; expected a value";
        else if (text.find("..") != std::string::npos)
            wrong = "expected one value, not a range";
        else
            wrong = set_field(object, *find<T>(key), std::vector{text}, BareNumbers::allowed);
        if (wrong)
            problem(column, *wrong);
    }
};

} // namespace

Scenario scenario_of(const Study &study, const ConfigRow &row)
{
    return {study.profile, study.model, study.chips[row.chip], study.nics[row.nic], row.workload, row.point,
        study.target_tps.si()};
}

Read<std::vector<ConfigRow>> read_configs(std::string_view text, const std::string &file, const Study &study)
{
    std::vector<ConfigRow> rows;
    ProblemList problems;
    LineReader reader(study, file, problems);
    const std::string header = joined({columns.begin(), columns.end()}, ",");
    if (auto not_utf8 = utf8_problems(text, file); !not_utf8.empty())
        return {std::nullopt, std::move(not_utf8)};
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++number;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (number == 1) {
            if (line != header && !line.starts_with(header + ","))
                problems.add({file, 1, 1, "", "the header must begin with " + header});
            if (!problems.empty())
                break;
            continue;
        }
        if (line.empty())
            continue;
        std::vector<std::string_view> cells = split(line, ',');
        if (cells.size() < columns.size()) {
            problems.add({file, number, 1, "",
                "has " + std::to_string(cells.size()) + " columns; expected at least "
                    + std::to_string(columns.size())});
            continue;
        }
        const ConfigRow row = reader.read(number, cells);
        if (problems.empty())
            rows.push_back(row);
    }
    if (number == 0)
        problems.add({file, 1, 1, "", "the file is empty; expected the header " + header});
    if (!problems.empty())
        return {std::nullopt, problems.list()};
    return {std::move(rows), {}};
}

std::string configs_header()
{
    std::vector<std::string> names(columns.begin(), columns.end());
    for (const OpId id : published)
        names.push_back(std::string(info_of(id).key) + "_us");
    for (const char *name : {"layer_us", "step_ms", "ux_tps", "throughput_per_card"})
        names.emplace_back(name);
    return joined(names, ",") + "\n";
}

std::string configs_line(const Scenario &scenario, const Estimate &estimate)
{
    constexpr double us = 1e6, ms = 1e3;
    const Point &point = scenario.point;
    const BlockEstimate &layer = estimate.blocks.front();
    std::vector<std::string> cells{csv_field(scenario.chip.name), csv_field(scenario.nic.name),
        std::string(name_of(point.policy)), std::to_string(point.ep), exact_text(point.kv_elem_size),
        exact_text(point.param_elem_size), std::to_string(point.batch), std::to_string(scenario.workload.context),
        std::to_string(point.mtp_len), scenario.workload.deepgemm ? "true" : "false",
        std::string(name_of(scenario.workload.fa3))};
    for (const OpId id : published) {
        const auto found = std::find_if(
            layer.operators.begin(), layer.operators.end(), [&](const OperatorEstimate &op) { return op.id == id; });
        cells.push_back(exact_text(found == layer.operators.end() ? 0 : us * found->time_s));
    }
    for (const double value : {us * layer.time_s, ms * estimate.step_s, estimate.ux_tps, estimate.throughput_per_card})
        cells.push_back(exact_text(value));
    return joined(cells, ",") + "\n";
}

} // namespace epscope
