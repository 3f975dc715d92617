// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/headline.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QAbstractButton>
#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QKeyEvent>
#include <QMetaMethod>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>
#include <QRegularExpression>
#include <QTextLayout>
#include <QTimer>

#include "app/charts/marks.h"
#include "app/look/plain_text.h"
#include "app/look/text_scale.h"
#include "app/views/fix_text.h"
#include "app/words/configuration.h"
#include "app/words/numbers.h"
#include "app/words/text.h"
#include "core/quantity.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

constexpr QChar no_break_space(0xa0), no_break_hyphen(0x2011);
const QString separator = QStringLiteral(" \u00b7 ");

// "3,703 tok/s", "28.9 tok/s".
QString tokens_per_second(double value)
{
    return Headline::tr("%1 tok/s").arg(rate_number(value));
}

QString target_text(double value)
{
    return to_text(compact_text(value, Dimension::tokens_per_second));
}

QString bytes(double value)
{
    return to_text(short_text(value, Dimension::bytes));
}

HeadlineText::Part effort(const Explored &explored)
{
    QString time = to_text(short_text(explored.seconds, Dimension::seconds, 2));
    time.replace(u" us"_qs, u" µs"_qs);
    return {Headline::tr("%1 configurations in %2").arg(whole_text(explored.outcome.configurations), time), false};
}

QString error_text(double part)
{
    return Headline::tr("%1 %").arg(std::max(1L, std::lround(100 * part)));
}

// Where the band behind the throughput comes from.
QString accuracy_text(const Explored &explored)
{
    const ChipView &view = explored.leading();
    if (!explored.validation)
        return {};
    const QString profile = to_text(view.scenario.profile.title);
    if (!is_calibrated(view.scenario.profile))
        return Headline::tr("No error band: the profile “%1” has not been fitted to measurements. The Validation chart "
                            "shows how far off it is.")
            .arg(profile);
    if (!view.accuracy)
        return Headline::tr("No error band: too few runs have been measured on chips of this class.");
    const Accuracy &accuracy = *view.accuracy;
    QStringList chips;
    for (const std::string &chip : accuracy.chips)
        chips << to_text(chip);
    const QString figures =
        Headline::tr("±%1: nine of ten of the profile's estimates for %2 are off by no more (mean %3).")
            .arg(error_text(accuracy.within),
                accuracy.basis == Accuracy::Basis::own
                    ? Headline::tr("%1 runs measured on this chip").arg(accuracy.runs)
                    : Headline::tr("%1 runs measured on chips of its class (%2)")
                          .arg(accuracy.runs)
                          .arg(chips.join(u", "_qs)),
                Headline::tr("%1 %").arg(100 * accuracy.mean_absolute, 0, 'f', 1));
    QStringList text{figures};
    switch (accuracy.basis) {
    case Accuracy::Basis::own:
        if (accuracy.seen)
            text << Headline::tr(
                "The profile was fitted to runs of this chip; under other conditions it may be off by more.");
        break;
    case Accuracy::Basis::left_out:
        text << Headline::tr("Each of them was estimated with a fit to the other chips: as little is known of this "
                             "one, or with these numbers.");
        break;
    case Accuracy::Basis::of_class:
        text << Headline::tr("This chip has not been measured, or not with these numbers, and may be off by more.");
        break;
    }
    const std::vector<MeasuredCase> &cases = explored.inputs.measured->cases;
    const Model &model = view.scenario.model;
    if (std::none_of(
            cases.begin(), cases.end(), [&](const MeasuredCase &one) { return same_shapes(one.model, model); }))
        text << Headline::tr("No run of %1 has been measured.").arg(to_text(model.name));
    return text.join(u' ');
}

double share_of(const BoundShares &shares, Bound bound)
{
    return bound == Bound::compute ? shares.compute : bound == Bound::memory ? shares.memory : shares.network;
}

