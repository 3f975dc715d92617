// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/roofline_chart.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QKeyEvent>
#include <QMouseEvent>
#include <qcustomplot.h>

#include "app/charts/make_chart.h"
#include "app/charts/marks.h"
#include "app/charts/operator_blocks.h"
#include "core/analysis/variable.h"
#include "core/quantity.h"

namespace epscope {
namespace {

constexpr double operator_reach = 16; // px from a point within which it is meant
constexpr double roof_reach = 6; // px from a roof

QString flops_text(double value)
{
    return QString::fromStdString(short_text(value, Dimension::flop_per_second));
}

QString bandwidth_text(double value)
{
    return QString::fromStdString(short_text(value, Dimension::bytes_per_second));
}

QString intensity_text(const RooflinePoint &point)
{
    return RooflineChart::tr("%1 FLOP per byte")
        .arg(QString::fromStdString(short_text(point.intensity, Dimension::count)));
}

RoofKind kind_of(Rate rate)
{
    return rate == Rate::bf16 ? RoofKind::bf16 : rate == Rate::eight_bit ? RoofKind::eight_bit : RoofKind::four_bit;
}

} // namespace

const Roof *RooflineData::find(RoofKind kind) const
{
    const auto found = std::find_if(roofs.begin(), roofs.end(), [&](const Roof &roof) { return roof.kind == kind; });
    return found == roofs.end() ? nullptr : &*found;
}

RooflineData roofline_data(const Scenario &scenario, const Estimate &estimate)
{
    const Profile &profile = scenario.profile;
    const Machine machine = resolve(profile, scenario.chip, scenario.nic);
    const std::string chip = "chip." + scenario.chip.name + ".";
    RooflineData data;
    data.feasible = estimate.feasible();
    const auto add_roof = [&](RoofKind kind, const QString &name, const std::string &key, double value,
                              double efficiency) {
        if (value > 0)
            data.roofs.push_back({kind, name, key, value, value * efficiency});
    };
    const auto rate_name = [&](Rate rate) { return qstring(name_of(rate, scenario.chip.eight_bit)).toUpper(); };
    add_roof(RoofKind::bf16, rate_name(Rate::bf16), chip + "bf16", machine.bf16, 1);
    add_roof(RoofKind::eight_bit, rate_name(Rate::eight_bit), chip + "fp8", machine.fp8, 1);
    add_roof(RoofKind::four_bit, rate_name(Rate::four_bit), chip + "fp4", machine.fp4, 1);
    add_roof(RoofKind::memory, RooflineChart::tr("Memory"), chip + "memory_bandwidth", machine.memory_bandwidth,
        profile.memory_efficiency);
    if (profile.uses_scale_up && machine.scale_up_domain > 1)
        add_roof(RoofKind::scale_up, RooflineChart::tr("Scale-up"), chip + "scale_up_bandwidth",
            machine.scale_up_bandwidth, profile.scale_up_efficiency);
    const double nic_efficiency = profile.uses_scale_up ? profile.nic_efficiency : 1;
    add_roof(RoofKind::nic, RooflineChart::tr("NIC"), "nic." + scenario.nic.name + ".bandwidth", machine.nic_bandwidth,
        nic_efficiency);

    std::array<bool, 64> seen{};
    for (const BlockEstimate &block : estimate.blocks) {
        for (const OperatorEstimate &op : block.operators) {
            bool &known = seen.at(static_cast<std::size_t>(op.id));
            if (std::exchange(known, true))
                continue;
            RooflinePoint point{op.id, block.kind, 0, RoofKind::memory, 0, 0, machine.memory_bandwidth};
            const auto spread = [&](double amount, double longest_s) {
                point.achieved = amount / op.time_s;
                point.attainable = amount / longest_s;
            };
            if (op.flops > 0 && op.bytes_moved > 0 && op.rate) {
                point.intensity = op.flops / op.bytes_moved;
                point.under = kind_of(op.rate->used);
                point.roof = std::min(op.rate->flops, point.intensity * machine.memory_bandwidth);
                spread(op.flops, std::max(op.compute_s, op.memory_s));
                data.points.push_back(point);
            } else if (op.bytes_moved > 0) {
                spread(op.bytes_moved, op.memory_s);
                data.moves.push_back(point);
            }
            const auto add_transfer = [&](RoofKind link, double bytes) {
                if (!(bytes > 0))
                    return;
                point.under = link;
                point.roof = data.find(link)->value;
                spread(bytes, op.network_s);
                data.transfers.push_back(point);
            };
            add_transfer(RoofKind::scale_up, op.bytes_near);
            add_transfer(RoofKind::nic, op.bytes_sent - op.bytes_near);
        }
    }
    return data;
}

// Takes the room of the list; the chart paints it.
class RooflineChart::List : public QCPLayoutElement {
public:
    using QCPLayoutElement::QCPLayoutElement;

    double width = 0, change_width = 0; // px, of all and of the column of changes
    bool has_values = true; // the parts of the roofs

