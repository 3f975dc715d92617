// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <iterator>
#include <memory>

#include <CLI/CLI.hpp>

#include "app/cli/candidate_table.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/progress.h"
#include "app/cli/study_options.h"
#include "app/cli/workbook_output.h"

namespace epscope {
namespace {

struct ParetoCommand {
    StudyOptions study;
    std::string format, output;
    unsigned threads = 0;
    bool all = false, per_chip = false;
};

// The fronts of all chips as one front, in the same order.
std::vector<Candidate> joint_front(const std::vector<std::vector<Candidate>> &fronts)
{
    std::vector<Ranked> points;
    std::vector<const Candidate *> candidates;
    for (const std::vector<Candidate> &front : fronts) {
        for (const Candidate &candidate : front) {
            points.push_back(ranked(candidate));
            candidates.push_back(&candidate);
        }
    }
    std::sort(candidates.begin(), candidates.end(),
        [](const Candidate *a, const Candidate *b) { return a->order < b->order; });
    std::vector<Candidate> joint;
    for (const Ranked &point : pareto_front(std::move(points))) {
        const auto found = std::lower_bound(candidates.begin(), candidates.end(), point.order,
            [](const Candidate *candidate, std::uint64_t order) { return candidate->order < order; });
        joint.push_back(**found);
    }
    return joint;
}

void run(const ParetoCommand &command, const Library &library)
{
    const Study study = command.study.study(library);
    const bool as_workbook = wants_workbook(command.output, command.format);
    InterruptGuard interrupt;
    Output output(command.output, command.format, interrupt.token());
    SearchOptions options;
    options.threads = command.threads;
    const SearchOutcome outcome = search_with_progress(study, options, interrupt);
    if (!outcome.complete)
        throw Interrupted{};
    const std::vector<std::vector<Candidate>> fronts =
        command.per_chip ? outcome.fronts : std::vector<std::vector<Candidate>>{joint_front(outcome.fronts)};
    const CandidateRows rows(study, row_format(command.format), RowKind::winners);
    std::vector<Candidate> shown;
    for (const std::vector<Candidate> &front : fronts) {
        std::copy_if(front.begin(), front.end(), std::back_inserter(shown),
            [&](const Candidate &candidate) { return command.all || !reason_on_front(study, candidate); });
    }
    if (as_workbook) {
        Sheet sheet = rows.sheet();
        for (const Candidate &candidate : shown)
            sheet.rows.push_back(rows.cells(candidate, std::nullopt));
        write_workbook(output, candidates_workbook(std::move(sheet)), study);
        return output.commit();
    }
    std::string text;
    for (const Candidate &candidate : shown)
        text += rows.row(candidate, std::nullopt);
    output.write(rows.head());
    output.write(rows.first_rows(text));
    output.write(rows.tail(outcome));
    output.commit();
}

} // namespace

void add_pareto_command(CLI::App &program, const Library &library)
{
    CLI::App *command =
        program.add_subcommand("pareto", "Print the Pareto front of throughput per card over tokens/s per user");
    const auto options = std::make_shared<ParetoCommand>();
    options->study.add_to(*command);
    command->add_flag("--all", options->all, "The whole front, also where it is slower than the target");
    command->add_flag("--per-chip", options->per_chip, "One front for each chip instead of one for all");
    add_format_option(*command, options->format, row_format_names());
    add_output_option(*command, options->output);
    add_threads_option(*command, options->threads);
    command->callback([options, &library] { run(*options, library); });
}

} // namespace epscope
