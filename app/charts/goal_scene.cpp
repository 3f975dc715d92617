// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/goal_scene.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QFontMetricsF>

#include "app/charts/operator_blocks.h"
#include "app/words/output_words.h"
#include "app/words/text.h"
#include "core/find.h"
#include "core/quantity.h"

namespace epscope {
namespace {

struct GoalTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::GoalSeek)
};

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
        return {to_text(base_unit(dimension).symbol), 1};
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
    const auto value = [&](const Tried &tried) { return to_text(variable.short_text(tried.value)); };
    const auto output = [&](const Tried &tried) {
        return tried.output      ? metric_text(*goal.metric, *tried.output)
            : tried.outcome.best ? why_not_known(*goal.metric, sought.study.chips.front())
                                 : GoalTexts::tr("nothing is feasible");
    };
    const auto mark = [&](GoalMark::Kind kind, const Tried &tried, const QString &text) {
        return GoalMark{kind, tried.value / variable.unit->factor,
            tried.output ? std::optional(*tried.output / unit.factor) : std::nullopt, text};
    };
    std::vector<GoalMark> marks{mark(GoalMark::Kind::present, sought.present,
        GoalTexts::tr("now %1: %2").arg(value(sought.present), output(sought.present)))};
    if (sought.result == SeekResult::found)
        marks.push_back(mark(GoalMark::Kind::answer, sought.answer,
            GoalTexts::tr("%1: %2").arg(value(sought.answer), output(sought.answer))));
    if (sought.result == SeekResult::unreachable && sought.answer.output) {
        const QString most = goal.at_least ? GoalTexts::tr("not reachable: at most %1, at %2")
                                           : GoalTexts::tr("not reachable: at least %1, at %2");
        QString text = most.arg(output(sought.answer), value(sought.answer));
        if (const std::optional<Bound> bound = bound_of(sought.answer.outcome))
            text = GoalTexts::tr("%1, bound by %2").arg(text, bound_text(*bound));
        marks.push_back(mark(GoalMark::Kind::closest, sought.answer, text));
    }
    if (sought.lowest)
        marks.push_back(
            mark(GoalMark::Kind::edge, *sought.lowest, GoalTexts::tr("holds down to %1").arg(value(*sought.lowest))));
    if (sought.highest)
        marks.push_back(
            mark(GoalMark::Kind::edge, *sought.highest, GoalTexts::tr("holds up to %1").arg(value(*sought.highest))));
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
    data.x_label = axis_label(variable);
    const QString title = title_of(*goal.metric);
    data.y_label = unit.symbol.isEmpty() ? title : GoalTexts::tr("%1 (%2)").arg(title, unit.symbol);
    data.goal = (goal.at_least ? u"≥ "_qs : u"≤ "_qs) + metric_text(*goal.metric, goal.wanted);
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
        data.problem = sought.answer.outcome.best ? why_not_known(*goal.metric, sought.study.chips.front())
            : sought.answer.outcome.miss          ? GoalTexts::tr("Nothing is feasible at any value: %1")
                                               .arg(to_text(text_of(sought.answer.outcome.miss->lacks)))
                                         : GoalTexts::tr("Nothing is feasible at any value");
    return data;
}

namespace {

struct GoalPicture {
    SceneInput input;
    GoalData data;
    std::vector<Tried> all; // in the order of the points

    const SeekQuestion &asked() const { return std::get<SeekQuestion>(input.answer->question); }
    const Sought &sought() const { return std::get<Sought>(input.answer->found); }
    Goal goal() const { return std::get<Goal>(parse_goal(asked().goal)); } // it has been answered
    Variable variable() const { return std::get<Variable>(find_variable(sought().study, asked().key)); }
    QColor faded(const QColor &colour) const { return mixed(colour, input.theme->surface, 1 - input.opacity()); }
    std::vector<LegendEntries> legend() const;
    Hover about(std::size_t index, const QPointF &at) const;
};

std::vector<LegendEntries> GoalPicture::legend() const
{
    const Theme &look = *input.theme;
    LegendEntries entries;
    const auto shows = [&](const std::optional<Bound> &bound) {
        return std::ranges::any_of(data.stretches, [&](const GoalStretch &stretch) {
            return stretch.bound == bound && stretch.to > data.from && stretch.from < data.to;
        });
    };
    for (const Bound bound : {Bound::compute, Bound::memory, Bound::network}) {
        if (shows(bound))
            entries.push_back({GoalTexts::tr("bound by %1").arg(bound_text(bound)),
                [colour = look.of(bound), surface = look.surface](Marks &marks, const QRectF &box) {
                    marks.box(box.adjusted(2, 3, -2, -3), QPen(colour, 1), mixed(colour, surface, 0.75));
                }});
    }
    if (shows(std::nullopt))
        entries.push_back(
            {GoalTexts::tr("nothing is feasible"), [grey = look.infeasible](Marks &marks, const QRectF &box) {
                 marks.hatch(box.adjusted(2, 3, -2, -3), grey, 5);
             }});
    return {std::move(entries)};
}

Arrangement goal_arrangement(const GoalData &data, const Room &room)
{
    constexpr double about_ticks = 9; // px of an axis, in texts
    const double tick = QFontMetricsF(room.font).horizontalAdvance(u"0"_qs) * about_ticks;
    return {{{.x = {data.x_label, std::clamp(static_cast<int>(room.size.width() / tick), 2, 8)}, .y = {data.y_label}}}};
}

struct GoalDrawing : SceneDrawing {
    const GoalPicture &of;
    const GoalData &data;
    const FrameAxis &x = panel.x, &y = panel.y;
    QRectF area = panel.area();
    std::vector<QRectF> taken = {}, curve = {}, line = {}; // where a label would hide something

