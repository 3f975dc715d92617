// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/memory_scene.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QCoreApplication>
#include <QFontMetricsF>

#include "app/charts/baseline_marks.h"
#include "app/charts/shared_columns.h"
#include "app/words/text.h"
#include "core/analysis/explain.h"
#include "core/find.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

struct MemoryTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::Memory)
};

// All sizes in one unit, the axis's.
QString in_bytes(double bytes)
{
    return to_text(short_text(bytes / giga, Dimension::count)) + QStringLiteral(" GB");
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
        return op == OpId::flash_mla || op == OpId::attention || op == OpId::index_scan ? MemoryKind::kv_cache
                                                                                        : MemoryKind::attention;
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
    case Stage::coll_a:
    case Stage::coll_f:
        break;
    }
    return std::nullopt;
}

void add_dots(Marks &marks, const QRectF &area, const QColor &colour, double distance)
{
    QPolygonF points;
    bool odd = false;
    for (double y = area.top() + distance / 2; y < area.bottom() - 1; y += distance / 2, odd = !odd) {
        for (double x = area.left() + (odd ? distance : distance / 2); x < area.right() - 1; x += distance)
            points << QPointF(x, y);
    }
    marks.dots(points, QPen(colour, distance / 6, Qt::SolidLine, Qt::RoundCap));
}

enum class Pattern { plain, free, missing, reserved };

void add_pattern(Marks &marks, const QRectF &area, Pattern pattern, const QColor &colour, const Theme &theme, double em)
{
    switch (pattern) {
    case Pattern::plain:
        marks.fill(area, colour);
        break;
    case Pattern::free:
        marks.fill(area, theme.surface);
        add_dots(marks, area, theme.axis, em * 0.6);
        break;
    case Pattern::missing:
        marks.hatch(area, theme.warning, em * 0.45, em * 0.13);
        break;
    case Pattern::reserved:
        marks.fill(area, theme.grid);
        marks.hatch(area, theme.axis, em * 0.6);
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
            : to_text(value_text(child));
        parts << to_text(child.title) + u' ' + value;
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
        return MemoryTexts::tr("Attention");
    case MemoryKind::shared:
        return MemoryTexts::tr("Shared experts");
    case MemoryKind::routed:
        return MemoryTexts::tr("Routed experts");
    case MemoryKind::dense:
        return MemoryTexts::tr("Dense FFN");
    case MemoryKind::embedding_and_head:
        return MemoryTexts::tr("Embedding and head");
    case MemoryKind::mtp:
        return MemoryTexts::tr("MTP layer");
    case MemoryKind::kv_cache:
        return MemoryTexts::tr("KV cache");
    }
    return {};
}

double MemoryBar::bytes_of(MemoryKind kind) const
{
    const MemoryPart *found = find_in(parts, kind, &MemoryPart::kind);
    return found ? found->bytes : 0;
}

std::vector<MemoryBar> memory_bars(const Explored &explored)
{
    std::vector<MemoryBar> bars;
    for (const ChipView &view : explored.chips) {
        const MemoryBreakdown &memory = view.estimate.memory;
        MemoryBar bar;
        bar.chip = view.chip;
        bar.mark = view.mark;
        bar.name = to_text(view.scenario.chip.name);
        bar.configuration = axis_words(view.shown.point,
            {AxisId::tp, AxisId::mode, AxisId::ep, AxisId::batch, AxisId::precision, AxisId::mtp_len},
            &explored.searched.search);
        const std::array<double, memory_kind_count> sizes{memory.attention, memory.shared_experts,
            memory.routed_experts + memory.router, memory.dense_ffn, memory.embedding_and_head, memory.mtp,
            memory.kv_cache};
        for (std::size_t kind = 0; kind < memory_kind_count; ++kind) {
            if (sizes[kind] > 0)
                bar.parts.push_back({static_cast<MemoryKind>(kind), bar.used, sizes[kind]});
            bar.used += sizes[kind];
        }
        bar.usable = memory.usable;
        bar.memory = view.scenario.chip.memory.si();
        bar.largest_batch = memory.max_batch;
        bar.largest_batch_text = batch_text(view.shown.point, memory.max_batch);
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
            lines << to_text(child.title) + QStringLiteral(" = ") + numbers_of(child);
    }
    return lines.join(u'\n');
}

