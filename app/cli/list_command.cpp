// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/study_options.h"
#include "app/cli/value_table.h"
#include "app/files/resource_folders.h"
#include "core/io/file.h"
#include "core/io/library.h"
#include "core/io/measurements_csv.h"
#include "core/model/parameter_count.h"
#include "core/spec/study_parts.h"
#include "core/text.h"

namespace epscope {
namespace {

struct ListCommand {
    std::string what, format, output;
};

const std::vector<std::string> formats{"table", "json", "markdown"};

// Rows of equal length under their headers; the keys of JSON are the headers in lower case.
struct Listing {
    std::vector<std::string> headers;
    std::vector<std::vector<std::string>> rows;
    ProblemList problems = ProblemList(); // of what cannot be listed
};

std::string key_of(std::string_view header)
{
    std::string key = ascii_lower(header);
    std::replace(key.begin(), key.end(), ' ', '_');
    return key;
}

ValueTable table_of(const Listing &listing)
{
    std::vector<ValueTable::Column> columns;
    for (const std::string &header : listing.headers)
        columns.push_back({key_of(header), header, true});
    ValueTable table(std::move(columns));
    for (const std::vector<std::string> &row : listing.rows) {
        std::vector<Cell> cells;
        for (const std::string &text : row)
            cells.push_back({text, {}});
        table.add(std::move(cells));
    }
    return table;
}

// Reads the listed entries in full, so that what is wrong with any is said, and adds those of their parameters that
// `keys` names, as their files state them.
template <class T, class FromLibrary>
void add_specs(Listing &listing, const std::vector<std::string_view> &keys, FromLibrary from_library)
{
    std::vector<const Field<T> *> shown;
    for (const Field<T> &field : fields<T>()) {
        if (std::find(keys.begin(), keys.end(), field.info.key) != keys.end()) {
            shown.push_back(&field);
            listing.headers.insert(listing.headers.end() - 1, std::string(field.info.label));
        }
    }
    for (std::vector<std::string> &row : listing.rows) {
        const Read<T> read = from_library(row.front());
        for (const Field<T> *field : shown)
            row.insert(row.end() - 1, read ? field_text(*read.value, *field) : "");
        listing.problems.add(read.problems);
    }
}

// In 10^9, all and what a token is multiplied by.
void add_parameter_counts(Listing &listing, const Library &library)
{
    listing.headers.insert(listing.headers.end() - 1, {"Billion parameters", "Billion active"});
    for (std::vector<std::string> &row : listing.rows) {
        std::vector<std::string> cells(2);
        if (const Read<Model> read = library.model(row.front())) {
            const ParameterCount count = parameter_count(*read.value);
            constexpr double billion = 1e9;
            cells = {fmt::format("{:.1f}", count.total / billion), fmt::format("{:.1f}", count.active / billion)};
        }
        row.insert(row.end() - 1, cells.begin(), cells.end());
    }
}

Listing entries(const Library &library, Kind kind)
{
    Listing listing{{"Name", "Title", "File"}, {}};
    for (const Library::Entry &entry : library.entries(kind)) {
        if (entry.problems.empty())
            listing.rows.push_back({entry.name, entry.title, entry.file});
        listing.problems.add(entry.problems);
    }
    switch (kind) {
    case Kind::chip:
        add_specs<Chip>(listing, {"bf16", "fp8", "fp4", "memory", "memory_bandwidth", "sms", "clock", "fa3"},
            [&](const std::string &name) { return library.chip(name); });
        break;
    case Kind::nic:
        add_specs<Nic>(listing, {"bandwidth"}, [&](const std::string &name) { return library.nic(name); });
        break;
    case Kind::model:
        add_specs<Model>(listing, {}, [&](const std::string &name) { return library.model(name); });
        add_parameter_counts(listing, library);
        break;
    case Kind::profile:
        add_specs<Profile>(listing, {}, [&](const std::string &name) { return library.profile(name); });
        break;
    case Kind::study:
        add_specs<Study>(listing, {}, [&](const std::string &name) { return library.study(name); });
        break;
    }
    return listing;
}

Listing measurements()
{
    Listing listing{{"Name", "Rows", "For display only", "File"}, {}};
    for (const std::filesystem::path &file : measurement_files(resource_folders())) {
        const Read<std::string> text = read_text(file.string(), largest_measurements_file);
        const Read<std::vector<Measurement>> rows = text ? read_measurements(*text.value, file.string())
                                                         : Read<std::vector<Measurement>>{std::nullopt, text.problems};
        listing.problems.add(rows.problems);
        if (!rows)
            continue;
        const auto shown = std::count_if(
            rows.value->begin(), rows.value->end(), [](const Measurement &row) { return !row.complete(); });
        listing.rows.push_back(
            {file.stem().string(), std::to_string(rows.value->size()), std::to_string(shown), file.string()});
    }
    return listing;
}

Listing parameters()
{
    Listing listing{{"Key", "Name", "Allowed", "Default", "Meaning"}, {}};
    for_each_part([&](const auto &part) {
        using T = PartStruct<decltype(part)>;
        for (const Field<T> &field : fields<T>()) {
            const Parameter &info = field.info;
            const std::string standard = info.required ? "required" : field_text(T{}, field);
            listing.rows.push_back({std::string(part.prefix) + std::string(info.key), std::string(info.label),
                allowed_text(info), standard.empty() ? "none" : standard, std::string(info.help)});
        }
    });
    return listing;
}

constexpr const char *parameters_intro =
    "# Parameters\n\n"
    "Everything a study, chip, NIC, model or profile file may state, and every key of `--set`; written by\n"
    "`epscope list parameters --format markdown` from the table in core/spec/parameters.cpp.\n"
    "Physical quantities carry their unit; lists take `72,144` and ranges `16..128:8`. `chip.NAME.key` sets a key\n"
    "of one chip, `chip.key` of all chips of the study; `kv_elem_size` and `param_elem_size` set one side of every\n"
    "searched precision.\n\n";

void run(const ListCommand &command, const Library &library)
{
    Listing listing = command.what == "measurements" ? measurements() : parameters();
    for (const Kind kind : kinds) {
        if (command.what == folder_of(kind))
            listing = entries(library, kind);
    }
    for (const Diagnostic &problem : listing.problems.list())
        complain(text_of(problem));
    Output output(command.output, command.format);
    if (command.format == "markdown" && command.what == "parameters")
        output.write(parameters_intro);
    const ValueTable table = table_of(listing);
    output.write(command.format == "json" // file names may be in any encoding
            ? table.json().dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"
            : table.text(row_format(command.format)));
    output.commit();
}

} // namespace

void add_list_command(CLI::App &program, const Library &library)
{
    CLI::App *command = program.add_subcommand("list", "List what the library holds, or every parameter");
    const auto options = std::make_shared<ListCommand>();
    std::vector<std::string> lists;
    for (const Kind kind : kinds)
        lists.emplace_back(folder_of(kind));
    lists.emplace_back("measurements");
    lists.emplace_back("parameters");
    command->add_option("LIST", options->what, "What to list")
        ->required()
        ->check(CLI::IsMember(lists))
        ->option_text(fmt::format("{}", fmt::join(lists, "|")));
    add_format_option(*command, options->format, formats);
    add_output_option(*command, options->output);
    command->callback([options, &library] { run(*options, library); });
}

} // namespace epscope