// With nothing feasible: what stands in the way of the configuration that comes nearest.
std::vector<HeadlineText::Part> why_nothing(const Explored &explored)
{
    const Study &study = explored.searched;
    const Miss &miss = *explored.miss;
    const QString place =
        chip_with_point_text(to_text(study.chips[miss.nearest.chip].name), miss.nearest.point, &study.search);
    switch (miss.lacks.reason) {
    case Reason::target:
        return {
            {Headline::tr("Nothing that fits in memory reaches %1 per user").arg(target_text(miss.lacks.needed)), true},
            {Headline::tr("the fastest, %1, reaches %2").arg(place, tokens_per_second(miss.lacks.available)), false}};
    case Reason::memory:
        return {{Headline::tr("No configuration fits in memory"), true},
            {Headline::tr("%1 needs %2 of %3: %4 missing")
                    .arg(place, bytes(miss.lacks.needed), bytes(miss.lacks.available), bytes(miss.lacks.missing())),
                false}};
    case Reason::shape:
    case Reason::ep:
        break;
    }
    return {{Headline::tr("No configuration is feasible"), true}, {to_text(text_of(miss.lacks)), false}};
}

// The two rates, each followed by its difference to the baseline if there is one to tell.
HeadlineText::Part rates_part(const Explored &explored, const PinnedBaselines &baselines)
{
    const ChipView &view = explored.leading();
    const Estimate &full = view.estimate;
    const Baseline *baseline = full.feasible() ? baselines.primary() : nullptr;
    const ChipChange compared = baseline ? chip_change(*baseline, view) : ChipChange{};
    HeadlineText::Part part;
    const auto append_change = [&](double now, double Estimate::*value, std::string_view name) {
        const std::optional<ValueChange> change =
            compared ? change_of(compared.before->estimate.*value, now) : std::nullopt;
        if (!change)
            return;
        const QString text = change_text(*change);
        part.changes.push_back(
            {part.text.size() + 1, text.size(), change->slight(baselines.threshold), change->now > change->before});
        part.text += u' ';
        part.append_number(text, name);
    };
    part.text = explored.exact ? QString() : u"≈ "_qs;
    part.append_number(
        Headline::tr("%1 per card").arg(tokens_per_second(full.throughput_per_card)), output::throughput);
    if (view.accuracy) {
        part.text += u' ';
        part.append_number(Headline::tr("±%1").arg(error_text(view.accuracy->within)), "error_band");
    }
    append_change(full.throughput_per_card, &Estimate::throughput_per_card, output::throughput);
    part.text += Headline::tr(" at ");
    part.append_number(Headline::tr("%1 per user").arg(tokens_per_second(full.ux_tps)), output::ux_tps);
    append_change(full.ux_tps, &Estimate::ux_tps, output::ux_tps);
    if (compared)
        part.text += Headline::tr(" vs %1").arg(baseline->name);
    else if (baseline)
        part.text += Headline::tr(" (%1)").arg(compared.problem);
    return part;
}

} // namespace

void HeadlineText::Part::append_number(const QString &piece, std::string_view name)
{
    numbers.push_back({text.size(), piece.size(), std::string(name)});
    text += piece;
}

QString HeadlineText::plain() const
{
    QString text = chip.isEmpty() ? QString() : Headline::tr("%1: ").arg(chip);
    for (std::size_t i = 0; i < parts.size(); ++i)
        text += (i == 0 ? QString() : separator) + parts[i].text;
    return text;
}