namespace {

// What stands somewhere in a bar, and what it is about.
struct MemoryPlace {
    std::size_t bar = 0;
    QString what;
    std::string_view number; // by which it is explained
    double bytes = 0, before = 0; // in the baseline: 0 where there is none
    QString formula;
    std::optional<MemoryKind> kind = {}; // whose formula is it
};

struct MemoryPicture {
    SceneInput input;
    std::vector<MemoryBar> bars;
    std::vector<std::optional<MemoryBar>> ghosts; // in the primary baseline, as many as bars
    std::optional<MemoryKind> lit;

    const Theme &theme() const { return *input.theme; }
    // Whether each bar has a line of text above it; else the chips' names stand left of the axis.
    bool has_text_line(double row_height) const { return row_height >= 3.4 * input.line(); }
    Arrangement arrange(const Room &room) const;
    std::vector<LegendEntries> legend() const;
    Hover about_part(const MemoryPlace &place) const;
    Hover about_bar(std::size_t index) const;
};

Arrangement MemoryPicture::arrange(const Room &room) const
{
    const double em = input.line();
    const double rows = room.size.height() - room.legend_height(no_limit) - 3 * em;
    const bool above = has_text_line(rows / static_cast<double>(bars.size()));
    double names = 0; // left of the axis
    for (const MemoryBar &each : bars)
        names = std::max(names, QFontMetricsF(input.font).horizontalAdvance(each.name));
    const double left = above ? em : std::min(0.3 * room.size.width(), names + 2 * em);
    return {{{.margins = QMargins(static_cast<int>(left), 4, static_cast<int>(em), 0),
        .x = {MemoryTexts::tr("Memory per card (GB)"),
            std::clamp(static_cast<int>((room.size.width() - left) / (5 * em)), 2, 8)}}}};
}

// For each chip a line of text and the bar below it.
struct MemoryDrawing : SceneDrawing {
    const MemoryPicture &of;
    const std::vector<MemoryBar> &bars = of.bars;
    const FrameAxis &axis = panel.x;
    double em = input.line();
    QFont font = input.font, bold = input.bold();

    // In heights of the text:
    static constexpr double most_row = 7;
    static constexpr double text_line = 1.4; // with the gap to the bar

    QRectF row(std::size_t index) const
    {
        const double height = std::min(ground.height() / static_cast<double>(bars.size()), most_row * em);
        const double top = ground.top() + (ground.height() - height * static_cast<double>(bars.size())) / 2;
        return {ground.left(), top + static_cast<double>(index) * height, ground.width(), height};
    }
    QRectF bar(std::size_t index) const
    {
        const QRectF area = row(index);
        const bool above = of.has_text_line(area.height());
        const double gap = above ? std::min(0.6 * em, 0.15 * area.height()) : std::max(1.0, 0.12 * area.height());
        const double text = above ? text_line * em : 0, below = ghost_height(index) > 0 ? ghost_height(index) + 2 : 0;
        return {area.left(), area.top() + gap + text, area.width(),
            std::max(2.0, area.height() - gap - text - (text > 0 ? 0.25 * em : gap) - below)};
    }
    // Of the thin bar of the baseline below a chip's own.
    double ghost_height(std::size_t index) const
    {
        return of.ghosts[index] ? std::clamp(0.15 * row(index).height(), 2.0, 0.9 * em) : 0;
    }
    QRectF span(std::size_t index, double from, double to) const // B
    {
        QRectF area = bar(index);
        area.setLeft(axis.pixel(from / giga));
        area.setRight(axis.pixel(to / giga));
        return area;
    }

