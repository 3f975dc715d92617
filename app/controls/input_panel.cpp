// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/input_panel.h"
#include "app/look/plain_text.h"
#include "app/session/baselines.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QApplication>
#include <QCheckBox>
#include <QContextMenuEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include "app/controls/chip_picker.h"
#include "app/controls/inline_message.h"
#include "app/controls/nic_editor.h"
#include "app/controls/parameter_controls.h"
#include "app/controls/profile_panel.h"
#include "app/controls/search_row.h"
#include "app/controls/section.h"
#include "app/controls/value_slider.h"
#include "app/words/numbers.h"
#include "app/words/profile_changes.h"
#include "core/model/parameter_count.h"
#include "core/spec/named.h"
#include "core/spec/remarks.h"
#include "core/text.h"

namespace epscope {
namespace {

// One line each.
QString warnings_of(const Study &study)
{
    QStringList lines;
    for (const Remark &remark : remarks(study))
        lines << InputPanel::tr("Warning: %1: %2").arg(to_text(remark.key), to_text(remark.message));
    return lines.join(u'\n');
}

QString parameters_of(const Model &model)
{
    const ParameterCount count = parameter_count(model);
    const auto text = [](double number) { // in 10^9, to a tenth
        constexpr double tenth = 1e8, tenths = 10;
        return to_text(exact_text(std::round(number / tenth) / tenths));
    };
    return InputPanel::tr("%1 billion parameters, of which a token is multiplied by %2 billion")
        .arg(text(count.total), text(count.active));
}

} // namespace

InputPanel::InputPanel(Session *owner, const Library &entries, QWidget *parent)
    : QWidget(parent)
    , session(owner)
    , library(entries)
    , searched(*owner)
    , profile_panel(new ProfilePanel(this))
    , published(entries.profile("published-v1").value)
{
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    auto *warnings = new InlineMessage(this);
    warnings->setObjectName(u"warnings"_qs);
    warnings->setTextFormat(Qt::PlainText);
    outer->addWidget(warnings);
    refreshers.push_back([this, warnings] { warnings->say(warnings_of(session->study()), true); });
    outer->addWidget(scroll);
    auto *content = new QWidget(scroll);
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(4, 0, 4, 0);
    column->setSpacing(0);
    scroll->setWidget(content);
    setAccessibleName(tr("Inputs"));

    picker = new ChipPicker(session, library);
    add_section(QT_TR_NOOP("Chips"))->rows->addWidget(picker);
    auto *fresh = new RowButton(tr("New chip…"), u"chip.new"_qs,
        tr("A chip of your own from the figures of its data sheet, however they are stated"), section->body);
    auto *fresh_line = new QHBoxLayout;
    fresh_line->setContentsMargins(row_indent, 0, row_indent, 2);
    fresh_line->addWidget(fresh);
    fresh_line->addStretch(1);
    section->rows->addLayout(fresh_line);
    connect(fresh, &QPushButton::clicked, this, &InputPanel::new_chip_wanted);
    add_workload();
    add_precision();
    add_deployment();
    add_search();
    chip_editor = new ChipEditor(session, picker, add_section(QT_TR_NOOP("Chip"))->body);
    section->rows->addWidget(chip_editor);
    refreshers.push_back([this] { chip_editor->refresh(); });
    nic_editor = new NicEditor(session, library, add_section(QT_TR_NOOP("Network"))->body);
    section->rows->addWidget(nic_editor);
    refreshers.push_back([this] { nic_editor->refresh(); });
    add_model();
    for (Section *each : sections)
        column->addWidget(each);
    column->addStretch(1);

    connect(picker, &ChipPicker::chip_activated, this, &InputPanel::edit_chip);
    connect(chip_editor, &ChipEditor::chip_saved, this, &InputPanel::chip_saved);
    connect(chip_editor, &ChipEditor::chip_shown, this, &InputPanel::show_offer);
    connect(chip_editor, &ChipEditor::chip_shown, this, &InputPanel::sliders_changed);
    connect(session, &Session::opened_study, this, [this] {
        searched.forget();
        nic_editor->forget();
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

Section *InputPanel::add_section(const char *title)
{
    section = new Section(QString::fromUtf8(title), tr(title), this);
    sections.push_back(section);
    return section;
}

QSize InputPanel::minimumSizeHint() const
{
    // Room for a label, a value with its factor and the scroll bar.
    constexpr int characters = 40, smallest = 300;
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
            folded << each->id;
    }
    return folded;
}

void InputPanel::set_folded_sections(const QStringList &folded)
{
    for (Section *each : sections)
        each->header->setChecked(!folded.contains(each->id));
}

void InputPanel::add_slider(const std::string &key)
{
    const Parameter &info = *find_parameter(key);
    auto *slider = new ValueSlider(slider_spec(info), section->body);
    slider->setObjectName(to_text(key));
    section->rows->addWidget(slider);
    connect(slider, &ValueSlider::value_changed, this,
        [this, slider, key](const QString &text) { set_or_complain(*session, *slider, key, text); });
    refreshers.push_back([this, slider, key, dimension = info.dimension] {
        slider->set_mark(quantity_of(session->opened(), key, dimension));
        slider->set_value(quantity_of(session->study(), key, dimension));
    });
    show_where_it_counts(key, {slider});
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
    line->setContentsMargins(row_indent, 0, row_indent, 0);
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
    add_section(QT_TR_NOOP("Workload"));
    add_slider("context");
    add_slider("acceptance");
    add_slider("target_tps");
    add_choice("fa3");
    add_switch("deepgemm");
}

void InputPanel::add_choice(const std::string &key)
{
    const Parameter &info = *find_parameter(key);
    auto *box = new ParameterBox(info, key, section->body);
    QLabel *label = section->add_labelled(label_of(info), box);
    connect(box, &QComboBox::activated, this,
        [this, box, key](int index) { session->set(key, box->itemData(index).toString()); });
    refreshers.push_back([this, box, key] {
        const std::optional<std::string> now = parameter_text(session->study(), key);
        box->setCurrentIndex(box->findData(to_text(now.value_or(std::string()))));
        set_bold(box, now != parameter_text(session->opened(), key));
    });
    show_where_it_counts(key, {label, box});
}

void InputPanel::show_where_it_counts(const std::string &key, const std::vector<QWidget *> &widgets)
{
    refreshers.push_back([this, key, widgets] {
        const bool counts = concerns(session->study(), key);
        for (QWidget *widget : widgets) {
            if (widget->isHidden() == counts)
                widget->setVisible(counts);
        }
    });
}

SearchRow *InputPanel::add_search_row(const std::string &key, const QString &label)
{
    auto *row = new SearchRow(key, section->body);
    section->rows->addWidget(row);
    row->toggle->setAccessibleName(tr("%1 fixed").arg(label));
    row->range->setAccessibleName(tr("%1: values searched").arg(label));
    row->range->setToolTip(find_axis(key)->integers
            ? tr("Values to be searched: ranges with a step and single values, 8..320:8, 384")
            : !find_parameter(key)->choices.empty()
            ? tr("Choices to be searched: %1").arg(to_text(find_axis(key)->usual()))
            : tr("Pairs to be searched, bytes per element of KV cache / parameters: 2/2, 1/2, 1/0.5625"));
    connect(row, &SearchRow::switched, this, [this, key](bool fixed) {
        session->set(key, to_text(fixed ? searched.value_text(key) : searched.range_text(key)));
        refresh(); // a range of one value stays fixed
    });
    connect(row, &SearchRow::range_edited, this, [this, row, key](const QString &text) {
        const QString wrong = session->set(key, text);
        if (wrong.isEmpty())
            row->show(find_axis(key)->count(session->study().search) == 1,
                to_text(find_axis(key)->list(session->study().search)));
        else
            row->complain(wrong);
    });
    refreshers.push_back([this, row, key] {
        const Study &study = session->study();
        const bool fixed = find_axis(key)->count(study.search) == 1;
        const std::string text = find_axis(key)->list(study.search);
        if (!fixed)
            searched.remember(key, text);
        row->show(fixed, to_text(text));
    });
    return row;
}

// What the hollow thumb of a searched parameter shows.
QString InputPanel::standing_text() const
{
    if (!searched.point())
        return {};
    switch (searched.standing()) {
    case SearchedValues::Standing::best:
        return tr("best");
    case SearchedValues::Standing::selected:
        return tr("selected");
    case SearchedValues::Standing::nearest:
        return tr("nearest");
    }
    return {};
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
    connect(slider, &ValueSlider::value_changed, this,
        [this, slider, key](const QString &text) { set_or_complain(*session, *slider, key, text); });
    connect(slider, &ValueSlider::reset_requested, this,
        [this, key] { session->set(key, to_text(find_axis(key)->list(session->opened().search))); });
    const auto follow_shown = [this, slider, key] {
        const auto value = quantity_of(searched.value_text(key), Dimension::count);
        slider->set_fallback(searched.point() ? value : std::nullopt, standing_text());
    };
    refreshers.push_back([this, slider, key, follow_shown] {
        const auto only = [&](const Study &study) -> std::optional<Quantity> {
            const std::vector<std::int64_t> &values = study.search.*find_axis(key)->integers;
            if (values.size() != 1)
                return std::nullopt;
            return Quantity{static_cast<double>(values.front()), &base_unit(Dimension::count)};
        };
        const std::vector<std::int64_t> &values = session->study().search.*find_axis(key)->integers;
        follow_shown();
        slider->set_mark(only(session->opened()));
        slider->set_value(only(session->study()));
        if (values.size() > 1)
            slider->set_band(std::pair(static_cast<double>(values.front()), static_cast<double>(values.back())));
        else
            slider->set_band(std::nullopt);
    });
    followers.push_back(follow_shown);
    show_where_it_counts(key, {search_row});
}

void InputPanel::add_precision()
{
    add_section(QT_TR_NOOP("Precision"));
    const std::string key = "precision";
    SearchRow *search_row = add_search_row(key, tr("Precision"));
    QWidget *before = nullptr;
    for (const AxisNumber &half : precision_numbers()) {
        SliderSpec spec = slider_spec(*find_parameter(key));
        spec.label = label_of(half);
        auto *slider = new ValueSlider(std::move(spec), search_row);
        slider->setObjectName(to_text(half.key));
        search_row->content->addWidget(slider);
        if (before)
            QWidget::setTabOrder(before, slider);
        before = slider;
        // One half changes, the other stays what it is or, while searched, what is on show.
        connect(
            slider, &ValueSlider::value_changed, this, [this, slider, key, member = half.in_pair](const QString &text) {
                const std::string shown_pair = searched.value_text(key); // `whole` looks into it
                const auto whole = split(shown_pair, '/');
                Precision pair = session->study().search.precision.front();
                if (session->study().search.precision.size() > 1) {
                    pair.kv_elem_size =
                        quantity_of(std::string(whole[0]), Dimension::bytes).value_or(pair.kv_elem_size);
                    pair.param_elem_size =
                        quantity_of(std::string(whole[1]), Dimension::bytes).value_or(pair.param_elem_size);
                }
                pair.*member = quantity_of(text.toStdString(), Dimension::bytes).value_or(pair.*member);
                set_or_complain(*session, *slider, key,
                    to_text(exact_text(pair.kv_elem_size) + " / " + exact_text(pair.param_elem_size)));
            });
        connect(slider, &ValueSlider::reset_requested, this,
            [this, key] { session->set(key, to_text(find_axis(key)->list(session->opened().search))); });
        const auto follow_shown = [this, slider, shown = half.value] {
            const Point *point = searched.point();
            slider->set_fallback(point ? fitting(shown(*point), Dimension::bytes) : std::nullopt, standing_text());
        };
        refreshers.push_back([this, slider, follow_shown, member = half.in_pair] {
            const auto only = [&](const Study &study) {
                return study.search.precision.size() == 1 ? std::optional(study.search.precision.front().*member)
                                                          : std::nullopt;
            };
            follow_shown();
            slider->set_mark(only(session->opened()));
            slider->set_value(only(session->study()));
        });
        followers.push_back(follow_shown);
    }
    QWidget::setTabOrder(before, search_row->toggle);
    QWidget::setTabOrder(search_row->toggle, search_row->range);
    add_slider("expert_elem_size");
}

void InputPanel::add_deployment()
{
    add_section(QT_TR_NOOP("Deployment"));
    for (const char *key : {"tp", "ep", "batch", "mtp_len"})
        add_search_slider(key);
    for (const char *key : {"policy", "mode"})
        add_search_choice(key);
    for (const char *key : {"cards", "redundant_experts"})
        add_slider(key);
    add_choice("balancer");
}

void InputPanel::add_search_choice(const std::string &key)
{
    const Parameter &info = *find_parameter(key);
    SearchRow *search_row = add_search_row(key, label_of(info));
    auto *combo = new ParameterBox(info, key, search_row);
    add_labelled_row(*search_row->content, label_of(info), combo);
    QWidget::setTabOrder(combo, search_row->toggle);
    QWidget::setTabOrder(search_row->toggle, search_row->range);
    connect(combo, &QComboBox::activated, this,
        [this, combo, key](int index) { session->set(key, combo->itemData(index).toString()); });
    const auto follow_shown = [this, combo, key] {
        const SearchAxis &axis = *find_axis(key);
        const SearchSpace &space = session->study().search;
        const bool is_searched = axis.count(space) > 1;
        const int index = combo->findData(to_text(is_searched ? searched.value_text(key) : axis.first(space)));
        combo->setCurrentIndex(index);
        if (combo->font().italic() != is_searched) {
            QFont font = combo->font();
            font.setItalic(is_searched);
            combo->setFont(font);
        }
        for (int i = 0; i < combo->count(); ++i) {
            const QString plain = choice_text(combo->itemData(i).toString().toStdString());
            const QString standing = is_searched && i == index ? standing_text() : QString();
            const QString text = standing.isEmpty() ? plain : tr("%1 (%2)").arg(plain, standing);
            if (combo->itemText(i) != text)
                combo->setItemText(i, text);
        }
    };
    refreshers.push_back(follow_shown);
    followers.push_back(follow_shown);
    show_where_it_counts(key, {search_row});
}

void InputPanel::add_search()
{
    add_section(QT_TR_NOOP("Search"));
    auto *summary = plain_label(section->body);
    summary->setObjectName(u"search.summary"_qs);
    summary->setWordWrap(true);
    summary->setContentsMargins(8, 0, 8, 0);
    section->rows->addWidget(summary);
    auto *fix = new RowButton(tr("Fix all as shown"), u"search.fix"_qs,
        tr("Fixes all that is searched at the configuration on show"), section->body);
    auto *free = new RowButton(
        tr("Search all"), u"search.all"_qs, tr("Searches what is fixed over its last ranges"), section->body);
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
        for (const SearchAxis &axis : search_axes()) {
            if (axis.count(study.search) == 1 && concerns(study, axis.key))
                fixed << label_of(*find_parameter(axis.key));
        }
        QString text =
            tr("%1 configurations")
                .arg(whole_text(static_cast<std::int64_t>(study.chips.empty() ? 0 : configuration_count(study))));
        // Two lines in any case: the panel would be laid out again when a drag fixes something.
        text += u'\n' + (fixed.isEmpty() ? tr("Nothing is fixed") : tr("Fixed: %1").arg(fixed.join(u", "_qs)));
        if (summary->text() != text)
            summary->setText(text);
    });
}

void InputPanel::fix_all()
{
    Study study = session->study();
    for (const SearchAxis &axis : search_axes())
        set_parameter(study, axis.key, searched.value_text(std::string(axis.key)), BareNumbers::allowed);
    session->change(std::move(study), tr("All fixed as shown"));
}

void InputPanel::search_all()
{
    Study study = session->study();
    for (const SearchAxis &axis : search_axes()) {
        const bool counts = axis.of_published || study.profile.equations != Equations::published;
        if (counts && axis.count(study.search) == 1)
            set_parameter(study, axis.key, searched.range_text(std::string(axis.key)), BareNumbers::allowed);
    }
    session->change(std::move(study), tr("All searched"));
}

void InputPanel::edit_chip(const QString &name)
{
    chip_editor->show_chip(name.toStdString());
}

bool InputPanel::reveal(const QString &key)
{
    auto *widget = findChild<QWidget *>(key);
    const QString property = key.section(u'.', -1), name = key.section(u'.', 1, -2);
    if (!widget && key.startsWith(u"chip.")) {
        edit_chip(name);
        widget = findChild<QWidget *>(u"chip."_qs + property);
    } else if (!widget && key.startsWith(u"nic.")) {
        const std::vector<Nic> &nics = session->study().nics;
        const std::size_t place = place_named(nics, name.toStdString()).value_or(nics.size());
        widget = findChild<QWidget *>(
            u"nic."_qs + property + (place > 0 ? QString(u'.' + QString::number(place)) : QString()));
    }
    if (!widget || !concerns(session->study(), key.toStdString()))
        return false;
    for (Section *each : sections) {
        if (each->isAncestorOf(widget))
            each->header->setChecked(true);
    }
    QApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest); // it has its place from then on
    findChild<QScrollArea *>()->ensureWidgetVisible(widget);
    widget->setFocus(Qt::ShortcutFocusReason);
    return true;
}

