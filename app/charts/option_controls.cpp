// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/option_controls.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include "app/charts/chart_view.h"
#include "app/look/choice_box.h"
#include "app/look/plain_text.h"

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

OptionControls::OptionControls(ChartView &of)
    : chart(of)
{
    for (const ChartOption &option : chart.options())
        add(option);
    if (row && !any_grows)
        row->addStretch(1);
    show();
}

void OptionControls::show()
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
            if (control.option->hides_alone && box->isHidden() == (choices.size() > 1))
                box->setVisible(choices.size() > 1);
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

QVBoxLayout &OptionControls::column() const
{
    return *static_cast<QVBoxLayout *>(chart.layout());
}

QHBoxLayout *OptionControls::boxes()
{
    if (row)
        return row;
    row = new QHBoxLayout;
    row->setContentsMargins(6, 4, 6, 2);
    row->setSpacing(6);
    column().insertLayout(0, row);
    return row;
}

void OptionControls::add(const ChartOption &option)
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
        QObject::connect(number, &QSpinBox::valueChanged, &chart, [set](int value) { set(QString::number(value)); });
        widget = number;
        break;
    }
    case ChartOption::Control::toggle: {
        auto *toggle = new QToolButton(&chart);
        toggle->setText(option.text);
        toggle->setCheckable(true);
        QObject::connect(toggle, &QAbstractButton::toggled, &chart, [set](bool on) { set(on ? u"on"_qs : u"off"_qs); });
        widget = toggle;
        break;
    }
    }
    place(option, *widget, option.name);
    all.push_back({&option, widget});
}

void OptionControls::place(const ChartOption &option, QWidget &widget, const QString &name)
{
    widget.setAccessibleName(name);
    widget.setToolTip(option.meaning.isEmpty() ? name : option.meaning);
    boxes()->addWidget(&widget, option.grows ? 1 : 0);
    any_grows = any_grows || option.grows;
}

// What one box of a pair has chosen the other gives way for.
void OptionControls::add_box(const ChartOption &option, std::optional<int> part)
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

void OptionControls::add_buttons(const ChartOption &option)
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
    column().setSpacing(0);
    column().insertWidget(0, header);
    QObject::connect(
        group, &QButtonGroup::buttonToggled, &chart, [this, key = option.key](QAbstractButton *button, bool checked) {
            if (checked)
                chart.set_option(key, button->property("value").toString());
        });
    all.push_back({&option, header, group});
}

} // namespace epscope
