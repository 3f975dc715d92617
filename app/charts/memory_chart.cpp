// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/memory_chart.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QPainterPath>
#include <qcustomplot.h>

#include "app/charts/baseline_marks.h"
#include "app/charts/make_chart.h"
#include "core/analysis/explain.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

// All sizes in one unit, the axis's.
QString in_bytes(double bytes)
{
    return QString::fromStdString(short_text(bytes / giga, Dimension::count)) + QStringLiteral(" GB");
}

QString size_text(double bytes)
{
    return QString::fromStdString(compact_text(bytes, Dimension::bytes));
}

QColor colour_of(MemoryKind kind, const Theme &theme)
{
    switch (kind) {
    case MemoryKind::attention:
        return theme.of(Stage::attn0);
    case MemoryKind::shared:
        return theme.of(Stage::shared);
    case MemoryKind::routed:
        return theme.of(Stage::routed);
    case MemoryKind::dense:
        return theme.of(Stage::dense);
    case MemoryKind::embedding_and_head:
        return theme.of(Stage::outside);
    case MemoryKind::mtp:
        return theme.of(Stage::dispatch);
    case MemoryKind::kv_cache:
        return theme.of(Stage::attn1);
    }
    return theme.muted;
}

// What an operator reads from memory.
std::optional<MemoryKind> read_by(OpId op)
{
    switch (info_of(op).stage) {
    case Stage::attn0:
        return MemoryKind::attention;
    case Stage::attn1:
        return op == OpId::flash_mla ? MemoryKind::kv_cache : MemoryKind::attention;
    case Stage::shared:
        return MemoryKind::shared;
    case Stage::routed:
        return MemoryKind::routed;
    case Stage::dense:
        return MemoryKind::dense;
    case Stage::outside:
        return op == OpId::mtp_proj ? MemoryKind::mtp : MemoryKind::embedding_and_head;
    case Stage::dispatch:
    case Stage::combine:
        break;
    }
    return std::nullopt;
}

void dots(QPainter &painter, const QRectF &area, const QColor &colour, double distance)
{
    QPolygonF points;
    bool odd = false;
    for (double y = area.top() + distance / 2; y < area.bottom() - 1; y += distance / 2, odd = !odd) {
        for (double x = area.left() + (odd ? distance : distance / 2); x < area.right() - 1; x += distance)
            points << QPointF(x, y);
    }
    painter.setPen(QPen(colour, distance / 6, Qt::SolidLine, Qt::RoundCap));
    painter.drawPoints(points);
}

enum class Pattern { plain, free, missing, reserved };

void draw_pattern(
    QPainter &painter, const QRectF &area, Pattern pattern, const QColor &colour, const Theme &theme, double em)
{
    switch (pattern) {
    case Pattern::plain:
        painter.fillRect(area, colour);
        break;
    case Pattern::free:
        painter.fillRect(area, theme.surface);
        dots(painter, area, theme.axis, em * 0.6);
        break;
    case Pattern::missing:
        draw_hatch(painter, area, theme.warning, em * 0.45, em * 0.13);
        break;
    case Pattern::reserved:
        painter.fillRect(area, theme.grid);
        draw_hatch(painter, area, theme.axis, em * 0.6);
        break;
    }
}

// "Layers 61 × Attention parameters of a layer 187,105,280 × Parameter element size 1 B".
QString numbers_of(const Explanation &node)
{
    QStringList parts;
    for (const Explanation &child : node.children) {
        const QString value = child.unit.empty() && child.value == std::floor(child.value)
            ? whole_text(static_cast<std::int64_t>(child.value))
            : QString::fromStdString(value_text(child));
        parts << QString::fromStdString(child.title) + u' ' + value;
    }
    return parts.join(node.combine == Combine::sum ? QStringLiteral(" + ") : QStringLiteral(" × "));
}

} // namespace

const char *name_of(MemoryKind kind)
{
    constexpr std::array<const char *, memory_kind_count> names{"attention_weights", "shared_expert_weights",
        "routed_expert_weights", "dense_ffn_weights", "embedding_and_head", "mtp_weights", "kv_cache"};
    return names[static_cast<std::size_t>(kind)];
}

