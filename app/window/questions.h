// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "app/charts/chart_view.h"
#include "app/session/analysis_runner.h"
#include "app/session/session.h"

namespace epscope {

class GoalView;
class Scents;

// What takes many searches: views ask, one runner answers, and each hears what is for it.
class Questions : public QObject {
    Q_OBJECT
public:
    explicit Questions(const Session &session);

    AnalysisRunner &runner() { return analyses; }
    void connect_chart(ChartView &chart);
    // The goal's sentence, with the chart of the same question.
    void connect_goal(GoalView &goal, ChartView &chart);
    void connect_curves(Scents &curves);

signals:
    void failed(const QString &problem); // to answer somebody who waits
    void curve_failed(const QString &problem); // for which nobody waits

private:
    const Session &session;
    AnalysisRunner analyses;
};

} // namespace epscope
