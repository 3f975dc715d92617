// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/questions.h"

#include "app/charts/chart_view.h"
#include "app/charts/goal_scene.h"
#include "app/controls/scents.h"
#include "app/views/goal_view.h"

namespace epscope {

Questions::Questions(const Session &the_session)
    : session(the_session)
{
    connect(&session, &Session::inputs_changed, &analyses, &AnalysisRunner::interrupt);
    connect(&analyses, &AnalysisRunner::failed, this, [this](std::size_t kind, const QString &problem) {
        const QString what = tr("The analysis failed: %1").arg(problem);
        if (kind == curve_kind)
            emit curve_failed(what);
        else
            emit failed(what);
    });
}

void Questions::connect_chart(ChartView &chart)
{
    connect(&chart, &ChartView::asked, &analyses, &AnalysisRunner::ask);
    connect(&analyses, &AnalysisRunner::answered, &chart, &ChartView::hear_answer);
    connect(&analyses, &AnalysisRunner::progressed, &chart, [&chart](std::size_t kind, double fraction) {
        if (kind == chart.question().index())
            chart.set_progress(fraction);
    });
    connect(&analyses, &AnalysisRunner::failed, &chart, [&chart](std::size_t kind) {
        if (kind == chart.question().index())
            chart.take_back(false);
    });
}

void Questions::connect_goal(GoalView &goal, ChartView &chart)
{
    connect(&goal, &GoalView::questioned, &chart, [&chart](const SeekQuestion &question, const std::string &chip) {
        chart.set_options(goal_values(question, chip));
    });
    connect(&goal, &GoalView::asked, &analyses, &AnalysisRunner::ask);
    connect(&goal, &GoalView::cancelled, &analyses, [this, &goal, &chart] {
        analyses.take_back(seek_kind);
        chart.take_back(goal.isHidden()); // closed while it was seeking: the curve may still be wanted
    });
    connect(&analyses, &AnalysisRunner::answered, &goal, [&goal](const std::shared_ptr<const Answer> &answer) {
        if (answer->question.index() == seek_kind)
            goal.set_answer(answer);
    });
    connect(&analyses, &AnalysisRunner::progressed, &goal, [&goal](std::size_t kind, double fraction) {
        if (kind == seek_kind)
            goal.set_progress(fraction);
    });
    connect(&analyses, &AnalysisRunner::failed, &goal, [&goal](std::size_t kind, const QString &problem) {
        if (kind == seek_kind)
            goal.fail(problem);
    });
    connect(&session, &Session::inputs_changed, &goal, &GoalView::follow_inputs);
}

void Questions::connect_curves(Scents &curves)
{
    connect(&curves, &Scents::asked, &analyses, &AnalysisRunner::ask);
    connect(&curves, &Scents::withdrawn, &analyses, [this] { analyses.take_back(curve_kind); });
    connect(&analyses, &AnalysisRunner::answered, &curves, &Scents::set_answer);
}

} // namespace epscope
