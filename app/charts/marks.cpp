// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/marks.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QCoreApplication>
#include <QPainterPath>
#include <QScreen>
#include <qcustomplot.h>

#include "app/charts/scene.h"
#include "app/look/theme.h"
#include "app/words/text.h"
#include "core/quantity.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

class Drawing : public QCPAbstractItem {
public:
    Drawing(QCustomPlot *plot, Paint paint)
        : QCPAbstractItem(plot)
        , paint_function(std::move(paint))
    {
        setSelectable(false);
        setClipToAxisRect(false);
    }

    double selectTest(const QPointF &, bool, QVariant *) const override { return -1; }

protected:
    void draw(QCPPainter *painter) override { paint_function(*painter); }

private:
    Paint paint_function;
};

class FlowLegend : public QCPLayoutElement {
public:
    FlowLegend(QCustomPlot *plot, std::function<void(const QSize &)> before_layout)
        : QCPLayoutElement(plot)
        , prepare(std::move(before_layout))
    {
        setLayer(QStringLiteral("legend"));
    }

    void update(UpdatePhase phase) override
    {
        if (phase == upPreparation)
            prepare(mParentPlot->viewport().size());
        QCPLayoutElement::update(phase);
    }

    void set(std::vector<LegendEntries> ways, const LegendStyle &new_style)
    {
        choices = std::move(ways);
        style = new_style;
        if (measured != style.font || texts_changed()) {
            measured = style.font;
            em = QFontMetricsF(style.font).height();
            texts.clear();
            widths.clear();
            for (const LegendEntries &entries : choices) {
                std::vector<double> of_entries;
                for (const LegendEntry &entry : entries) {
                    of_entries.push_back(QFontMetricsF(entry_font(entry, style.font)).horizontalAdvance(entry.text));
                    texts.push_back(entry.text);
                }
                widths.push_back(std::move(of_entries));
            }
        }
    }

    void limit(double height) { limited = height; }

    std::optional<OpId> operator_at(const QPointF &position) const
    {
        const Fit fit = fitted(mParentPlot->viewport().size());
        std::optional<OpId> found;
        walk(fit, mOuterRect.width(), [&](std::size_t i, const QPointF &at) {
            const double width = sample_width(fit, i) + gap + widths[fit.choice][i] * fit.scale;
            if (QRectF(at + mOuterRect.topLeft(), QSizeF(width, line_height(fit))).contains(position))
                found = choices[fit.choice][i].operator_id;
        });
        return found;
    }

    QSize minimumOuterSizeHint() const override
    {
        return {0,
            choices.empty() || choices.front().empty()
                ? 0
                : static_cast<int>(std::ceil(fitted(mParentPlot->viewport().size()).height))};
    }
    QSize maximumOuterSizeHint() const override { return {QWIDGETSIZE_MAX, minimumOuterSizeHint().height()}; }

protected:
    void applyDefaultAntialiasingHint(QCPPainter *painter) const override { painter->setAntialiasing(true); }

    void draw(QCPPainter *painter) override
    {
        if (choices.empty())
            return;
        const Fit fit = fitted(mParentPlot->viewport().size());
        QFont plain = style.font;
        plain.setPointSizeF(plain.pointSizeF() * fit.scale);
        const QFontMetricsF metrics(plain);
        walk(fit, mOuterRect.width(), [&](std::size_t i, QPointF at) {
            at += mOuterRect.topLeft();
            if (at.y() + metrics.height() > mOuterRect.bottom() + 2)
                return;
            const LegendEntry &entry = choices[fit.choice][i];
            if (entry.sample) {
                Marks sample;
                entry.sample(sample, QRectF(at.x(), at.y(), sample_width(fit, i), metrics.height()));
                sample.paint(*painter);
            }
            const QFont font = entry_font(entry, plain);
            painter->setPen(entry.sample ? style.text : style.heading);
            painter->setFont(font);
            const double x = at.x() + sample_width(fit, i) + (entry.sample ? gap : 0),
                         room = mOuterRect.x() + mOuterRect.width()
                - (at.y() <= mOuterRect.y() + legend_top ? style.aside : 0) - border / 2 - x;
            painter->drawText(QPointF(x, at.y() + metrics.ascent()),
                QFontMetricsF(font).elidedText(entry.text, Qt::ElideRight, std::max(0.0, room)));
        });
    }

private:
    struct Fit {
        std::size_t choice = 0;
        double scale = 1; // of the font
        double height = 0;
    };

