// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/validation_scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <QCoreApplication>
#include <QFontMetricsF>

#include "app/charts/baseline_marks.h"
#include "app/charts/measured_marks.h"
#include "app/charts/operator_blocks.h"
#include "app/words/text.h"
#include "core/find.h"

namespace epscope {
namespace {

struct ValidationTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::ValidationChart)
};

constexpr double ms = 1e3;
constexpr double cell_gap = 10, table_padding = 6; // px

QString unsigned_percent(double part)
{
    return QString::number(100 * part, 'f', 1) + QStringLiteral(" %");
}

// The same runs and groups there; nothing if all estimates are the same.
void compare_with(ValidationData &data, const Explored &explored, const Baseline &baseline)
{
    const ValidationData then = validation_data(*baseline.explored);
    for (ValidationPoint &point : data.points) {
        const Measurement &run = explored.inputs.measured->rows[point.row];
        const auto same = std::ranges::find_if(then.points,
            [&](const ValidationPoint &other) { return baseline.explored->inputs.measured->rows[other.row] == run; });
        if (same == then.points.end() || same->estimated_s == point.estimated_s)
            continue;
        point.before_s = same->estimated_s;
        data.compared = true;
        data.least_s = std::min(data.least_s, same->estimated_s);
        data.most_s = std::max(data.most_s, same->estimated_s);
    }
    if (!data.compared)
        return;
    for (ValidationData::Group &group : data.chips) {
        if (const ValidationData::Group *same = find_in(then.chips, group.name, &ValidationData::Group::name))
            group.mean_absolute_before = same->mean_absolute;
    }
    data.all.mean_absolute_before = then.all.mean_absolute;
}

// In percentage points: "▼ −3.1".
QString points_text(double difference)
{
    const QString size = QString::number(100 * std::abs(difference), 'f', 1);
    return size == u"0.0" ? u"± 0"_qs : (difference > 0 ? u"▲ +"_qs : u"▼ −"_qs) + size;
}

} // namespace

ValidationData validation_data(const Explored &explored, const Baseline *baseline)
{
    ValidationData data;
    if (!explored.validation || !explored.inputs.measured)
        return data;
    const Measured &measured = *explored.inputs.measured;
    const Validation &validation = *explored.validation;
    // The study's chips are drawn as everywhere; others come after them.
    std::size_t next = explored.inputs.known_chips.size();
    for (const Chip &chip : explored.inputs.study.chips)
        next = std::max(next, chip_mark(explored.inputs, chip.name) + 1);
    const auto known = [&](const std::string &name) {
        return find_in(explored.inputs.known_chips, name) || find_in(explored.inputs.study.chips, name, &Chip::name);
    };
    const auto group = [](const GroupError &from, std::size_t mark) {
        return ValidationData::Group{
            to_text(from.name), mark, from.runs, from.mean_absolute, from.bias, from.worst, {}};
    };
    for (const GroupError &chip : validation.by_chip)
        data.chips.push_back(group(chip, known(chip.name) ? chip_mark(explored.inputs, chip.name) : next++));
    data.all = group(validation.all, 0);
    data.all.name = ValidationTexts::tr("all");
    for (const GroupError &engine : validation.by_engine)
        data.engines << to_text(engine.name);
    for (std::size_t i = 0; i < measured.rows.size(); ++i) {
        if (!measured.case_of[i])
            continue;
        const Measurement &row = measured.rows[i];
        const RowError &error = validation.rows[*measured.case_of[i]];
        if (!std::isfinite(error.tpot_s))
            continue;
        ValidationPoint point;
        point.row = i;
        point.mark = find_in(data.chips, to_text(row.chip), &ValidationData::Group::name)->mark;
        point.shape = static_cast<std::size_t>(data.engines.indexOf(to_text(row.engine)));
        point.measured_s = row.tpot_s;
        point.estimated_s = error.tpot_s;
        point.error = error.relative;
        point.miss = std::abs(error.relative) > validation_band;
        point.label = QStringLiteral("%1×%2 %3")
                          .arg(row.ep)
                          .arg(std::llround(*row.batch_per_card))
                          .arg(signed_percent(error.relative));
        data.misses += point.miss ? 1 : 0;
        const auto [less, more] = std::minmax(point.measured_s, point.estimated_s);
        data.least_s = data.points.empty() ? less : std::min(data.least_s, less);
        data.most_s = std::max(data.most_s, more);
        data.points.push_back(std::move(point));
    }
    if (baseline)
        compare_with(data, explored, *baseline);
    return data;
}