HeadlineText headline_text(const Explored &explored, const PinnedBaselines &baselines)
{
    HeadlineText result;
    const ChipView &view = explored.leading();
    const bool selected = explored.inputs.selection.has_value();
    if (explored.outcome.feasible == 0 && !selected) {
        result.parts = why_nothing(explored);
        result.parts.push_back(effort(explored));
        return result;
    }
    const Estimate &full = view.estimate;
    const Point &point = view.shown.point;
    const QString name = to_text(view.scenario.chip.name);
    result.chip = selected ? Headline::tr("%1 (selected)").arg(name) : name;
    result.chip_mark = view.mark;
    result.accuracy = accuracy_text(explored);
    result.parts.push_back(rates_part(explored, baselines));
    const auto add = [&](const std::vector<std::pair<QString, std::string_view>> &pieces, bool warning = false) {
        HeadlineText::Part &part = result.parts.emplace_back();
        part.warning = warning;
        for (const auto &[piece, number] : pieces) {
            part.text += part.text.isEmpty() ? QString() : u", "_qs;
            part.append_number(piece, number);
        }
    };
    const auto add_axes = [&](std::initializer_list<AxisId> axes) {
        std::vector<std::pair<QString, std::string_view>> pieces;
        for (const AxisId axis : axes) {
            if (!is_told(axis_of(axis), point, &explored.searched.search))
                continue;
            for (const AxisColumn &column : axis_of(axis).columns)
                pieces.emplace_back(text_of(column, point), column.explained);
        }
        add(pieces);
    };
    add_axes({AxisId::tp, AxisId::mode, AxisId::ep, AxisId::batch});
    add_axes({AxisId::policy, AxisId::precision, AxisId::mtp_len});
    const Bound bound = full.bound.largest();
    add({{Headline::tr("bound by %1 (%2 %)")
              .arg(to_text(name_of(bound)))
              .arg(std::lround(100 * share_of(full.bound, bound) / full.step_s)),
        output::bound_by}});
    if (full.memory.free >= 0)
        add({{Headline::tr("%1 free").arg(bytes(full.memory.free)), output::free_memory}});
    for (const Infeasible &infeasible : full.infeasible) {
        switch (infeasible.reason) {
        case Reason::memory:
            add({{Headline::tr("does not fit: %1 missing").arg(bytes(infeasible.missing())), output::free_memory}},
                true);
            break;
        case Reason::target:
            add({{Headline::tr("below the target of %1").arg(target_text(infeasible.needed)), output::ux_tps}}, true);
            break;
        case Reason::shape:
        case Reason::ep:
            result.parts.push_back({to_text(text_of(infeasible)), true});
            break;
        }
    }
    result.parts.push_back(effort(explored));
    return result;
}

// Draws the sentence as large as two lines allow. A click on one of its numbers asks where it comes from; so does
// Enter, the arrows choosing it.
class SentenceButton : public QAbstractButton {
public:
    explicit SentenceButton(Headline *parent)
        : QAbstractButton(parent)
        , headline(*parent)
        , colours(&Theme::light())
    {
        setFocusPolicy(Qt::StrongFocus);
        setMouseTracking(true);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        copied_for.setSingleShot(true);
        copied_for.setInterval(1500);
        connect(&copied_for, &QTimer::timeout, this, [this] {
            setAccessibleDescription(what_keys_do());
            update();
        });
        connect(this, &QAbstractButton::clicked, parent, [this, parent] {
            if (const auto number = by_mouse ? pointed : current_number())
                emit parent->explanation_wanted(*number);
        });
        setAccessibleDescription(what_keys_do());
    }

    void copy()
    {
        QApplication::clipboard()->setText(content.plain());
        setAccessibleDescription(Headline::tr("Copied"));
        copied_for.start();
        update();
    }

    std::optional<Explainable> number_at(const QPointF &position) const
    {
        const std::optional<std::size_t> found = place_at(position);
        return found ? std::optional(Explainable{places[*found].name}) : std::nullopt;
    }
    std::optional<Explainable> current_number() const
    {
        return current < places.size() ? std::optional(Explainable{places[current].name}) : std::nullopt;
    }
    // In pixels, of its first line.
    QRectF area_of(std::string_view name) const
    {
        const auto found =
            std::find_if(places.begin(), places.end(), [&](const Place &place) { return place.name == name; });
        if (found == places.end())
            return {};
        const QTextLine line = text_layout.lineForTextPosition(found->start);
        const int end = std::min(found->start + found->length, line.textStart() + line.textLength());
        const double left = line.cursorToX(found->start), right = line.cursorToX(end);
        return QRectF(left, top() + line.y(), right - left, line.height());
    }

