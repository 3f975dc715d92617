// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/change_name.h"

#include <algorithm>
#include <vector>

#include <QCoreApplication>

#include "app/controls/parameter_controls.h"
#include "app/controls/slider_spec.h"
#include "app/controls/value_expression.h"
#include "app/session/profile_changes.h"
#include "core/spec/axes.h"
#include "core/spec/parameters.h"

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

// Collects what differs, in words.
struct Differences {
    std::vector<ChangeName> found;

    void add(std::string key, QString text) { found.push_back({std::move(key), std::move(text)}); }

    template <class T>
    void add_field(const T &before, const T &after, const Field<T> &field, const std::string &key, const QString &label)
    {
        std::visit(
            [&](auto member) {
                using Value = std::remove_cvref_t<decltype(before.*member)>;
                if (before.*member == after.*member)
                    return;
                if constexpr (std::is_same_v<Value, bool>) {
                    add(key,
                        after.*member ? ChangeNameTexts::tr("%1 on").arg(label)
                                      : ChangeNameTexts::tr("%1 off").arg(label));
                } else {
                    const auto text = [&](const T &object) {
                        if constexpr (std::is_same_v<Value, Quantity>)
                            return to_text(control_text(object.*member));
                        else if constexpr (std::is_same_v<Value, std::optional<Quantity>>)
                            return object.*member ? to_text(control_text(*(object.*member))) : QString();
                        else
                            return field.info.choices.empty() ? to_text(field_text(object, field))
                                                              : choice_text(field_text(object, field));
                    };
                    add(key, ChangeNameTexts::tr("%1 %2").arg(label, from_to(text(before), text(after))));
                }
            },
            field.member);
    }
    template <class T>
    void add_fields(const T &before, const T &after, const std::string &prefix, const QString &of)
    {
        for (const Field<T> &field : fields<T>()) {
            const QString label = label_of(field.info);
            add_field(before, after, field, prefix + std::string(field.info.key),
                of.isEmpty() ? label : ChangeNameTexts::tr("%1 of %2").arg(label, of));
        }
    }
    // Chips or NICs: which came, which went, and what differs in those that stayed.
    template <class T>
    void add_entries(
        const std::vector<T> &before, const std::vector<T> &after, const std::string &scope, const QString &kind)
    {
        const auto find = [](const std::vector<T> &entries, const std::string &name) {
            return std::find_if(entries.begin(), entries.end(), [&](const T &entry) { return entry.name == name; });
        };
        QStringList gone, come;
        for (const T &entry : before) {
            if (find(after, entry.name) == after.end())
                gone << to_text(entry.name);
        }
        for (const T &entry : after) {
            if (find(before, entry.name) == before.end())
                come << to_text(entry.name);
        }
        const QString lost = gone.join(u", "_qs), won = come.join(u", "_qs);
        if (!gone.isEmpty() && !come.isEmpty())
            add({}, ChangeNameTexts::tr("%1 %2").arg(kind, from_to(lost, won)));
        else if (!come.isEmpty())
            add({}, ChangeNameTexts::tr("%1 %2 added").arg(kind, won));
        else if (!gone.isEmpty())
            add({}, ChangeNameTexts::tr("%1 %2 taken out").arg(kind, lost));
        for (const T &entry : after) {
            const auto was = find(before, entry.name);
            if (was == before.end() || *was == entry)
                continue;
            const std::size_t known = found.size();
            add_fields(*was, entry, scope + "." + entry.name + ".", after.size() > 1 ? to_text(entry.name) : QString());
            if (found.size() > known + 1) {
                const std::size_t count = found.size() - known;
                found.resize(known);
                add({}, ChangeNameTexts::tr("%1 %2: %3 values").arg(kind, to_text(entry.name)).arg(count));
            }
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
    differences.add_entries(before.chips, after.chips, "chip", ChangeNameTexts::tr("Chip"));
    differences.add_entries(before.nics, after.nics, "nic", ChangeNameTexts::tr("NIC"));
    differences.add_fields(before.workload, after.workload, {}, {});
    for (const Field<SearchSpace> &field : fields<SearchSpace>()) {
        const std::string key(field.info.key);
        const SearchAxis &axis = *find_axis(key);
        const std::string was = axis.list(before.search), is = axis.list(after.search);
        if (was != is)
            differences.add(
                key, ChangeNameTexts::tr("%1 %2").arg(label_of(field.info), from_to(to_text(was), to_text(is))));
    }
    if (before.target_tps != after.target_tps)
        differences.add("target_tps",
            ChangeNameTexts::tr("%1 %2").arg(label_of(*find_parameter("target_tps")),
                from_to(to_text(control_text(before.target_tps)), to_text(control_text(after.target_tps)))));
    differences.add_profile(before.profile, after.profile);
    if (before.model.name != after.model.name)
        differences.add({},
            ChangeNameTexts::tr("Model %1")
                .arg(to_text(after.model.title.empty() ? after.model.name : after.model.title)));
    else
        differences.add_fields(before.model, after.model, "model.", {});
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
