// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/chip_assistant.h"

#include <algorithm>
#include <cmath>

#include <QDir>
#include <QFile>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>

#include "app/controls/inline_message.h"
#include "app/controls/parameter_controls.h"
#include "app/controls/value_slider.h"
#include "app/files/save_file.h"
#include "app/look/plain_text.h"
#include "app/session/baselines.h"
#include "app/words/text.h"
#include "core/io/study_writer.h"
#include "core/spec/named.h"

namespace epscope {
namespace {

const Parameter &parameter_of(const AskedNumber &asked)
{
    return *find_parameter(asked.key.starts_with("nic.") ? std::string(asked.key) : "chip." + std::string(asked.key));
}

QString title_of(AskedGroup group)
{
    switch (group) {
    case AskedGroup::compute:
        return ChipAssistant::tr("Compute");
    case AskedGroup::memory:
        return ChipAssistant::tr("Memory");
    case AskedGroup::softmax:
        return ChipAssistant::tr("Softmax");
    case AskedGroup::links:
        return ChipAssistant::tr("Links");
    }
    return {};
}

const Field<Chip> *field_of(std::string_view key)
{
    for (const Field<Chip> &field : fields<Chip>()) {
        if (field.info.key == key)
            return &field;
    }
    return nullptr;
}

// As wide as its longest choice, whatever room there is.
void keep_whole(ChoiceBox &box)
{
    box.setSizeAdjustPolicy(QComboBox::AdjustToContents);
    box.setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
}

QString value_text(double si, Dimension dimension)
{
    return to_text(dimension == Dimension::count ? exact_text(si) : short_text(si, dimension, 4));
}

} // namespace

// Where other chips stand on a logarithmic axis, and this one among them.
class PeerStrip : public QWidget {
public:
    PeerStrip(Dimension of, QWidget *parent)
        : QWidget(parent)
        , dimension(of)
    {
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }
    void show_values(std::vector<Peer> others, std::string of, std::optional<double> value)
    {
        peers = std::move(others);
        std::erase_if(peers, [](const Peer &peer) { return !(peer.value > 0); });
        comparable = std::move(of);
        own = value && *value > 0 ? value : std::nullopt;
        setAccessibleDescription(place());
        QStringList all;
        for (const Peer &peer : peers)
            all << u"%1: %2"_qs.arg(to_text(peer.chip), value_text(peer.value, dimension));
        setToolTip(shown_as_is(all.join(u'\n')));
        update();
    }
    QSize sizeHint() const override { return {30 * fontMetrics().averageCharWidth(), fontMetrics().height() + 16}; }
    QSize minimumSizeHint() const override { return {20 * fontMetrics().averageCharWidth(), sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent *) override
    {
        if (peers.empty())
            return;
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const Theme &theme = theme_of(*this);
        double low = std::log(peers.front().value), high = std::log(peers.back().value);
        if (own) {
            low = std::min(low, std::log(*own));
            high = std::max(high, std::log(*own));
        }
        constexpr double edge = 6, axis = 9;
        const auto x_of = [&](double value) {
            return edge + (high > low ? (std::log(value) - low) / (high - low) : 0.5) * (width() - 2 * edge);
        };
        painter.setPen(QPen(theme.axis, 1));
        painter.drawLine(QPointF(edge, axis), QPointF(width() - edge, axis));
        for (const Peer &peer : peers) {
            const bool is_comparable = peer.chip == comparable;
            painter.setPen(QPen(is_comparable ? theme.accent : theme.muted, is_comparable ? 2 : 1));
            const double x = x_of(peer.value), half = is_comparable ? 6 : 4;
            painter.drawLine(QPointF(x, axis - half), QPointF(x, axis + half));
        }
        if (own) {
            painter.setPen(QPen(theme.surface, 1));
            painter.setBrush(theme.text);
            painter.drawEllipse(QPointF(x_of(*own), axis), 4.5, 4.5);
        }
        painter.setPen(theme.muted);
        const QRect below(0, 15, width(), height() - 15);
        painter.drawText(
            below, Qt::AlignHCenter | Qt::AlignTop, fontMetrics().elidedText(place(), Qt::ElideRight, width()));
    }

private:
    Dimension dimension;
    std::vector<Peer> peers;
    std::string comparable;
    std::optional<double> own;

    QString place() const
    {
        if (!own || peers.empty())
            return {};
        const auto is_like = [this](const Peer &peer) { return peer.chip == comparable && peer.value == *own; };
        if (std::any_of(peers.begin(), peers.end(), is_like)) // of several that have the same
            return ChipAssistant::tr("as %1").arg(to_text(comparable));
        const Neighbours beside = neighbours(peers, *own);
        if (beside.below && beside.below->value == *own)
            return ChipAssistant::tr("as %1").arg(to_text(beside.below->chip));
        return !beside.below ? ChipAssistant::tr("below all: %1").arg(to_text(beside.above->chip))
            : !beside.above
            ? ChipAssistant::tr("above all: %1").arg(to_text(beside.below->chip))
            : ChipAssistant::tr("between %1 and %2").arg(to_text(beside.below->chip), to_text(beside.above->chip));
    }
};

// What is asked for one number, and how it was read last.
struct ChipAssistant::Row {
    const AskedNumber &asked;
    const Parameter &info;
    QLineEdit *number = nullptr;
    ChoiceBox *unit = nullptr, *counting = nullptr, *basis = nullptr; // null where there is no choice
    QLabel *value = nullptr;
    PeerStrip *strip = nullptr;
    QLineEdit *source = nullptr;
    QWidget *remark = nullptr; // message and button
    InlineMessage *message = nullptr;
    QPushButton *correct = nullptr;
    std::optional<Stated> given = {};
    bool none = false; // said to have no such number
    QString unreadable = {}; // why what is typed now is no number
    QString problem = {}; // that, or why the model cannot take it
    std::optional<Doubt> doubt = {};
};

struct ChipAssistant::Choice {
    const Field<Chip> &field;
    ChoiceBox *box;
};

ChipAssistant::ChipAssistant(Session *owner, const Library &the_library, QWidget *parent)
    : QDialog(parent)
    , session(owner)
    , library(the_library)
    , saving(ChipSaving::native())
    , name(new QLineEdit)
    , source(new QLineEdit)
    , like(new ChoiceBox(this))
    , dies(new QSpinBox)
    , message(new InlineMessage(this))
    , scroll(new QScrollArea)
    , outcome(plain_label())
{
    setWindowTitle(tr("New chip"));
    setObjectName(u"new_chip"_qs);
    read_known();

    auto *head = new QGridLayout;
    const auto add_head = [&](int row, int column, const QString &text, QWidget *control, const QString &id,
                              const QString &help) {
        auto *label = plain_label(text);
        label->setBuddy(control);
        control->setObjectName(id);
        control->setAccessibleName(QString(text).remove(u'&'));
        control->setToolTip(help);
        head->addWidget(label, row, column);
        head->addWidget(control, row, column + 1);
    };
    add_head(0, 0, tr("&Name"), name, u"new.name"_qs, tr("What the chip is called in lists and charts"));
    add_head(0, 2, tr("&Like"), like, u"new.like"_qs,
        tr("The chip whose numbers stand in for what is left empty; they are marked as assumed"));
    add_head(1, 0, tr("&Source"), source, u"new.source"_qs,
        tr("Where the numbers come from; a number may have a source of its own"));
    add_head(1, 2, tr("&Dies per card"), dies, u"new.dies"_qs, tr("What figures stated per die are multiplied by"));
    head->setColumnStretch(1, 1);
    head->setColumnStretch(3, 1);
    dies->setRange(1, 64);
    for (const Chip &known : known_chips)
        like->addItem(to_text(known.name), to_text(known.name));
    const auto h800 = like->findData(u"H800"_qs);
    like->setCurrentIndex(std::max(0, static_cast<int>(h800)));

    auto *page = new QWidget;
    auto *grid = new QGridLayout(page);
    grid->setVerticalSpacing(2);
    grid->setColumnStretch(6, 1);
    std::optional<AskedGroup> group;
    const auto add_title = [grid](const QString &text) {
        auto *title = plain_label(text);
        set_bold(title, true);
        title->setContentsMargins(0, 6, 0, 0);
        grid->addWidget(title, grid->rowCount(), 0, 1, 8);
    };
    for (const AskedNumber &asked : asked_numbers()) {
        if (asked.group != group) {
            group = asked.group;
            add_title(title_of(asked.group));
        }
        add_row(*grid, asked);
    }
    add_title(tr("Kind"));
    for (const Field<Chip> &field : fields<Chip>()) {
        if (!field.info.choices.empty())
            add_choice(*grid, field);
    }
    scroll->setWidget(page);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);

