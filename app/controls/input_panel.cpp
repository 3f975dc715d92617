// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/input_panel.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <QAbstractButton>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QInputDialog>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QLocale>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QStandardPaths>
#include <QTemporaryFile>
#include <QVBoxLayout>
#include <QWheelEvent>

#include "app/controls/chip_picker.h"
#include "app/controls/value_expression.h"
#include "app/controls/value_slider.h"
#include "core/text.h"

namespace epscope {
namespace {

QString to_text(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

bool is_list_of_integers(std::string_view key)
{
    return key == "ep" || key == "batch" || key == "mtp_len";
}

constexpr std::array<std::string_view, 5> searched_keys{"precision", "ep", "batch", "mtp_len", "policy"};

std::size_t values_of(const Study &study, std::string_view key)
{
    const SearchSpace &space = study.search;
    return key == "ep" ? space.ep.size()
        : key == "batch" ? space.batch.size()
        : key == "mtp_len" ? space.mtp_len.size()
        : key == "policy" ? space.policy.size()
                          : space.precision.size();
}

const std::vector<std::int64_t> &integers_of(const Study &study, std::string_view key)
{
    return key == "ep" ? study.search.ep : key == "batch" ? study.search.batch : study.search.mtp_len;
}

std::string list_text(const Study &study, const std::string &key)
{
    if (is_list_of_integers(key))
        return range_text(integers_of(study, key));
    const std::vector<Precision> &pairs = study.search.precision;
    const Unit *byte = &base_unit(Dimension::bytes);
    const auto in_bytes = [byte](const Precision &pair) { return pair.kv_elem_size.unit == byte && pair.param_elem_size.unit == byte; };
    if (key != "precision" || !std::all_of(pairs.begin(), pairs.end(), in_bytes))
        return parameter_text(study, key).value_or(std::string());
    std::vector<std::string> texts;
    for (const Precision &pair : pairs)
        texts.push_back(exact_text(pair.kv_elem_size.number) + "/" + exact_text(pair.param_elem_size.number));
    return joined(texts, ", ");
}

std::optional<Quantity> quantity_of(const std::optional<std::string> &text, Dimension dimension)
{
    if (!text || text->empty())
        return std::nullopt;
    const auto parsed = parse_quantity(*text, dimension, BareNumbers::allowed);
    const auto *quantity = std::get_if<Quantity>(&parsed);
    return quantity ? std::optional(*quantity) : std::nullopt;
}

std::optional<Quantity> quantity_of(const Study &study, const std::string &key, Dimension dimension)
{
    return quantity_of(parameter_text(study, key), dimension);
}

// A rate that nobody has written, in the unit in which it reads best.
std::optional<Quantity> fitting(double si, Dimension dimension)
{
    return quantity_of(compact_text(si, dimension), dimension);
}

QString choice_text(std::string_view choice)
{
    if (choice == "chip")
        return InputPanel::tr("as the chip has it");
    if (choice == "fp8" || choice == "int8")
        return to_text(choice).toUpper();
    return to_text(choice);
}

QString tooltip_of(const Parameter &info, const std::string &key)
{
    return u"<b>%1</b><br>%2<br>%3<br>%4"_qs.arg(label_of(info).toHtmlEscaped(), help_of(info).toHtmlEscaped(),
                                                InputPanel::tr("Allowed: %1").arg(to_text(allowed_text(info)).toHtmlEscaped()),
                                                InputPanel::tr("Key: %1").arg(u"<code>%1</code>"_qs.arg(to_text(key))));
}

// A wheel over a box that has no focus scrolls the panel.
class WheelGuard : public QObject {
public:
    using QObject::QObject;
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() != QEvent::Wheel || static_cast<QWidget *>(watched)->hasFocus())
            return false;
        event->ignore();
        return true;
    }
};

QComboBox *make_combo(QWidget *parent)
{
    auto *combo = new QComboBox(parent);
    combo->setFocusPolicy(Qt::StrongFocus);
    combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    constexpr int shortest = 8;
    combo->setMinimumContentsLength(shortest);
    combo->installEventFilter(new WheelGuard(combo));
    return combo;
}

void set_bold(QWidget *widget, bool bold)
{
    if (widget->font().bold() == bold)
        return;
    QFont font = widget->font();
    font.setBold(bold);
    widget->setFont(font);
}

// "My chip 2" -> "my-chip-2".
QString file_stem(const QString &name)
{
    QString stem;
    for (const QChar c : name.toLower()) {
        if (c.isLetterOrNumber())
            stem += c;
        else if (!stem.endsWith(u'-'))
            stem += u'-';
    }
    while (stem.endsWith(u'-'))
        stem.chop(1);
    return stem.isEmpty() ? u"chip"_qs : stem;
}

std::string quoted_yaml(const std::string &text)
{
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            quoted += '\\';
        if (c == '\n')
            quoted += "\\n";
        else if (c == '\t')
            quoted += "\\t";
        else
            quoted += c;
    }
    return quoted + '"';
}

// The file as a whole or not at all, and never over another one.
QString write_new_file(const QString &file, const QByteArray &bytes)
{
    const QFileInfo info(file);
    if (!QDir().mkpath(info.absolutePath()))
        return InputPanel::tr("%1 cannot be made").arg(info.absolutePath());
    QTemporaryFile draft(file + u".XXXXXX"_qs);
    if (!draft.open() || draft.write(bytes) != bytes.size() || !draft.flush())
        return InputPanel::tr("%1 cannot be written: %2").arg(file, draft.errorString());
    draft.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup | QFile::ReadOther);
    if (info.exists() || !draft.rename(file)) // QFile::rename refuses to replace
        return InputPanel::tr("%1 exists already").arg(file);
    draft.setAutoRemove(false);
    return {};
}

} // namespace

// A line of small text that is there only when it says something.
class InlineMessage : public QLabel {
public:
    explicit InlineMessage(QWidget *parent) : QLabel(parent)
    {
        setWordWrap(true);
        setTextInteractionFlags(Qt::TextSelectableByMouse);
        setFocusPolicy(Qt::NoFocus);
        hide();
    }
    void say(const QString &what, bool is_problem)
    {
        problem = is_problem;
        if (text() == what)
            return;
        setText(what);
        setVisible(!what.isEmpty());
        colour();
    }

protected:
    void changeEvent(QEvent *event) override
    {
        QLabel::changeEvent(event);
        if (event->type() == QEvent::PaletteChange)
            colour();
    }

private:
    bool problem = false;

