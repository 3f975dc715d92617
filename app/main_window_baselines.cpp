// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include <algorithm>

#include <QActionGroup>
#include <QApplication>
#include <QIcon>
#include <QKeyEvent>
#include <QMenuBar>
#include <QPainter>

#include "app/controls/input_panel.h"
#include "app/plain_text.h"
#include "app/views/compare_view.h"
#include "app/views/elided_label.h"
#include "app/views/headline.h"
#include "app/views/results_table.h"

namespace epscope {
namespace {

QIcon swatch(const QPen &pen)
{
    QPixmap picture(24, 12);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setPen(pen);
    painter.drawLine(0, 6, 24, 6);
    return QIcon(picture);
}

} // namespace

void MainWindow::add_baseline_menu()
{
    QMenu *menu = menus->addMenu(tr("&Baseline"));
    const auto add = [&](const QString &text, const QKeySequence &keys, const QString &what, auto run) {
        QAction *action = menu->addAction(text, keys, this, run);
        action->setStatusTip(what);
        return action;
    };
    QAction *pin = add(tr("&Pin"), QKeySequence(Qt::Key_B),
        tr("Keeps the inputs and results as they are now, to be compared with in every view"),
        [this] { pin_result(); });
    need_result.push_back(pin);
    pin->setEnabled(false);
    add(tr("Pin a &study…"), {},
        tr("Another study's file to be compared with, such as last week's, without opening it; so does dropping it "
           "with Shift"),
        [this] {
            if (const QString file = dialogs.open_file(this, tr("Pin a study"),
                    tr("Studies and exported pictures (*.yaml *.yml *.png *.svg *.pdf *.html)"));
                !file.isEmpty())
                pin_files({file});
        });
    QAction *unpin = add(tr("&Unpin all"), QKeySequence(Qt::SHIFT | Qt::Key_B), tr("Takes all baselines away"),
        [this] { baselines.clear(); });
    QAction *blink =
        add(tr("&Show it alone"), {}, tr("The baseline in place of the result; so does holding the Alt key"),
            [this] { show_baseline_alone(!baseline_alone); });
    blink->setCheckable(true);
    menu->addSeparator();
    // One submenu for each place; which are shown follows the pins.
    struct Place {
        QMenu *menu;
        QAction *primary;
    };
    std::vector<Place> places;
    auto *primaries = new QActionGroup(this);
    for (std::size_t i = 0; i < most_baselines; ++i) {
        QMenu *each = menu->addMenu(QString());
        QAction *primary = each->addAction(tr("&Compare with it"), this, [this, i] { baselines.set_primary(i); });
        primary->setCheckable(true);
        primaries->addAction(primary);
        each->addAction(tr("&Rename…"), this, [this, i] { rename_baseline(i); });
        each->addAction(tr("&Take its inputs"), this, [this, i] { take_baseline(i); })
            ->setStatusTip(tr("Makes the inputs what they were then; undo brings these back"));
        each->addAction(tr("&Unpin"), this, [this, i] { baselines.remove(i); });
        places.push_back({each, primary});
    }
    QMenu *thresholds = menu->addMenu(tr("&Grey below"));
    thresholds->menuAction()->setStatusTip(tr("Smaller differences are greyed"));
    auto *steps = new QActionGroup(this);
    for (const int percent : {0, 1, 2, 5, 10, 20}) {
        QAction *step = steps->addAction(thresholds->addAction(
            tr("%1 %").arg(percent), this, [this, percent] { baselines.set_threshold(percent / 100.0); }));
        step->setCheckable(true);
        step->setData(percent / 100.0);
    }
    const auto follow = [this, unpin, blink, places, steps] {
        const Pins &pins = state.pins();
        unpin->setEnabled(!pins.all.empty());
        blink->setEnabled(!baselines.pinned().pins.empty());
        blink->setChecked(baseline_alone);
        for (std::size_t i = 0; i < places.size(); ++i) {
            places[i].menu->menuAction()->setVisible(i < pins.all.size());
            if (i >= pins.all.size())
                continue;
            places[i].menu->setTitle(QString::fromStdString(pins.all[i].name).replace(u'&', u"&&"_qs));
            places[i].menu->menuAction()->setToolTip(shown_as_is(QString::fromStdString(pins.all[i].name)));
            places[i].menu->setIcon(swatch(theme_source.theme().baseline_pen(pins.all[i].mark, 3)));
            places[i].primary->setChecked(i == pins.primary);
        }
        for (QAction *step : steps->actions())
            step->setChecked(step->data().toDouble() == pins.threshold);
    };
    connect(menu, &QMenu::aboutToShow, this, follow);
    connect(&baselines, &Baselines::changed, this, follow);
    connect(&baselines, &Baselines::changed, this, &MainWindow::follow_baselines);
    connect(&baselines, &Baselines::failed, this,
        [this](const QString &problem) { emit failed(tr("The search for a baseline failed: %1").arg(problem)); });
    connect(inputs, &InputPanel::sliders_changed, this,
        [this] { inputs->set_baseline(baselines.pinned().primary(), baseline_alone); });
    follow();
}

// With the result as soon as that has been found.
void MainWindow::pin_result()
{
    const std::shared_ptr<const Explored> &explored = state.explored();
    const Inputs &now = state.inputs();
    const QString name = state.name_of(state.card());
    if (explored && explored->exact && explored->inputs == now)
        return pin(explored, name);
    show_baseline_alone(false);
    say_pinned(baselines.pin(now.study, now.selection, name));
}

void MainWindow::pin(std::shared_ptr<const Explored> explored, const QString &name)
{
    show_baseline_alone(false);
    say_pinned(baselines.pin(std::move(explored), name));
}

void MainWindow::say_pinned(bool pinned)
{
    if (pinned)
        status->say(tr("Pinned: %1").arg(QString::fromStdString(state.pins().all.back().name)));
    else
        status->say(tr("%1 baselines are pinned; unpin one first").arg(most_baselines));
}

// Other studies, named after their files.
void MainWindow::pin_files(const QStringList &chosen)
{
    show_baseline_alone(false);
    QStringList unusable;
    for (const QString &file : chosen) {
        const Read<StudyFile> read = files.read(file);
        if (read)
            say_pinned(baselines.pin(read.value->study, std::nullopt, name_of_file(file)));
        for (const Diagnostic &problem : read.problems)
            unusable << QString::fromStdString(text_of(problem));
    }
    if (!unusable.isEmpty())
        dialogs.warn(this, tr("Not pinned"), list_of_problems(unusable));
}

void MainWindow::rename_baseline(std::size_t index)
{
    const QString before = QString::fromStdString(state.pins().all[index].name);
    const QString name = dialogs.ask_text(this, tr("Rename the baseline"), tr("Name"), before);
    if (name.isEmpty())
        return;
    if (const QString wrong = baselines.rename(index, name); !wrong.isEmpty())
        status->say(wrong);
}

void MainWindow::take_baseline(std::size_t index)
{
    const Pin pin = state.pins().all[index];
    state.change(*pin.study, pin.selection, tr("Inputs of %1").arg(QString::fromStdString(pin.name)));
}

void MainWindow::follow_baselines()
{
    const PinnedBaselines &pinned = baselines.pinned();
    if (pinned.pins.empty()) {
        baseline_alone = false;
        compare->show_baseline_alone(false);
    }
    inputs->set_baseline(pinned.primary(), baseline_alone);
    comparer.set_baselines(pinned);
    follow_explored();
}

void MainWindow::show_baseline_alone(bool alone)
{
    if (alone == baseline_alone || (alone && baselines.pinned().pins.empty()))
        return;
    baseline_alone = alone;
    if (alone)
        status->say(tr("Baseline %1 alone").arg(baselines.pinned().primary()->name));
    else
        status->say({});
    inputs->set_baseline(baselines.pinned().primary(), alone);
    compare->show_baseline_alone(alone);
    follow_explored();
}

// Alt held. The menu bar would take the keyboard at its release; Alt with a letter still opens a menu, of which only
// the override is seen here.
bool MainWindow::blink_with_alt(QEvent &event)
{
    if (event.type() == QEvent::ApplicationDeactivate || event.type() == QEvent::WindowDeactivate) {
        if (alt_held)
            show_baseline_alone(false);
        alt_held = false;
        return false;
    }
    if (event.type() != QEvent::KeyPress && event.type() != QEvent::KeyRelease
        && event.type() != QEvent::ShortcutOverride)
        return false;
    const auto &key = static_cast<QKeyEvent &>(event);
    const bool alt = key.key() == Qt::Key_Alt;
    if (alt_held && (!alt || event.type() == QEvent::KeyRelease)) { // wherever that happens, over a menu too
        alt_held = false;
        show_baseline_alone(false);
    }
    if (baselines.pinned().pins.empty() || !isActiveWindow() || QApplication::activeModalWidget()
        || QApplication::activePopupWidget())
        return false;
    if (alt && event.type() == QEvent::ShortcutOverride)
        return true;
    if (alt && event.type() == QEvent::KeyPress) {
        alt_held = true;
        show_baseline_alone(true);
    }
    return alt;
}

} // namespace epscope