std::string InputPanel::key_of(const ValueSlider &slider) const
{
    const QString name = slider.objectName();
    if (name.startsWith(u"chip."))
        return "chip." + edited_chip() + name.mid(4).toStdString();
    const QString nic = u"nic.bandwidth"_qs;
    if (!name.startsWith(nic))
        return name.toStdString();
    const auto place = name == nic ? std::size_t{0} : static_cast<std::size_t>(name.mid(nic.size() + 1).toUInt());
    const std::vector<Nic> &nics = session->study().nics;
    return place < nics.size() ? "nic." + nics[place].name + ".bandwidth" : std::string();
}

ValueSlider *InputPanel::slider_of(const std::string &key) const
{
    const QList<ValueSlider *> sliders = findChildren<ValueSlider *>();
    const auto found =
        std::find_if(sliders.begin(), sliders.end(), [&](const ValueSlider *slider) { return key_of(*slider) == key; });
    return found == sliders.end() ? nullptr : *found;
}

void InputPanel::offer(const std::string &key, std::optional<double> si)
{
    if (key == offered_key && si == offered)
        return;
    offered_key = key;
    offered = si;
    show_offer();
}

// A chip's slider shows another chip's number once another chip is edited.
void InputPanel::set_baseline(const Baseline *baseline, bool alone)
{
    const std::shared_ptr<const Explored> before = searched.shown();
    searched.show(baseline && alone ? baseline->explored : nullptr);
    if (searched.shown() != before)
        follow();
    for (ValueSlider *slider : findChildren<ValueSlider *>()) {
        const std::optional<double> value = baseline ? value_in(*baseline, key_of(*slider)) : std::nullopt;
        slider->set_baseline(value
                ? std::optional(ValueSlider::BaselineMark{*value, baseline->name, baseline->mark, alone})
                : std::nullopt);
    }
}