    void draw_bar(std::size_t index);
    void draw_ghost(std::size_t index);
    void draw_capacity(std::size_t index);
    void draw_labels(std::size_t index);
    void draw_label(const QRectF &area, const QString &label, const QString &bytes, const QColor &ink, bool on_pattern);
    void draw_name(std::size_t index);
    void draw_line_above(std::size_t index);
    void draw_chip(std::size_t mark, const QPointF &centre, double size)
    {
        marks.set_smooth(true);
        marks.symbol(mark, centre, size, QPen(theme.chip(mark), 1), theme.chip(mark));
        marks.set_smooth(false);
    }
};

void MemoryDrawing::draw_bar(std::size_t index)
{
    const MemoryBar &data = bars[index];
    marks.set_clip(ground.adjusted(-1, 0, 1, 0));
    for (const MemoryPart &part : data.parts) {
        const QRectF area = span(index, part.from, part.from + part.bytes);
        const QColor fill = colour_of(part.kind, theme);
        marks.fill(area, of.lit && of.lit != part.kind ? translucent(fill, 0.3F) : fill);
        marks.line(area.topRight(), area.bottomRight(), QPen(theme.surface, 1));
    }
    if (data.free() > 0)
        add_pattern(marks, span(index, data.used, data.usable), Pattern::free, {}, theme, em);
    if (data.usable < data.memory)
        add_pattern(marks, span(index, std::clamp(data.used, data.usable, data.memory), data.memory), Pattern::reserved,
            {}, theme, em);
    if (data.free() < 0) {
        const QRectF missing = span(index, data.usable, data.used);
        marks.fill(missing, translucent(theme.surface, 0.6F));
        add_pattern(marks, missing, Pattern::missing, {}, theme, em);
        marks.box(missing, QPen(theme.warning, 1.5));
    }
    marks.box(span(index, 0, data.memory), QPen(theme.axis, 1));
    draw_capacity(index);
    draw_labels(index);
    draw_ghost(index);
    marks.set_clip(std::nullopt);
    if (of.has_text_line(row(index).height()))
        draw_line_above(index);
    else
        draw_name(index);
}

void MemoryDrawing::draw_ghost(std::size_t index)
{
    const double height = ghost_height(index);
    if (!(height > 0))
        return;
    const MemoryBar &data = *of.ghosts[index];
    const Baseline &baseline = *of.input.baselines.primary();
    const auto place = [&](double from, double to) {
        const QRectF area = span(index, from, to);
        return QRectF(area.left(), bar(index).bottom() + 2, area.width(), height);
    };
    for (const MemoryPart &part : data.parts)
        marks.fill(place(part.from, part.from + part.bytes), translucent(colour_of(part.kind, theme), 0.35F));
    const QRectF used = place(0, data.used), whole = place(0, data.memory);
    marks.box(used, theme.baseline_pen(baseline.mark, 1));
    marks.line(
        whole.topRight(), whole.bottomRight(), QPen(theme.baseline(baseline.mark), 2, Qt::SolidLine, Qt::FlatCap));
    const auto change = change_of(data.used, bars[index].used);
    if (!change || height < 0.4 * em)
        return;
    const double width = QFontMetricsF(bold).horizontalAdvance(change_text(*change)) + 6;
    // Of the rectangle's last pixel.
    const double left = std::min(used.right() + 5, ground.right() - 1 - width);
    add_change(marks, QRectF(left, used.center().y() - em / 2, width, em), change_text(*change), font,
        change_colour(*change, of.input.baselines.threshold, Better::neither, theme), theme.surface);
}

// The end of the memory, and of its usable part where that is less.
void MemoryDrawing::draw_capacity(std::size_t index)
{
    const MemoryBar &data = bars[index];
    const QRectF area = span(index, 0, data.memory);
    const double over = std::min(3.0, area.height() / 4), top = area.top() - over, bottom = area.bottom() + over;
    marks.line(QLineF(area.right(), top, area.right(), bottom), QPen(theme.text, 2, Qt::SolidLine, Qt::FlatCap));
    if (data.usable < data.memory) {
        const double x = span(index, 0, data.usable).right();
        marks.line(QLineF(x, top, x, bottom), QPen(theme.text, 1.5, Qt::DashLine, Qt::FlatCap));
    }
}

void MemoryDrawing::draw_labels(std::size_t index)
{
    const MemoryBar &data = bars[index];
    for (const MemoryPart &part : data.parts) {
        // What is missing is hatched, and says so itself.
        const QRectF area =
            span(index, part.from, std::min(part.from + part.bytes, std::max(part.from, data.usable))) & ground;
        const bool pale = of.lit && of.lit != part.kind;
        draw_label(area, label_of(part.kind), in_bytes(part.bytes),
            pale ? theme.muted : ink_on(colour_of(part.kind, theme)), false);
    }
    if (data.free() > 0)
        draw_label(span(index, data.used, data.usable) & ground, MemoryTexts::tr("Free"), in_bytes(data.free()),
            theme.text, true);
    if (data.usable < data.memory && data.used < data.memory)
        draw_label(span(index, std::max(data.usable, data.used), data.memory) & ground, MemoryTexts::tr("Not usable"),
            in_bytes(data.memory - data.usable), theme.text, true);
}

void MemoryDrawing::draw_label(
    const QRectF &area, const QString &label, const QString &bytes, const QColor &ink, bool on_pattern)
{
    const double room = area.width() - 0.5 * em;
    const double label_width = metrics.horizontalAdvance(label), bytes_width = metrics.horizontalAdvance(bytes);
    const QString one_line = label + u' ' + bytes;
    QString text;
    if (area.height() >= 2.1 * em && std::max(label_width, bytes_width) <= room)
        text = label + u'\n' + bytes;
    else if (area.height() >= em && metrics.horizontalAdvance(one_line) <= room)
        text = one_line;
    else if (area.height() >= em && bytes_width <= room)
        text = bytes;
    else
        return;
    if (on_pattern)
        marks.fill(metrics.boundingRect(area, Qt::AlignCenter, text).adjusted(-4, -1, 4, 1) & area, theme.surface);
    marks.text(area, Qt::AlignCenter, text, font, ink);
}

// Left of the axis, in the colour of warnings if the configuration does not fit.
void MemoryDrawing::draw_name(std::size_t index)
{
    const MemoryBar &data = bars[index];
    const QRectF area = bar(index);
    QFont fitting = font;
    if (const double height = row(index).height(); height < em)
        fitting.setPointSizeF(std::max(5.0, font.pointSizeF() * height / em));
    const QRectF place(0, area.top() - em, area.left() - 1.3 * em, area.height() + 2 * em);
    marks.text(place, Qt::AlignRight | Qt::AlignVCenter,
        QFontMetricsF(fitting).elidedText(data.name, Qt::ElideRight, std::max(0.0, place.width())), fitting,
        data.free() < 0 ? theme.warning : theme.text);
    draw_chip(data.mark, QPointF(area.left() - 0.65 * em, area.center().y()), std::min(0.55 * em, area.height()));
}

// Chip, configuration, and the largest batch that fits or what is missing.
void MemoryDrawing::draw_line_above(std::size_t index)
{
    const MemoryBar &data = bars[index];
    const QFontMetricsF bold_metrics(bold);
    const QRectF area = row(index);
    QRectF line(area.left(), bar(index).top() - text_line * em, area.width(), 1.15 * em);
    const double swatch = 0.6 * em, gap = 0.7 * em;
    draw_chip(data.mark, QPointF(line.left() + swatch / 2, line.center().y()), swatch);
    line.setLeft(line.left() + 1.5 * swatch);

    const bool missing = data.free()<0, fits = data.largest_batch> 0;
    const QString largest = fits ? MemoryTexts::tr("largest batch that fits: %1").arg(data.largest_batch_text)
                                 : MemoryTexts::tr("no batch fits");
    const QString brief = fits ? MemoryTexts::tr("largest batch: %1").arg(data.largest_batch_text) : largest;
    const QString warning = missing ? MemoryTexts::tr("%1 missing").arg(in_bytes(-data.free())) : QString();
    const QString name = MemoryTexts::tr("%1, %2").arg(data.name, in_bytes(data.memory));
    const double name_width = bold_metrics.horizontalAdvance(name) + gap;
    const double warning_width = missing ? bold_metrics.horizontalAdvance(warning) + gap : 0;
    const double room = line.width() - name_width - warning_width - gap;
    const QString right = first_fitting({largest, brief}, font, room);
    const double right_width = metrics.horizontalAdvance(right);

    marks.text(line, Qt::AlignLeft | Qt::AlignVCenter,
        metrics.horizontalAdvance(name) <= line.width() ? name : data.name, bold, theme.text);
    if (missing) {
        QRectF place = line;
        place.setRight(line.right() - (right.isEmpty() ? 0 : right_width + gap));
        marks.text(place, Qt::AlignRight | Qt::AlignVCenter, warning, bold, theme.warning);
    }
    if (!right.isEmpty())
        marks.text(line, Qt::AlignRight | Qt::AlignVCenter, right, font, theme.text);
    QRectF middle = line;
    middle.setLeft(line.left() + name_width);
    const double left_over = room - right_width;
    if (left_over > 6 * em) {
        middle.setWidth(left_over);
        marks.text(middle, Qt::AlignLeft | Qt::AlignVCenter,
            metrics.elidedText(data.configuration, Qt::ElideRight, left_over), font, theme.muted);
    }
}

SceneLayout memory_layout(const std::shared_ptr<const MemoryPicture> &picture, const Frame &frame)
{
    const SceneInput &input = picture->input;
    MemoryDrawing drawing{{input, frame}, *picture};
    drawing.marks.set_smooth(false);
    std::vector<MemoryPlace> places;
    std::vector<QRectF> areas, rows;
    for (std::size_t i = 0; i < picture->bars.size(); ++i) {
        drawing.draw_bar(i);
        rows.push_back(drawing.row(i));
        const MemoryBar &bar = picture->bars[i];
        const std::optional<MemoryBar> &ghost = picture->ghosts[i];
        const auto add = [&](double from, double to, const MemoryPlace &place) {
            const QRectF area = drawing.span(i, from, to) & drawing.ground;
            if (!area.isValid())
                return;
            areas.push_back(area);
            places.push_back(place);
        };
        if (bar.free() < 0)
            add(bar.usable, bar.used,
                {i, MemoryTexts::tr("missing"), output::free_memory, -bar.free(), ghost ? -ghost->free() : 0,
                    MemoryTexts::tr("%1 needed − %2 usable; %3")
                        .arg(in_bytes(bar.used), in_bytes(bar.usable),
                            bar.largest_batch > 0
                                ? MemoryTexts::tr("the largest batch that fits is %1").arg(bar.largest_batch_text)
                                : MemoryTexts::tr("no batch fits"))});
        for (const MemoryPart &part : bar.parts)
            add(part.from, part.from + part.bytes,
                {i, label_of(part.kind), name_of(part.kind), part.bytes, ghost ? ghost->bytes_of(part.kind) : 0, {},
                    part.kind});
        if (bar.free() > 0)
            add(bar.used, bar.usable,
                {i, MemoryTexts::tr("free"), output::free_memory, bar.free(), ghost ? ghost->free() : 0,
                    MemoryTexts::tr("%1 usable − %2 used; the largest batch that fits is %3")
                        .arg(in_bytes(bar.usable), in_bytes(bar.used), bar.largest_batch_text)});
        if (bar.usable < bar.memory)
            add(bar.usable, bar.memory,
                {i, MemoryTexts::tr("not usable"), "unusable_memory", bar.memory - bar.usable,
                    ghost ? ghost->memory - ghost->usable : 0,
                    MemoryTexts::tr("the profile uses %1 % of the memory")
                        .arg(exact(100 * input.explored->chips[i].scenario.profile.usable_memory_fraction))});
    }
    drawing.laid.hits = {hit_areas(areas, [picture, places](std::size_t i) { return picture->about_part(places[i]); }),
        hit_areas(rows, [picture](std::size_t i) { return picture->about_bar(i); })};
    return std::move(drawing.laid);
}

Hover MemoryPicture::about_part(const MemoryPlace &place) const
{
    const MemoryBar &bar = bars[place.bar];
    const Scenario &scenario = input.explored->chips[place.bar].scenario;
    const QString share = to_text(short_text(100 * place.bytes / bar.memory, Dimension::count));
    QStringList lines{MemoryTexts::tr("%1, %2: %3 (%4 % of %5)")
                          .arg(bar.name, place.what, in_bytes(place.bytes), share, in_bytes(bar.memory))};
    if (const auto change = change_of(place.before, place.bytes))
        lines << against_text(*change, in_bytes(place.before), input.baselines.primary()->name);
    lines << (place.kind ? formula_of(*place.kind, scenario) : place.formula) << bar.configuration;
    const Explainable number{std::string(place.number), scenario.chip.name};
    return {lines.join(u'\n'), std::nullopt, std::nullopt, number, number};
}

Hover MemoryPicture::about_bar(std::size_t index) const
{
    const Scenario &scenario = input.explored->chips[index].scenario;
    Hover hover;
    hover.text = bars[index].name + u'\n' + bars[index].configuration + u'\n'
        + MemoryTexts::tr("click: show this chip in the other views");
    hover.number = Explainable{std::string(output::free_memory), scenario.chip.name};
    hover.action = Selection{scenario.chip.name, scenario.nic.name, scenario.point};
    return hover;
}

std::vector<LegendEntries> MemoryPicture::legend() const
{
    LegendEntries entries;
    const auto add = [&](const QString &text, Pattern pattern, const QColor &colour) {
        entries.push_back({text, [pattern, colour, &look = theme()](Marks &marks, const QRectF &box) {
                               const QRectF swatch = box.adjusted(0, 0.12 * box.height(), 0, -0.12 * box.height());
                               add_pattern(marks, swatch, pattern, colour, look, box.height());
                               if (pattern != Pattern::plain)
                                   marks.box(swatch, QPen(look.axis, 1));
                           }});
    };
    const auto any = [&](const auto &is) { return std::ranges::any_of(bars, is); };
    for (std::size_t i = 0; i < memory_kind_count; ++i) {
        const auto kind = static_cast<MemoryKind>(i);
        if (any([&](const MemoryBar &bar) { return bar.bytes_of(kind) > 0; }))
            add(label_of(kind), Pattern::plain, colour_of(kind, theme()));
    }
    if (any([](const MemoryBar &bar) { return bar.free() > 0; }))
        add(MemoryTexts::tr("Free"), Pattern::free, {});
    if (any([](const MemoryBar &bar) { return bar.usable < bar.memory; }))
        add(MemoryTexts::tr("Not usable"), Pattern::reserved, {});
    if (any([](const MemoryBar &bar) { return bar.free() < 0; }))
        add(MemoryTexts::tr("Missing"), Pattern::missing, {});
    if (const Baseline *baseline = input.baselines.primary())
        entries.push_back(baseline_bar(*baseline, theme()));
    return {entries};
}

void add_memory_rows(Table &table, const Explored &of, const SharedColumns &shared)
{
    for (const MemoryBar &bar : memory_bars(of)) {
        const Scenario &scenario = of.chips[bar.chip].scenario;
        const Point &point = scenario.point;
        std::vector<TableCell> &cells = table.rows.emplace_back().cells;
        cells = {bar.name, to_text(scenario.nic.name), to_text(name_of(point.policy)), std::int64_t{point.ep},
            point.kv_elem_size, point.param_elem_size, std::int64_t{point.mtp_len}, std::int64_t{point.batch}};
        for (std::size_t i = 0; i < memory_kind_count; ++i)
            cells.emplace_back(bar.bytes_of(static_cast<MemoryKind>(i)));
        for (const double bytes : {bar.used, bar.usable, bar.free(), bar.memory})
            cells.emplace_back(bytes);
        cells.emplace_back(bar.largest_batch);
        shared.add_to(cells, {scenario, of.chips[bar.chip].estimate});
    }
}

Table memory_table(const MemoryPicture &picture)
{
    Table table;
    const auto add = [&](const QString &title, const std::string &key = {}) { table.columns.push_back({title, key}); };
    add(MemoryTexts::tr("Chip"), "chip");
    for (const QString &title : {MemoryTexts::tr("NIC"), MemoryTexts::tr("Pipeline"), MemoryTexts::tr("EP"),
             MemoryTexts::tr("KV cache element (B)"), MemoryTexts::tr("Parameter (B)"), MemoryTexts::tr("Draft length"),
             MemoryTexts::tr("Batch")})
        add(title);
    // The kinds of weights, KV cache and what is free, out of all that the table has.
    TablePlot plot{TablePlot::Kind::stacked_bars, MemoryTexts::tr("Memory"), u"B"_qs, "chip", {}};
    for (std::size_t i = 0; i < memory_kind_count; ++i) {
        const auto kind = static_cast<MemoryKind>(i);
        add(MemoryTexts::tr("%1 (B)").arg(label_of(kind)), name_of(kind));
        plot.y.emplace_back(name_of(kind));
    }
    add(MemoryTexts::tr("Used (B)"));
    add(MemoryTexts::tr("Usable (B)"));
    add(MemoryTexts::tr("Free (B)"), "free");
    add(MemoryTexts::tr("Memory (B)"));
    add(MemoryTexts::tr("Largest batch that fits"));
    plot.y.emplace_back("free");
    const SharedColumns shared(picture.input);
    shared.add_to(table);
    add_memory_rows(table, *picture.input.explored, shared);
    table.add_baselines(
        picture.input.baselines, [&](const Baseline &pin) { add_memory_rows(table, *pin.explored, shared); });
    table.plot = plot;
    return table;
}

} // namespace

