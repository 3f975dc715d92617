// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QAction>
#include <QObject>
#include <QPointer>

#include "app/views/presentation.h"
#include "app/window/chart_set.h"

namespace epscope {

// A presentation over the window, which stays as it is, and what it showed last.
class Presenter : public QObject {
    Q_OBJECT
public:
    Presenter(Session &session, ChartSet &charts, QWidget &window);

    // Whose keys work in a presentation.
    void set_actions(std::vector<QAction *> useful) { actions = std::move(useful); }
    // Makes it if there is none; the caller shows it.
    Presentation &present();
    // Takes it away, for good.
    void end() { delete presentation; }
    // While there is one.
    void set_result(const std::shared_ptr<const Explored> &explored, const PinnedBaselines &baselines);
    void offer(const std::string &key, std::optional<double> si);
    // What it shows or showed last, to be remembered.
    QString choice() const;
    void set_choice(const QString &text) { shown_last = text; }

signals:
    void made(); // it has no result yet

private:
    Session &session;
    ChartSet &charts;
    QWidget &window;
    std::vector<QAction *> actions;
    QPointer<Presentation> presentation; // while there is one
    QString shown_last;

    void connect_chart(ChartView *chart);
    void leave();
};

} // namespace epscope
