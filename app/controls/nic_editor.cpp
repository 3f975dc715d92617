// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/nic_editor.h"

#include <algorithm>

#include <QVBoxLayout>

#include "app/controls/inline_message.h"
#include "app/controls/parameter_controls.h"
#include "app/controls/section.h"
#include "app/controls/value_slider.h"
#include "app/look/plain_text.h"
#include "core/spec/named.h"

namespace epscope {
NicEditor::NicEditor(Session *owner, const Library &entries, QWidget *parent)
    : QWidget(parent)
    , session(owner)
    , library(entries)
    , rows(new QVBoxLayout(this))
    , choice(new ChoiceBox(this))
    , message(new InlineMessage(this))
{
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(3);
    choice->setObjectName(u"nic"_qs);
    choice->setToolTip(
        tr("The network interface that carries dispatch and combine: one, or all that the opened study searches"));
    add_labelled_row(*rows, tr("NIC"), choice);
    rows->addWidget(message);
    connect(choice, &QComboBox::activated, this, &NicEditor::choose);
    slider(0);
}

ValueSlider *NicEditor::slider(std::size_t index)
{
    while (sliders.size() <= index) {
        auto *made = new ValueSlider(slider_spec(*find_parameter("nic.bandwidth")), this);
        const std::size_t place = sliders.size();
        made->setObjectName(place == 0 ? u"nic.bandwidth"_qs : u"nic.bandwidth.%1"_qs.arg(place));
        rows->addWidget(made);
        QWidget::setTabOrder(place == 0 ? static_cast<QWidget *>(choice) : sliders.back(), made);
        connect(made, &ValueSlider::value_changed, this, [this, made, place](const QString &text) {
            if (place < session->study().nics.size())
                set_or_complain(*session, *made, "nic." + session->study().nics[place].name + ".bandwidth", text);
        });
        sliders.push_back(made);
    }
    return sliders[index];
}

// As the study was opened with it or, failing that, as the library has it.
const Nic *NicEditor::original(const std::string &name)
{
    if (const Nic *opened = find_named(session->opened().nics, name))
        return opened;
    const auto [entry, is_new] = looked_up.try_emplace(name);
    if (is_new)
        entry->second = library.nic(name).value;
    return entry->second ? &*entry->second : nullptr;
}

void NicEditor::refresh_choice()
{
    const std::vector<Nic> &nics = session->study().nics, &opened = session->opened().nics;
    QStringList names;
    const auto add = [&](const std::string &name) {
        if (!names.contains(to_text(name)))
            names << to_text(name);
    };
    for (const Nic &nic : opened)
        add(nic.name);
    const QStringList opened_names = names;
    for (const Nic &nic : nics)
        add(nic.name);
    for (const Library::Entry &entry : library.entries(Kind::nic)) {
        if (entry.problems.empty())
            add(entry.name);
    }
    const bool has_all = opened.size() > 1;
    QStringList texts = names, now;
    if (has_all)
        texts.prepend(tr("Search all %1").arg(opened.size()));
    for (int i = 0; i < choice->count(); ++i)
        now << choice->itemText(i);
    if (now != texts) {
        choice->clear();
        for (int i = 0; i < texts.size(); ++i)
            choice->addItem(texts[i], has_all && i == 0 ? QVariant() : QVariant(texts[i]));
    }
    if (has_all)
        choice->setItemData(0, shown_as_is(opened_names.join(u", "_qs)), Qt::ToolTipRole);
    choice->setCurrentIndex(nics.size() == 1 ? choice->findData(to_text(nics.front().name)) : has_all ? 0 : -1);
}

void NicEditor::refresh()
{
    const std::vector<Nic> &nics = session->study().nics;
    for (const Nic &nic : nics)
        known.insert_or_assign(nic.name, nic);
    refresh_choice();
    message->say({}, false);
    for (std::size_t i = 0; i < std::max(nics.size(), sliders.size()); ++i) {
        ValueSlider *one = slider(i);
        one->setVisible(i < nics.size());
        if (i >= nics.size())
            continue;
        const QString label = nics.size() == 1 ? label_of(one->spec().parameter) : to_text(nics[i].name);
        if (one->spec().label != label)
            one->set_label(label);
        const Nic *before = original(nics[i].name);
        one->set_mark(before ? std::optional(before->bandwidth) : std::nullopt);
        one->set_value(nics[i].bandwidth);
    }
}

void NicEditor::choose(int index)
{
    Study study = session->study();
    const auto as_edited = [this](const std::string &name) {
        const auto found = known.find(name);
        return found != known.end() ? &found->second : original(name);
    };
    study.nics.clear();
    const QVariant name = choice->itemData(index);
    if (!name.isValid()) {
        for (const Nic &nic : session->opened().nics)
            study.nics.push_back(*as_edited(nic.name));
    } else if (const Nic *nic = as_edited(name.toString().toStdString())) {
        study.nics = {*nic};
    } else {
        refresh();
        message->say(to_text(text_of(library.nic(name.toString().toStdString()).problems.front())), true);
        return;
    }
    session->change(std::move(study));
}

} // namespace epscope
