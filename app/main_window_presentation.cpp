// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include <algorithm>

#include <QAction>

#include "app/charts/analysis_chart.h"
#include "app/views/goal_view.h"
#include "app/views/presentation.h"

namespace epscope {

// A window of its own over this one, which stays as it is.
Presentation &MainWindow::present()
{
    if (presentation)
        return *presentation;
    presentation = new Presentation(state, this);
    presentation->setAttribute(Qt::WA_DeleteOnClose);
    // What needs no dialog.
    const QList<QKeySequence> useful{
        {Qt::Key_B}, {Qt::SHIFT | Qt::Key_B}, {Qt::CTRL | Qt::Key_Z}, {Qt::CTRL | Qt::SHIFT | Qt::Key_Z}};
    const auto is_useful = [&](const QKeySequence &keys) {
        const bool card = keys.count() == 1 && keys[0].keyboardModifiers() == Qt::ControlModifier
            && keys[0].key() >= Qt::Key_1 && keys[0].key() <= Qt::Key_9;
        return card || useful.contains(keys);
    };
    for (QAction *action : findChildren<QAction *>()) {
        const QList<QKeySequence> keys = action->shortcuts();
        if (std::any_of(keys.begin(), keys.end(), is_useful))
            presentation->addAction(action);
    }
    connect(presentation, &Presentation::chart_made, this, &MainWindow::connect_presented);
    connect(goal, &GoalView::offered, presentation, &Presentation::offer);
    presentation->set_choice(PresentationChoice::from(presented));
    follow_explored();
    connect(presentation, &Presentation::left, this, [this] {
        presented = presentation->choice().text();
        const std::vector<Chart *> left = presentation->charts();
        presentation = nullptr;
        activateWindow();
        for (const Chart *chart : left) { // what its question has kept from an answer
            if (auto *own = qobject_cast<AnalysisChart *>(own_chart(chart->id())))
                own->take_back(true);
        }
    });
    return *presentation;
}

Chart *MainWindow::own_chart(const QString &id) const
{
    const auto found =
        std::find_if(all_charts.begin(), all_charts.end(), [&](const Chart *chart) { return chart->id() == id; });
    return found == all_charts.end() ? nullptr : *found;
}

// What takes many searches is asked as in the window.
void MainWindow::connect_presented(Chart *chart)
{
    if (auto *analysis = qobject_cast<AnalysisChart *>(chart)) {
        analysis->take_question(*qobject_cast<AnalysisChart *>(own_chart(chart->id())));
        connect(analysis, &AnalysisChart::parameter_picked, presentation, &Presentation::show_slider);
    }
    connect_inputs(*chart);
}

} // namespace epscope