QString label_of(MemoryKind kind)
{
    switch (kind) {
    case MemoryKind::attention:
        return MemoryChart::tr("Attention");
    case MemoryKind::shared:
        return MemoryChart::tr("Shared experts");
    case MemoryKind::routed:
        return MemoryChart::tr("Routed experts");
    case MemoryKind::dense:
        return MemoryChart::tr("Dense FFN");
    case MemoryKind::embedding_and_head:
        return MemoryChart::tr("Embedding and head");
    case MemoryKind::mtp:
        return MemoryChart::tr("MTP layer");
    case MemoryKind::kv_cache:
        return MemoryChart::tr("KV cache");
    }
    return {};
}

double MemoryBar::bytes_of(MemoryKind kind) const
{
    const auto found =
        std::find_if(parts.begin(), parts.end(), [&](const MemoryPart &part) { return part.kind == kind; });
    return found == parts.end() ? 0 : found->bytes;
}

std::vector<MemoryBar> memory_bars(const Explored &explored)
{
    std::vector<MemoryBar> bars;
    for (const ChipView &view : explored.chips) {
        const MemoryBreakdown &memory = view.estimate.memory;
        const Point &point = view.shown.point;
        MemoryBar bar;
        bar.chip = view.chip;
        bar.mark = view.mark;
        bar.name = QString::fromStdString(view.scenario.chip.name);
        bar.configuration =
            MemoryChart::tr("EP %1, batch %2, KV %3, parameters %4, draft %5")
                .arg(QString::number(point.ep), QString::number(point.batch), size_text(point.kv_elem_size),
                    size_text(point.param_elem_size), QString::number(point.mtp_len));
        const std::array<double, memory_kind_count> sizes{memory.attention, memory.shared_experts,
            memory.routed_experts, memory.dense_ffn, memory.embedding_and_head, memory.mtp, memory.kv_cache};
        for (std::size_t kind = 0; kind < memory_kind_count; ++kind) {
            if (sizes[kind] > 0)
                bar.parts.push_back({static_cast<MemoryKind>(kind), bar.used, sizes[kind]});
            bar.used += sizes[kind];
        }
        bar.usable = memory.usable;
        bar.memory = view.scenario.chip.memory.si();
        bar.largest_batch = memory.max_batch;
        bars.push_back(std::move(bar));
    }
    return bars;
}

QString formula_of(MemoryKind kind, const Scenario &scenario)
{
    const Explanation memory = *explain(scenario, output::free_memory);
    const Explanation *part = find_explanation(memory, name_of(kind));
    if (!part)
        return {};
    QStringList lines{numbers_of(*part)};
    for (const Explanation &child : part->children) { // bytes of bytes
        if (child.unit == part->unit && !child.children.empty())
            lines << QString::fromStdString(child.title) + QStringLiteral(" = ") + numbers_of(child);
    }
    return lines.join(u'\n');
}

// Draws the bars into the axis rect: for each chip a line of text and the bar below it.
class MemoryBarsItem : public QCPAbstractItem {
public:
    explicit MemoryBarsItem(QCustomPlot *plot)
        : QCPAbstractItem(plot)
    {
    }

    const std::vector<MemoryBar> *bars = nullptr;
    const std::vector<std::optional<MemoryBar>> *ghosts = nullptr;
    std::size_t baseline_mark = 0; // what they are drawn with
    double threshold = 0; // of their changes
    const Theme *theme = nullptr;
    std::optional<MemoryKind> lit;
    bool any_lit = false;
    QFont font;

    double selectTest(const QPointF &, bool, QVariant *) const override { return -1; }

    QRectF row(std::size_t index) const
    {
        const QRectF area = mParentPlot->axisRect()->rect();
        const double em = QFontMetricsF(font).height();
        const double height = std::min(area.height() / static_cast<double>(bars->size()), most_row * em);
        const double top = area.top() + (area.height() - height * static_cast<double>(bars->size())) / 2;
        return {area.left(), top + static_cast<double>(index) * height, area.width(), height};
    }

    // Whether each bar has a line of text above it; else the chips' names stand left of the axis.
    bool has_text_line(double row_height) const { return row_height >= 3.4 * QFontMetricsF(font).height(); }

    QRectF bar(std::size_t index) const
    {
        const double em = QFontMetricsF(font).height();
        const QRectF area = row(index);
        const bool above = has_text_line(area.height());
        const double gap = above ? std::min(0.6 * em, 0.15 * area.height()) : std::max(1.0, 0.12 * area.height());
        const double text = above ? text_line * em : 0, below = ghost_height(index) > 0 ? ghost_height(index) + 2 : 0;
        return {area.left(), area.top() + gap + text, area.width(),
            std::max(2.0, area.height() - gap - text - (text > 0 ? 0.25 * em : gap) - below)};
    }