    void colour()
    {
        const Theme &theme = theme_of(*parentWidget());
        const QColor wanted = problem ? theme.warning : theme.muted;
        QPalette own = palette();
        if (own.color(QPalette::WindowText) == wanted)
            return;
        own.setColor(QPalette::WindowText, wanted);
        setPalette(own);
    }
};

// "Search | Fixed": which of the two holds.
class SearchSwitch : public QAbstractButton {
public:
    explicit SearchSwitch(QWidget *parent) : QAbstractButton(parent)
    {
        setCheckable(true);
        setFocusPolicy(Qt::StrongFocus);
        setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
        setAttribute(Qt::WA_Hover);
    }
    QSize sizeHint() const override
    {
        const QFontMetrics metrics = fontMetrics();
        constexpr int padding = 16, smallest_target = 24;
        return {metrics.horizontalAdvance(InputPanel::tr("Search")) + metrics.horizontalAdvance(InputPanel::tr("Fixed")) + 2 * padding,
                std::max(smallest_target, metrics.height() + 8)};
    }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Theme &theme = theme_of(*this);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF frame = QRectF(rect()).adjusted(1, 2, -1, -2);
        constexpr double corner = 5;
        const QString left_text = InputPanel::tr("Search"), right_text = InputPanel::tr("Fixed");
        const double left_width = frame.width() * (fontMetrics().horizontalAdvance(left_text) + 16)
            / (fontMetrics().horizontalAdvance(left_text) + fontMetrics().horizontalAdvance(right_text) + 32);
        const QRectF left(frame.left(), frame.top(), left_width, frame.height());
        const QRectF right(left.right(), frame.top(), frame.width() - left_width, frame.height());
        QPainterPath outline;
        outline.addRoundedRect(frame, corner, corner);
        painter.fillPath(outline, palette().color(QPalette::Base));
        painter.save();
        painter.setClipPath(outline);
        painter.fillRect(isChecked() ? right : left, theme.accent);
        painter.restore();
        painter.setPen(QPen(hasFocus() ? theme.accent : theme.axis, hasFocus() ? 2 : 1));
        painter.drawPath(outline);
        const auto write = [&](const QRectF &room, const QString &text, bool on) {
            painter.setPen(on ? palette().color(QPalette::HighlightedText) : underMouse() ? theme.text : theme.muted);
            painter.drawText(room, Qt::AlignCenter, text);
        };
        write(left, left_text, !isChecked());
        write(right, right_text, isChecked());
    }
};

// A searched parameter: its control above, the switch and the range below. L switches.
class SearchRow : public QWidget {
public:
    SearchRow(const std::string &key, QWidget *parent)
        : QWidget(parent), content(new QVBoxLayout), toggle(new SearchSwitch(this)), range(new QLineEdit(this)), message(new InlineMessage(this))
    {
        toggle->setObjectName(to_text(key) + u".fixed"_qs);
        range->setObjectName(to_text(key) + u".range"_qs);
        auto *lower = new QHBoxLayout;
        constexpr int indent = 8;
        lower->setContentsMargins(indent, 0, indent, 2);
        lower->setSpacing(6);
        lower->addWidget(toggle);
        lower->addWidget(range, 1);
        auto *layout = new QVBoxLayout(this);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(1);
        layout->addLayout(content);
        layout->addLayout(lower);
        layout->addWidget(message);
        QSizePolicy policy = range->sizePolicy();
        policy.setRetainSizeWhenHidden(true);
        range->setSizePolicy(policy);
        range->installEventFilter(this);
    }

    QVBoxLayout *content;
    SearchSwitch *toggle;
    QLineEdit *range;
    InlineMessage *message;
    QString valid_range; // that Esc brings back

    void show(bool fixed, const QString &text)
    {
        toggle->setChecked(fixed);
        if (range->isHidden() != fixed)
            range->setVisible(!fixed);
        if (valid_range == text)
            return;
        valid_range = text;
        range->setText(text);
        range->setCursorPosition(0);
        message->say({}, false);
    }

protected:
    void keyPressEvent(QKeyEvent *event) override
    {
        if (event->key() == Qt::Key_L && event->modifiers() == Qt::NoModifier)
            toggle->click();
        else
            QWidget::keyPressEvent(event);
    }
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape && range->isModified()) {
            event->accept();
            return true;
        }
        if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape && range->isModified()) {
            range->setText(valid_range);
            message->say({}, false);
            return true;
        }
        return QWidget::eventFilter(watched, event);
    }
};

// A title that folds what is below it.
class SectionHeader : public QAbstractButton {
public:
    SectionHeader(const QString &title, QWidget *parent) : QAbstractButton(parent)
    {
        setText(title);
        setAccessibleName(title);
        setCheckable(true);
        setChecked(true);
        setFocusPolicy(Qt::StrongFocus);
        setAttribute(Qt::WA_Hover);
        setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
        setToolTip(InputPanel::tr("Click to fold or unfold"));
    }
    QSize sizeHint() const override
    {
        constexpr int smallest_target = 26;
        return {fontMetrics().horizontalAdvance(text()) + 40, std::max(smallest_target, fontMetrics().height() + 10)};
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        const Theme &theme = theme_of(*this);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(theme.grid, 1));
        painter.drawLine(QPointF(0, 0.5), QPointF(width(), 0.5));
        if (hasFocus()) {
            painter.setPen(QPen(theme.accent, 2));
            painter.drawRoundedRect(QRectF(rect()).adjusted(1, 2, -1, -1), 5, 5);
        }
        const double size = 0.32 * fontMetrics().height(), x = 8 + size / 2, y = 0.5 * height() + 0.5;
        QPainterPath chevron;
        if (isChecked()) {
            chevron.moveTo(x - size / 2, y - size / 4);
            chevron.lineTo(x, y + size / 4);
            chevron.lineTo(x + size / 2, y - size / 4);
        } else {
            chevron.moveTo(x - size / 4, y - size / 2);
            chevron.lineTo(x + size / 4, y);
            chevron.lineTo(x - size / 4, y + size / 2);
        }
        painter.setPen(QPen(underMouse() ? theme.accent : theme.muted, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPath(chevron);
        QFont bold = font();
        bold.setBold(true);
        painter.setFont(bold);
        painter.setPen(underMouse() ? theme.accent : theme.text);
        painter.drawText(rect().adjusted(static_cast<int>(x + size) + 4, 1, -6, 0), Qt::AlignLeft | Qt::AlignVCenter, text());
    }
};

class Section : public QWidget {
public:
    Section(const QString &title, QWidget *parent)
        : QWidget(parent), header(new SectionHeader(title, this)), body(new QWidget(this)), rows(new QVBoxLayout(body))
    {
        header->setObjectName(u"section."_qs + title);
        rows->setContentsMargins(0, 0, 0, 8);
        rows->setSpacing(3);
        auto *layout = new QVBoxLayout(this);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(2);
        layout->addWidget(header);
        layout->addWidget(body);
        connect(header, &QAbstractButton::toggled, body, &QWidget::setVisible);
    }