namespace {

struct ValidationPicture {
    SceneInput input;
    ValidationData data;

    std::vector<LegendEntries> legend() const;
    Hover about(const ValidationPoint &point, const QPointF &at) const;
};

std::vector<LegendEntries> ValidationPicture::legend() const
{
    const Theme &look = *input.theme;
    LegendEntries entries;
    for (const ValidationData::Group &chip : data.chips)
        entries.push_back({chip.name, [colour = look.chip(chip.mark)](Marks &marks, const QRectF &box) {
                               marks.box(around(box.center(), 5), Qt::NoPen, colour, 2);
                           }});
    for (qsizetype i = 0; i < data.engines.size(); ++i)
        entries.push_back({data.engines[i],
            [shape = static_cast<std::size_t>(i), colour = look.muted](Marks &marks, const QRectF &box) {
                marks.symbol(shape, box.center(), chip_marker_size, QPen(colour, 1), colour);
            }});
    if (!data.points.empty())
        entries.push_back(
            {ValidationTexts::tr("%1 of %2 within ±10 %").arg(data.points.size() - data.misses).arg(data.points.size()),
                [fill = mixed(look.surface, look.accent, 0.16), line = look.accent](Marks &marks, const QRectF &box) {
                    const QRectF area = box.adjusted(0, 2, 0, -2);
                    marks.fill(area, fill);
                    marks.line(area.bottomLeft(), area.topRight(), QPen(line, 1));
                }});
    if (data.misses > 0)
        entries.push_back({ValidationTexts::tr("%1 misses, by EP×batch and error").arg(data.misses),
            [colour = look.warning](
                Marks &marks, const QRectF &box) { marks.oval(box.center(), 6, QPen(colour, 1.75)); }});
    if (data.compared) {
        const Baseline &baseline = *input.baselines.primary();
        entries.push_back({baseline.name,
            [colour = look.baseline(baseline.mark), surface = look.surface](Marks &marks, const QRectF &box) {
                marks.symbol(0, box.center(), chip_marker_size, QPen(colour, 1.5), surface);
            }});
    }
    return {std::move(entries)};
}

Arrangement validation_arrangement(const Room &room)
{
    const int line = QFontMetrics(room.font).height();
    return {{{.margins = QMargins(8, 6, line, 4),
        .x = {ValidationTexts::tr("Measured time per token (ms)")},
        .y = {room.size.height() < 18 * line ? ValidationTexts::tr("Estimated (ms)")
                                             : ValidationTexts::tr("Estimated time per token (ms)")}}}};
}

struct ValidationDrawing : SceneDrawing {
    const ValidationData &data;
    QRectF area = panel.area();
    // The errors in figures, as cells of a table with the widths of its columns, and where it stands: in the emptier of
    // two corners. Empty without room for it.
    std::vector<QStringList> summary = {};
    std::vector<double> columns = {};
    QRectF summary_box = {};