Scene memory_scene(const SceneInput &input)
{
    MemoryPicture made{input, memory_bars(*input.explored), {}, input.lit ? read_by(*input.lit) : std::nullopt};
    double most = 0;
    for (const MemoryBar &bar : made.bars)
        most = std::max({most, bar.memory, bar.used});
    made.ghosts.resize(made.bars.size());
    if (const Baseline *baseline = input.baselines.primary()) {
        for (const MemoryBar &before : memory_bars(*baseline->explored)) {
            const MemoryBar *now = find_in(made.bars, before.name, &MemoryBar::name);
            if (!now)
                continue;
            made.ghosts[static_cast<std::size_t>(now - made.bars.data())] = before;
            most = std::max({most, before.memory, before.used});
        }
    }
    const auto picture = std::make_shared<const MemoryPicture>(std::move(made));
    Scene scene;
    scene.panels[0].x = {.to = most / giga, .ticks_outside = true};
    scene.panels[0].y = {.exact = true, .visible = false, .zooms = false};
    scene.legend = picture->legend();
    scene.sample_width = 1.2;
    if (!picture->bars.empty()) {
        scene.arrange = [picture](const Room &room) { return picture->arrange(room); };
        scene.layout = [picture](const Frame &frame) { return memory_layout(picture, frame); };
    }
    scene.table = [picture] { return memory_table(*picture); };
    scene.number = output::free_memory;
    return scene;
}

} // namespace epscope
