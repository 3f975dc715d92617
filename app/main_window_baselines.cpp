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
    QAction *pin = add(tr("&Pin"), QKeySequence(Qt::Key_B), tr("Keeps the inputs and results as they are now, to be compared with in every view"),
                       [this] { pin_result(); });
    need_result.push_back(pin);
    pin->setEnabled(false);
    QAction *unpin = add(tr("&Unpin all"), QKeySequence(Qt::SHIFT | Qt::Key_B), tr("Takes all baselines away"), [this] { baselines.clear(); });
    QAction *blink = add(tr("&Show it alone"), {}, tr("The baseline in place of the result; so does holding the Alt key"), [this] { show_baseline_alone(!baseline_alone); });
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
        each->addAction(tr("&Take its inputs"), this, [this, i] { take_baseline(i); })->setStatusTip(tr("Makes the inputs what they were then; undo brings these back"));
        each->addAction(tr("&Unpin"), this, [this, i] { baselines.remove(i); });
        places.push_back({each, primary});
    }
    QMenu *thresholds = menu->addMenu(tr("&Grey below"));
    thresholds->menuAction()->setStatusTip(tr("Smaller differences are greyed"));
    auto *steps = new QActionGroup(this);
    for (const int percent : {0, 1, 2, 5, 10, 20}) {
        QAction *step = steps->addAction(thresholds->addAction(tr("%1 %").arg(percent), this, [this, percent] { baselines.set_threshold(percent / 100.0); }));
        step->setCheckable(true);
        step->setData(percent / 100.0);
    }
    const auto follow = [this, unpin, blink, places, steps] {
        const PinnedBaselines &pinned = baselines.pinned();
        unpin->setEnabled(!pinned.pins.empty());
        blink->setEnabled(!pinned.pins.empty());
        blink->setChecked(baseline_alone);
        for (std::size_t i = 0; i < places.size(); ++i) {
            places[i].menu->menuAction()->setVisible(i < pinned.pins.size());
            if (i >= pinned.pins.size())
                continue;
            places[i].menu->setTitle(QString(pinned.pins[i].name).replace(u'&', u"&&"_qs));
            places[i].menu->setIcon(swatch(theme_source.theme().baseline_pen(pinned.pins[i].mark, 3)));
            places[i].primary->setChecked(i == pinned.primary_index);
        }
        for (QAction *step : steps->actions())
            step->setChecked(step->data().toDouble() == pinned.threshold);
    };
    connect(menu, &QMenu::aboutToShow, this, follow);
    connect(&baselines, &Baselines::changed, this, follow);
    connect(&baselines, &Baselines::changed, this, &MainWindow::follow_baselines);
    connect(inputs, &InputPanel::sliders_changed, this, [this] { inputs->set_baseline(baselines.pinned().primary(), baseline_alone); });
    follow();
}

// What is still being searched is pinned when it has been found.
void MainWindow::pin_result()
{
    const std::shared_ptr<const Explored> &explored = state.explored();
    pin_wanted = !explored || !explored->exact || explored->inputs != state.inputs();
    if (!pin_wanted)
        pin(explored, state.name_of(state.card()));
}

void MainWindow::pin(std::shared_ptr<const Explored> explored, const QString &name)
{
    show_baseline_alone(false);
    if (!baselines.pin(std::move(explored), name))
        status->say(tr("%1 baselines are pinned; unpin one first").arg(most_baselines));
    else
        status->say(tr("Pinned: %1").arg(baselines.pinned().primary()->name));
}

// What was pinned when the window was closed, searched again beside everything else; the primary one comes last, as the latest pin is it.
void MainWindow::pin_again(std::vector<Documents::LastSession::Pinned> left)
{
    if (left.empty())
        return;
    std::reverse(left.begin(), left.end());
    pinning = std::jthread([this, left = std::move(left), known_chips = state.inputs().known_chips, measured = state.inputs().measured](const std::stop_token &stop) {
        for (const Documents::LastSession::Pinned &pin : left) {
            ExploreOptions options;
            options.stop = stop;
            const auto found = explore({pin.study, pin.selection, known_chips, measured}, options);
            if (!found)
                return;
            pin_reports.post([this, found, name = pin.name] { baselines.pin(found, name); });
        }
    });
}

void MainWindow::rename_baseline(std::size_t index)
{
    const QString before = baselines.pinned().pins[index].name;
    const QString name = dialogs.ask_text(this, tr("Rename the baseline"), tr("Name"), before);
    if (!name.isEmpty() && !baselines.rename(index, name))
        status->say(tr("There is another baseline named %1").arg(name));
}

void MainWindow::take_baseline(std::size_t index)
{
    const Baseline pin = baselines.pinned().pins[index];
    state.change(pin.explored->inputs.study, tr("Inputs of %1").arg(pin.name));
    state.select(pin.explored->inputs.selection);
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

// Alt held. The menu bar would take the keyboard at its release; Alt with a letter still opens a menu, of which only the override is seen here.
bool MainWindow::blink_with_alt(QEvent &event)
{
    if (event.type() == QEvent::ApplicationDeactivate || event.type() == QEvent::WindowDeactivate) {
        if (alt_held)
            show_baseline_alone(false);
        alt_held = false;
        return false;
    }
    if (event.type() != QEvent::KeyPress && event.type() != QEvent::KeyRelease && event.type() != QEvent::ShortcutOverride)
        return false;
    const auto &key = static_cast<QKeyEvent &>(event);
    const bool alt = key.key() == Qt::Key_Alt;
    if (baselines.pinned().pins.empty() || !isActiveWindow() || QApplication::activeModalWidget() || QApplication::activePopupWidget())
        return false;
    if (alt && event.type() == QEvent::ShortcutOverride)
        return true;
    const bool held = alt && event.type() == QEvent::KeyPress;
    if (held || alt_held)
        show_baseline_alone(held);
    alt_held = held;
    return alt;
}

} // namespace epscope