    SectionHeader *header;
    QWidget *body;
    QVBoxLayout *rows;

    // Labels of one width, so that controls stand below one another.
    static void align(QLabel *label)
    {
        constexpr int characters = 16;
        label->setMinimumWidth(characters * label->fontMetrics().averageCharWidth());
    }

    // A label and its control side by side.
    QLabel *add_labelled(const QString &text, QWidget *control)
    {
        auto *label = new QLabel(text, body);
        label->setBuddy(control);
        align(label);
        auto *line = new QHBoxLayout;
        constexpr int indent = 8;
        line->setContentsMargins(indent, 1, indent, 1);
        line->addWidget(label);
        line->addWidget(control, 1);
        rows->addLayout(line);
        control->setAccessibleName(text);
        return label;
    }
};

ChipSaving ChipSaving::native()
{
    return {[](QWidget *parent, const QString &proposal) {
                bool accepted = false;
                const QString name = QInputDialog::getText(parent, InputPanel::tr("Save as new chip"), InputPanel::tr("Name of the chip:"),
                                                           QLineEdit::Normal, proposal, &accepted);
                return accepted ? name.trimmed() : QString();
            },
            [] { return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + u"/epscope"_qs; }};
}

std::string chip_yaml(const Chip &chip)
{
    std::string text = "chip: " + quoted_yaml(chip.name) + "\n";
    for (const Field<Chip> &field : fields<Chip>()) {
        const std::string value = field_text(chip, field);
        if (value.empty())
            continue;
        const bool free_text = std::holds_alternative<std::string Chip::*>(field.member);
        text += std::string(field.info.key) + ": " + (free_text ? quoted_yaml(value) : is_list(field) ? "[" + value + "]" : value) + "\n";
    }
    return text;
}

InputPanel::InputPanel(Session *owner, const Library &entries, QWidget *parent)
    : QWidget(parent), session(owner), library(entries), saving(ChipSaving::native())
{
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);
    auto *content = new QWidget(scroll);
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(4, 0, 4, 0);
    column->setSpacing(0);
    scroll->setWidget(content);
    setAccessibleName(tr("Inputs"));

    picker = new ChipPicker(session, library);
    add_section(tr("Chips"))->rows->addWidget(picker);
    add_workload();
    add_precision();
    add_deployment();
    add_search();
    add_chip();
    add_network();
    add_model();
    for (Section *each : sections)
        column->addWidget(each);
    column->addStretch(1);

    connect(picker, &ChipPicker::chip_activated, this, &InputPanel::edit_chip);
    connect(session, &Session::opened_study, this, [this] {
        last_range.clear();
        known_nics.clear();
        refresh();
    });
    connect(session, &Session::inputs_changed, this, &InputPanel::refresh);
    connect(session, &Session::explored_changed, this, &InputPanel::follow);
    refresh();
}

InputPanel::~InputPanel()
{
    // What loses the focus on its way out must not report here any more.
    for (QWidget *widget : findChildren<QWidget *>())
        widget->disconnect(this);
}

Section *InputPanel::add_section(const QString &title)
{
    section = new Section(title, this);
    sections.push_back(section);
    return section;
}

QSize InputPanel::minimumSizeHint() const
{
    // Room for a label, a value with its factor and the scroll bar.
    constexpr int characters = 48, smallest = 300;
    const auto *scroll = findChild<QScrollArea *>();
    const int content = scroll->widget()->minimumSizeHint().width() + scroll->verticalScrollBar()->sizeHint().width();
    return {std::max({smallest, characters * fontMetrics().averageCharWidth(), content}), 200};
}

QSize InputPanel::sizeHint() const
{
    return {minimumSizeHint().width() + 40, 800};
}

QStringList InputPanel::folded_sections() const
{
    QStringList folded;
    for (const Section *each : sections) {
        if (!each->header->isChecked())
            folded << each->header->text();
    }
    return folded;
}

void InputPanel::set_folded_sections(const QStringList &folded)
{
    for (Section *each : sections)
        each->header->setChecked(!folded.contains(each->header->text()));
}

void InputPanel::set_or_complain(ValueSlider *slider, const std::string &key, const QString &text)
{
    const QString wrong = session->set(key, text);
    if (wrong.isEmpty())
        return;
    slider->show_problem(wrong);
    refresh();
}

ValueSlider *InputPanel::add_slider(const std::string &key)
{
    const Parameter &info = *find_parameter(key);
    auto *slider = new ValueSlider(slider_spec(info), section->body);
    slider->setObjectName(to_text(key));
    section->rows->addWidget(slider);
    connect(slider, &ValueSlider::value_changed, this, [this, slider, key](const QString &text) { set_or_complain(slider, key, text); });
    refreshers.push_back([this, slider, key, dimension = info.dimension] {
        slider->set_mark(quantity_of(session->opened(), key, dimension));
        slider->set_value(quantity_of(session->study(), key, dimension));
    });
    return slider;
}

QComboBox *InputPanel::add_choice(const std::string &key, const QString &label, const Parameter &parameter)
{
    QComboBox *combo = make_combo(section->body);
    combo->setObjectName(to_text(key));
    combo->setToolTip(tooltip_of(parameter, key));
    for (const std::string_view choice : parameter.choices)
        combo->addItem(choice_text(choice), to_text(choice));
    section->add_labelled(label, combo)->setToolTip(combo->toolTip());
    return combo;
}

