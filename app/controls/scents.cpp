// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/scents.h"

#include <algorithm>
#include <chrono>

#include <QEvent>
#include <QScrollArea>
#include <QScrollBar>

#include "app/charts/marks.h"
#include "app/charts/operator_blocks.h"
#include "app/controls/input_panel.h"
#include "app/controls/value_slider.h"
#include "app/words/text.h"
#include "core/analysis/outputs.h"
#include "core/spec/named.h"

namespace epscope {
namespace {

constexpr std::chrono::milliseconds idle{150}; // after the last change
constexpr std::chrono::milliseconds soon{40}; // after the first: no drag waits for greyed curves
constexpr int most_points = 25, fewest_points = 9;
constexpr std::uint64_t affordable = 50'000'000; // configurations searched for a curve, about half a second

const Metric &throughput()
{
    static const Metric &metric = *find_metric(output::throughput);
    return metric;
}

} // namespace

Scents::Scents(const Session &owner, InputPanel &inputs, QObject *parent)
    : QObject(parent)
    , session(owner)
    , panel(inputs)
    , area(inputs.findChild<QScrollArea *>())
{
    for (const auto &[timer, time] : {std::pair{&rest, idle}, std::pair{&fade, soon}}) {
        timer->setSingleShot(true);
        timer->setInterval(time);
    }
    connect(&rest, &QTimer::timeout, this, &Scents::show_next);
    connect(&fade, &QTimer::timeout, this, &Scents::mark_stale);
    connect(&session, &Session::inputs_changed, this, &Scents::follow_inputs);
    connect(&session, &Session::explored_changed, this, &Scents::follow_explored);
    // Others come into view.
    const auto look_again = [this] {
        if (on && !rest.isActive())
            rest.start();
    };
    connect(&panel, &InputPanel::sliders_changed, this, [this, look_again] {
        mark_stale();
        look_again();
    });
    connect(area->verticalScrollBar(), &QScrollBar::valueChanged, this, look_again);
    panel.installEventFilter(this);
    area->widget()->installEventFilter(this);
}

bool Scents::eventFilter(QObject *, QEvent *event)
{
    if (on && !rest.isActive()
        && (event->type() == QEvent::Show || event->type() == QEvent::Resize || event->type() == QEvent::LayoutRequest))
        rest.start();
    return false;
}

void Scents::set_on(bool now)
{
    if (now == on)
        return;
    on = now;
    if (on) {
        rest.start();
        return;
    }
    rest.stop();
    fade.stop();
    known.clear();
    for (ValueSlider *slider : panel.findChildren<ValueSlider *>())
        slider->set_curve({}, {});
    if (std::exchange(under_way, std::nullopt))
        emit withdrawn();
}

// The curve of the slider that is dragged stays what it is.
void Scents::follow_inputs()
{
    under_way.reset(); // it has been interrupted
    if (on && !fade.isActive())
        fade.start();
}

void Scents::follow_explored()
{
    if (on && session.explored()->exact)
        rest.start();
}

// Of the one chip that is asked about: its own, or the one that leads.
std::optional<Study> Scents::study_for(const std::string &key) const
{
    const Study &study = session.study();
    const std::shared_ptr<const Explored> &explored = session.explored();
    if (!explored || explored->chips.empty())
        return std::nullopt;
    const std::string &leading = explored->searched.chips[explored->leading().chip].name;
    const std::string name = key.starts_with("chip.") ? key.substr(5, key.rfind('.') - 5) : leading;
    const std::optional<std::size_t> chip = place_named(study.chips, name);
    return chip ? std::optional(with_chip(study, *chip)) : std::nullopt;
}

std::optional<CurveQuestion> Scents::question_of(const ValueSlider &slider) const
{
    const std::string key = panel.key_of(slider);
    const std::optional<Study> study = study_for(key);
    if (!study)
        return std::nullopt;
    const std::uint64_t count = std::max<std::uint64_t>(1, configuration_count(*study));
    const auto points = static_cast<int>(std::clamp<std::uint64_t>(affordable / count, fewest_points, most_points));
    return CurveQuestion{key, slider.values_along(points)};
}

bool Scents::still_holds(const Answer &answer, const CurveQuestion &question) const
{
    const auto &asked = std::get<CurveQuestion>(answer.question);
    const std::optional<Study> study = study_for(question.key);
    return study && asked == question && same_but_for(std::get<Curve>(answer.found).variable, answer.study, *study);
}

void Scents::mark_stale()
{
    for (ValueSlider *slider : panel.findChildren<ValueSlider *>()) {
        if (slider->curve().empty() || slider->curve_is_stale())
            continue;
        const std::optional<CurveQuestion> question = question_of(*slider);
        const auto found = question ? known.find(question->key) : known.end();
        slider->set_curve_stale(found == known.end() || !still_holds(*found->second, *question));
    }
}

// Draws what is known, and asks for the first that is not.
void Scents::show_next()
{
    const std::shared_ptr<const Explored> &explored = session.explored();
    if (!on || under_way || !explored || !explored->exact || explored->inputs.study != session.study())
        return;
    for (ValueSlider *slider : panel.findChildren<ValueSlider *>()) {
        if (slider->visibleRegion().isEmpty())
            continue;
        const std::optional<CurveQuestion> question = question_of(*slider);
        if (!question || question->values.size() < 2)
            continue;
        const auto found = known.find(question->key);
        const bool same = found != known.end() && std::get<CurveQuestion>(found->second->question) == *question;
        if (same && !slider->curve().empty() && !slider->curve_is_stale())
            continue;
        if (same && still_holds(*found->second, *question)) {
            draw(*slider, *found->second);
            continue;
        }
        under_way = question;
        emit asked(*study_for(question->key), *question);
        return;
    }
}

void Scents::set_answer(std::shared_ptr<const Answer> answer)
{
    const auto *question = std::get_if<CurveQuestion>(&answer->question);
    if (!question || under_way != *question)
        return;
    under_way.reset();
    known.insert_or_assign(question->key, std::move(answer));
    show_next();
}

void Scents::draw(ValueSlider &slider, const Answer &answer) const
{
    const auto &curve = std::get<Curve>(answer.found);
    double most = 0;
    bool gaps = false;
    for (const CurvePoint &point : curve.points) {
        const std::optional<double> value = number_of(throughput(), point.outcome);
        most = std::max(most, value.value_or(0));
        gaps = gaps || !value;
    }
    std::vector<ValueSlider::CurveDot> dots;
    QStringList binding; // "network up to 3.4 TB/s", then "memory"
    std::optional<Bound> last;
    for (const CurvePoint &point : curve.points) {
        const std::optional<double> value = number_of(throughput(), point.outcome);
        const auto bound = point.outcome.best ? std::optional(point.outcome.best->bound.largest()) : std::nullopt;
        const bool anew = bound && last && bound != last;
        if (anew)
            binding.back() = tr("%1 below %2").arg(binding.back(), to_text(curve.variable.short_text(point.value)));
        if (bound && (anew || !last))
            binding << bound_text(*bound);
        last = bound ? bound : last;
        dots.push_back({point.value, value && most > 0 ? std::optional(*value / most) : std::nullopt, anew});
    }
    const QString chip = to_text(answer.study.chips.front().name);
    QString what = most > 0
        ? tr("Curve: throughput per card of %1 over this range, searched again for each value; up to %2")
              .arg(chip, rate_text(most))
        : tr("Nothing is feasible in this range");
    if (gaps && most > 0)
        what += tr("; nothing is feasible where it is hatched");
    if (!binding.isEmpty())
        what += tr("; bound by %1").arg(binding.join(tr(", then ")));
    slider.set_curve(std::move(dots), what.toHtmlEscaped());
    slider.set_curve_stale(false);
}

std::shared_ptr<const Answer> Scents::answer(const std::string &key) const
{
    const auto found = known.find(key);
    return found == known.end() ? nullptr : found->second;
}

bool Scents::settled() const
{
    const std::shared_ptr<const Explored> &explored = session.explored();
    if (!explored || explored->inputs.study != session.study() || under_way || rest.isActive() || fade.isActive())
        return false;
    const QList<ValueSlider *> sliders = panel.findChildren<ValueSlider *>();
    return std::all_of(sliders.begin(), sliders.end(), [this](const ValueSlider *slider) {
        const std::optional<CurveQuestion> question = question_of(*slider);
        if (slider->visibleRegion().isEmpty() || !question || question->values.size() < 2)
            return true;
        const auto found = known.find(question->key);
        return found != known.end() && still_holds(*found->second, *question) && !slider->curve_is_stale();
    });
}

} // namespace epscope
