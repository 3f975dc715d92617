// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/goal_chart.h"

#include <algorithm>
#include <cmath>

#include <qcustomplot.h>

#include "app/charts/make_chart.h"
#include "app/charts/marks.h"
#include "app/charts/operator_blocks.h"
#include "app/session/output_words.h"
#include "core/quantity.h"

namespace epscope {
namespace {

// Of an axis: one unit for all of its labels.
struct AxisUnit {
    QString symbol;
    double factor = 1; // SI
};

AxisUnit axis_unit(Dimension dimension)
{
    switch (dimension) {
    case Dimension::seconds:
        return {u"ms"_qs, 1e-3};
    case Dimension::bytes:
        return {u"GB"_qs, 1e9};
    case Dimension::fraction:
        return {u"%"_qs, 1e-2};
    default:
        return {qstring(base_unit(dimension).symbol), 1};
    }
}

std::optional<Bound> bound_of(const Outcome &outcome)
{
    return outcome.best ? std::optional(outcome.best->bound.largest()) : std::nullopt;
}

double between(double a, double b, bool log)
{
    return log && a > 0 && b > 0 ? std::sqrt(a * b) : (a + b) / 2;
}

std::vector<GoalMark> marks_of(const Sought &sought, const Variable &variable, const Goal &goal, const AxisUnit &unit)
{
    const auto value = [&](const Tried &tried) { return QString::fromStdString(variable.short_text(tried.value)); };
    const auto output = [&](const Tried &tried) {
        return tried.output ? AnalysisChart::metric_text(*goal.metric, *tried.output) : GoalChart::tr("nothing serves");
    };
    const auto mark = [&](GoalMark::Kind kind, const Tried &tried, const QString &text) {
        return GoalMark{kind, tried.value / variable.unit->factor,
            tried.output ? std::optional(*tried.output / unit.factor) : std::nullopt, text};
    };
    std::vector<GoalMark> marks{mark(GoalMark::Kind::present, sought.present,
        GoalChart::tr("now %1: %2").arg(value(sought.present), output(sought.present)))};
    if (sought.result == SeekResult::found)
        marks.push_back(mark(GoalMark::Kind::answer, sought.answer,
            GoalChart::tr("%1: %2").arg(value(sought.answer), output(sought.answer))));
    if (sought.result == SeekResult::unreachable && sought.answer.output) {
        const QString most = goal.at_least ? GoalChart::tr("not reachable: at most %1, at %2")
                                           : GoalChart::tr("not reachable: at least %1, at %2");
        QString text = most.arg(output(sought.answer), value(sought.answer));
        if (const std::optional<Bound> bound = bound_of(sought.answer.outcome))
            text = GoalChart::tr("%1, bound by %2").arg(text, bound_text(*bound));
        marks.push_back(mark(GoalMark::Kind::closest, sought.answer, text));
    }
    if (sought.lowest)
        marks.push_back(
            mark(GoalMark::Kind::edge, *sought.lowest, GoalChart::tr("holds down to %1").arg(value(*sought.lowest))));
    if (sought.highest)
        marks.push_back(
            mark(GoalMark::Kind::edge, *sought.highest, GoalChart::tr("holds up to %1").arg(value(*sought.highest))));
    return marks;
}

} // namespace

GoalData goal_data(const Answer &answer)
{
    const auto &asked = std::get<SeekQuestion>(answer.question);
    const auto &sought = std::get<Sought>(answer.found);
    const Goal goal = std::get<Goal>(parse_goal(asked.goal)); // it has been answered
    const Variable variable = std::get<Variable>(find_variable(sought.study, asked.key));
    const AxisUnit unit = axis_unit(goal.metric->dimension);
    GoalData data;
    data.x_label = AnalysisChart::axis_label(variable);
    const QString title = title_of(*goal.metric);
    data.y_label = unit.symbol.isEmpty() ? title : GoalChart::tr("%1 (%2)").arg(title, unit.symbol);
    data.goal = (goal.at_least ? u"≥ "_qs : u"≤ "_qs) + AnalysisChart::metric_text(*goal.metric, goal.wanted);
    data.wanted = goal.wanted / unit.factor;
    const auto [from, to] = seek_range(variable, sought);
    data.from = from / variable.unit->factor;
    data.to = to / variable.unit->factor;
    data.log = variable.info->axis == Axis::log && from > 0;
    const std::vector<Tried> all = all_tried(sought);
    bool any = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Tried &tried = all[i];
        const double x = tried.value / variable.unit->factor;
        data.points.push_back({x, tried.output ? std::optional(*tried.output / unit.factor) : std::nullopt,
            tried.outcome.best.has_value()});
        any = any || tried.output;
        const std::optional<Bound> bound = bound_of(tried.outcome);
        if (data.stretches.empty() || data.stretches.back().bound != bound) {
            const double border = i == 0 ? x : between(data.points[i - 1].x, x, data.log);
            if (!data.stretches.empty())
                data.stretches.back().to = border;
            data.stretches.push_back({border, x, bound});
        }
        data.stretches.back().to = x;
    }
    data.marks = marks_of(sought, variable, goal, unit);
    if (!any)
        data.problem = sought.answer.outcome.miss
            ? GoalChart::tr("Nothing serves at any value: %1")
                  .arg(QString::fromStdString(text_of(sought.answer.outcome.miss->lacks)))
            : GoalChart::tr("Nothing serves at any value");
    return data;
}