    QSize minimumOuterSizeHint() const override { return {static_cast<int>(std::ceil(width)), 0}; }
    QSize maximumOuterSizeHint() const override { return {static_cast<int>(std::ceil(width)), QWIDGETSIZE_MAX}; }
};

RooflineChart::RooflineChart(QWidget *parent)
    : Chart(QStringLiteral("roofline"), chart_title("roofline"), parent)
    , links(new QCPAxisRect(plot()))
    , list(new List(plot()))
{
    QCustomPlot &chart = *plot();
    QCPLayoutGrid &grid = *chart.plotLayout();
    grid.insertRow(0); // an empty legend: laid out before the axes, whose ticks depend on it
    grid.addElement(0, 0, make_legend(&chart, [this](const QSize &size) { arrange(size); }));
    grid.addElement(1, 1, links);
    grid.addElement(1, 2, list);
    grid.setColumnSpacing(0);
    grid.setRowSpacing(0);
    for (QCPAxisRect *rect : {chart.axisRect(0), links}) {
        for (QCPAxis *axis : {rect->axis(QCPAxis::atLeft), rect->axis(QCPAxis::atBottom)})
            axis->grid()->setLayer(QStringLiteral("grid"));
    }
    for (QCPAxis *axis : {chart.xAxis, chart.yAxis, links->axis(QCPAxis::atLeft)}) {
        axis->setScaleType(QCPAxis::stLogarithmic);
        axis->setTicker(decade_ticker());
        axis->setRange(1, 10);
    }
    auto *bottoms = new QCPMarginGroup(&chart);
    for (QCPAxisRect *rect : {chart.axisRect(0), links})
        rect->setMarginGroup(QCP::msBottom, bottoms);
    links->axis(QCPAxis::atBottom)->setTicks(false);
    links->axis(QCPAxis::atBottom)->setTickLabels(false);
    links->axis(QCPAxis::atBottom)->grid()->setVisible(false);
    links->setRangeZoomAxes(nullptr, links->axis(QCPAxis::atLeft));
    chart.xAxis->setLabel(tr("FLOP per byte of memory traffic"));
    add_drawing(&chart, QStringLiteral("main"), [this](QCPPainter &painter) {
        if (!this->explored())
            return;
        painter.setAntialiasing(true);
        paint_roofs(painter);
        paint_before(painter);
        paint_points(painter);
        paint_changes(painter);
        paint_list(painter);
    });
    set_theme(theme()); // for the axes added
    asked_too_long.setSingleShot(true);
    asked_too_long.setInterval(1000);
    connect(&asked_too_long, &QTimer::timeout, this, [this] {
        if (drag)
            return;
        asked.reset();
        redraw();
    });
}

ChartTable RooflineChart::table() const
{
    ChartTable table;
    table.header = {tr("Operator"), tr("In"), tr("Under"), tr("FLOP per byte"), tr("Achieved"), tr("Attainable"),
        tr("Roof"), tr("Unit")};
    if (!newest())
        return table;
    const ChipView &view = newest()->leading();
    add_rows(table, roofline_data(view.scenario, view.estimate));
    add_baselines(table, [&](const Baseline &pin) {
        if (const ChipView *then = pin.view(view.scenario.chip.name))
            add_rows(table, roofline_data(then->scenario, then->estimate));
    });
    return table;
}

void RooflineChart::add_rows(ChartTable &table, const RooflineData &of)
{
    for (const Roof &roof : of.roofs)
        table.rows.push_back({tr("(roof)"), {}, roof.name, {}, {}, exact(roof.reachable), exact(roof.value),
            roof.is_rate() ? u"FLOP/s"_qs : u"B/s"_qs});
    const auto add = [&](const RooflinePoint &point, const QString &unit) {
        table.rows.push_back({label_text(point.id), qstring(label_of(point.block)), of.find(point.under)->name,
            point.intensity > 0 ? exact(point.intensity) : QString(), exact(point.achieved), exact(point.attainable),
            exact(point.roof), unit});
    };
    for (const RooflinePoint &point : of.points)
        add(point, u"FLOP/s"_qs);
    for (const RooflinePoint &point : of.moves)
        add(point, u"B/s"_qs);
    for (const RooflinePoint &point : of.transfers)
        add(point, u"B/s"_qs);
}

double RooflineChart::value_of(const Roof &roof) const
{
    return asked && asked->first == roof.kind ? asked->second : roof.value;
}

// Of what is on show, a roof that is dragged where it has been dragged to.
RooflineChart::Limits RooflineChart::limits_of(const RooflineData &of) const
{
    Limits found;
    for (const Roof &roof : of.roofs) {
        const double value = &of == &data ? value_of(roof) : roof.value;
        if (roof.is_rate())
            found.highest = std::max(found.highest, value);
        if (roof.kind == RoofKind::memory)
            found.memory = value;
    }
    return found;
}

QRectF RooflineChart::area_of(const RooflinePoint &point) const
{
    return plot_area(point.intensity > 0 ? *plot()->axisRect(0) : *links);
}

QPointF RooflineChart::pixel_of(const RooflinePoint &point) const
{
    if (point.intensity > 0)
        return {plot()->xAxis->coordToPixel(point.intensity), plot()->yAxis->coordToPixel(point.achieved / tera)};
    const auto place = std::find_if(data.transfers.begin(), data.transfers.end(),
        [&](const RooflinePoint &other) { return other.id == point.id && other.under == point.under; });
    const double part =
        (static_cast<double>(place - data.transfers.begin()) + 0.5) / static_cast<double>(data.transfers.size());
    return {links->left() + part * links->width(), links->axis(QCPAxis::atLeft)->coordToPixel(point.achieved / giga)};
}

// As it is seen: a rate from its ridge on, the memory's slope up to the highest rate.
std::optional<QLineF> RooflineChart::line_of(const Roof &roof, double value, const Limits &within) const
{
    const QCPAxis &x = *plot()->xAxis, &y = *plot()->yAxis;
    switch (roof.kind) {
    case RoofKind::scale_up:
    case RoofKind::nic: {
        const double level = links->axis(QCPAxis::atLeft)->coordToPixel(value / giga);
        return clipped(QLineF(links->left(), level, links->right(), level), plot_area(*links));
    }
    case RoofKind::memory: {
        const double left = x.range().lower, ridge = within.highest / value;
        return clipped(QLineF(x.coordToPixel(left), y.coordToPixel(left * value / tera), x.coordToPixel(ridge),
                           y.coordToPixel(within.highest / tera)),
            plot_area(*plot()->axisRect(0)));
    }
    default: {
        const double ridge = within.memory > 0 ? value / within.memory : x.range().lower,
                     level = y.coordToPixel(value / tera);
        return clipped(QLineF(x.coordToPixel(ridge), level, x.coordToPixel(x.range().upper), level),
            plot_area(*plot()->axisRect(0)));
    }
    }
}

std::optional<QLineF> RooflineChart::line_of(const Roof &roof) const
{
    return line_of(roof, value_of(roof), limits_of(data));
}

std::optional<QLineF> RooflineChart::line_before(const Roof &roof) const
{
    const Roof *now = data.find(roof.kind);
    if (now && value_of(*now) == roof.value)
        return std::nullopt;
    return line_of(roof, roof.value, limits_of(*before));
}

std::optional<ValueChange> RooflineChart::change_in(const Roof &roof) const
{
    const Roof *then = before ? before->find(roof.kind) : nullptr;
    return then && then->value != value_of(roof) ? change_of(then->value, value_of(roof)) : std::nullopt;
}

std::optional<ValueChange> RooflineChart::change_in(const RooflinePoint &point) const
{
    const RooflinePoint *then = point_before(point);
    return then ? change_of(then->achieved, point.achieved) : std::nullopt;
}

// The same run, over the same link.
const RooflinePoint *RooflineChart::point_before(const RooflinePoint &point) const
{
    if (!before)
        return nullptr;
    for (const std::vector<RooflinePoint> *points : {&before->points, &before->moves, &before->transfers}) {
        for (const RooflinePoint &then : *points) {
            if (then.id == point.id
                && (then.intensity > 0 ? point.intensity > 0 : point.under == then.under && !(point.intensity > 0)))
                return &then;
        }
    }
    return nullptr;
}

ChangeArrow RooflineChart::arrow_of(const RooflinePoint &point) const
{
    const RooflinePoint *then = point_before(point);
    const QRectF area = area_of(point);
    if (!then || !area.contains(pixel_of(*then)) || !area.contains(pixel_of(point)))
        return {};
    return {pixel_of(*then), pixel_of(point), chip_marker_size / 2, chip_marker_size / 2};
}

QPointF RooflineChart::handle_of(RoofKind kind) const
{
    const Roof *roof = data.find(kind);
    const std::optional<QLineF> line = roof ? line_of(*roof) : std::nullopt;
    return line ? line->center() : QPointF();
}

const Roof *RooflineChart::roof_near(const QPointF &position) const
{
    const Roof *found = nullptr;
    double nearest = roof_reach;
    for (const Roof &roof : data.roofs) {
        const std::optional<QLineF> line = line_of(roof);
        if (!line || distance_to(*line, position) > nearest)
            continue;
        nearest = distance_to(*line, position);
        found = &roof;
    }
    return found;
}

const RooflinePoint *RooflineChart::point_near(const RooflineData &of, const QPointF &position) const
{
    const RooflinePoint *found = nullptr;
    double nearest = operator_reach * operator_reach;
    for (const std::vector<RooflinePoint> *points : {&of.points, &of.transfers}) {
        for (const RooflinePoint &point : *points) {
            const double distance = squared_distance(pixel_of(point), position);
            if (distance <= nearest) {
                nearest = distance;
                found = &point;
            }
        }
    }
    return found;
}

QString RooflineChart::point_text(const RooflinePoint &point) const
{
    const ChipView &view = explored()->leading();
    const bool computes = point.intensity > 0;
    const auto text = [&](double value) { return computes ? flops_text(value) : bandwidth_text(value); };
    QStringList lines{label_text(point.id) + u", "_qs + qstring(label_of(point.block))};
    lines << tr("%1 achieved: %2 of the roof (%3, %4)")
                 .arg(text(point.achieved), part_text(point.achieved / point.roof),
                     computes && point.roof < data.find(point.under)->value ? data.find(RoofKind::memory)->name
                                                                            : data.find(point.under)->name,
                     text(point.roof));
    lines << tr("%1 of the attainable %2").arg(part_text(point.achieved / point.attainable), text(point.attainable));
    if (computes)
        lines << intensity_text(point);
    if (const auto change = change_in(point))
        lines << against_text(*change, text(change->before), baselines().primary()->name);
    for (const BlockEstimate &block : view.estimate.blocks) {
        if (block.kind != point.block)
            continue;
        for (const OperatorEstimate &op : block.operators) {
            if (op.id == point.id)
                lines << operator_texts(view.scenario, op);
        }
    }
    return hover_text(lines, *plot());
}

QString RooflineChart::before_text(const RooflinePoint &point) const
{
    const bool computes = point.intensity > 0;
    QStringList lines{tr("%1 in %2").arg(label_text(point.id), baselines().primary()->name)};
    lines << tr("%1 achieved").arg(computes ? flops_text(point.achieved) : bandwidth_text(point.achieved));
    if (computes)
        lines << intensity_text(point);
    return hover_text(lines, *plot());
}

QString RooflineChart::roof_text(const Roof &roof) const
{
    const auto text = [&](double value) { return roof.is_rate() ? flops_text(value) : bandwidth_text(value); };
    QString line = tr("%1: %2. Drag it to change this number.").arg(roof.name, text(value_of(roof)));
    if (roof.reachable < roof.value)
        line += u'\n' + tr("%1 of it can be reached (dashed).").arg(text(roof.reachable));
    if (const auto change = change_in(roof))
        line += u'\n' + against_text(*change, text(change->before), baselines().primary()->name);
    return line;
}

void RooflineChart::clicked(const QPointF &position)
{
    const std::optional<Hover> hover = explored() ? hover_at(position) : std::nullopt;
    if (hover && hover->operator_id)
        emit explanation_wanted(*hover->number);
}

std::optional<Hover> RooflineChart::hover_at(const QPointF &position) const
{
    Hover hover;
    if (const RooflinePoint *point = point_near(data, position)) {
        hover.text = point_text(*point);
        hover.operator_id = point->id;
        hover.number = Explainable{std::string(info_of(point->id).key)};
        return hover;
    }
    if (const RooflinePoint *point = before ? point_near(*before, position) : nullptr) {
        hover.text = before_text(*point);
        hover.operator_id = point->id;
        return hover;
    }
    for (const Row &row : rows()) {
        if (!row.area.contains(position))
            continue;
        hover.operator_id = row.id;
        hover.number = Explainable{std::string(info_of(row.id).key)};
        for (const std::vector<RooflinePoint> *points : {&data.points, &data.transfers, &data.moves}) {
            for (const RooflinePoint &point : *points) {
                if (point.id == row.id && hover.text.isEmpty())
                    hover.text = point_text(point);
            }
        }
        return hover;
    }
    if (const Roof *roof = roof_near(position)) {
        hover.text = roof_text(*roof);
        hover.number = Explainable{roof->key};
        return hover;
    }
    return std::nullopt;
}

double RooflineChart::value_at(RoofKind kind, const QPointF &position) const
{
    switch (kind) {
    case RoofKind::scale_up:
    case RoofKind::nic:
        return links->axis(QCPAxis::atLeft)->pixelToCoord(position.y()) * giga;
    case RoofKind::memory:
        return plot()->yAxis->pixelToCoord(position.y()) * tera / plot()->xAxis->pixelToCoord(position.x());
    default:
        return plot()->yAxis->pixelToCoord(position.y()) * tera;
    }
}

// Three digits of the unit in which the study states the number.
void RooflineChart::ask_for(RoofKind kind, double value)
{
    const Roof *roof = data.find(kind);
    const auto found = find_variable(explored()->inputs.study, roof->key);
    const auto *variable = std::get_if<Variable>(&found);
    if (!variable || !variable->stated)
        return;
    // The formulas may read a unit's prefix otherwise than it is written (quirk 5).
    const double read_as = roof->value / *variable->stated;
    const double number = value / read_as / variable->unit->factor;
    const double digit = std::pow(10.0, std::floor(std::log10(number)) - 2);
    const double rounded =
        digit < 1 ? std::round(number / digit) / std::round(1 / digit) : std::round(number / digit) * digit;
    const double si = variable->allowed(rounded * variable->unit->factor);
    if (asked && asked->first == kind && asked->second == si * read_as)
        return;
    asked = {kind, si * read_as};
    asked_too_long.start();
    const QString key = QString::fromStdString(roof->key);
    redraw(); // makes the data anew
    emit roof_dragged(key, QString::fromStdString(variable->text(si)));
}

void RooflineChart::drag_to(const QPointF &position)
{
    if (!drag->moved && (position - drag->pressed).manhattanLength() < 2)
        return;
    drag->moved = true;
    ask_for(drag->kind, value_at(drag->kind, position) * drag->factor);
}

bool RooflineChart::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::MouseButtonPress: {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        const Roof *roof = explored() && mouse->button() == Qt::LeftButton ? roof_near(mouse->position()) : nullptr;
        if (!roof)
            break;
        drag = Drag{roof->kind, mouse->position(), value_of(*roof),
            value_of(*roof) / value_at(roof->kind, mouse->position()), false};
        QEvent leave(QEvent::Leave); // no readout meanwhile
        Chart::eventFilter(plot(), &leave);
        return true;
    }
    case QEvent::MouseMove: {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        if (drag) {
            drag_to(mouse->position());
            return true;
        }
        const Roof *roof = explored() && mouse->buttons() == Qt::NoButton ? roof_near(mouse->position()) : nullptr;
        if (roof)
            plot()->setCursor(Qt::SizeVerCursor);
        else
            plot()->unsetCursor();
        break;
    }
    case QEvent::MouseButtonRelease:
        if (!drag || static_cast<QMouseEvent *>(event)->button() != Qt::LeftButton)
            break;
        drag.reset();
        asked_too_long.start();
        redraw();
        return true;
    case QEvent::KeyPress:
        if (drag && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape) {
            const Drag ended = *drag;
            drag.reset();
            ask_for(ended.kind, ended.before);
            return true;
        }
        break;
    default:
        break;
    }
    return Chart::eventFilter(watched, event);
}

