// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/tornado_scene.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QCoreApplication>
#include <QFontMetricsF>

#include "app/charts/baseline_marks.h"
#include "app/charts/operator_blocks.h"
#include "app/words/output_words.h"
#include "app/words/text.h"
#include "core/find.h"
#include "core/quantity.h"

namespace epscope {
namespace {

struct TornadoTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::Tornado)
};

constexpr std::size_t most_bars = 12;
constexpr double no_effect = 1e-9; // of the base: rounding

QString signed_text(double value, int digits = 3)
{
    const QString number = to_text(short_text(std::abs(value), Dimension::count, digits));
    return (value < 0 ? u"−"_qs : u"+"_qs) + number;
}

// `base`: the output without a change, which parts are shares of; 0: they are changes themselves.
TornadoEnd end_of(const Variable &variable, const BarEnd &from, double base)
{
    TornadoEnd made{to_text(variable.short_text(from.value)), std::nullopt, {}};
    if (from.output)
        made.part = base != 0 ? *from.output / base - 1 : *from.output;
    else
        made.note = from.outcome.miss
            ? TornadoTexts::tr("nothing is feasible: %1").arg(to_text(text_of(from.outcome.miss->lacks)))
            : TornadoTexts::tr("contradicts another value");
    if (from.saturation)
        made.note =
            TornadoTexts::tr("from %1 bound by %2")
                .arg(to_text(variable.short_text(from.saturation->from)), to_text(binding_text(from.saturation->best)));
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
        data.problem = found.base.best ? why_not_known(metric, answer.study.chips.front())
            : found.base.miss          ? to_text(text_of(found.base.miss->lacks))
                                       : TornadoTexts::tr("Nothing is feasible");
        return data;
    }
    const double base = *found.base_output;
    data.base = metric_text(metric, base);
    data.relative = base != 0;
    const auto *against = answer.against ? &std::get<Sensitivity>(*answer.against) : nullptr;
    const double base_then = against ? against->base_output.value_or(0) : 0;
    data.compared = against && (base_then != 0) == data.relative;
    for (const Bar &bar : found.bars) {
        const Bar *then = data.compared ? against->find(bar.variable.key) : nullptr;
        if (!has_effect(bar, base) && !(then && has_effect(*then, base_then))) {
            data.without_effect << to_text(bar.variable.label);
            continue;
        }
        if (data.bars.size() == most_bars)
            continue;
        data.bars.push_back({to_text(bar.variable.key), to_text(bar.variable.label),
            end_of(bar.variable, bar.low, base), end_of(bar.variable, bar.high, base), bar.marginal, {}});
        if (then)
            data.bars.back().then = TornadoBar::Then{end_of(then->variable, then->low, base_then),
                end_of(then->variable, then->high, base_then), then->marginal};
    }
    if (data.bars.empty())
        data.problem = TornadoTexts::tr("No number changes it");
    return data;
}

namespace {

struct TornadoPicture {
    SceneInput input;
    TornadoData data;

