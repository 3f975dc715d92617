// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/scenario_strip.h"

#include <algorithm>
#include <cmath>

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QPointer>
#include <QScrollArea>
#include <QScrollBar>

#include "app/charts/baseline_marks.h"
#include "app/controls/value_slider.h"
#include "app/words/numbers.h"
#include "app/words/text.h"
#include "core/analysis/outputs.h"

namespace epscope {
namespace {

constexpr int padding = 9, gap = 7; // px at the ends of a card, between its texts
constexpr int longest_name = 16,
              least_name = 5; // times the height of a line; where there is room, and where there is not
constexpr qreal radius = 5;

// A plus and what it does.
class NewButton : public QAbstractButton {
public:
    explicit NewButton(QWidget *parent)
        : QAbstractButton(parent)
    {
        setFocusPolicy(Qt::TabFocus);
        setAttribute(Qt::WA_Hover);
        setCursor(Qt::PointingHandCursor);
    }
    QSize sizeHint() const override
    {
        const int height = fontMetrics().height() + 10;
        return {fontMetrics().horizontalAdvance(text()) + 2 * padding, height};
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const Theme &theme = theme_of(*this);
        if ((underMouse() && isEnabled()) || hasFocus()) {
            painter.setPen(hasFocus() ? QPen(theme.accent, 1) : QPen(Qt::NoPen));
            painter.setBrush(theme.surface);
            painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 2.5, -0.5, -2.5), radius, radius);
        }
        painter.setPen(!isEnabled() ? theme.grid : underMouse() ? theme.text : theme.muted);
        painter.drawText(rect(), Qt::AlignCenter, text());
    }
};

} // namespace

ScenarioButton::ScenarioButton(ScenarioStrip &owner, QWidget *parent)
    : QAbstractButton(parent)
    , strip(owner)
{
    setCheckable(true);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setFocusPolicy(Qt::StrongFocus); // F2 and Delete are for the one that has been clicked, too
    setAttribute(Qt::WA_Hover);
}

void ScenarioButton::show_card(int id, int number, const QString &name, const QString &note, bool active)
{
    card = id;
    ordinal = number;
    setText(name);
    setChecked(active);
    setAccessibleName(tr("Scenario %1: %2").arg(number).arg(name));
    setAccessibleDescription(note);
    QStringList tip{u"<b>%1</b>"_qs.arg(name.toHtmlEscaped())};
    if (!note.isEmpty())
        tip << note.toHtmlEscaped().replace(u'\n', u"<br>"_qs);
    if (ordinal <= 9)
        tip << tr("Ctrl+%1 shows it").arg(ordinal);
    tip << tr("Drag to move, double click or F2 to rename, Delete to delete");
    setToolTip(tip.join(u"<br>"_qs));
    updateGeometry();
    update();
}

void ScenarioButton::show_outcome(const QString &text, const std::optional<ValueChange> &change, double threshold)
{
    if (text == result && change == difference && threshold == least_change)
        return;
    result = text;
    difference = change;
    least_change = threshold;
    updateGeometry();
    update();
}

QFont ScenarioButton::name_font(bool bold) const
{
    QFont own = font();
    own.setBold(bold);
    return own;
}

QFont ScenarioButton::small_font() const
{
    QFont own = font();
    own.setPointSizeF(0.88 * own.pointSizeF());
    return own;
}

QString ScenarioButton::outcome_text() const
{
    return difference ? result + u' ' + change_text(*difference) : result;
}

QString ScenarioButton::number_text() const
{
    return ordinal <= 9 ? QString::number(ordinal) : QString();
}

QSize ScenarioButton::sizeHint() const
{
    return size_with(longest_name);
}

QSize ScenarioButton::minimumSizeHint() const
{
    return size_with(least_name);
}

QSize ScenarioButton::size_with(int longest) const
{
    // As wide for the bold name, so that the others stand still when another card is shown.
    const QFontMetrics bold(name_font(true)), small(small_font());
    const int name = std::min(bold.horizontalAdvance(text()) + 2, longest * bold.height());
    const int number = small.horizontalAdvance(number_text());
    const int outcome = small.horizontalAdvance(outcome_text());
    return {2 * padding + name + (number > 0 ? number + gap : 0) + (outcome > 0 ? outcome + gap : 0),
        fontMetrics().height() + 10};
}