void InputPanel::show_offer()
{
    ValueSlider *wanted = offered ? slider_of(offered_key) : nullptr;
    if (offering && offering != wanted)
        offering->set_ghost(std::nullopt);
    offering = wanted;
    if (offering)
        offering->set_ghost(offered);
}

void InputPanel::contextMenuEvent(QContextMenuEvent *event)
{
    QWidget *widget = childAt(event->pos());
    while (widget && widget != this && !qobject_cast<ValueSlider *>(widget))
        widget = widget->parentWidget();
    const auto *slider = qobject_cast<ValueSlider *>(widget);
    if (!slider) {
        event->ignore();
        return;
    }
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Seek a &goal with this…"), this, [this, key = key_of(*slider)] { emit goal_wanted(key); });
    menu->popup(event->globalPos());
}

const std::string &InputPanel::edited_chip() const
{
    return chip_editor->chip_name();
}

void InputPanel::set_chip_saving(ChipSaving replacement)
{
    chip_editor->set_saving(std::move(replacement));
}

template <class T>
std::function<const T *()> InputPanel::add_entry_choice(
    Kind kind, const QString &label, T Study::*member, std::function<Read<T>(const std::string &)> load)
{
    auto *combo = new ChoiceBox(section->body);
    combo->setObjectName(to_text(name_of(kind)));
    combo->setToolTip(label);
    section->add_labelled(label, combo);
    auto *message = new InlineMessage(section->body);
    message->setObjectName(combo->objectName() + u".message"_qs);
    section->rows->addWidget(message);
    const auto looked_up = std::make_shared<std::map<std::string, Read<T>>>(); // in the library
    // As the study was opened with it or, failing that, as the library has it.
    const auto original = [this, member, load, looked_up](const std::string &name) -> const T * {
        if (name == (session->opened().*member).name)
            return &(session->opened().*member);
        const auto [entry, is_new] = looked_up->try_emplace(name);
        if (is_new)
            entry->second = load(name);
        return entry->second ? &*entry->second.value : nullptr;
    };
    connect(combo, &QComboBox::activated, this, [this, combo, member, original, looked_up, message](int index) {
        const std::string name = combo->itemData(index).toString().toStdString();
        Study study = session->study();
        if (name == (study.*member).name)
            return;
        const T *entry = original(name);
        if (!entry) {
            refresh();
            message->say(to_text(text_of(looked_up->at(name).problems.front())), true);
            return;
        }
        QStringList said;
        if (const auto read = looked_up->find(name); read != looked_up->end()) {
            for (const Diagnostic &warning : read->second.warnings)
                said << to_text(text_of(warning));
        }
        if constexpr (std::is_same_v<T, Model>) {
            for (const Remark &remark : take_model(study, *entry))
                said << to_text(remark.key + ": " + remark.message);
        } else {
            study.*member = *entry;
        }
        session->change(std::move(study));
        message->say(said.join(u'\n'), true); // the panel has followed the change
    });
    refreshers.push_back([this, combo, kind, member, original, looked_up, message] {
        const T &now = session->study().*member;
        const auto title_of = [](const std::string &name, const std::string &title) {
            return to_text(title.empty() ? name : title);
        };
        const auto add = [&](const std::string &name, const std::string &title) {
            if (!name.empty() && combo->findData(to_text(name)) < 0)
                combo->addItem(title_of(name, title), to_text(name));
        };
        if (combo->count() == 0) {
            looked_up->clear();
            for (const Library::Entry &entry : library.entries(kind)) {
                if (entry.problems.empty())
                    add(entry.name, entry.title);
            }
        }
        add((session->opened().*member).name, (session->opened().*member).title);
        add(now.name, now.title);
        // An entry that has been changed here carries an asterisk; the others are what they were.
        const int index = combo->findData(to_text(now.name));
        const T *before = original(now.name);
        const bool changed = before && *before != now;
        for (int i = 0; i < combo->count(); ++i) {
            QString text = combo->itemText(i);
            if (text.endsWith(u'*'))
                text.chop(1);
            if (i == index && changed)
                text += u'*';
            if (combo->itemText(i) != text)
                combo->setItemText(i, text);
        }
        combo->setCurrentIndex(index);
        set_bold(combo, changed || now.name != (session->opened().*member).name);
        QString about = to_text(now.source);
        if constexpr (std::is_same_v<T, Model>)
            about += u'\n' + parameters_of(now);
        combo->setToolTip(shown_as_is(about));
        message->say({}, false);
    });
    return [this, member, original] { return original((session->study().*member).name); };
}

