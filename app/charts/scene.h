// SPDX-License-Identifier: GPL-3.0-or-later
// A chart as data. One pure function a chart makes a Scene of a SceneInput: axes, legend, table, and two functions that
// depend on nothing but their arguments: how the plot is divided at a size, and what is painted, hovered over and
// dragged in pixels once the axes stand. A ScenePlot paints it, on the screen and in files alike.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <QBrush>
#include <QFont>
#include <QFontMetricsF>
#include <QLineF>
#include <QMargins>
#include <QPainterPath>
#include <QPen>
#include <QPolygonF>
#include <QRectF>
#include <QSize>
#include <QStringList>
#include <QVector>

#include "app/charts/explainable.h"
#include "app/charts/marks.h"
#include "app/charts/table.h"
#include "app/look/theme.h"
#include "app/session/baselines.h"
#include "core/explore/explored.h"
#include "core/explore/questions.h"

class QCPPainter;

namespace epscope {

// In pixels of the plot and in paint order: painted by a view or a file, read by tests.
class Marks {
public:
    struct Fill { // no edge
        QRectF area;
        QColor colour;
    };
    struct Box {
        QRectF area;
        QPen pen;
        QBrush brush;
        double radius = 0; // px, of its corners
    };
    struct Oval {
        QPointF centre;
        double radius = 0;
        QPen pen;
        QBrush brush;
    };
    struct Line { // to whole pixels unless smooth
        QLineF line;
        QPen pen;
    };
    struct Lines {
        QVector<QLineF> lines;
        QPen pen;
    };
    struct Path { // joined points
        QVector<QPointF> points;
        QPen pen;
    };
    struct Tiles { // many, without edges
        QVector<QRectF> areas;
        QBrush brush;
    };
    struct Dots {
        QPolygonF points;
        QPen pen;
    };
    struct Polygon {
        QPolygonF points;
        QPen pen;
        QBrush brush;
    };
    struct Shape { // without an edge
        QPainterPath path;
        QBrush brush;
    };
    struct Hatch { // 45° lines, see draw_hatch()
        QRectF area;
        QColor colour;
        double spacing = 9, width = 1;
    };
    struct Text { // in a box, else from the left end of its base line
        QString text;
        QFont font;
        QColor colour;
        QRectF box;
        int alignment = 0; // Qt::Alignment and Qt::TextFlag
        QPointF at;
        bool turned = false; // to be read from below
    };
    struct Symbol { // of a chip, by its mark: see Theme::chip()
        std::size_t mark = 0;
        QPointF centre;
        double size = 0;
        QPen pen;
        QBrush brush;
    };
    struct Stamp { // the same marks around each of many places
        std::shared_ptr<const Marks> shape; // around (0, 0), no farther out than size / 2
        double size = 0;
        QVector<QPointF> at;
    };
    using What =
        std::variant<Fill, Box, Oval, Line, Lines, Path, Tiles, Dots, Polygon, Shape, Hatch, Text, Symbol, Stamp>;
    struct Mark {
        What what;
        std::optional<QRectF> clip;
        bool smooth = true;
        double opacity = 1;
    };

    // For the marks that follow.
    void set_smooth(bool on) { smooth = on; }
    void set_clip(const std::optional<QRectF> &area) { clip = area; }
    void set_opacity(double part) { opacity = part; }