QRect ScenarioButton::name_area() const
{
    const QFontMetrics small(small_font());
    const int number = small.horizontalAdvance(number_text()), outcome = small.horizontalAdvance(outcome_text());
    return rect().adjusted(
        padding + (number > 0 ? number + gap : 0), 0, -padding - (outcome > 0 ? outcome + gap : 0), 0);
}

void ScenarioButton::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme &theme = theme_of(*this);
    const QRectF body = QRectF(rect()).adjusted(0.5, 2.5, -0.5, -2.5);
    QColor fill = isChecked() ? theme.accent : theme.surface;
    if (isChecked())
        fill.setAlphaF(theme.dark ? 0.24F : 0.13F);
    else if (!underMouse())
        fill.setAlphaF(0.55F);
    painter.setBrush(fill);
    painter.setPen(QPen(isChecked() || hasFocus() ? theme.accent : theme.grid, hasFocus() ? 2 : 1));
    painter.drawRoundedRect(body, radius, radius);
    const QRect inner = rect().adjusted(padding, 0, -padding, 0);
    painter.setFont(small_font());
    painter.setPen(theme.muted);
    painter.drawText(inner, Qt::AlignLeft | Qt::AlignVCenter, number_text());
    QRect outcome = inner;
    outcome.setLeft(inner.right() + 1 - QFontMetrics(small_font()).horizontalAdvance(outcome_text()));
    painter.drawText(outcome, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip, result);
    if (difference) {
        painter.setPen(change_colour(*difference, least_change, Better::higher, theme));
        painter.drawText(outcome, Qt::AlignRight | Qt::AlignVCenter | Qt::TextDontClip, change_text(*difference));
    }
    painter.setFont(name_font(isChecked()));
    painter.setPen(theme.text);
    const QRect name = name_area();
    painter.drawText(
        name, Qt::AlignLeft | Qt::AlignVCenter, painter.fontMetrics().elidedText(text(), Qt::ElideRight, name.width()));
}

void ScenarioButton::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    pressed_at = event->position().toPoint().x();
    dragged = false;
    strip.session.show_card(card); // at once, not when the button is let go
}

void ScenarioButton::mouseMoveEvent(QMouseEvent *event)
{
    if (!event->buttons().testFlag(Qt::LeftButton))
        return;
    const int x = event->position().toPoint().x();
    if (!dragged && std::abs(x - pressed_at) < QApplication::startDragDistance())
        return;
    dragged = true;
    strip.drag(*this, mapToParent(QPoint(x - pressed_at, 0)).x());
}

void ScenarioButton::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton && dragged) {
        dragged = false;
        strip.drop(*this);
    }
}

void ScenarioButton::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        strip.rename(card);
}

void ScenarioButton::keyPressEvent(QKeyEvent *event)
{
    Session &session = strip.session;
    const int place = ordinal - 1;
    const bool moves = event->modifiers().testFlag(Qt::ControlModifier);
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right: {
        const int next = place + (event->key() == Qt::Key_Left ? -1 : 1);
        const std::vector<Card> &all = session.cards();
        if (next < 0 || next >= static_cast<int>(all.size()))
            return;
        const int wanted = moves ? card : all[static_cast<std::size_t>(next)].id;
        if (moves)
            session.move_card(card, next);
        else
            session.show_card(wanted);
        for (ScenarioButton *each : strip.buttons()) {
            if (each->id() == wanted)
                each->setFocus(Qt::TabFocusReason);
        }
        return;
    }
    case Qt::Key_F2:
        strip.rename(card);
        return;
    case Qt::Key_Delete:
        session.remove_card(card);
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        session.show_card(card);
        return;
    default:
        QAbstractButton::keyPressEvent(event);
    }
}

void ScenarioButton::contextMenuEvent(QContextMenuEvent *event)
{
    strip.session.show_card(card); // the menu is about the one on show
    if (strip.menu)
        strip.menu->popup(event->globalPos());
}

