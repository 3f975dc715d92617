// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include <QCoreApplication>
#include <QString>

#include "app/charts/chart_view.h"
#include "app/session/comparer.h"
#include "app/window/questions.h"

namespace epscope {

// What an export or a copy shows and nobody has looked at yet, asked for and awaited behind a box that shows how far it
// is.
class AwaitedAnswers {
    Q_DECLARE_TR_FUNCTIONS(epscope::AwaitedAnswers)
public:
    AwaitedAnswers(Session &session, Questions &questions, Comparer &comparer, const GoalView &goal, QWidget &window);

    enum class Also : std::uint8_t { nothing, comparison };
    // False if a person has ended it; an analysis that has failed leaves its chart without an answer.
    bool await(const std::vector<ChartView *> &charts, Also also = Also::nothing);
    // Is the result on show the whole one of the inputs?
    bool is_exact() const;

private:
    Session &session;
    Questions &questions;
    Comparer &comparer;
    const GoalView &goal;
    QWidget &window;

    bool has_rest(Also also) const;
    bool wait_for(const std::vector<ChartView *> &waiting, Also also);
};

// Why a chart has nothing to show, after its name; empty where it has.
QString why_empty(const ChartView &chart);

} // namespace epscope