    auto *buttons = new QHBoxLayout;
    auto *add = new RowButton(tr("&Add to the study"), u"new.add"_qs,
        tr("The chip joins the study as one step that can be undone, and is shown"), this);
    auto *save = new RowButton(tr("Save as chip &file…"), u"new.save"_qs,
        tr("Writes the chip into your own library, each number with what was given for it"), this);
    auto *close = new RowButton(tr("Close"), u"new.close"_qs, tr("What is typed stays until the program ends"), this);
    add->setDefault(true);
    outcome->setObjectName(u"new.outcome"_qs);
    outcome->setTextInteractionFlags(Qt::TextSelectableByMouse);
    outcome->setWordWrap(true);
    buttons->addWidget(outcome, 1);
    for (RowButton *button : {add, save, close})
        buttons->addWidget(button);
    message->setObjectName(u"new.message"_qs);

    auto *column = new QVBoxLayout(this);
    column->addLayout(head);
    column->addWidget(scroll, 1);
    column->addWidget(message);
    column->addLayout(buttons);

    for (QLineEdit *line : {name, source})
        connect(line, &QLineEdit::textChanged, this, [this] { refresh(); });
    connect(like, &QComboBox::currentIndexChanged, this, [this] { follow_like(); });
    connect(dies, &QSpinBox::valueChanged, this, [this] { refresh(); });
    connect(add, &QPushButton::clicked, this, &ChipAssistant::add_to_study);
    connect(save, &QPushButton::clicked, this, &ChipAssistant::save_file);
    connect(close, &QPushButton::clicked, this, &QDialog::hide);
    connect(session, &Session::explored_changed, this, &ChipAssistant::follow_explored);
    complete = true;
    follow_like();
    follow_font();
    resize(
        std::max(1180, minimumSizeHint().width() + page->sizeHint().width() - scroll->minimumSizeHint().width()), 720);
    name->setFocus();
}

ChipAssistant::~ChipAssistant() = default;

// Esc closes this and does not reach the window behind.
bool ChipAssistant::event(QEvent *event)
{
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape)
        event->accept();
    const bool done = QDialog::event(event);
    if (event->type() == QEvent::PaletteChange)
        refresh(); // in the colours that hold now
    if (event->type() == QEvent::FontChange && complete)
        follow_font();
    return done;
}