GoalChart::GoalChart(QWidget *parent)
    : AnalysisChart(QStringLiteral("goal"), chart_title("goal"), parent)
    , legend(make_legend(plot(), [this](const QSize &size) { arrange(size); }))
{
    QCustomPlot &chart = *plot();
    chart.plotLayout()->insertRow(0);
    chart.plotLayout()->addElement(0, 0, legend);
    chart.plotLayout()->setRowSpacing(0);
    add_drawing(&chart, QStringLiteral("background"), [this](QCPPainter &painter) {
        if (this->explored() && drawn_answer())
            paint_ground(painter);
    });
    add_drawing(&chart, QStringLiteral("main"), [this](QCPPainter &painter) {
        if (!this->explored() || !drawn_answer())
            return;
        painter.setAntialiasing(true);
        paint_curve(painter);
        paint_marks(painter);
    });
}

QString GoalChart::state_text() const
{
    return asked_now.goal.empty() ? tr("Ctrl+G seeks a goal, and its curve stands here") : AnalysisChart::state_text();
}

std::vector<std::string> GoalChart::axes_of(const Question &question) const
{
    const auto &asked = std::get<SeekQuestion>(question);
    return {asked.key, std::string(std::get<Goal>(parse_goal(asked.goal)).metric->key)}; // it has been answered
}

void GoalChart::set_question(const SeekQuestion &question, const std::string &about)
{
    if (question == asked_now && about == chip)
        return;
    asked_now = question;
    chip = about;
    question_changed();
}

void GoalChart::take_question(const AnalysisChart &other)
{
    const auto &goal = static_cast<const GoalChart &>(other);
    set_question(goal.asked_now, goal.chip);
}

Study GoalChart::subject(const Explored &explored) const
{
    const std::vector<Chip> &chips = explored.searched.chips;
    const auto found = std::find_if(chips.begin(), chips.end(), [this](const Chip &each) { return each.name == chip; });
    return found == chips.end() ? AnalysisChart::subject(explored)
                                : with_chip(explored.searched, static_cast<std::size_t>(found - chips.begin()));
}