void InputPanel::add_switch(const std::string &key)
{
    const Parameter &info = *find_parameter(key);
    auto *box = new QCheckBox(label_of(info), section->body);
    box->setObjectName(to_text(key));
    box->setAccessibleName(label_of(info));
    box->setAccessibleDescription(help_of(info));
    box->setToolTip(tooltip_of(info, key));
    style_check_boxes(box);
    constexpr int smallest_target = 24;
    box->setMinimumHeight(smallest_target);
    auto *line = new QHBoxLayout;
    constexpr int indent = 8;
    line->setContentsMargins(indent, 0, indent, 0);
    line->addWidget(box);
    section->rows->addLayout(line);
    connect(box, &QCheckBox::clicked, this, [this, key](bool on) { session->set(key, on ? u"true"_qs : u"false"_qs); });
    refreshers.push_back([this, box, key] {
        const std::optional<std::string> now = parameter_text(session->study(), key);
        box->setChecked(now == "true");
        set_bold(box, now != parameter_text(session->opened(), key));
    });
}

void InputPanel::add_workload()
{
    add_section(tr("Workload"));
    add_slider("context");
    add_slider("acceptance");
    add_slider("target_tps");
    const std::string key = "fa3";
    const Parameter &info = *find_parameter(key);
    QComboBox *combo = add_choice(key, label_of(info), info);
    connect(combo, &QComboBox::activated, this, [this, combo, key](int index) { session->set(key, combo->itemData(index).toString()); });
    refreshers.push_back([this, combo] {
        combo->setCurrentIndex(static_cast<int>(session->study().workload.fa3));
        set_bold(combo, session->study().workload.fa3 != session->opened().workload.fa3);
    });
    add_switch("deepgemm");
}

const Point *InputPanel::best() const
{
    const std::shared_ptr<const Explored> &explored = session->explored();
    return explored && !explored->chips.empty() ? &explored->leading().shown.point : nullptr;
}

// The shown configuration's value of a searched parameter, or the first of the list.
std::string InputPanel::best_text(const std::string &key) const
{
    const SearchSpace &space = session->study().search;
    const Point *point = best();
    if (is_list_of_integers(key)) {
        const std::int64_t value = !point ? integers_of(session->study(), key).front()
            : key == "ep"                 ? point->ep
            : key == "batch"              ? point->batch
                                          : point->mtp_len;
        return std::to_string(value);
    }
    if (key == "policy")
        return std::string(name_of(point ? point->policy : space.policy.front()));
    const auto same = [&](const Precision &precision) {
        return point && precision.kv_elem_size.si() == point->kv_elem_size && precision.param_elem_size.si() == point->param_elem_size;
    };
    const auto found = std::find_if(space.precision.begin(), space.precision.end(), same);
    const Precision &precision = found == space.precision.end() ? space.precision.front() : *found;
    return exact_text(precision.kv_elem_size) + " / " + exact_text(precision.param_elem_size);
}

// What a parameter is searched over when it is let go: its last range, the opened study's, or what the table's slider covers.
std::string InputPanel::searched_range(const std::string &key) const
{
    if (const auto last = last_range.find(key); last != last_range.end())
        return last->second;
    if (values_of(session->opened(), key) > 1)
        return list_text(session->opened(), key);
    if (key == "policy")
        return "dual-mbatch, naive";
    if (key == "precision")
        return "2/2, 1/2, 1/1";
    const Parameter &info = *find_parameter(key);
    const std::string last = exact_text(info.soft_max);
    constexpr int step = 8;
    return key == "mtp_len" ? "0.." + last
                            : std::to_string(step) + ".." + std::to_string(static_cast<std::int64_t>(info.soft_max)) + ":" + std::to_string(step);
}

SearchRow *InputPanel::add_search_row(const std::string &key, const QString &label)
{
    auto *search_row = new SearchRow(key, section->body);
    section->rows->addWidget(search_row);
    SearchSwitch *toggle = search_row->toggle;
    toggle->setAccessibleName(tr("%1 fixed").arg(label));
    toggle->setToolTip(tr("Search: every value of the range is tried, the hollow thumb shows the best. Fixed: one value. Key L."));
    QLineEdit *range = search_row->range;
    range->setAccessibleName(tr("%1: values searched").arg(label));
    range->setToolTip(is_list_of_integers(key) ? tr("Values to be searched: ranges with a step and single values, 8..320:8, 384")
                          : key == "policy"    ? tr("Pipelines to be searched: dual-mbatch, naive")
                                               : tr("Pairs to be searched, bytes per element of KV cache / parameters: 2/2, 1/2, 1/0.5625"));
    connect(toggle, &QAbstractButton::clicked, this, [this, key](bool fixed) {
        session->set(key, to_text(fixed ? best_text(key) : searched_range(key)));
        refresh(); // a range of one value stays fixed
    });
    connect(range, &QLineEdit::textEdited, search_row, [search_row] { search_row->message->say({}, false); });
    connect(range, &QLineEdit::editingFinished, this, [this, search_row, key] {
        QLineEdit *edit = search_row->range;
        if (!edit->isModified())
            return;
        edit->setModified(false);
        const QString wrong = session->set(key, edit->text());
        search_row->message->say(wrong, true);
        if (wrong.isEmpty()) {
            search_row->valid_range.clear();
            refresh();
        }
    });
    refreshers.push_back([this, search_row, key] {
        const Study &study = session->study();
        const bool fixed = values_of(study, key) == 1;
        const std::string text = list_text(study, key);
        if (!fixed)
            last_range[key] = text;
        search_row->show(fixed, to_text(text));
    });
    return search_row;
}