    // Of the thin bar of the baseline below a chip's own.
    double ghost_height(std::size_t index) const
    {
        return ghosts && (*ghosts)[index]
            ? std::clamp(0.15 * row(index).height(), 2.0, 0.9 * QFontMetricsF(font).height())
            : 0;
    }

    // Of the names left of the axis.
    double names_width() const
    {
        double most = 0;
        for (const MemoryBar &each : *bars)
            most = std::max(most, QFontMetricsF(font).horizontalAdvance(each.name));
        return most + 2 * QFontMetricsF(font).height();
    }

    QRectF span(std::size_t index, double from, double to) const
    {
        const QCPAxis *axis = mParentPlot->xAxis;
        QRectF area = bar(index);
        area.setLeft(axis->coordToPixel(from / giga));
        area.setRight(axis->coordToPixel(to / giga));
        return area;
    }

protected:
    void draw(QCPPainter *painter) override
    {
        if (!bars || !theme)
            return;
        painter->setAntialiasing(false);
        for (std::size_t i = 0; i < bars->size(); ++i)
            draw_bar(*painter, i);
    }

private:
    // In text heights:
    static constexpr double most_row = 7;
    static constexpr double text_line = 1.4; // with the gap to the bar

    void draw_bar(QCPPainter &painter, std::size_t index) const
    {
        const MemoryBar &data = (*bars)[index];
        painter.save();
        painter.setClipRect(QRectF(mParentPlot->axisRect()->rect()).adjusted(-1, 0, 1, 0), Qt::IntersectClip);
        const double em = QFontMetricsF(font).height();
        for (const MemoryPart &part : data.parts) {
            const QRectF area = span(index, part.from, part.from + part.bytes);
            QColor fill = colour_of(part.kind, *theme);
            if (any_lit && lit != part.kind)
                fill.setAlphaF(0.3F);
            painter.fillRect(area, fill);
            painter.setPen(QPen(theme->surface, 1));
            painter.drawLine(QLineF(area.topRight(), area.bottomRight()));
        }
        if (data.free() > 0) {
            const QRectF free = span(index, data.used, data.usable);
            draw_pattern(painter, free, Pattern::free, {}, *theme, em);
        }
        if (data.usable < data.memory)
            draw_pattern(painter, span(index, std::clamp(data.used, data.usable, data.memory), data.memory),
                Pattern::reserved, {}, *theme, em);
        if (data.free() < 0) {
            const QRectF missing = span(index, data.usable, data.used);
            QColor veil = theme->surface;
            veil.setAlphaF(0.6F);
            painter.fillRect(missing, veil);
            draw_pattern(painter, missing, Pattern::missing, {}, *theme, em);
            painter.setPen(QPen(theme->warning, 1.5));
            painter.setBrush(Qt::NoBrush);
            painter.drawRect(missing);
        }
        painter.setPen(QPen(theme->axis, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(span(index, 0, data.memory));
        draw_capacity(painter, index);
        draw_labels(painter, index);
        draw_ghost(painter, index);
        painter.restore();
        if (has_text_line(row(index).height()))
            draw_line_above(painter, index);
        else
            draw_name(painter, index);
    }

    void draw_ghost(QCPPainter &painter, std::size_t index) const
    {
        const double height = ghost_height(index);
        if (!(height > 0))
            return;
        const MemoryBar &data = *(*ghosts)[index];
        const auto place = [&](double from, double to) {
            const QRectF area = span(index, from, to);
            return QRectF(area.left(), bar(index).bottom() + 2, area.width(), height);
        };
        for (const MemoryPart &part : data.parts) {
            QColor fill = colour_of(part.kind, *theme);
            fill.setAlphaF(0.35F);
            painter.fillRect(place(part.from, part.from + part.bytes), fill);
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(theme->baseline_pen(baseline_mark, 1));
        painter.drawRect(place(0, data.used));
        painter.setPen(QPen(theme->baseline(baseline_mark), 2, Qt::SolidLine, Qt::FlatCap));
        const QRectF whole = place(0, data.memory);
        painter.drawLine(whole.topRight(), whole.bottomRight());
        const auto change = change_of(data.used, (*bars)[index].used);
        const double line = QFontMetricsF(font).height();
        if (!change || height < 0.4 * line)
            return;
        QFont bold = font;
        bold.setBold(true);
        const double width = QFontMetricsF(bold).horizontalAdvance(change_text(*change)) + 6;
        const QRectF used = place(0, data.used);
        const double left = std::min(used.right() + 5, mParentPlot->axisRect()->right() - width);
        draw_change(painter, QRectF(left, used.center().y() - line / 2, width, line), change_text(*change), font,
            change_colour(*change, threshold, Better::neither, *theme), theme->surface);
    }

    // The end of the memory, and of its usable part where that is less.
    void draw_capacity(QCPPainter &painter, std::size_t index) const
    {
        const MemoryBar &data = (*bars)[index];
        const QRectF area = span(index, 0, data.memory);
        const double over = std::min(3.0, area.height() / 4);
        painter.setPen(QPen(theme->text, 2, Qt::SolidLine, Qt::FlatCap));
        painter.drawLine(QLineF(area.right(), area.top() - over, area.right(), area.bottom() + over));
        if (data.usable < data.memory) {
            const double x = span(index, 0, data.usable).right();
            painter.setPen(QPen(theme->text, 1.5, Qt::DashLine, Qt::FlatCap));
            painter.drawLine(QLineF(x, area.top() - over, x, area.bottom() + over));
        }
    }

    void draw_labels(QCPPainter &painter, std::size_t index) const
    {
        const MemoryBar &data = (*bars)[index];
        const QRectF visible = mParentPlot->axisRect()->rect();
        painter.setFont(font);
        for (const MemoryPart &part : data.parts) {
            // What is missing is hatched, and says so itself.
            const QRectF area =
                span(index, part.from, std::min(part.from + part.bytes, std::max(part.from, data.usable))) & visible;
            QColor ink = ink_on(colour_of(part.kind, *theme));
            if (any_lit && lit != part.kind)
                ink = theme->muted;
            draw_label(painter, area, label_of(part.kind), in_bytes(part.bytes), ink, false);
        }
        if (data.free() > 0)
            draw_label(painter, span(index, data.used, data.usable) & visible, MemoryChart::tr("Free"),
                in_bytes(data.free()), theme->text, true);
        if (data.usable < data.memory && data.used < data.memory)
            draw_label(painter, span(index, std::max(data.usable, data.used), data.memory) & visible,
                MemoryChart::tr("Not usable"), in_bytes(data.memory - data.usable), theme->text, true);
    }

    void draw_label(QCPPainter &painter, const QRectF &area, const QString &label, const QString &bytes,
        const QColor &ink, bool on_pattern) const
    {
        const QFontMetricsF metrics(font);
        const double room = area.width() - 0.5 * metrics.height();
        const double label_width = metrics.horizontalAdvance(label), bytes_width = metrics.horizontalAdvance(bytes);
        const QString one_line = label + u' ' + bytes;
        QString text;
        if (area.height() >= 2.1 * metrics.height() && std::max(label_width, bytes_width) <= room)
            text = label + u'\n' + bytes;
        else if (area.height() >= metrics.height() && metrics.horizontalAdvance(one_line) <= room)
            text = one_line;
        else if (area.height() >= metrics.height() && bytes_width <= room)
            text = bytes;
        else
            return;
        if (on_pattern) {
            QRectF patch = metrics.boundingRect(area, Qt::AlignCenter, text);
            patch.adjust(-4, -1, 4, 1);
            painter.fillRect(patch & area, theme->surface);
        }
        painter.setPen(ink);
        painter.drawText(area, Qt::AlignCenter, text);
    }

    // Left of the axis, in the colour of warnings if the configuration does not fit.
    void draw_name(QCPPainter &painter, std::size_t index) const
    {
        const MemoryBar &data = (*bars)[index];
        const QRectF area = bar(index);
        const double em = QFontMetricsF(font).height();
        QFont fitting = font;
        if (const double height = row(index).height(); height < em)
            fitting.setPointSizeF(std::max(5.0, font.pointSizeF() * height / em));
        const QRectF place(0, area.top() - em, area.left() - 1.3 * em, area.height() + 2 * em);
        painter.setFont(fitting);
        painter.setPen(data.free() < 0 ? theme->warning : theme->text);
        painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter,
            QFontMetricsF(fitting).elidedText(data.name, Qt::ElideRight, std::max(0.0, place.width())));
        draw_chip(painter, data.mark, QPointF(area.left() - 0.65 * em, area.center().y()),
            std::min(0.55 * em, area.height()));
        painter.setFont(font);
    }

    void draw_chip(QCPPainter &painter, std::size_t mark, const QPointF &centre, double size) const
    {
        painter.setAntialiasing(true);
        draw_chip_marker(painter, mark, centre, size, QPen(theme->chip(mark), 1), theme->chip(mark));
        painter.setAntialiasing(false);
    }

    // Chip, configuration, and the largest batch that fits or what is missing.
    void draw_line_above(QCPPainter &painter, std::size_t index) const
    {
        const MemoryBar &data = (*bars)[index];
        const QFontMetricsF metrics(font);
        const double em = metrics.height();
        const QRectF area = row(index);
        QRectF line(area.left(), bar(index).top() - text_line * em, area.width(), 1.15 * em);
        QFont bold = font;
        bold.setBold(true);
        const QFontMetricsF bold_metrics(bold);
        const double swatch = 0.6 * em;
        draw_chip(painter, data.mark, QPointF(line.left() + swatch / 2, line.center().y()), swatch);
        line.setLeft(line.left() + 1.5 * swatch);

        const bool missing = data.free() < 0;
        const QString largest = data.largest_batch > 0
            ? MemoryChart::tr("largest batch that fits: %1").arg(data.largest_batch)
            : MemoryChart::tr("no batch fits");
        const QString brief =
            data.largest_batch > 0 ? MemoryChart::tr("largest batch: %1").arg(data.largest_batch) : largest;
        const QString warning = missing ? MemoryChart::tr("%1 missing").arg(in_bytes(-data.free())) : QString();
        const QString name = MemoryChart::tr("%1, %2").arg(data.name, in_bytes(data.memory));
        const double name_width = bold_metrics.horizontalAdvance(name) + 0.7 * em;
        const double warning_width = missing ? bold_metrics.horizontalAdvance(warning) + 0.7 * em : 0;
        const double room = line.width() - name_width - warning_width - 0.7 * em;
        const QString right = metrics.horizontalAdvance(largest) <= room ? largest
            : metrics.horizontalAdvance(brief) <= room                   ? brief
                                                                         : QString();
        const double right_width = metrics.horizontalAdvance(right);

        painter.setFont(bold);
        painter.setPen(theme->text);
        painter.drawText(
            line, Qt::AlignLeft | Qt::AlignVCenter, metrics.horizontalAdvance(name) <= line.width() ? name : data.name);
        if (missing) {
            painter.setPen(theme->warning);
            QRectF place = line;
            place.setRight(line.right() - (right.isEmpty() ? 0 : right_width + 0.7 * em));
            painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter, warning);
        }
        painter.setFont(font);
        painter.setPen(theme->text);
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, right);
        painter.setPen(theme->muted);
        QRectF middle = line;
        middle.setLeft(line.left() + name_width);
        const double left_over = room - right_width;
        if (left_over > 6 * em) {
            middle.setWidth(left_over);
            painter.drawText(middle, Qt::AlignLeft | Qt::AlignVCenter,
                metrics.elidedText(data.configuration, Qt::ElideRight, left_over));
        }
    }
};