// No text is cut off: what the window has no room for is scrolled to.
void ChipAssistant::follow_font()
{
    const QFontMetrics metrics(font());
    const int frame = 2 * metrics.averageCharWidth() + 8;
    for (const auto &row : rows) {
        row->number->setMinimumWidth(metrics.horizontalAdvance(u"00000 TFLOP/s"_qs) + frame);
        row->value->setMinimumWidth(metrics.horizontalAdvance(tr("%1 assumed").arg(u"000.0 TFLOP/s"_qs)));
        row->source->setMinimumWidth(metrics.horizontalAdvance(row->source->placeholderText()) + frame);
    }
}

// The library's chips and those that only the study has.
void ChipAssistant::read_known()
{
    for (const Library::Entry &entry : library.entries(Kind::chip)) {
        if (Read<Chip> read = library.chip(entry.name))
            known_chips.push_back(std::move(*read.value));
    }
    for (const Library::Entry &entry : library.entries(Kind::nic)) {
        if (Read<Nic> read = library.nic(entry.name))
            known_nics.push_back(std::move(*read.value));
    }
    if (known_chips.empty())
        known_chips = session->study().chips;
}

void ChipAssistant::add_row(QGridLayout &grid, const AskedNumber &asked)
{
    const Parameter &info = parameter_of(asked);
    const QString key = to_text(asked.key), id = u"new."_qs + key, label = label_of(info);
    Row &row = *rows.emplace_back(std::make_unique<Row>(Row{asked, info}));
    const int line = grid.rowCount();
    int column = 1;
    const auto place = [&](QWidget *widget, const QString &what, const QString &accessible, const QString &help) {
        widget->setObjectName(what.isEmpty() ? id : id + u'.' + what);
        widget->setAccessibleName(accessible);
        widget->setToolTip(help);
        grid.addWidget(widget, line, column);
    };
    const auto add_box = [&](ChoiceBox *&box, const QString &what, const QString &accessible, const QString &help) {
        box = new ChoiceBox(this);
        keep_whole(*box);
        place(box, what, accessible, help);
        connect(box, &QComboBox::currentIndexChanged, this, [this, &row] {
            read_row(row);
            refresh();
        });
    };
    auto *title = plain_label(label);
    row.number = new QLineEdit;
    title->setBuddy(row.number);
    grid.addWidget(title, line, 0);
    const QString none = info.required || info.key == "scale_up_domain"
        ? QString()
        : tr("<br>“none” where the chip has no such number.");
    place(row.number, {}, label, tooltip_of(info, "chip." + std::string(asked.key)) + none);
    ++column;
    if (asked.units.size() > 1) {
        add_box(row.unit, u"unit"_qs, tr("Unit of %1").arg(label),
            tr("The unit of the figure; a unit that is typed behind it goes first"));
        for (const std::string_view unit : asked.units)
            row.unit->addItem(to_text(unit), to_text(unit));
    }
    ++column;
    if (asked.countings.size() > 1) {
        add_box(row.counting, u"counting"_qs, tr("How %1 counts").arg(label),
            tr("What the figure counts; the model takes the first"));
        for (const CountingChoice &choice : asked.countings)
            row.counting->addItem(to_text(choice.label), static_cast<int>(choice.counting));
    }
    ++column;
    if (asked.per_die) {
        add_box(row.basis, u"basis"_qs, tr("%1 per card or die").arg(label),
            tr("A figure per die is multiplied by the dies per card"));
        row.basis->addItem(tr("per card"), static_cast<int>(Basis::card));
        row.basis->addItem(tr("per die"), static_cast<int>(Basis::die));
    }
    ++column;
    row.value = plain_label();
    place(row.value, u"value"_qs, tr("%1 as the model takes it").arg(label),
        tr("What the model takes: dense, one direction, per card; grey: assumed as the comparable chip has it"));
    ++column;
    row.strip = new PeerStrip(info.dimension, this);
    place(row.strip, u"strip"_qs, tr("%1 among other chips").arg(label), {});
    ++column;
    row.source = new QLineEdit;
    row.source->setPlaceholderText(tr("source as above"));
    place(row.source, u"source"_qs, tr("Source of %1").arg(label),
        tr("Where this number comes from, if not from the source above"));
    connect(row.source, &QLineEdit::textChanged, this, [this] { refresh(); });

    row.remark = new QWidget;
    auto *remark = new QHBoxLayout(row.remark);
    remark->setContentsMargins(0, 0, 0, 2);
    row.message = new InlineMessage(row.remark);
    row.message->setObjectName(id + u".message"_qs);
    row.correct = new RowButton({}, id + u".correct"_qs, tr("Reads the same figure that way"), row.remark);
    remark->addWidget(row.message, 1);
    remark->addWidget(row.correct);
    row.remark->hide();
    grid.addWidget(row.remark, line + 1, 1, 1, 7);
    connect(row.number, &QLineEdit::textChanged, this, [this, &row] {
        read_row(row);
        refresh();
    });
    connect(row.correct, &QPushButton::clicked, this, [this, &row] { correct(row); });
}