    void show_text(HeadlineText now)
    {
        if (now == content)
            return;
        const bool like_before = now.chip == content.chip && now.parts.size() == content.parts.size();
        content = std::move(now);
        const QString plain = content.plain();
        setAccessibleName(plain);
        const QString details = content.accuracy.isEmpty() ? plain : plain + u'\n' + content.accuracy;
        const QString hint = headline.explains()
            ? u'\n' + Headline::tr("Click on a number: where it comes from. Ctrl+C copies the sentence.")
            : QString();
        setToolTip(u"<p>%1</p>"_qs.arg(QString(details + hint).toHtmlEscaped().replace(u'\n', u"</p><p>"_qs)));
        lay_out(like_before);
    }

    void set_theme(const Theme &theme)
    {
        colours = &theme;
        lay_out(true);
    }

    // Room that others need below the sentence, in which it then has but one line.
    void leave_room(int room)
    {
        if (room == left_room)
            return;
        left_room = room;
        lay_out(false);
    }

    const HeadlineText &shown() const { return content; }
    // Two lines as large as they get, whatever the sentence is, so that nothing below jumps; more only where that does
    // not do.
    QSize sizeHint() const override
    {
        const double two_lines = 2 * tallest_line(large(0)) + 2 * margin();
        return {0, static_cast<int>(std::ceil(std::max(two_lines - left_room, text_height + 2 * margin())))};
    }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void resizeEvent(QResizeEvent *event) override
    {
        QAbstractButton::resizeEvent(event);
        if (event->size().width() != event->oldSize().width())
            lay_out(false);
    }

    void changeEvent(QEvent *event) override
    {
        QAbstractButton::changeEvent(event);
        if (event->type() == QEvent::FontChange)
            lay_out(false);
    }

    void keyPressEvent(QKeyEvent *event) override
    {
        by_mouse = false;
        if (event->matches(QKeySequence::Copy)) {
            copy();
        } else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
            click();
        } else if ((event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) && !places.empty()) {
            const std::size_t step = event->key() == Qt::Key_Right ? 1 : places.size() - 1;
            current = (current + step) % places.size();
            by_keyboard = true;
            update();
        } else {
            QAbstractButton::keyPressEvent(event);
        }
    }

    void mousePressEvent(QMouseEvent *event) override
    {
        by_mouse = true;
        pointed = number_at(event->position());
        QAbstractButton::mousePressEvent(event);
    }

    void mouseMoveEvent(QMouseEvent *event) override
    {
        point_at(place_at(event->position()));
        QAbstractButton::mouseMoveEvent(event);
    }

    void leaveEvent(QEvent *event) override
    {
        point_at(std::nullopt);
        QAbstractButton::leaveEvent(event);
    }

    void focusInEvent(QFocusEvent *event) override
    {
        by_keyboard = event->reason() != Qt::MouseFocusReason && event->reason() != Qt::ActiveWindowFocusReason;
        QAbstractButton::focusInEvent(event);
    }

    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QRectF frame = QRectF(rect()).adjusted(1, 1, -1, -1);
        painter.setPen(hasFocus() && by_keyboard ? QPen(colours->accent, 2) : QPen(Qt::NoPen));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(frame, 4, 4);
        const double em = QFontMetricsF(large(scale)).ascent();
        if (!content.parts.empty())
            draw_mark(painter, QRectF(margin(), top() + 0.18 * em, 0.75 * em, 0.75 * em));
        QList<QTextLayout::FormatRange> special = dots_at_line_ends;
        const std::optional<std::size_t> marked = under_mouse ? under_mouse
            : hasFocus() && by_keyboard                       ? std::optional(current)
                                                              : std::nullopt;
        if (marked && *marked < places.size()) {
            QTextCharFormat lines;
            lines.setFontUnderline(true);
            special.append({places[*marked].start, places[*marked].length, lines});
        }
        text_layout.draw(&painter, QPointF(0, top()), special);
        if (copied_for.isActive())
            draw_copied(painter);
    }

