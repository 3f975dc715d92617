// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/tornado_chart.h"

#include <algorithm>
#include <cmath>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>
#include <qcustomplot.h>

#include "app/charts/baseline_marks.h"
#include "app/charts/make_chart.h"
#include "app/charts/operator_blocks.h"
#include "app/session/output_words.h"
#include "core/quantity.h"

namespace epscope {
namespace {

constexpr std::size_t most_bars = 12;
constexpr double no_effect = 1e-9; // of the base: rounding

QString signed_text(double value, int digits = 3)
{
    const QString number = QString::fromStdString(short_text(std::abs(value), Dimension::count, digits));
    return (value < 0 ? u"−"_qs : u"+"_qs) + number;
}

} // namespace

namespace {

// `base`: the output without a change, which parts are shares of; 0: they are changes themselves.
TornadoEnd end_of(const Variable &variable, const BarEnd &from, double base)
{
    TornadoEnd made{QString::fromStdString(variable.short_text(from.value)), std::nullopt, {}};
    if (from.output)
        made.part = base != 0 ? *from.output / base - 1 : *from.output;
    else
        made.note = from.outcome.miss
            ? TornadoChart::tr("nothing serves: %1").arg(QString::fromStdString(text_of(from.outcome.miss->lacks)))
            : TornadoChart::tr("contradicts another value");
    if (from.saturation)
        made.note = TornadoChart::tr("from %1 bound by %2")
                        .arg(QString::fromStdString(variable.short_text(from.saturation->from)),
                            QString::fromStdString(binding_text(from.saturation->best)));
    return made;
}

bool has_effect(const Bar &bar, double base)
{
    return bar.swing(base) > no_effect * std::abs(base);
}

} // namespace

// Also what has an effect in the baseline alone.
TornadoData tornado_data(const Answer &answer)
{
    const auto &asked = std::get<SensitivityQuestion>(answer.question);
    const auto &found = std::get<Sensitivity>(answer.found);
    const Metric &metric = *find_metric(asked.metric);
    TornadoData data;
    data.output = title_of(metric);
    if (!found.base_output) {
        data.problem = found.base.miss ? QString::fromStdString(text_of(found.base.miss->lacks))
                                       : TornadoChart::tr("Nothing serves");
        return data;
    }
    const double base = *found.base_output;
    data.base = AnalysisChart::metric_text(metric, base);
    data.relative = base != 0;
    const auto *against = answer.against ? &std::get<Sensitivity>(*answer.against) : nullptr;
    const double base_then = against ? against->base_output.value_or(0) : 0;
    data.compared = against && (base_then != 0) == data.relative;
    for (const Bar &bar : found.bars) {
        const Bar *then = data.compared ? against->find(bar.variable.key) : nullptr;
        if (!has_effect(bar, base) && !(then && has_effect(*then, base_then))) {
            data.without_effect << QString::fromStdString(bar.variable.label);
            continue;
        }
        if (data.bars.size() == most_bars)
            continue;
        data.bars.push_back({QString::fromStdString(bar.variable.key), QString::fromStdString(bar.variable.label),
            end_of(bar.variable, bar.low, base), end_of(bar.variable, bar.high, base), bar.marginal, {}});
        if (then)
            data.bars.back().then = TornadoBar::Then{end_of(then->variable, then->low, base_then),
                end_of(then->variable, then->high, base_then), then->marginal};
    }
    if (data.bars.empty())
        data.problem = TornadoChart::tr("No number changes it");
    return data;
}

TornadoChart::TornadoChart(QWidget *parent)
    : AnalysisChart(QStringLiteral("sensitivity"), chart_title("sensitivity"), parent)
    , legend(make_legend(plot(), [this](const QSize &size) { arrange(size); }))
    , percent(new QSpinBox(this))
    , output(new QComboBox(this))
{
    QHBoxLayout *controls = add_controls();
    add_metrics(*output);
    output->setAccessibleName(tr("Output"));
    output->setToolTip(tr("The output whose change is shown"));
    percent->setRange(static_cast<int>(least_percent), static_cast<int>(most_percent));
    percent->setValue(static_cast<int>(asked_now.percent));
    percent->setPrefix(u"± "_qs);
    percent->setSuffix(u" %"_qs);
    percent->setAccessibleName(tr("Change of each number"));
    percent->setToolTip(tr("By how much each number goes down and up; everything is searched again at both ends"));
    controls->addWidget(output);
    controls->addWidget(percent);
    controls->addStretch(1);
    connect(output, &QComboBox::activated, this, [this] {
        set_question({output->currentData().toString().toStdString(), asked_now.percent, {}});
    });
    connect(percent, &QSpinBox::valueChanged, this, [this](int value) {
        set_question({asked_now.metric, static_cast<double>(value), {}});
    });

    QCustomPlot &chart = *plot();
    chart.plotLayout()->insertRow(0);
    chart.plotLayout()->addElement(0, 0, legend);
    chart.plotLayout()->setRowSpacing(0);
    chart.yAxis->setRange(0, 1);
    chart.yAxis->setTicks(false);
    chart.yAxis->setTickLabels(false);
    chart.yAxis->setVisible(false);
    chart.axisRect()->setRangeZoomAxes(chart.xAxis, nullptr);
    add_drawing(&chart, QStringLiteral("main"), [this](QCPPainter &painter) {
        if (!this->explored())
            return;
        painter.setAntialiasing(true);
        paint_bars(painter);
    });
}

Question TornadoChart::question() const
{
    SensitivityQuestion wanted = asked_now;
    wanted.against = study_against();
    return wanted;
}

std::vector<std::string> TornadoChart::axes_of(const Question &question) const
{
    const auto &asked = std::get<SensitivityQuestion>(question);
    return {asked.metric, exact_text(asked.percent)};
}

void TornadoChart::set_question(const SensitivityQuestion &question)
{
    if (question == asked_now)
        return;
    asked_now = question;
    const QSignalBlocker quiet(percent);
    percent->setValue(static_cast<int>(question.percent));
    output->setCurrentIndex(output->findData(QString::fromStdString(question.metric)));
    question_changed();
}

QString TornadoChart::part_of(const TornadoEnd &end) const
{
    if (!end.part)
        return tr("none");
    return data.relative ? QString(signed_text(100 * *end.part) + u" %"_qs) : signed_text(*end.part);
}

// "+1 % = +0.5 → +0.62 %".
QString TornadoChart::marginal_text(const TornadoBar &bar) const
{
    if (!bar.marginal)
        return {};
    const QString now = signed_text(*bar.marginal, 2),
                  before = bar.then && bar.then->marginal ? signed_text(*bar.then->marginal, 2) : QString();
    return tr("+1 % = %1 %").arg(before.isEmpty() || before == now ? now : QString(before + u" → "_qs + now));
}

ChartTable TornadoChart::table() const
{
    ChartTable table;
    table.header = {tr("Key"), tr("Number"), tr("Low"), tr("Output at low"), tr("High"), tr("Output at high"),
        tr("Percent per +1 %"), tr("Note")};
    const auto say = [&](const QString &why) {
        table.rows.push_back({{}, why});
        table.rows.back().resize(table.header.size());
        return table;
    };
    if (!answer())
        return say(tr("not searched yet: nobody has looked at it"));
    const auto &found = std::get<Sensitivity>(answer()->found);
    const auto number = [](const std::optional<double> &value) { return value ? exact(*value) : QString(); };
    const TornadoData now = tornado_data(*answer());
    if (found.bars.empty())
        return say(now.problem);
    const auto *against = answer()->against ? &std::get<Sensitivity>(*answer()->against) : nullptr;
    if (against) {
        const QStringList then{tr("Low in %1"), tr("Output at low in %1"), tr("High in %1"), tr("Output at high in %1"),
            tr("Percent per +1 % in %1")};
        for (const QString &text : then)
            table.header << text.arg(baseline_name());
    }
    for (const Bar &bar : found.bars) {
        const QString key = QString::fromStdString(bar.variable.key);
        const auto shown_bar =
            std::find_if(now.bars.begin(), now.bars.end(), [&](const TornadoBar &each) { return each.key == key; });
        QStringList notes;
        if (shown_bar != now.bars.end())
            notes << shown_bar->low.note << shown_bar->high.note;
        notes.removeAll(QString());
        table.rows.push_back(
            {key, QString::fromStdString(bar.variable.label), exact(bar.low.value), number(bar.low.output),
                exact(bar.high.value), number(bar.high.output), number(bar.marginal), notes.join(u"; "_qs)});
        if (const Bar *then = against ? against->find(bar.variable.key) : nullptr)
            table.rows.back() << exact(then->low.value) << number(then->low.output) << exact(then->high.value)
                              << number(then->high.output) << number(then->marginal);
        table.rows.back().resize(table.header.size());
    }
    return table;
}

void TornadoChart::draw_answer(const Explored &, const Theme &look)
{
    keep_legible(*this, 20, 12);
    if (!drawn_answer()) {
        set_legend(legend, {LegendEntries{}}, {font(), look.text, look.muted});
        return;
    }
    data = tornado_data(*drawn_answer());
    double least = 0, most = 0;
    for (const TornadoBar &bar : data.bars) {
        std::vector<const TornadoEnd *> ends{&bar.low, &bar.high};
        if (bar.then)
            ends.insert(ends.end(), {&bar.then->low, &bar.then->high});
        for (const TornadoEnd *end : ends) {
            least = std::min(least, end->part.value_or(0));
            most = std::max(most, end->part.value_or(0));
        }
    }
    const double scale = data.relative ? 100 : 1, reach = std::max({most, -least, 1e-6});
    fit_axis(plot()->xAxis, -scale * 1.35 * reach, scale * 1.35 * reach);
    const auto &asked = std::get<SensitivityQuestion>(drawn_answer()->question);
    const auto sample = [](const QColor &fill, const QColor &edge) {
        return [fill, edge](QCPPainter &painter, const QRectF &box) {
            painter.setPen(QPen(edge, 1));
            painter.setBrush(fill);
            painter.drawRect(box.adjusted(2, 3, -2, -3));
        };
    };
    const QString by = QString::fromStdString(exact_text(asked.percent));
    LegendEntries entries{{tr("%1 %2; each number").arg(data.output, data.base), nullptr, false},
        {u"−"_qs + by + u" %"_qs, sample(mixed(look.accent, look.surface, 0.7), look.accent)},
        {u"+"_qs + by + u" %"_qs, sample(look.accent, look.accent)}};
    const bool hatched = std::any_of(
        data.bars.begin(), data.bars.end(), [](const TornadoBar &bar) { return !bar.low.part || !bar.high.part; });
    if (hatched)
        entries.push_back({tr("nothing serves"), [grey = look.infeasible](QCPPainter &painter, const QRectF &box) {
                               draw_hatch(painter, box.adjusted(2, 3, -2, -3), grey, 5);
                           }});
    if (const Baseline *baseline = baselines().primary())
        entries.push_back(
            data.compared ? baseline_bar(*baseline, look) : LegendEntry{missing_text(*baseline), nullptr});
    set_legend(legend, {std::move(entries)},
        {.font = font(), .text = look.text, .heading = look.muted, .aside = state_width()});
}

// Why there are no bars of it.
QString TornadoChart::missing_text(const Baseline &baseline) const
{
    const ChipChange there = chip_change(baseline, explored()->leading());
    return !there                 ? there.problem
        : drawn_answer()->against ? tr("no %1 in %2").arg(data.output.toLower(), baseline.name)
                                  : tr("%1 follows").arg(baseline.name);
}

void TornadoChart::arrange(const QSize &size)
{
    const QFontMetricsF metrics(font());
    double left = 0, right = 0;
    for (const TornadoBar &bar : data.bars) {
        left = std::max(left, metrics.horizontalAdvance(bar.label));
        right = std::max(right, metrics.horizontalAdvance(marginal_text(bar)));
    }
    left = std::min(left + 12, 0.34 * size.width());
    right = size.width() > 26 * metrics.height() ? right + 12 : 8;
    plot()->axisRect()->setMinimumMargins(QMargins(static_cast<int>(std::ceil(left)), 4, static_cast<int>(right), 4));
    fit_axis_texts(*plot()->xAxis,
        {data.relative ? tr("Change of %1 (%)").arg(data.output.toLower())
                       : tr("Change of %1").arg(data.output.toLower()),
            tr("Change (%)")},
        font(), size.width() - left - right, 0);
}

std::vector<QRectF> TornadoChart::rows() const
{
    std::vector<QRectF> all;
    const QRectF area(plot()->axisRect()->rect());
    const double line = QFontMetricsF(font()).height();
    const auto room = static_cast<std::size_t>(std::max(0.0, area.height() / (1.1 * line)));
    const std::size_t count = std::min(data.bars.size(), room);
    const double height = count > 0 ? std::min(area.height() / static_cast<double>(count), 3 * line) : 0;
    for (std::size_t i = 0; i < count; ++i)
        all.push_back(QRectF(0, area.top() + static_cast<double>(i) * height, plot()->viewport().width(), height));
    return all;
}

QRectF TornadoChart::area_of(const TornadoBar &bar, bool high, bool then) const
{
    const auto index = static_cast<std::size_t>(&bar - data.bars.data());
    const std::vector<QRectF> places = rows();
    if (index >= places.size() || (then && !bar.then))
        return {};
    const QRectF row = places[index], ground(plot()->axisRect()->rect());
    const TornadoEnd &end = then ? (high ? bar.then->high : bar.then->low) : high ? bar.high : bar.low;
    const double line = QFontMetricsF(font()).height(),
                 both = std::min(0.8 * row.height(), (data.compared ? 1.7 : 1.2) * line);
    const double ghost = data.compared ? std::round(0.3 * both) : 0, height = then ? ghost : both - ghost;
    const double top = row.top() + (row.height() - both) / 2 + (then ? both - ghost : 0);
    const QCPAxis &axis = *plot()->xAxis;
    const double zero = std::clamp(axis.coordToPixel(0), ground.left(), ground.right());
    // Where nothing serves, a stub towards less.
    const double to =
        end.part ? axis.coordToPixel((data.relative ? 100 : 1) * *end.part) : zero - 0.25 * ground.width();
    const double clamped = std::clamp(to, ground.left(), ground.right());
    return QRectF(std::min(zero, clamped), top, std::abs(clamped - zero), height);
}

void TornadoChart::paint_bars(QCPPainter &painter) const
{
    const Theme &look = theme();
    const QRectF ground(plot()->axisRect()->rect());
    painter.setFont(font());
    if (!drawn_answer())
        return;
    if (!data.problem.isEmpty()) {
        painter.setPen(look.muted);
        painter.drawText(ground.adjusted(8, 8, -8, -8), Qt::AlignCenter | Qt::TextWordWrap, data.problem);
        return;
    }
    const double strength = opacity();
    const auto faded = [&](const QColor &colour) { return mixed(colour, look.surface, 1 - strength); };
    const auto fill = [&](bool high) { return faded(high ? look.accent : mixed(look.accent, look.surface, 0.7)); };
    const QFontMetricsF metrics(font());
    const std::vector<QRectF> places = rows();
    const double zero = plot()->xAxis->coordToPixel(0);
    for (std::size_t i = 0; i < places.size(); ++i) {
        const TornadoBar &bar = data.bars[i];
        const QRectF row = places[i];
        const auto baseline = [&](const QRectF &box) {
            return box.center().y() + (metrics.ascent() - metrics.descent()) / 2;
        };
        painter.setPen(faded(look.text));
        painter.drawText(QPointF(6, baseline(row)), metrics.elidedText(bar.label, Qt::ElideRight, ground.left() - 12));
        // The smaller change over the larger one: both may go the same way.
        const bool high_first = std::abs(bar.high.part.value_or(1e9)) >= std::abs(bar.low.part.value_or(1e9));
        for (const bool high : high_first ? std::array{true, false} : std::array{false, true}) {
            const TornadoEnd &end = high ? bar.high : bar.low;
            const QRectF area = area_of(bar, high);
            if (!end.part) {
                draw_hatch(painter, area, faded(look.infeasible), 6);
                continue;
            }
            painter.setPen(QPen(faded(look.accent), 1));
            painter.setBrush(fill(high));
            painter.drawRect(area);
            if (!end.note.isEmpty()) { // a stop at its end: saturated
                const double at = *end.part < 0 ? area.left() : area.right();
                painter.setPen(QPen(faded(look.text), 2));
                painter.drawLine(QLineF(at, area.top() - 2, at, area.bottom() + 2));
            }
        }
        paint_ghost(painter, bar);
        // Numbers at the outer ends, one each side; in the bar where there is no room beside it.
        for (const bool left : {true, false}) {
            const TornadoEnd *outer = nullptr;
            double far = 0;
            for (const bool high : {false, true}) {
                const TornadoEnd &end = high ? bar.high : bar.low;
                const double part = end.part.value_or(-1e9);
                if ((left ? part < 0 : part > 0) && std::abs(part) > far) {
                    far = std::abs(part);
                    outer = &end;
                }
            }
            if (!outer)
                continue;
            const QRectF area = area_of(bar, outer == &bar.high);
            const QString text = outer->part ? part_of(*outer) : tr("nothing serves");
            const double width = metrics.horizontalAdvance(text);
            const double x = left ? area.left() - 5 - width : area.right() + 5;
            if (x >= ground.left() - 2 && x + width <= ground.right() + 2) {
                painter.setPen(faded(look.text));
                painter.drawText(QPointF(x, baseline(area)), text);
            } else if (outer->part && area.width() > width + 8) {
                painter.setPen(ink_on(fill(outer == &bar.high)));
                painter.drawText(QPointF(left ? area.left() + 5 : area.right() - 5 - width, baseline(area)), text);
            }
            // Behind it what binds, or why nothing serves, if there is room for a few words.
            const double gap = metrics.averageCharWidth(),
                         room = left ? x - gap - ground.left() : ground.right() - x - width - gap;
            constexpr int fewest_characters = 16;
            if (!outer->note.isEmpty() && room > fewest_characters * metrics.averageCharWidth()) {
                const QString note = metrics.elidedText(outer->note, Qt::ElideRight, room);
                painter.setPen(faded(look.muted));
                painter.drawText(
                    QPointF(left ? x - gap - metrics.horizontalAdvance(note) : x + width + gap, baseline(area)), note);
            }
        }
        const double right = plot()->viewport().width() - 6;
        const QString marginal = marginal_text(bar);
        if (const double width = metrics.horizontalAdvance(marginal); right - width > ground.right()) {
            painter.setPen(faded(look.muted));
            painter.drawText(QPointF(right - width, baseline(row)), marginal);
        }
    }
    painter.setPen(QPen(look.axis, 1));
    if (zero > ground.left() && zero < ground.right())
        painter.drawLine(QLineF(zero, ground.top(), zero, ground.bottom()));
    if (data.without_effect.isEmpty() || places.size() < data.bars.size())
        return;
    const QString others = tr("Without effect: %1").arg(data.without_effect.join(u", "_qs));
    const QRectF below(QPointF(8, (places.empty() ? ground.top() : places.back().bottom()) + metrics.height() / 2),
        ground.bottomRight() - QPointF(8, 4));
    const QRectF box = metrics.boundingRect(below, Qt::AlignLeft | Qt::AlignBottom | Qt::TextWordWrap, others);
    if (box.height() > below.height())
        return;
    painter.fillRect(box, look.surface);
    painter.setPen(faded(look.muted));
    painter.drawText(below, Qt::AlignLeft | Qt::AlignBottom | Qt::TextWordWrap, others);
}

// Pale below the bar, its outline dashed.
void TornadoChart::paint_ghost(QCPPainter &painter, const TornadoBar &bar) const
{
    const Baseline *baseline = baselines().primary();
    if (!bar.then || !baseline)
        return;
    for (const bool high : {false, true}) {
        const QRectF area = area_of(bar, high, true);
        if (!(high ? bar.then->high : bar.then->low).part) {
            draw_hatch(painter, area, mixed(theme().infeasible, theme().surface, 0.5), 6);
            continue;
        }
        QColor fill = theme().baseline(baseline->mark);
        fill.setAlphaF((high ? 0.3F : 0.12F) * static_cast<float>(opacity()));
        painter.fillRect(area, fill);
        painter.setPen(theme().baseline_pen(baseline->mark, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(area);
    }
}

const TornadoBar *TornadoChart::bar_at(const QPointF &position) const
{
    const std::vector<QRectF> places = rows();
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (places[i].contains(position))
            return &data.bars[i];
    }
    return nullptr;
}

std::optional<Hover> TornadoChart::hover_at(const QPointF &position) const
{
    const TornadoBar *bar = drawn_answer() ? bar_at(position) : nullptr;
    if (!bar)
        return std::nullopt;
    QStringList lines{bar->label};
    for (const TornadoEnd *end : {&bar->low, &bar->high}) {
        const QString change = end->part ? part_of(*end) : QString();
        lines << (change.isEmpty() ? QString(end->value + u": "_qs + end->note)
                                   : QString(end->value + u": "_qs + change
                                       + (end->note.isEmpty() ? QString() : QString(u"; "_qs + end->note))));
    }
    if (bar->then) {
        const auto text = [&](const TornadoEnd &end) {
            return end.part ? QString(end.value + u": "_qs + part_of(end)) : QString(end.value + u": "_qs + end.note);
        };
        lines << tr("%1: %2; %3").arg(baseline_name(), text(bar->then->low), text(bar->then->high));
    }
    if (bar->marginal)
        lines << tr("%1 of %2").arg(marginal_text(*bar), data.output.toLower());
    lines << tr("Click for its slider");
    Hover hover;
    hover.text = hover_text(lines, *plot());
    hover.number = number_of_bar(*bar, position);
    return hover;
}

// The output at the end that the mouse is on; beside both what it is now.
std::optional<Explainable> TornadoChart::number_of_bar(const TornadoBar &shown_bar, const QPointF &position) const
{
    const auto &found = std::get<Sensitivity>(drawn_answer()->found);
    const std::string &metric = std::get<SensitivityQuestion>(drawn_answer()->question).metric;
    const auto bar = std::find_if(found.bars.begin(), found.bars.end(),
        [&](const Bar &each) { return each.variable.key == shown_bar.key.toStdString(); });
    const QRectF high = area_of(shown_bar, true), low = area_of(shown_bar, false);
    const bool on_high = high.contains(position), on_low = low.contains(position);
    if (!on_high && !on_low)
        return Explainable{metric};
    const bool shorter_is_high = high.width() < low.width(); // where both go the same way it lies on top
    const BarEnd &end = on_high && (!on_low || shorter_is_high) ? bar->high : bar->low;
    Study study = drawn_answer()->study;
    set_variable(study, bar->variable, end.value);
    return number_of(shown_bar.label + u": "_qs + QString::fromStdString(bar->variable.short_text(end.value)), study,
        end.outcome, metric);
}

void TornadoChart::clicked(const QPointF &position)
{
    if (const TornadoBar *bar = bar_at(position))
        emit parameter_picked(bar->key);
}

} // namespace epscope