void ChipAssistant::add_choice(QGridLayout &grid, const Field<Chip> &field)
{
    auto *box = new ChoiceBox(this);
    keep_whole(*box);
    const QString label = label_of(field.info);
    box->setObjectName(to_text("new." + std::string(field.info.key)));
    box->setAccessibleName(label);
    box->setToolTip(tooltip_of(field.info, "chip." + std::string(field.info.key)));
    box->addItem({}, QString()); // as the comparable chip
    for (const std::string_view choice : field.info.choices)
        box->addItem(choice_text(choice), to_text(choice));
    auto *title = plain_label(label);
    title->setBuddy(box);
    const int line = grid.rowCount();
    grid.addWidget(title, line, 0);
    grid.addWidget(box, line, 1, 1, 3, Qt::AlignLeft);
    choices.push_back(std::make_unique<Choice>(Choice{field, box}));
    connect(box, &QComboBox::currentIndexChanged, this, [this] { refresh(); });
}

const Chip &ChipAssistant::comparable() const
{
    const std::string wanted = like->currentData().toString().toStdString();
    const Chip *found = find_named(known_chips, wanted);
    return found ? *found : known_chips.front();
}

// Of what is given, else of the comparable chip.
CardMake ChipAssistant::make() const
{
    CardMake card{dies->value(), static_cast<double>(comparable().sms), comparable().clock.si()};
    for (const auto &row : rows) {
        if (row->given && row->asked.key == "sms")
            card.sms = converted(row->asked, *row->given, card).si();
        else if (row->given && row->asked.key == "clock")
            card.clock = converted(row->asked, *row->given, card).si();
    }
    return card;
}