private:
    // Times the base font: the largest with which the sentence takes no more than two lines.
    static constexpr std::array<double, 4> scales{1.7, 1.5, 1.35, 1.2};

    const Headline &headline;
    HeadlineText content;
    const Theme *colours;
    QTextLayout text_layout;
    QList<QTextLayout::FormatRange> dots_at_line_ends; // separate nothing there and are not seen
    QTimer copied_for;
    std::size_t scale = 0;
    double text_height = 0;
    int left_room = 0;
    bool by_keyboard = false; // whether the focus came so, and is to be seen
    struct Place { // of a number in the text
        int start = 0, length = 0;
        std::string name;
    };
    std::vector<Place> places;
    std::size_t current = 0; // of `places`, for the keyboard
    std::optional<std::size_t> under_mouse;
    bool by_mouse = false; // it was pressed last
    std::optional<Explainable> pointed; // then

    static QString what_keys_do()
    {
        return Headline::tr("Left and right choose a number, Enter explains it, Ctrl+C copies the sentence");
    }

    double top() const { return (height() - text_height) / 2; }

    void point_at(std::optional<std::size_t> place)
    {
        if (place == under_mouse || !headline.explains())
            return;
        under_mouse = place;
        setCursor(place ? Qt::PointingHandCursor : Qt::ArrowCursor);
        update();
    }

    std::optional<std::size_t> place_at(const QPointF &position) const
    {
        for (int i = 0; i < text_layout.lineCount(); ++i) {
            const QTextLine line = text_layout.lineAt(i);
            const QRectF area = line.naturalTextRect().translated(0, top());
            if (!area.contains(position))
                continue;
            const int at = line.xToCursor(position.x(), QTextLine::CursorOnCharacter);
            const auto found = std::find_if(places.begin(), places.end(),
                [&](const Place &place) { return at >= place.start && at < place.start + place.length; });
            if (found != places.end())
                return static_cast<std::size_t>(found - places.begin());
        }
        return std::nullopt;
    }

    double margin() const { return 0.4 * QFontMetricsF(font()).height(); }

    QFont large(std::size_t index) const
    {
        QFont result = font();
        if (result.pointSizeF() > 0)
            result.setPointSizeF(result.pointSizeF() * scales[index]);
        else
            result.setPixelSize(static_cast<int>(std::lround(result.pixelSize() * scales[index])));
        return result;
    }

    // New numbers in the same words never make the sentence larger.
    void lay_out(bool only_numbers)
    {
        if (width() <= 0)
            return;
        const int most_lines = left_room > 0 ? 1 : 2;
        if (!only_numbers)
            scale = 0;
        for (;; ++scale) {
            text_height = fill(Breaks::parts);
            if (text_layout.lineCount() > most_lines)
                text_height = fill(Breaks::phrases);
            const bool has_room =
                text_layout.lineCount() <= most_lines && text_height + left_room <= 2 * tallest_line(large(0));
            if (has_room || scale + 1 == scales.size())
                break;
        }
        const int needed = sizeHint().height();
        if (needed != height())
            setFixedHeight(needed);
        update();
    }

    // Where lines may break: between the parts only, or also behind the commas. A piece that is too long by itself
    // breaks anywhere.
    enum class Breaks { parts, phrases };

    double fill(Breaks breaks)
    {
        const QFont used = large(scale);
        const QFontMetricsF metrics(used);
        QFont bold = used;
        bold.setBold(true);
        const QFontMetricsF heaviest(bold);
        const double left = margin() + 1.1 * metrics.ascent();
        const double room = std::max(10.0, width() - left - margin());

        QString text;
        QList<QTextLayout::FormatRange> formats;
        const auto append = [&](const QString &piece, const QColor &colour, bool heavy) {
            QTextCharFormat format;
            format.setForeground(colour);
            if (heavy)
                format.setFontWeight(QFont::Bold);
            formats.append({static_cast<int>(text.size()), static_cast<int>(piece.size()), format});
            text += piece;
        };
        const auto unbroken = [&](QString piece) {
            if (heaviest.horizontalAdvance(piece) > room) {
                static const QRegularExpression before_unit(QStringLiteral("(?<=\\d) (?=[^\\d\\s])"));
                return piece.replace(before_unit, QString(no_break_space));
            }
            piece.replace(u' ', no_break_space).replace(u'-', no_break_hyphen);
            if (breaks == Breaks::phrases)
                piece.replace(QString(u',') + no_break_space, u", "_qs);
            return piece;
        };
        places.clear();
        const QString chip = content.chip.isEmpty() ? QString() : Headline::tr("%1: ").arg(content.chip);
        for (std::size_t i = 0; i < content.parts.size(); ++i) {
            const HeadlineText::Part &part = content.parts[i];
            const QString piece = unbroken(i == 0 ? chip + part.text : part.text);
            if (i > 0)
                append(QString(no_break_space) + u"\u00b7 "_qs, colours->muted, false);
            const auto chip_size = i == 0 ? chip.size() : 0;
            if (chip_size > 0)
                append(piece.left(chip_size), colours->text, true);
            const bool last = i + 1 == content.parts.size();
            const auto start = text.size();
            append(piece.mid(chip_size),
                part.warning ? colours->warning
                    : last   ? colours->muted
                             : colours->text,
                part.warning);
            for (const HeadlineText::Part::NumberSpan &number : part.numbers)
                places.push_back(
                    {static_cast<int>(start + number.start), static_cast<int>(number.length), number.name});
            for (const auto &change : part.changes) {
                QTextCharFormat format;
                format.setForeground(change.slight ? colours->muted : colours->change(change.better));
                formats.append({static_cast<int>(start + change.start), static_cast<int>(change.length), format});
            }
        }

        if (content.parts.empty())
            append(Headline::tr("Searching…"), colours->muted, false);

        text_layout.setFont(used);
        text_layout.setText(text);
        text_layout.setFormats(formats);
        QTextOption option;
        option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
        text_layout.setTextOption(option);
        text_layout.beginLayout();
        double y = 0;
        for (QTextLine line = text_layout.createLine(); line.isValid(); line = text_layout.createLine()) {
            line.setLineWidth(room);
            line.setPosition({left, y});
            y += line.height();
        }
        text_layout.endLayout();
        dots_at_line_ends.clear();
        QTextCharFormat unseen;
        unseen.setForeground(Qt::transparent);
        for (int i = 0; i + 1 < text_layout.lineCount(); ++i) {
            const int end = text_layout.lineAt(i + 1).textStart();
            if (end > 1 && text[end - 2] == u'\u00b7')
                dots_at_line_ends.append({end - 2, 1, unseen});
        }
        return y;
    }

    // The chip's colour, or a warning sign.
    void draw_mark(QPainter &painter, const QRectF &place) const
    {
        painter.setPen(Qt::NoPen);
        if (!content.chip.isEmpty()) {
            painter.setBrush(colours->chip(content.chip_mark));
            painter.drawRoundedRect(place, 2, 2);
            return;
        }
        painter.setBrush(colours->warning);
        painter.drawPolygon(QPolygonF{{place.center().x(), place.top()}, place.bottomRight(), place.bottomLeft()});
        painter.setPen(QPen(colours->surface, place.width() / 8, Qt::SolidLine, Qt::RoundCap));
        const double x = place.center().x();
        painter.drawLine(
            QPointF(x, place.top() + 0.4 * place.height()), QPointF(x, place.top() + 0.65 * place.height()));
        painter.drawPoint(QPointF(x, place.top() + 0.85 * place.height()));
    }

    void draw_copied(QPainter &painter) const
    {
        const QString text = Headline::tr("Copied");
        const QFontMetricsF metrics(font());
        QRectF pill(0, 0, metrics.horizontalAdvance(text) + 1.2 * metrics.height(), 1.4 * metrics.height());
        pill.moveBottomRight(QRectF(rect()).bottomRight() - QPointF(margin(), margin() / 2));
        painter.setPen(Qt::NoPen);
        painter.setBrush(colours->accent);
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2);
        painter.setFont(font());
        painter.setPen(colours->surface);
        painter.drawText(pill, Qt::AlignCenter, text);
    }
};