    const SensitivityQuestion &asked() const { return std::get<SensitivityQuestion>(input.answer->question); }
    const Sensitivity &found() const { return std::get<Sensitivity>(input.answer->found); }
    const Sensitivity *against() const
    {
        return input.answer->against ? &std::get<Sensitivity>(*input.answer->against) : nullptr;
    }
    // Also while an answer against one that is gone is still on show.
    QString baseline_name() const
    {
        return input.baselines.primary() ? input.baselines.primary()->name : TornadoTexts::tr("the baseline");
    }
    QString part_of(const TornadoEnd &end) const
    {
        if (!end.part)
            return TornadoTexts::tr("none");
        return data.relative ? QString(signed_text(100 * *end.part) + u" %"_qs) : signed_text(*end.part);
    }
    // "+1 % = +0.5 → +0.62 %".
    static QString marginal_text(const TornadoBar &bar)
    {
        if (!bar.marginal)
            return {};
        const QString now = signed_text(*bar.marginal, 2),
                      before = bar.then && bar.then->marginal ? signed_text(*bar.then->marginal, 2) : QString();
        return TornadoTexts::tr("+1 % = %1 %")
            .arg(before.isEmpty() || before == now ? now : QString(before + u" → "_qs + now));
    }
    // Why there are no bars of it.
    QString missing_text(const Baseline &baseline) const
    {
        const ChipChange there = chip_change(baseline, input.explored->leading());
        return !there   ? there.problem
            : against() ? TornadoTexts::tr("no %1 in %2").arg(data.output.toLower(), baseline.name)
                        : TornadoTexts::tr("%1 follows").arg(baseline.name);
    }
    std::vector<LegendEntries> legend() const;
    Arrangement arrange(const Room &room) const;
    // `high`: the end that the mouse is on; next to both the number is what the output is now.
    Hover about(std::size_t index, std::optional<bool> high) const;
};

std::vector<LegendEntries> TornadoPicture::legend() const
{
    const Theme &look = *input.theme;
    const auto sample = [](const QColor &fill, const QColor &edge) {
        return [fill, edge](
                   Marks &marks, const QRectF &box) { marks.box(box.adjusted(2, 3, -2, -3), QPen(edge, 1), fill); };
    };
    const QString by = to_text(exact_text(asked().percent));
    LegendEntries entries{{TornadoTexts::tr("%1 %2; each number").arg(data.output, data.base), nullptr, false},
        {u"−"_qs + by + u" %"_qs, sample(mixed(look.accent, look.surface, 0.7), look.accent)},
        {u"+"_qs + by + u" %"_qs, sample(look.accent, look.accent)}};
    if (std::ranges::any_of(data.bars, [](const TornadoBar &bar) { return !bar.low.part || !bar.high.part; }))
        entries.push_back(
            {TornadoTexts::tr("nothing is feasible"), [grey = look.infeasible](Marks &marks, const QRectF &box) {
                 marks.hatch(box.adjusted(2, 3, -2, -3), grey, 5);
             }});
    if (const Baseline *baseline = input.baselines.primary())
        entries.push_back(
            data.compared ? baseline_bar(*baseline, look) : LegendEntry{missing_text(*baseline), nullptr});
    return {std::move(entries)};
}

Arrangement TornadoPicture::arrange(const Room &room) const
{
    const QFontMetricsF metrics(room.font);
    double left = 0, right = 0;
    for (const TornadoBar &bar : data.bars) {
        left = std::max(left, metrics.horizontalAdvance(bar.label));
        right = std::max(right, metrics.horizontalAdvance(marginal_text(bar)));
    }
    left = std::min(left + 12, 0.34 * room.size.width());
    right = room.size.width() > 26 * metrics.height() ? right + 12 : 8;
    const QString output = data.output.toLower();
    return {{{.margins = QMargins(static_cast<int>(std::ceil(left)), 4, static_cast<int>(right), 4),
        .x = texts_across({data.relative ? TornadoTexts::tr("Change of %1 (%)").arg(output)
                                         : TornadoTexts::tr("Change of %1").arg(output),
                              TornadoTexts::tr("Change (%)")},
            room.font, room.size.width() - left - right, 0)}}};
}

struct TornadoDrawing : SceneDrawing {
    const TornadoPicture &of;
    const TornadoData &data;
    std::vector<QRectF> rows = {}; // of the bars, as many as have room