void GoalChart::draw_answer(const Explored &, const Theme &look)
{
    keep_legible(*this, 20, 12);
    if (!drawn_answer()) {
        set_legend(legend, {LegendEntries{}}, {font(), look.text, look.muted});
        return;
    }
    data = goal_data(*drawn_answer());
    QCPAxis &x = *plot()->xAxis;
    if ((x.scaleType() == QCPAxis::stLogarithmic) != data.log) {
        x.setScaleType(data.log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
        x.setTicker(data.log ? decade_ticker() : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
    }
    if (zoom().isEmpty())
        x.setRange(data.from, data.to);
    double most = 0;
    for (const GoalPoint &point : data.points) {
        if (point.x >= data.from && point.x <= data.to)
            most = std::max(most, point.y.value_or(0));
    }
    // A goal far off stands at the upper end: the curve has to be seen.
    constexpr double headroom = 1.12, farthest = 2.5;
    const bool in_reach = most == 0 || data.wanted <= farthest * most;
    fit_axis(plot()->yAxis, headroom * std::max({most, in_reach ? data.wanted : 0, 1e-9}));

    LegendEntries entries;
    const auto shows = [&](const std::optional<Bound> &bound) {
        return std::any_of(data.stretches.begin(), data.stretches.end(), [&](const GoalStretch &stretch) {
            return stretch.bound == bound && stretch.to > data.from && stretch.from < data.to;
        });
    };
    for (const Bound bound : {Bound::compute, Bound::memory, Bound::network}) {
        if (shows(bound))
            entries.push_back({tr("bound by %1").arg(bound_text(bound)),
                [colour = look.of(bound), look](QCPPainter &painter, const QRectF &box) {
                    painter.setPen(QPen(colour, 1));
                    painter.setBrush(mixed(colour, look.surface, 0.75));
                    painter.drawRect(box.adjusted(2, 3, -2, -3));
                }});
    }
    if (shows(std::nullopt))
        entries.push_back({tr("nothing serves"), [grey = look.infeasible](QCPPainter &painter, const QRectF &box) {
                               draw_hatch(painter, box.adjusted(2, 3, -2, -3), grey, 5);
                           }});
    set_legend(legend, {std::move(entries)},
        {.font = font(), .text = look.text, .heading = look.muted, .aside = state_width()});
}

void GoalChart::arrange(const QSize &size)
{
    plot()->xAxis->setLabel(data.x_label);
    plot()->yAxis->setLabel(data.y_label);
    constexpr double about_ticks = 9; // px of an axis, in texts
    const double tick = QFontMetricsF(font()).horizontalAdvance(u"0"_qs) * about_ticks;
    plot()->xAxis->ticker()->setTickCount(std::clamp(static_cast<int>(size.width() / tick), 2, 8));
}

std::optional<QPointF> GoalChart::pixel_of(const GoalMark &mark) const
{
    const QPointF at(plot()->xAxis->coordToPixel(mark.x), plot()->yAxis->coordToPixel(mark.y.value_or(0)));
    const QRectF area = plot_area(*plot()->axisRect()).adjusted(-1, -1, 1, 1); // rounded
    return area.contains(at) ? std::optional(at) : std::nullopt;
}

void GoalChart::paint_ground(QCPPainter &painter) const
{
    const QRectF area = plot_area(*plot()->axisRect());
    const QCPAxis &x = *plot()->xAxis;
    painter.setAntialiasing(false);
    for (const GoalStretch &stretch : data.stretches) {
        const double left = std::clamp(x.coordToPixel(stretch.from), area.left(), area.right()),
                     right = std::clamp(x.coordToPixel(stretch.to), area.left(), area.right());
        const QRectF strip(QPointF(left, area.top()), QPointF(right, area.bottom()));
        if (!(strip.width() > 0))
            continue;
        if (stretch.bound)
            painter.fillRect(strip, mixed(theme().of(*stretch.bound), theme().surface, 1 - 0.13 * opacity()));
        else
            draw_hatch(painter, strip, mixed(theme().infeasible, theme().surface, 1 - opacity()), 8);
    }
}

void GoalChart::paint_curve(QCPPainter &painter) const
{
    const QRectF area = plot_area(*plot()->axisRect());
    const QCPAxis &x = *plot()->xAxis, &y = *plot()->yAxis;
    painter.setBrush(Qt::NoBrush);
    const QColor colour = mixed(theme().accent, theme().surface, 1 - opacity());
    for (const bool serves : {false, true}) {
        painter.setPen(serves ? QPen(colour, line_width(2.2), Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin)
                              : QPen(colour, line_width(1.5), Qt::DashLine));
        QVector<QPointF> run;
        const auto flush = [&] {
            draw_path(painter, run, area);
            run.clear();
        };
        for (const GoalPoint &point : data.points) {
            if (point.y && point.serves == serves)
                run << QPointF(x.coordToPixel(point.x), y.coordToPixel(*point.y));
            else
                flush();
        }
        flush();
    }
}

void GoalChart::paint_marks(QCPPainter &painter) const
{
    const Theme &look = theme();
    const QRectF area = plot_area(*plot()->axisRect());
    const QCPAxis &x = *plot()->xAxis, &y = *plot()->yAxis;
    const auto faded = [&](const QColor &colour) { return mixed(colour, look.surface, 1 - opacity()); };
    if (!data.problem.isEmpty()) {
        painter.setFont(font());
        painter.setPen(look.text);
        const QRectF text = QFontMetricsF(font()).boundingRect(
            area.adjusted(20, 20, -20, -20), Qt::AlignCenter | Qt::TextWordWrap, data.problem);
        painter.fillRect(text.adjusted(-6, -3, 6, 3), look.surface);
        painter.drawText(text, Qt::AlignCenter | Qt::TextWordWrap, data.problem);
        return;
    }
    QFont bold = font();
    bold.setBold(true);
    std::vector<QRectF> taken, curve;
    for (std::size_t i = 1; i < data.points.size(); ++i) {
        const GoalPoint &before = data.points[i - 1], &point = data.points[i];
        if (!before.y || !point.y)
            continue;
        const QPointF from(x.coordToPixel(before.x), y.coordToPixel(*before.y)),
            to(x.coordToPixel(point.x), y.coordToPixel(*point.y));
        curve.push_back(QRectF(from, to).normalized().adjusted(-1, -1, 1, 1));
    }
    const double goal_line = y.coordToPixel(data.wanted);
    const bool goal_seen = y.range().contains(data.wanted);
    std::vector<QRectF> line;
    if (goal_seen)
        line.push_back(QRectF(area.left(), goal_line - 1.5, area.width(), 3));
    // Beside one of its points, the first that has room nearby, wherever nothing else stands; off the curve and off the
    // goal's line if it can, else off the line alone.
    const auto label = [&](const QString &text, const std::vector<QPointF> &points, double away, const QFont &in,
                           const QColor &fill, const QColor &ink) {
        const QFontMetricsF metrics(in);
        const QSizeF size(std::min(metrics.horizontalAdvance(text) + 10, area.width()), metrics.height() + 4);
        const double side = size.width() / 2 + away, up = size.height() / 2 + away;
        std::optional<QRectF> box;
        const auto look_for = [&](bool off_curve, bool off_line, double further, const QPointF &at) {
            const double more = further * (size.height() + 3);
            for (const QPointF &offset : {QPointF(0, -up - more), QPointF(0, up + more), QPointF(side, -up - more),
                     QPointF(-side, -up - more), QPointF(side, up + more), QPointF(-side, up + more)}) {
                QRectF place(QPointF(), size);
                place.moveCenter(at + offset);
                place.moveLeft(std::clamp(
                    place.left(), area.left() + 2, std::max(area.left() + 2, area.right() - size.width() - 2)));
                const auto free_of = [&](const std::vector<QRectF> &others) {
                    return std::none_of(
                        others.begin(), others.end(), [&](const QRectF &other) { return other.intersects(place); });
                };
                if (!box && place.top() >= area.top() && place.bottom() <= area.bottom() && free_of(taken)
                    && (!off_curve || free_of(curve)) && (!off_line || free_of(line)))
                    box = place;
            }
        };
        for (const auto &[off_curve, off_line] : {std::pair{true, true}, {false, true}, {false, false}}) {
            for (const double further : {0.0, 1.0, 2.0, 3.0}) {
                for (const QPointF &at : points)
                    look_for(off_curve, off_line, further, at);
            }
        }
        if (!box)
            return;
        taken.push_back(box->adjusted(-2, -2, 2, 2));
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        painter.drawRoundedRect(*box, 3, 3);
        painter.setPen(ink);
        painter.setFont(in);
        painter.drawText(*box, Qt::AlignCenter, metrics.elidedText(text, Qt::ElideRight, size.width() - 6));
    };
    QColor ground = look.surface;
    ground.setAlpha(225);

    for (const GoalMark &mark : data.marks) { // no label hides one
        if (const auto at = pixel_of(mark))
            taken.push_back(QRectF(*at - QPointF(7, 7), QSizeF(14, 14)));
    }
    if (goal_seen) {
        painter.setPen(QPen(faded(look.warning), 1.6, Qt::DashLine));
        painter.drawLine(QLineF(area.left(), goal_line, area.right(), goal_line));
    }
    for (const GoalMark &mark : data.marks) {
        const auto at = pixel_of(mark);
        if (!at)
            continue;
        const QColor colour = faded(mark.kind == GoalMark::Kind::present ? look.text : look.accent);
        painter.setPen(QPen(colour, 1, Qt::DotLine));
        painter.drawLine(QLineF(*at, QPointF(at->x(), area.bottom())));
        painter.setPen(QPen(colour, 2));
        painter.setBrush(mark.kind == GoalMark::Kind::present ? look.surface : colour);
        constexpr double half = 6; // px
        if (mark.kind == GoalMark::Kind::present)
            painter.drawEllipse(*at, half - 1, half - 1);
        else
            painter.drawPolygon(QPolygonF{
                *at + QPointF(0, -half), *at + QPointF(half, 0), *at + QPointF(0, half), *at + QPointF(-half, 0)});
    }
    constexpr double beside_mark = 10, beside_line = 4; // px
    // At the end towards which the goal lies, where that is out of sight; first then, as nothing else says where it is.
    const auto label_goal = [&] {
        const bool above = data.wanted > y.range().upper;
        const QString text = goal_seen ? tr("goal %1").arg(data.goal)
            : above                    ? tr("goal %1, farther up").arg(data.goal)
                                       : tr("goal %1, farther down").arg(data.goal);
        const double half = QFontMetricsF(font()).horizontalAdvance(text) / 2 + 8,
                     at = goal_seen ? goal_line
            : above                 ? area.top()
                                    : area.bottom();
        label(text, {{area.left() + half, at}, {area.right() - half, at}, {area.center().x(), at}}, beside_line, font(),
            ground, faded(look.warning));
    };
    if (!goal_seen)
        label_goal();
    for (const bool answers : {true, false}) { // the answer has the first choice of places
        for (const GoalMark &mark : data.marks) {
            const auto at = pixel_of(mark);
            if (!at || (mark.kind != GoalMark::Kind::present) != answers)
                continue;
            if (answers)
                label(mark.text, {*at}, beside_mark, bold, faded(look.accent), ink_on(faded(look.accent)));
            else
                label(mark.text, {*at}, beside_mark, font(), ground, faded(look.text));
        }
    }
    if (goal_seen)
        label_goal();
}

ChartTable GoalChart::table() const
{
    ChartTable table;
    if (!answer()) {
        table.header = {title()};
        table.rows = {{tr("not sought yet")}};
        return table;
    }
    const auto &asked = std::get<SeekQuestion>(answer()->question);
    const auto &sought = std::get<Sought>(answer()->found);
    const GoalData now = goal_data(*answer());
    const Goal goal = std::get<Goal>(parse_goal(asked.goal));
    const Variable variable = std::get<Variable>(find_variable(sought.study, asked.key));
    const QString unit = qstring(base_unit(goal.metric->dimension).symbol), title = title_of(*goal.metric);
    table.header = {now.x_label, unit.isEmpty() ? title : tr("%1 (%2)").arg(title, unit), tr("Bound by"),
        tr("Configuration"), tr("Mark")};
    const std::vector<Tried> all = all_tried(sought);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Outcome &outcome = all[i].outcome;
        QStringList marks;
        for (const GoalMark &mark : now.marks) {
            if (mark.x == now.points[i].x)
                marks << mark.text;
        }
        const QString configuration = outcome.best
            ? QString::fromStdString(full_configuration_text(sought.study, outcome.best->candidate))
            : outcome.miss ? QString::fromStdString(text_of(outcome.miss->lacks))
                           : QString();
        table.rows.push_back({exact(now.points[i].x), all[i].output ? exact(*all[i].output) : QString(),
            outcome.best ? bound_text(outcome.best->bound.largest()) : QString(), configuration, marks.join(u"; "_qs)});
    }
    return table;
}

std::optional<Hover> GoalChart::hover_at(const QPointF &position) const
{
    if (!drawn_answer() || data.points.empty() || !plot_area(*plot()->axisRect()).contains(position))
        return std::nullopt;
    const auto &sought = std::get<Sought>(drawn_answer()->found);
    const auto &asked = std::get<SeekQuestion>(drawn_answer()->question);
    const Goal goal = std::get<Goal>(parse_goal(asked.goal));
    const Variable variable = std::get<Variable>(find_variable(sought.study, asked.key));
    const auto distance = [&](const GoalPoint &point) {
        return std::abs(plot()->xAxis->coordToPixel(point.x) - position.x());
    };
    const auto nearest = std::min_element(data.points.begin(), data.points.end(),
        [&](const GoalPoint &a, const GoalPoint &b) { return distance(a) < distance(b); });
    const Tried tried = all_tried(sought)[static_cast<std::size_t>(nearest - data.points.begin())];
    QStringList lines{QString::fromStdString(variable.label + ": " + variable.short_text(tried.value))};
    if (tried.output)
        lines << title_of(*goal.metric) + u": "_qs + metric_text(*goal.metric, *tried.output);
    if (tried.outcome.best)
        lines << QString::fromStdString(full_configuration_text(sought.study, tried.outcome.best->candidate))
              << tr("bound by %1").arg(QString::fromStdString(binding_text(*tried.outcome.best)));
    else
        lines << tr("Nothing serves: %1")
                     .arg(tried.outcome.miss ? QString::fromStdString(text_of(tried.outcome.miss->lacks))
                                             : tr("contradictory numbers"));
    lines << tr("Click for its slider");
    Hover hover;
    hover.text = hover_text(lines, *plot());
    hover.crosshair = QPointF(
        plot()->xAxis->coordToPixel(nearest->x), nearest->y ? plot()->yAxis->coordToPixel(*nearest->y) : position.y());
    return hover;
}

void GoalChart::clicked(const QPointF &position)
{
    if (drawn_answer() && plot_area(*plot()->axisRect()).contains(position))
        emit parameter_picked(QString::fromStdString(std::get<SeekQuestion>(drawn_answer()->question).key));
}

} // namespace epscope
