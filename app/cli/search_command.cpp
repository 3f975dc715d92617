// SPDX-License-Identifier: GPL-3.0-or-later
#include <condition_variable>
#include <exception>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>

#include <CLI/CLI.hpp>

#include "app/cli/candidate_table.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/progress.h"
#include "app/cli/study_options.h"
#include "app/cli/workbook_output.h"

namespace epscope {
namespace {

struct SearchCommand {
    StudyOptions study;
    std::string format, output;
    unsigned threads = 0;
    bool all = false, points = false;
};

// Writes what the search's threads hand over in the order of enumeration: each waits for its turn, so that little is
// kept however large the space.
class InOrder {
public:
    InOrder(const CandidateRows &the_rows, Output &the_output, InterruptGuard &the_interrupt)
        : rows(the_rows)
        , output(the_output)
        , interrupt(the_interrupt)
    {
    }

    void write(std::uint64_t index, const std::string &text)
    {
        std::unique_lock lock(mutex);
        if (!turn.wait(lock, interrupt.token(), [&] { return next == index; }) || interrupt.token().stop_requested())
            return; // stopped: what comes before may never come
        try {
            output.write(empty ? rows.first_rows(text) : text);
            empty = empty && text.empty();
        } catch (...) {
            failure = std::current_exception();
            interrupt.stop();
        }
        next = index + 1;
        turn.notify_all();
    }

    void rethrow() const
    {
        if (failure)
            std::rethrow_exception(failure);
    }

private:
    const CandidateRows &rows;
    Output &output;
    InterruptGuard &interrupt;
    std::mutex mutex;
    std::condition_variable_any turn;
    std::uint64_t next = 0;
    bool empty = true;
    std::exception_ptr failure;
};

// Every point of a combination with its feasibility, or its candidate alone.
std::string text_of(
    const CandidateRows &rows, const CombinationResult &result, bool points, const std::stop_token &stop)
{
    std::string text;
    if (points) {
        for (std::size_t i = 0; i < result.batches.size() && !stop.stop_requested(); ++i)
            text += rows.row(result.at(i), result.reason(i));
    } else if (result.best) {
        text = rows.row(result.at(*result.best), std::nullopt);
    }
    return text;
}

// All rows are kept, in the order of enumeration.
void write_workbook(const SearchCommand &command, const Study &study, const CandidateRows &rows, Output &output,
    InterruptGuard &interrupt)
{
    std::mutex mutex;
    std::map<std::uint64_t, std::vector<std::vector<SheetValue>>> found; // by combination
    SearchOptions options;
    options.threads = command.threads;
    if (command.all || command.points) {
        options.on_combination = [&](const CombinationResult &result) {
            std::vector<std::vector<SheetValue>> cells;
            for (std::size_t i = 0; command.points && i < result.batches.size() && !interrupt.token().stop_requested();
                 ++i)
                cells.push_back(rows.cells(result.at(i), result.reason(i)));
            if (!command.points && result.best)
                cells.push_back(rows.cells(result.at(*result.best), std::nullopt));
            const std::lock_guard lock(mutex);
            found[result.index] = std::move(cells);
        };
    }
    const SearchOutcome outcome = search_with_progress(study, options, interrupt);
    if (!outcome.complete)
        throw Interrupted{};
    Sheet sheet = rows.sheet();
    for (auto &[index, cells] : found)
        std::move(cells.begin(), cells.end(), std::back_inserter(sheet.rows));
    for (std::size_t i = 0; !options.on_combination && i < outcome.winners.size(); ++i)
        sheet.rows.push_back(rows.cells(outcome.winners[i], std::nullopt));
    write_workbook(output, candidates_workbook(std::move(sheet)), study);
    output.commit();
}

void run(const SearchCommand &command, const Library &library)
{
    const Study study = command.study.study(library);
    const bool as_workbook = wants_workbook(command.output, command.format);
    if (as_workbook && command.points && configuration_count(study) > most_sheet_rows)
        throw BadInput("command line", "--output",
            "a workbook holds " + std::to_string(most_sheet_rows) + " rows and the study has more points; choose csv");
    InterruptGuard interrupt;
    Output output(command.output, command.format, interrupt.token());
    const CandidateRows rows(study, row_format(command.format), command.points ? RowKind::points : RowKind::winners);
    if (as_workbook)
        return write_workbook(command, study, rows, output, interrupt);
    InOrder in_order(rows, output, interrupt);
    SearchOptions options;
    options.threads = command.threads;
    if (command.all || command.points)
        options.on_combination = [&](const CombinationResult &result) {
            in_order.write(result.index, text_of(rows, result, command.points, interrupt.token()));
        };
    output.write(rows.head());
    const SearchOutcome outcome = search_with_progress(study, options, interrupt);
    in_order.rethrow();
    if (!outcome.complete)
        throw Interrupted{};
    if (!options.on_combination) {
        for (std::size_t i = 0; i < outcome.winners.size(); ++i)
            in_order.write(i, rows.row(outcome.winners[i], std::nullopt));
        in_order.rethrow();
    }
    output.write(rows.tail(outcome));
    output.commit();
}

} // namespace

void add_search_command(CLI::App &program, const Library &library)
{
    CLI::App *command =
        program.add_subcommand("search", "Search a study for the configurations with the highest throughput per card");
    const auto options = std::make_shared<SearchCommand>();
    options->study.add_to(*command);
    auto *all = command->add_flag(
        "--all", options->all, "Every combination's largest feasible batch, in the order of enumeration");
    command
        ->add_flag(
            "--points", options->points, "Every evaluated point with its feasibility, in the order of enumeration")
        ->excludes(all);
    add_format_option(*command, options->format, row_format_names());
    add_output_option(*command, options->output);
    add_threads_option(*command, options->threads);
    command->footer("Prints for each chip, NIC, EP and parameter size the winner: of the largest feasible batches of "
                    "all combinations the one with\n"
                    "the highest throughput per card.");
    command->callback([options, &library] { run(*options, library); });
}

} // namespace epscope
