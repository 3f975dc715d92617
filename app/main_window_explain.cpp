// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include <QAction>
#include <QApplication>
#include <QCursor>
#include <QDockWidget>
#include <QMenu>
#include <QTableView>

#include "app/charts/memory_chart.h"
#include "app/views/explain_view.h"
#include "app/views/headline.h"
#include "app/views/results_table.h"

namespace epscope {

void MainWindow::add_explanations(QMenu &menu)
{
    QAction *here = menu.addAction(tr("&Explain"), QKeySequence(Qt::Key_F1), this, [this] { explain_here(); });
    here->setStatusTip(tr("Where the number under the mouse comes from, down to the inputs"));
    headline->addAction(here);
    headline->setContextMenuPolicy(Qt::ActionsContextMenu);
    results->view()->addAction(here);
    for (Chart *chart : all_charts)
        connect(chart, &Chart::explanation_wanted, this, &MainWindow::explain);
    connect(explanation, &ExplainView::input_chosen, this, &MainWindow::show_parameter);
    connect(&state, &Session::highlighted, this, [this](const std::optional<OpId> &id) { lit_operator = id; });
}

void MainWindow::explain(const std::string &name, const std::string &chip)
{
    auto *dock = qobject_cast<QDockWidget *>(explanation->parentWidget());
    dock->show();
    dock->raise();
    explanation->explain(name, chip);
}

// An operator that is lit, the memory for its chart, else the throughput.
void MainWindow::explain_here()
{
    const auto within = [](const QWidget *widget) {
        while (widget && !qobject_cast<const MemoryChart *>(widget))
            widget = widget->parentWidget();
        return widget != nullptr;
    };
    if (lit_operator)
        explain(std::string(info_of(*lit_operator).key), {});
    else
        explain(within(QApplication::widgetAt(QCursor::pos())) || within(QApplication::focusWidget()) ? "free_memory" : "throughput", {});
}

} // namespace epscope