    void add(What what) { all.push_back({std::move(what), clip, smooth, opacity}); }
    void fill(const QRectF &area, const QColor &colour) { add(Fill{area, colour}); }
    void box(const QRectF &area, const QPen &pen, const QBrush &brush = Qt::NoBrush, double radius = 0)
    {
        add(Box{area, pen, brush, radius});
    }
    void oval(const QPointF &centre, double radius, const QPen &pen, const QBrush &brush = Qt::NoBrush)
    {
        add(Oval{centre, radius, pen, brush});
    }
    void line(const QLineF &line, const QPen &pen) { add(Line{line, pen}); }
    void line(const QPointF &from, const QPointF &to, const QPen &pen) { add(Line{QLineF(from, to), pen}); }
    // Through the middle of a box.
    void across(const QRectF &box, const QPen &pen)
    {
        line(QLineF(box.left(), box.center().y(), box.right(), box.center().y()), pen);
    }
    void lines(const QVector<QLineF> &lines, const QPen &pen) { add(Lines{lines, pen}); }
    // Cut off at the area's border, as SVG files know no clipping.
    void path(const QVector<QPointF> &points, const QPen &pen, const QRectF &area);
    void polygon(const QPolygonF &points, const QPen &pen, const QBrush &brush = Qt::NoBrush)
    {
        add(Polygon{points, pen, brush});
    }
    void tiles(const QVector<QRectF> &areas, const QBrush &brush) { add(Tiles{areas, brush}); }
    void dots(const QPolygonF &points, const QPen &pen) { add(Dots{points, pen}); }
    void shape(const QPainterPath &path, const QBrush &brush) { add(Shape{path, brush}); }
    void hatch(const QRectF &area, const QColor &colour, double spacing = 9, double width = 1)
    {
        add(Hatch{area, colour, spacing, width});
    }
    void text(const QRectF &box, int alignment, const QString &text, const QFont &font, const QColor &colour)
    {
        add(Text{text, font, colour, box, alignment, {}, false});
    }
    void text(const QPointF &at, const QString &text, const QFont &font, const QColor &colour)
    {
        add(Text{text, font, colour, {}, 0, at, false});
    }
    void symbol(std::size_t mark, const QPointF &centre, double size, const QPen &pen, const QBrush &brush)
    {
        add(Symbol{mark, centre, size, pen, brush});
    }
    void cross(const QPointF &centre, double size, const QPen &pen);
    void stamp(Marks shape, double size, const QVector<QPointF> &at)
    {
        if (!at.isEmpty())
            add(Stamp{std::make_shared<const Marks>(std::move(shape)), size, at});
    }

    const std::vector<Mark> &marks() const { return all; }
    bool empty() const { return all.empty(); }
    void paint(QCPPainter &painter) const;

    // All marks of a kind, for tests.
    template <class Kind>
    std::vector<Kind> of() const
    {
        std::vector<Kind> found;
        for (const Mark &mark : all) {
            if (const auto *one = std::get_if<Kind>(&mark.what))
                found.push_back(*one);
        }
        return found;
    }
    QStringList texts() const;

private:
    std::vector<Mark> all;
    std::optional<QRectF> clip;
    bool smooth = true;
    double opacity = 1;
};

// A text in a filled box above `foot`, kept between left and right, pointing down to it if it can. Returns the box.
QRectF add_tag(Marks &marks, const QString &text, const QFont &font, const QPointF &foot, double left, double right,
    const QColor &fill, const QColor &text_colour);

struct Dragged {
    QString key; // of the input, as Session::set() takes it
    double value = 0; // as the chart draws it
    QString text; // for Session::set()
};

using OptionValues = std::map<QString, QString>;

struct SceneInput {
    std::shared_ptr<const Explored> explored;
    PinnedBaselines baselines;
    std::shared_ptr<const Answer> answer; // to the chart's question; may be null
    bool stale = false; // the answer is one to other inputs or another question
    double state_width = 0; // px that "searching, 40 %" takes in the first row of the legend
    const Theme *theme = &Theme::light();
    QFont font;
    std::optional<OpId> lit; // operator
    OptionValues options;
    std::optional<Dragged> dragged; // shown until its result is there
    bool dragging = false; // with the button still down

    QString option(const QString &key) const;
    bool is_on(const QString &key) const { return option(key) == u"on"; }
    // How strongly a stale answer is painted.
    double opacity() const { return stale ? 0.45 : 1; }
    // Of a line of data, in px: `usual` with type of the usual size, more with larger type, which is read from afar.
    double line_width(double usual) const;
    QFont bold() const;
    // Of the font, in px.
    double line() const;
};

struct SceneAxis {
    double from = 0, to = 1; // what is to be seen: fitted, so that small changes leave the axis as it is
    bool exact = false; // from there to there, not fitted
    bool log = false;
    bool visible = true;
    bool ticks = true; // with their labels
    bool grid = true;
    bool zooms = true;
    bool ticks_outside = false;
};

struct ScenePanel {
    SceneAxis x, y;
};

inline constexpr double no_limit = std::numeric_limits<double>::infinity();

// What a plot of some size leaves to its panels.
struct Room {
    QSize size;
    QFont font;
    std::function<double(double limit)> legend_height; // px, of a legend that may be no higher
    double tick_height = 0; // px below the lower axis for its ticks, without their texts
    double title_padding = 0; // px between these and the axis' title
};

struct AxisTexts {
    QString label = {};
    int ticks = 5; // about
    bool exactly = false; // that many, however odd their numbers
    bool tick_labels = true;
};

struct PanelRoom {
    std::optional<QMargins> margins = {}; // px: at least; none: the plot's own
    bool fixed = false; // but for the bottom, which the texts below decide
    int width = 0; // px; 0: what is left
    AxisTexts x = {}, y = {};
};

struct Arrangement {
    std::vector<PanelRoom> panels;
    double legend_limit = no_limit; // px that it may be high
};

// First of the labels that is no wider and a number of ticks that suits the width; the label may reach into the margins
// on both sides.
AxisTexts texts_across(const QStringList &labels, const QFont &font, double width, double margin);

// An axis as it stands, in pixels: the plot's own arithmetic.
struct FrameAxis {
    double lower = 0, upper = 1;
    bool log = false, upwards = false;
    int start = 0, last = 0, length = 1; // px

