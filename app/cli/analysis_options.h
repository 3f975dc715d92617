// SPDX-License-Identifier: GPL-3.0-or-later
// What the commands compare, sensitivity, seek, map and explain have in common.
#pragma once

#include <string>
#include <vector>

#include "app/cli/interrupt.h"
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
Variable variable_named(const Study &study, const std::string &key, const char *option);
Goal goal_from(const std::string &text); // --goal
// --goal and --parameter, of a study of one chip.
void check_goal(const std::string &goal, const std::string &parameter, const Study &study);

// The study with the chip that leads it alone, or Interrupted.
Study leading_study(const Study &study, InterruptGuard &interrupt);
// Threads, interruption and a progress line.
class ShownProgress {
public:
    ShownProgress(const AnalysisOptions &options, InterruptGuard &interrupt);

    Running running;

private:
    ProgressLine line;
};

// "H800, CX7 400Gbps, ...; bound by ...", or what a study without a feasible configuration lacks.
std::string outcome_text(const Study &study, const Outcome &outcome);
// What comes nearest and what it lacks, where it has been said that nothing serves.
std::string nearest_text(const Study &study, const Outcome &outcome);
// {"configuration": ..., "metrics": {...}} or {"infeasible": ...}.
nlohmann::ordered_json outcome_json(const Study &study, const Outcome &outcome);
// Null where there is no value.
nlohmann::ordered_json json_of(const std::optional<double> &value);

} // namespace epscope
