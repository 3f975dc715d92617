// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QObject>

#include "app/look/theme.h"
#include "app/session/baselines.h"
#include "core/io/library.h"

class QLabel;
class QWidget;

namespace epscope {

class Comparer;
class CompareView;
class ExplainView;
class GoalView;
class Headline;
class InputPanel;
class ResultsTable;
class ScenarioStrip;
class Scents;

// The views of a window besides its charts, connected with the session.
class Panes : public QObject {
    Q_OBJECT
public:
    Panes(Session &session, const Library &library, Comparer &comparer, QWidget &window);

    // The window's, once it has taken them in.
    Headline *const headline;
    GoalView *const goal;
    InputPanel *const inputs;
    ResultsTable *const results;
    CompareView *const compare;
    ExplainView *const explanation;
    ScenarioStrip *const scenarios;
    QLabel *const basis; // what the numbers rest on: profile and quirks
    Scents *const curves; // under the sliders

    void set_result(const std::shared_ptr<const Explored> &explored, const PinnedBaselines &baselines);
    // What sliders and comparison show of the baseline: next to the result or, alone, in its place.
    void set_baselines(const PinnedBaselines &baselines, bool alone);
    void set_theme(const Theme &theme);

private:
    Session &session;
    Comparer &comparer;
    PinnedBaselines pinned;
    bool baseline_alone = false;

    void connect_session();
    void show_basis();
    void show_compared();
    void mark_baseline();
};

} // namespace epscope
