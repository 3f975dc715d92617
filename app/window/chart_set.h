// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include <QMap>
#include <QObject>

#include "app/charts/chart_view.h"
#include "app/session/session.h"
#include "app/window/questions.h"

namespace epscope {

// One chart of each kind, which show the session's result and change its inputs.
class ChartSet : public QObject {
    Q_OBJECT
public:
    ChartSet(Session &session, Questions &questions);

    // In the order of chart_kinds().
    const std::vector<ChartView *> &all() const { return charts; }
    // Null where there is none of that id.
    ChartView *find(const QString &id) const;
    // Of an id that there is.
    ChartView &chart(std::string_view id) const;
    // The one that has the keyboard, by default the Pareto front.
    ChartView &in_use() const;

    void set_result(const std::shared_ptr<const Explored> &explored, const PinnedBaselines &baselines);
    void set_theme(const Theme &theme);
    void fit();
    // The axes are of another study.
    void fit_anew();
    // Of those that somebody has zoomed, by id.
    QMap<QString, QByteArray> zooms() const;
    void set_zooms(const QMap<QString, QByteArray> &zooms);

    // What can be done in a chart, one of these or of a presentation.
    void connect_inputs(ChartView &chart);
    // One of a presentation asks what its like here asks.
    void take_question(ChartView &chart);
    // What a presentation has shown is gone: that has kept these from an answer.
    void ask_again(const std::vector<ChartView *> &presented);

signals:
    void said(const QString &text);
    void parameter_picked(const QString &key); // in a chart of this set

private:
    Session &session;
    Questions &questions;
    std::vector<ChartView *> charts; // of the docks that hold them

    // As one step.
    void take_inputs(const SetInputs &wanted);
};

} // namespace epscope