    QColor faded(const QColor &colour) const { return mixed(colour, theme.surface, 1 - input.opacity()); }
    QColor fill(bool high) const { return faded(high ? theme.accent : mixed(theme.accent, theme.surface, 0.7)); }
    double baseline(const QRectF &box) const // of a text in its middle
    {
        return box.center().y() + (metrics.ascent() - metrics.descent()) / 2;
    }
    void text(double x, double y, const QString &words, const QColor &colour)
    {
        marks.text(QPointF(x, y), words, input.font, colour);
    }
    void lay_out_rows();
    // Of a bar's end that is drawn, now or in the baseline below it; empty if nothing is.
    QRectF area_of(std::size_t index, bool high, bool then = false) const;
    void draw();
    void draw_bar(std::size_t index);
    void draw_ghost(std::size_t index);
    void draw_numbers(std::size_t index);
    void draw_others();
};

void TornadoDrawing::lay_out_rows()
{
    const double line = metrics.height();
    const auto room = static_cast<std::size_t>(std::max(0.0, ground.height() / (1.1 * line)));
    const std::size_t count = std::min(data.bars.size(), room);
    const double height = count > 0 ? std::min(ground.height() / static_cast<double>(count), 3 * line) : 0;
    for (std::size_t i = 0; i < count; ++i)
        rows.emplace_back(0, ground.top() + static_cast<double>(i) * height, frame.size.width(), height);
}

QRectF TornadoDrawing::area_of(std::size_t index, bool high, bool then) const
{
    const TornadoBar &bar = data.bars[index];
    if (then && !bar.then)
        return {};
    const QRectF row = rows[index];
    const TornadoEnd &end = then ? (high ? bar.then->high : bar.then->low) : high ? bar.high : bar.low;
    const double both = std::min(0.8 * row.height(), (data.compared ? 1.7 : 1.2) * metrics.height());
    const double ghost = data.compared ? std::round(0.3 * both) : 0, height = then ? ghost : both - ghost;
    const double top = row.top() + (row.height() - both) / 2 + (then ? both - ghost : 0);
    const FrameAxis &axis = frame.panel().x;
    const double zero = std::clamp(axis.pixel(0), ground.left(), ground.right());
    // Where nothing is feasible, a stub towards less.
    const double to = end.part ? axis.pixel((data.relative ? 100 : 1) * *end.part) : zero - 0.25 * ground.width();
    const double clamped = std::clamp(to, ground.left(), ground.right());
    return QRectF(std::min(zero, clamped), top, std::abs(clamped - zero), height);
}

void TornadoDrawing::draw()
{
    if (!data.problem.isEmpty()) {
        marks.text(
            ground.adjusted(8, 8, -8, -8), Qt::AlignCenter | Qt::TextWordWrap, data.problem, input.font, theme.muted);
        return;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const TornadoBar &bar = data.bars[i];
        text(
            6, baseline(rows[i]), metrics.elidedText(bar.label, Qt::ElideRight, ground.left() - 12), faded(theme.text));
        draw_bar(i);
        draw_ghost(i);
        draw_numbers(i);
        const double right = frame.size.width() - 6;
        const QString marginal = TornadoPicture::marginal_text(bar);
        if (const double width = metrics.horizontalAdvance(marginal); right - width > ground.right())
            text(right - width, baseline(rows[i]), marginal, faded(theme.muted));
    }
    const double zero = frame.panel().x.pixel(0);
    if (zero > ground.left() && zero < ground.right())
        marks.line(QLineF(zero, ground.top(), zero, ground.bottom()), QPen(theme.axis, 1));
    draw_others();
}

void TornadoDrawing::draw_bar(std::size_t index)
{
    const TornadoBar &bar = data.bars[index];
    // The smaller change over the larger one: both may go the same way.
    const bool high_first = std::abs(bar.high.part.value_or(1e9)) >= std::abs(bar.low.part.value_or(1e9));
    for (const bool high : high_first ? std::array{true, false} : std::array{false, true}) {
        const TornadoEnd &end = high ? bar.high : bar.low;
        const QRectF area = area_of(index, high);
        if (!end.part) {
            marks.hatch(area, faded(theme.infeasible), 6);
            continue;
        }
        marks.box(area, QPen(faded(theme.accent), 1), fill(high));
        if (!end.note.isEmpty()) { // a stop at its end: saturated
            const double at = *end.part < 0 ? area.left() : area.right();
            marks.line(QLineF(at, area.top() - 2, at, area.bottom() + 2), QPen(faded(theme.text), 2));
        }
    }
}

// Pale below the bar, its outline dashed.
void TornadoDrawing::draw_ghost(std::size_t index)
{
    const TornadoBar &bar = data.bars[index];
    const Baseline *baseline = input.baselines.primary();
    if (!bar.then || !baseline)
        return;
    for (const bool high : {false, true}) {
        const QRectF area = area_of(index, high, true);
        if (!(high ? bar.then->high : bar.then->low).part) {
            marks.hatch(area, mixed(theme.infeasible, theme.surface, 0.5), 6);
            continue;
        }
        marks.fill(area,
            translucent(theme.baseline(baseline->mark), (high ? 0.3F : 0.12F) * static_cast<float>(input.opacity())));
        marks.box(area, theme.baseline_pen(baseline->mark, 1));
    }
}

// At the outer ends, one each side; in the bar where there is no room next to it.
void TornadoDrawing::draw_numbers(std::size_t index)
{
    const TornadoBar &bar = data.bars[index];
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
        const bool high = outer == &bar.high;
        const QRectF area = area_of(index, high);
        const QString words = outer->part ? of.part_of(*outer) : TornadoTexts::tr("nothing is feasible");
        const double width = metrics.horizontalAdvance(words);
        const double x = left ? area.left() - 5 - width : area.right() + 5;
        if (x >= ground.left() - 2 && x + width <= ground.right() + 2)
            text(x, baseline(area), words, faded(theme.text));
        else if (outer->part && area.width() > width + 8)
            text(left ? area.left() + 5 : area.right() - 5 - width, baseline(area), words, ink_on(fill(high)));
        // Behind it what binds, or why nothing is feasible, if there is room for a few words.
        const double gap = metrics.averageCharWidth(),
                     room = left ? x - gap - ground.left() : ground.right() - x - width - gap;
        constexpr int fewest_characters = 16;
        if (!outer->note.isEmpty() && room > fewest_characters * metrics.averageCharWidth()) {
            const QString note = metrics.elidedText(outer->note, Qt::ElideRight, room);
            text(left ? x - gap - metrics.horizontalAdvance(note) : x + width + gap, baseline(area), note,
                faded(theme.muted));
        }
    }
}