void ChipAssistant::follow_like()
{
    for (const auto &row : rows) {
        const Field<Chip> *field = field_of(row->asked.key);
        const std::string text = field ? field_text(comparable(), *field) : std::string();
        row->number->setPlaceholderText(!field ? tr("not stated") : text.empty() ? tr("none") : to_text(text));
    }
    for (const auto &choice : choices)
        choice->box->setItemText(
            0, tr("as %1: %2").arg(to_text(comparable().name), choice_text(field_text(comparable(), choice->field))));
    refresh();
}

// What is typed now; the last good value stays where it cannot be read.
void ChipAssistant::read_row(Row &row)
{
    const QString text = row.number->text().trimmed();
    row.unreadable.clear();
    const Field<Chip> *field = field_of(row.asked.key);
    const bool optional = field && std::holds_alternative<std::optional<Quantity> Chip::*>(field->member);
    row.none = optional && text.compare(u"none", Qt::CaseInsensitive) == 0;
    if (text.isEmpty() || row.none) {
        row.given.reset();
        return;
    }
    std::string typed = text.toStdString();
    if (row.unit && std::holds_alternative<Quantity>(parse_quantity(typed, Dimension::fraction, BareNumbers::allowed))
        && !text.contains(u'%'))
        typed += ' ' + row.unit->currentText().toStdString();
    const auto parsed = parse_quantity(typed, row.info.dimension, BareNumbers::allowed);
    if (const auto *wrong = std::get_if<std::string>(&parsed)) {
        row.unreadable = to_text(*wrong);
        return;
    }
    Stated stated{std::get<Quantity>(parsed)};
    if (row.counting)
        stated.counting = static_cast<Counting>(row.counting->currentData().toInt());
    if (row.basis)
        stated.basis = static_cast<Basis>(row.basis->currentData().toInt());
    row.given = stated;
}

