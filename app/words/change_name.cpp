// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/words/change_name.h"

#include <vector>

#include <QCoreApplication>

#include "app/words/parameters.h"
#include "app/words/profile_changes.h"
#include "core/spec/axes.h"
#include "core/spec/differences.h"
#include "core/spec/named.h"
#include "core/spec/value_expression.h"

namespace epscope {
namespace {

struct ChangeNameTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::ChangeName)
};

// A unit that both have stands once.
QString from_to(QString before, const QString &after)
{
    const QString nothing = ChangeNameTexts::tr("nothing");
    const qsizetype space = after.lastIndexOf(u' ');
    if (space > 0 && before.endsWith(QStringView(after).mid(space)))
        before.chop(after.size() - space);
    return ChangeNameTexts::tr("%1 → %2").arg(before.isEmpty() ? nothing : before, after.isEmpty() ? nothing : after);
}

// A value as people read it: in its own unit, a choice by its words.
QString value_text(const Difference &difference, std::size_t study)
{
    const Parameter &info = *difference.parameter;
    const std::string &text = difference.texts[study];
    if (!info.choices.empty())
        return choice_text(text);
    const std::optional<Quantity> quantity = quantity_of(text, info.dimension);
    const bool has_unit = info.dimension != Dimension::count && info.dimension != Dimension::fraction;
    return to_text(has_unit && quantity ? control_text(*quantity) : text);
}

// Collects what differs, in words.
struct Differences {
    std::vector<ChangeName> found;

    void add(std::string key, QString text) { found.push_back({std::move(key), std::move(text)}); }

    // `of`: whose value it is, where that is to be said.
    void add_value(const Difference &difference, const QString &of = {})
    {
        const QString name = label_of(*difference.parameter);
        const QString label = of.isEmpty() ? name : ChangeNameTexts::tr("%1 of %2").arg(name, of);
        const bool is_switch =
            !difference.parameter->choices.empty() && difference.parameter->choices.front() == "true";
        if (is_switch)
            add(difference.key,
                difference.texts[1] == "true" ? ChangeNameTexts::tr("%1 on").arg(label)
                                              : ChangeNameTexts::tr("%1 off").arg(label));
        else
            add(difference.key,
                ChangeNameTexts::tr("%1 %2").arg(label, from_to(value_text(difference, 0), value_text(difference, 1))));
    }
    // Chips or NICs: which came, which went, and what differs in those that stayed.
    template <class T>
    void add_entries(const std::vector<T> &before, const std::vector<T> &after, const std::vector<Difference> &all,
        Scope scope, const QString &kind)
    {
        const auto missing_in = [](const std::vector<T> &entries, const std::vector<T> &all_names) {
            QStringList names;
            for (const T &entry : all_names) {
                if (!find_named(entries, entry.name))
                    names << to_text(entry.name);
            }
            return names.join(u", "_qs);
        };
        const QString lost = missing_in(after, before), won = missing_in(before, after);
        if (!lost.isEmpty() && !won.isEmpty())
            add({}, ChangeNameTexts::tr("%1 %2").arg(kind, from_to(lost, won)));
        else if (!won.isEmpty())
            add({}, ChangeNameTexts::tr("%1 %2 added").arg(kind, won));
        else if (!lost.isEmpty())
            add({}, ChangeNameTexts::tr("%1 %2 taken out").arg(kind, lost));
        for (const T &entry : after) {
            std::vector<const Difference *> own;
            for (const Difference &difference : all) {
                if (difference.parameter->scope == scope && difference.entry == entry.name)
                    own.push_back(&difference);
            }
            if (own.size() > 1)
                add({}, ChangeNameTexts::tr("%1 %2: %3 values").arg(kind, to_text(entry.name)).arg(own.size()));
            else if (own.size() == 1)
                add_value(*own.front(), after.size() > 1 ? to_text(entry.name) : QString());
        }
    }
    void add_values(const std::vector<Difference> &all, Scope scope)
    {
        for (const Difference &difference : all) {
            if (difference.parameter->scope == scope)
                add_value(difference);
        }
    }
    void add_profile(const Profile &before, const Profile &after)
    {
        if (before == after)
            return;
        const QString title = to_text(after.title.empty() ? after.name : after.title);
        const std::vector<ProfileChange> changes = profile_changes(before, after);
        if (before.name != after.name) {
            add({}, ChangeNameTexts::tr("Profile %1").arg(title));
        } else if (changes.size() == 1) {
            const bool is_quirk = changes.front().group == ProfileChange::Group::quirks;
            const ProfileChange &change = changes.front();
            add("profile." + change.label.toStdString(),
                is_quirk ? ChangeNameTexts::tr("Quirk “%1” %2").arg(change.label, change.after)
                         : ChangeNameTexts::tr("%1 %2").arg(change.label, from_to(change.before, change.after)));
        } else {
            add({},
                changes.empty() ? ChangeNameTexts::tr("Profile %1").arg(title)
                                : ChangeNameTexts::tr("Profile: %1 values").arg(changes.size()));
        }
    }
};

} // namespace

ChangeName change_name(const Study &before, const Study &after)
{
    Differences differences;
    const std::vector<Difference> all = epscope::differences(before, after);
    differences.add_entries(before.chips, after.chips, all, Scope::chip, ChangeNameTexts::tr("Chip"));
    differences.add_entries(before.nics, after.nics, all, Scope::nic, ChangeNameTexts::tr("NIC"));
    differences.add_values(all, Scope::workload);
    for (const Difference &difference : all) {
        if (difference.parameter->scope != Scope::search)
            continue;
        const SearchAxis &axis = *find_axis(difference.key);
        differences.add(difference.key,
            ChangeNameTexts::tr("%1 %2").arg(label_of(*difference.parameter),
                from_to(to_text(axis.list(before.search)), to_text(axis.list(after.search)))));
    }
    differences.add_values(all, Scope::target);
    differences.add_profile(before.profile, after.profile);
    if (before.model.name != after.model.name)
        differences.add({},
            ChangeNameTexts::tr("Model %1")
                .arg(to_text(after.model.title.empty() ? after.model.name : after.model.title)));
    else
        differences.add_values(all, Scope::model);
    std::vector<ChangeName> &found = differences.found;
    if (found.empty())
        return before.chips == after.chips && before.nics == after.nics
            ? ChangeName{}
            : ChangeName{{}, ChangeNameTexts::tr("Order of the chips")};
    return found.size() == 1
        ? std::move(found.front())
        : ChangeName{{}, ChangeNameTexts::tr("%1 and %2 more").arg(found.front().text).arg(found.size() - 1)};
}

} // namespace epscope
