// SPDX-License-Identifier: GPL-3.0-or-later
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>

#include <CLI/CLI.hpp>

#include "app/cli/candidate_table.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/progress.h"
#include "app/cli/study_options.h"

namespace epscope {
namespace {

struct SearchCommand {
    StudyOptions study;
    std::string format, output;
    unsigned threads = 0;
    bool all = false, points = false;
};

// Writes what the search's threads hand over in the order of enumeration: each waits for its turn, so that little is kept however
// large the space.
class InOrder {
public:
    InOrder(const CandidateRows &the_rows, Output &the_output, InterruptGuard &the_interrupt)
        : rows(the_rows), output(the_output), interrupt(the_interrupt)
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
std::string text_of(const CandidateRows &rows, const CombinationResult &result, bool points, const std::stop_token &stop)
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

void run(const SearchCommand &command, const Library &library)
{
    const Study study = command.study.study(library);
    InterruptGuard interrupt;
    Output output(command.output, interrupt.token());
    const CandidateRows rows(study, row_format(command.format), command.points ? RowKind::points : RowKind::winners);
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
    CLI::App *command = program.add_subcommand("search", "Search a study for the configurations with the highest throughput per card");
    const auto options = std::make_shared<SearchCommand>();
    options->study.add_to(*command);
    auto *all = command->add_flag("--all", options->all, "Every combination's largest feasible batch, in the order of enumeration");
    command->add_flag("--points", options->points, "Every evaluated point with its feasibility, in the order of enumeration")->excludes(all);
    add_format_option(*command, options->format, row_format_names());
    add_output_option(*command, options->output);
    add_threads_option(*command, options->threads);
    command->footer("Prints for each chip, NIC, EP and parameter size the winner: of the largest feasible batches of all combinations the one with\n"
                    "the highest throughput per card.");
    command->callback([options, &library] { run(*options, library); });
}

} // namespace epscope