void InputPanel::add_profile_buttons()
{
    auto *changes = new RowButton({}, u"profile.compare"_qs,
        tr("What the profile has otherwise than the published one, with values, and what that does to the "
           "configuration on show"),
        section->body);
    auto *own = new RowButton(tr("Open profile…"), u"profile.open"_qs,
        tr("Takes a profile of your own from a file, e.g. one that epscope calibrate has written"), section->body);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(row_indent, 0, row_indent, 4);
    line->addWidget(changes);
    line->addWidget(own);
    line->addStretch(1);
    section->rows->addLayout(line);
    changes->setVisible(published.has_value());
    connect(own, &QPushButton::clicked, this, &InputPanel::profile_file_wanted);
    connect(changes, &QPushButton::clicked, this, [this, changes] {
        const std::shared_ptr<const Explored> &explored = session->explored();
        profile_panel->show_changes(*published, session->study().profile,
            explored ? std::optional(explored->leading().scenario) : std::nullopt);
        profile_panel->open_at(*changes);
    });
    refreshers.push_back([this, changes, counted = Profile(), count = std::size_t(0)]() mutable {
        if (!published)
            return;
        const Profile &now = session->study().profile;
        if (changes->text().isEmpty() || counted != now) {
            counted = now;
            count = profile_changes(*published, now).size();
        }
        const QString text = count == 0 ? tr("As published")
            : count == 1                ? tr("1 change…")
                                        : tr("%1 changes…").arg(count);
        changes->setEnabled(count > 0);
        if (changes->text() != text)
            changes->setText(text);
    });
}