MemoryChart::MemoryChart(QWidget *parent)
    : Chart(QStringLiteral("memory"), chart_title("memory"), parent)
    , legend(make_legend(plot(), [this](const QSize &size) { arrange(size); }))
{
    QCustomPlot &chart_plot = *plot();
    item = new MemoryBarsItem(&chart_plot);
    item->setClipToAxisRect(false);
    chart_plot.plotLayout()->insertRow(0);
    chart_plot.plotLayout()->addElement(0, 0, legend);
    chart_plot.plotLayout()->setRowSpacing(0);
    chart_plot.yAxis->setVisible(false);
    chart_plot.xAxis->setLabel(tr("Memory per card (GB)"));
    chart_plot.xAxis->setTickLength(0, 4);
    chart_plot.axisRect()->setRangeZoomAxes({chart_plot.xAxis});
}

void MemoryChart::draw(const Explored &explored, const Theme &theme)
{
    bars = memory_bars(explored);
    double most = 0;
    std::array<bool, memory_kind_count> present{};
    bool any_free = false, any_missing = false, any_reserved = false;
    for (const MemoryBar &bar : bars) {
        most = std::max({most, bar.memory, bar.used});
        for (const MemoryPart &part : bar.parts)
            present[static_cast<std::size_t>(part.kind)] = true;
        any_free = any_free || bar.free() > 0;
        any_missing = any_missing || bar.free() < 0;
        any_reserved = any_reserved || bar.usable < bar.memory;
    }
    const Baseline *baseline = baselines().primary();
    ghosts.assign(bars.size(), std::nullopt);
    if (baseline) {
        for (const MemoryBar &before : memory_bars(*baseline->explored)) {
            const auto same =
                std::find_if(bars.begin(), bars.end(), [&](const MemoryBar &bar) { return bar.name == before.name; });
            if (same == bars.end())
                continue;
            ghosts[static_cast<std::size_t>(same - bars.begin())] = before;
            most = std::max({most, before.memory, before.used});
        }
    }
    fit_axis(plot()->xAxis, most / giga);

    item->bars = &bars;
    item->ghosts = &ghosts;
    item->baseline_mark = baseline ? baseline->mark : 0;
    item->threshold = baselines().threshold;
    item->theme = &theme;
    item->font = font();
    item->lit = highlighted() ? read_by(*highlighted()) : std::nullopt;
    item->any_lit = item->lit.has_value();

    LegendEntries entries;
    const auto add = [&](const QString &text, Pattern pattern, const QColor &colour) {
        entries.push_back({text, [pattern, colour, &theme](QCPPainter &painter, const QRectF &box) {
                               const QRectF swatch = box.adjusted(0, 0.12 * box.height(), 0, -0.12 * box.height());
                               draw_pattern(painter, swatch, pattern, colour, theme, box.height());
                               painter.setBrush(Qt::NoBrush);
                               painter.setPen(QPen(theme.axis, 1));
                               if (pattern != Pattern::plain)
                                   painter.drawRect(swatch);
                           }});
    };
    for (std::size_t i = 0; i < memory_kind_count; ++i) {
        const auto kind = static_cast<MemoryKind>(i);
        if (present[i])
            add(label_of(kind), Pattern::plain, colour_of(kind, theme));
    }
    if (any_free)
        add(tr("Free"), Pattern::free, {});
    if (any_reserved)
        add(tr("Not usable"), Pattern::reserved, {});
    if (any_missing)
        add(tr("Missing"), Pattern::missing, {});
    if (baseline)
        entries.push_back(baseline_bar(*baseline, theme));
    constexpr double sample_width = 1.2;
    set_legend(legend, {std::move(entries)}, {font(), theme.text, theme.muted, sample_width});
}