    // None where it is not in sight.
    std::optional<QPointF> pixel_of(const GoalMark &mark) const
    {
        const QPointF at(x.pixel(mark.x), y.pixel(mark.y.value_or(0)));
        return area.adjusted(-1, -1, 1, 1).contains(at) ? std::optional(at) : std::nullopt; // rounded
    }
    void draw_ground();
    void draw_curve();
    void draw_problem();
    void draw_marks();
    void label(const QString &text, const std::vector<QPointF> &points, double away, const QFont &in,
        const QColor &fill, const QColor &ink);
};

void GoalDrawing::draw_ground()
{
    laid.background.set_smooth(false);
    for (const GoalStretch &stretch : data.stretches) {
        const double left = std::clamp(x.pixel(stretch.from), area.left(), area.right()),
                     right = std::clamp(x.pixel(stretch.to), area.left(), area.right());
        const QRectF strip(QPointF(left, area.top()), QPointF(right, area.bottom()));
        if (!(strip.width() > 0))
            continue;
        if (stretch.bound)
            laid.background.fill(strip, mixed(theme.of(*stretch.bound), theme.surface, 1 - 0.13 * input.opacity()));
        else
            laid.background.hatch(strip, of.faded(theme.infeasible), 8);
    }
}

void GoalDrawing::draw_curve()
{
    const QColor colour = of.faded(theme.accent);
    for (const bool serves : {false, true}) {
        const QPen pen = serves ? QPen(colour, input.line_width(2.2), Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin)
                                : QPen(colour, input.line_width(1.5), Qt::DashLine);
        QVector<QPointF> run;
        const auto flush = [&] {
            marks.path(run, pen, area);
            run.clear();
        };
        for (const GoalPoint &point : data.points) {
            if (point.y && point.serves == serves)
                run << QPointF(x.pixel(point.x), y.pixel(*point.y));
            else
                flush();
        }
        flush();
    }
}

void GoalDrawing::draw_problem()
{
    constexpr int how = Qt::AlignCenter | Qt::TextWordWrap;
    const QRectF text = QFontMetricsF(input.font).boundingRect(area.adjusted(20, 20, -20, -20), how, data.problem);
    marks.fill(text.adjusted(-6, -3, 6, 3), theme.surface);
    marks.text(text, how, data.problem, input.font, theme.text);
}

// Next to one of its points, the first that has room nearby, wherever nothing else stands; off the curve and off the
// goal's line if it can, else off the line alone.
void GoalDrawing::label(const QString &text, const std::vector<QPointF> &points, double away, const QFont &in,
    const QColor &fill, const QColor &ink)
{
    const QFontMetricsF sizes(in);
    const QSizeF size(std::min(sizes.horizontalAdvance(text) + 10, area.width()), sizes.height() + 4);
    const double side = size.width() / 2 + away, up = size.height() / 2 + away;
    std::optional<QRectF> box;
    const auto look_for = [&](bool off_curve, bool off_line, double further, const QPointF &at) {
        const double more = further * (size.height() + 3);
        for (const QPointF &offset : {QPointF(0, -up - more), QPointF(0, up + more), QPointF(side, -up - more),
                 QPointF(-side, -up - more), QPointF(side, up + more), QPointF(-side, up + more)}) {
            QRectF place(QPointF(), size);
            place.moveCenter(at + offset);
            place.moveLeft(
                std::clamp(place.left(), area.left() + 2, std::max(area.left() + 2, area.right() - size.width() - 2)));
            if (!box && place.top() >= area.top() && place.bottom() <= area.bottom() && !any_meets(taken, place)
                && !(off_curve && any_meets(curve, place)) && !(off_line && any_meets(line, place)))
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
    marks.box(*box, Qt::NoPen, fill, 3);
    marks.text(*box, Qt::AlignCenter, sizes.elidedText(text, Qt::ElideRight, size.width() - 6), in, ink);
}

void GoalDrawing::draw_marks()
{
    for (std::size_t i = 1; i < data.points.size(); ++i) {
        const GoalPoint &before = data.points[i - 1], &point = data.points[i];
        if (!before.y || !point.y)
            continue;
        const QPointF from(x.pixel(before.x), y.pixel(*before.y)), to(x.pixel(point.x), y.pixel(*point.y));
        curve.push_back(QRectF(from, to).normalized().adjusted(-1, -1, 1, 1));
    }
    const double goal_line = y.pixel(data.wanted);
    const bool goal_seen = y.contains(data.wanted);
    if (goal_seen)
        line.push_back(QRectF(area.left(), goal_line - 1.5, area.width(), 3));
    for (const GoalMark &mark : data.marks) { // no label hides one
        if (const auto at = pixel_of(mark))
            taken.push_back(around(*at, 7));
    }
    if (goal_seen)
        marks.line(
            QLineF(area.left(), goal_line, area.right(), goal_line), QPen(of.faded(theme.warning), 1.6, Qt::DashLine));
    for (const GoalMark &mark : data.marks) {
        const auto at = pixel_of(mark);
        if (!at)
            continue;
        const bool present = mark.kind == GoalMark::Kind::present;
        const QColor colour = of.faded(present ? theme.text : theme.accent);
        marks.line(QLineF(*at, QPointF(at->x(), area.bottom())), QPen(colour, 1, Qt::DotLine));
        constexpr double half = 6; // px
        if (present)
            marks.oval(*at, half - 1, QPen(colour, 2), theme.surface);
        else
            marks.polygon(QPolygonF{*at + QPointF(0, -half), *at + QPointF(half, 0), *at + QPointF(0, half),
                              *at + QPointF(-half, 0)},
                QPen(colour, 2), colour);
    }
    constexpr double beside_mark = 10, beside_line = 4; // px
    const QColor backing = translucent(theme.surface, 225);
    // At the end towards which the goal lies, where that is out of sight; first then, as nothing else says where it is.
    const auto label_goal = [&] {
        const bool above = data.wanted > y.upper;
        const QString text = goal_seen ? GoalTexts::tr("goal %1").arg(data.goal)
            : above                    ? GoalTexts::tr("goal %1, farther up").arg(data.goal)
                                       : GoalTexts::tr("goal %1, farther down").arg(data.goal);
        const double half = QFontMetricsF(input.font).horizontalAdvance(text) / 2 + 8,
                     at = goal_seen ? goal_line
            : above                 ? area.top()
                                    : area.bottom();
        label(text, {{area.left() + half, at}, {area.right() - half, at}, {area.center().x(), at}}, beside_line,
            input.font, backing, of.faded(theme.warning));
    };
    if (!goal_seen)
        label_goal();
    for (const bool answers : {true, false}) { // the answer has the first choice of places
        for (const GoalMark &mark : data.marks) {
            const auto at = pixel_of(mark);
            if (!at || (mark.kind != GoalMark::Kind::present) != answers)
                continue;
            if (answers)
                label(mark.text, {*at}, beside_mark, input.bold(), of.faded(theme.accent),
                    ink_on(of.faded(theme.accent)));
            else
                label(mark.text, {*at}, beside_mark, input.font, backing, of.faded(theme.text));
        }
    }
    if (goal_seen)
        label_goal();
}

SceneLayout goal_layout(const std::shared_ptr<const GoalPicture> &picture, const Frame &frame)
{
    const FramePanel &panel = frame.panel();
    GoalDrawing drawing{{picture->input, frame}, *picture, picture->data};
    drawing.draw_ground();
    drawing.draw_curve();
    if (picture->data.problem.isEmpty())
        drawing.draw_marks();
    else
        drawing.draw_problem();
    QVector<QPointF> places;
    for (const GoalPoint &point : picture->data.points)
        places << panel.pixel(point.x, point.y.value_or(0));
    drawing.laid.hits = {hit_across(places, panel.area(),
        [picture, places](std::size_t i) { return picture->about(i, places[static_cast<qsizetype>(i)]); })};
    return std::move(drawing.laid);
}

Hover GoalPicture::about(std::size_t index, const QPointF &at) const
{
    const Tried &tried = all[index];
    const Variable number = variable();
    const Metric &metric = *goal().metric;
    QStringList lines{to_text(number.label + ": " + number.short_text(tried.value))};
    if (tried.output)
        lines << title_of(metric) + u": "_qs + metric_text(metric, *tried.output);
    if (tried.outcome.best)
        lines << to_text(full_configuration_text(sought().study, tried.outcome.best->candidate))
              << GoalTexts::tr("bound by %1").arg(to_text(binding_text(*tried.outcome.best)));
    else
        lines << GoalTexts::tr("Nothing is feasible: %1")
                     .arg(tried.outcome.miss ? to_text(text_of(tried.outcome.miss->lacks))
                                             : GoalTexts::tr("contradictory numbers"));
    lines << GoalTexts::tr("Click for its slider");
    return {lines.join(u'\n'), at, std::nullopt, std::nullopt, ShowSlider{to_text(asked().key)}};
}

Table goal_table(const GoalPicture &picture)
{
    const GoalData &now = picture.data;
    const Metric &metric = *picture.goal().metric;
    const QString unit = to_text(base_unit(metric.dimension).symbol), title = title_of(metric);
    Table table;
    table.columns = {{now.x_label, {}}, {unit.isEmpty() ? title : GoalTexts::tr("%1 (%2)").arg(title, unit), {}},
        {GoalTexts::tr("Bound by"), {}}, {GoalTexts::tr("Configuration"), {}}, {GoalTexts::tr("Mark"), {}}};
    const std::vector<Tried> &all = picture.all;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Outcome &outcome = all[i].outcome;
        QStringList marks;
        for (const GoalMark &mark : now.marks) {
            if (mark.x == now.points[i].x)
                marks << mark.text;
        }
        const QString configuration = outcome.best
            ? to_text(full_configuration_text(picture.sought().study, outcome.best->candidate))
            : outcome.miss ? to_text(text_of(outcome.miss->lacks))
                           : QString();
        table.rows.push_back({{now.points[i].x, cell_of(all[i].output),
            outcome.best ? bound_text(outcome.best->bound.largest()) : QString(), configuration,
            marks.join(u"; "_qs)}});
    }
    return table;
}

} // namespace

Scene goal_scene(const SceneInput &input)
{
    const auto picture = std::make_shared<const GoalPicture>(
        GoalPicture{input, goal_data(*input.answer), all_tried(std::get<Sought>(input.answer->found))});
    const GoalData &data = picture->data;
    Scene scene;
    scene.panels[0].x = {.from = data.from, .to = data.to, .exact = true, .log = data.log};
    double most = 0;
    for (const GoalPoint &point : data.points) {
        if (point.x >= data.from && point.x <= data.to)
            most = std::max(most, point.y.value_or(0));
    }
    // A goal far off stands at the upper end: the curve has to be seen.
    constexpr double headroom = 1.12, farthest = 2.5;
    const bool in_reach = most == 0 || data.wanted <= farthest * most;
    scene.panels[0].y.to = headroom * std::max({most, in_reach ? data.wanted : 0, 1e-9});
    scene.legend = picture->legend();
    scene.aside = input.state_width;
    scene.arrange = [picture](const Room &room) { return goal_arrangement(picture->data, room); };
    scene.layout = [picture](const Frame &frame) { return goal_layout(picture, frame); };
    scene.table = [picture] { return goal_table(*picture); };
    return scene;
}

std::vector<ChartOption> goal_options()
{
    return {{.key = u"goal.parameter"_qs}, {.key = u"goal.goal"_qs}, {.key = u"goal.chip"_qs}};
}

OptionValues goal_values(const SeekQuestion &question, const std::string &chip)
{
    return {{u"goal.parameter"_qs, to_text(question.key)}, {u"goal.goal"_qs, to_text(question.goal)},
        {u"goal.chip"_qs, to_text(chip)}};
}

std::optional<Question> goal_question(const SceneInput &input)
{
    const QString goal = input.option(u"goal.goal"_qs);
    if (goal.isEmpty())
        return std::nullopt;
    return SeekQuestion{input.option(u"goal.parameter"_qs).toStdString(), goal.toStdString()};
}

Study goal_subject(const SceneInput &input)
{
    return study_of_chip(*input.explored, input.option(u"goal.chip"_qs).toStdString());
}

Study study_of_chip(const Explored &explored, const std::string &chip)
{
    const std::vector<Chip> &chips = explored.searched.chips;
    const Chip *found = find_in(chips, chip, &Chip::name);
    return found ? with_chip(explored.searched, static_cast<std::size_t>(found - chips.data()))
                 : study_in_question(explored);
}

std::vector<std::string> goal_axes(const Question &question)
{
    const auto &asked = std::get<SeekQuestion>(question);
    return {asked.key, std::string(std::get<Goal>(parse_goal(asked.goal)).metric->key)}; // it has been answered
}

} // namespace epscope
