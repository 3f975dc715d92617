// SPDX-License-Identifier: GPL-3.0-or-later
// How much each number of chip, network and workload matters: the change of an output a few percent down and up,
// searched again.
#pragma once

#include <vector>

#include "app/charts/scene.h"

namespace epscope {

struct TornadoEnd {
    QString value; // of the number, "3.69 TB/s"
    std::optional<double>
        part; // change of the output over its value, or the change itself where that is 0; none: nothing is feasible
    QString note; // "bound by ... from 3.6 TB/s", or why nothing is feasible
};

struct TornadoBar {
    QString key, label;
    TornadoEnd low, high;
    std::optional<double> marginal; // percent for one percent more
    // The same number changed under the baseline's inputs, against the output there.
    struct Then {
        TornadoEnd low, high;
        std::optional<double> marginal;
    };
    std::optional<Then> then;
};

struct TornadoData {
    QString output, base; // "Throughput per card", "3703 tok/s"
    bool relative = true; // parts are shares of the base
    std::vector<TornadoBar> bars; // the widest first, without those that change nothing
    QStringList without_effect; // labels of the others
    QString problem; // why there are none
    bool compared = false; // the baseline's are there
};
TornadoData tornado_data(const Answer &answer);

Scene tornado_scene(const SceneInput &input);
// "sensitivity.output" and "sensitivity.percent".
std::vector<ChartOption> tornado_options();
std::optional<Question> tornado_question(const SceneInput &input);
std::vector<std::string> tornado_axes(const Question &question);

} // namespace epscope
