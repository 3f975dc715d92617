// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/operator_blocks.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QFontMetricsF>
#include <qcustomplot.h>

#include "app/words/text.h"
#include "core/quantity.h"

namespace epscope {
namespace {

struct OperatorTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::operator_blocks)
};

// Places of the kinds of layers among the blocks.
std::vector<std::size_t> layers_of(const Estimate &estimate)
{
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < estimate.blocks.size(); ++i) {
        const BlockKind kind = estimate.blocks[i].kind;
        if (kind == BlockKind::sparse_layer || kind == BlockKind::dense_layer)
            places.push_back(i);
    }
    return places;
}

QString flop_text(double flops)
{
    QString text = to_text(short_text(flops, Dimension::flop_per_second));
    text.chop(2); // "/s"
    return text;
}

} // namespace

QString time_text(double seconds, TimeUnit unit)
{
    const bool us = unit == TimeUnit::us;
    return to_text(short_text(seconds * (us ? 1e6 : 1e3), Dimension::count))
        + (us ? QStringLiteral(" µs") : QStringLiteral(" ms"));
}

QString part_text(double part)
{
    return to_text(short_text(100 * part, Dimension::count)) + QStringLiteral(" %");
}

QString label_text(OpId id)
{
    return to_text(info_of(id).label);
}

QString bound_text(Bound bound)
{
    switch (bound) {
    case Bound::compute:
        return OperatorTexts::tr("compute");
    case Bound::memory:
        return OperatorTexts::tr("memory");
    case Bound::network:
        return OperatorTexts::tr("network");
    }
    return {};
}

QString infeasible_text(const Estimate &estimate)
{
    if (estimate.feasible())
        return {};
    return OperatorTexts::tr("infeasible: %1").arg(to_text(name_of(estimate.infeasible.front().reason)));
}

QStringList operator_texts(const Scenario &scenario, const OperatorEstimate &op)
{
    QStringList times;
    const auto add = [&](Bound bound, const QString &text, double seconds) {
        if (seconds > 0 || bound == op.bound)
            times << (bound == op.bound ? OperatorTexts::tr("%1 %2 (binds)").arg(text, time_text(seconds, TimeUnit::us))
                                        : QString(text + u' ' + time_text(seconds, TimeUnit::us)));
    };
    add(Bound::compute, OperatorTexts::tr("compute"), op.compute_s);
    add(Bound::memory, OperatorTexts::tr("memory"), op.memory_s);
    add(Bound::network, OperatorTexts::tr("network"), op.network_s);
    QStringList work;
    if (op.flops > 0)
        work << flop_text(op.flops);
    if (op.bytes_moved > 0)
        work << OperatorTexts::tr("%1 moved").arg(to_text(short_text(op.bytes_moved, Dimension::bytes)));
    if (op.bytes_sent > 0)
        work << OperatorTexts::tr("%1 sent").arg(to_text(short_text(op.bytes_sent, Dimension::bytes)));
    QStringList lines{times.join(u", "_qs)};
    if (!work.isEmpty())
        lines << work.join(u", "_qs);
    if (op.efficiency) {
        const QString from = to_text(provenance_text(scenario.profile, scenario.chip, *op.efficiency));
        lines << OperatorTexts::tr("MFU %1, %2").arg(part_text(op.efficiency->mfu), from);
    }
    return lines;
}

QString operator_hover(OpId id)
{
    return label_text(id) + u'\n' + to_text(info_of(id).what);
}

QColor add_block(Marks &marks, const QRectF &area, OpId id, const Theme &theme, std::optional<OpId> lit, bool feasible)
{
    QColor fill = theme.of(id);
    if (!feasible)
        fill = mixed(fill, theme.infeasible, 0.6);
    if (lit && *lit != id)
        fill = mixed(fill, theme.surface, 0.72);
    marks.fill(area, fill);
    if (!feasible)
        marks.hatch(area, mixed(fill, theme.infeasible, 0.5), 7);
    if (area.width() > 3) // a gap in the colour of the ground
        marks.lines({QLineF(area.topRight(), area.bottomRight())}, QPen(theme.surface, 1));
    if (lit == id)
        marks.box(area.adjusted(0, 0, -1, -1), QPen(theme.text, 2));
    return fill;
}