void RooflineChart::draw(const Explored &explored, const Theme &)
{
    const ChipView &view = explored.leading();
    data = roofline_data(view.scenario, view.estimate);
    const ChipView *then = baselines().primary() ? baselines().primary()->view(view.scenario.chip.name) : nullptr;
    before = then ? std::optional(roofline_data(then->scenario, then->estimate)) : std::nullopt;
    if (asked && !drag) {
        const Roof *roof = data.find(asked->first);
        if (!roof || std::abs(roof->value - asked->second) <= 1e-9 * roof->value)
            asked.reset();
    }
    if (!asked)
        asked_too_long.stop();
    keep_legible(*this, 20, 12);
    if (!drag) // the axes stay put under the mouse
        fit_axes();
}

void RooflineChart::fit_axes()
{
    double least_x = 1, most_x = 1, least_y = 1, most_y = 1, least_sent = 1, most_sent = 1;
    bool first = true;
    const auto cover = [](double value, double &least, double &most, bool start) {
        least = start ? value : std::min(least, value);
        most = start ? value : std::max(most, value);
    };
    bool first_sent = true;
    const auto cover_data = [&](const RooflineData &of) {
        const Roof *memory = of.find(RoofKind::memory);
        double highest = 0;
        for (const Roof &roof : of.roofs) {
            if (roof.is_rate())
                highest = std::max(highest, roof.value);
            if (roof.kind == RoofKind::nic || roof.kind == RoofKind::scale_up)
                cover(roof.value / giga, least_sent, most_sent, std::exchange(first_sent, false));
        }
        for (const RooflinePoint &point : of.points) {
            cover(point.intensity, least_x, most_x, first);
            cover(point.achieved / tera, least_y, most_y, std::exchange(first, false));
        }
        for (const RooflinePoint &point : of.transfers)
            cover(point.achieved / giga, least_sent, most_sent, std::exchange(first_sent, false));
        cover(memory ? highest / memory->value : most_x, least_x, most_x, first);
        cover(highest / tera, least_y, most_y, std::exchange(first, false));
    };
    cover_data(data);
    if (before)
        cover_data(*before);
    constexpr double room = 1.6; // beyond the farthest point; for the roofs' names too
    fit_axis(plot()->xAxis, round_floor(least_x / room), room * most_x);
    fit_axis(plot()->yAxis, round_floor(least_y / room), room * most_y);
    fit_axis(links->axis(QCPAxis::atLeft), round_floor(least_sent / room), room * most_sent);
}

