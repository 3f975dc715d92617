// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/analysis_options.h"
#include "app/cli/commands.h"
#include "core/analysis/map.h"
#include "core/text.h"

namespace epscope {
namespace {

using Json = nlohmann::ordered_json;

struct MapCommand {
    AnalysisOptions common;
    PictureOptions look;
    std::string x, y, metric;
    std::size_t size = 64;
};

// "KEY" or "KEY:from..to".
MapAxis axis_from(const Study &study, const std::string &text, const char *option, std::size_t size)
{
    const auto bad = [&](const std::string &message) {
        return BadInput("command line", option, in_quotes(text) + " " + message);
    };
    const std::size_t colon = text.rfind(':'), dots = text.find("..", colon == std::string::npos ? 0 : colon);
    const bool has_range = colon != std::string::npos && dots != std::string::npos;
    const Variable variable = variable_named(study, text.substr(0, has_range ? colon : text.size()), option);
    auto [from, to] = map_range(variable);
    if (has_range) {
        const auto read = [&](std::string_view part) {
            const auto value = parse_quantity(part, variable.info->dimension, BareNumbers::allowed);
            if (const auto *problem = std::get_if<std::string>(&value))
                throw bad(": " + *problem);
            const double si = std::get<Quantity>(value).si();
            if (si < variable.info->min || si > variable.info->max)
                throw bad("is out of range; allowed is " + allowed_text(*variable.info));
            return si;
        };
        from = read(std::string_view(text).substr(colon + 1, dots - colon - 1));
        to = read(std::string_view(text).substr(dots + 2));
    }
    if (!(from < to))
        throw bad("is an empty range: its end lies not above its start");
    return map_axis(variable, from, to, size);
}

char bound_sign(const Best &best)
{
    constexpr std::string_view signs = "cmn";
    return signs[static_cast<std::size_t>(best.bound.largest())];
}

// A character a cell, y upwards: the output's level from 0 to 9, and what binds.
std::string drawing(const Study &study, const Map &map, const Metric &metric)
{
    const MapCell *lowest = nullptr, *highest = nullptr;
    for (const MapCell &cell : map.cells) {
        const std::optional<double> value = number_of(metric, cell.outcome);
        if (!value)
            continue;
        if (!lowest || *value < *number_of(metric, lowest->outcome))
            lowest = &cell;
        if (!highest || *value > *number_of(metric, highest->outcome))
            highest = &cell;
    }
    const auto ends = [](const MapAxis &axis) {
        return fmt::format("{} from {} to {}", axis.variable.label, axis.variable.short_text(axis.values.front()),
            axis.variable.short_text(axis.values.back()));
    };
    std::string text =
        fmt::format("{} of {}; across: {}; upwards: {}\n", metric.title, study.chips[0].name, ends(map.x), ends(map.y));
    const auto feasible =
        std::find_if(map.cells.begin(), map.cells.end(), [](const MapCell &cell) { return cell.outcome.best; });
    if (!highest && feasible != map.cells.end())
        return text + text_of(metric, study, *feasible->outcome.best) + "\n";
    if (!highest)
        return text + "Nothing is feasible anywhere; in the lower left corner "
            + nearest_text(study, map.cells.front().outcome) + "\n";
    const double least = *number_of(metric, lowest->outcome), most = *number_of(metric, highest->outcome);
    const auto place = [&](const MapCell &cell) {
        const auto index = static_cast<std::size_t>(&cell - map.cells.data());
        return fmt::format("{} {}, {} {}", map.x.variable.label,
            map.x.variable.short_text(map.x.values[index % map.x.values.size()]), map.y.variable.label,
            map.y.variable.short_text(map.y.values[index / map.x.values.size()]));
    };
    const auto draw = [&](const auto &sign) {
        std::string lines;
        for (std::size_t row = map.y.values.size(); row-- > 0;) {
            for (std::size_t column = 0; column < map.x.values.size(); ++column) {
                const Outcome &outcome = map.at(column, row).outcome;
                lines += number_of(metric, outcome) ? sign(*outcome.best) : '.';
            }
            lines += '\n';
        }
        return lines;
    };
    text += fmt::format("\nLevel, 0: {} at {}; 9: {} at {}; .: nothing is feasible\n",
        text_of(metric, study, *lowest->outcome.best), place(*lowest), text_of(metric, study, *highest->outcome.best),
        place(*highest));
    text += draw([&](const Best &best) {
        const double value = *number_of(metric, best);
        const double part = most > least ? (value - least) / (most - least) : 0;
        return static_cast<char>('0' + std::clamp(static_cast<int>(10 * part), 0, 9));
    });
    text += "\nBound by c: compute, m: memory bandwidth, n: network\n" + draw(bound_sign);
    return text;
}

// Of the best configuration of a node: what it waits for, and what the search chose. The column of the output that is
// looked at stands before them.
std::vector<const ResultColumn *> configuration_columns(const Study &study, const Metric &metric)
{
    std::vector<const ResultColumn *> columns{find_result_column(find_metric(output::bound_by)->column_key)};
    for (const ResultColumn &column : result_columns()) {
        if (column.is_chosen && column.key != metric.column_key && is_listed(column, study.search))
            columns.push_back(&column);
    }
    return columns;
}

ValueTable table_of(const Study &study, const Map &map, const Metric &metric)
{
    const std::vector<const ResultColumn *> chosen = configuration_columns(study, metric);
    const auto words = [](const ColumnWords &column) {
        return ValueTable::Column{std::string(column.key), std::string(column.header), true};
    };
    std::vector<ValueTable::Column> columns{{map.x.variable.key, map.x.variable.label, false},
        {map.y.variable.key, map.y.variable.label, false},
        {std::string(metric.column_key), std::string(metric.title), false}, words(feasible_column),
        words(reason_column)};
    for (const ResultColumn *column : chosen) {
        columns.push_back(words(*column));
        columns.back().left = column->kind != CellKind::number;
    }
    const std::size_t width = columns.size();
    ValueTable table(std::move(columns));
    for (std::size_t row = 0; row < map.y.values.size(); ++row) {
        for (std::size_t column = 0; column < map.x.values.size(); ++column) {
            const Outcome &outcome = map.at(column, row).outcome;
            std::vector<Cell> cells{{map.x.values[column], map.x.variable.short_text(map.x.values[column])},
                {map.y.values[row], map.y.variable.short_text(map.y.values[row])}};
            if (const std::optional<Best> &best = outcome.best) {
                cells.insert(cells.end(),
                    {{json_of(number_of(metric, outcome)), text_of(metric, study, *best)}, {true, ""}, {"", ""}});
                const Evaluation evaluation(study, best->candidate, best->bound);
                for (const ResultColumn *each : chosen)
                    cells.push_back({json_of(each->value(evaluation)), ""});
            } else {
                cells.insert(cells.end(),
                    {{Json(), ""}, {false, ""},
                        {outcome.miss ? name_of(outcome.miss->lacks.reason) : "contradiction", ""}});
                cells.resize(width);
            }
            table.add(std::move(cells));
        }
    }
    return table;
}

std::string text_of(const Study &study, const Map &map, const Metric &metric, RowFormat format)
{
    if (format == RowFormat::table)
        return drawing(study, map, metric);
    const ValueTable table = table_of(study, map, metric);
    if (format != RowFormat::json)
        return table.text(format);
    const auto axis = [](const MapAxis &each) {
        return Json{{"key", each.variable.key}, {"label", each.variable.label}, {"values", each.values}};
    };
    const Json all{{"study", study.name}, {"chip", study.chips[0].name}, {"output", metric.key}, {"x", axis(map.x)},
        {"y", axis(map.y)}, {"cells", table.json()}};
    return all.dump() + "\n";
}

// The nodes as a list, and as the grid that they are.
Workbook workbook_of(const Study &study, const Map &map, const Metric &metric)
{
    Sheet grid{"Grid", {map.y.variable.label + " \\ " + map.x.variable.label}};
    for (const double x : map.x.values)
        grid.header.push_back(exact_text(x));
    for (std::size_t row = map.y.values.size(); row-- > 0;) { // upwards
        std::vector<SheetValue> &cells = grid.rows.emplace_back();
        cells.push_back(map.y.values[row]);
        for (std::size_t column = 0; column < map.x.values.size(); ++column) {
            const std::optional<double> value = number_of(metric, map.at(column, row).outcome);
            cells.emplace_back();
            if (value)
                cells.back() = *value;
        }
    }
    return {{table_of(study, map, metric).sheet("Map"), std::move(grid)}, {}, {}, {}};
}

void run(const MapCommand &command, const Library &library, const PictureWriter &pictures)
{
    const Metric &metric = metric_named(command.metric);
    const Study asked = command.common.study.study(library);
    AnalysisRun analysis(command.common, command.look, library, asked, &pictures);
    const Study study = leading_study(asked, analysis.stop());
    check_known(metric, study, "--of");
    const MapAxis x = axis_from(study, command.x, "--x", command.size),
                  y = axis_from(study, command.y, "--y", command.size);
    if (x.variable.key == y.variable.key)
        throw BadInput(command_line_file, "--y", in_quotes(command.y) + " is the number that --x names");
    const Map map = analysis.found([&](const Running &running) { return map_of(study, x, y, running); });
    if (map.stride != 1)
        throw Interrupted{};
    analysis.write([&](RowFormat format) { return text_of(study, map, metric, format); },
        [&] { return workbook_of(study, map, metric); }, study,
        [&](const Picture &picture) { return pictures.map(picture, metric, map); });
}

} // namespace

void add_map_command(CLI::App &program, const Library &library, const PictureWriter &pictures)
{
    CLI::App *command = program.add_subcommand("map", "Search again at every node of a grid over two numbers");
    const auto options = std::make_shared<MapCommand>();
    options->common.add_to(*command);
    options->look.size_option = "--picture-size"; // --size is the grid's
    options->look.add_to(*command);
    for (const auto &[name, axis] : {std::pair{"--x", &options->x}, std::pair{"--y", &options->y}})
        command
            ->add_option(name, *axis,
                "A number; key as for --set, with its range; without one half to twice a chip's or NIC's value")
            ->option_text("KEY[:FROM..TO]")
            ->required();
    add_metric_option(*command, options->metric);
    command->add_option("--size", options->size, "Nodes of each axis; default 64")
        ->check(CLI::Range(std::size_t{2}, std::size_t{512}))
        ->option_text("N");
    command->footer("The table draws a character a node; csv and json give every node with its best configuration.");
    command->callback([options, &library, &pictures] { run(*options, library, pictures); });
}

} // namespace epscope