// Buttons side by side, in as many rows as the width asks for.
class FixRow : public QWidget {
public:
    using QWidget::QWidget;

    // `room` is the width there is for them.
    void set_fixes(const std::vector<Fix> &now, int room, Headline *headline)
    {
        if (now == fixes)
            return;
        fixes = now;
        while (buttons.size() > fixes.size()) {
            delete buttons.back();
            buttons.pop_back();
        }
        while (buttons.size() < fixes.size()) {
            auto *button = new QPushButton(this);
            const std::size_t index = buttons.size();
            connect(button, &QPushButton::clicked, headline, [this, index, headline] {
                const Fix chosen = fixes[index];
                emit headline->fix_chosen(to_text(chosen.key), to_text(chosen.value));
            });
            button->show();
            buttons.push_back(button);
        }
        for (std::size_t i = 0; i < fixes.size(); ++i) {
            const QString text = fix_text(fixes[i]);
            buttons[i]->setText(text);
            buttons[i]->setAccessibleName(text);
            buttons[i]->setToolTip(
                shown_as_is(Headline::tr("Sets %1 to %2").arg(to_text(fixes[i].key), to_text(fixes[i].value))));
        }
        resize(room, height());
        setVisible(!fixes.empty());
        place();
    }

    int height_needed() const { return fixes.empty() ? 0 : height(); }

protected:
    void resizeEvent(QResizeEvent *event) override
    {
        QWidget::resizeEvent(event);
        if (event->size().width() != event->oldSize().width())
            place();
    }

