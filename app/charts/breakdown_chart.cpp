// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/breakdown_chart.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QButtonGroup>
#include <QFontMetricsF>
#include <QHBoxLayout>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include "app/charts/baseline_marks.h"
#include "app/charts/make_chart.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

// What a unit makes of a bar whose operators add up to sum_s.
double axis_factor(BreakdownUnit unit, double sum_s)
{
    switch (unit) {
    case BreakdownUnit::us_per_layer:
        return 1e6;
    case BreakdownUnit::ms_per_step:
        return 1e3;
    case BreakdownUnit::share:
        return sum_s > 0 ? 100 / sum_s : 0;
    }
    return 0;
}

// The blocks that a bar adds up: the first kind of layer alone, or all of the step.
std::size_t blocks_shown(const Estimate &estimate, BreakdownUnit unit)
{
    return unit == BreakdownUnit::us_per_layer ? std::min<std::size_t>(1, estimate.blocks.size())
                                               : estimate.blocks.size();
}

// How often a block's operators run in the layer or the step.
double runs_of(const BlockEstimate &block, BreakdownUnit unit)
{
    return static_cast<double>(unit == BreakdownUnit::us_per_layer ? block.repeats : block.count * block.repeats);
}

// One of several exclusive choices side by side; as plain as the charts, in the palette's colours.
class UnitButton : public QPushButton {
public:
    explicit UnitButton(const QString &text)
        : QPushButton(text)
    {
        setCheckable(true);
        setCursor(Qt::PointingHandCursor);
    }

    QSize sizeHint() const override
    {
        const QFontMetrics metrics = fontMetrics();
        return {metrics.horizontalAdvance(text()) + 2 * metrics.averageCharWidth() + 6, metrics.height() + 6};
    }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        const QPalette &colours = palette();
        painter.setPen(QPen(colours.color(QPalette::Mid), 1));
        painter.setBrush(colours.color(isChecked() ? QPalette::Highlight
                : underMouse()                     ? QPalette::AlternateBase
                                                   : QPalette::Base));
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
        painter.setPen(colours.color(isChecked() ? QPalette::HighlightedText : QPalette::Text));
        painter.drawText(rect(), Qt::AlignCenter, text());
        if (hasFocus()) {
            painter.setPen(
                QPen(colours.color(isChecked() ? QPalette::HighlightedText : QPalette::Highlight), 1, Qt::DotLine));
            painter.setBrush(Qt::NoBrush);
            painter.drawRect(QRectF(rect()).adjusted(3.5, 3.5, -3.5, -3.5));
        }
    }
    void enterEvent(QEnterEvent *) override { update(); }
    void leaveEvent(QEvent *) override { update(); }
};

} // namespace

BreakdownSeries breakdown_series(const Explored &explored, BreakdownUnit unit)
{
    BreakdownSeries series;
    series.unit = unit;
    for (std::size_t view = 0; view < explored.chips.size(); ++view) {
        const Estimate &estimate = explored.chips[view].estimate;
        struct Sum {
            double time_s = 0;
            std::array<double, 3> by_bound{};
        };
        std::vector<Sum> sums(operators().size());
        BreakdownBar bar;
        bar.view = view;
        for (std::size_t i = 0; i < blocks_shown(estimate, unit); ++i) {
            const BlockEstimate &block = estimate.blocks[i];
            const double runs = runs_of(block, unit);
            for (const OperatorEstimate &op : block.operators) {
                if (!std::isfinite(op.time_s))
                    continue;
                Sum &sum = sums[static_cast<std::size_t>(op.id)];
                sum.time_s += runs * op.time_s;
                sum.by_bound[static_cast<std::size_t>(op.bound)] += runs * op.time_s;
            }
            const double span_s = unit == BreakdownUnit::us_per_layer ? block.time_s : block.total_s;
            bar.span_s += std::isfinite(span_s) ? span_s : 0;
        }
        for (const Sum &sum : sums) // in the order in which the explanation adds them
            bar.sum_s += sum.time_s;
        const double factor = axis_factor(unit, bar.sum_s);
        for (const OperatorInfo &info : operators()) {
            const Sum &sum = sums[static_cast<std::size_t>(info.id)];
            if (!(sum.time_s > 0))
                continue;
            const auto longest = std::max_element(sum.by_bound.begin(), sum.by_bound.end());
            const auto bound = static_cast<Bound>(longest - sum.by_bound.begin());
            bar.segments.push_back(
                {info.id, bound, sum.time_s, bar.end, bar.end + factor * sum.time_s, sum.time_s / bar.sum_s});
            bar.end = bar.segments.back().to;
        }
        bar.mark = factor * bar.span_s;
        series.longest = std::max({series.longest, bar.end, bar.mark});
        series.bars.push_back(std::move(bar));
    }
    return series;
}