void add_block_label(Marks &marks, const QRectF &area, const QString &name, const QString &value, const QFont &font,
    const QColor &fill, bool may_turn)
{
    const QFontMetricsF metrics(font);
    const double line = metrics.height();
    const bool turnable = may_turn && area.width() >= line && area.height() > area.width();
    if (area.height() < line - 3 || (area.width() < 2.2 * line && !turnable))
        return;
    const double width = area.width() - 6;
    const auto fits = [&](const QString &text) { return metrics.horizontalAdvance(text) <= width; };
    QString text;
    bool turned = false;
    const bool valued = fits(value), named = fits(name);
    const QString split = QString(name).replace(u' ', u'\n');
    const auto split_fits = [&] {
        const QStringList words = name.split(u' ');
        return std::ranges::all_of(words, fits);
    };
    const auto lines = static_cast<int>((area.height() - 1) / line);
    if (named && valued && lines >= 2)
        text = name + u'\n' + value;
    else if (const QString both = name + u"  "_qs + value; named && valued && fits(both))
        text = both;
    else if (valued && lines >= 2 + split.count(u'\n') && split_fits())
        text = split + u'\n' + value;
    else if (turnable && metrics.horizontalAdvance(name + u"  "_qs + value) <= area.height() - 6) {
        text = name + u"  "_qs + value;
        turned = true;
    } else if (named)
        text = name;
    else if (lines >= 1 + split.count(u'\n') && split_fits())
        text = split;
    else if (turnable && metrics.horizontalAdvance(name) <= area.height() - 6) {
        text = name;
        turned = true;
    } else if (valued)
        text = value;
    else
        return;
    marks.add(Marks::Text{text, font, ink_on(fill), area, Qt::AlignCenter | Qt::TextDontClip, {}, turned});
}

void add_bound(Marks &marks, const QRectF &area, Bound bound, const QColor &colour)
{
    switch (bound) {
    case Bound::compute:
        marks.fill(area, colour);
        break;
    case Bound::memory: {
        const double thin = std::max(1.0, std::floor(area.height() / 3));
        marks.fill(QRectF(area.left(), area.top(), area.width(), thin), colour);
        marks.fill(QRectF(area.left(), area.bottom() - thin, area.width(), thin), colour);
        break;
    }
    case Bound::network: {
        constexpr double dash = 6, gap = 3;
        for (double x = area.left(); x < area.right(); x += dash + gap)
            marks.fill(QRectF(x, area.top(), std::min(dash, area.right() - x), area.height()), colour);
        break;
    }
    }
}

ChartOption layer_option(const QString &key)
{
    const auto choices = [](const SceneInput &input) {
        std::vector<OptionChoice> all;
        if (!input.explored)
            return all;
        const ChipView &view = input.explored->leading();
        for (const std::size_t place : layers_of(view.estimate)) {
            const BlockEstimate &block = view.estimate.blocks[place];
            all.push_back({QString::number(all.size()),
                u"%1 × %2"_qs.arg(block.count).arg(to_text(label_of(view.scenario.model, block)))});
        }
        return all;
    };
    return {.key = key,
        .value = u"0"_qs,
        .control = ChartOption::Control::box,
        .name = OperatorTexts::tr("Kind of layer"),
        .choices = choices,
        .hides_alone = true,
        .grows = true,
        .is_value =
            [](const QString &text) {
                bool is = false;
                text.toUInt(&is);
                return is;
            },
        .other_axes = true,
        .step = OperatorTexts::tr("Layer: %1"),
        .remembered = false};
}

std::size_t layer_of(const QString &value)
{
    return value.toUInt();
}

std::size_t place_of_layer(const Estimate &estimate, std::size_t layer)
{
    const std::vector<std::size_t> places = layers_of(estimate);
    return layer < places.size() ? places[layer] : 0;
}

std::vector<LegendEntries> operator_legend(
    const std::function<bool(OpId)> &shows, const Theme &theme, const LegendEntries &more)
{
    const auto square = [](const QColor &colour) {
        return [colour](Marks &marks, const QRectF &box) {
            const double side = std::round(std::min(box.width(), 0.7 * box.height()));
            marks.fill(QRectF(box.right() - side, std::round(box.center().y() - side / 2), side, side), colour);
        };
    };
    LegendEntries full, brief;
    for (std::size_t i = 0; i < stage_count; ++i) {
        const auto stage = static_cast<Stage>(i);
        std::vector<OpId> ids;
        for (const OperatorInfo &info : operators()) {
            if (info.stage == stage && shows(info.id))
                ids.push_back(info.id);
        }
        if (ids.empty())
            continue;
        brief.push_back({to_text(label_of(stage)), square(theme.of(stage))});
        if (info_of(ids.front()).label != label_of(stage))
            full.push_back({to_text(label_of(stage)), nullptr});
        for (const OpId id : ids)
            full.push_back({label_text(id), square(theme.of(id)), false, id});
    }
    const LegendEntries stages = brief;
    full.insert(full.end(), more.begin(), more.end());
    brief.insert(brief.end(), more.begin(), more.end());
    return {full, brief, stages};
}

} // namespace epscope
