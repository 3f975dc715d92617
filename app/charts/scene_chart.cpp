// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/scene_chart.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <QButtonGroup>
#include <QFontMetricsF>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include "app/look/choice_box.h"
#include "app/look/plain_text.h"
#include "app/words/text.h"

namespace epscope {
namespace {

// One of several exclusive choices in a row; as plain as the charts, in the palette's colours.
class OptionButton : public QPushButton {
public:
    explicit OptionButton(const QString &text)
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

// What is above the plot, a control an option.
class SceneChart::Controls {
public:
    explicit Controls(SceneChart &of)
        : chart(of)
    {
        for (const ChartOption &option : chart.known)
            add(option);
        if (row && !any_grows)
            row->addStretch(1);
        show();
    }

    // The choices that the inputs have, and the values.
    void show()
    {
        for (Control &control : all) {
            const std::vector<OptionChoice> choices = chart.choices_of(*control.option);
            const QSignalBlocker quiet(control.group ? static_cast<QObject *>(control.group) : control.widget);
            const QString value = chart.option(control.option->key);
            if (auto *box = qobject_cast<QComboBox *>(control.widget)) {
                QStringList now;
                for (const OptionChoice &choice : choices)
                    now << choice.value << choice.text;
                if (now != control.filled) {
                    control.filled = now;
                    box->clear();
                    for (const OptionChoice &choice : choices)
                        box->addItem(choice.text, choice.value);
                }
                box->setCurrentIndex(
                    box->findData(control.part ? value.section(u'|', *control.part, *control.part) : value));
            } else if (auto *number = qobject_cast<QSpinBox *>(control.widget)) {
                number->setValue(value.toInt());
            } else if (auto *toggle = qobject_cast<QToolButton *>(control.widget)) {
                toggle->setEnabled(!control.option->choices || choices.size() > 1);
                toggle->setChecked(value == u"on");
            } else if (control.group) {
                for (QAbstractButton *button : control.group->buttons())
                    button->setChecked(button->property("value").toString() == value);
            }
        }
    }

private:
    struct Control {
        const ChartOption *option;
        QWidget *widget;
        QButtonGroup *group = nullptr; // of buttons
        QStringList filled = {};
        std::optional<int> part = {}; // of a pair
    };

    SceneChart &chart;
    std::vector<Control> all;
    QHBoxLayout *row = nullptr;
    bool any_grows = false;

