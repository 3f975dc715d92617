// SPDX-License-Identifier: GPL-3.0-or-later
// What the commands compare, sensitivity, seek, map and explain have in common.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/picture_output.h"
#include "app/cli/progress.h"
#include "app/cli/study_options.h"
#include "app/cli/value_table.h"
#include "core/analysis/outputs.h"
#include "core/analysis/parallel.h"
#include "core/analysis/seek.h"
#include "core/analysis/variable.h"

namespace epscope {

struct AnalysisOptions {
    StudyOptions study;
    std::string format, output;
    unsigned threads = 0;

    void add_to(CLI::App &command, StudyOptions::Place place = StudyOptions::Place::positional,
        const std::vector<std::string> &formats = row_format_names());
};

// What a command's -o and --format ask for, or BadInput.
enum class Written { text, workbook, picture };
Written written(const AnalysisOptions &options);
// --of: the output that an analysis speaks about.
void add_metric_option(CLI::App &command, std::string &key);

// Each throws BadInput on what cannot be used.
const Metric &metric_named(const std::string &key);
// Throws where the study's chip does not state what the output takes.
void check_known(const Metric &metric, const Study &study, const char *option);
Variable variable_named(const Study &study, const std::string &key, const char *option);
Goal goal_from(const std::string &text); // --goal
// --goal and --parameter, of a study of one chip.
void check_goal(const std::string &goal, const std::string &parameter, const Study &study);

// The study with the chip that leads it alone, or Interrupted.
Study leading_study(const Study &study, const std::stop_token &stop);

// A run of a command: what it is asked, its threads and their interruption, a progress line, and where what it finds
// goes. What cannot be written is refused before anything is searched.
class AnalysisRun {
public:
    // `checked_by`: whether a picture of the study can be drawn; null where any can.
    AnalysisRun(const AnalysisOptions &options, const PictureOptions &look, const Library &library, const Study &study,
        const PictureWriter *checked_by = nullptr);

    Written wanted() const { return kind; }
    const std::stop_token &stop() const { return shown.stop; }
    // What `find` makes of threads, interruption and progress.
    template <class Find>
    auto found(const Find &find)
    {
        ProgressLine line;
        return find(running(line));
    }
    // What is wanted of these; `sheets`: of a workbook, which says what study it is of.
    void write(const std::function<std::string(RowFormat)> &text, const std::function<Workbook()> &sheets,
        const Study &study, const std::function<std::string(const Picture &)> &picture);

private:
    Written kind;
    RowFormat format;
    unsigned threads;
    InterruptGuard interrupt;
    Picture shown;
    std::optional<Output> output;

    Running running(ProgressLine &line);
};

// "H800, CX7 400Gbps, ...; bound by ...", or what a study without a feasible configuration lacks.
std::string outcome_text(const Study &study, const Outcome &outcome);
// What comes nearest and what it lacks, where it has been said that nothing is feasible.
std::string nearest_text(const Study &study, const Outcome &outcome);
// {"configuration": ..., "metrics": {...}} or {"infeasible": ...}.
nlohmann::ordered_json outcome_json(const Study &study, const Outcome &outcome);

} // namespace epscope
