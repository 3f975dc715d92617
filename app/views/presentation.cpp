// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/presentation.h"

#include <algorithm>

#include <QActionGroup>
#include <QApplication>
#include <QContextMenuEvent>
#include <QCursor>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QTextDocumentFragment>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include "app/charts/make_chart.h"
#include "app/charts/marks.h"
#include "app/controls/parameter_controls.h"
#include "app/controls/value_slider.h"
#include "app/look/plain_text.h"
#include "app/look/text_scale.h"
#include "app/views/computing.h"
#include "app/views/headline.h"
#include "app/words/change_name.h"
#include "app/words/text.h"
#include "core/analysis/outcome.h"
#include "core/analysis/variable.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

const QString dark_choice = QStringLiteral("dark"); // no slider's key

// A red dot in the middle of the widget; the mouse goes through it.
class Dot : public QWidget {
public:
    explicit Dot(QWidget *parent)
        : QWidget(parent)
    {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        hide();
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QColor red(230, 20, 20);
        QRadialGradient glow(rect().center(), width() / 2.0);
        glow.setColorAt(0, red);
        glow.setColorAt(0.45, red);
        QColor faint = red;
        faint.setAlpha(0);
        glow.setColorAt(1, faint);
        painter.setPen(Qt::NoPen);
        painter.setBrush(glow);
        painter.drawEllipse(rect());
    }
};

constexpr double used_of_width = 0.94;

// The font, made smaller down to some size so that the text fits into one line.
QFont fitting_line(const QString &text, QFont font, double smallest, double width)
{
    const double wide = QFontMetricsF(font).horizontalAdvance(text), room = used_of_width * width;
    if (wide > room)
        font.setPointSizeF(std::max(smallest, font.pointSizeF() * room / wide));
    return font;
}

// In two lines of the font, the middle of the second left out where it does not fit.
QString in_two_lines(const QString &text, const QFont &font, double width)
{
    const QFontMetricsF metrics(font);
    const double room = used_of_width * width;
    qsizetype end = -1;
    for (qsizetype blank = text.indexOf(u' '); blank >= 0 && metrics.horizontalAdvance(text.first(blank)) <= room;
         blank = text.indexOf(u' ', blank + 1))
        end = blank;
    const QString last = metrics.elidedText(text.sliced(end + 1), Qt::ElideMiddle, room);
    return end < 0 ? last : text.first(end) + u'\n' + last;
}

// The keyboard is for the scenarios, and for a slider that somebody tabs to.
void take_no_focus(QWidget &widget)
{
    widget.setFocusPolicy(Qt::NoFocus);
    for (QWidget *child : widget.findChildren<QWidget *>())
        child->setFocusPolicy(Qt::NoFocus);
}

} // namespace

QString PresentationChoice::text() const
{
    return left + u'|' + right + u'|' + (dark ? QStringList(dark_choice) + sliders : sliders).join(u'|');
}

PresentationChoice PresentationChoice::from(const QString &text)
{
    PresentationChoice choice;
    QStringList parts = text.split(u'|', Qt::KeepEmptyParts);
    const auto is_chart = [](const QString &id) {
        const ChartKind *kind = find_chart_kind(id.toStdString());
        return kind && kind->presentable;
    };
    if (parts.size() < 2 || !is_chart(parts[0]) || !(parts[1].isEmpty() || is_chart(parts[1])))
        return choice;
    choice.left = parts.takeFirst();
    choice.right = parts.takeFirst();
    parts.removeAll(QString());
    choice.dark = parts.removeAll(dark_choice) > 0;
    choice.sliders = parts.mid(0, Presentation::most_sliders);
    return choice;
}

