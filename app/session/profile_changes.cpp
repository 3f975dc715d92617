// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/profile_changes.h"

#include <algorithm>

#include <QCoreApplication>
#include <QStringList>

#include "core/spec/parameters.h"

namespace epscope {
namespace {

using Group = ProfileChange::Group;

struct ProfileTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::ProfileChange)
};

QString translated(std::string_view text)
{
    return QCoreApplication::translate("epscope::Parameter", std::string(text).c_str());
}

QString qstring(const std::string &text)
{
    return QString::fromStdString(text);
}

QString number_text(double value, const Parameter &info)
{
    constexpr int digits = 4; // without zeros at the end
    const bool part = info.dimension == Dimension::fraction;
    const QStringList words =
        qstring(short_text(part ? 100 * value : value, part ? Dimension::count : info.dimension, digits)).split(u' ');
    const QString number = qstring(exact_text(words.front().toDouble()));
    const QString unit = words.size() < 2 ? QString() : words[1] == u"us" ? QStringLiteral("µs") : words[1];
    return part ? ProfileTexts::tr("%1 %").arg(number) : unit.isEmpty() ? number : number + u' ' + unit;
}

QString switch_text(bool on)
{
    return on ? ProfileTexts::tr("on") : ProfileTexts::tr("off");
}

struct ValueTexts {
    QString before, after;
    bool is_switch = false;
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
                return {qstring(field_text(before, field)), qstring(field_text(after, field))};
        },
        field.member);
}

// Where the rule's figures come from.
template <class Rule>
QString rule_text(const Rule &rule)
{
    return rule.measured_on.empty() ? ProfileTexts::tr("none")
                                    : ProfileTexts::tr("by size: %1").arg(qstring(rule.measured_on));
}

// By tensor FLOP per softmax operation.
QString rule_text(const BalanceRule &rule)
{
    QStringList chips;
    for (const BalancePoint &point : rule.points) {
        const QString chip = qstring(point.measured_on);
        if (!chips.contains(chip))
            chips << chip;
    }
    return ProfileTexts::tr("by balance: %1").arg(chips.join(QStringLiteral(", ")));
}

// A family of rules of which the one by balance, where there is one, takes the place of the others.
template <class... Others>
void add_rules(std::vector<ProfileChange> &changes, const QString &label, const Profile &before, const Profile &after,
    BalanceRule Profile::*balance, Others... others)
{
    const auto text = [&](const Profile &profile) {
        if (!(profile.*balance).points.empty())
            return rule_text(profile.*balance);
        QStringList texts;
        for (const QString &one : {rule_text(profile.*others)...}) {
            if (!texts.contains(one))
                texts << one;
        }
        return texts.join(QStringLiteral(", "));
    };
    const bool by_balance = !(before.*balance).points.empty() || !(after.*balance).points.empty();
    const bool differs =
        before.*balance != after.*balance || (!by_balance && !((before.*others == after.*others) && ...));
    if (!differs)
        return;
    QStringList points;
    for (const BalancePoint &point : (after.*balance).points)
        points << ProfileTexts::tr("%1 of peak at %2 FLOP per operation: %3, %4")
                      .arg(qstring(short_text(point.mfu, Dimension::count)),
                          qstring(short_text(point.flop_per_op, Dimension::count)), qstring(point.measured_on),
                          qstring(point.source));
    changes.push_back({Group::efficiency, label, text(before), text(after),
        points.isEmpty() ? QString() : ProfileTexts::tr("measured"), points.join(u'\n')});
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
    for (const Field<Quirks> &field : fields<Quirks>()) {
        const ValueTexts texts = texts_of(before.quirks, after.quirks, field);
        if (texts.before != texts.after)
            changes.push_back({Group::quirks, translated(field.info.label), texts.before, texts.after, {},
                translated(field.info.help)});
    }
    for (const Group group : {Group::structure, Group::numbers}) {
        for (const Field<Profile> &field : fields<Profile>()) {
            const ValueTexts texts = texts_of(before, after, field);
            const bool describes = field.info.key == "title" || field.info.key == "source";
            if (describes || texts.is_switch != (group == Group::structure)
                || field_text(before, field) == field_text(after, field))
                continue;
            ProfileChange change{
                group, translated(field.info.label), texts.before, texts.after, {}, translated(field.info.help)};
            const auto origin = std::find_if(after.calibration.begin(), after.calibration.end(),
                [&](const ParameterOrigin &one) { return one.parameter == field.info.key; });
            if (origin != after.calibration.end()) {
                const std::string_view how = epscope::name_of(origin->origin);
                change.origin = QString::fromUtf8(how.data(), static_cast<qsizetype>(how.size()));
                if (!origin->source.empty())
                    change.help += u'\n' + qstring(origin->source);
            }
            changes.push_back(std::move(change));
        }
    }
    add_rules(changes, ProfileTexts::tr("Matrix products"), before, after, &Profile::gemm_by_balance,
        &Profile::gemm_by_inner, &Profile::gemm_by_narrow, &Profile::gemm_long_inner, &Profile::expert_up,
        &Profile::expert_down);
    add_rules(changes, ProfileTexts::tr("Attention"), before, after, &Profile::flash_mla_by_balance,
        &Profile::flash_mla_general, &Profile::flash_mla_low_compute);
    return changes;
}

} // namespace epscope