ScenarioStrip::ScenarioStrip(Session &owner, const Comparer &outcomes, QWidget *parent)
    : QWidget(parent)
    , session(owner)
    , comparer(outcomes)
    , scroll(new QScrollArea)
    , row(new QWidget)
    , line(new QHBoxLayout(row))
    , fresh(new NewButton(this))
    , back(new NewButton(this))
    , forth(new NewButton(this))
    , note(new QLineEdit)
{
    setAccessibleName(tr("Scenarios"));
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setHorizontalScrollBarPolicy(
        Qt::ScrollBarAlwaysOff); // the wheel moves it, and what gets the focus comes into sight
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->viewport()->installEventFilter(this);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(5);
    line->addStretch(1);
    scroll->setWidget(row);
    scroll->viewport()->setAutoFillBackground(false); // the bar's own shines through
    row->setAutoFillBackground(false);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    fresh->setText(tr("+ Scenario"));
    fresh->setObjectName(u"scenario.duplicate"_qs);
    fresh->setAccessibleName(tr("Another scenario"));
    fresh->setToolTip(tr("A copy of the scenario on show, to be changed (Ctrl+D)"));
    connect(fresh, &QAbstractButton::clicked, this, [this] { session.duplicate_card(session.card().id); });
    note->setPlaceholderText(tr("Note on this scenario"));
    note->setAccessibleName(tr("Note on the scenario on show"));
    note->setObjectName(u"scenario.note"_qs);
    note->setMaxLength(static_cast<int>(longest_note) / 4); // characters of up to four bytes
    connect(note, &QLineEdit::editingFinished, this, [this] {
        if (note->isModified())
            session.set_note(session.card().id, note->text());
        note->setModified(false);
    });
    auto *whole = new QHBoxLayout(this);
    whole->setContentsMargins(6, 0, 6, 0);
    whole->setSpacing(4);
    whole->addWidget(back);
    whole->addWidget(scroll, 1);
    whole->addWidget(forth);
    whole->addWidget(fresh);
    whole->addSpacing(4);
    whole->addWidget(note);
    // Where not all of them find room.
    QScrollBar *bar = scroll->horizontalScrollBar();
    const auto follow_bar = [this, bar] {
        back->setEnabled(bar->value() > 0);
        forth->setEnabled(bar->value() < bar->maximum());
        back->setVisible(bar->maximum() > 0);
        forth->setVisible(bar->maximum() > 0);
    };
    const std::pair<QAbstractButton *, QString> ends[] = {
        {back, tr("Scenarios to the left")}, {forth, tr("Scenarios to the right")}};
    for (const auto &[button, name] : ends) {
        button->setText(button == back ? u"‹"_qs : u"›"_qs);
        button->setAccessibleName(name);
        button->setToolTip(name);
        button->setFocusPolicy(Qt::NoFocus); // the keyboard goes from card to card
        connect(button, &QAbstractButton::clicked, this,
            [this, bar, by = button == back ? -1 : 1] { bar->setValue(bar->value() + by * scroll->width() / 2); });
    }
    connect(bar, &QScrollBar::rangeChanged, this, follow_bar, Qt::QueuedConnection); // not while it is laid out
    connect(bar, &QScrollBar::valueChanged, this, follow_bar);
    follow_bar();
    connect(&session, &Session::cards_changed, this, &ScenarioStrip::refresh);
    connect(&comparer, &Comparer::changed, this, &ScenarioStrip::show_outcomes);
    refresh();
    fit_height();
}

void ScenarioStrip::fit_height()
{
    const int height = fontMetrics().height() + 12;
    scroll->setFixedHeight(height);
    constexpr int characters = 26;
    note->setFixedWidth(characters * fontMetrics().averageCharWidth());
}

void ScenarioStrip::refresh()
{
    const std::vector<Card> &all = session.cards();
    while (cards.size() > all.size()) {
        ScenarioButton *last = cards.back();
        cards.pop_back();
        if (last->hasFocus() && !cards.empty())
            cards.back()->setFocus();
        last->hide();
        last->deleteLater();
    }
    while (cards.size() < all.size()) {
        auto *card = new ScenarioButton(*this, row);
        line->insertWidget(static_cast<int>(cards.size()), card);
        card->show(); // the layout would do it later, and the card could not have the focus before
        cards.push_back(card);
    }
    const bool several = all.size() > 1;
    for (std::size_t i = 0; i < all.size(); ++i)
        cards[i]->show_card(all[i].id, static_cast<int>(i) + 1, session.name_of(all[i]), to_text(all[i].note),
            all[i].id == session.card().id);
    QWidget *before = nullptr;
    for (ScenarioButton *card : cards) {
        if (before)
            setTabOrder(before, card);
        before = card;
    }
    setTabOrder(before, fresh);
    setTabOrder(fresh, note);
    const QString text = to_text(session.card().note);
    if (!note->isModified() || !note->hasFocus()) {
        note->setText(text);
        note->setCursorPosition(0);
    }
    note->setVisible(several || !text.isEmpty());
    show_outcomes();
    line->activate();
    for (ScenarioButton *card : cards) {
        if (card->isChecked())
            QMetaObject::invokeMethod(
                this,
                [this, card = QPointer<ScenarioButton>(card)] {
                    if (card)
                        scroll->ensureWidgetVisible(card, 24, 0);
                },
                Qt::QueuedConnection);
    }
}

