// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/roofline_chart.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QKeyEvent>
#include <QMouseEvent>
#include <qcustomplot.h>

#include "app/charts/marks.h"
#include "app/charts/operator_blocks.h"
#include "core/analysis/variable.h"
#include "core/quantity.h"

namespace epscope {
namespace {

constexpr double tera = 1e12, giga = 1e9; // the axes' units: TFLOP/s and GB/s
constexpr double reach = 16;     // px from a point within which it is meant
constexpr double roof_reach = 6; // px from a roof
constexpr double marker_size = 8;

double floor_of_decade(double value)
{
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    return value >= 5 * power ? 5 * power : value >= 2 * power ? 2 * power : power;
}

double squared_distance(const QPointF &a, const QPointF &b)
{
    return QPointF::dotProduct(a - b, a - b);
}

double distance_to(const QLineF &line, const QPointF &point)
{
    const QPointF along = line.p2() - line.p1(), to = point - line.p1();
    const double length = QPointF::dotProduct(along, along);
    const double part = length > 0 ? std::clamp(QPointF::dotProduct(to, along) / length, 0.0, 1.0) : 0;
    return QLineF(point, line.p1() + part * along).length();
}

QString flops_text(double value)
{
    return QString::fromStdString(short_text(value, Dimension::flop_per_second));
}

QString bandwidth_text(double value)
{
    return QString::fromStdString(short_text(value, Dimension::bytes_per_second));
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
    const auto add_roof = [&](RoofKind kind, const QString &name, const std::string &key, double value, double efficiency) {
        if (value > 0)
            data.roofs.push_back({kind, name, key, value, value * efficiency});
    };
    const auto rate_name = [&](Rate rate) { return qstring(name_of(rate, scenario.chip.eight_bit)).toUpper(); };
    add_roof(RoofKind::bf16, rate_name(Rate::bf16), chip + "bf16", machine.bf16, 1);
    add_roof(RoofKind::eight_bit, rate_name(Rate::eight_bit), chip + "fp8", machine.fp8, 1);
    add_roof(RoofKind::four_bit, rate_name(Rate::four_bit), chip + "fp4", machine.fp4, 1);
    add_roof(RoofKind::memory, RooflineChart::tr("Memory"), chip + "memory_bandwidth", machine.memory_bandwidth, profile.memory_efficiency);
    if (profile.uses_scale_up && machine.scale_up_domain > 1)
        add_roof(RoofKind::scale_up, RooflineChart::tr("Scale-up"), chip + "scale_up_bandwidth", machine.scale_up_bandwidth, profile.scale_up_efficiency);
    const double nic_efficiency = profile.uses_scale_up ? profile.nic_efficiency : 1;
    add_roof(RoofKind::nic, RooflineChart::tr("NIC"), "nic." + scenario.nic.name + ".bandwidth", machine.nic_bandwidth, nic_efficiency);

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
    explicit List(QCustomPlot *plot, std::function<void(const QSize &)> before_layout) : QCPLayoutElement(plot), prepare(std::move(before_layout)) {}

    double width = 0; // px

    void update(UpdatePhase phase) override
    {
        if (phase == upPreparation)
            prepare(mParentPlot->viewport().size());
        QCPLayoutElement::update(phase);
    }
    QSize minimumOuterSizeHint() const override { return {static_cast<int>(std::ceil(width)), 0}; }
    QSize maximumOuterSizeHint() const override { return {static_cast<int>(std::ceil(width)), QWIDGETSIZE_MAX}; }

private:
    std::function<void(const QSize &)> prepare;
};

RooflineChart::RooflineChart(QWidget *parent)
    : Chart(QStringLiteral("roofline"), tr("Roofline"), parent), links(new QCPAxisRect(plot())),
      list(new List(plot(), [this](const QSize &size) { arrange(size); }))
{
    QCustomPlot &chart = *plot();
    chart.plotLayout()->addElement(0, 1, links);
    chart.plotLayout()->addElement(0, 2, list);
    chart.plotLayout()->setColumnSpacing(0);
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
        paint_points(painter);
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
    table.header = {tr("Operator"), tr("In"), tr("Under"), tr("FLOP per byte"), tr("Achieved"), tr("Attainable"), tr("Roof"), tr("Unit")};
    if (!explored())
        return table;
    const ChipView &view = explored()->leading();
    const RooflineData now = roofline_data(view.scenario, view.estimate);
    for (const Roof &roof : now.roofs)
        table.rows.push_back({tr("(roof)"), {}, roof.name, {}, {}, exact(roof.reachable), exact(roof.value), roof.is_rate() ? u"FLOP/s"_qs : u"B/s"_qs});
    const auto add = [&](const RooflinePoint &point, const QString &unit) {
        table.rows.push_back({label_text(point.id), qstring(label_of(point.block)), now.find(point.under)->name,
                              point.intensity > 0 ? exact(point.intensity) : QString(), exact(point.achieved), exact(point.attainable),
                              exact(point.roof), unit});
    };
    for (const RooflinePoint &point : now.points)
        add(point, u"FLOP/s"_qs);
    for (const RooflinePoint &point : now.moves)
        add(point, u"B/s"_qs);
    for (const RooflinePoint &point : now.transfers)
        add(point, u"B/s"_qs);
    return table;
}

double RooflineChart::value_of(const Roof &roof) const
{
    return asked && asked->first == roof.kind ? asked->second : roof.value;
}

double RooflineChart::highest_rate() const
{
    double highest = 0;
    for (const Roof &roof : data.roofs) {
        if (roof.is_rate())
            highest = std::max(highest, value_of(roof));
    }
    return highest;
}

QPointF RooflineChart::pixel_of(const RooflinePoint &point) const
{
    if (point.intensity > 0)
        return {plot()->xAxis->coordToPixel(point.intensity), plot()->yAxis->coordToPixel(point.achieved / tera)};
    const auto place = std::find_if(data.transfers.begin(), data.transfers.end(),
                                    [&](const RooflinePoint &other) { return other.id == point.id && other.under == point.under; });
    const double part = (static_cast<double>(place - data.transfers.begin()) + 0.5) / static_cast<double>(data.transfers.size());
    return {links->left() + part * links->width(), links->axis(QCPAxis::atLeft)->coordToPixel(point.achieved / giga)};
}

// As it is seen: a rate from its ridge on, the memory's slope up to the highest rate.
std::optional<QLineF> RooflineChart::line_of(const Roof &roof, double value) const
{
    const QCPAxis &x = *plot()->xAxis, &y = *plot()->yAxis;
    const Roof *memory = data.find(RoofKind::memory);
    switch (roof.kind) {
    case RoofKind::scale_up:
    case RoofKind::nic: {
        const double level = links->axis(QCPAxis::atLeft)->coordToPixel(value / giga);
        return clipped(QLineF(links->left(), level, links->right(), level), QRectF(links->rect()));
    }
    case RoofKind::memory: {
        const double left = x.range().lower, ridge = highest_rate() / value;
        return clipped(QLineF(x.coordToPixel(left), y.coordToPixel(left * value / tera), x.coordToPixel(ridge), y.coordToPixel(highest_rate() / tera)),
                       QRectF(plot()->axisRect(0)->rect()));
    }
    default: {
        const double ridge = memory ? value / value_of(*memory) : x.range().lower, level = y.coordToPixel(value / tera);
        return clipped(QLineF(x.coordToPixel(ridge), level, x.coordToPixel(x.range().upper), level), QRectF(plot()->axisRect(0)->rect()));
    }
    }
}

QPointF RooflineChart::handle_of(RoofKind kind) const
{
    const Roof *roof = data.find(kind);
    const std::optional<QLineF> line = roof ? line_of(*roof, value_of(*roof)) : std::nullopt;
    return line ? line->center() : QPointF();
}

const Roof *RooflineChart::roof_near(const QPointF &position) const
{
    const Roof *found = nullptr;
    double nearest = roof_reach;
    for (const Roof &roof : data.roofs) {
        const std::optional<QLineF> line = line_of(roof, value_of(roof));
        if (!line || distance_to(*line, position) > nearest)
            continue;
        nearest = distance_to(*line, position);
        found = &roof;
    }
    return found;
}

const RooflinePoint *RooflineChart::point_near(const QPointF &position) const
{
    const RooflinePoint *found = nullptr;
    double nearest = reach * reach;
    for (const std::vector<RooflinePoint> *points : {&data.points, &data.transfers}) {
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
                      computes && point.roof < data.find(point.under)->value ? data.find(RoofKind::memory)->name : data.find(point.under)->name, text(point.roof));
    lines << tr("%1 of the attainable %2").arg(part_text(point.achieved / point.attainable), text(point.attainable));
    if (computes)
        lines << tr("%1 FLOP per byte").arg(QString::fromStdString(short_text(point.intensity, Dimension::count)));
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

QString RooflineChart::roof_text(const Roof &roof) const
{
    const auto text = [&](double value) { return roof.is_rate() ? flops_text(value) : bandwidth_text(value); };
    QString line = tr("%1: %2. Drag it to change this number.").arg(roof.name, text(value_of(roof)));
    if (roof.reachable < roof.value)
        line += u'\n' + tr("%1 of it can be reached (dashed).").arg(text(roof.reachable));
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
    if (const RooflinePoint *point = point_near(position)) {
        hover.text = point_text(*point);
        hover.operator_id = point->id;
        hover.number = Explainable{std::string(info_of(point->id).key)};
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
    case RoofKind::nic: return links->axis(QCPAxis::atLeft)->pixelToCoord(position.y()) * giga;
    case RoofKind::memory: return plot()->yAxis->pixelToCoord(position.y()) * tera / plot()->xAxis->pixelToCoord(position.x());
    default: return plot()->yAxis->pixelToCoord(position.y()) * tera;
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
    const double rounded = digit < 1 ? std::round(number / digit) / std::round(1 / digit) : std::round(number / digit) * digit;
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
        drag = Drag{roof->kind, mouse->position(), value_of(*roof), value_of(*roof) / value_at(roof->kind, mouse->position()), false};
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
    default: break;
    }
    return Chart::eventFilter(watched, event);
}

void RooflineChart::draw(const Explored &explored, const Theme &)
{
    const ChipView &view = explored.leading();
    data = roofline_data(view.scenario, view.estimate);
    if (asked && !drag) {
        const Roof *roof = data.find(asked->first);
        if (!roof || std::abs(roof->value - asked->second) <= 1e-9 * roof->value)
            asked.reset();
    }
    if (!asked)
        asked_too_long.stop();
    const int line = QFontMetrics(font()).height();
    setMinimumSize(20 * line, 12 * line);
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
    for (const RooflinePoint &point : data.points) {
        cover(point.intensity, least_x, most_x, first);
        cover(point.achieved / tera, least_y, most_y, std::exchange(first, false));
    }
    const Roof *memory = data.find(RoofKind::memory);
    const double ridge = memory ? highest_rate() / memory->value : most_x;
    cover(ridge, least_x, most_x, first);
    cover(highest_rate() / tera, least_y, most_y, first);
    first = true;
    for (const RooflinePoint &point : data.transfers)
        cover(point.achieved / giga, least_sent, most_sent, std::exchange(first, false));
    for (const Roof &roof : data.roofs) {
        if (roof.kind == RoofKind::nic || roof.kind == RoofKind::scale_up)
            cover(roof.value / giga, least_sent, most_sent, std::exchange(first, false));
    }
    constexpr double room = 1.6; // beyond the farthest point; for the roofs' names too
    fit_axis(plot()->xAxis, floor_of_decade(least_x / room), room * most_x);
    fit_axis(plot()->yAxis, floor_of_decade(least_y / room), room * most_y);
    fit_axis(links->axis(QCPAxis::atLeft), floor_of_decade(least_sent / room), room * most_sent);
}

void RooflineChart::arrange(const QSize &size)
{
    const QFontMetricsF metrics(font());
    const double line = metrics.height();
    double widest = 0;
    for (const Row &row : rows())
        widest = std::max(widest, metrics.horizontalAdvance(row.name) + metrics.horizontalAdvance(row.value));
    const bool has_list = size.width() >= 28 * line;
    list->width = has_list ? widest + 2.8 * line : 0;
    const double links_width = std::max(5 * line, 0.15 * size.width());
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
    const double plot_width = size.width() - list->width - links_width;
    fit_axis_texts(*plot()->xAxis, {tr("FLOP per byte of memory traffic"), tr("FLOP per byte"), tr("FLOP/B")}, font(), plot_width - 4 * line, 0);
    plot()->xAxis->ticker()->setTickCount(plot_width < 20 * line ? 3 : 5);
}

std::vector<std::pair<QString, QRectF>> RooflineChart::roof_labels() const
{
    const QFontMetricsF metrics(font());
    std::vector<std::pair<QString, QRectF>> placed;
    const auto is_free = [&](const QRectF &box) {
        return std::none_of(placed.begin(), placed.end(), [&](const auto &other) { return other.second.intersects(box); });
    };
    const auto meets_point = [&](const QRectF &box) {
        const QRectF wide = box.adjusted(-marker_size / 2, -marker_size / 2, marker_size / 2, marker_size / 2);
        const auto inside = [&](const RooflinePoint &point) { return wide.contains(pixel_of(point)); };
        return std::any_of(data.points.begin(), data.points.end(), inside) || std::any_of(data.transfers.begin(), data.transfers.end(), inside);
    };
    const auto meets_line = [&](const QRectF &box) {
        return std::any_of(data.roofs.begin(), data.roofs.end(), [&](const Roof &roof) {
            const std::optional<QLineF> line = line_of(roof, value_of(roof));
            return line && clipped(*line, box).has_value();
        });
    };
    for (const Roof &roof : data.roofs) {
        const std::optional<QLineF> line = line_of(roof, value_of(roof));
        if (!line)
            continue;
        const double value = value_of(roof);
        const QString number = roof.is_rate() ? flops_text(value) : bandwidth_text(value);
        const bool link = roof.kind == RoofKind::nic || roof.kind == RoofKind::scale_up;
        const QRectF area = link ? QRectF(links->rect()) : QRectF(plot()->axisRect(0)->rect());
        std::optional<QRectF> box;
        QString text;
        for (const QString &choice : {QString(roof.name + u' ' + number), roof.name}) {
            text = choice;
            const QSizeF size(metrics.horizontalAdvance(choice) + 4, metrics.height());
            if (roof.kind == RoofKind::memory) { // above the slope, from its middle downwards
                for (const double part : {0.5, 0.35, 0.65, 0.2, 0.8, 0.08}) {
                    const QPointF at = line->pointAt(part);
                    const QRectF candidate(at - QPointF(size.width() + 4, size.height() + 2), size);
                    if (!box && area.contains(candidate) && is_free(candidate) && !meets_line(candidate) && !meets_point(candidate))
                        box = candidate;
                }
            } else {
                const double right = line->x2() - 2;
                for (const double top : {line->y1() - size.height() - 1, line->y1() + 2}) {
                    for (const double left : {right - size.width(), line->center().x() - size.width() / 2, line->x1() + 2}) {
                        const QRectF candidate(QPointF(left, top), size);
                        if (!box && area.adjusted(0, -size.height(), 0, 0).contains(candidate) && is_free(candidate) && !meets_line(candidate) && !meets_point(candidate))
                            box = candidate;
                    }
                }
            }
            if (box)
                break;
        }
        if (box)
            placed.emplace_back(text, *box);
    }
    return placed;
}

void RooflineChart::paint_roofs(QCPPainter &painter) const
{
    const Theme &look = theme();
    painter.setBrush(Qt::NoBrush);
    for (const Roof &roof : data.roofs) {
        const double value = value_of(roof);
        if (const std::optional<QLineF> line = line_of(roof, value)) {
            painter.setPen(QPen(drag && drag->kind == roof.kind ? look.accent : look.text, 2, Qt::SolidLine, Qt::FlatCap));
            painter.drawLine(*line);
        }
        if (!(roof.reachable < roof.value))
            continue;
        if (const std::optional<QLineF> line = line_of(roof, value * roof.reachable / roof.value)) {
            painter.setPen(QPen(look.muted, 1, Qt::DashLine, Qt::FlatCap));
            painter.drawLine(*line);
        }
    }
    painter.setFont(font());
    painter.setPen(look.muted);
    const double ascent = QFontMetricsF(font()).ascent();
    for (const auto &[text, box] : roof_labels())
        painter.drawText(QPointF(box.left() + 2, box.top() + ascent), text);
}

void RooflineChart::paint_points(QCPPainter &painter) const
{
    const Theme &look = theme();
    const auto paint = [&](const RooflinePoint &point, QCPAxisRect &rect, const QCPAxis &axis, double unit) {
        const bool others = highlighted() && *highlighted() != point.id;
        QColor fill = look.of(point.id);
        if (!data.feasible)
            fill = mixed(fill, look.infeasible, 0.6);
        const QColor ink = others ? mixed(fill, look.surface, 0.72) : fill;
        const QColor edge = others ? mixed(look.text, look.surface, 0.8) : look.text;
        const QPointF at = pixel_of(point);
        const QRectF area(rect.rect());
        const double roof = axis.coordToPixel(point.roof / unit), attainable = axis.coordToPixel(point.attainable / unit);
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
        draw_chip_marker(painter, static_cast<std::size_t>(info_of(point.id).stage), at, is_lit ? 1.5 * marker_size : marker_size, QPen(edge, 1), ink);
    };
    for (const bool on_top : {false, true}) { // the lit one
        for (const RooflinePoint &point : data.points) {
            if ((highlighted() == point.id) == on_top)
                paint(point, *plot()->axisRect(0), *plot()->yAxis, tera);
        }
        for (const RooflinePoint &point : data.transfers) {
            if ((highlighted() == point.id) == on_top)
                paint(point, *links, *links->axis(QCPAxis::atLeft), giga);
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
        if (known == all.end())
            all.push_back({point.id, label_text(point.id), part, {}});
        else
            known->value += u", "_qs + part;
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
    const QRectF head(list->outerRect().left(), list->outerRect().top() + 2, list->outerRect().width() - 0.6 * line, line);
    painter.drawText(head, Qt::AlignRight | Qt::AlignVCenter, tr("of its roof"));
    for (const Row &row : list_rows) {
        const bool is_lit = highlighted() == row.id;
        if (is_lit)
            painter.fillRect(row.area, mixed(look.accent, look.surface, 0.8));
        const bool has_point = std::any_of(data.points.begin(), data.points.end(), [&](const RooflinePoint &point) { return point.id == row.id; })
            || std::any_of(data.transfers.begin(), data.transfers.end(), [&](const RooflinePoint &point) { return point.id == row.id; });
        const QPointF mark(row.area.left() + 0.8 * line, row.area.center().y());
        if (has_point)
            draw_chip_marker(painter, static_cast<std::size_t>(info_of(row.id).stage), mark, marker_size, QPen(look.text, 1), look.of(row.id));
        QFont bold = font();
        bold.setBold(is_lit);
        painter.setFont(bold);
        painter.setPen(has_point ? look.text : look.muted);
        const QRectF text = row.area.adjusted(1.6 * line, 0, -0.6 * line, 0);
        const double value = QFontMetricsF(bold).horizontalAdvance(row.value);
        painter.drawText(QPointF(text.left(), text.top() + metrics.ascent()),
                         QFontMetricsF(bold).elidedText(row.name, Qt::ElideRight, text.width() - value - 4));
        painter.drawText(QPointF(text.right() - value, text.top() + metrics.ascent()), row.value);
    }
}

} // namespace epscope