void RooflineChart::arrange(const QSize &size)
{
    const QFontMetricsF metrics(font());
    const double line = metrics.height();
    const bool has_list = size.width() >= 28 * line;
    list->has_values = !before || size.width() >= 56 * line;
    double widest = 0, widest_change = 0;
    for (const Row &row : rows()) {
        widest = std::max(widest,
            metrics.horizontalAdvance(row.name) + (list->has_values ? metrics.horizontalAdvance(row.value) : 0));
        widest_change =
            std::max(widest_change, row.change ? metrics.horizontalAdvance(change_text(*row.change)) + 0.6 * line : 0);
    }
    const double links_width = std::max(5 * line, 0.15 * size.width());
    const double beside_plot = links_width + 3.5 * line; // with what the network's axis is labelled
    const double with_list = size.width() - beside_plot - widest - 2.8 * line;
    constexpr double least_plot = 14; // lines across: without such room the changes stand at the points alone
    list->change_width = with_list - widest_change < least_plot * line ? 0 : widest_change;
    list->width = has_list ? widest + list->change_width + 2.8 * line : 0;
    links->setMinimumSize(static_cast<int>(links_width), 0);
    links->setMaximumSize(static_cast<int>(links_width), QWIDGETSIZE_MAX);
    const auto margin = static_cast<int>(line);
    plot()->axisRect(0)->setMinimumMargins(QMargins(8, margin, 6, 4));
    links->setMinimumMargins(QMargins(4, margin, 4, 4));
    const double room = size.height() / line;
    const bool tall = room >= 16;
    for (QCPAxis *axis : {plot()->yAxis, links->axis(QCPAxis::atLeft)})
        axis->ticker()->setTickCount(tall ? 5 : 3);
    plot()->yAxis->setLabel(tr("TFLOP/s"));
    links->axis(QCPAxis::atLeft)->setLabel(tr("GB/s sent"));
    links->axis(QCPAxis::atBottom)->setLabel(tr("Network"));
    const double plot_width = size.width() - list->width - beside_plot;
    fit_axis_texts(*plot()->xAxis, {tr("FLOP per byte of memory traffic"), tr("FLOP per byte"), tr("FLOP/B")}, font(),
        plot_width - 4 * line, 0);
    const double tick = 2 * (metrics.horizontalAdvance(u"10000"_qs) + 0.5 * line);
    plot()->xAxis->ticker()->setTickCount(std::clamp(static_cast<int>((plot_width - 4 * line) / tick), 1, 5));
}