void InputPanel::add_model()
{
    add_section(QT_TR_NOOP("Model and profile"));
    const auto original = add_entry_choice<Profile>(Kind::profile, tr("Profile"), &Study::profile,
        [this](const std::string &name) { return library.profile(name); });
    add_profile_buttons();
    add_entry_choice<Model>(
        Kind::model, tr("Model"), &Study::model, [this](const std::string &name) { return library.model(name); });
    auto *quirks = plain_label(section->body);
    quirks->setObjectName(u"quirks.summary"_qs);
    quirks->setWordWrap(true);
    quirks->setContentsMargins(row_indent, 4, row_indent, 0);
    quirks->setToolTip(
        tr("Where the published model departs from the machine it describes. On: as published. Off: corrected."));
    section->rows->addWidget(quirks);
    refreshers.push_back([this, quirks] {
        int on = 0;
        for (const Field<Quirks> &field : fields<Quirks>())
            on += session->study().profile.quirks.*std::get<bool Quirks::*>(field.member) ? 1 : 0;
        const QString text = tr("Quirks of the published model: %1 of %2 on").arg(on).arg(fields<Quirks>().size());
        if (quirks->text() != text)
            quirks->setText(text);
    });
    for (const Field<Quirks> &field : fields<Quirks>())
        add_switch("quirks." + std::string(field.info.key));
    add_slider("profile.usable_memory_fraction");
    add_slider("profile.dispatch_elem_size");
    auto *reset = new RowButton(tr("Reset profile"), u"profile.reset"_qs,
        tr("All switches and numbers of the profile as in the opened study or the library"), section->body);
    auto *line = new QHBoxLayout;
    line->setContentsMargins(row_indent, 4, row_indent, 0);
    line->addWidget(reset);
    line->addStretch(1);
    section->rows->addLayout(line);
    connect(reset, &QPushButton::clicked, this, [this, original] {
        Study study = session->study();
        if (const Profile *before = original())
            study.profile = *before;
        session->change(std::move(study), tr("Profile reset"));
    });
    refreshers.push_back([this, reset, original] {
        const Profile *before = original();
        reset->setEnabled(before && *before != session->study().profile);
    });
}

void InputPanel::refresh()
{
    for (const std::function<void()> &refresher : refreshers)
        refresher();
    show_offer();
}

void InputPanel::follow_library()
{
    picker->follow_library();
    nic_editor->follow_library();
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

} // namespace epscope