Presentation::Presentation(Session &owner, QWidget *parent)
    : QWidget(parent, Qt::Window)
    , session(owner)
    , headline(new Headline)
    , number(new QLabel)
    , change(plain_label())
    , note(plain_label())
    , scenario(plain_label())
    , keys(plain_label())
    , dot(new Dot(this))
    , blank(new QWidget(this))
    , chart_row(new QHBoxLayout)
    , slider_row(new QHBoxLayout)
{
    setWindowTitle(tr("Presentation – EPScope"));
    setAccessibleName(tr("Presentation"));
    setAutoFillBackground(true);
    setFocusPolicy(Qt::StrongFocus);
    number->setAccessibleName(tr("Leading number"));
    number->setAlignment(Qt::AlignCenter);
    number->setTextFormat(Qt::RichText);
    note->setAccessibleName(tr("Note of the scenario"));
    note->setWordWrap(true);
    note->setAlignment(Qt::AlignCenter);
    change->setAccessibleName(tr("What has changed"));
    change->setAlignment(Qt::AlignCenter);
    keys->setText(tr("Arrows: scenarios · Ctrl: pointer · N: note · full stop: black · right click: more · Esc: back"));
    keys->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto *foot = new QHBoxLayout;
    foot->addWidget(scenario);
    foot->addWidget(keys, 1);
    auto *column = new QVBoxLayout(this);
    column->setSizeConstraint(QLayout::SetNoConstraint); // the type follows the size, not the other way round
    column->addWidget(number);
    column->addWidget(headline);
    column->addWidget(change);
    column->addWidget(note);
    column->addLayout(chart_row, 1);
    column->addLayout(slider_row);
    column->addLayout(foot);
    connect(&session, &Session::inputs_changed, this, &Presentation::follow_changes);
    connect(&session, &Session::inputs_changed, this, &Presentation::show_values);
    connect(&session.history(), &QUndoStack::indexChanged, this,
        &Presentation::follow_changes); // an undo gets there after its inputs
    connect(&session, &Session::cards_changed, this, &Presentation::follow_cards);
    connect(headline, &Headline::fix_chosen, this,
        [this](const QString &key, const QString &value) { session.set(key.toStdString(), value); });
    take_no_focus(*headline);
    fade_while_computing(session, headline->faded(), Qt::AlignRight | Qt::AlignVCenter);
    blank->setAutoFillBackground(true);
    blank->setPalette(Qt::black);
    blank->setCursor(Qt::BlankCursor);
    blank->hide();
    told = latest();
    step_index = session.history().index();
    qApp->installEventFilter(this); // the pointer is wherever the mouse is
    follow_choice_of_colours();
    make_charts();
    follow_cards();
}

Presentation::~Presentation() = default;

void Presentation::set_choice(const PresentationChoice &choice)
{
    const bool other_charts = choice.left != chosen.left || choice.right != chosen.right;
    chosen = choice;
    follow_choice_of_colours();
    if (other_charts)
        make_charts();
    make_sliders();
}

void Presentation::make_charts()
{
    while (const std::unique_ptr<QLayoutItem> item{chart_row->takeAt(0)})
        delete item->widget();
    shown_charts.clear();
    for (const QString &id : {chosen.left, chosen.right}) {
        if (id.isEmpty())
            continue;
        ChartView *chart = make_chart(id.toStdString()).release();
        auto *titled = new QWidget;
        auto *column = new QVBoxLayout(titled);
        column->setContentsMargins({});
        QLabel *heading = plain_label(chart->title());
        QFont bold = heading->font();
        bold.setBold(true);
        heading->setFont(bold);
        column->addWidget(heading);
        column->addWidget(chart, 1);
        chart_row->addWidget(titled, 1);
        shown_charts.push_back(chart);
        take_no_focus(*chart);
        chart->set_theme(*theme);
        emit chart_made(chart);
        if (explored)
            chart->set_result(explored, baselines);
    }
}

// What the choice names, or what most meetings are about.
QStringList Presentation::slider_keys() const
{
    if (!chosen.sliders.isEmpty() || !explored)
        return chosen.sliders;
    const QString chip = to_text(explored->leading().scenario.chip.name);
    return {u"context"_qs, u"target_tps"_qs, u"chip."_qs + chip + u".memory_bandwidth"_qs};
}

void Presentation::make_sliders()
{
    qDeleteAll(controls);
    controls.clear();
    control_keys.clear();
    for (const QString &name : slider_keys()) {
        const std::string key = name.toStdString();
        const std::optional<Variable> variable = variable_at(session.study(), key);
        if (!variable)
            continue;
        auto *slider = new ValueSlider(slider_spec(*variable->info));
        slider->set_label(to_text(variable->label)
            + (key.starts_with("chip.") ? tr(" of %1").arg(name.section(u'.', 1, -2)) : QString()));
        slider_row->addWidget(slider, 1);
        controls.push_back(slider);
        control_keys.push_back(key);
        connect(slider, &ValueSlider::value_changed, this, [this, slider, key](const QString &text) {
            if (const QString wrong = session.set(key, text); !wrong.isEmpty())
                slider->show_problem(wrong);
        });
    }
    show_values();
}