    static constexpr double gap = 5, between = 14, border = 10;
    std::function<void(const QSize &)> prepare;
    std::vector<LegendEntries> choices;
    LegendStyle style;
    QFont measured;
    double em = 0; // height of the font
    double limited = QWIDGETSIZE_MAX; // px that the legend may be high
    std::vector<std::vector<double>> widths; // of the texts
    std::vector<QString> texts;

    bool texts_changed() const
    {
        auto known = texts.begin();
        for (const LegendEntries &entries : choices) {
            for (const LegendEntry &entry : entries) {
                if (known == texts.end() || *known++ != entry.text)
                    return true;
            }
        }
        return known != texts.end();
    }
    static QFont entry_font(const LegendEntry &entry, QFont font)
    {
        font.setBold(entry.strong);
        return font;
    }
    double line_height(const Fit &fit) const { return std::ceil(em * fit.scale * 1.15); }
    double sample_width(const Fit &fit, std::size_t i) const
    {
        return choices[fit.choice][i].sample ? style.sample_width * em * fit.scale : 0;
    }

    // Places the entries, each at its upper left corner; returns the height. A heading stays with what follows.
    template <class Place>
    double walk(const Fit &fit, double width, Place place) const
    {
        const LegendEntries &entries = choices[fit.choice];
        const double line = line_height(fit);
        const auto needed = [&](std::size_t i) {
            return sample_width(fit, i) + (entries[i].sample ? gap : 0) + widths[fit.choice][i] * fit.scale;
        };
        double x = border, y = legend_top;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const bool heading = !entries[i].sample && i + 1 < entries.size();
            const double together = needed(i) + (heading ? between * 0.6 + needed(i + 1) : 0);
            const double end = width - border - (y <= legend_top ? style.aside : 0);
            if (x > border && x + together > end) {
                x = border;
                y += line;
            }
            place(i, QPointF(x, y));
            x += needed(i) + between * (heading ? 0.6 : 1) * fit.scale;
        }
        return y + line;
    }

    Fit fitted(const QSize &plot) const
    {
        constexpr double most = 0.24, most_of_last = 0.34; // of the plot's height
        constexpr double smallest = 0.6; // of the font
        Fit fit;
        for (fit.choice = 0; fit.choice < choices.size(); ++fit.choice) {
            fit.height = walk(fit, plot.width(), [](std::size_t, const QPointF &) {});
            if (fit.height <= std::min(limited, most * plot.height()))
                return fit;
        }
        fit.choice = choices.size() - 1;
        while (fit.height > std::min(limited, most_of_last * plot.height()) && fit.scale > smallest) {
            fit.scale -= 0.1;
            fit.height = walk(fit, plot.width(), [](std::size_t, const QPointF &) {});
        }
        const double line = line_height(fit),
                     rows = std::max(1.0, std::floor((most_of_last * plot.height() - legend_top) / line));
        fit.height = std::min(fit.height, legend_top + rows * line);
        if (fit.height > limited)
            fit.height =
                limited < legend_top + line ? 0 : legend_top + std::floor((limited - legend_top) / line) * line;
        return fit;
    }
};

