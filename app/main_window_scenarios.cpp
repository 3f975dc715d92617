// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include <QDir>
#include <QDockWidget>
#include <QEvent>
#include <QLineEdit>
#include <QMenuBar>
#include <QToolBar>

#include "app/export/comparison.h"
#include "app/plain_text.h"
#include "app/views/compare_view.h"
#include "app/views/elided_label.h"
#include "app/views/scenario_strip.h"

namespace epscope {

void MainWindow::add_scenarios()
{
    auto *bar = new QToolBar(tr("Scenarios"), this);
    bar->setObjectName(QStringLiteral("scenarios"));
    bar->setMovable(false);
    bar->addWidget(scenarios);
    addToolBar(Qt::BottomToolBarArea, bar);
    connect(scenarios, &ScenarioStrip::complained, status, &ElidedLabel::say);
    connect(compare, &CompareView::scenario_chosen, &state, &Session::show_card);
    const auto show_compared = [this] {
        compare->set_compared(comparer.compared(), state.card().id, comparer.threshold());
    };
    connect(&comparer, &Comparer::changed, this, show_compared);
    connect(&state, &Session::cards_changed, this, show_compared);
}

void MainWindow::add_scenario_menu()
{
    QMenu *menu = menus->addMenu(tr("&Scenario"));
    const auto add = [&](const QString &text, const QKeySequence &keys, const QString &what, auto run) {
        QAction *action = menu->addAction(text, keys, this, run);
        action->setStatusTip(what);
        return action;
    };
    add(tr("&New"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_N),
        tr("A scenario with the inputs as they were opened or saved"), [this] { state.add_card(); });
    add(tr("&Duplicate"), QKeySequence(Qt::CTRL | Qt::Key_D), tr("A scenario with the inputs as they are now"),
        [this] { state.duplicate_card(state.card().id); });
    add(tr("&Rename"), {}, tr("F2 on a card does it too"), [this] { scenarios->rename(state.card().id); });
    add(tr("N&ote"), {}, tr("What the scenario is for"), [this] {
        scenarios->note_line()->show();
        scenarios->note_line()->setFocus(Qt::ShortcutFocusReason);
    });
    const auto step = [this](int by) {
        const std::vector<Card> &all = state.cards();
        const auto place = &state.card() - all.data();
        return static_cast<int>(place) + by;
    };
    QAction *left =
        add(tr("Move &left"), {}, tr("Before the one to its left; the first is the study itself to the command line"),
            [this, step] { state.move_card(state.card().id, step(-1)); });
    QAction *right = add(tr("Move ri&ght"), {}, tr("Behind the one to its right"),
        [this, step] { state.move_card(state.card().id, step(1)); });
    QAction *remove = add(tr("D&elete"), {}, tr("Undo brings it back"), [this] { state.remove_card(state.card().id); });
    menu->addSeparator();
    const auto show_next = [this, step](int by) {
        const auto count = static_cast<int>(state.cards().size());
        state.show_card(state.cards()[static_cast<std::size_t>((step(by) + count) % count)].id);
    };
    add(tr("Ne&xt"), QKeySequence(Qt::CTRL | Qt::Key_PageDown), tr("Shows the scenario to the right"),
        [show_next] { show_next(1); });
    add(tr("&Previous"), QKeySequence(Qt::CTRL | Qt::Key_PageUp), tr("Shows the scenario to the left"),
        [show_next] { show_next(-1); });
    add(tr("&Compare"), QKeySequence(Qt::CTRL | Qt::Key_T), tr("All scenarios side by side"), [this] {
        auto *dock = qobject_cast<QDockWidget *>(compare->parentWidget());
        dock->show();
        dock->raise();
    });
    QAction *save = add(tr("Export the co&mparison…"), {},
        tr("As a picture or, in full precision, as CSV or a workbook with a chart"), [this] { export_comparison(); });
    menu->addSeparator();
    std::vector<QAction *> shown;
    for (int i = 0; i < 9; ++i) {
        QAction *action =
            menu->addAction(QString(), QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + i)), this, [this, i] {
                if (i < static_cast<int>(state.cards().size()))
                    state.show_card(state.cards()[static_cast<std::size_t>(i)].id);
            });
        action->setCheckable(true);
        shown.push_back(action);
    }
    const auto follow = [this, shown, left, right, remove, save] {
        const std::vector<Card> &all = state.cards();
        for (std::size_t i = 0; i < shown.size(); ++i) {
            shown[i]->setVisible(i < all.size());
            if (i >= all.size())
                continue;
            shown[i]->setText(state.name_of(all[i]).replace(u'&', u"&&"_qs));
            shown[i]->setToolTip(shown_as_is(state.name_of(all[i])));
            shown[i]->setChecked(all[i].id == state.card().id);
        }
        left->setEnabled(state.card().id != all.front().id);
        right->setEnabled(state.card().id != all.back().id);
        remove->setEnabled(all.size() > 1);
        save->setEnabled(all.size() > 1);
    };
    connect(&state, &Session::cards_changed, this, follow);
    follow();
    scenarios->set_menu(menu);
}

void MainWindow::export_comparison()
{
    const QString proposal = export_name(export_options().origin, QStringLiteral("comparison"), QStringLiteral("csv"));
    const QString file =
        dialogs.save_file(this, tr("Export the comparison"), proposal, picture_filters() + table_filters());
    if (file.isEmpty())
        return;
    const QString problem = export_comparison_table(compare->model(), file, export_options());
    status->say(problem.isEmpty() ? tr("Exported to %1").arg(QDir::toNativeSeparators(file)) : tr("Not exported"));
    if (!problem.isEmpty())
        dialogs.warn(this, tr("Not exported"), problem);
}

} // namespace epscope