void TornadoDrawing::draw_others()
{
    if (data.without_effect.isEmpty() || rows.size() < data.bars.size())
        return;
    constexpr int how = Qt::AlignLeft | Qt::AlignBottom | Qt::TextWordWrap;
    const QString others = TornadoTexts::tr("Without effect: %1").arg(data.without_effect.join(u", "_qs));
    const QRectF below(QPointF(8, (rows.empty() ? ground.top() : rows.back().bottom()) + metrics.height() / 2),
        ground.bottomRight() - QPointF(8, 4));
    const QRectF box = metrics.boundingRect(below, how, others);
    if (box.height() > below.height())
        return;
    marks.fill(box, theme.surface);
    marks.text(below, how, others, input.font, faded(theme.muted));
}

SceneLayout tornado_layout(const std::shared_ptr<const TornadoPicture> &picture, const Frame &frame)
{
    TornadoDrawing drawing{{picture->input, frame}, *picture, picture->data};
    drawing.lay_out_rows();
    drawing.draw();
    // The ends of each bar, that which lies on top first, before the whole rows.
    std::vector<QRectF> ends;
    std::vector<std::pair<std::size_t, bool>> whose;
    for (std::size_t i = 0; i < drawing.rows.size(); ++i) {
        const bool high_on_top = drawing.area_of(i, true).width() < drawing.area_of(i, false).width();
        for (const bool high : {high_on_top, !high_on_top}) {
            ends.push_back(drawing.area_of(i, high));
            whose.emplace_back(i, high);
        }
    }
    SceneLayout &laid = drawing.laid;
    laid.hits = {
        hit_areas(ends, [picture, whose](std::size_t i) { return picture->about(whose[i].first, whose[i].second); }),
        hit_areas(drawing.rows, [picture](std::size_t i) { return picture->about(i, std::nullopt); })};
    laid.hits.front().walks = false; // the rows tell of both
    return std::move(laid);
}

Hover TornadoPicture::about(std::size_t index, std::optional<bool> high) const
{
    const TornadoBar &bar = data.bars[index];
    QStringList lines{bar.label};
    for (const TornadoEnd *end : {&bar.low, &bar.high}) {
        const QString change = end->part ? part_of(*end) : QString();
        lines << (change.isEmpty() ? QString(end->value + u": "_qs + end->note)
                                   : QString(end->value + u": "_qs + change
                                       + (end->note.isEmpty() ? QString() : QString(u"; "_qs + end->note))));
    }
    if (bar.then) {
        const auto text = [&](const TornadoEnd &end) {
            return QString(end.value + u": "_qs + (end.part ? part_of(end) : end.note));
        };
        lines << TornadoTexts::tr("%1: %2; %3").arg(baseline_name(), text(bar.then->low), text(bar.then->high));
    }
    if (bar.marginal)
        lines << TornadoTexts::tr("%1 of %2").arg(marginal_text(bar), data.output.toLower());
    lines << TornadoTexts::tr("Click for its slider");
    Hover hover{lines.join(u'\n'), std::nullopt, std::nullopt};
    hover.action = ShowSlider{bar.key};
    hover.number = Explainable{asked().metric};
    if (const Bar *searched = high ? found().find(bar.key.toStdString()) : nullptr) {
        const BarEnd &end = *high ? searched->high : searched->low;
        Study study = input.answer->study;
        set_variable(study, searched->variable, end.value);
        hover.number = number_of(bar.label + u": "_qs + to_text(searched->variable.short_text(end.value)), study,
            end.outcome, asked().metric);
    }
    return hover;
}