// 1, 2 and 5 times powers of ten, for logarithmic axes; powers alone where that were more than twice the number of
// ticks wanted, and even steps where hardly one of those is in sight.
class DecadeTicker : public QCPAxisTicker {
protected:
    QVector<double> createTickVector(double step, const QCPRange &range) override
    {
        QVector<double> ticks;
        if (!(range.lower > 0))
            return ticks;
        constexpr double narrow = 5; // times
        if (range.upper < narrow * range.lower)
            return QCPAxisTicker::createTickVector(step, range);
        QVector<double> powers;
        for (double power = std::pow(10.0, std::floor(std::log10(range.lower))); power <= range.upper; power *= 10) {
            powers << power;
            for (const double digit : {1.0, 2.0, 5.0})
                ticks << digit * power;
        }
        const auto in_sight = std::ranges::count_if(ticks, [&](double tick) { return range.contains(tick); });
        return in_sight > 2 * tickCount() ? powers : ticks;
    }
    int getSubTickCount(double) override { return 0; }
};

struct MarkTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::marks)
};

QString number(double value)
{
    return to_text(short_text(value, Dimension::count));
}

} // namespace

double round_floor(double value)
{
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    return value >= 5 * power ? 5 * power : value >= 2 * power ? 2 * power : power;
}

double squared_distance(const QPointF &a, const QPointF &b)
{
    return QPointF::dotProduct(a - b, a - b);
}

QPointF nearest_place(const QLineF &line, const QPointF &point)
{
    const QPointF along = line.p2() - line.p1(), to = point - line.p1();
    const double length = QPointF::dotProduct(along, along);
    const double part = length > 0 ? std::clamp(QPointF::dotProduct(to, along) / length, 0.0, 1.0) : 0;
    return line.p1() + part * along;
}

QRectF around(const QPointF &centre, double half)
{
    return {centre - QPointF(half, half), QSizeF(2 * half, 2 * half)};
}

double distance_to(const QLineF &line, const QPointF &point)
{
    return QLineF(point, nearest_place(line, point)).length();
}

void add_drawing(QCustomPlot *plot, const QString &layer, Paint paint)
{
    auto *item = new Drawing(plot, std::move(paint));
    item->setLayer(layer);
}

QSharedPointer<QCPAxisTicker> decade_ticker()
{
    return QSharedPointer<QCPAxisTicker>(new DecadeTicker);
}

std::optional<QLineF> clipped(const QLineF &line, const QRectF &area)
{
    // Liang and Barsky
    double from = 0, to = 1;
    const std::array<std::pair<double, double>, 4> borders{
        {{-line.dx(), line.x1() - area.left()}, {line.dx(), area.right() - line.x1()},
            {-line.dy(), line.y1() - area.top()}, {line.dy(), area.bottom() - line.y1()}}};
    for (const auto &[slope, distance] : borders) {
        if (slope == 0) {
            if (distance < 0)
                return std::nullopt;
        } else if (slope < 0) {
            from = std::max(from, distance / slope);
        } else {
            to = std::min(to, distance / slope);
        }
    }
    if (from > to)
        return std::nullopt;
    return QLineF(line.pointAt(from), line.pointAt(to));
}

void draw_hatch(QPainter &painter, const QRectF &area, const QColor &colour, double spacing, double width)
{
    if (area.width() <= 0 || area.height() <= 0)
        return;
    QVector<QLineF> lines;
    // x + y is constant along a line and a multiple of the spacing, so that the pattern stays in place when the area
    // grows.
    const double last = area.right() + area.bottom();
    for (double sum = std::ceil((area.left() + area.top()) / spacing) * spacing; sum < last; sum += spacing) {
        const double left = std::max(area.left(), sum - area.bottom());
        const double right = std::min(area.right(), sum - area.top());
        if (right > left)
            lines << QLineF(left, sum - left, right, sum - right);
    }
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, width > 1);
    painter.setPen(QPen(colour, width));
    painter.drawLines(lines);
    painter.restore();
}

QColor mixed(const QColor &a, const QColor &b, double part)
{
    const auto channel = [part](int from, int to) { return static_cast<int>(std::lround(from + part * (to - from))); };
    return QColor(channel(a.red(), b.red()), channel(a.green(), b.green()), channel(a.blue(), b.blue()));
}