void MemoryChart::arrange(const QSize &size)
{
    if (bars.empty())
        return;
    const double em = QFontMetricsF(font()).height();
    const double rows = size.height() - legend->minimumOuterSizeHint().height() - 3 * em;
    const bool above = item->has_text_line(rows / static_cast<double>(bars.size()));
    const double left = above ? em : std::min(0.3 * size.width(), item->names_width());
    plot()->axisRect()->setMinimumMargins(QMargins(static_cast<int>(left), 4, static_cast<int>(em), 0));
    plot()->xAxis->ticker()->setTickCount(std::clamp(static_cast<int>((size.width() - left) / (5 * em)), 2, 8));
}

QRectF MemoryChart::area_of(std::size_t bar, MemoryKind kind) const
{
    for (const MemoryPart &part : bars[bar].parts) {
        if (part.kind == kind)
            return item->span(bar, part.from, part.from + part.bytes);
    }
    return {};
}

QRectF MemoryChart::area_of_free(std::size_t bar) const
{
    return bars[bar].free() > 0 ? item->span(bar, bars[bar].used, bars[bar].usable) : QRectF();
}

QRectF MemoryChart::area_of_missing(std::size_t bar) const
{
    return bars[bar].free() < 0 ? item->span(bar, bars[bar].usable, bars[bar].used) : QRectF();
}

