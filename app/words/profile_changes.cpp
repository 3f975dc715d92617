// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/words/profile_changes.h"

#include <algorithm>
#include <type_traits>

#include <QCoreApplication>
#include <QStringList>

#include "app/words/parameters.h"
#include "core/spec/differences.h"
#include "core/spec/profile_rules.h"

namespace epscope {
namespace {

using Group = ProfileChange::Group;

struct ProfileTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::ProfileChange)
};

QString number_text(double value, const Parameter &info)
{
    constexpr int digits = 4; // without zeros at the end
    const bool part = info.dimension == Dimension::fraction;
    const QStringList words =
        to_text(short_text(part ? 100 * value : value, part ? Dimension::count : info.dimension, digits)).split(u' ');
    const QString number = to_text(exact_text(words.front().toDouble()));
    const QString unit = words.size() < 2 ? QString() : words[1] == u"us" ? QStringLiteral("µs") : words[1];
    return part ? ProfileTexts::tr("%1 %").arg(number) : unit.isEmpty() ? number : number + u' ' + unit;
}

QString switch_text(bool on)
{
    return on ? ProfileTexts::tr("on") : ProfileTexts::tr("off");
}

struct ValueTexts {
    QString before, after;
    bool is_switch = false; // or a choice
};

template <class T>
ValueTexts texts_of(const T &before, const T &after, const Field<T> &field)
{
    return std::visit(
        [&](auto member) -> ValueTexts {
            using Value = std::decay_t<decltype(before.*member)>;
            if constexpr (std::is_same_v<Value, bool>)
                return {switch_text(before.*member), switch_text(after.*member), true};
            else if constexpr (std::is_same_v<Value, double> || std::is_same_v<Value, std::int64_t>)
                return {number_text(static_cast<double>(before.*member), field.info),
                    number_text(static_cast<double>(after.*member), field.info)};
            else
                return {to_text(field_text(before, field)), to_text(field_text(after, field)), std::is_enum_v<Value>};
        },
        field.member);
}

// Where the rule's figures come from.
template <class Rule>
QString rule_text(const Rule &rule)
{
    return rule.measured_on.empty() ? ProfileTexts::tr("none")
                                    : ProfileTexts::tr("by size: %1").arg(to_text(rule.measured_on));
}

// By tensor FLOP per softmax operation.
QString rule_text(const BalanceRule &rule)
{
    QStringList chips;
    for (const BalancePoint &point : rule.points) {
        const QString chip = to_text(point.measured_on);
        if (!chips.contains(chip))
            chips << chip;
    }
    return ProfileTexts::tr("by balance: %1").arg(chips.join(QStringLiteral(", ")));
}

// The rules by which a profile goes, each text once.
QString rules_text(const Profile &profile, RuleFamily family)
{
    QStringList texts;
    for (const ProfileRule &rule : profile_rules()) {
        if (rule.family != family || !is_in_force(profile, rule))
            continue;
        const QString text = std::visit([&](auto member) { return rule_text(profile.*member); }, rule.member);
        if (!texts.contains(text))
            texts << text;
    }
    return texts.join(QStringLiteral(", "));
}

ProfileChange change_of_rules(const Profile &before, const Profile &after, RuleFamily family)
{
    QStringList points;
    const auto balance = std::get<BalanceRule Profile::*>(balance_rule_of(family).member);
    for (const BalancePoint &point : (after.*balance).points)
        points << ProfileTexts::tr("%1 of peak at %2 FLOP per operation: %3, %4")
                      .arg(to_text(short_text(point.mfu, Dimension::count)),
                          to_text(short_text(point.flop_per_op, Dimension::count)), to_text(point.measured_on),
                          to_text(point.source));
    const QString label = QCoreApplication::translate("epscope::ProfileRule", std::string(title_of(family)).c_str());
    return {Group::efficiency, label, rules_text(before, family), rules_text(after, family),
        points.isEmpty() ? QString() : ProfileTexts::tr("measured"), points.join(u'\n')};
}

} // namespace

QString name_of(Group group)
{
    switch (group) {
    case Group::quirks:
        return ProfileTexts::tr("Quirks of the published model");
    case Group::structure:
        return ProfileTexts::tr("What is modelled");
    case Group::numbers:
        return ProfileTexts::tr("Sizes, efficiencies and overheads");
    case Group::efficiency:
        return ProfileTexts::tr("Measured efficiencies");
    }
    return {};
}

std::vector<ProfileChange> profile_changes(const Profile &before, const Profile &after)
{
    std::vector<ProfileChange> changes;
    for (const Field<Quirks> *field : differing_fields(before.quirks, after.quirks)) {
        const ValueTexts texts = texts_of(before.quirks, after.quirks, *field);
        changes.push_back({Group::quirks, label_of(field->info), texts.before, texts.after, {}, help_of(field->info)});
    }
    const std::vector<const Field<Profile> *> differing = differing_fields(before, after);
    for (const Group group : {Group::structure, Group::numbers}) {
        for (const Field<Profile> *field : differing) {
            const Parameter &info = field->info;
            const ValueTexts texts = texts_of(before, after, *field);
            const bool describes = info.key == "title" || info.key == "source";
            if (describes || texts.is_switch != (group == Group::structure))
                continue;
            ProfileChange change{group, label_of(info), texts.before, texts.after, {}, help_of(info)};
            const auto origin = std::find_if(after.calibration.begin(), after.calibration.end(),
                [&](const ParameterOrigin &one) { return one.parameter == info.key; });
            if (origin != after.calibration.end()) {
                change.origin = to_text(epscope::name_of(origin->origin));
                if (!origin->source.empty())
                    change.help += u'\n' + to_text(origin->source);
            }
            changes.push_back(std::move(change));
        }
    }
    for (const RuleFamily family : rule_families) {
        if (!same_rules(before, after, family))
            changes.push_back(change_of_rules(before, after, family));
    }
    return changes;
}

} // namespace epscope