std::vector<RooflineChart::RoofLabel> RooflineChart::roof_labels() const
{
    const QFontMetricsF metrics(font());
    std::vector<RoofLabel> placed;
    const auto is_free = [&](const QRectF &box) {
        return std::none_of(placed.begin(), placed.end(), [&](const RoofLabel &other) {
            return other.box.intersects(box);
        }) && !meets_point(box);
    };
    const auto meets_line = [&](const QRectF &box) {
        const auto crosses = [&](const std::optional<QLineF> &line) { return line && clipped(*line, box).has_value(); };
        return std::any_of(data.roofs.begin(), data.roofs.end(), [&](const Roof &roof) {
            return crosses(line_of(roof));
        }) || (before && std::any_of(before->roofs.begin(), before->roofs.end(), [&](const Roof &roof) {
            return crosses(line_before(roof));
        }));
    };
    for (const Roof &roof : data.roofs) {
        const std::optional<QLineF> line = line_of(roof);
        if (!line)
            continue;
        const double value = value_of(roof);
        const QString number = roof.is_rate() ? flops_text(value) : bandwidth_text(value);
        const bool link = roof.kind == RoofKind::nic || roof.kind == RoofKind::scale_up;
        const QRectF area = link ? plot_area(*links) : plot_area(*plot()->axisRect(0));
        std::vector<RoofLabel> choices;
        if (const auto change = change_in(roof))
            choices = {{roof.name + u' ' + number, change, {}}, {roof.name, change, {}}};
        choices.push_back({roof.name + u' ' + number, {}, {}});
        choices.push_back({roof.name, {}, {}});
        for (RoofLabel &choice : choices) {
            const double change_width =
                choice.change ? metrics.horizontalAdvance(u' ' + change_text(*choice.change)) : 0;
            const QSizeF size(metrics.horizontalAdvance(choice.text) + change_width + 4, metrics.height());
            if (roof.kind == RoofKind::memory) { // above the slope, from its middle downwards
                for (const double part : {0.5, 0.35, 0.65, 0.2, 0.8, 0.08}) {
                    const QPointF at = line->pointAt(part);
                    const QRectF candidate(at - QPointF(size.width() + 4, size.height() + 2), size);
                    if (choice.box.isEmpty() && area.contains(candidate) && is_free(candidate)
                        && !meets_line(candidate))
                        choice.box = candidate;
                }
            } else {
                const double right = line->x2() - 2;
                const double above = line->y1() - size.height() - 1, below = line->y1() + 2;
                for (const double top : {above, below, above - chip_marker_size / 2,
                         below + chip_marker_size / 2}) { // the farther ones clear points on the roof
                    for (const double left :
                        {right - size.width(), line->center().x() - size.width() / 2, line->x1() + 2}) {
                        const QRectF candidate(QPointF(left, top), size);
                        if (choice.box.isEmpty() && area.adjusted(0, -size.height(), 0, 0).contains(candidate)
                            && is_free(candidate) && !meets_line(candidate))
                            choice.box = candidate;
                    }
                }
            }
            if (choice.box.isEmpty())
                continue;
            placed.push_back(choice);
            break;
        }
    }
    return placed;
}