    void changeEvent(QEvent *event) override
    {
        QWidget::changeEvent(event);
        if (event->type() == QEvent::FontChange)
            place();
    }

private:
    std::vector<Fix> fixes;
    std::vector<QPushButton *> buttons;

    void place()
    {
        const int gap = fontMetrics().height() / 2;
        int x = gap, y = 0, row = 0;
        for (QPushButton *button : buttons) {
            const QSize size = button->sizeHint();
            if (x > gap && x + size.width() > width() - gap) {
                x = gap;
                y += row + gap / 2;
            }
            button->setGeometry(x, y, std::min(size.width(), std::max(gap, width() - 2 * gap)), size.height());
            x += size.width() + gap;
            row = size.height();
        }
        setFixedHeight(y + row + gap);
    }
};

Headline::Headline(QWidget *parent)
    : QWidget(parent)
    , colours(&Theme::light())
    , sentence(new SentenceButton(this))
    , fix_row(new FixRow(this))
    , progress_box(new QWidget(this))
    , progress(new QProgressBar(this))
    , until_progress(new QTimer(this))
{
    setAccessibleName(tr("Headline"));
    fix_row->hide();
    fix_row->installEventFilter(this);

    progress->setRange(0, 100);
    progress->setFormat(tr("Searching, %p %"));
    progress->setAlignment(Qt::AlignCenter);
    progress->setAccessibleName(tr("Progress of the search"));
    progress->setMinimumWidth(progress->fontMetrics().horizontalAdvance(tr("Searching, %p %")) * 3 / 2);
    auto *cancel = new QPushButton(tr("Cancel"), progress_box);
    cancel->setToolTip(tr("Stops the search; what is shown stays"));
    cancel->setAccessibleName(tr("Cancel the search"));
    connect(cancel, &QPushButton::clicked, this, &Headline::cancel_requested);
    auto *of_progress = new QHBoxLayout(progress_box);
    of_progress->setContentsMargins(8, 2, 8, 2);
    of_progress->addWidget(progress);
    of_progress->addWidget(cancel);
    progress_box->hide();

    // A search that is over soon shows no progress.
    constexpr int soon_ms = 300;
    until_progress->setSingleShot(true);
    until_progress->setInterval(soon_ms);
    connect(until_progress, &QTimer::timeout, progress_box, &QWidget::show);
}