Table tornado_table(const TornadoPicture &picture)
{
    Table table;
    table.columns = {{TornadoTexts::tr("Key"), {}}, {TornadoTexts::tr("Number"), "number"},
        {TornadoTexts::tr("Low"), {}}, {TornadoTexts::tr("Output at low"), "low"}, {TornadoTexts::tr("High"), {}},
        {TornadoTexts::tr("Output at high"), "high"}, {TornadoTexts::tr("Percent per +1 %"), {}},
        {TornadoTexts::tr("Note"), {}}};
    const Sensitivity &found = picture.found();
    if (found.bars.empty()) {
        table.rows.push_back({{{}, picture.data.problem}});
        table.rows.back().cells.resize(table.columns.size());
        return table;
    }
    const Sensitivity *against = picture.against();
    if (against) {
        for (const QString &title :
            {TornadoTexts::tr("Low in %1"), TornadoTexts::tr("Output at low in %1"), TornadoTexts::tr("High in %1"),
                TornadoTexts::tr("Output at high in %1"), TornadoTexts::tr("Percent per +1 % in %1")})
            table.columns.push_back({title.arg(picture.baseline_name()), {}});
    }
    for (const Bar &bar : found.bars) {
        const QString key = to_text(bar.variable.key);
        QStringList notes;
        if (const TornadoBar *shown_bar = find_in(picture.data.bars, key, &TornadoBar::key))
            notes << shown_bar->low.note << shown_bar->high.note;
        notes.removeAll(QString());
        std::vector<TableCell> cells{key, to_text(bar.variable.label), bar.low.value, cell_of(bar.low.output),
            bar.high.value, cell_of(bar.high.output), cell_of(bar.marginal), notes.join(u"; "_qs)};
        if (const Bar *then = against ? against->find(bar.variable.key) : nullptr)
            cells.insert(cells.end(),
                {then->low.value, cell_of(then->low.output), then->high.value, cell_of(then->high.output),
                    cell_of(then->marginal)});
        cells.resize(table.columns.size());
        table.rows.push_back({std::move(cells)});
    }
    table.plot = TablePlot{TablePlot::Kind::bars, TornadoTexts::tr("Sensitivity"), {}, "number", {"low", "high"}};
    return table;
}

} // namespace

Scene tornado_scene(const SceneInput &input)
{
    const auto picture = std::make_shared<const TornadoPicture>(TornadoPicture{input, tornado_data(*input.answer)});
    const TornadoData &data = picture->data;
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
    const double reach = (data.relative ? 100 : 1) * 1.35 * std::max({most, -least, 1e-6});
    Scene scene;
    scene.panels[0].x = {.from = -reach, .to = reach};
    scene.panels[0].y = {.exact = true, .visible = false, .ticks = false, .zooms = false};
    scene.legend = picture->legend();
    scene.aside = input.state_width;
    scene.arrange = [picture](const Room &room) { return picture->arrange(room); };
    scene.layout = [picture](const Frame &frame) { return tornado_layout(picture, frame); };
    scene.table = [picture] { return tornado_table(*picture); };
    scene.number = input.option(u"sensitivity.output"_qs).toStdString();
    return scene;
}

std::vector<ChartOption> tornado_options()
{
    return {output_option(u"sensitivity.output"_qs, TornadoTexts::tr("The output whose change is shown"),
                TornadoTexts::tr("Sensitivity of %1")),
        {.key = u"sensitivity.percent"_qs,
            .value = u"10"_qs,
            .control = ChartOption::Control::number,
            .text = u"± "_qs,
            .name = TornadoTexts::tr("Change of each number"),
            .meaning =
                TornadoTexts::tr("By how much each number goes down and up; everything is searched again at both ends"),
            .least = static_cast<int>(least_percent),
            .most = static_cast<int>(most_percent),
            .is_value =
                [](const QString &text) {
                    const double percent = text.toDouble();
                    return percent >= least_percent && percent <= most_percent;
                },
            .step = TornadoTexts::tr("Sensitivity to ±%1 %")}};
}

std::optional<Question> tornado_question(const SceneInput &input)
{
    return SensitivityQuestion{input.option(u"sensitivity.output"_qs).toStdString(),
        input.option(u"sensitivity.percent"_qs).toDouble(), study_against(input)};
}

std::vector<std::string> tornado_axes(const Question &question)
{
    const auto &asked = std::get<SensitivityQuestion>(question);
    return {asked.metric, exact_text(asked.percent)};
}

} // namespace epscope