Presentation::Told Presentation::latest() const
{
    const QUndoStack &steps = session.history();
    return {session.card().id, steps.index() > 0 ? steps.command(steps.index() - 1) : nullptr};
}

void Presentation::follow_changes()
{
    const Told now = latest();
    const int index = session.history().index();
    const bool other_inputs = explored && explored->inputs.study != session.study();
    if (now != told && other_inputs) { // not the same drag going on
        before = explored;
        before_card = told.card;
        undone = index < step_index && now.card == told.card;
        step_told.clear();
    } else if (now != told) { // of pins, names, notes, picks or views; or a scenario with the same inputs
        const QUndoStack &steps = session.history();
        const bool back = index < step_index && index < steps.count(); // else the history begins again
        step_told = back                        ? tr("Undone – %1").arg(steps.text(index))
            : now.step && now.step != told.step ? steps.text(index - 1)
                                                : session.name_of(session.card());
        tell_change();
    }
    told = now;
    step_index = index;
}

void Presentation::show_values()
{
    for (std::size_t i = 0; i < controls.size(); ++i) {
        ValueSlider &slider = *controls[i];
        const std::optional<Variable> variable = variable_at(session.study(), control_keys[i]);
        const Baseline *baseline = baselines.primary();
        const std::optional<double> then = baseline ? value_in(*baseline, control_keys[i]) : std::nullopt;
        slider.setEnabled(variable.has_value());
        slider.set_value(variable && variable->stated
                ? quantity_of(variable->text(*variable->stated), variable->info->dimension)
                : std::nullopt);
        slider.set_baseline(then
                ? std::optional(ValueSlider::BaselineMark{*then, baseline->name, baseline->mark, false})
                : std::nullopt);
        slider.set_ghost(control_keys[i] == offered_key ? offered : std::nullopt);
    }
}

void Presentation::offer(const std::string &key, std::optional<double> si)
{
    offered_key = key;
    offered = si;
    show_values();
}

void Presentation::follow_cards()
{
    const std::vector<Card> &cards = session.cards();
    const auto place = &session.card() - cards.data() + 1;
    const QString name = session.name_of(session.card());
    scenario->setText(cards.size() > 1 ? tr("%1 of %2: %3").arg(place).arg(cards.size()).arg(name) : name);
    note->setText(to_text(session.card().note));
    note->setVisible(note_wanted && !note->text().isEmpty());
}

void Presentation::set_result(const std::shared_ptr<const Explored> &now, const PinnedBaselines &pinned)
{
    const bool first = !explored;
    explored = now;
    baselines = pinned;
    if (first)
        make_sliders();
    headline->set_result(explored, baselines);
    for (ChartView *chart : shown_charts)
        chart->set_result(explored, baselines);
    show_values();
    tell_number();
    tell_change();
}

// The headline's first number with its change; with nothing feasible, that.
void Presentation::tell_number()
{
    if (!explored)
        return;
    const HeadlineText text = headline_text(*explored, baselines);
    const HeadlineText::Part &part = text.parts.front();
    const bool serves = !part.numbers.empty();
    const QString lead =
        serves ? part.text.mid(0, part.numbers.front().start + part.numbers.front().length) : part.text;
    QString html = u"<span style='color:%1'>%2</span>"_qs.arg(
        (part.warning ? theme->warning : theme->text).name(), lead.toHtmlEscaped());
    if (!part.changes.empty() && part.changes.front().start < part.numbers.back().start) {
        const auto &span = part.changes.front();
        html += u" <span style='color:%1'>%2</span>"_qs.arg(
            (span.slight ? theme->muted : theme->change(span.better)).name(),
            part.text.mid(span.start, span.length).toHtmlEscaped());
    }
    number->setText(html);
    write_large();
}

QString Presentation::figure() const
{
    return QTextDocumentFragment::fromHtml(number->text()).toPlainText();
}

void Presentation::tell_change()
{
    told_change = step_told.isEmpty() ? change_of_inputs() : step_told;
    write_large();
}

