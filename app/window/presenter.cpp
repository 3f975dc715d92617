// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/presenter.h"

#include "app/charts/chart_view.h"

namespace epscope {

Presenter::Presenter(Session &the_session, ChartSet &the_charts, QWidget &the_window)
    : session(the_session)
    , charts(the_charts)
    , window(the_window)
{
}

Presentation &Presenter::present()
{
    if (presentation)
        return *presentation;
    presentation = new Presentation(session, &window);
    presentation->setAttribute(Qt::WA_DeleteOnClose);
    for (QAction *action : actions)
        presentation->addAction(action);
    for (ChartView *chart : presentation->charts())
        connect_chart(chart);
    connect(presentation, &Presentation::chart_made, this, &Presenter::connect_chart);
    connect(presentation, &Presentation::left, this, &Presenter::leave);
    presentation->set_choice(PresentationChoice::from(shown_last));
    emit made();
    return *presentation;
}

void Presenter::set_result(const std::shared_ptr<const Explored> &explored, const PinnedBaselines &baselines)
{
    if (presentation)
        presentation->set_result(explored, baselines);
}

void Presenter::offer(const std::string &key, std::optional<double> si)
{
    if (presentation)
        presentation->offer(key, si);
}

QString Presenter::choice() const
{
    return presentation ? presentation->choice().text() : shown_last;
}

// What takes many searches is asked as in the window.
void Presenter::connect_chart(ChartView *chart)
{
    charts.take_question(*chart);
    connect(chart, &ChartView::parameter_picked, presentation, &Presentation::show_slider);
    charts.connect_inputs(*chart);
}

void Presenter::leave()
{
    shown_last = presentation->choice().text();
    const std::vector<ChartView *> left = presentation->charts();
    presentation = nullptr;
    window.activateWindow();
    charts.ask_again(left);
}

} // namespace epscope