bool RooflineChart::meets_point(const QRectF &box) const
{
    const QRectF wide =
        box.adjusted(-chip_marker_size / 2, -chip_marker_size / 2, chip_marker_size / 2, chip_marker_size / 2);
    const auto inside = [&](const RooflinePoint &point) { return wide.contains(pixel_of(point)); };
    const auto meets = [&](const RooflineData &of) {
        return std::any_of(of.points.begin(), of.points.end(), inside)
            || std::any_of(of.transfers.begin(), of.transfers.end(), inside);
    };
    return meets(data) || (before && meets(*before));
}

// The largest changes first; those that count as none stand in the list.
std::vector<RooflineChart::PointLabel> RooflineChart::point_labels() const
{
    struct Wanted {
        ValueChange change;
        ChangeArrow arrow;
        QRectF area;
    };
    std::vector<Wanted> wanted;
    for (const std::vector<RooflinePoint> *points : {&data.points, &data.transfers}) {
        for (const RooflinePoint &point : *points) {
            const auto change = change_in(point);
            if (change && !change->slight(baselines().threshold))
                wanted.push_back({*change, arrow_of(point), area_of(point)});
        }
    }
    std::stable_sort(wanted.begin(), wanted.end(),
        [](const Wanted &a, const Wanted &b) { return std::abs(a.change.part()) > std::abs(b.change.part()); });
    QFont bold = font();
    bold.setBold(true);
    const QFontMetricsF metrics(bold);
    const std::vector<RoofLabel> roofs = roof_labels();
    std::vector<PointLabel> placed;
    for (const Wanted &each : wanted) {
        const auto is_free = [&](const QRectF &box) {
            const auto meets = [&](const auto &other) { return other.box.intersects(box); };
            const auto crosses = [&](const Wanted &other) {
                return clipped(QLineF(other.arrow.from, other.arrow.to), box).has_value();
            };
            return each.area.contains(box) && !meets_point(box) && std::none_of(roofs.begin(), roofs.end(), meets)
                && std::none_of(placed.begin(), placed.end(), meets)
                && std::none_of(wanted.begin(), wanted.end(), crosses);
        };
        const QSizeF size(metrics.horizontalAdvance(change_text(each.change)) + 4, metrics.height());
        if (const QRectF box = place_beside(each.arrow, size, is_free); !box.isEmpty())
            placed.push_back({each.change, box});
    }
    return placed;
}