// "Memory bandwidth of H800 4.0 → 4.8 TB/s: ▲ +14 %"; of a scenario its name too.
QString Presentation::change_of_inputs() const
{
    if (!before || !explored || explored->inputs.study == before->inputs.study)
        return {};
    const ChipView &now = explored->leading(), &then = before->leading();
    QString text = change_name(before->inputs.study, explored->inputs.study).text;
    if (undone)
        text = tr("Undone – %1").arg(text);
    else if (before_card != session.card().id)
        text = tr("%1 – %2", "scenario, what differs").arg(session.name_of(session.card()), text);
    const std::optional<ValueChange> difference =
        change_of(then.shown.throughput_per_card, now.shown.throughput_per_card);
    if (!now.estimate.feasible())
        text = tr("%1: nothing is feasible").arg(text);
    else if (!then.estimate.feasible())
        text = tr("%1: %2 per card, where nothing served").arg(text, rate_text(now.shown.throughput_per_card));
    else if (difference)
        text = tr("%1: %2").arg(text, change_text(*difference));
    return text;
}

QString Presentation::caption() const
{
    return told_change;
}

void Presentation::follow_choice_of_colours()
{
    theme = chosen.dark ? &Theme::night() : &Theme::light();
    setPalette(theme->palette());
    headline->set_theme(*theme);
    for (ChartView *chart : shown_charts)
        chart->set_theme(*theme);
    QPalette muted = palette();
    muted.setColor(QPalette::WindowText, theme->muted);
    keys->setPalette(muted);
    tell_number();
}

// To be read from the last row.
void Presentation::write_large()
{
    constexpr double lines = 50, columns = 88,
                     smallest = 12; // of text from top to bottom, of ems from left to right; px
    const double pixels = std::max(smallest, std::min(height() / lines, width() / columns));
    QFont large = font();
    large.setPointSizeF(pixels * points_per_inch / logicalDpiY());
    setFont(large);
    QFont caption = large;
    caption.setPointSizeF(1.3 * large.pointSizeF());
    caption.setBold(true);
    QFont half = caption;
    half.setPointSizeF(large.pointSizeF());
    // As high whatever it says, so that the charts stay where they are.
    change->setFixedHeight(std::max(tallest_line(caption), 2 * tallest_line(half)));
    const QFont fitting = fitting_line(told_change, caption, half.pointSizeF(), width());
    const bool fits = QFontMetricsF(fitting).horizontalAdvance(told_change) <= width();
    change->setFont(fits ? fitting : half);
    change->setText(fits ? told_change : in_two_lines(told_change, half, width()));
    change->setAccessibleDescription(told_change);
    // 48 pt where the screen has 1080 lines, less only where the width asks for it.
    constexpr double lines_of_figure = 1080 / 64.0, smallest_figure = 1.3; // of the large type
    QFont huge = large;
    huge.setBold(true);
    huge.setPointSizeF(height() / lines_of_figure * points_per_inch / logicalDpiY());
    number->setMinimumHeight(tallest_line(huge));
    const QFont of_number = fitting_line(figure(), huge, smallest_figure * large.pointSizeF(), width());
    number->setFont(of_number);
    number->setWordWrap(QFontMetricsF(of_number).horizontalAdvance(figure()) > width());
}

void Presentation::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    blank->setGeometry(rect());
    write_large();
}

void Presentation::step(int by)
{
    const std::vector<Card> &cards = session.cards();
    const auto next = &session.card() - cards.data() + by;
    if (next < 0 || next >= std::ssize(cards))
        return;
    session.show_card(cards[static_cast<std::size_t>(next)].id);
}

// A clicker's keys are for the scenarios wherever the keyboard is; a slider that has been dragged gives the rest back.
bool Presentation::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::KeyPress:
    case QEvent::KeyRelease:
        if (static_cast<QKeyEvent *>(event)->key() == Qt::Key_Control && isActiveWindow())
            point(event->type() == QEvent::KeyPress);
        break;
    case QEvent::MouseMove:
        if (dot->isVisible())
            point(static_cast<QMouseEvent *>(event)->modifiers().testFlag(Qt::ControlModifier));
        break;
    case QEvent::WindowDeactivate:
        point(false);
        break;
    default:
        break;
    }
    const bool own = std::find(controls.begin(), controls.end(), watched) != controls.end();
    if (own && event->type() == QEvent::KeyPress) {
        auto *pressed = static_cast<QKeyEvent *>(event);
        if (pressed->key() == Qt::Key_PageUp || pressed->key() == Qt::Key_PageDown) {
            keyPressEvent(pressed);
            return true;
        }
    }
    if ((own || watched == blank) && event->type() == QEvent::MouseButtonRelease)
        setFocus();
    if (event->type() == QEvent::MouseButtonPress && watched == blank) {
        set_blank(false);
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void Presentation::point(bool held)
{
    const int size = height() / 30;
    dot->resize(size, size);
    dot->move(mapFromGlobal(QCursor::pos()) - QPoint(size / 2, size / 2));
    dot->setVisible(held);
    dot->raise();
}

// The audience looks at who speaks.
void Presentation::set_blank(bool is_blank)
{
    blank->setVisible(is_blank);
    blank->raise();
}

void Presentation::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    setFocus();
}