// Of those that are as they were compared.
void ScenarioStrip::show_outcomes()
{
    const std::shared_ptr<const Compared> &compared = comparer.compared();
    const Metric &throughput = *find_metric(output::throughput);
    for (ScenarioButton *card : cards) {
        QString text;
        std::optional<ValueChange> change;
        for (std::size_t i = 0; compared && i < compared->ids.size(); ++i) {
            if (compared->ids[i] != card->id())
                continue;
            const std::optional<double> value = number_of(throughput, compared->comparison.outcomes[i]);
            text = value ? tr("%1 tok/s").arg(rate_number(*value)) : tr("cannot serve");
            if (compared->ids.front() == pinned_id)
                change = change_of(
                    number_of(throughput, compared->comparison.outcomes.front()).value_or(0), value.value_or(0));
        }
        card->show_outcome(text, change, comparer.threshold());
    }
}

void ScenarioStrip::rename(int id)
{
    finish_naming(true);
    const auto card =
        std::find_if(cards.begin(), cards.end(), [id](const ScenarioButton *each) { return each->id() == id; });
    if (card == cards.end())
        return;
    named = id;
    naming = new QLineEdit((*card)->text(), row);
    naming->setAccessibleName(tr("Name of the scenario"));
    naming->selectAll();
    const QRect area = (*card)->geometry().adjusted(2, 2, -2, -2);
    naming->setGeometry(
        area.x(), area.y(), std::max(area.width(), 12 * fontMetrics().averageCharWidth()), area.height());
    naming->installEventFilter(this);
    naming->show();
    naming->raise();
    naming->setFocus();
}

void ScenarioStrip::finish_naming(bool take)
{
    if (!naming)
        return;
    QLineEdit *done = naming;
    naming = nullptr;
    done->removeEventFilter(this);
    const QString wanted = done->text();
    done->hide();
    done->deleteLater();
    const QString wrong = take ? session.rename_card(named, wanted) : QString();
    if (!wrong.isEmpty())
        emit complained(wrong);
}

bool ScenarioStrip::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == scroll->viewport() && event->type() == QEvent::Wheel) {
        const auto *wheel = static_cast<QWheelEvent *>(event);
        const QPoint by = wheel->angleDelta();
        QScrollBar *bar = scroll->horizontalScrollBar();
        bar->setValue(bar->value() - (by.x() != 0 ? by.x() : by.y()) / 2);
        return true;
    }
    if (!naming || watched != naming)
        return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape) {
        event->accept();
        return true;
    }
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Escape) {
            const int id = named;
            finish_naming(key != Qt::Key_Escape);
            for (ScenarioButton *card : cards) {
                if (card->id() == id)
                    card->setFocus(Qt::OtherFocusReason);
            }
            return true;
        }
    }
    if (event->type() == QEvent::FocusOut && static_cast<QFocusEvent *>(event)->reason() != Qt::PopupFocusReason)
        finish_naming(true);
    return false;
}

void ScenarioStrip::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        fit_height();
}

// Where a card dragged to x would stand.
int ScenarioStrip::place_at(const ScenarioButton &card, int x) const
{
    const int middle = x + card.width() / 2;
    int place = 0;
    for (const ScenarioButton *other : cards) {
        if (other != &card && other->geometry().center().x() < middle)
            ++place;
    }
    return place;
}

void ScenarioStrip::drag(ScenarioButton &card, int x)
{
    card.raise();
    card.move(std::clamp(x, 0, std::max(0, row->width() - card.width())), card.y());
}

void ScenarioStrip::drop(ScenarioButton &card)
{
    session.move_card(card.id(), place_at(card, card.x()));
    line->invalidate(); // back into the row
    line->activate();
}

} // namespace epscope