void RooflineChart::paint_roofs(QCPPainter &painter) const
{
    const Theme &look = theme();
    const Limits within = limits_of(data);
    painter.setBrush(Qt::NoBrush);
    for (const Roof &roof : data.roofs) {
        const double value = value_of(roof);
        if (const std::optional<QLineF> line = line_of(roof)) {
            painter.setPen(QPen(
                drag && drag->kind == roof.kind ? look.accent : look.text, line_width(2), Qt::SolidLine, Qt::FlatCap));
            painter.drawLine(*line);
        }
        if (!(roof.reachable < roof.value))
            continue;
        if (const std::optional<QLineF> line = line_of(roof, value * roof.reachable / roof.value, within)) {
            painter.setPen(QPen(look.muted, 1, Qt::DashLine, Qt::FlatCap));
            painter.drawLine(*line);
        }
    }
    painter.setFont(font());
    const QFontMetricsF metrics(font());
    for (const RoofLabel &label : roof_labels()) {
        const QPointF at(label.box.left() + 2, label.box.top() + metrics.ascent());
        painter.setPen(look.muted);
        painter.drawText(at, label.text);
        if (!label.change)
            continue;
        painter.setPen(change_colour(*label.change, baselines().threshold, Better::higher, look));
        painter.drawText(at + QPointF(metrics.horizontalAdvance(label.text + u' '), 0), change_text(*label.change));
    }
}

// Thin dashed roofs and open markers.
void RooflineChart::paint_before(QCPPainter &painter) const
{
    const Baseline *baseline = baselines().primary();
    if (!before || !baseline)
        return;
    const Theme &look = theme();
    const std::size_t mark = baseline->mark;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(look.baseline_pen(mark, line_width(1.25)));
    for (const Roof &roof : before->roofs) {
        if (const std::optional<QLineF> line = line_before(roof))
            painter.drawLine(*line);
    }
    for (const std::vector<RooflinePoint> *points : {&before->points, &before->transfers}) {
        for (const RooflinePoint &point : *points) {
            const QPointF at = pixel_of(point);
            const bool others = highlighted() && *highlighted() != point.id;
            const QColor edge = look.baseline(mark);
            if (area_of(point).contains(at))
                draw_chip_marker(painter, static_cast<std::size_t>(info_of(point.id).stage), at, chip_marker_size,
                    QPen(others ? mixed(edge, look.surface, 0.7) : edge, 1.25), look.surface);
        }
    }
}

void RooflineChart::paint_changes(QCPPainter &painter) const
{
    if (!before)
        return;
    for (const std::vector<RooflinePoint> *points : {&data.points, &data.transfers}) {
        for (const RooflinePoint &point : *points) {
            const auto change = change_in(point);
            if (!change || (highlighted() && *highlighted() != point.id))
                continue;
            draw_arrow(
                painter, arrow_of(point), change_colour(*change, baselines().threshold, Better::higher, theme()));
        }
    }
    for (const PointLabel &label : point_labels())
        draw_change(painter, label.box, change_text(label.change), font(),
            change_colour(label.change, baselines().threshold, Better::higher, theme()), theme().surface);
}

