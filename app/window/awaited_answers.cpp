// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/awaited_answers.h"

#include <cmath>

#include <QDialog>
#include <QDialogButtonBox>
#include <QLabel>
#include <QProgressBar>
#include <QVBoxLayout>

#include "app/views/goal_view.h"

namespace epscope {
namespace {

// Nothing else can be done while it is there; Esc and its button end it.
class WaitingBox : public QDialog {
public:
    WaitingBox(QWidget *parent, const QString &title, const QString &text)
        : QDialog(parent)
        , bar(new QProgressBar)
    {
        setObjectName(u"waiting"_qs);
        setWindowTitle(title);
        auto *column = new QVBoxLayout(this);
        column->addWidget(new QLabel(text));
        column->addWidget(bar);
        auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
        column->addWidget(buttons);
        connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    }
    void set_progress(double fraction) { bar->setValue(static_cast<int>(std::floor(100 * fraction))); }

private:
    QProgressBar *bar;
};

} // namespace

QString why_empty(const ChartView &chart)
{
    if (chart.is_answered())
        return {};
    return (chart.can_ask() ? AwaitedAnswers::tr("%1 (its analysis has failed)")
                            : AwaitedAnswers::tr("%1 (no goal has been sought)"))
        .arg(chart.title());
}

AwaitedAnswers::AwaitedAnswers(Session &the_session, Questions &the_questions, Comparer &the_comparer,
    const GoalView &the_goal, QWidget &the_window)
    : session(the_session)
    , questions(the_questions)
    , comparer(the_comparer)
    , goal(the_goal)
    , window(the_window)
{
}

bool AwaitedAnswers::is_exact() const
{
    const std::shared_ptr<const Explored> &shown = session.explored();
    return shown && shown->exact && shown->inputs == session.inputs();
}

bool AwaitedAnswers::has_rest(Also also) const
{
    return also == Also::nothing || (is_exact() && comparer.is_current());
}

bool AwaitedAnswers::await(const std::vector<ChartView *> &charts, Also also)
{
    std::vector<ChartView *> waiting;
    for (ChartView *chart : charts) {
        if (!chart->is_answered() && chart->can_ask())
            waiting.push_back(chart);
    }
    if (waiting.empty() && has_rest(also))
        return true;
    const bool waited = wait_for(waiting, also);
    for (ChartView *chart : waiting) {
        const std::size_t kind = chart->question().index();
        if (waited || chart->is_answered() || (kind == seek_kind && !goal.isHidden()))
            continue;
        questions.runner().take_back(kind);
        chart->take_back(true); // one that is seen asks again
    }
    return waited;
}

bool AwaitedAnswers::wait_for(const std::vector<ChartView *> &waiting, Also also)
{
    WaitingBox box(&window, tr("Analyses"), tr("What the charts show is being searched…"));
    const auto look = [&] {
        double all = 0;
        bool done = has_rest(also);
        for (ChartView *chart : waiting) {
            const bool over = chart->is_answered() || chart->is_halted();
            all += over ? 1 : chart->progress();
            done = done && over;
        }
        if (!waiting.empty())
            box.set_progress(all / static_cast<double>(waiting.size()));
        if (done)
            box.accept();
    };
    const auto ask = [&] {
        for (ChartView *chart : waiting) {
            if (!chart->is_halted())
                chart->ask();
        }
        look();
    };
    const AnalysisRunner &runner = questions.runner();
    QObject::connect(&runner, &AnalysisRunner::progressed, &box, look);
    QObject::connect(&runner, &AnalysisRunner::failed, &box, look);
    QObject::connect(&runner, &AnalysisRunner::answered, &box, ask); // to another chart's question it puts ours off
    QObject::connect(&session, &Session::explored_changed, &box, ask);
    QObject::connect(&session, &Session::search_failed, &box, &QDialog::accept);
    QObject::connect(&comparer, &Comparer::changed, &box, look);
    QObject::connect(&comparer, &Comparer::failed, &box, look);
    if (!is_exact())
        session.search();
    for (ChartView *chart : waiting) {
        if (chart->is_halted())
            chart->take_back(true);
        chart->ask();
    }
    return box.exec() == QDialog::Accepted;
}

} // namespace epscope
