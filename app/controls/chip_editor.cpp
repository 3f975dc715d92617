// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/chip_editor.h"

#include <algorithm>

#include <QDir>
#include <QEvent>
#include <QInputDialog>
#include <QStandardPaths>
#include <QVBoxLayout>

#include "app/controls/chip_picker.h"
#include "app/controls/inline_message.h"
#include "app/controls/parameter_controls.h"
#include "app/controls/section.h"
#include "app/controls/value_slider.h"
#include "app/files/save_file.h"
#include "app/words/text.h"
#include "core/io/spec_reader.h"
#include "core/io/study_writer.h"
#include "core/model/machine.h"
#include "core/spec/named.h"

namespace epscope {
namespace {

constexpr int swatch_role = Qt::UserRole + 1; // what an item's swatch shows

// A chip under a new name: no source states what has been changed.
Chip renamed(const Chip &chip, const std::string &name, const Chip *before)
{
    Chip copy = chip;
    if (before) {
        bool changed = false;
        for (const Field<Chip> &field : fields<Chip>()) {
            if (field_text(chip, field) == field_text(*before, field))
                continue;
            changed = true;
            const std::string key(field.info.key);
            if (std::find(copy.assumed.begin(), copy.assumed.end(), key) == copy.assumed.end())
                copy.assumed.push_back(key);
        }
        copy.source = (changed ? ChipEditor::tr("edited in EPScope from %1: %2") : ChipEditor::tr("copied from %1: %2"))
                          .arg(to_text(chip.name), to_text(chip.source))
                          .toStdString();
    }
    copy.name = copy.title = name;
    return copy;
}

} // namespace

QString chip_file_stem(const QString &name)
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

ChipSaving ChipSaving::native()
{
    return {[](QWidget *parent, const QString &proposal) {
                bool accepted = false;
                const QString name = QInputDialog::getText(parent, ChipEditor::tr("Save as new chip"),
                    ChipEditor::tr("Name of the chip:"), QLineEdit::Normal, proposal, &accepted);
                return accepted ? name.trimmed() : QString();
            },
        [] { return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + u"/epscope"_qs; }};
}

ChipEditor::ChipEditor(Session *owner, ChipPicker *chips, QWidget *parent)
    : QWidget(parent)
    , session(owner)
    , picker(chips)
    , saving(ChipSaving::native())
    , rows(new QVBoxLayout(this))
    , choice(new ChoiceBox(this))
    , reset(new RowButton(
          tr("Reset"), u"chip.reset"_qs, tr("All numbers of this chip as in the opened study or the library"), this))
    , message(new InlineMessage(this))
{
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(3);
    choice->setObjectName(u"chip"_qs);
    choice->setToolTip(tr(
        "The chip whose numbers are shown; the asterisk marks one that differs from the opened study or the library"));
    add_labelled_row(*rows, tr("Edit"), choice);
    auto *save = new RowButton(tr("Save as new chip…"), u"chip.save"_qs,
        tr("Writes these numbers as a new file into your own library; the shipped chip stays"), this);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(row_indent, 0, row_indent, 2);
    line->addWidget(reset);
    line->addWidget(save);
    line->addStretch(1);
    rows->addLayout(line);
    message->setObjectName(u"chip.message"_qs);
    rows->addWidget(message);
    connect(choice, &QComboBox::activated, this,
        [this](int index) { show_chip(choice->itemData(index).toString().toStdString()); });
    connect(reset, &QPushButton::clicked, this, &ChipEditor::reset_chip);
    connect(save, &QPushButton::clicked, this, &ChipEditor::save_chip);
    show_swatches();
    for (const Field<Chip> &field : fields<Chip>()) {
        if (!field.info.choices.empty())
            add_choice(field);
        else if (field.info.axis != Axis::none) // a number that the chip is judged by, no text
            add_slider(field);
    }
}

const Chip *ChipEditor::shown() const
{
    return find_named(session->study().chips, name);
}

std::string ChipEditor::full_key(std::string_view key) const
{
    return "chip." + name + "." + std::string(key);
}

void ChipEditor::show_chip(const std::string &wanted)
{
    if (wanted == name || !find_named(session->study().chips, wanted))
        return;
    name = wanted;
    refresh();
    emit chip_shown();
}

void ChipEditor::add_choice(const Field<Chip> &field)
{
    const std::string key(field.info.key);
    auto *box = new ParameterBox(field.info, "chip." + key, this);
    add_labelled_row(*rows, label_of(field.info), box);
    connect(box, &QComboBox::activated, this,
        [this, box, key](int index) { session->set(full_key(key), box->itemData(index).toString()); });
    refreshers.emplace_back([this, box, &field](const Chip &chip) {
        const std::string text = field_text(chip, field);
        const Chip *before = picker->original(name);
        box->setCurrentIndex(box->findData(to_text(text)));
        set_bold(box, before && field_text(*before, field) != text);
    });
}

void ChipEditor::add_slider(const Field<Chip> &field)
{
    const std::string key(field.info.key);
    auto *slider = new ValueSlider(slider_spec(field.info), this);
    slider->setObjectName(to_text("chip." + key));
    rows->addWidget(slider);
    connect(slider, &ValueSlider::value_changed, this, [this, slider, key, &field](const QString &text) {
        const auto *member = std::get_if<std::optional<Quantity> Chip::*>(&field.member);
        if (!text.isEmpty() || !member) {
            set_or_complain(*session, *slider, full_key(key), text);
            return;
        }
        Study study = session->study();
        if (Chip *chip = find_named(study.chips, name))
            chip->**member = std::nullopt;
        session->change(std::move(study));
    });
    refreshers.emplace_back([this, slider, key, &field](const Chip &chip) {
        const Dimension dimension = field.info.dimension;
        // What the model takes where the chip states nothing.
        if (key == "fp8") {
            slider->set_fallback(chip.bf16, tr("as BF16"));
        } else if (key == "fp4") {
            slider->set_fallback(chip.fp8 ? *chip.fp8 : chip.bf16, chip.fp8 ? tr("as 8 bit") : tr("as BF16"));
        } else if ((key == "exp2_rate" && !chip.exp2_rate) || (key == "reduce_rate" && !chip.reduce_rate)) {
            const Machine machine = resolve(session->study().profile, chip, Nic{});
            slider->set_fallback(
                fitting(key == "exp2_rate" ? machine.exp2_rate : machine.reduce_rate, dimension), tr("from SMs"));
        }
        if (key == "scale_up_domain" || key == "scale_up_bandwidth") {
            const Profile &profile = session->study().profile;
            const bool half = key == "scale_up_domain" && !chip.scale_up_bandwidth;
            slider->set_note(profile.equations == Equations::published
                    ? tr("No effect with the profile “%1”: it sends everything over the NIC.")
                          .arg(to_text(profile.title))
                    : half ? tr("No effect until the scale-up bandwidth is set.")
                           : QString());
        }
        const Chip *before = picker->original(name);
        slider->set_mark(before ? quantity_of(field_text(*before, field), dimension) : std::nullopt);
        slider->set_value(quantity_of(field_text(chip, field), dimension));
    });
}

void ChipEditor::refresh()
{
    const std::vector<Chip> &chips = session->study().chips;
    if (session->inputs().selection != followed) { // what somebody picks in a chart is what they want to see here
        followed = session->inputs().selection;
        if (followed)
            name = followed->chip;
    }
    if (!shown())
        name = chips.empty() ? std::string() : chips.front().name;
    for (int i = 0; i < static_cast<int>(chips.size()); ++i) {
        const Chip &chip = chips[static_cast<std::size_t>(i)];
        const QString id = to_text(chip.name), text = picker->is_edited(chip) ? id + u'*' : id;
        if (i >= choice->count())
            choice->addItem(text);
        if (choice->itemText(i) != text)
            choice->setItemText(i, text);
        if (choice->itemData(i).toString() != id)
            choice->setItemData(i, id);
        show_swatch(i, chip_mark(session->inputs(), chip.name));
        if (chip.name == name)
            choice->setCurrentIndex(i);
    }
    while (choice->count() > static_cast<int>(chips.size()))
        choice->removeItem(choice->count() - 1);
    message->say({}, false);
    const Chip *chip = shown();
    reset->setEnabled(chip && picker->is_edited(*chip));
    if (!chip)
        return;
    for (const auto &refresher : refreshers)
        refresher(*chip);
}

void ChipEditor::reset_chip()
{
    const Chip *before = picker->original(name);
    Study study = session->study();
    Chip *found = find_named(study.chips, name);
    if (!before || !found)
        return;
    *found = *before;
    session->change(std::move(study), tr("%1 reset").arg(to_text(name)));
}

void ChipEditor::save_chip()
{
    const Chip *before = shown();
    if (!before)
        return;
    const QString wanted = saving.ask_name(this, to_text(before->name) + tr(" edited"));
    if (wanted.isEmpty())
        return;
    const auto complain = [this](const QString &text) { message->say(text, true); };
    if (const auto wrong = name_problem(wanted.toStdString())) {
        complain(to_text(*wrong));
        return;
    }
    if (picker->knows(wanted.toStdString())) {
        complain(tr("There is a chip %1 already; choose another name.").arg(wanted));
        return;
    }
    const Chip chip = renamed(*before, wanted.toStdString(), picker->original(before->name));
    const QString file = saving.folder() + u"/chips/"_qs + chip_file_stem(wanted) + u".yaml"_qs;
    const std::string text = chip_text(chip);
    if (const Read<Chip> back = read_chip(text, file.toStdString()); !back) {
        complain(to_text(back.problems.front().message));
        return;
    }
    if (const QString wrong = save_new_file(file, QByteArray::fromStdString(text)); !wrong.isEmpty()) {
        complain(wrong);
        return;
    }
    Study study = session->study();
    if (Chip *edited = find_named(study.chips, name))
        *edited = chip;
    picker->add_saved(chip);
    name = chip.name;
    session->change(std::move(study), tr("Chip saved as %1").arg(to_text(name)));
    message->say(tr("Saved as %1").arg(QDir::toNativeSeparators(file)), false);
    emit chip_saved(file);
}

void ChipEditor::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        show_swatches();
}

void ChipEditor::show_swatch(int index, std::size_t mark)
{
    const QVariant before = choice->itemData(index, swatch_role), now = QVariant::fromValue<qulonglong>(mark);
    if (before == now)
        return;
    choice->setItemData(index, now, swatch_role);
    choice->setItemIcon(index, QIcon(chip_swatch(*this, mark)));
}

// Again, in the colours and at the size that hold now.
void ChipEditor::show_swatches()
{
    for (int i = 0; i < choice->count(); ++i) {
        const auto mark = static_cast<std::size_t>(choice->itemData(i, swatch_role).toULongLong());
        choice->setItemIcon(i, QIcon(chip_swatch(*this, mark)));
    }
    const QPixmap swatch = chip_swatch(*this, 0);
    choice->setIconSize((QSizeF(swatch.size()) / swatch.devicePixelRatio()).toSize());
}

} // namespace epscope