void InputPanel::add_search_slider(const std::string &key)
{
    const Parameter &info = *find_parameter(key);
    SearchRow *search_row = add_search_row(key, label_of(info));
    auto *slider = new ValueSlider(slider_spec(info), search_row);
    slider->setObjectName(to_text(key));
    search_row->content->addWidget(slider);
    QWidget::setTabOrder(slider, search_row->toggle);
    QWidget::setTabOrder(search_row->toggle, search_row->range);
    connect(slider, &ValueSlider::value_changed, this, [this, slider, key](const QString &text) { set_or_complain(slider, key, text); });
    connect(slider, &ValueSlider::reset_requested, this, [this, key] { session->set(key, to_text(list_text(session->opened(), key))); });
    const auto follow_best = [this, slider, key] {
        const auto value = quantity_of(best_text(key), Dimension::count);
        slider->set_fallback(best() ? value : std::nullopt, tr("best"));
    };
    refreshers.push_back([this, slider, key, follow_best] {
        const auto only = [&](const Study &study) -> std::optional<Quantity> {
            const std::vector<std::int64_t> &values = integers_of(study, key);
            if (values.size() != 1)
                return std::nullopt;
            return Quantity{static_cast<double>(values.front()), &base_unit(Dimension::count)};
        };
        const std::vector<std::int64_t> &values = integers_of(session->study(), key);
        follow_best();
        slider->set_mark(only(session->opened()));
        slider->set_value(only(session->study()));
        if (values.size() > 1)
            slider->set_band(std::pair(static_cast<double>(values.front()), static_cast<double>(values.back())));
        else
            slider->set_band(std::nullopt);
    });
    followers.push_back(follow_best);
}

void InputPanel::add_precision()
{
    add_section(tr("Precision"));
    const std::string key = "precision";
    SearchRow *search_row = add_search_row(key, tr("Precision"));
    struct Half {
        std::string_view name;
        QString label;
        Quantity Precision::*member;
        double Point::*shown;
    };
    const std::array<Half, 2> halves{{{"kv_elem_size", tr("KV cache element size"), &Precision::kv_elem_size, &Point::kv_elem_size},
                                      {"param_elem_size", tr("Non-expert parameter size"), &Precision::param_elem_size, &Point::param_elem_size}}};
    QWidget *before = nullptr;
    for (const Half &half : halves) {
        SliderSpec spec = slider_spec(*find_parameter(key));
        spec.label = half.label;
        auto *slider = new ValueSlider(std::move(spec), search_row);
        slider->setObjectName(to_text(half.name));
        search_row->content->addWidget(slider);
        if (before)
            QWidget::setTabOrder(before, slider);
        before = slider;
        // One half changes, the other stays what it is or, while searched, what is best.
        connect(slider, &ValueSlider::value_changed, this, [this, slider, key, member = half.member](const QString &text) {
            const std::string best_pair = best_text(key); // `whole` looks into it
            const auto whole = split(best_pair, '/');
            Precision pair = session->study().search.precision.front();
            if (session->study().search.precision.size() > 1) {
                pair.kv_elem_size = quantity_of(std::string(whole[0]), Dimension::bytes).value_or(pair.kv_elem_size);
                pair.param_elem_size = quantity_of(std::string(whole[1]), Dimension::bytes).value_or(pair.param_elem_size);
            }
            pair.*member = quantity_of(text.toStdString(), Dimension::bytes).value_or(pair.*member);
            set_or_complain(slider, key, to_text(exact_text(pair.kv_elem_size) + " / " + exact_text(pair.param_elem_size)));
        });
        connect(slider, &ValueSlider::reset_requested, this, [this, key] { session->set(key, to_text(list_text(session->opened(), key))); });
        const auto follow_best = [this, slider, shown = half.shown] {
            const Point *point = best();
            slider->set_fallback(point ? fitting(point->*shown, Dimension::bytes) : std::nullopt, tr("best"));
        };
        refreshers.push_back([this, slider, follow_best, member = half.member] {
            const auto only = [&](const Study &study) {
                return study.search.precision.size() == 1 ? std::optional(study.search.precision.front().*member) : std::nullopt;
            };
            follow_best();
            slider->set_mark(only(session->opened()));
            slider->set_value(only(session->study()));
        });
        followers.push_back(follow_best);
    }
    QWidget::setTabOrder(before, search_row->toggle);
    QWidget::setTabOrder(search_row->toggle, search_row->range);
    add_slider("expert_elem_size");
}

void InputPanel::add_deployment()
{
    add_section(tr("Deployment"));
    for (const char *key : {"ep", "batch", "mtp_len"})
        add_search_slider(key);
    const std::string key = "policy";
    const Parameter &info = *find_parameter(key);
    SearchRow *search_row = add_search_row(key, label_of(info));
    QComboBox *combo = make_combo(search_row);
    combo->setObjectName(to_text(key));
    combo->setToolTip(tooltip_of(info, key));
    combo->setAccessibleName(label_of(info));
    for (const std::string_view choice : info.choices)
        combo->addItem(choice_text(choice), to_text(choice));
    auto *label = new QLabel(label_of(info), search_row);
    label->setBuddy(combo);
    label->setToolTip(combo->toolTip());
    Section::align(label);
    auto *line = new QHBoxLayout;
    constexpr int indent = 8;
    line->setContentsMargins(indent, 2, indent, 2);
    line->addWidget(label);
    line->addWidget(combo, 1);
    search_row->content->addLayout(line);
    QWidget::setTabOrder(combo, search_row->toggle);
    QWidget::setTabOrder(search_row->toggle, search_row->range);
    connect(combo, &QComboBox::activated, this, [this, combo, key](int index) { session->set(key, combo->itemData(index).toString()); });
    const auto follow_best = [this, combo, key] {
        const bool searched = session->study().search.policy.size() > 1;
        const int index = combo->findData(to_text(searched ? best_text(key) : std::string(name_of(session->study().search.policy.front()))));
        combo->setCurrentIndex(index);
        if (combo->font().italic() != searched) {
            QFont font = combo->font();
            font.setItalic(searched);
            combo->setFont(font);
        }
        for (int i = 0; i < combo->count(); ++i) {
            const QString plain = choice_text(combo->itemData(i).toString().toStdString());
            const QString text = searched && i == index ? tr("%1 (best)").arg(plain) : plain;
            if (combo->itemText(i) != text)
                combo->setItemText(i, text);
        }
    };
    refreshers.push_back(follow_best);
    followers.push_back(follow_best);
    add_slider("cards");
}