void Presentation::keyPressEvent(QKeyEvent *event)
{
    set_blank(event->key() == Qt::Key_Period && blank->isHidden()); // any key brings the picture back
    switch (event->key()) {
    case Qt::Key_Period:
        break;
    case Qt::Key_Right:
    case Qt::Key_Down:
    case Qt::Key_PageDown:
    case Qt::Key_Space:
        step(1);
        break;
    case Qt::Key_Left:
    case Qt::Key_Up:
    case Qt::Key_PageUp:
    case Qt::Key_Backspace:
        step(-1);
        break;
    case Qt::Key_N:
        note_wanted = !note_wanted;
        follow_cards();
        break;
    case Qt::Key_Escape:
    case Qt::Key_F5:
        close();
        break;
    default:
        event->ignore();
        return;
    }
    event->accept();
}

std::vector<std::string> Presentation::all_keys() const
{
    std::vector<std::string> found;
    if (!explored)
        return found;
    for (const Variable &variable : scalable_variables(with_chip(session.study(), explored->leading().chip)))
        found.push_back(variable.key);
    return found;
}

void Presentation::show_slider(const QString &key)
{
    PresentationChoice other = chosen;
    other.sliders = slider_keys();
    if (other.sliders.contains(key))
        return;
    other.sliders << key;
    other.sliders =
        other.sliders.mid(std::max<qsizetype>(0, other.sliders.size() - most_sliders)); // the oldest gives way
    set_choice(other);
}

void Presentation::hide_slider(const QString &key)
{
    PresentationChoice other = chosen;
    other.sliders = slider_keys();
    other.sliders.removeOne(key);
    set_choice(other);
}

QMenu *Presentation::menu()
{
    auto *all = new QMenu(this);
    all->setAttribute(Qt::WA_DeleteOnClose);
    const auto add_charts = [&](const QString &title, QString PresentationChoice::*side, bool may_be_none) {
        QMenu *menu = all->addMenu(title);
        auto *group = new QActionGroup(menu);
        const auto add = [&](const QString &text, const QString &id) {
            QAction *action = group->addAction(menu->addAction(text, this, [this, side, id] {
                PresentationChoice other = chosen;
                other.*side = id;
                set_choice(other);
            }));
            action->setCheckable(true);
            action->setChecked(chosen.*side == id);
        };
        for (const ChartKind &kind : chart_kinds()) {
            if (kind.presentable)
                add(chart_title(kind.id), to_text(kind.id));
        }
        if (may_be_none)
            add(tr("None"), {});
    };
    add_charts(tr("&Left chart"), &PresentationChoice::left, false);
    add_charts(tr("&Right chart"), &PresentationChoice::right, true);
    QMenu *sliders_menu = all->addMenu(tr("&Sliders, three at most"));
    const QStringList shown = slider_keys();
    for (const std::string &key : all_keys()) {
        const std::optional<Variable> variable = variable_at(session.study(), key);
        const QString name = to_text(key);
        QAction *action = sliders_menu->addAction(variable ? to_text(variable->label) : name, this,
            [this, name, shown] { shown.contains(name) ? hide_slider(name) : show_slider(name); });
        action->setCheckable(true);
        action->setChecked(shown.contains(name));
    }
    all->addSeparator();
    QAction *dark = all->addAction(tr("&Dark"), this, [this] {
        PresentationChoice other = chosen;
        other.dark = !other.dark;
        set_choice(other);
    });
    dark->setCheckable(true);
    dark->setChecked(chosen.dark);
    all->addAction(tr("&Back (Esc)"), this, &QWidget::close);
    all->setPalette(palette());
    for (QMenu *each : all->findChildren<QMenu *>())
        each->setPalette(palette()); // windows of their own, which do not take it over
    return all;
}

void Presentation::contextMenuEvent(QContextMenuEvent *event)
{
    menu()->popup(event->globalPos());
}

void Presentation::closeEvent(QCloseEvent *event)
{
    QWidget::closeEvent(event);
    emit left();
}

} // namespace epscope