std::optional<std::size_t> MemoryChart::bar_at(const QPointF &position) const
{
    if (!plot()->axisRect()->rect().contains(position.toPoint()))
        return std::nullopt;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        if (item->row(i).contains(position))
            return i;
    }
    return std::nullopt;
}

std::optional<Hover> MemoryChart::hover_at(const QPointF &position) const
{
    const std::optional<std::size_t> index = bar_at(position);
    if (!index || !item->bar(*index).contains(position))
        return std::nullopt;
    const MemoryBar &bar = bars[*index];
    const Scenario &scenario = explored()->chips[*index].scenario;
    const std::optional<MemoryBar> &ghost = ghosts[*index];
    // `before`: the same in the baseline, B.
    const auto text = [&](const char *number, const QString &what, double bytes, const QString &formula,
                          double before) {
        const QString share = QString::fromStdString(short_text(100 * bytes / bar.memory, Dimension::count));
        const QString line =
            tr("%1, %2: %3 (%4 % of %5)").arg(bar.name, what, in_bytes(bytes), share, in_bytes(bar.memory));
        const auto change = change_of(before, bytes);
        const QString against =
            change ? u'\n' + against_text(*change, in_bytes(before), baselines().primary()->name) : QString();
        const QString hint = explains() ? u'\n' + tr("click: where it comes from") : QString();
        return Hover{line + against + u'\n' + formula + u'\n' + bar.configuration + hint, {}, {},
            Explainable{number, scenario.chip.name}};
    };
    if (area_of_missing(*index).contains(position))
        return text("free_memory", tr("missing"), -bar.free(),
            tr("%1 needed − %2 usable; %3")
                .arg(in_bytes(bar.used), in_bytes(bar.usable),
                    bar.largest_batch > 0 ? tr("the largest batch that fits is %1").arg(bar.largest_batch)
                                          : tr("no batch fits")),
            ghost ? -ghost->free() : 0);
    for (const MemoryPart &part : bar.parts) {
        if (area_of(*index, part.kind).contains(position))
            return text(name_of(part.kind), label_of(part.kind), part.bytes, formula_of(part.kind, scenario),
                ghost ? ghost->bytes_of(part.kind) : 0);
    }
    if (area_of_free(*index).contains(position))
        return text("free_memory", tr("free"), bar.free(),
            tr("%1 usable − %2 used; the largest batch that fits is %3")
                .arg(in_bytes(bar.usable), in_bytes(bar.used), QString::number(bar.largest_batch)),
            ghost ? ghost->free() : 0);
    if (item->span(*index, bar.usable, bar.memory).contains(position))
        return text("unusable_memory", tr("not usable"), bar.memory - bar.usable,
            tr("the profile uses %1 % of the memory").arg(exact(100 * scenario.profile.usable_memory_fraction)),
            ghost ? ghost->memory - ghost->usable : 0);
    return std::nullopt;
}

