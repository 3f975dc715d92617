// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/any_model_csv.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {
namespace {

enum class Column : std::size_t {
    config,
    chip,
    model,
    tp,
    ep,
    moe,
    redundant,
    balanced,
    batch,
    context,
    query_tokens,
    kv,
    expert,
    qkv,
    o,
    dense,
    micro_batches,
    nic
};
constexpr std::array columns_of_any_model{CsvColumn{"config"}, CsvColumn{"chip"}, CsvColumn{"model"}, CsvColumn{"tp"},
    CsvColumn{"ep"}, CsvColumn{"moe"}, CsvColumn{"redundant"}, CsvColumn{"balanced"}, CsvColumn{"batch"},
    CsvColumn{"context"}, CsvColumn{"query_tokens"}, CsvColumn{"kv"}, CsvColumn{"expert"}, CsvColumn{"qkv"},
    CsvColumn{"o"}, CsvColumn{"dense"}, CsvColumn{"micro_batches"}, CsvColumn{"nic_B_s"}};
static_assert(columns_of_any_model.size() == static_cast<std::size_t>(Column::nic) + 1);

// Each entry is read once.
class Entries {
public:
    explicit Entries(const Library &the_library)
        : library(the_library)
    {
    }

    Read<Chip> chip(const std::string &name) { return kept(chips, name, name); }
    // By its name or by what it is called in full.
    Read<Model> model(const std::string &name)
    {
        std::string known = name;
        for (const Library::Entry &entry : library.entries(Kind::model)) {
            if (entry.title == name)
                known = entry.name;
        }
        return kept(models, name, known);
    }

private:
    const Library &library;
    std::map<std::string, Read<Chip>> chips;
    std::map<std::string, Read<Model>> models;

    template <class T>
    const Read<T> &kept(std::map<std::string, Read<T>> &all, const std::string &name, const std::string &known)
    {
        const auto found = all.find(name);
        return found != all.end() ? found->second : all.emplace(name, library.entry<T>(known)).first->second;
    }
};

class AnyModelReader {
public:
    AnyModelReader(CsvReader &the_rows, const Library &library, const Profile &the_profile)
        : rows(the_rows)
        , entries(library)
        , profile(the_profile)
    {
    }

    NamedScenario read()
    {
        NamedScenario named;
        named.name = rows.text(place(Column::config));
        Scenario &scenario = named.scenario;
        scenario.profile = profile;
        take(scenario.chip, Column::chip, entries.chip(rows.text(place(Column::chip))));
        take(scenario.model, Column::model, entries.model(rows.text(place(Column::model))));
        if (scenario.chip.rated_memory)
            scenario.chip.memory = *scenario.chip.rated_memory;
        constexpr double most = 1e12;
        Point &point = scenario.point;
        Workload &workload = scenario.workload;
        point.tp = whole(Column::tp, 1, most);
        point.ep = whole(Column::ep, 1, most);
        point.mode = mode();
        workload.redundant_experts = whole(Column::redundant, 0, most);
        workload.balancer = rows.switch_text(place(Column::balanced)) == "true" ? Balancer::on : Balancer::off;
        point.batch = whole(Column::batch, 1, most);
        workload.context = whole(Column::context, 1, most);
        point.mtp_len = whole(Column::query_tokens, 1, most) - 1;
        point.kv_elem_size = size(Column::kv);
        point.param_elem_size = size(Column::qkv);
        workload.expert_elem_size = bytes(size(Column::expert));
        workload.output_elem_size = bytes(size(Column::o));
        workload.dense_elem_size = bytes(size(Column::dense));
        point.policy = whole(Column::micro_batches, 1, 2) == 2 ? Policy::dual_mbatch : Policy::naive;
        workload.cards = std::max({workload.cards, point.ep, point.tp});
        scenario.nic.name = "NIC";
        scenario.nic.bandwidth = {
            number(Column::nic, 1, 1e24, Dimension::bytes_per_second), &base_unit(Dimension::bytes_per_second)};
        return named;
    }

private:
    CsvReader &rows;
    Entries entries;
    const Profile &profile;

    static std::size_t place(Column column) { return static_cast<std::size_t>(column); }
    static Quantity bytes(double size) { return {size, &base_unit(Dimension::bytes)}; }

    template <class T>
    void take(T &entry, Column column, Read<T> read)
    {
        if (read)
            entry = std::move(*read.value);
        else
            rows.problem(place(column), read.problems.front().message);
    }