void RooflineChart::paint_points(QCPPainter &painter) const
{
    const Theme &look = theme();
    const auto paint = [&](const RooflinePoint &point, const QCPAxis &axis, double unit) {
        const bool others = highlighted() && *highlighted() != point.id;
        QColor fill = look.of(point.id);
        if (!data.feasible)
            fill = mixed(fill, look.infeasible, 0.6);
        const QColor ink = others ? mixed(fill, look.surface, 0.72) : fill;
        const QColor edge = others ? mixed(look.text, look.surface, 0.8) : look.text;
        const QPointF at = pixel_of(point);
        const QRectF area = area_of(point);
        const double roof = axis.coordToPixel(point.roof / unit),
                     attainable = axis.coordToPixel(point.attainable / unit);
        if (const auto line = clipped(QLineF(at, QPointF(at.x(), roof)), area)) {
            painter.setPen(QPen(mixed(edge, look.surface, 0.45), 1, Qt::DotLine, Qt::FlatCap));
            painter.drawLine(*line);
        }
        if (const auto line = clipped(QLineF(at, QPointF(at.x(), attainable)), area)) {
            painter.setPen(QPen(edge, 1.5, Qt::SolidLine, Qt::FlatCap));
            painter.drawLine(*line);
        }
        if (const auto cap = clipped(QLineF(at.x() - 4, attainable, at.x() + 4, attainable), area)) {
            painter.setPen(QPen(edge, 1.5, Qt::SolidLine, Qt::FlatCap));
            painter.drawLine(*cap);
        }
        if (!area.contains(at))
            return;
        const bool is_lit = highlighted() == point.id;
        draw_chip_marker(painter, static_cast<std::size_t>(info_of(point.id).stage), at,
            is_lit ? 1.5 * chip_marker_size : chip_marker_size, QPen(edge, 1), ink);
    };
    for (const bool on_top : {false, true}) { // the lit one
        for (const RooflinePoint &point : data.points) {
            if ((highlighted() == point.id) == on_top)
                paint(point, *plot()->yAxis, tera);
        }
        for (const RooflinePoint &point : data.transfers) {
            if ((highlighted() == point.id) == on_top)
                paint(point, *links->axis(QCPAxis::atLeft), giga);
        }
    }
}

// In the order of execution; where there is no room for all, those that compute or send first.
std::vector<RooflineChart::Row> RooflineChart::rows() const
{
    std::vector<Row> all;
    const auto add = [&](const RooflinePoint &point) {
        const QString part = part_text(point.achieved / point.roof);
        const auto known = std::find_if(all.begin(), all.end(), [&](const Row &row) { return row.id == point.id; });
        const auto change = change_in(point);
        if (known == all.end()) {
            all.push_back({point.id, label_text(point.id), part, change, {}});
            return;
        }
        known->value += u", "_qs + part;
        if (known->change && change) // over both links
            known->change = change_of(known->change->before + change->before, known->change->now + change->now);
    };
    for (const std::vector<RooflinePoint> *points : {&data.points, &data.transfers, &data.moves}) {
        for (const RooflinePoint &point : *points)
            add(point);
    }
    const QRectF area(list->outerRect());
    const double line = QFontMetricsF(font()).height(), top = area.top() + 1.2 * line;
    const auto most = static_cast<std::size_t>(std::max(0.0, (area.bottom() - top) / (line + 1)));
    if (area.height() > 0 && all.size() > most)
        all.resize(most);
    std::stable_sort(all.begin(), all.end(), [](const Row &a, const Row &b) { return a.id < b.id; });
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i].area = QRectF(area.left(), top + static_cast<double>(i) * (line + 1), area.width(), line + 1);
    return all;
}

void RooflineChart::paint_list(QCPPainter &painter) const
{
    if (list->width <= 0)
        return;
    const Theme &look = theme();
    const QFontMetricsF metrics(font());
    const double line = metrics.height();
    const std::vector<Row> list_rows = rows();
    painter.setFont(font());
    painter.setPen(look.muted);
    const QRectF head(
        list->outerRect().left(), list->outerRect().top() + 2, list->outerRect().width() - 0.6 * line, line);
    if (list->change_width > 0)
        painter.drawText(head, Qt::AlignRight | Qt::AlignVCenter, tr("Δ"));
    if (list->has_values)
        painter.drawText(
            head.adjusted(0, 0, -list->change_width, 0), Qt::AlignRight | Qt::AlignVCenter, tr("of its roof"));
    for (const Row &row : list_rows) {
        const bool is_lit = highlighted() == row.id;
        if (is_lit)
            painter.fillRect(row.area, mixed(look.accent, look.surface, 0.8));
        const bool has_point = std::any_of(data.points.begin(), data.points.end(),
                                   [&](const RooflinePoint &point) { return point.id == row.id; })
            || std::any_of(data.transfers.begin(), data.transfers.end(),
                [&](const RooflinePoint &point) { return point.id == row.id; });
        const QPointF mark(row.area.left() + 0.8 * line, row.area.center().y());
        if (has_point)
            draw_chip_marker(painter, static_cast<std::size_t>(info_of(row.id).stage), mark, chip_marker_size,
                QPen(look.text, 1), look.of(row.id));
        QFont bold = font();
        bold.setBold(is_lit);
        painter.setFont(bold);
        if (row.change && list->change_width > 0) {
            const QString change = change_text(*row.change);
            painter.setPen(change_colour(*row.change, baselines().threshold, Better::higher, look));
            painter.drawText(QPointF(row.area.right() - 0.6 * line - QFontMetricsF(bold).horizontalAdvance(change),
                                 row.area.top() + metrics.ascent()),
                change);
        }
        painter.setPen(has_point ? look.text : look.muted);
        const QRectF text = row.area.adjusted(1.6 * line, 0, -0.6 * line - list->change_width, 0);
        const double value = list->has_values ? QFontMetricsF(bold).horizontalAdvance(row.value) : 0;
        painter.drawText(QPointF(text.left(), text.top() + metrics.ascent()),
            QFontMetricsF(bold).elidedText(row.name, Qt::ElideRight, text.width() - value - 4));
        if (list->has_values)
            painter.drawText(QPointF(text.right() - value, text.top() + metrics.ascent()), row.value);
    }
}

} // namespace epscope