void Headline::set_theme(const Theme &theme)
{
    colours = &theme;
    sentence->set_theme(theme);
    update();
}

void Headline::leave_out_effort()
{
    effort_shown = false;
    if (shown)
        set_explored(shown);
}

void Headline::set_explored(std::shared_ptr<const Explored> explored)
{
    shown = std::move(explored);
    fix_row->set_fixes(shown->fixes, sentence->width(), this);
    sentence->leave_room(fix_row->height_needed());
    HeadlineText text = headline_text(*shown, pinned);
    if (!effort_shown)
        text.parts.pop_back();
    sentence->show_text(std::move(text));
}

void Headline::set_result(std::shared_ptr<const Explored> explored, const PinnedBaselines &baselines)
{
    pinned = baselines;
    set_explored(std::move(explored));
}

std::optional<Explainable> Headline::number_at(const QPoint &global) const
{
    return sentence->number_at(sentence->mapFromGlobal(global));
}

std::optional<Explainable> Headline::current_number() const
{
    return sentence->current_number();
}

QRectF Headline::area_of(std::string_view name) const
{
    return sentence->area_of(name).translated(sentence->pos());
}

QWidget &Headline::faded() const
{
    return *sentence;
}

bool Headline::explains() const
{
    return isSignalConnected(QMetaMethod::fromSignal(&Headline::explanation_wanted));
}

void Headline::copy()
{
    sentence->copy();
}

QString Headline::text() const
{
    return sentence->shown().plain();
}

void Headline::set_progress(double fraction)
{
    progress->setValue(static_cast<int>(100 * std::clamp(fraction, 0.0, 1.0)));
    if (fraction >= 1) {
        until_progress->stop();
        progress_box->hide();
    } else if (progress_box->isHidden() && !until_progress->isActive()) {
        until_progress->start();
    }
}

bool Headline::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == fix_row && event->type() == QEvent::Resize)
        sentence->leave_room(fix_row->height_needed());
    return QWidget::eventFilter(watched, event);
}

bool Headline::event(QEvent *event)
{
    if (event->type() == QEvent::LayoutRequest)
        place();
    return QWidget::event(event);
}

void Headline::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    place();
}

// By hand: a layout would pass every change inside on to the window, which then paints itself again even where the
// height stays.
void Headline::place()
{
    constexpr QMargins margins(4, 2, 4, 3);
    const int inner = std::max(0, width() - margins.left() - margins.right());
    const QSize box = progress_box->isHidden() ? QSize(0, 0) : progress_box->sizeHint();
    // Next to the sentence where there is room, else below it.
    const bool beside = inner >= 110 * fontMetrics().averageCharWidth() + progress_box->sizeHint().width();
    const int room = beside ? inner - box.width() : inner;
    sentence->setGeometry(margins.left(), margins.top(), room, sentence->height());
    fix_row->setGeometry(margins.left(), margins.top() + sentence->height(), room, fix_row->height());
    const int texts = sentence->height() + fix_row->height_needed();
    const int content = beside ? std::max(texts, box.height()) : texts + box.height();
    if (beside)
        progress_box->setGeometry(
            margins.left() + room, margins.top() + (content - box.height()) / 2, box.width(), box.height());
    else
        progress_box->setGeometry(margins.left(), margins.top() + texts, room, box.height());
    if (const int needed = content + margins.top() + margins.bottom(); needed != height())
        setFixedHeight(needed);
}

void Headline::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), colours->surface);
    painter.fillRect(0, height() - 1, width(), 1, colours->grid);
}

} // namespace epscope