void ChipAssistant::refresh()
{
    if (!complete)
        return;
    const CardMake card = make();
    draft = comparable();
    draft.name = draft.title = name->text().trimmed().toStdString();
    draft.source = source->text().trimmed().toStdString();
    draft.assumed.clear();
    network.reset();
    for (const auto &row : rows) {
        row->problem = row->unreadable;
        const Field<Chip> *field = field_of(row->asked.key);
        if (!field) {
            if (!row->given)
                continue;
            Nic own{draft.name + " NIC", draft.name + " NIC", row->source->text().trimmed().toStdString(),
                converted(row->asked, *row->given, card)};
            if (own.source.empty())
                own.source = draft.source;
            const double si = own.bandwidth.si();
            if (si < row->info.min || si > row->info.max) {
                if (row->problem.isEmpty())
                    row->problem = tr("allowed is %1").arg(to_text(allowed_text(row->info)));
                continue;
            }
            const auto same = std::find_if(
                known_nics.begin(), known_nics.end(), [=](const Nic &nic) { return nic.bandwidth.si() == si; });
            draft.usual_nic = same == known_nics.end() ? std::string() : same->name;
            network = same == known_nics.end() ? own : *same;
            continue;
        }
        const std::string key(row->asked.key);
        if (row->given) {
            const Quantity value = converted(row->asked, *row->given, card);
            const auto wrong = set_field(draft, *field, exact_text(value), BareNumbers::refused);
            if (!wrong)
                continue;
            if (row->problem.isEmpty())
                row->problem = to_text(*wrong);
        } else if (row->none) {
            draft.*std::get<std::optional<Quantity> Chip::*>(field->member) = std::nullopt;
            continue;
        }
        if (!field_text(draft, *field).empty())
            draft.assumed.push_back(key);
    }
    for (const auto &choice : choices) {
        const std::string text = choice->box->currentData().toString().toStdString();
        if (text.empty())
            draft.assumed.emplace_back(choice->field.info.key);
        else
            set_field(draft, choice->field, text, BareNumbers::refused);
    }

    const Theme &theme = theme_of(*this);
    for (const auto &row : rows) {
        const bool is_nic = !field_of(row->asked.key);
        const bool refused = !row->problem.isEmpty(); // the value is one of an earlier text, then
        const std::optional<double> value = refused ? std::nullopt
            : !is_nic                               ? number_of(draft, row->asked.key)
            : network                               ? std::optional(network->bandwidth.si())
                                                    : std::nullopt;
        const QString text = value ? value_text(*value, row->info.dimension) : QString(u'–');
        row->value->setText(!value ? text : row->given ? u"= "_qs + text : is_nic ? text : tr("%1 assumed").arg(text));
        QPalette own = row->value->palette();
        own.setColor(QPalette::WindowText, row->given && value ? theme.text : theme.muted);
        row->value->setPalette(own);
        row->strip->show_values(peers_of(row->asked.key, known_chips, known_nics), comparable().name, value);
        row->doubt = row->given && !refused ? doubt_about(row->asked, *row->given, card, draft, known_chips, known_nics)
                                            : std::nullopt;
        row->message->say(refused ? row->problem : row->doubt ? to_text(row->doubt->message) : QString(), true);
        const bool can_correct = row->doubt && (row->doubt->meant || !row->doubt->unit.empty());
        if (can_correct)
            row->correct->setText(tr("Take as %1")
                                      .arg(row->doubt->meant ? to_text(label_of(row->asked, *row->doubt->meant))
                                                             : to_text(row->doubt->unit)));
        row->correct->setVisible(can_correct);
        row->remark->setVisible(!row->message->text().isEmpty());
    }
    message->say({}, false);
}

void ChipAssistant::correct(Row &row)
{
    if (!row.doubt || !row.given)
        return;
    const Doubt doubt = *row.doubt;
    row.number->setFocus(); // the button goes
    if (doubt.meant && row.counting) {
        row.counting->setCurrentIndex(row.counting->findData(static_cast<int>(*doubt.meant)));
    } else if (!doubt.unit.empty() && row.unit) {
        const QString digits = to_text(exact_text(row.given->value.number)), unit = to_text(doubt.unit);
        if (const int at = row.unit->findData(unit); at >= 0) {
            row.unit->setCurrentIndex(at);
            row.number->setText(digits);
        } else {
            row.number->setText(digits + u' ' + unit);
        }
    }
}

// By key, what was given where the model takes something else of it, whose it is where it is nobody's, and sources of
// their own.
std::map<std::string, std::string> ChipAssistant::notes() const
{
    std::map<std::string, std::string> all;
    for (const auto &row : rows) {
        const std::string key(row->asked.key);
        QStringList parts;
        if (row->given)
            parts << tr("given: %1").arg(to_text(given_text(row->asked, *row->given, make())));
        else if (std::find(draft.assumed.begin(), draft.assumed.end(), key) != draft.assumed.end())
            parts << tr("as %1").arg(to_text(comparable().name));
        if (const QString own = row->source->text().trimmed(); row->given && !own.isEmpty())
            parts << tr("source: %1").arg(own);
        if (!parts.isEmpty())
            all[key] = parts.join(u"; "_qs).toStdString();
    }
    return all;
}

