// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include <QByteArray>
#include <QDockWidget>
#include <QMainWindow>

#include "app/charts/make_chart.h"

namespace epscope {

struct DockContent {
    QString id, title;
    QWidget *widget = nullptr;
    DockPlace place = {};
};

// The docks of a window and how they are laid out: the inputs on the left, and what is shown of them in as many places
// as there is room for.
class Docks : public QObject {
    Q_OBJECT
public:
    explicit Docks(QMainWindow &window);

    // The inputs, which no place of the others is for, and the others in the order of their numbers. To be called once.
    void fill(const DockContent &inputs, std::vector<DockContent> others);
    // With their contents, while there still is what these report to.
    void remove_all();
    // The inputs, then the others.
    const std::vector<QDockWidget *> &all() const { return docks; }
    // To the front, from wherever it is.
    static void bring_up(const QWidget &content);
    // One in front is closed, any other comes to the front.
    static void toggle(QDockWidget &dock);
    // Gives the keyboard to the next dock that is seen and takes it.
    void focus_next(int step);

    void reset_layout();
    // The application's font has another size.
    void follow_text_scale();
    // For the next start.
    QByteArray layout() const;
    void restore_layout(const QByteArray &layout);

    // The window has another size. The charts get what a larger one gives; left alone, the docks would share it.
    void follow_size();
    // A dock has another size, by a person or a saved layout.
    void hear_resized(const QObject *watched);

signals:
    void shown_or_hidden(); // one of the docks

private:
    enum class Arrangement : std::uint8_t { stack, row, grid }; // of charts: one, two side by side, two rows of two

    QMainWindow &window;
    std::vector<QDockWidget *> docks;
    std::vector<DockPlace> places; // of the docks
    Arrangement arrangement = Arrangement::grid; // that the layout was made for
    int inputs_width = 0, laid_out_width = 0; // of the dock, and of the window then

    void add(const DockContent &content, Qt::DockWidgetArea area);
    QDockWidget &inputs() const { return *docks.front(); }
    Arrangement roomiest() const;
    void lay_out();
    template <class Is>
    std::vector<QDockWidget *> by_tab(const Is &is) const;
    void stack(const std::vector<QDockWidget *> &tabs);
    void keep_inputs_width();
};

} // namespace epscope
