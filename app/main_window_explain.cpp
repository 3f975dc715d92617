// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include <QAction>
#include <QApplication>
#include <QCursor>
#include <QDockWidget>
#include <QMenu>
#include <QTableView>

#include "app/views/compare_view.h"
#include "app/views/explain_view.h"
#include "app/views/headline.h"
#include "app/views/results_table.h"

namespace epscope {

void MainWindow::add_explanations(QMenu &menu)
{
    menu.addAction(tr("&Explain"), QKeySequence(Qt::Key_F1), this, [this] { explain_here(); })
        ->setStatusTip(
            tr("Where the number under the mouse, or that the keyboard is at, comes from, down to the inputs"));
    for (Chart *chart : all_charts) {
        connect(chart, &Chart::explanation_wanted, this, &MainWindow::explain);
        offer_explanations(*chart, *chart);
    }
    connect(headline, &Headline::explanation_wanted, this, &MainWindow::explain);
    auto *copied = new QAction(tr("Copy the sentence"), headline);
    connect(copied, &QAction::triggered, headline, &Headline::copy);
    headline->addAction(copied);
    offer_explanations(*headline, *headline);
    offer_explanations(*results->view(), *results);
    offer_explanations(*compare->view(), *compare);
    connect(explanation, &ExplainView::input_chosen, this, &MainWindow::show_parameter);
}

void MainWindow::explain(const Explainable &number)
{
    auto *dock = qobject_cast<QDockWidget *>(explanation->parentWidget());
    dock->show();
    dock->raise();
    explanation->explain(number);
}

// What was pointed at last, by mouse or keyboard, else the throughput.
void MainWindow::explain_here()
{
    const auto number_in = [](const QWidget *widget, const auto &number_of) {
        std::optional<Explainable> found;
        for (; widget && !found; widget = widget->parentWidget()) {
            if (const auto *view = dynamic_cast<const ShowsNumbers *>(widget))
                found = number_of(*view);
        }
        return found;
    };
    std::optional<Explainable> number =
        number_in(pointed_at, [](const ShowsNumbers &view) { return view.number_at(QCursor::pos()); });
    if (!number)
        number = number_in(QApplication::focusWidget(), [](const ShowsNumbers &view) { return view.current_number(); });
    explain(number.value_or(Explainable{}));
}

// A right click offers it first, then what the view does itself.
void MainWindow::offer_explanations(QWidget &view, const ShowsNumbers &numbers)
{
    view.setContextMenuPolicy(Qt::CustomContextMenu);
    connect(&view, &QWidget::customContextMenuRequested, this, [this, &view, &numbers](const QPoint &at) {
        const auto *area = qobject_cast<const QAbstractScrollArea *>(&view);
        const QPoint place = (area ? area->viewport() : &view)->mapToGlobal(at);
        auto *menu = new QMenu(&view);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        if (const std::optional<Explainable> number = numbers.number_at(place))
            menu->addAction(
                tr("Explain %1").arg(explanation->title_of(*number)), this, [this, number] { explain(*number); });
        menu->addActions(view.actions());
        menu->popup(place);
    });
}

} // namespace epscope