    double pixel(double value) const;
    double value(double pixel) const;
    bool contains(double value) const { return lower <= value && value <= upper; }
    bool operator==(const FrameAxis &) const = default;
};

struct FramePanel {
    QRectF rect; // of the axes
    FrameAxis x, y;

    // Where data are drawn: up to the row of pixels above the rectangle, as heights count from the last row upwards.
    QRectF area() const { return rect.translated(0, -1); }
    QPointF pixel(double at_x, double at_y) const { return {x.pixel(at_x), y.pixel(at_y)}; }
    bool operator==(const FramePanel &) const = default;
};

struct Frame {
    QSize size; // of the plot
    std::vector<FramePanel> panels;

    const FramePanel &panel(std::size_t index = 0) const { return panels[index]; }
    bool operator==(const Frame &) const = default;
};

struct SetInputs {
    std::vector<std::pair<QString, QString>> values; // keys and texts for Session::set()
};
struct ShowSlider {
    QString key;
};
// Of a click or Enter: a configuration to pick, a number to explain, inputs to set, a slider to show, a handle to move.
using Action = std::variant<std::monostate, Selection, Explainable, SetInputs, ShowSlider, Dragged>;

// What lies under the mouse.
struct Hover {
    QString text; // value with unit and configuration; may have several lines
    std::optional<QPointF> crosshair = {}; // in pixels of the plot
    std::optional<OpId> operator_id = {}; // to be lit in every view
    std::optional<Explainable> number = {};
    Action action = {};
};

// Places of one kind. The first kind of a layout that finds one at a position has it.
struct Hits {
    std::vector<QRectF> areas; // px; of points without a size
    std::function<std::optional<std::size_t>(const QPointF &)> find;
    std::function<Hover(std::size_t)> about;
    bool walks = true; // the keyboard goes there
};
Hits hit_areas(std::vector<QRectF> areas, std::function<Hover(std::size_t)> about);
// The nearest within reach, px, of those within the area.
Hits hit_points(
    const QVector<QPointF> &points, double reach, std::function<Hover(std::size_t)> about, const QRectF &within = {});
// The nearest along x, anywhere in the area.
Hits hit_across(const QVector<QPointF> &points, const QRectF &within, std::function<Hover(std::size_t)> about);
Hits hit_lines(const QVector<QLineF> &lines, double reach, std::function<Hover(std::size_t)> about);

// A line that can be dragged to change an input.
struct Handle {
    QString key; // of the input
    QVector<QLineF> lines; // px
    QRectF tag; // also taken hold of; may be empty
    double reach = 4; // px
    Qt::CursorShape cursor = Qt::SizeHorCursor;
    double value = 0; // as it is drawn
    QString stated = {}; // its text for Session::set(), which Escape gives back; empty: as it settles
    std::function<double(const QPointF &)> value_at;
    std::function<Dragged(double)> settle; // the nearest value that the input may have
    QString text = {}; // of the readout
    bool joins = false; // the text follows that of what else lies there
    std::optional<Explainable> number = {};

    // The nearest place on it, px.
    QPointF grip(const QPointF &position) const;
};

struct SceneLayout {
    Marks background, main, axes; // below the grid's axes, above them, over all
    std::vector<Hits> hits;
    std::vector<Handle> handles;

