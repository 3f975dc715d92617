// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/panes.h"

#include <QAction>
#include <QLabel>

#include "app/controls/input_panel.h"
#include "app/controls/scents.h"
#include "app/export/chart_export.h"
#include "app/look/plain_text.h"
#include "app/session/comparer.h"
#include "app/version.h"
#include "app/views/compare_view.h"
#include "app/views/computing.h"
#include "app/views/explain_view.h"
#include "app/views/goal_view.h"
#include "app/views/headline.h"
#include "app/views/results_table.h"
#include "app/views/scenario_strip.h"

namespace epscope {

Panes::Panes(Session &the_session, const Library &library, Comparer &the_comparer, QWidget &window)
    : headline(new Headline)
    , goal(new GoalView)
    , inputs(new InputPanel(&the_session, library))
    , results(new ResultsTable)
    , compare(new CompareView)
    , explanation(new ExplainView)
    , scenarios(new ScenarioStrip(the_session, the_comparer))
    , basis(plain_label())
    , curves(new Scents(the_session, *inputs, &window))
    , session(the_session)
    , comparer(the_comparer)
{
    goal->hide();
    basis->setContentsMargins(6, 0, 6, 0);
    basis->setToolTip(
        tr("What the numbers rest on: the profile with its efficiencies, and which of the model's quirks are on"));
    auto *copied = new QAction(tr("Copy the sentence"), headline);
    connect(copied, &QAction::triggered, headline, &Headline::copy);
    headline->addAction(copied);
    connect_session();
    show_basis();
}

void Panes::connect_session()
{
    connect(headline, &Headline::cancel_requested, &session, &Session::cancel_search);
    connect(headline, &Headline::fix_chosen, &session,
        [this](const QString &key, const QString &value) { session.set(key.toStdString(), value); });
    connect(&session, &Session::search_progressed, headline, &Headline::set_progress);
    fade_while_computing(session, headline->faded(), Qt::AlignRight | Qt::AlignVCenter);
    fade_while_computing(session, *results->view());
    connect(goal, &GoalView::taken, &session,
        [this](const Study &study, const QString &text) { session.change(study, text); });
    connect(goal, &GoalView::offered, inputs, &InputPanel::offer);
    connect(inputs, &InputPanel::goal_wanted, goal, [this](const std::string &key) { goal->start(key); });
    connect(inputs, &InputPanel::sliders_changed, this, &Panes::mark_baseline);
    connect(results, &ResultsTable::configuration_picked, &session, &Session::select);
    connect(compare, &CompareView::scenario_chosen, &session, &Session::show_card);
    connect(&comparer, &Comparer::changed, this, &Panes::show_compared);
    connect(&session, &Session::cards_changed, this, &Panes::show_compared);
    connect(&session, &Session::inputs_changed, this, &Panes::show_basis);
}

void Panes::set_result(const std::shared_ptr<const Explored> &explored, const PinnedBaselines &baselines)
{
    headline->set_result(explored, baselines);
    results->set_result(explored, baselines);
    explanation->set_result(explored, baselines);
}

void Panes::set_baselines(const PinnedBaselines &baselines, bool alone)
{
    const bool others = !(pinned == baselines);
    pinned = baselines;
    baseline_alone = alone;
    mark_baseline();
    compare->show_baseline_alone(alone);
    if (others)
        comparer.set_baselines(pinned);
}

void Panes::set_theme(const Theme &theme)
{
    headline->set_theme(theme);
    results->set_theme(theme);
    compare->set_theme(theme);
    explanation->set_theme(theme);
}

void Panes::show_basis()
{
    const Origin origin = origin_of(session.study(), session.opened(), QLatin1String(version), {});
    basis->setText(tr("%1, %2").arg(origin.profile, origin.quirks));
}

void Panes::show_compared()
{
    compare->set_compared(comparer.compared(), session.card().id, comparer.threshold());
}

void Panes::mark_baseline()
{
    inputs->set_baseline(pinned.primary(), baseline_alone);
}

} // namespace epscope