void InputPanel::add_search()
{
    add_section(tr("Search"));
    auto *summary = new QLabel(section->body);
    summary->setObjectName(u"search.summary"_qs);
    summary->setWordWrap(true);
    summary->setContentsMargins(8, 0, 8, 0);
    section->rows->addWidget(summary);
    auto *fix = new QPushButton(tr("Fix all at best"), section->body);
    fix->setObjectName(u"search.fix"_qs);
    fix->setToolTip(tr("Fixes EP, batch, draft length, pipeline and precision at the configuration on show"));
    auto *free = new QPushButton(tr("Search all"), section->body);
    free->setObjectName(u"search.all"_qs);
    free->setToolTip(tr("Searches EP, batch, draft length, pipeline and precision over their last ranges"));
    auto *line = new QHBoxLayout;
    line->setContentsMargins(8, 0, 8, 0);
    line->addWidget(fix);
    line->addWidget(free);
    line->addStretch(1);
    section->rows->addLayout(line);
    connect(fix, &QPushButton::clicked, this, &InputPanel::fix_all);
    connect(free, &QPushButton::clicked, this, &InputPanel::search_all);
    refreshers.push_back([this, summary] {
        const Study &study = session->study();
        QStringList fixed;
        for (const std::string_view key : searched_keys) {
            if (values_of(study, key) == 1)
                fixed << label_of(*find_parameter(key));
        }
        QString text = tr("%1 configurations")
                           .arg(QLocale(QLocale::English).toString(static_cast<qulonglong>(study.chips.empty() ? 0 : configuration_count(study))));
        // Two lines in any case: the panel would be laid out anew when a drag fixes something.
        text += u"<br>"_qs + (fixed.isEmpty() ? tr("Nothing is fixed") : tr("Fixed: %1").arg(fixed.join(u", "_qs)));
        if (summary->text() != text)
            summary->setText(text);
    });
}

void InputPanel::fix_all()
{
    Study study = session->study();
    for (const std::string_view key : searched_keys)
        set_parameter(study, key, best_text(std::string(key)), BareNumbers::allowed);
    session->change(std::move(study));
}

void InputPanel::search_all()
{
    Study study = session->study();
    for (const std::string_view key : searched_keys) {
        if (values_of(study, key) == 1)
            set_parameter(study, key, searched_range(std::string(key)), BareNumbers::allowed);
    }
    session->change(std::move(study));
}

const Chip *InputPanel::chip_shown() const
{
    for (const Chip &chip : session->study().chips) {
        if (chip.name == chip_name)
            return &chip;
    }
    return nullptr;
}

std::string InputPanel::chip_key(std::string_view key) const
{
    return "chip." + chip_name + "." + std::string(key);
}

void InputPanel::edit_chip(const QString &name)
{
    const std::string wanted = name.toStdString();
    const auto is_wanted = [&](const Chip &chip) { return chip.name == wanted; };
    if (wanted == chip_name || std::none_of(session->study().chips.begin(), session->study().chips.end(), is_wanted))
        return;
    chip_name = wanted;
    refresh();
}

void InputPanel::add_chip()
{
    add_section(tr("Chip"));
    chip_choice = make_combo(section->body);
    chip_choice->setObjectName(u"chip"_qs);
    chip_choice->setToolTip(tr("The chip whose numbers are shown; the asterisk marks one that differs from the opened study or the library"));
    section->add_labelled(tr("Edit"), chip_choice);
    reset_chip = new QPushButton(tr("Reset"), section->body);
    reset_chip->setObjectName(u"chip.reset"_qs);
    reset_chip->setToolTip(tr("All numbers of this chip as in the opened study or the library"));
    auto *save = new QPushButton(tr("Save as new chip…"), section->body);
    save->setObjectName(u"chip.save"_qs);
    save->setToolTip(tr("Writes these numbers as a new file into your own library; the shipped chip stays"));
    auto *line = new QHBoxLayout;
    line->setContentsMargins(8, 0, 8, 2);
    line->addWidget(reset_chip);
    line->addWidget(save);
    line->addStretch(1);
    section->rows->addLayout(line);
    chip_message = new InlineMessage(section->body);
    chip_message->setObjectName(u"chip.message"_qs);
    section->rows->addWidget(chip_message);
    connect(chip_choice, &QComboBox::activated, this, [this](int index) { edit_chip(chip_choice->itemData(index).toString()); });
    connect(reset_chip, &QPushButton::clicked, this, [this] {
        const Chip *before = picker->original(chip_name);
        Study study = session->study();
        const auto found = std::find_if(study.chips.begin(), study.chips.end(), [this](const Chip &chip) { return chip.name == chip_name; });
        if (!before || found == study.chips.end())
            return;
        *found = *before;
        session->change(std::move(study));
    });
    connect(save, &QPushButton::clicked, this, &InputPanel::save_chip);
    refreshers.push_back([this] { refresh_chip_choice(); });
    add_chip_rows();
}

void InputPanel::add_chip_rows()
{
    for (const Field<Chip> &field : fields<Chip>()) {
        const Parameter &info = field.info;
        if (info.key == "title" || info.key == "source" || info.key == "assumed")
            continue;
        const std::string key(info.key);
        const std::string name = "chip." + key;
        if (!info.choices.empty()) {
            QComboBox *combo = add_choice(name, label_of(info), info);
            connect(combo, &QComboBox::activated, this,
                [this, combo, key](int index) { session->set(chip_key(key), combo->itemData(index).toString()); });
            refreshers.push_back([this, combo, &field] {
                const Chip *chip = chip_shown();
                if (!chip)
                    return;
                const std::string text = field_text(*chip, field);
                const Chip *before = picker->original(chip_name);
                combo->setCurrentIndex(combo->findData(to_text(text)));
                set_bold(combo, before && field_text(*before, field) != text);
            });
            continue;
        }
        auto *slider = new ValueSlider(slider_spec(info), section->body);
        slider->setObjectName(to_text(name));
        section->rows->addWidget(slider);
        connect(slider, &ValueSlider::value_changed, this, [this, slider, key, &field](const QString &text) {
            const auto *member = std::get_if<std::optional<Quantity> Chip::*>(&field.member);
            if (!text.isEmpty() || !member) {
                set_or_complain(slider, chip_key(key), text);
                return;
            }
            Study study = session->study();
            for (Chip &chip : study.chips) {
                if (chip.name == chip_name)
                    chip.**member = std::nullopt;
            }
            session->change(std::move(study));
        });
        refreshers.push_back([this, slider, key, &field] {
            const Chip *chip = chip_shown();
            if (!chip)
                return;
            const Dimension dimension = field.info.dimension;
            if (key == "fp8") {
                slider->set_fallback(chip->bf16, tr("as BF16"));
            } else if (key == "fp4") {
                slider->set_fallback(chip->fp8 ? *chip->fp8 : chip->bf16, chip->fp8 ? tr("as 8 bit") : tr("as BF16"));
            } else if ((key == "exp2_rate" && !chip->exp2_rate) || (key == "reduce_rate" && !chip->reduce_rate)) {
                const double rate = session->study().profile.softmax_ops_per_sm_clock * static_cast<double>(chip->sms) * chip->clock.si();
                slider->set_fallback(fitting(rate, dimension), tr("from SMs"));
            }
            const Chip *before = picker->original(chip_name);
            slider->set_mark(before ? quantity_of(field_text(*before, field), dimension) : std::nullopt);
            slider->set_value(quantity_of(field_text(*chip, field), dimension));
        });
    }
}