    std::optional<Hover> hover(const QPointF &position) const;
    const Handle *handle_at(const QPointF &position) const;
    const Handle *handle_of(const QString &key) const;
};

struct Scene {
    std::vector<ScenePanel> panels = std::vector<ScenePanel>(1);
    std::vector<LegendEntries> legend; // the fullest first, see set_legend()
    double sample_width = LegendStyle().sample_width;
    double aside = 0; // px that stay free at the right end of its first row
    std::function<Arrangement(const Room &)> arrange;
    std::function<SceneLayout(const Frame &)> layout;
    std::function<Table()> table;
    // What the chart as a whole is about and what it shows of an operator, by the names that find_explanation() knows.
    std::string number{output::throughput};
    std::function<std::string(OpId)> operator_number; // none: one run of it
    // What a key does that does not walk.
    std::function<std::optional<Action>(int key, Qt::KeyboardModifiers modifiers)> on_key;
    std::map<QString, double> draggable; // inputs with their values in this result
    bool veiled = false; // no axes: there is nothing to measure

    std::string number_of(std::optional<OpId> id) const;
};

// What a layout is drawn with: its marks, on axes as they stand.
struct SceneDrawing {
    const SceneInput &input;
    const Frame &frame;
    const Theme &theme = *input.theme;
    const FramePanel &panel = frame.panel();
    QRectF ground = panel.rect;
    QFontMetricsF metrics{input.font};
    SceneLayout laid = {};
    Marks &marks = laid.main;
};

struct OptionChoice {
    QString value, text; // as in SceneInput::options; on its control
    QString name = {}, meaning = {}; // for people
};

struct ChartOption {
    enum class Control { buttons, box, pair, number, toggle, none };

    QString key; // also of the history's choice
    QString value = {}; // at first
    Control control = Control::none;
    QString text = {}; // of a toggle, the prefix of a number, before a pair
    QString name = {}, meaning = {}; // of the control
    QString other_name = {}; // of the second box of a pair, whose value is "first|second", of different choices
    // Of buttons and boxes; a toggle with one alone stands still.
    std::function<std::vector<OptionChoice>(const SceneInput &)> choices = {};
    bool hides_alone = false; // of a box: it is there only where there are several choices
    int least = 0, most = 0; // of a number
    bool grows = false; // its control takes the room that is left
    std::function<bool(const QString &)> is_value = {}; // what is none is ignored; none: every text is one
    bool other_axes = false; // another value measures something else: the axes are fitted from the start
    QString step = {}; // of the history: "Breakdown: %1", of the value's name; empty: none
    bool remembered = true; // from one start to the next
};

struct SceneKind {
    std::string_view id = {}; // for file names and --view
    const char *title = nullptr; // for people
    std::function<Scene(const SceneInput &)> scene = nullptr;
    std::vector<ChartOption> (*options)() = nullptr;
    std::size_t panels = 1;
    bool across = false; // they stand next to each other, else below, with one range along x
    bool lights = true; // the operator that is lit in every view
    int lines_across = 20, lines_down = 12; // of text that it needs on the screen; 0: any
    // What it asks about the inputs; none if nothing can be asked yet.
    std::optional<Question> (*question)(const SceneInput &) = nullptr;
    // The options as values that this study can answer; none: as they are.
    OptionValues (*prepare)(const SceneInput &) = nullptr;
    // The study of one chip that it is asked about; none: that with the leading chip.
    Study (*subject)(const SceneInput &) = nullptr;
    // What the axes measure in the answer to a question: for others they are fitted from the start.
    std::vector<std::string> (*axes_of)(const Question &) = nullptr;
    const char *unasked = nullptr; // for people, while there is nothing to ask
};

// The primary baseline's study with the leading chip; none if it does not have that.
std::optional<Study> study_against(const SceneInput &input);

// With a unit, rates as on the other charts: never with a prefix.
QString metric_text(const Metric &metric, double value);
// "Memory (GB)".
QString axis_label(const Variable &variable);
// All outputs that have a number.
std::vector<OptionChoice> metric_choices();
// A box with these, throughput at first.
ChartOption output_option(const QString &key, const QString &meaning, const QString &step);

// Lines broken so that they are no wider, px.
QString folded_to(const QString &text, const QFont &font, double width);

} // namespace epscope
