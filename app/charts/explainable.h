// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers on show that can be explained: which one, and whose.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include <QString>

#include "core/analysis/explain.h"
#include "core/analysis/outputs.h"
#include "core/explore/explored.h"

class QPoint;

namespace epscope {

// A configuration found under other inputs than those on show.
struct Elsewhere {
    QString what; // "Memory bandwidth: 3.69 TB/s"
    Scenario scenario;

    bool operator==(const Elsewhere &) const = default;
};

// What is shown of a chip, by its name, or of the leading one if that is empty; another configuration under the inputs
// on show; and what does not follow these.
using Whose = std::variant<std::string, Selection, Elsewhere, MeasuredRun>;

struct Explainable {
    std::string name{output::throughput}; // by which find_explanation() knows it
    Whose whose = std::string();

    bool operator==(const Explainable &) const = default;
};

// None if the inputs have no such configuration, or of a measured run.
std::optional<Scenario> scenario_of(const Explored &explored, const Whose &whose);
// An output, by its key, of the best configuration of a study or, where nothing is feasible, of the nearest; `what`
// tells the study.
std::optional<Explainable> number_of(
    const QString &what, const Study &study, const Outcome &outcome, std::string_view metric);
// How far off the estimate of a measured run is; none for those that are for display only.
std::optional<Explainable> error_of(const Explored &explored, std::size_t row);

// A view that knows which number lies where.
class ShowsNumbers {
public:
    virtual ~ShowsNumbers() = default;

    // At a place on the screen.
    virtual std::optional<Explainable> number_at(const QPoint &global) const = 0;
    // That has the keyboard.
    virtual std::optional<Explainable> current_number() const = 0;

protected:
    ShowsNumbers() = default;
    ShowsNumbers(const ShowsNumbers &) = default;
    ShowsNumbers &operator=(const ShowsNumbers &) = default;
};

} // namespace epscope