std::vector<std::optional<BreakdownGhost>> breakdown_ghosts(
    const Explored &explored, const PinnedBaselines &baselines, BreakdownUnit unit)
{
    std::vector<std::optional<BreakdownGhost>> ghosts(explored.chips.size());
    const Baseline *baseline = baselines.primary();
    if (!baseline)
        return ghosts;
    const BreakdownSeries before = breakdown_series(*baseline->explored, unit), now = breakdown_series(explored, unit);
    for (std::size_t i = 0; i < ghosts.size(); ++i) {
        const ChipView *view = baseline->view(explored.chips[i].scenario.chip.name);
        if (!view)
            continue;
        const BreakdownBar &bar = before.bars[static_cast<std::size_t>(view - baseline->explored->chips.data())];
        if (const std::optional<ValueChange> change = change_of(bar.span_s, now.bars[i].span_s))
            ghosts[i] = BreakdownGhost{bar, *change};
    }
    return ghosts;
}

// The bars with all that stands at them, laid out in pixels when they are drawn: an export has another size than the
// screen.
class BreakdownChart::Bars : public QCPAbstractItem {
public:
    struct Row {
        QRectF bar; // over the axis rect's width
        QRectF bound; // the strip below
        QRectF ghost; // of the baseline, below that; empty if there is none
        double line; // height of a line of text
        bool marked; // room above the bar for the time of the layer or step
        bool worded; // room below for what binds in words
    };

    explicit Bars(BreakdownChart &owner)
        : QCPAbstractItem(owner.plot())
        , chart(owner)
    {
        setClipToAxisRect(false);
        setSelectable(false);
        setAntialiased(false);
    }

    double selectTest(const QPointF &, bool, QVariant *) const override { return -1; }

    Row row(std::size_t index) const
    {
        const QRectF area = chart.plot()->axisRect()->rect();
        Row result{};
        result.line = QFontMetricsF(chart.font()).height();
        const double line = result.line;
        const double height = area.height() / static_cast<double>(chart.series.bars.size());
        const double more = chart.has_ghosts() ? line : 0;
        result.marked = height >= 2.6 * line + more;
        result.worded = height >= 4.2 * line + 2 * more;
        const double above = result.marked ? line + 5 : 0;
        const double ghost = chart.has_ghosts() ? std::clamp(0.2 * height, 2.0, 0.9 * line) : 0;
        const double below = (result.worded ? line + 6 : height >= 16 ? 6 : 3) + (ghost > 0 ? ghost + 2 : 0);
        const double gap = std::clamp(0.12 * height, 1.0, line);
        const double bar = std::clamp(height - above - below - gap, 2.0, 4.5 * line);
        const double top =
            area.top() + height * static_cast<double>(index) + (height - above - bar - below) / 2 + above;
        result.bar = QRectF(area.left(), std::round(top), area.width(), std::round(bar));
        result.bound = QRectF(area.left(), result.bar.bottom() + 2, area.width(), height >= 16 ? 4 : 2);
        if (ghost > 0)
            result.ghost = QRectF(
                area.left(), result.bound.bottom() + (result.worded ? line : 0) + 2, area.width(), std::round(ghost));
        return result;
    }

    std::optional<std::size_t> row_at(const QPointF &position) const
    {
        const QRectF area = chart.plot()->axisRect()->rect();
        if (chart.series.bars.empty() || position.y() < area.top() || position.y() >= area.bottom())
            return std::nullopt;
        const double height = area.height() / static_cast<double>(chart.series.bars.size());
        return std::min(chart.series.bars.size() - 1, static_cast<std::size_t>((position.y() - area.top()) / height));
    }

    // In pixels, cut to the axis rect.
    QRectF area_of(const BreakdownSegment &segment, const Row &row) const
    {
        QCPAxis *axis = chart.plot()->xAxis;
        const double left = std::max(row.bar.left(), axis->coordToPixel(segment.from));
        const double right = std::min(row.bar.right(), axis->coordToPixel(segment.to));
        return QRectF(left, row.bar.top(), std::max(0.0, right - left), row.bar.height());
    }

    bool two_lines(double row_height) const { return row_height >= 2.4 * QFontMetricsF(chart.font()).height(); }