    double number(Column column, double least, double most, Dimension dimension = Dimension::count)
    {
        rows.expect_number(place(column));
        const std::optional<double> value = rows.number(place(column), dimension);
        if (!value)
            return least;
        if (*value < least || *value > most) {
            rows.problem(place(column),
                in_quotes(rows.text(place(column))) + " is out of range; allowed is " + exact_text(least) + " to "
                    + exact_text(most));
            return least;
        }
        return *value;
    }
    std::int64_t whole(Column column, double least, double most)
    {
        const double value = number(column, least, most);
        if (value != std::floor(value))
            rows.problem(place(column), in_quotes(exact_text(value)) + " is not a whole number");
        return static_cast<std::int64_t>(value);
    }
    double size(Column column)
    {
        const Parameter &info = *find_parameter("precision");
        return number(column, info.min, info.max, Dimension::bytes);
    }
    ExpertMode mode()
    {
        const std::string &text = rows.text(place(Column::moe));
        const std::span<const std::string_view> names = find_parameter("mode")->choices;
        const auto found = std::find(names.begin(), names.end(), text);
        if (found == names.end()) {
            rows.problem(place(Column::moe), in_quotes(text) + " is not allowed; allowed is " + allowed_text(names));
            return ExpertMode::all2all;
        }
        return static_cast<ExpertMode>(found - names.begin());
    }
};

std::string name_of_block(const BlockEstimate &block)
{
    switch (block.kind) {
    case BlockKind::sparse_layer:
        return "sparse" + std::to_string(block.layer);
    case BlockKind::dense_layer:
        return "dense" + std::to_string(block.layer);
    case BlockKind::mtp_layer:
        return "mtp";
    case BlockKind::outside_layers:
    case BlockKind::mtp_outside:
        break;
    }
    return std::string(key_of(block.kind));
}

// As attention of any kind is called there.
std::string name_of_operator(OpId id)
{
    return id == OpId::flash_mla    ? std::string(info_of(OpId::attention).key)
        : id == OpId::step_overhead ? std::string("step")
                                    : std::string(info_of(id).key);
}

} // namespace

std::span<const CsvColumn> any_model_columns()
{
    return columns_of_any_model;
}

bool is_of_any_model(std::string_view text)
{
    constexpr std::array own{CsvColumn{"model"}, CsvColumn{"nic_B_s"}};
    return csv_columns_named(text, own) == own.size();
}

Read<std::vector<NamedScenario>> read_any_model(
    std::string_view text, const std::string &file, const Library &library, const Profile &profile)
{
    CsvReader rows(text, file, columns_of_any_model, CsvReader::Others::ignored);
    AnyModelReader reader(rows, library, profile);
    std::vector<NamedScenario> all;
    while (rows.next()) {
        NamedScenario one = reader.read();
        if (rows.sound())
            all.push_back(std::move(one));
    }
    if (!rows.sound())
        return {std::nullopt, rows.problems()};
    return {std::move(all), {}};
}

std::string any_model_header()
{
    return csv_line({"config", "step_s", "weights_B", "kv_B_per_sequence", "max_batch"});
}

std::string any_model_line(const std::string &name, const Estimate &estimate)
{
    return csv_line({name, exact_text(estimate.step_s), exact_text(estimate.memory.weights),
        exact_text(estimate.memory.kv_per_sequence), std::to_string(estimate.memory.max_batch)});
}

std::string operators_header()
{
    return csv_line(
        {"config", "block", "count", "micro_batches", "operator", "stage", "seconds", "traffic_s", "compute_s"});
}

std::string operators_lines(const std::string &name, const Estimate &estimate)
{
    std::string text;
    for (const BlockEstimate &block : estimate.blocks) {
        const auto add = [&](OpId id, double seconds, const std::string &traffic, const std::string &compute) {
            text += csv_line({name, name_of_block(block), std::to_string(block.count), std::to_string(block.repeats),
                name_of_operator(id), std::string(key_of(info_of(id).stage)), exact_text(seconds), traffic, compute});
        };
        bool has_step = block.kind != BlockKind::outside_layers;
        for (const OperatorEstimate &op : block.operators) {
            const bool sent = op.bound == Bound::network;
            has_step = has_step || op.id == OpId::step_overhead;
            add(op.id, op.time_s, sent ? "" : exact_text(op.memory_s), sent ? "" : exact_text(op.compute_s));
        }
        if (!has_step)
            add(OpId::step_overhead, 0, "0", "0");
    }
    return text;
}

} // namespace epscope