void InputPanel::refresh_chip_choice()
{
    const std::vector<Chip> &chips = session->study().chips;
    if (session->inputs().selection != followed) { // what somebody picks in a chart is what they want to see here
        followed = session->inputs().selection;
        if (followed)
            chip_name = followed->chip;
    }
    if (!chip_shown())
        chip_name = chips.empty() ? std::string() : chips.front().name;
    for (int i = 0; i < std::max(static_cast<int>(chips.size()), chip_choice->count()); ++i) {
        if (i >= static_cast<int>(chips.size())) {
            chip_choice->removeItem(i--);
            continue;
        }
        const Chip &chip = chips[static_cast<std::size_t>(i)];
        const QString name = to_text(chip.name), text = picker->is_edited(chip) ? name + u'*' : name;
        if (i >= chip_choice->count())
            chip_choice->addItem(QIcon(chip_swatch(*this, static_cast<std::size_t>(i))), text, name);
        if (chip_choice->itemText(i) != text)
            chip_choice->setItemText(i, text);
        if (chip_choice->itemData(i).toString() != name)
            chip_choice->setItemData(i, name);
        if (chip.name == chip_name)
            chip_choice->setCurrentIndex(i);
    }
    const Chip *chip = chip_shown();
    reset_chip->setEnabled(chip && picker->is_edited(*chip));
    const QString title = chip ? tr("Chip: %1").arg(to_text(chip->name) + (picker->is_edited(*chip) ? u"*"_qs : QString())) : tr("Chip");
    chip_message->say({}, false);
    chip_choice->setAccessibleDescription(title);
}

void InputPanel::save_chip()
{
    const Chip *shown = chip_shown();
    if (!shown)
        return;
    Chip chip = *shown;
    const QString name = saving.ask_name(this, to_text(chip.name) + tr(" edited"));
    if (name.isEmpty())
        return;
    const auto complain = [this](const QString &text) { chip_message->say(text, true); };
    if (picker->knows(name.toStdString())) {
        complain(tr("There is a chip %1 already; choose another name.").arg(name));
        return;
    }
    // No source states what has been changed here.
    if (const Chip *before = picker->original(chip.name)) {
        std::vector<std::string> changed;
        for (const Field<Chip> &field : fields<Chip>()) {
            if (field_text(chip, field) != field_text(*before, field))
                changed.emplace_back(field.info.key);
        }
        for (const std::string &key : changed) {
            if (std::find(chip.assumed.begin(), chip.assumed.end(), key) == chip.assumed.end())
                chip.assumed.push_back(key);
        }
        chip.source = (changed.empty() ? tr("copied from %1: %2") : tr("edited in EPScope from %1: %2"))
                          .arg(to_text(chip.name), to_text(chip.source))
                          .toStdString();
    }
    chip.name = chip.title = name.toStdString();
    const std::string yaml = chip_yaml(chip);
    const QString file = saving.folder() + u"/chips/"_qs + file_stem(name) + u".yaml"_qs;
    const Read<Chip> back = read_chip(yaml, file.toStdString());
    if (!back || *back.value != chip) {
        complain(back ? tr("The chip cannot be written as a file.") : to_text(back.problems.front().message));
        return;
    }
    if (const QString wrong = write_new_file(file, QByteArray::fromStdString(yaml)); !wrong.isEmpty()) {
        complain(wrong);
        return;
    }
    Study study = session->study();
    for (Chip &other : study.chips) {
        if (other.name == chip_name)
            other = chip;
    }
    picker->add_saved(chip);
    chip_name = chip.name;
    session->change(std::move(study));
    chip_message->say(tr("Saved as %1").arg(QDir::toNativeSeparators(file)), false);
    emit chip_saved(file);
}

void InputPanel::add_network()
{
    add_section(tr("Network"));
    nic_choice = make_combo(section->body);
    nic_choice->setObjectName(u"nic"_qs);
    nic_choice->setToolTip(tr("The network interface that carries dispatch and combine: one, or all that the opened study searches"));
    section->add_labelled(tr("NIC"), nic_choice);
    nic_message = new InlineMessage(section->body);
    section->rows->addWidget(nic_message);
    connect(nic_choice, &QComboBox::activated, this, &InputPanel::choose_nic);
    nic_slider(0);
    refreshers.push_back([this] { refresh_nics(); });
}

ValueSlider *InputPanel::nic_slider(std::size_t index)
{
    while (nic_sliders.size() <= index) {
        const Parameter &info = *find_parameter("nic.bandwidth");
        auto *slider = new ValueSlider(slider_spec(info), nic_choice->parentWidget());
        const std::size_t place = nic_sliders.size();
        slider->setObjectName(place == 0 ? u"nic.bandwidth"_qs : u"nic.bandwidth.%1"_qs.arg(place));
        QWidget *before = place == 0 ? static_cast<QWidget *>(nic_choice) : nic_sliders.back();
        auto *rows = static_cast<QVBoxLayout *>(nic_choice->parentWidget()->layout());
        rows->addWidget(slider);
        QWidget::setTabOrder(before, slider);
        connect(slider, &ValueSlider::value_changed, this, [this, slider, place](const QString &text) {
            if (place < session->study().nics.size())
                set_or_complain(slider, "nic." + session->study().nics[place].name + ".bandwidth", text);
        });
        nic_sliders.push_back(slider);
    }
    return nic_sliders[index];
}

