// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/docks.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <QAction>
#include <QApplication>
#include <QFontMetrics>

namespace epscope {
namespace {

constexpr int layout_version = 7; // of the docks: a saved layout of another version is not taken

} // namespace

Docks::Docks(QMainWindow &the_window)
    : window(the_window)
{
    window.setDockNestingEnabled(true);
    window.setDockOptions(QMainWindow::AnimatedDocks | QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks);
    window.setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
}

void Docks::fill(const DockContent &inputs, std::vector<DockContent> others)
{
    std::sort(others.begin(), others.end(),
        [](const DockContent &a, const DockContent &b) { return a.place.number < b.place.number; });
    add(inputs, Qt::LeftDockWidgetArea);
    for (const DockContent &each : others)
        add(each, Qt::RightDockWidgetArea);
}

void Docks::remove_all()
{
    qDeleteAll(std::exchange(docks, {}));
}

void Docks::add(const DockContent &content, Qt::DockWidgetArea area)
{
    auto *dock = new QDockWidget(content.title, &window);
    dock->setObjectName(content.id);
    dock->setWidget(content.widget);
    dock->setAcceptDrops(true);
    QFont own; // Qt keeps the title of a dock with the application's font at its first size
    own.setStyleStrategy(QFont::PreferAntialias);
    dock->setFont(own);
    window.addDockWidget(area, dock);
    docks.push_back(dock);
    places.push_back(content.place);
    connect(dock->toggleViewAction(), &QAction::toggled, this, &Docks::shown_or_hidden);
}

void Docks::bring_up(const QWidget &content)
{
    auto *dock = qobject_cast<QDockWidget *>(content.parentWidget());
    dock->show();
    dock->raise();
}

void Docks::toggle(QDockWidget &dock)
{
    const bool in_front = !dock.isHidden() && !dock.visibleRegion().isEmpty();
    dock.setVisible(!in_front);
    if (!in_front)
        dock.raise();
}

void Docks::focus_next(int step)
{
    std::vector<QDockWidget *> shown;
    std::copy_if(docks.begin(), docks.end(), std::back_inserter(shown),
        [](const QDockWidget *dock) { return !dock->visibleRegion().isEmpty(); });
    if (shown.empty())
        return;
    const int count = static_cast<int>(shown.size());
    const auto current = std::find_if(shown.begin(), shown.end(),
        [](const QDockWidget *dock) { return dock->isAncestorOf(QApplication::focusWidget()); });
    const int index = current == shown.end() ? (step > 0 ? 0 : count - 1)
                                             : (static_cast<int>(current - shown.begin()) + step + count) % count;
    QDockWidget *dock = shown[static_cast<std::size_t>(index)];
    dock->activateWindow();
    for (QWidget *widget = dock->widget()->nextInFocusChain(); dock->isAncestorOf(widget);
         widget = widget->nextInFocusChain()) {
        if (widget->focusPolicy() & Qt::TabFocus && widget->isVisible() && widget->isEnabled()) {
            widget->setFocus(Qt::TabFocusReason);
            return;
        }
    }
}

// What the window has room for next to the inputs. By the application's font: the widgets may not have it yet.
Docks::Arrangement Docks::roomiest() const
{
    constexpr int characters_of_inputs = 48, lines_across_chart = 20, lines_down_window = 42;
    const QFontMetrics metrics(QApplication::font());
    if (characters_of_inputs * metrics.averageCharWidth() + 2 * lines_across_chart * metrics.height() > window.width())
        return Arrangement::stack;
    return lines_down_window * metrics.height() > window.height() ? Arrangement::row : Arrangement::grid;
}

// Those but the inputs for which it holds, the one in front first.
template <class Is>
std::vector<QDockWidget *> Docks::by_tab(const Is &is) const
{
    std::vector<std::size_t> found;
    for (std::size_t i = 1; i < docks.size(); ++i) {
        if (is(places[i]))
            found.push_back(i);
    }
    std::stable_sort(
        found.begin(), found.end(), [this](std::size_t a, std::size_t b) { return places[a].tab < places[b].tab; });
    std::vector<QDockWidget *> sorted;
    for (const std::size_t i : found)
        sorted.push_back(docks[i]);
    return sorted;
}

void Docks::stack(const std::vector<QDockWidget *> &tabs)
{
    for (std::size_t i = 1; i < tabs.size(); ++i)
        window.tabifyDockWidget(tabs.front(), tabs[i]);
}

void Docks::reset_layout()
{
    // Hidden until they are in their places: stacked up on the way there they would make the window larger.
    for (QDockWidget *each : docks) {
        each->setFloating(false);
        each->hide();
        window.addDockWidget(each == &inputs() ? Qt::LeftDockWidgetArea : Qt::RightDockWidgetArea, each);
    }
    inputs_width = std::max(inputs().widget()->minimumSizeHint().width(), window.width() / 5);
    arrangement = roomiest();
    lay_out();
}

void Docks::lay_out()
{
    using Corner = DockPlace::Corner;
    using Column = DockPlace::Column;
    const auto show_all = [this](std::initializer_list<QDockWidget *> front) {
        for (QDockWidget *each : docks)
            each->show();
        for (QDockWidget *each : front)
            each->raise();
    };
    const int left = inputs_width, rest = std::max(2, (window.width() - left) / 2);
    if (arrangement == Arrangement::stack) { // large text: Inputs | one at a time
        const std::vector<QDockWidget *> all(docks.begin() + 1, docks.end());
        stack(all);
        show_all({all.front()});
        window.resizeDocks({&inputs(), all.front()}, {left, 2 * rest}, Qt::Horizontal);
        return;
    }
    if (arrangement == Arrangement::row) { // a low window: Inputs | what is searched | what is shown of it
        const auto in = [this](Column column) {
            return by_tab([column](const DockPlace &place) { return place.column == column; });
        };
        const std::vector<QDockWidget *> searched = in(Column::searched), shown = in(Column::shown);
        window.splitDockWidget(searched.front(), shown.front(), Qt::Horizontal);
        stack(searched);
        stack(shown);
        show_all({searched.front(), shown.front()});
        window.resizeDocks({&inputs(), searched.front(), shown.front()}, {left, rest, rest}, Qt::Horizontal);
        return;
    }
    // Inputs | a column of two | a column of two.
    const auto in = [this](Corner corner) {
        return by_tab([corner](const DockPlace &place) { return place.corner == corner; });
    };
    const std::vector<QDockWidget *> upper_left = in(Corner::upper_left), lower_left = in(Corner::lower_left),
                                     upper_right = in(Corner::upper_right), lower_right = in(Corner::lower_right);
    window.splitDockWidget(upper_left.front(), upper_right.front(), Qt::Horizontal);
    window.splitDockWidget(upper_left.front(), lower_left.front(), Qt::Vertical);
    window.splitDockWidget(upper_right.front(), lower_right.front(), Qt::Vertical);
    for (const std::vector<QDockWidget *> *corner : {&upper_left, &lower_left, &upper_right, &lower_right})
        stack(*corner);
    show_all({upper_left.front(), upper_right.front(), lower_left.front(), lower_right.front()});
    window.resizeDocks({&inputs(), upper_left.front(), upper_right.front()}, {left, rest, rest}, Qt::Horizontal);
    window.resizeDocks({upper_left.front(), lower_left.front()}, {6, 4}, Qt::Vertical);
    window.resizeDocks({upper_right.front(), lower_right.front()}, {5, 5}, Qt::Vertical);
}

// Before the widgets grow, or once they have shrunk; else they would make the window larger.
void Docks::follow_text_scale()
{
    if (roomiest() < arrangement)
        reset_layout();
    const auto use_room = [this] {
        if (arrangement < roomiest())
            reset_layout();
    };
    QMetaObject::invokeMethod(this, use_room, Qt::QueuedConnection);
}

QByteArray Docks::layout() const
{
    return window.saveState(layout_version);
}

void Docks::restore_layout(const QByteArray &layout)
{
    if (window.restoreState(layout, layout_version))
        arrangement = roomiest();
}

void Docks::hear_resized(const QObject *watched)
{
    if (window.width() == laid_out_width && !docks.empty() && watched == docks.front())
        inputs_width = inputs().width();
}

void Docks::follow_size()
{
    keep_inputs_width();
    laid_out_width = window.width();
}

void Docks::keep_inputs_width()
{
    if (docks.empty())
        return;
    QDockWidget *dock = &inputs();
    const Qt::DockWidgetArea area = window.dockWidgetArea(dock);
    if (dock->isFloating() || dock->isHidden() || (area != Qt::LeftDockWidgetArea && area != Qt::RightDockWidgetArea))
        return;
    if (inputs_width == 0 || inputs_width == dock->width())
        return;
    QList<QDockWidget *> resized;
    QRect others;
    for (QDockWidget *other : docks) {
        const bool on_show = other->isVisible() && !other->isFloating()
            && window.rect().intersects(other->geometry()); // those behind a tab are outside
        if (!on_show || window.dockWidgetArea(other) == area)
            continue;
        resized << other;
        others |= other->geometry();
    }
    const double growth = 1.0 * (dock->width() - inputs_width) / std::max(1, others.width());
    QList<int> widths;
    for (const QDockWidget *other : resized)
        widths << std::max(1, static_cast<int>(std::lround(other->width() * (1 + growth))));
    resized << dock;
    widths << inputs_width;
    window.resizeDocks(resized, widths, Qt::Horizontal);
}

} // namespace epscope
