// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/view_choices.h"

#include <utility>

namespace epscope {

std::function<void()> ViewChoices::add(ViewChoice choice)
{
    const QString value = choice.value();
    Known &known = *all.emplace_back(std::make_unique<Known>(Known{std::move(choice), value}));
    return [this, &known] { follow(known); };
}

QMap<QString, QString> ViewChoices::remembered() const
{
    QMap<QString, QString> values;
    for (const auto &each : all) {
        if (each->choice.remembered)
            values.insert(each->choice.key, each->choice.value());
    }
    return values;
}

void ViewChoices::restore(const QMap<QString, QString> &values)
{
    for (const auto &each : all) {
        if (each->choice.remembered && values.contains(each->choice.key))
            give_back(*each, values.value(each->choice.key));
    }
}

void ViewChoices::give_back(Known &known, const QString &value)
{
    known.being_set = true;
    known.choice.set(value);
    known.value = known.choice.value();
    known.being_set = false;
}

void ViewChoices::follow(Known &known)
{
    const QString now = known.choice.value();
    if (known.being_set || now == known.value)
        return;
    const QString before = std::exchange(known.value, now);
    session.record(known.choice.name(), known.choice.key, before, now,
        [&known](const QString &value) { give_back(known, value); });
}

} // namespace epscope