bool ChipAssistant::is_complete()
{
    const auto complain = [this](const QString &text, QWidget *where) {
        message->say(text, true);
        where->setFocus();
        return false;
    };
    if (draft.name.empty())
        return complain(tr("The chip needs a name."), name);
    if (const auto wrong = name_problem(draft.name))
        return complain(to_text(*wrong), name);
    const auto entries = library.entries(Kind::chip);
    if ((find_named(entries, draft.name) && saved != draft.name)
        || (find_named(session->study().chips, draft.name) && added != draft.name))
        return complain(tr("There is a chip %1 already; choose another name.").arg(to_text(draft.name)), name);
    if (draft.source.empty())
        return complain(tr("Say where the numbers come from."), source);
    for (const auto &row : rows) {
        if (!row->problem.isEmpty())
            return complain(tr("%1: %2").arg(label_of(row->info), row->problem), row->number);
    }
    return true;
}

void ChipAssistant::add_to_study()
{
    if (!is_complete())
        return;
    Study study = session->study();
    put_named(study.chips, draft);
    if (network)
        put_named(study.nics, *network);
    added = draft.name;
    outcome->setText(tr("Searching…"));
    session->change(std::move(study), tr("New chip %1").arg(to_text(added)));
    emit chip_added(to_text(added));
    follow_explored();
}

void ChipAssistant::save_file()
{
    if (!is_complete())
        return;
    const QString file = saving.folder() + u"/chips/"_qs + chip_file_stem(to_text(draft.name)) + u".yaml"_qs;
    const std::string text = chip_text(draft, notes());
    if (const Read<Chip> back = read_chip(text, file.toStdString()); !back || *back.value != draft) {
        message->say(
            back ? tr("The file would not read back to the same chip.") : to_text(back.problems.front().message), true);
        return;
    }
    const QByteArray bytes = QByteArray::fromStdString(text);
    QFile before(file);
    const bool own = saved == draft.name && before.open(QIODevice::ReadOnly); // which is corrected now
    if (own && before.readAll() != written) {
        message->say(tr("%1 has been changed outside of this window since it was saved; choose another name.")
                         .arg(QDir::toNativeSeparators(file)),
            true);
        return;
    }
    if (const QString wrong = own ? epscope::save_file(file, bytes) : save_new_file(file, bytes); !wrong.isEmpty()) {
        message->say(wrong, true);
        return;
    }
    saved = draft.name;
    written = bytes;
    message->say(tr("Saved as %1").arg(QDir::toNativeSeparators(file)), false);
    emit chip_saved(file);
}

// Of the study's search: what the chip gives next to the comparable one.
void ChipAssistant::follow_explored()
{
    const std::shared_ptr<const Explored> &explored = session->explored();
    if (added.empty() || !explored || explored->inputs.study != session->study())
        return;
    const auto best_of = [&](const std::string &chip) -> std::optional<double> {
        for (const ChipView &view : explored->chips) {
            if (explored->inputs.study.chips[view.chip].name == chip && view.best)
                return view.best->throughput_per_card;
        }
        return std::nullopt;
    };
    const std::optional<double> own = best_of(added), other = best_of(comparable().name);
    const auto text = [](double rate) {
        return tr("%1 tok/s per card").arg(to_text(short_text(rate, Dimension::count, 4)));
    };
    QString line = u"%1: %2"_qs.arg(to_text(added), own ? text(*own) : tr("nothing is feasible"));
    if (own && other) {
        line += tr("; %1: %2").arg(to_text(comparable().name), text(*other));
        if (const std::optional<ValueChange> change = change_of(*other, *own))
            line += u" (%1)"_qs.arg(change_text(*change));
    }
    outcome->setText(line);
}

} // namespace epscope