void MemoryChart::clicked(const QPointF &position)
{
    if (const std::optional<Hover> part = explored() ? hover_at(position) : std::nullopt) {
        emit explanation_wanted(*part->number);
    } else if (const std::optional<std::size_t> index = bar_at(position)) {
        const Scenario &scenario = explored()->chips[*index].scenario;
        emit configuration_picked({scenario.chip.name, scenario.nic.name, scenario.point});
    }
}

ChartTable MemoryChart::table() const
{
    ChartTable table;
    table.header << tr("Chip") << tr("NIC") << tr("Pipeline") << tr("EP") << tr("KV cache element (B)")
                 << tr("Parameter (B)") << tr("Draft length") << tr("Batch");
    for (std::size_t i = 0; i < memory_kind_count; ++i)
        table.header << tr("%1 (B)").arg(label_of(static_cast<MemoryKind>(i)));
    table.header << tr("Used (B)") << tr("Usable (B)") << tr("Free (B)") << tr("Memory (B)")
                 << tr("Largest batch that fits");
    if (!newest())
        return table;
    add_rows(table, *newest());
    add_baselines(table, [&](const Baseline &pin) { add_rows(table, *pin.explored); });
    return table;
}

void MemoryChart::add_rows(ChartTable &table, const Explored &of)
{
    for (const MemoryBar &bar : memory_bars(of)) {
        const Scenario &scenario = of.chips[bar.chip].scenario;
        const Point &point = scenario.point;
        QStringList row{bar.name, QString::fromStdString(scenario.nic.name), qstring(name_of(point.policy)),
            QString::number(point.ep), exact(point.kv_elem_size), exact(point.param_elem_size),
            QString::number(point.mtp_len), QString::number(point.batch)};
        for (std::size_t i = 0; i < memory_kind_count; ++i)
            row << exact(bar.bytes_of(static_cast<MemoryKind>(i)));
        row << exact(bar.used) << exact(bar.usable) << exact(bar.free()) << exact(bar.memory)
            << QString::number(bar.largest_batch);
        table.rows.push_back(row);
    }
}

} // namespace epscope