    QPointF pixel_of(const ValidationPoint &point) const
    {
        return panel.pixel(ms * point.measured_s, ms * point.estimated_s);
    }
    QPointF pixel_before(const ValidationPoint &point) const // of a point that has been compared
    {
        return panel.pixel(ms * point.measured_s, ms * point.before_s.value_or(point.estimated_s));
    }
    void draw_band();
    void draw_changes();
    void draw_points();
    void lay_out_summary();
    void draw_labels();
    void draw_summary();
};

void ValidationDrawing::draw_band()
{
    if (data.points.empty()) {
        laid.background.text(area, Qt::AlignCenter | Qt::TextWordWrap,
            ValidationTexts::tr("No measurements that an estimate can be made of"), input.font, theme.muted);
        return;
    }
    // Straight lines on logarithmic axes.
    const auto line_at = [&](double ratio) {
        return QLineF(
            panel.pixel(panel.x.lower, ratio * panel.x.lower), panel.pixel(panel.x.upper, ratio * panel.x.upper));
    };
    const QLineF upper = line_at(1 + validation_band), lower = line_at(1 - validation_band);
    laid.background.polygon(QPolygonF{{upper.p1(), upper.p2(), lower.p2(), lower.p1()}}.intersected(QPolygonF(area)),
        Qt::NoPen, mixed(theme.surface, theme.accent, 0.16));
    if (const std::optional<QLineF> line = clipped(line_at(1), area))
        laid.background.line(*line, QPen(theme.accent, 1));
}

// From the hollow marker of the baseline's estimate to the one now: better where it comes closer to the measured time.
void ValidationDrawing::draw_changes()
{
    const Baseline *baseline = input.baselines.primary();
    if (!data.compared || !baseline)
        return;
    for (const ValidationPoint &point : data.points) {
        if (!point.before_s || !area.contains(pixel_before(point)))
            continue;
        const ValueChange change{*point.before_s, point.estimated_s};
        const bool closer = std::abs(point.error) < std::abs(*point.before_s / point.measured_s - 1);
        if (area.contains(pixel_of(point)))
            add_arrow(marks,
                {pixel_before(point), pixel_of(point), chip_marker_size / 2, point.miss ? 8 : chip_marker_size / 2},
                change.slight(input.baselines.threshold) ? theme.muted : theme.change(closer));
        marks.symbol(point.shape, pixel_before(point), chip_marker_size - 1, QPen(theme.baseline(baseline->mark), 1.25),
            theme.surface);
    }
}

void ValidationDrawing::draw_points()
{
    for (const ValidationPoint &point : data.points) {
        const QPointF at = pixel_of(point);
        if (!area.contains(at))
            continue;
        if (point.miss)
            marks.oval(at, 7.5, QPen(theme.warning, 1.75));
        marks.symbol(point.shape, at, chip_marker_size, QPen(theme.surface, 1), theme.chip(point.mark));
    }
}

void ValidationDrawing::lay_out_summary()
{
    if (data.points.empty())
        return;
    summary = {{QString(), ValidationTexts::tr("runs"), ValidationTexts::tr("mean |error|"),
        ValidationTexts::tr("bias"), ValidationTexts::tr("worst")}};
    if (data.compared)
        summary.front().insert(3, ValidationTexts::tr("Δ points"));
    const auto add = [&](const ValidationData::Group &group) {
        summary.push_back({group.name, QString::number(group.runs), unsigned_percent(group.mean_absolute),
            signed_percent(group.bias), signed_percent(group.worst)});
        if (data.compared)
            summary.back().insert(3,
                group.mean_absolute_before ? points_text(group.mean_absolute - *group.mean_absolute_before)
                                           : QString());
    };
    for (const ValidationData::Group &chip : data.chips)
        add(chip);
    add(data.all);
    const QFontMetricsF bold_metrics(input.bold());
    columns.resize(static_cast<std::size_t>(summary.front().size()));
    for (const QStringList &row : summary) {
        for (std::size_t i = 0; i < columns.size(); ++i)
            columns[i] = std::max(columns[i], bold_metrics.horizontalAdvance(row[static_cast<qsizetype>(i)]));
    }
    const QSizeF size(std::accumulate(columns.begin(), columns.end(), 2 * table_padding)
            + static_cast<double>(columns.size() - 1) * cell_gap,
        static_cast<double>(data.chips.size() + 2) * input.line() + 2 * table_padding);
    constexpr double most_width = 0.55, most_height = 0.55; // of the plot
    if (size.width() > most_width * area.width() || size.height() > most_height * area.height())
        return;
    const QRectF upper(area.topLeft() + QPointF(8, 8), size),
        lower(area.bottomRight() - QPointF(8 + size.width(), 8 + size.height()), size);
    const auto covered = [&](const QRectF &box) {
        return std::ranges::count_if(
            data.points, [&](const ValidationPoint &point) { return box.contains(pixel_of(point)); });
    };
    summary_box = covered(upper) <= covered(lower) ? upper : lower;
}

// Of the misses, the largest first; those for which there is room.
void ValidationDrawing::draw_labels()
{
    std::vector<const ValidationPoint *> misses;
    QVector<QRectF> taken{summary_box};
    for (const ValidationPoint &point : data.points) {
        const QPointF at = pixel_of(point);
        if (!area.contains(at))
            continue;
        taken << around(at, point.miss ? 8 : chip_marker_size / 2);
        if (point.before_s)
            taken << around(pixel_before(point), chip_marker_size / 2);
        if (point.miss)
            misses.push_back(&point);
    }
    std::ranges::stable_sort(
        misses, [](const auto *a, const auto *b) { return std::abs(a->error) > std::abs(b->error); });
    const bool roomy = misses.size() <= 20 && area.height() > 14 * metrics.height();
    const int most_steps = roomy ? 24 : 8; // lines from far away across others are no help
    const QColor backing = translucent(theme.surface, 215);
    for (const ValidationPoint *point : misses) {
        const QPointF at = pixel_of(*point);
        const QSizeF size(metrics.horizontalAdvance(point->label) + 4, metrics.height());
        for (int step = 0; step < most_steps; ++step) {
            // Ever farther away from the diagonal, on the point's side of it first.
            const double away = 9 + step / 4 * 0.9 * size.height();
            const bool over = (point->error > 0) == (step % 4 < 2);
            const double x = step % 2 == (over ? 0 : 1) ? -away - size.width() : away;
            const QRectF box(at + QPointF(x, over ? -away - size.height() / 2 : away - size.height() / 2), size);
            const QRectF core = box.adjusted(1, 1, -1, -1);
            if (!area.contains(box) || any_meets(taken, core))
                continue;
            taken << box.adjusted(-3, 0, 3, 0);
            const QPointF nearest(
                std::clamp(at.x(), box.left(), box.right()), std::clamp(at.y(), box.top(), box.bottom()));
            constexpr double ring = 8;
            if (QLineF lead(nearest, at); lead.length() > 2 * ring) {
                lead.setLength(lead.length() - ring);
                laid.axes.line(lead, QPen(theme.muted, 1));
            }
            laid.axes.fill(core, backing);
            laid.axes.text(QPointF(box.left() + 2, box.top() + metrics.ascent()), point->label, input.font, theme.text);
            break;
        }
    }
}

void ValidationDrawing::draw_summary()
{
    if (summary_box.isEmpty())
        return;
    laid.axes.box(summary_box, QPen(theme.grid, 1), theme.surface, 3);
    const QFont bold = input.bold();
    const QFontMetricsF bold_metrics(bold);
    for (std::size_t i = 0; i < summary.size(); ++i) {
        const bool last = i + 1 == summary.size(), head = i == 0;
        double x = summary_box.left() + table_padding;
        const double y =
            summary_box.top() + table_padding + static_cast<double>(i) * metrics.height() + metrics.ascent();
        for (std::size_t k = 0; k < columns.size(); ++k) {
            const QString &cell = summary[i][static_cast<qsizetype>(k)];
            const double width = (last ? bold_metrics : metrics).horizontalAdvance(cell);
            laid.axes.text(QPointF(k == 0 ? x : x + columns[k] - width, y), cell, last ? bold : input.font,
                head                  ? theme.muted
                    : k == 0 && !last ? theme.chip(data.chips[i - 1].mark)
                                      : theme.text);
            x += columns[k] + cell_gap;
        }
    }
}

SceneLayout validation_layout(const std::shared_ptr<const ValidationPicture> &picture, const Frame &frame)
{
    const FramePanel &panel = frame.panel();
    ValidationDrawing drawing{{picture->input, frame}, picture->data};
    drawing.draw_band();
    drawing.draw_changes();
    drawing.draw_points();
    drawing.lay_out_summary();
    drawing.draw_labels();
    drawing.draw_summary();
    QVector<QPointF> places;
    std::vector<const ValidationPoint *> seen;
    for (const ValidationPoint &point : picture->data.points) {
        if (!panel.area().contains(drawing.pixel_of(point)))
            continue;
        places << drawing.pixel_of(point);
        seen.push_back(&point);
    }
    drawing.laid.hits = {hit_points(places, marker_reach, [picture, places, seen](std::size_t i) {
        return picture->about(*seen[i], places[static_cast<qsizetype>(i)]);
    })};
    return std::move(drawing.laid);
}

Hover ValidationPicture::about(const ValidationPoint &point, const QPointF &at) const
{
    const Explored &explored = *input.explored;
    const Measurement &row = explored.inputs.measured->rows[point.row];
    MeasuredPoint measured;
    measured.row = point.row;
    measured.ux_tps = 1 / row.tpot_s;
    measured.throughput_per_card = row.throughput_per_card.value_or(*row.batch_per_card / row.tpot_s);
    measured.error = point.error;
    Hover hover;
    hover.text = ValidationTexts::tr("%1 measured, %2 estimated per token\n")
                     .arg(time_text(point.measured_s, TimeUnit::ms), time_text(point.estimated_s, TimeUnit::ms));
    if (const auto change = point.before_s ? change_of(*point.before_s, point.estimated_s) : std::nullopt)
        hover.text +=
            ValidationTexts::tr("%1, error there %2\n")
                .arg(against_text(*change, time_text(change->before, TimeUnit::ms), input.baselines.primary()->name),
                    signed_percent(change->before / point.measured_s - 1));
    hover.text += measured_text(explored, measured);
    const RowError &error = explored.validation->rows[*explored.inputs.measured->case_of[point.row]];
    if (error.weight < 1)
        hover.text +=
            ValidationTexts::tr("\none run in %1 rows, which count as one").arg(std::lround(1 / error.weight));
    hover.crosshair = at;
    hover.number = error_of(explored, point.row);
    if (hover.number)
        hover.action = *hover.number;
    return hover;
}

void add_validation_rows(Table &table, const Explored &of)
{
    for (const ValidationPoint &point : validation_data(of).points) {
        const Measurement &row = of.inputs.measured->rows[point.row];
        table.rows.push_back({{to_text(row.id), to_text(row.chip), to_text(row.engine), std::int64_t{row.ep},
            *row.batch_per_card, row.context, std::int64_t{*row.query_tokens - 1}, point.measured_s, point.estimated_s,
            point.error, to_text(row.source)}});
    }
}

Table validation_table(const ValidationPicture &picture)
{
    Table table;
    for (const QString &title : {ValidationTexts::tr("Run"), ValidationTexts::tr("Chip"), ValidationTexts::tr("Engine"),
             ValidationTexts::tr("EP"), ValidationTexts::tr("Batch"), ValidationTexts::tr("Context"),
             ValidationTexts::tr("Draft length"), ValidationTexts::tr("Measured time per token (s)"),
             ValidationTexts::tr("Estimated time per token (s)"), ValidationTexts::tr("Error"),
             ValidationTexts::tr("Source")})
        table.columns.push_back({title, {}});
    add_validation_rows(table, *picture.input.explored);
    if (picture.data.compared)
        table.add_baselines(
            picture.input.baselines, [&](const Baseline &pin) { add_validation_rows(table, *pin.explored); });
    return table;
}

} // namespace

Scene validation_scene(const SceneInput &input)
{
    const auto picture = std::make_shared<const ValidationPicture>(
        ValidationPicture{input, validation_data(*input.explored, input.baselines.primary())});
    const ValidationData &data = picture->data;
    Scene scene;
    constexpr double air = 1.15; // times, around the outermost points
    SceneAxis axis{.from = 1, .to = 10, .log = true};
    if (!data.points.empty()) {
        axis.from = ms * data.least_s / air;
        axis.to = ms * data.most_s * air;
    }
    scene.panels[0] = {axis, axis};
    scene.legend = picture->legend();
    scene.arrange = validation_arrangement;
    scene.layout = [picture](const Frame &frame) { return validation_layout(picture, frame); };
    scene.table = [picture] { return validation_table(*picture); };
    return scene;
}

} // namespace epscope