    QHBoxLayout *boxes()
    {
        if (!row)
            row = chart.add_controls();
        return row;
    }
    void add(const ChartOption &option)
    {
        const auto set = [this, key = option.key](const QString &value) { chart.set_option(key, value); };
        QWidget *widget = nullptr;
        switch (option.control) {
        case ChartOption::Control::none:
            return;
        case ChartOption::Control::buttons:
            add_buttons(option);
            return;
        case ChartOption::Control::pair:
            boxes()->addWidget(plain_label(option.text, &chart));
            add_box(option, 0);
            boxes()->addWidget(plain_label(u"×"_qs, &chart));
            add_box(option, 1);
            return;
        case ChartOption::Control::box:
            add_box(option, std::nullopt);
            return;
        case ChartOption::Control::number: {
            auto *number = new QSpinBox(&chart);
            number->setRange(option.least, option.most);
            number->setPrefix(option.text);
            number->setSuffix(u" %"_qs);
            QObject::connect(
                number, &QSpinBox::valueChanged, &chart, [set](int value) { set(QString::number(value)); });
            widget = number;
            break;
        }
        case ChartOption::Control::toggle: {
            auto *toggle = new QToolButton(&chart);
            toggle->setText(option.text);
            toggle->setCheckable(true);
            QObject::connect(
                toggle, &QAbstractButton::toggled, &chart, [set](bool on) { set(on ? u"on"_qs : u"off"_qs); });
            widget = toggle;
            break;
        }
        }
        place(option, *widget, option.name);
        all.push_back({&option, widget});
    }
    void place(const ChartOption &option, QWidget &widget, const QString &name)
    {
        widget.setAccessibleName(name);
        widget.setToolTip(option.meaning.isEmpty() ? name : option.meaning);
        boxes()->addWidget(&widget, option.grows ? 1 : 0);
        any_grows = any_grows || option.grows;
    }
    // What one box of a pair has chosen the other gives way for.
    void add_box(const ChartOption &option, std::optional<int> part)
    {
        auto *box = new ChoiceBox(&chart);
        box->setMinimumContentsLength(5);
        QObject::connect(box, &QComboBox::activated, &chart, [this, box, part, key = option.key] {
            const QString chosen = box->currentData().toString();
            if (!part) {
                chart.set_option(key, chosen);
                return;
            }
            QStringList both = chart.option(key).split(u'|');
            if (both[1 - *part] == chosen)
                both[1 - *part] = both[*part];
            both[*part] = chosen;
            chart.set_option(key, both.join(u'|'));
        });
        place(option, *box, part == 1 ? option.other_name : option.name);
        all.push_back({&option, box, nullptr, {}, part});
    }
    void add_buttons(const ChartOption &option)
    {
        auto *header = new QWidget;
        header->setAutoFillBackground(true);
        header->setBackgroundRole(QPalette::Base);
        header->setAccessibleName(option.name);
        header->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
        auto *line = new QHBoxLayout(header);
        line->setContentsMargins(static_cast<int>(text_padding), 4, static_cast<int>(text_padding), 0);
        line->setSpacing(0);
        auto *group = new QButtonGroup(&chart);
        for (const OptionChoice &choice : chart.choices_of(option)) {
            auto *button = new OptionButton(choice.text);
            button->setAccessibleName(choice.name);
            button->setToolTip(choice.meaning);
            button->setProperty("value", choice.value);
            group->addButton(button);
            line->addWidget(button);
        }
        line->addStretch();
        auto *column = static_cast<QVBoxLayout *>(chart.layout());
        column->setSpacing(0);
        column->insertWidget(0, header);
        QObject::connect(group, &QButtonGroup::buttonToggled, &chart,
            [this, key = option.key](QAbstractButton *button, bool checked) {
                if (checked)
                    chart.set_option(key, button->property("value").toString());
            });
        all.push_back({&option, header, group});
    }
};

SceneChart::SceneChart(const SceneKind &of_kind, QWidget *parent)
    : AnalysisChart(to_text(of_kind.id), Chart::tr(of_kind.title), parent)
    , kind(of_kind)
    , known(kind.options ? kind.options() : std::vector<ChartOption>())
    , drawing(new ScenePlot(*plot(), kind.panels, kind.across))
{
    for (const ChartOption &option : known)
        values[option.key] = option.value;
    controls = std::make_unique<Controls>(*this);
    asked_too_long.setSingleShot(true);
    asked_too_long.setInterval(1000);
    connect(&asked_too_long, &QTimer::timeout, this, [this] {
        if (drag)
            return;
        asked_input.reset();
        redraw();
    });
    set_theme(theme()); // the new axes too
}

SceneChart::~SceneChart() = default;

std::vector<OptionChoice> SceneChart::choices_of(const ChartOption &option) const
{
    return option.choices ? option.choices(newest_input()) : std::vector<OptionChoice>();
}

QString SceneChart::option(const QString &key) const
{
    const auto found = values.find(key);
    return found == values.end() ? QString() : found->second;
}

QString SceneChart::option_text(const QString &key) const
{
    const QString value = option(key);
    for (const ChartOption &option : known) {
        if (option.key != key)
            continue;
        QStringList texts = option.control == ChartOption::Control::pair ? value.split(u'|') : QStringList{value};
        const std::vector<OptionChoice> choices = choices_of(option);
        for (QString &text : texts) {
            const auto choice = std::find_if(
                choices.begin(), choices.end(), [&](const OptionChoice &each) { return each.value == text; });
            if (choice != choices.end())
                text = choice->name.isEmpty() ? choice->text : choice->name;
        }
        return texts.join(u" × ");
    }
    return value;
}

void SceneChart::set_options(const OptionValues &wanted)
{
    QStringList changed;
    bool other_axes = false;
    for (const ChartOption &each : known) {
        const auto value = wanted.find(each.key);
        if (value == wanted.end() || option(each.key) == value->second
            || (each.is_value && !each.is_value(value->second)))
            continue;
        values[each.key] = value->second;
        changed << each.key;
        other_axes = other_axes || each.other_axes;
    }
    if (changed.isEmpty())
        return;
    controls->show();
    if (other_axes)
        fit_anew();
    else
        redraw();
    for (const QString &key : changed)
        emit option_changed(key);
    if (asks())
        emit question_set();
}

Question SceneChart::question() const
{
    const std::optional<Question> wanted = kind.question ? kind.question(newest_input()) : std::nullopt;
    return wanted.value_or(SeekQuestion{});
}

Study SceneChart::subject(const Explored &explored) const
{
    if (!kind.subject)
        return AnalysisChart::subject(explored);
    return kind.subject(input_about(explored));
}

// For the call that was given the result.
SceneInput SceneChart::input_about(const Explored &explored) const
{
    SceneInput input = newest_input();
    input.explored = {std::shared_ptr<const Explored>(), &explored};
    return input;
}

void SceneChart::take_question(const AnalysisChart &other)
{
    set_options(static_cast<const SceneChart &>(other).values);
}

void SceneChart::prepare(const Explored &explored)
{
    if (kind.prepare)
        values = kind.prepare(input_about(explored));
    controls->show();
}

void SceneChart::set_highlight(std::optional<OpId> operator_id)
{
    if (kind.lights && operator_id != highlighted())
        Chart::set_highlight(operator_id);
}

SceneInput SceneChart::input_of(std::shared_ptr<const Explored> explored, const PinnedBaselines &baselines,
    std::shared_ptr<const Answer> answer) const
{
    SceneInput input;
    input.explored = std::move(explored);
    input.baselines = baselines;
    input.answer = std::move(answer);
    input.theme = &theme();
    input.font = font();
    input.lit = highlighted();
    input.options = values;
    input.dragged = asked_input;
    input.dragging = drag.has_value();
    return input;
}

// With what needs its question answered first, which takes this input too.
Scene SceneChart::scene_of(SceneInput input) const
{
    if (asks()) {
        input.stale = is_stale();
        input.state_width = state_width();
    }
    if (asks() && !input.answer) {
        Scene empty;
        empty.panels.resize(kind.panels);
        empty.veiled = true;
        empty.table = [title = title()] {
            return Table{{{title, {}}}, {{{tr("not searched yet: nobody has looked at it")}}}, {}};
        };
        return empty;
    }
    return kind.scene(input);
}

ChartTable SceneChart::table() const
{
    const Table typed = typed_table();
    ChartTable table;
    for (const TableColumn &column : typed.columns)
        table.header << column.title;
    for (const TableRow &row : typed.rows) {
        QStringList &texts = table.rows.emplace_back();
        for (const TableCell &cell : row.cells)
            texts << text_of(cell);
    }
    return table;
}

Table SceneChart::typed_table() const
{
    if (!newest())
        return {};
    const Scene made = scene_of(newest_input());
    return made.table ? made.table() : Table();
}

void SceneChart::paint(QPaintDevice &device, const QRect &area, const Theme &theme,
    const std::function<void(QPainter &)> &frame, const std::optional<QFont> &type)
{
    ScenePicture picture;
    SceneInput input = newest_input();
    input.theme = picture.theme = &theme;
    input.font = picture.font = type.value_or(font());
    if (newest())
        picture.scene = scene_of(input);
    else
        picture.scene.panels.resize(kind.panels);
    picture.across = kind.across;
    picture.fit = axis_fit();
    picture.ranges = ranges_of(*plot());
    picture.state = newest() ? state_text() : QString();
    paint_picture(picture, device, area, frame);
}

const Scene &SceneChart::scene() const
{
    return drawing->scene();
}

const SceneLayout &SceneChart::laid_out() const
{
    return drawing->layout();
}

Frame SceneChart::frame() const
{
    return drawing->frame();
}

QString SceneChart::state_text() const
{
    return kind.unasked && !can_ask() ? Chart::tr(kind.unasked) : AnalysisChart::state_text();
}

void SceneChart::draw_answer(const Explored &, const Theme &look)
{
    Scene made = scene_of(input_of(explored(), baselines(), drawn_answer()));
    if (asked_input && !drag) {
        const auto here = std::find_if(made.draggable.begin(), made.draggable.end(),
            [&](const auto &each) { return each.first == asked_input->key; });
        constexpr double rounding = 1e-9;
        if (here == made.draggable.end()
            || std::abs(here->second - asked_input->value) <= rounding * std::abs(here->second))
            asked_input.reset();
    }
    if (!asked_input)
        asked_too_long.stop();
    if (made.lines_across > 0)
        keep_legible(*this, made.lines_across, made.lines_down);
    // The axes stay put under the mouse.
    drawing->show(std::move(made), look, font(), drag ? std::nullopt : std::optional(axis_fit()));
}

std::optional<Hover> SceneChart::hover_at(const QPointF &position) const
{
    std::optional<Hover> hover = drawing->legend_hover(position);
    if (!hover)
        hover = drawing->layout().hover(position);
    return hover ? told(std::move(*hover)) : hover;
}

// As the readout has it: lines that fit, and what a click does.
std::optional<Hover> SceneChart::told(Hover hover) const
{
    if (explains() && std::holds_alternative<Explainable>(hover.action))
        hover.text += u'\n' + tr("click: where it comes from");
    constexpr double share = 0.85, most = 64; // of the plot's width; characters
    const QFontMetricsF metrics(plot()->font());
    hover.text =
        folded_to(hover.text, plot()->font(), std::min(share * plot()->width(), most * metrics.averageCharWidth()));
    return hover;
}

void SceneChart::clicked(const QPointF &position)
{
    if (const std::optional<Hover> hover = explored() ? drawing->layout().hover(position) : std::nullopt)
        act(hover->action);
}

void SceneChart::act(const Action &action)
{
    if (const auto *selection = std::get_if<Selection>(&action))
        emit configuration_picked(*selection);
    else if (const auto *number = std::get_if<Explainable>(&action))
        emit explanation_wanted(*number);
    else if (const auto *inputs = std::get_if<SetInputs>(&action))
        emit inputs_picked(*inputs);
    else if (const auto *slider = std::get_if<ShowSlider>(&action))
        emit parameter_picked(slider->key);
    else if (const auto *wanted = std::get_if<Dragged>(&action))
        ask_for(*wanted);
}

void SceneChart::ask_for(const Dragged &wanted)
{
    if (asked_input && asked_input->key == wanted.key && asked_input->value == wanted.value)
        return;
    asked_input = wanted;
    asked_too_long.start();
    redraw();
    emit input_dragged(wanted.key, wanted.text);
}

bool SceneChart::start_drag(const QPointF &position)
{
    const Handle *handle = explored() ? drawing->layout().handle_at(position) : nullptr;
    if (!handle)
        return false;
    drag = Drag{handle->key, position, handle->grip(position), handle->value, handle->stated, false};
    hide_hover();
    return true;
}

void SceneChart::drag_to(const QPointF &position)
{
    if (!drag->moved && (position - drag->pressed).manhattanLength() < 2)
        return;
    drag->moved = true;
    for (const Handle &handle : drawing->layout().handles) {
        if (handle.key != drag->key)
            continue;
        const Dragged wanted = handle.settle(handle.value_at(drag->from + position - drag->pressed));
        ask_for(wanted);
        return;
    }
}

void SceneChart::end_drag(const QPointF &position)
{
    const bool moved = drag->moved;
    drag.reset();
    if (moved) {
        asked_too_long.start();
        redraw();
    } else {
        clicked(position);
    }
}

bool SceneChart::press_key(int key, Qt::KeyboardModifiers modifiers)
{
    if (drag && key == Qt::Key_Escape) {
        const Drag ended = *std::exchange(drag, std::nullopt);
        for (const Handle &handle : drawing->layout().handles) {
            if (handle.key == ended.key) {
                ask_for(ended.stated.isEmpty() ? handle.settle(ended.before)
                                               : Dragged{ended.key, ended.before, ended.stated});
                return true;
            }
        }
        return true;
    }
    if (!explored())
        return false;
    if (scene().on_key) {
        if (const std::optional<Action> action = scene().on_key(key, modifiers)) {
            act(*action);
            return true;
        }
    }
    return modifiers == Qt::NoModifier && walk(key);
}

// From mark to mark, in the order of the layout.
bool SceneChart::walk(int key)
{
    const bool known_key = key == Qt::Key_Left || key == Qt::Key_Right || key == Qt::Key_Home || key == Qt::Key_End;
    const bool enters = key == Qt::Key_Return || key == Qt::Key_Enter;
    if (!known_key && !(enters && walked))
        return false;
    std::vector<std::pair<const Hits *, std::size_t>> marks;
    const QRectF seen(plot()->viewport());
    for (const Hits &hits : drawing->layout().hits) {
        for (std::size_t i = 0; hits.walks && i < hits.areas.size(); ++i) {
            const QRectF &area = hits.areas[i];
            if (seen.contains(area.center()) && (area.isValid() || area.size().isNull()))
                marks.emplace_back(&hits, i);
        }
    }
    if (marks.empty())
        return false;
    const std::size_t last = marks.size() - 1;
    if (enters) {
        const auto [hits, index] = marks[std::min(*walked, last)];
        act(hits->about(index).action);
        return true;
    }
    if (key == Qt::Key_Home || (!walked && key == Qt::Key_Right))
        walked = 0;
    else if (key == Qt::Key_End || !walked)
        walked = last;
    else
        walked = key == Qt::Key_Right ? std::min(*walked + 1, last) : *walked - (*walked > 0 ? 1 : 0);
    const auto [hits, index] = marks[*walked];
    const Hover hover = *told(hits->about(index));
    show_readout(hits->areas[index].center(), hover);
    plot()->setAccessibleDescription(hover.text);
    return true;
}

bool SceneChart::eventFilter(QObject *watched, QEvent *event)
{
    const auto is_of_mouse = [](QEvent::Type type) {
        return type == QEvent::MouseButtonPress || type == QEvent::MouseMove || type == QEvent::MouseButtonRelease;
    };
    const auto *mouse = is_of_mouse(event->type()) ? static_cast<QMouseEvent *>(event) : nullptr;
    switch (event->type()) {
    case QEvent::MouseButtonPress:
        if (mouse->button() == Qt::LeftButton && mouse->modifiers() == Qt::NoModifier && start_drag(mouse->position()))
            return true;
        break;
    case QEvent::MouseMove: {
        if (drag) {
            drag_to(mouse->position());
            return true;
        }
        const Handle *handle =
            explored() && mouse->buttons() == Qt::NoButton ? drawing->layout().handle_at(mouse->position()) : nullptr;
        if (handle)
            plot()->setCursor(handle->cursor);
        else if (mouse->buttons() == Qt::NoButton)
            plot()->unsetCursor();
        break;
    }
    case QEvent::MouseButtonRelease:
        if (!drag || mouse->button() != Qt::LeftButton)
            break;
        end_drag(mouse->position());
        return true;
    case QEvent::KeyPress: {
        const auto *pressed = static_cast<QKeyEvent *>(event);
        if (press_key(pressed->key(), pressed->modifiers()))
            return true;
        break;
    }
    default:
        break;
    }
    return AnalysisChart::eventFilter(watched, event);
}

std::vector<std::string> SceneChart::axes_of(const Question &question) const
{
    return kind.axes_of ? kind.axes_of(question) : std::vector<std::string>();
}

std::string SceneChart::main_number() const
{
    // Of the scene on show or, before there is one, of that to come.
    const Scene to_come = !explored() && newest() ? scene_of(newest_input()) : Scene();
    const auto &number = explored() ? scene().number : to_come.number;
    return number ? number(std::nullopt) : AnalysisChart::main_number();
}

std::string SceneChart::operator_number(OpId id) const
{
    return scene().number ? scene().number(id) : AnalysisChart::operator_number(id);
}

} // namespace epscope
