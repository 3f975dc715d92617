// SPDX-License-Identifier: GPL-3.0-or-later
// A goal seek as a picture: the output over the number that is sought, the best configuration searched at every value;
// the goal, where the study stands, the answer, and what binds where.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/charts/scene.h"

namespace epscope {

struct GoalMark {
    enum class Kind { present, answer, closest, edge }; // edge: how far the number can go while the goal holds

    Kind kind = Kind::present;
    double x = 0;
    std::optional<double> y; // none: nothing is feasible there
    QString text;
};

// Neighbouring values with the same bound; the border lies half-way to the next ones.
struct GoalStretch {
    double from = 0, to = 0;
    std::optional<Bound> bound; // none: nothing is feasible
};

struct GoalPoint {
    double x = 0;
    std::optional<double> y;
    bool serves = false; // else `y` is the speed of what is too slow
};

// On axes in the unit in which the study states the number and in one that fits the output.
struct GoalData {
    QString x_label, y_label;
    QString goal; // "≥ 4000 tok/s"
    double wanted = 0; // on the axis
    std::vector<GoalPoint> points; // ascending
    std::vector<GoalStretch> stretches;
    std::vector<GoalMark> marks;
    double from = 0, to = 0; // what is shown of x
    bool log = false; // the axis of x
    QString problem; // nothing is feasible at any value: why
};
GoalData goal_data(const Answer &answer);

Scene goal_scene(const SceneInput &input);
// "goal.parameter", "goal.goal" and "goal.chip", which is empty for the leading one: what the goal view seeks.
std::vector<ChartOption> goal_options();
OptionValues goal_values(const SeekQuestion &question, const std::string &chip = {});
std::optional<Question> goal_question(const SceneInput &input);
Study goal_subject(const SceneInput &input);
// With the chip of this name, or the leading one where there is none.
Study study_of_chip(const Explored &explored, const std::string &chip);
std::vector<std::string> goal_axes(const Question &question);

} // namespace epscope