    // Left of the axis: name and configuration of each chip.
    double label_width(double row_height) const
    {
        const QFontMetricsF metrics(bold());
        double most = 0;
        for (const BreakdownBar &bar : chart.series.bars) {
            const double name = metrics.horizontalAdvance(name_of(bar));
            const double point = metrics.horizontalAdvance(point_of(bar));
            most = std::max(
                most, two_lines(row_height) ? std::max(name, point) : name + metrics.horizontalAdvance(u' ') + point);
        }
        return most + 2 * text_padding + chip_strip + 4;
    }

protected:
    void draw(QCPPainter *painter) override
    {
        painter->setFont(chart.font());
        for (std::size_t i = 0; i < chart.series.bars.size(); ++i) {
            const BreakdownBar &bar = chart.series.bars[i];
            const Row place = row(i);
            draw_name(*painter, bar, place);
            painter->save();
            painter->setClipRect(
                QRectF(chart.plot()->axisRect()->rect()).adjusted(0, -place.line, 1, place.line), Qt::IntersectClip);
            draw_segments(*painter, bar, place);
            draw_bounds(*painter, bar, place);
            draw_mark(*painter, bar, place);
            if (chart.ghosts[i] && chart.baselines().primary())
                draw_ghost(*painter, *chart.ghosts[i], place);
            painter->restore();
        }
    }

private:
    BreakdownChart &chart;
    static constexpr double chip_strip = 5; // px

    const ChipView &view_of(const BreakdownBar &bar) const { return chart.explored()->chips[bar.view]; }
    bool feasible(const BreakdownBar &bar) const { return view_of(bar).estimate.feasible(); }

    QFont bold() const
    {
        QFont font = chart.font();
        font.setBold(true);
        return font;
    }

    QString name_of(const BreakdownBar &bar) const
    {
        return QString::fromStdString(chart.explored()->searched.chips[view_of(bar).chip].name);
    }

    QString point_of(const BreakdownBar &bar) const
    {
        const Point &point = view_of(bar).shown.point;
        return BreakdownChart::tr("EP %1 × %2").arg(point.ep).arg(point.batch);
    }

    QString short_point_of(const BreakdownBar &bar) const
    {
        const Point &point = view_of(bar).shown.point;
        return BreakdownChart::tr("%1 × %2").arg(point.ep).arg(point.batch);
    }

    void draw_name(QCPPainter &painter, const BreakdownBar &bar, const Row &place) const
    {
        const Theme &theme = chart.theme();
        const std::size_t mark = view_of(bar).mark;
        const double strip = place.bar.left() - 2 - chip_strip / 2;
        painter.setPen(QPen(theme.chip(mark), chip_strip, theme.chip_dash(mark), Qt::FlatCap));
        painter.drawLine(QPointF(strip, place.bar.top()), QPointF(strip, place.bar.bottom()));

        const double right = place.bar.left() - 2 - chip_strip - text_padding;
        const QFont plain = chart.font();
        const QFont heavy = bar.view == chart.explored()->lead ? bold() : plain;
        const QColor ink = feasible(bar) ? theme.text : theme.muted;
        const QFontMetricsF metrics(heavy);
        const double height = chart.plot()->axisRect()->height() / static_cast<double>(chart.series.bars.size());
        const double middle = place.bar.center().y();
        painter.setPen(ink);
        painter.setFont(heavy);
        if (two_lines(height)) {
            painter.drawText(QRectF(text_padding, middle - place.line, right - text_padding, place.line),
                Qt::AlignRight | Qt::AlignVCenter,
                metrics.elidedText(name_of(bar), Qt::ElideMiddle, right - text_padding));
            painter.setFont(plain);
            painter.setPen(theme.muted);
            painter.drawText(QRectF(text_padding, middle, right - text_padding, place.line),
                Qt::AlignRight | Qt::AlignVCenter,
                first_fitting({point_of(bar), short_point_of(bar)}, plain, right - text_padding));
        } else {
            QFont fitting = heavy;
            if (height < place.line)
                fitting.setPixelSize(std::max(6, static_cast<int>(height * QFontInfo(heavy).pixelSize() / place.line)));
            painter.setFont(fitting);
            const QString name = name_of(bar),
                          elided = QFontMetricsF(fitting).elidedText(name, Qt::ElideRight, right - text_padding);
            painter.drawText(QRectF(text_padding, middle - height, right - text_padding, 2 * height),
                Qt::AlignRight | Qt::AlignVCenter,
                first_fitting(
                    {QString(name + u' ' + point_of(bar)), QString(name + u' ' + short_point_of(bar)), name, elided},
                    fitting, right - text_padding));
        }
        painter.setFont(plain);
    }

