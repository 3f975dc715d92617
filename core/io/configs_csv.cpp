// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/configs_csv.h"

#include <algorithm>
#include <array>

#include "core/spec/axes.h"
#include "core/spec/named.h"
#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {
namespace {

constexpr std::array columns_of_configs{CsvColumn{"chip"}, CsvColumn{"nic"}, CsvColumn{"policy"}, CsvColumn{"ep"},
    CsvColumn{"kv_elem_size"}, CsvColumn{"param_elem_size"}, CsvColumn{"batch_size"}, CsvColumn{"context"},
    CsvColumn{"mtp_len"}, CsvColumn{"deepgemm"}, CsvColumn{"fa3"}};

// The operators of the article, in its order; without the rest that comes with quirk 4 off.
constexpr std::array published{OpId::q_down, OpId::q_up, OpId::q_absorb, OpId::kv_compress, OpId::flash_mla, OpId::v_up,
    OpId::o_proj, OpId::dispatch, OpId::shared_up, OpId::shared_down, OpId::routed_up, OpId::routed_down,
    OpId::combine};

class ConfigRowReader {
public:
    ConfigRowReader(const Study &the_study, CsvReader &the_rows)
        : study(the_study)
        , rows(the_rows)
    {
    }

    ConfigRow read()
    {
        ConfigRow row;
        row.workload = study.workload;
        row.chip = index_of(study.chips, 0);
        row.nic = index_of(study.nics, 1);
        SearchSpace space = study.search;
        Precision precision;
        set(space, "policy", 2, rows.text(2));
        set_number(space, "ep", 3);
        set_size(precision.kv_elem_size, 4);
        set_size(precision.param_elem_size, 5);
        set_number(space, "batch", 6);
        set_number(row.workload, "context", 7);
        set_number(space, "mtp_len", 8);
        set(row.workload, "deepgemm", 9, rows.switch_text(9));
        set(row.workload, "fa3", 10, rows.text(10));
        space.precision = {precision};
        for (const SearchAxis &axis : search_axes())
            axis.take(space, 0, row.point);
        return row;
    }

private:
    const Study &study;
    CsvReader &rows;

    // The entry that the column names.
    template <class T>
    std::size_t index_of(const std::vector<T> &entries, std::size_t column)
    {
        const std::string &name = rows.text(column);
        if (const std::optional<std::size_t> found = place_named(entries, name))
            return *found;
        std::vector<std::string> names;
        for (const T &entry : entries)
            names.push_back(entry.name);
        rows.problem(column,
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
        const std::optional<std::string> text = rows.number_text(column);
        if (text && set(space, "precision", column, text->empty() ? "" : *text + "/1"))
            size = space.precision.front().kv_elem_size;
    }

    template <class T>
    void set_number(T &object, std::string_view key, std::size_t column)
    {
        if (const std::optional<std::string> text = rows.number_text(column))
            set(object, key, column, *text);
    }

    // A single value, also where the parameter takes lists; false if it cannot be.
    template <class T>
    bool set(T &object, std::string_view key, std::size_t column, const std::string &text)
    {
        std::optional<std::string> wrong;
        if (text.empty())
            wrong = "is empty; expected a value";
        else if (text.find("..") != std::string::npos)
            wrong = "expected one value, not a range";
        else
            wrong = set_field(object, *find<T>(key), std::vector{text}, BareNumbers::allowed);
        if (wrong)
            rows.problem(column, *wrong);
        return !wrong;
    }
};

} // namespace

Scenario scenario_of(const Study &study, const ConfigRow &row)
{
    return {study.profile, study.model, study.chips[row.chip], study.nics[row.nic], row.workload, row.point,
        study.target_tps.si()};
}

std::span<const CsvColumn> configs_columns()
{
    return columns_of_configs;
}

Read<std::vector<ConfigRow>> read_configs(std::string_view text, const std::string &file, const Study &study)
{
    CsvReader reader(text, file, columns_of_configs, CsvReader::Others::ignored);
    std::vector<ConfigRow> rows;
    while (reader.next()) {
        const ConfigRow row = ConfigRowReader(study, reader).read();
        if (reader.sound())
            rows.push_back(row);
    }
    if (!reader.sound())
        return {std::nullopt, reader.problems()};
    return {std::move(rows), {}};
}

std::string configs_header()
{
    std::vector<std::string> names;
    for (const CsvColumn &column : columns_of_configs)
        names.emplace_back(column.name);
    for (const OpId id : published)
        names.push_back(std::string(info_of(id).key) + "_us");
    for (const char *name : {"layer_us", "step_ms", "ux_tps", "throughput_per_card"})
        names.emplace_back(name);
    return csv_line(names);
}

std::string configs_line(const Scenario &scenario, const Estimate &estimate)
{
    constexpr double us = 1e6, ms = 1e3;
    const Point &point = scenario.point;
    const BlockEstimate &layer = estimate.blocks.front();
    std::vector<std::string> cells{scenario.chip.name, scenario.nic.name, std::string(name_of(point.policy)),
        std::to_string(point.ep), exact_text(point.kv_elem_size), exact_text(point.param_elem_size),
        std::to_string(point.batch), std::to_string(scenario.workload.context), std::to_string(point.mtp_len),
        scenario.workload.deepgemm ? "true" : "false", std::string(name_of(scenario.workload.fa3))};
    for (const OpId id : published) {
        const auto found = std::find_if(
            layer.operators.begin(), layer.operators.end(), [&](const OperatorEstimate &op) { return op.id == id; });
        cells.push_back(exact_text(found == layer.operators.end() ? 0 : us * found->time_s));
    }
    for (const double value : {us * layer.time_s, ms * estimate.step_s, estimate.ux_tps, estimate.throughput_per_card})
        cells.push_back(exact_text(value));
    return csv_line(cells);
}

} // namespace epscope