QColor translucent(QColor colour, int alpha)
{
    colour.setAlpha(alpha);
    return colour;
}

QColor translucent(QColor colour, float alpha)
{
    colour.setAlphaF(alpha);
    return colour;
}

QColor ink_on(const QColor &fill)
{
    constexpr double as_far_from_black_as_from_white = 0.179; // WCAG's contrast ratio
    return luminance(fill) > as_far_from_black_as_from_white ? QColor(0x10, 0x14, 0x1a) : QColor(Qt::white);
}

void keep_legible(QWidget &chart, int lines_across, int lines_down)
{
    constexpr double most_across = 0.25, most_down = 0.2; // of the screen: two next to the inputs, two below each other
    const QSizeF most = chart.screen()->availableSize();
    const int line = QFontMetrics(chart.font()).height();
    chart.setMinimumSize(std::min(lines_across * line, static_cast<int>(most_across * most.width())),
        std::min(lines_down * line, static_cast<int>(most_down * most.height())));
}

QString first_fitting(const QStringList &texts, const QFont &font, double width)
{
    const QFontMetricsF metrics(font);
    for (const QString &text : texts) {
        if (metrics.horizontalAdvance(text) <= width)
            return text;
    }
    return {};
}

void draw_chip_marker(
    QCPPainter &painter, std::size_t mark, const QPointF &centre, double size, const QPen &pen, const QBrush &brush)
{
    using Style = QCPScatterStyle;
    struct Shape {
        Style::ScatterShape shape;
        double scale; // that makes them look equally large
    };
    constexpr std::array<Shape, 8> shapes{{{Style::ssCircle, 1}, {Style::ssSquare, 0.88}, {Style::ssTriangle, 1.05},
        {Style::ssDiamond, 1.15}, {Style::ssTriangleInverted, 1.05}, {Style::ssPlusCircle, 1},
        {Style::ssPlusSquare, 0.88}, {Style::ssCrossCircle, 1}}};
    const Shape &shape =
        shapes[(mark + mark / shapes.size()) % shapes.size()]; // another one when the colours start over
    Style style(shape.shape, pen, brush, size * shape.scale);
    style.applyTo(&painter, pen);
    style.drawShape(&painter, centre);
}

double tag_width(const QString &text, const QFont &font)
{
    return QFontMetricsF(font).horizontalAdvance(text) + 2 * tag_padding;
}

QCPLayoutElement *make_legend(QCustomPlot *plot, std::function<void(const QSize &)> before_layout)
{
    return new FlowLegend(plot, std::move(before_layout));
}

void set_legend(QCPLayoutElement *legend, std::vector<LegendEntries> choices, const LegendStyle &style)
{
    static_cast<FlowLegend *>(legend)->set(std::move(choices), style);
}

void limit_legend(QCPLayoutElement *legend, double height)
{
    static_cast<FlowLegend *>(legend)->limit(height);
}

std::optional<OpId> legend_operator_at(const QCPLayoutElement *legend, const QPointF &position)
{
    return static_cast<const FlowLegend *>(legend)->operator_at(position);
}

QString exact(double value)
{
    return to_text(exact_text(value));
}

QString rate_text(double tokens_per_second)
{
    return MarkTexts::tr("%1 tok/s").arg(number(tokens_per_second));
}

QString reasons_text(const Estimate &estimate)
{
    QString text;
    for (const Infeasible &why : estimate.infeasible) {
        // A sentence of several parts, one to a line.
        QString reason = to_text(text_of(why));
        text += MarkTexts::tr("\n✕ %1").arg(reason.replace(u"; "_qs, u";\n    "_qs));
    }
    return text;
}

Selection selection_of(const Study &study, const Candidate &candidate)
{
    return {study.chips[candidate.chip].name, study.nics[candidate.nic].name, candidate.point};
}

} // namespace epscope