void InputPanel::refresh_nics()
{
    const std::vector<Nic> &nics = session->study().nics;
    const std::vector<Nic> &opened = session->opened().nics;
    for (const Nic &nic : nics)
        known_nics.insert_or_assign(nic.name, nic);
    QStringList names;
    const auto add_name = [&](const std::string &name) {
        if (!names.contains(to_text(name)))
            names << to_text(name);
    };
    for (const Nic &nic : opened)
        add_name(nic.name);
    for (const Nic &nic : nics)
        add_name(nic.name);
    for (const Library::Entry &entry : library.entries(Kind::nic)) {
        if (entry.problems.empty())
            add_name(entry.name);
    }
    QStringList opened_names;
    for (const Nic &nic : opened)
        opened_names << to_text(nic.name);
    QStringList texts;
    if (opened.size() > 1)
        texts << tr("Search all %1").arg(opened.size());
    texts << names;
    QStringList now;
    for (int i = 0; i < nic_choice->count(); ++i)
        now << nic_choice->itemText(i);
    if (now != texts) {
        nic_choice->clear();
        for (int i = 0; i < texts.size(); ++i)
            nic_choice->addItem(texts[i], texts.size() > names.size() && i == 0 ? QVariant() : QVariant(texts[i]));
    }
    if (texts.size() > names.size())
        nic_choice->setItemData(0, opened_names.join(u", "_qs), Qt::ToolTipRole);
    nic_choice->setCurrentIndex(nics.size() == 1 ? nic_choice->findData(to_text(nics.front().name)) : texts.size() > names.size() ? 0 : -1);
    nic_message->say({}, false);
    for (std::size_t i = 0; i < std::max(nics.size(), nic_sliders.size()); ++i) {
        ValueSlider *slider = nic_slider(i);
        slider->setVisible(i < nics.size());
        if (i >= nics.size())
            continue;
        const QString label = nics.size() == 1 ? tr("NIC bandwidth") : to_text(nics[i].name);
        if (slider->spec().label != label)
            slider->set_label(label);
        const auto before = std::find_if(opened.begin(), opened.end(), [&](const Nic &nic) { return nic.name == nics[i].name; });
        if (before != opened.end()) {
            slider->set_mark(before->bandwidth);
        } else {
            const Read<Nic> shipped = slider->accessibleDescription() == to_text(nics[i].name) ? Read<Nic>{} : library.nic(nics[i].name);
            if (shipped)
                slider->set_mark(shipped.value->bandwidth);
        }
        slider->setAccessibleDescription(to_text(nics[i].name));
        slider->set_value(nics[i].bandwidth);
    }
}

void InputPanel::choose_nic(int index)
{
    Study study = session->study();
    const auto known = [this](const std::string &name) -> std::optional<Nic> {
        if (const auto found = known_nics.find(name); found != known_nics.end())
            return found->second;
        for (const Nic &nic : session->opened().nics) {
            if (nic.name == name)
                return nic;
        }
        return std::nullopt;
    };
    study.nics.clear();
    const QVariant name = nic_choice->itemData(index);
    if (!name.isValid()) {
        for (const Nic &nic : session->opened().nics)
            study.nics.push_back(known(nic.name).value_or(nic));
    } else if (std::optional<Nic> nic = known(name.toString().toStdString())) {
        study.nics = {*nic};
    } else {
        Read<Nic> read = library.nic(name.toString().toStdString());
        if (!read) {
            refresh();
            nic_message->say(to_text(text_of(read.problems.front())), true);
            return;
        }
        study.nics = {std::move(*read.value)};
    }
    session->change(std::move(study));
}

template<class T>
QComboBox *InputPanel::add_entry_choice(Kind kind, const QString &label, T Study::*member, std::function<Read<T>(const std::string &)> load)
{
    QComboBox *combo = make_combo(section->body);
    combo->setObjectName(to_text(name_of(kind)));
    section->add_labelled(label, combo);
    auto *message = new InlineMessage(section->body);
    section->rows->addWidget(message);
    connect(combo, &QComboBox::activated, this, [this, combo, member, load, message](int index) {
        const std::string name = combo->itemData(index).toString().toStdString();
        Study study = session->study();
        if (name == (study.*member).name)
            return;
        if (name == (session->opened().*member).name) {
            study.*member = session->opened().*member;
        } else {
            Read<T> read = load(name);
            if (!read) {
                refresh();
                message->say(to_text(text_of(read.problems.front())), true);
                return;
            }
            study.*member = std::move(*read.value);
        }
        session->change(std::move(study));
    });
    refreshers.push_back([this, combo, kind, member, message] {
        const T &now = session->study().*member;
        const auto add = [&](const std::string &name, const std::string &title) {
            if (!name.empty() && combo->findData(to_text(name)) < 0)
                combo->addItem(to_text(title.empty() || title == name ? name : title), to_text(name));
        };
        if (combo->count() == 0) {
            for (const Library::Entry &entry : library.entries(kind)) {
                if (entry.problems.empty())
                    add(entry.name, entry.title);
            }
        }
        add((session->opened().*member).name, (session->opened().*member).title);
        add(now.name, now.title);
        combo->setCurrentIndex(combo->findData(to_text(now.name)));
        combo->setToolTip(to_text(now.source));
        message->say({}, false);
    });
    return combo;
}

void InputPanel::add_model()
{
    add_section(tr("Model and profile"));
    add_entry_choice<Profile>(Kind::profile, tr("Profile"), &Study::profile, [this](const std::string &name) { return library.profile(name); });
    add_entry_choice<Model>(Kind::model, tr("Model"), &Study::model, [this](const std::string &name) { return library.model(name); });
    for (const Field<Quirks> &field : fields<Quirks>())
        add_switch("quirks." + std::string(field.info.key));
    add_slider("profile.usable_memory_fraction");
    add_slider("profile.dispatch_elem_size");
}

void InputPanel::refresh()
{
    for (const std::function<void()> &refresher : refreshers)
        refresher();
}

void InputPanel::follow_library()
{
    picker->follow_library();
    for (const Kind kind : {Kind::model, Kind::profile}) {
        if (auto *combo = findChild<QComboBox *>(to_text(name_of(kind))))
            combo->clear();
    }
    refresh();
}

void InputPanel::follow()
{
    for (const std::function<void()> &follower : followers)
        follower();
}

void InputPanel::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if ((event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) && chip_choice) {
        for (int i = 0; i < chip_choice->count(); ++i)
            chip_choice->setItemIcon(i, QIcon(chip_swatch(*this, static_cast<std::size_t>(i))));
    }
}

} // namespace epscope