    void draw_segments(QCPPainter &painter, const BreakdownBar &bar, const Row &place) const
    {
        const Theme &theme = chart.theme();
        const double mark = chart.plot()->xAxis->coordToPixel(bar.mark);
        for (const BreakdownSegment &segment : bar.segments) {
            const QRectF area = area_of(segment, place);
            if (area.width() <= 0)
                continue;
            const QColor fill = paint_block(painter, area, segment.id, theme, chart.highlighted(), feasible(bar));
            draw_block_label(painter, beside(mark, area), label_text(segment.id), value_of(segment), fill, false);
        }
    }

    // What the baseline had: its operators pale, dashed around them, its time marked, and behind it how that has
    // changed.
    void draw_ghost(QCPPainter &painter, const BreakdownGhost &ghost, const Row &place) const
    {
        const Theme &theme = chart.theme();
        const Baseline &baseline = *chart.baselines().primary();
        QCPAxis *axis = chart.plot()->xAxis;
        const auto x_of = [&](double value) {
            return std::clamp(axis->coordToPixel(value), place.ghost.left(), place.ghost.right());
        };
        for (const BreakdownSegment &segment : ghost.bar.segments) {
            QColor fill = theme.of(info_of(segment.id).stage);
            fill.setAlphaF(0.35F);
            painter.fillRect(QRectF(x_of(segment.from), place.ghost.top(), x_of(segment.to) - x_of(segment.from),
                                 place.ghost.height()),
                fill);
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(theme.baseline_pen(baseline.mark, 1));
        painter.drawRect(QRectF(
            place.ghost.left(), place.ghost.top(), x_of(ghost.bar.end) - place.ghost.left(), place.ghost.height()));
        const double at = x_of(ghost.bar.mark);
        painter.setPen(QPen(theme.baseline(baseline.mark), 2, Qt::SolidLine, Qt::FlatCap));
        painter.drawLine(QPointF(at, place.ghost.top() - 1), QPointF(at, place.ghost.bottom() + 1));
        if (place.ghost.height() < 0.4 * place.line)
            return;
        QFont font = chart.font();
        font.setBold(true);
        const QFontMetricsF metrics(font);
        const QString text = change_text(ghost.span);
        const double width = metrics.horizontalAdvance(text) + 6;
        const double left = std::min(x_of(std::max(ghost.bar.end, ghost.bar.mark)) + 6, place.ghost.right() - width);
        const QRectF room(left, place.ghost.center().y() - place.line / 2, width, place.line);
        draw_change(painter, room, text, chart.font(),
            change_colour(ghost.span, chart.baselines().threshold, Better::lower, theme), theme.surface);
    }

    // The wider side of the mark, where it crosses the area.
    static QRectF beside(double mark, QRectF area)
    {
        if (mark <= area.left() || mark >= area.right())
            return area;
        if (mark - area.left() > area.right() - mark)
            area.setRight(mark - 2);
        else
            area.setLeft(mark + 2);
        return area;
    }

    QString value_of(const BreakdownSegment &segment) const
    {
        return chart.unit() == BreakdownUnit::share ? part_text(segment.share) : chart.text_of(segment.time_s);
    }

    // Neighbours with the same limit share a strip and its word.
    void draw_bounds(QCPPainter &painter, const BreakdownBar &bar, const Row &place) const
    {
        const Theme &theme = chart.theme();
        const QFontMetricsF metrics(chart.font());
        for (std::size_t first = 0; first < bar.segments.size();) {
            std::size_t last = first;
            while (last + 1 < bar.segments.size() && bar.segments[last + 1].bound == bar.segments[first].bound)
                ++last;
            const QRectF from = area_of(bar.segments[first], place), to = area_of(bar.segments[last], place);
            const Bound bound = bar.segments[first].bound;
            const QRectF strip(from.left(), place.bound.top(), to.right() - from.left(), place.bound.height());
            first = last + 1;
            if (strip.width() < 1)
                continue;
            const QColor colour = theme.of(bound);
            draw_bound(painter, strip.adjusted(0, 0, strip.width() > 3 ? -1 : 0, 0), bound, colour);
            const QString word = bound_text(bound);
            if (!place.worded || metrics.horizontalAdvance(word) + 4 > strip.width())
                continue;
            painter.setPen(theme.muted);
            painter.drawText(
                QRectF(strip.left(), strip.bottom() + 1, strip.width(), place.line), Qt::AlignCenter, word);
        }
    }

    // The time that passes, and from there to the end of the bar what runs beside something else.
    void draw_mark(QCPPainter &painter, const BreakdownBar &bar, const Row &place) const
    {
        const Theme &theme = chart.theme();
        QCPAxis *axis = chart.plot()->xAxis;
        const double x = std::round(axis->coordToPixel(bar.mark));
        if (bar.segments.empty() || x < place.bar.left() || x > place.bar.right() + 1)
            return;
        const QPointF top(x, place.bar.top() - (place.marked ? 5 : 0)), bottom(x, place.bar.bottom() + 2);
        painter.setPen(QPen(theme.surface, 5, Qt::SolidLine, Qt::FlatCap));
        painter.drawLine(top, bottom);
        painter.setPen(QPen(theme.text, 2, Qt::SolidLine, Qt::FlatCap));
        painter.drawLine(top, bottom);
        if (!place.marked)
            return;
        const double end = std::min(place.bar.right(), axis->coordToPixel(bar.end));
        if (end > x + 3) {
            const double y = place.bar.top() - 3;
            painter.setPen(QPen(theme.text, 1));
            painter.drawLine(QPointF(x, y), QPointF(end - 1, y));
            painter.drawLine(QPointF(end - 1, y - 2), QPointF(end - 1, y + 3));
        }
        const QRectF window(place.bar.left(), place.bar.top() - place.line - 5, place.bar.width(), place.line);
        const QFontMetricsF metrics(chart.font());
        const QString text = first_fitting(chart.mark_texts(bar), chart.font(), window.width() - 2);
        const double width = metrics.horizontalAdvance(text) + 2;
        painter.setPen(feasible(bar) ? theme.text : theme.warning);
        painter.drawText(
            QRectF(std::clamp(x - 1, window.left(), window.right() - width), window.top(), width, window.height()),
            Qt::AlignLeft | Qt::AlignVCenter, text);
    }
};

BreakdownChart::BreakdownChart(QWidget *parent)
    : Chart(QStringLiteral("breakdown"), chart_title("breakdown"), parent)
    , units(new QButtonGroup(this))
    , legend(make_legend(plot(), [this](const QSize &size) { arrange(size); }))
    , bars(new Bars(*this))
{
    auto *header = new QWidget;
    header->setAutoFillBackground(true);
    header->setBackgroundRole(QPalette::Base);
    header->setAccessibleName(tr("Unit of the latency breakdown"));
    header->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    auto *line = new QHBoxLayout(header);
    line->setContentsMargins(static_cast<int>(text_padding), 4, static_cast<int>(text_padding), 0);
    line->setSpacing(0);
    struct Choice {
        QString text, name, meaning;
    };
    const std::array choices{
        Choice{tr("µs / layer"), tr("Microseconds per layer"),
            tr("One layer: time of an operator for one micro-batch × number of micro-batches")},
        Choice{tr("ms / step"), tr("Milliseconds per step"),
            tr("The whole step: all layers, and what runs outside of them")},
        Choice{tr("share"), tr("Share in percent"),
            tr("The whole step: each operator's part of the sum of all operators")},
    };
    for (std::size_t i = 0; i < choices.size(); ++i) {
        auto *button = new UnitButton(choices[i].text);
        button->setAccessibleName(choices[i].name);
        button->setToolTip(choices[i].meaning);
        button->setChecked(i == 0);
        units->addButton(button, static_cast<int>(i));
        line->addWidget(button);
    }
    line->addStretch();
    static_cast<QVBoxLayout *>(layout())->setSpacing(0);
    static_cast<QVBoxLayout *>(layout())->insertWidget(0, header);
    connect(units, &QButtonGroup::idToggled, this, [this](int id, bool checked) {
        if (checked)
            set_unit(static_cast<BreakdownUnit>(id));
    });

    plot()->plotLayout()->insertRow(0);
    plot()->plotLayout()->addElement(0, 0, legend);
    plot()->plotLayout()->setRowSpacing(0);
    QCPAxisRect *area = plot()->axisRect();
    area->setAutoMargins(QCP::msBottom);
    area->setRangeZoom(Qt::Horizontal);
    area->setRangeZoomAxes(plot()->xAxis, nullptr);
    plot()->yAxis->setTicks(false);
    plot()->yAxis->setTickLabels(false);
    plot()->yAxis->grid()->setVisible(false);
}

BreakdownChart::~BreakdownChart() = default;

void BreakdownChart::set_unit(BreakdownUnit unit)
{
    if (unit == series.unit)
        return;
    series.unit = unit;
    units->button(static_cast<int>(unit))->setChecked(true);
    fit_anew();
    emit unit_changed(unit);
}

std::string BreakdownChart::main_number() const
{
    switch (series.unit) {
    case BreakdownUnit::us_per_layer:
        return "layer_time";
    case BreakdownUnit::ms_per_step:
        return std::string(output::step_time);
    case BreakdownUnit::share:
        return "step_share";
    }
    return {};
}

std::string BreakdownChart::operator_number(OpId id) const
{
    switch (series.unit) {
    case BreakdownUnit::us_per_layer:
        return name_of_runs(id, OperatorRuns::of_layer);
    case BreakdownUnit::ms_per_step:
        return name_of_runs(id, OperatorRuns::of_step);
    case BreakdownUnit::share:
        return name_of_runs(id, OperatorRuns::share);
    }
    return {};
}

QString BreakdownChart::unit_text() const
{
    return units->checkedButton()->accessibleName();
}

void BreakdownChart::set_highlight(std::optional<OpId> operator_id)
{
    if (operator_id != highlighted())
        Chart::set_highlight(operator_id);
}

void BreakdownChart::draw(const Explored &explored, const Theme &theme)
{
    series = breakdown_series(explored, series.unit);
    ghosts = breakdown_ghosts(explored, baselines(), series.unit);
    double longest = series.longest;
    for (const std::optional<BreakdownGhost> &ghost : ghosts)
        longest = ghost ? std::max({longest, ghost->bar.end, ghost->bar.mark}) : longest;
    std::vector<OpId> present;
    for (const OperatorInfo &info : operators()) {
        const auto has = [&](const BreakdownBar &bar) {
            return std::any_of(bar.segments.begin(), bar.segments.end(),
                [&](const BreakdownSegment &segment) { return segment.id == info.id; });
        };
        if (std::any_of(series.bars.begin(), series.bars.end(), has))
            present.push_back(info.id);
    }
    LegendEntries bounds{{tr("Bound by"), nullptr}};
    for (const Bound bound : {Bound::compute, Bound::memory, Bound::network}) {
        bounds.push_back({bound_text(bound), [bound, colour = theme.of(bound)](QCPPainter &painter, const QRectF &box) {
                              painter.setAntialiasing(false);
                              draw_bound(painter, QRectF(box.left(), std::round(box.center().y() - 2), box.width(), 4),
                                  bound, colour);
                          }});
    }
    if (const Baseline *baseline = baselines().primary())
        bounds.push_back(baseline_bar(*baseline, theme));
    set_legend(legend, operator_legend(present, theme, bounds), operator_legend_style(font(), theme));

    switch (series.unit) {
    case BreakdownUnit::us_per_layer: {
        const bool blocks = !explored.chips.empty() && !explored.leading().estimate.blocks.empty();
        const QString layer = blocks ? qstring(label_of(explored.leading().estimate.blocks.front().kind)) : tr("Layer");
        axis_labels = QStringList{tr("%1, all micro-batches (µs)").arg(layer), tr("%1 (µs)").arg(layer), tr("µs")};
        break;
    }
    case BreakdownUnit::ms_per_step:
        axis_labels = QStringList{tr("Step (ms)"), tr("ms")};
        break;
    case BreakdownUnit::share:
        axis_labels = QStringList{tr("Share of the operators' sum (%)"), tr("Share (%)"), tr("%")};
        break;
    }
    constexpr double almost_all = 97; // %: fit_axis() leaves room above
    fit_axis(plot()->xAxis, series.unit == BreakdownUnit::share ? almost_all : longest);
}

void BreakdownChart::arrange(const QSize &size)
{
    if (series.bars.empty())
        return;
    const double line = QFontMetricsF(font()).height();
    const double bars_height = size.height() - legend->minimumOuterSizeHint().height() - 2.6 * line - text_padding;
    const double left =
        std::min(0.34 * size.width(), bars->label_width(bars_height / static_cast<double>(series.bars.size())));
    const auto right = static_cast<int>(QFontMetricsF(font()).horizontalAdvance(u"0000"_qs) / 2 + text_padding);
    plot()->axisRect()->setMargins(QMargins(static_cast<int>(std::ceil(left)), 4, right, 0));
    fit_axis_texts(*plot()->xAxis, axis_labels, font(), size.width() - left - right, right);
}

// The other chips' bars are their best.
bool BreakdownChart::is_selected(const BreakdownBar &bar) const
{
    const std::optional<Selection> &selection = explored()->inputs.selection;
    return selection && selection->chip == explored()->chips[bar.view].scenario.chip.name;
}

QStringList BreakdownChart::mark_texts(const BreakdownBar &bar) const
{
    const bool share = series.unit == BreakdownUnit::share;
    const auto amount = [&](double seconds) {
        return share && bar.sum_s > 0 ? part_text(seconds / bar.sum_s) : text_of(seconds);
    };
    QString span = series.unit == BreakdownUnit::us_per_layer ? tr("layer %1").arg(amount(bar.span_s))
                                                              : tr("step %1").arg(amount(bar.span_s));
    if (is_selected(bar))
        span = tr("selected: %1").arg(span);
    constexpr double rounding = 1e-9;
    const QString hidden =
        bar.hidden_s() > rounding * bar.sum_s ? tr("%1 hidden").arg(amount(bar.hidden_s())) : tr("nothing hidden");
    const QString why = infeasible_text(explored()->chips[bar.view].estimate);
    if (why.isEmpty())
        return {QString(span + u", "_qs + hidden), span};
    return {QString(span + u", "_qs + hidden + u" · "_qs + why), QString(span + u" · "_qs + why), why, span};
}

QRectF BreakdownChart::area_of(std::size_t bar, OpId id) const
{
    if (bar >= series.bars.size())
        return {};
    for (const BreakdownSegment &segment : series.bars[bar].segments) {
        if (segment.id == id)
            return bars->area_of(segment, bars->row(bar));
    }
    return {};
}

std::optional<Hover> BreakdownChart::hover_at(const QPointF &position) const
{
    if (const std::optional<OpId> id = legend_operator_at(legend, position))
        return Hover{operator_hover(*id), std::nullopt, id, Explainable{operator_number(*id)}};
    const std::optional<std::size_t> index = bars->row_at(position);
    if (!index)
        return std::nullopt;
    const BreakdownBar &bar = series.bars[*index];
    const Bars::Row row = bars->row(*index);
    const std::string &chip = explored()->chips[bar.view].scenario.chip.name;
    if (const BreakdownSegment *segment = segment_at(bar, *index, position)) {
        QStringList lines = segment_texts(bar, *segment);
        if (explains())
            lines << tr("click: where it comes from");
        return Hover{
            hover_text(lines, *plot()), std::nullopt, segment->id, Explainable{operator_number(segment->id), chip}};
    }
    QStringList lines = bar_texts(bar);
    if (position.x() < row.bar.left())
        lines << tr("click: show this chip in the other views");
    return Hover{hover_text(lines, *plot()), std::nullopt, std::nullopt, Explainable{main_number(), chip}};
}

const BreakdownSegment *BreakdownChart::segment_at(
    const BreakdownBar &bar, std::size_t index, const QPointF &position) const
{
    const Bars::Row row = bars->row(index);
    if (position.y() < row.bar.top() || position.y() > row.bound.bottom() + 2 || position.x() < row.bar.left()
        || position.x() > row.bar.right())
        return nullptr;
    const double value = plot()->xAxis->pixelToCoord(position.x());
    const auto found = std::find_if(bar.segments.begin(), bar.segments.end(),
        [&](const BreakdownSegment &segment) { return value >= segment.from && value < segment.to; });
    return found == bar.segments.end() ? nullptr : &*found;
}

QStringList BreakdownChart::bar_texts(const BreakdownBar &bar) const
{
    const ChipView &view = explored()->chips[bar.view];
    QStringList lines = configuration_text(explored()->searched, view.shown).split(u'\n');
    if (is_selected(bar))
        lines.prepend(tr("selected"));
    const QString span = text_of(bar.span_s), sum = text_of(bar.sum_s), hidden = text_of(bar.hidden_s());
    lines << (series.unit == BreakdownUnit::us_per_layer
            ? tr("layer %1, operators one after the other %2").arg(span, sum)
            : tr("step %1, operators one after the other %2").arg(span, sum));
    lines << tr("%1 run at the same time as something longer").arg(hidden);
    for (const Infeasible &why : view.estimate.infeasible)
        lines << tr("infeasible: %1").arg(QString::fromStdString(epscope::text_of(why)));
    if (const std::optional<BreakdownGhost> &ghost = ghosts[bar.view])
        lines << against_text(ghost->span, text_of(ghost->span.before), baselines().primary()->name);
    if (const Baseline *baseline = baselines().primary()) {
        if (const QString problem = chip_change(*baseline, view).problem; !problem.isEmpty())
            lines << problem;
    }
    return lines;
}

QStringList BreakdownChart::segment_texts(const BreakdownBar &bar, const BreakdownSegment &segment) const
{
    const ChipView &view = explored()->chips[bar.view];
    const bool layer = series.unit == BreakdownUnit::us_per_layer;
    QStringList lines = configuration_text(explored()->searched, view.shown).split(u'\n');
    lines << (layer ? tr("%1: %2 per layer, %3 of the sum") : tr("%1: %2 per step, %3 of the sum"))
                 .arg(label_text(segment.id), text_of(segment.time_s), part_text(segment.share));
    if (const std::optional<BreakdownGhost> &ghost = ghosts[bar.view]) {
        for (const BreakdownSegment &before : ghost->bar.segments) {
            if (const auto change = before.id == segment.id ? change_of(before.time_s, segment.time_s) : std::nullopt)
                lines << against_text(*change, text_of(before.time_s), baselines().primary()->name);
        }
    }
    bool described = false;
    for (std::size_t i = 0; i < blocks_shown(view.estimate, series.unit); ++i) {
        const BlockEstimate &block = view.estimate.blocks[i];
        for (const OperatorEstimate &op : block.operators) {
            if (op.id != segment.id)
                continue;
            const QString run = time_text(op.time_s, TimeUnit::us);
            lines << (layer
                    ? tr("%1 × %2, once for each micro-batch").arg(block.repeats).arg(run)
                    : tr("%1: %2 × %3").arg(qstring(label_of(block.kind))).arg(block.count * block.repeats).arg(run));
            if (!described)
                lines << operator_texts(view.scenario, op);
            described = true;
        }
    }
    return lines;
}

void BreakdownChart::clicked(const QPointF &position)
{
    const std::optional<std::size_t> index = explored() ? bars->row_at(position) : std::nullopt;
    if (!index)
        return;
    const BreakdownBar &bar = series.bars[*index];
    if (const BreakdownSegment *segment = segment_at(bar, *index, position))
        emit explanation_wanted({operator_number(segment->id), explored()->chips[bar.view].scenario.chip.name});
    if (position.x() >= plot()->axisRect()->left())
        return;
    const Candidate &picked = explored()->chips[series.bars[*index].view].shown;
    const Study &study = explored()->searched;
    emit configuration_picked({study.chips[picked.chip].name, study.nics[picked.nic].name, picked.point});
}

ChartTable BreakdownChart::table() const
{
    ChartTable table;
    const bool layer = series.unit == BreakdownUnit::us_per_layer;
    table.header = {tr("chip"), tr("EP"), tr("batch"), tr("operator"), tr("stage"),
        layer ? tr("time per layer (us)") : tr("time per step (ms)"), tr("share of the sum (%)"), tr("bound by")};
    if (!newest())
        return table;
    add_rows(table, *newest());
    add_baselines(table, [&](const Baseline &pin) { add_rows(table, *pin.explored); });
    return table;
}

void BreakdownChart::add_rows(ChartTable &table, const Explored &of) const
{
    const bool layer = series.unit == BreakdownUnit::us_per_layer;
    const BreakdownSeries current = breakdown_series(of, series.unit);
    const double factor = layer ? 1e6 : 1e3;
    for (const BreakdownBar &bar : current.bars) {
        const ChipView &view = of.chips[bar.view];
        const QStringList start{QString::fromStdString(of.searched.chips[view.chip].name),
            QString::number(view.shown.point.ep), QString::number(view.shown.point.batch)};
        for (const BreakdownSegment &segment : bar.segments) {
            table.rows.push_back(start
                + QStringList{label_text(segment.id), qstring(label_of(info_of(segment.id).stage)),
                    exact(factor * segment.time_s), exact(100 * segment.share), qstring(name_of(segment.bound))});
        }
        const double part = bar.sum_s > 0 ? bar.span_s / bar.sum_s : 0;
        const QString all = layer ? tr("layer, overlap considered") : tr("step, overlap considered");
        table.rows.push_back(
            start + QStringList{all, QString(), exact(factor * bar.span_s), exact(100 * part), QString()});
    }
}

} // namespace epscope
