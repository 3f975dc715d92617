// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/chip_picker.h"

#include <algorithm>

#include <QApplication>
#include <QEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QSignalBlocker>
#include <QStyleOption>
#include <QToolTip>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include "app/charts/marks.h"
#include "app/controls/section.h"
#include "app/controls/value_slider.h"
#include "app/look/plain_text.h"
#include "app/look/text_scale.h"
#include "app/words/text.h"
#include "core/spec/named.h"
#include "core/spec/value_expression.h"

namespace epscope {
namespace {

enum Role { name_role = Qt::UserRole, title_role, mark_role };
constexpr int rows_shown = 7;

std::string name_of(const QListWidgetItem &item)
{
    return item.data(name_role).toString().toStdString();
}

QString facts_of(const Chip &chip)
{
    const auto line = [](const QString &what, const Quantity &value) {
        return u"<br>"_qs + what + u": "_qs + to_text(control_text(value));
    };
    QString text = u"<b>%1</b>"_qs.arg(to_text(chip.title).toHtmlEscaped());
    text += line(ChipPicker::tr("BF16"), chip.bf16);
    if (chip.fp8)
        text += line(ChipPicker::tr("8 bit"), *chip.fp8);
    text += line(ChipPicker::tr("Memory"), chip.memory) + line(ChipPicker::tr("Bandwidth"), chip.memory_bandwidth);
    return text + u"<br><i>%1</i>"_qs.arg(to_text(chip.source).toHtmlEscaped());
}

class CheckStyle : public ScaledStyle {
public:
    void drawPrimitive(
        PrimitiveElement element, const QStyleOption *option, QPainter *painter, const QWidget *widget) const override
    {
        if ((element != PE_IndicatorCheckBox && element != PE_IndicatorItemViewItemCheck) || !widget) {
            ScaledStyle::drawPrimitive(element, option, painter, widget);
            return;
        }
        const Theme &theme = theme_of(*widget);
        const bool on = option->state.testFlag(State_On), enabled = option->state.testFlag(State_Enabled);
        const QRectF box = QRectF(option->rect).adjusted(1, 1, -1, -1);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(QPen(on && enabled ? theme.accent : theme.axis, 1.2));
        painter->setBrush(on ? enabled ? theme.accent : theme.axis : theme.surface);
        painter->drawRoundedRect(box, 3, 3);
        if (on) {
            painter->setPen(QPen(widget->palette().color(QPalette::Base), 0.16 * box.width(), Qt::SolidLine,
                Qt::RoundCap, Qt::RoundJoin));
            painter->setBrush(Qt::NoBrush);
            const auto at = [&](double x, double y) {
                return QPointF(box.left() + x * box.width(), box.top() + y * box.height());
            };
            painter->drawPolyline(QPolygonF{at(0.24, 0.52), at(0.43, 0.71), at(0.77, 0.31)});
        }
        painter->restore();
    }
};

} // namespace

void style_check_boxes(QWidget *widget)
{
    auto *style = new CheckStyle;
    style->setParent(widget);
    widget->setStyle(style);
}

QPixmap chip_swatch(const QWidget &widget, std::size_t mark)
{
    const int height = widget.fontMetrics().ascent(), width = 2 * height;
    const qreal ratio = widget.devicePixelRatioF();
    QPixmap pixmap(QSize(width, height) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    const Theme &theme = theme_of(widget);
    QCPPainter painter(&pixmap);
    painter.setAntialiasing(true);
    QPen pen(theme.chip(mark), 3, theme.chip_dash(mark), Qt::FlatCap);
    painter.setPen(pen);
    painter.drawLine(QPointF(0, 0.5 * height), QPointF(width, 0.5 * height));
    draw_chip_marker(
        painter, mark, QPointF(0.5 * width, 0.5 * height), 0.7 * height, QPen(theme.surface, 1), theme.chip(mark));
    return pixmap;
}

ChipPicker::ChipPicker(Session *owner, const Library &chip_library, QWidget *parent)
    : QWidget(parent)
    , session(owner)
    , library(chip_library)
    , search(new QLineEdit(this))
    , chips(new QListWidget(this))
    , hint(plain_label(this))
{
    search->setObjectName(u"chips.filter"_qs);
    search->setPlaceholderText(tr("Filter chips"));
    search->setAccessibleName(tr("Filter chips"));
    search->setToolTip(tr("Shows the chips whose name contains this text; Enter checks the first one"));
    search->setClearButtonEnabled(true);
    chips->setObjectName(u"chips.list"_qs);
    chips->setAccessibleName(tr("Chips in the study"));
    chips->setToolTip(tr("Checked chips are searched and drawn; Enter or a double click shows a chip's numbers"));
    style_check_boxes(chips);
    chips->setUniformItemSizes(true);
    chips->setTextElideMode(Qt::ElideRight);
    chips->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    chips->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    chips->viewport()->installEventFilter(this);
    chips->installEventFilter(this);
    hint->setWordWrap(true);
    hint->hide();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(row_indent, 0, row_indent, 0);
    layout->setSpacing(4);
    layout->addWidget(search);
    layout->addWidget(chips);
    layout->addWidget(hint);

    connect(search, &QLineEdit::textChanged, this, &ChipPicker::apply_filter);
    connect(search, &QLineEdit::returnPressed, this, [this] {
        for (int i = 0; i < chips->count(); ++i) {
            QListWidgetItem *item = chips->item(i);
            if (!item->isHidden() && item->flags().testFlag(Qt::ItemIsEnabled)) {
                item->setCheckState(item->checkState() == Qt::Checked ? Qt::Unchecked : Qt::Checked);
                return;
            }
        }
    });
    connect(chips, &QListWidget::itemChanged, this, [this](QListWidgetItem *item) { toggled(*item); });
    connect(chips, &QListWidget::itemActivated, this, [this](QListWidgetItem *item) {
        if (item->checkState() == Qt::Checked)
            emit chip_activated(item->data(name_role).toString());
    });
    connect(session, &Session::opened_study, this, [this] {
        parked.clear();
        rebuild();
    });
    connect(session, &Session::inputs_changed, this, &ChipPicker::refresh);
    rebuild();
}

const Chip *ChipPicker::in_library(const std::string &name) const
{
    if (const Chip *own = find_named(saved, name))
        return own;
    const auto [entry, is_new] = looked_up.try_emplace(name);
    if (is_new)
        entry->second = library.chip(name).value;
    return entry->second ? &*entry->second : nullptr;
}

const Chip *ChipPicker::original(const std::string &name) const
{
    const Chip *opened = find_named(session->opened().chips, name);
    return opened ? opened : in_library(name);
}

bool ChipPicker::is_edited(const Chip &chip) const
{
    const Chip *before = original(chip.name);
    return before && *before != chip;
}

bool ChipPicker::knows(const std::string &name) const
{
    for (int i = 0; i < chips->count(); ++i) {
        if (name_of(*chips->item(i)) == name)
            return true;
    }
    return original(name) != nullptr;
}

void ChipPicker::add_saved(const Chip &chip)
{
    saved.push_back(chip);
    rebuild();
}

void ChipPicker::follow_library()
{
    looked_up.clear();
    rebuild();
}

// The opened study's chips, those that came to it since, the library's; the order stays while boxes are checked.
void ChipPicker::rebuild()
{
    // A selected row keeps the colours of its swatch readable.
    const QColor accent = palette().color(QPalette::Link);
    QPalette own = palette();
    for (const QPalette::ColorGroup group : {QPalette::Active, QPalette::Inactive}) {
        own.setColor(group, QPalette::Highlight, QColor(accent.red(), accent.green(), accent.blue(), 48));
        own.setColor(group, QPalette::HighlightedText, palette().color(QPalette::Text));
    }
    chips->setPalette(own);
    const std::string current = chips->currentItem() ? name_of(*chips->currentItem()) : std::string();
    {
        const QSignalBlocker blocker(chips);
        chips->clear();
        std::vector<std::string> names;
        const auto add = [&](const std::string &name, const std::string &title, const std::string &problem) {
            if (std::find(names.begin(), names.end(), name) != names.end())
                return;
            names.push_back(name);
            auto *item = new QListWidgetItem(chips);
            item->setData(name_role, to_text(name));
            item->setData(title_role, title == name ? QString() : to_text(title));
            item->setFlags(
                problem.empty() ? Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable : Qt::NoItemFlags);
            item->setCheckState(Qt::Unchecked);
            if (!problem.empty())
                item->setToolTip(shown_as_is(to_text(problem)));
            if (name == current)
                chips->setCurrentItem(item);
        };
        for (const Chip &chip : session->opened().chips)
            add(chip.name, chip.title, {});
        for (const Chip &chip : session->study().chips)
            add(chip.name, chip.title, {});
        for (const Chip &chip : saved)
            add(chip.name, chip.title, {});
        for (const Library::Entry &entry : library.entries(Kind::chip))
            add(entry.name, entry.title, entry.problems.empty() ? std::string() : text_of(entry.problems.front()));
        if (!chips->currentItem() && chips->count() > 0)
            chips->setCurrentRow(0);
        for (int i = 0; i < chips->count(); ++i)
            show_item(*chips->item(i), nullptr);
        const int row = std::max(chips->sizeHintForRow(0), fontMetrics().height() + 4);
        chips->setFixedHeight(row * rows_shown + row / 2 + 2 * chips->frameWidth());
    }
    refresh();
    apply_filter();
}

void ChipPicker::refresh()
{
    const std::vector<Chip> &in_study = session->study().chips;
    for (const Chip &chip : in_study) {
        if (!knows(chip.name)) {
            rebuild();
            return;
        }
    }
    const QSignalBlocker blocker(chips);
    for (int i = 0; i < chips->count(); ++i) {
        QListWidgetItem &item = *chips->item(i);
        show_item(item, find_named(in_study, name_of(item)));
    }
    say({});
}

void ChipPicker::show_item(QListWidgetItem &item, const Chip *in_study)
{
    const std::size_t mark = in_study ? chip_mark(session->inputs(), in_study->name) : 0;
    const int shown_mark = in_study ? static_cast<int>(mark) : -1;
    const bool edited = in_study && is_edited(*in_study);
    const QString name = item.data(name_role).toString(), title = item.data(title_role).toString();
    const QString text = (edited ? name + u'*' : name) + (title.isEmpty() ? QString() : u" – "_qs + title);
    const QVariant before = item.data(mark_role);
    if (before.isValid() && before.toInt() == shown_mark && item.text() == text)
        return;
    item.setData(mark_role, shown_mark);
    item.setText(text);
    item.setCheckState(in_study ? Qt::Checked : Qt::Unchecked);
    QFont font = chips->font();
    font.setBold(in_study != nullptr);
    item.setFont(font);
    QPixmap swatch;
    if (in_study) {
        swatch = chip_swatch(*this, mark);
    } else {
        swatch = QPixmap(chip_swatch(*this, 0).size());
        swatch.setDevicePixelRatio(devicePixelRatioF());
        swatch.fill(Qt::transparent);
    }
    chips->setIconSize((QSizeF(swatch.size()) / swatch.devicePixelRatio()).toSize());
    QIcon icon(swatch);
    icon.addPixmap(swatch, QIcon::Selected); // not tinted
    item.setIcon(icon);
}

void ChipPicker::toggled(QListWidgetItem &item)
{
    set_in_study(name_of(item), item.checkState() == Qt::Checked);
}

void ChipPicker::set_in_study(const std::string &name, bool wanted)
{
    Study study = session->study();
    const std::optional<std::size_t> found = place_named(study.chips, name);
    if (wanted == found.has_value())
        return;
    const auto undo = [&](const QString &why) {
        const QSignalBlocker blocker(chips);
        for (int i = 0; i < chips->count(); ++i) {
            if (name_of(*chips->item(i)) == name)
                chips->item(i)->setCheckState(wanted ? Qt::Unchecked : Qt::Checked);
        }
        say(why);
    };
    if (!wanted) {
        if (study.chips.size() == 1) {
            undo(tr("At least one chip stays in the study."));
            return;
        }
        const auto at = study.chips.begin() + static_cast<std::ptrdiff_t>(*found);
        parked.insert_or_assign(name, *at);
        study.chips.erase(at);
        session->change(std::move(study));
        return;
    }
    const auto kept = parked.find(name);
    const Chip *chip = kept != parked.end() ? &kept->second : original(name);
    if (!chip) {
        const Read<Chip> read = library.chip(name);
        undo(read.problems.empty() ? tr("The chip cannot be read.") : to_text(text_of(read.problems.front())));
        return;
    }
    // Where the opened study has it, else at the end: the others keep their colours.
    const std::vector<Chip> &opened = session->opened().chips;
    auto place = study.chips.end();
    if (const std::optional<std::size_t> at = place_named(opened, name)) {
        place = std::find_if(study.chips.begin(), study.chips.end(),
            [&](const Chip &other) { return place_named(opened, other.name).value_or(opened.size()) > *at; });
    }
    study.chips.insert(place, *chip);
    session->change(std::move(study));
}

void ChipPicker::apply_filter()
{
    const QString wanted = search->text().trimmed();
    for (int i = 0; i < chips->count(); ++i) {
        QListWidgetItem *item = chips->item(i);
        const bool fits = item->data(name_role).toString().contains(wanted, Qt::CaseInsensitive)
            || item->data(title_role).toString().contains(wanted, Qt::CaseInsensitive);
        item->setHidden(!fits);
    }
}

void ChipPicker::say(const QString &text)
{
    hint->setText(text);
    hint->setVisible(!text.isEmpty());
}

void ChipPicker::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        rebuild();
}

bool ChipPicker::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == chips->viewport() && event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const QListWidgetItem *item = chips->itemAt(help->pos());
        if (item && item->toolTip().isEmpty()) {
            const std::string name = name_of(*item);
            const Chip *in_study = find_named(session->study().chips, name);
            if (const Chip *chip = in_study ? in_study : original(name)) {
                QToolTip::showText(help->globalPos(), facts_of(*chip), chips);
                return true;
            }
        }
    }
    // Enter must not also press a window's default button or toggle the box.
    if (watched == chips && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        QListWidgetItem *item = chips->currentItem();
        if ((key == Qt::Key_Return || key == Qt::Key_Enter) && item) {
            if (item->checkState() == Qt::Checked)
                emit chip_activated(item->data(name_role).toString());
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace epscope
