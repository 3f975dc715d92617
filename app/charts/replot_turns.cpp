// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/replot_turns.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>
#include <vector>

#include <QApplication>
#include <QPointer>
#include <QTimer>
#include <qcustomplot.h>

namespace epscope {
namespace {

class Turns : public QObject {
public:
    static Turns &instance()
    {
        static QPointer<Turns> turns;
        if (!turns)
            turns = new Turns(QApplication::instance());
        return *turns;
    }

    void add(QCustomPlot *plot)
    {
        if (std::find(waiting.begin(), waiting.end(), plot) == waiting.end())
            waiting.emplace_back(plot);
        timer.start();
    }

private:
    std::deque<QPointer<QCustomPlot>> waiting;
    std::size_t left = 0; // of this round
    std::vector<QPointer<QCustomPlot>> drawn;
    QTimer timer;

    explicit Turns(QObject *parent)
        : QObject(parent)
    {
        connect(&timer, &QTimer::timeout, this, &Turns::next);
    }

    void next()
    {
        if (left == 0 && !drawn.empty()) {
            flush();
            return;
        }
        if (waiting.empty()) {
            timer.stop();
            return;
        }
        if (left == 0)
            left = waiting.size();
        --left;
        const QPointer<QCustomPlot> plot = std::move(waiting.front());
        waiting.pop_front();
        if (!plot)
            return;
        drawn.push_back(plot);
        plot->replot(QCustomPlot::rpQueuedRefresh);
    }

    // Left to itself, Qt waits for some milliseconds before it paints.
    void flush()
    {
        std::set<const QWidget *> windows;
        for (const QPointer<QCustomPlot> &plot : drawn) {
            if (plot && windows.insert(plot->window()).second)
                plot->repaint(); // and with it all that has changed in its window
        }
        drawn.clear();
    }
};

} // namespace

void replot_in_turn(QCustomPlot &plot)
{
    Turns::instance().add(&plot);
}

} // namespace epscope
