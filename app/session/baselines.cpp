// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/baselines.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/analysis/outcome.h"
#include "core/analysis/variable.h"

namespace epscope {
namespace {

const std::string &name_of_chip(const ChipView &view)
{
    return view.scenario.chip.name;
}

} // namespace

const ChipView *Baseline::view(std::string_view chip) const
{
    const auto found = std::find_if(explored->chips.begin(), explored->chips.end(), [&](const ChipView &each) { return name_of_chip(each) == chip; });
    return found == explored->chips.end() ? nullptr : &*found;
}

bool ValueChange::slight(double threshold) const
{
    return now == before || std::abs(part()) < threshold;
}

std::optional<ValueChange> change_of(double before, double now)
{
    if (!(before > 0 && now > 0 && std::isfinite(before) && std::isfinite(now)))
        return std::nullopt;
    return ValueChange{before, now};
}

QString change_text(const ValueChange &change)
{
    const double percent = 100 * change.part(), size = std::abs(percent);
    constexpr double least = 0.005; // the smallest that two decimals show
    if (size < least)
        return Baselines::tr("± 0 %");
    const QString number = QString::number(size, 'f', size < 0.995 ? 2 : size < 9.95 ? 1 : 0);
    return percent > 0 ? Baselines::tr("▲ +%1 %").arg(number) : Baselines::tr("▼ −%1 %").arg(number);
}

ChipChange chip_change(const Baseline &baseline, const ChipView &now)
{
    const ChipView *before = baseline.view(name_of_chip(now));
    if (!before)
        return {nullptr, Baselines::tr("not in %1").arg(baseline.name)};
    if (!before->estimate.feasible())
        return {nullptr, Baselines::tr("infeasible in %1").arg(baseline.name)};
    return {before, {}};
}

std::optional<double> value_in(const Baseline &baseline, const std::string &key)
{
    const Study &study = baseline.explored->inputs.study;
    const std::vector<Chip> &chips = study.chips;
    const auto is_meant = [&](const Chip &chip) { return !key.starts_with("chip.") || key.starts_with("chip." + chip.name + '.'); };
    const auto chip = std::find_if(chips.begin(), chips.end(), is_meant);
    if (key.empty() || chip == chips.end())
        return std::nullopt;
    const auto found = find_variable(with_chip(study, static_cast<std::size_t>(chip - chips.begin())), key);
    const auto *variable = std::get_if<Variable>(&found);
    return variable ? variable->stated : std::nullopt;
}

bool Baselines::is_taken(const QString &name) const
{
    return std::any_of(values.pins.begin(), values.pins.end(), [&](const Baseline &pin) { return pin.name == name; });
}

bool Baselines::pin(std::shared_ptr<const Explored> explored, const QString &proposed_name)
{
    if (full())
        return false;
    const QString base = proposed_name.trimmed().isEmpty() ? tr("Baseline") : proposed_name.trimmed();
    QString name = base;
    for (int number = 2; is_taken(name); ++number)
        name = tr("%1 %2").arg(base).arg(number);
    std::size_t mark = 0;
    const auto in_use = [&](const Baseline &pin) { return pin.mark == mark; };
    while (std::any_of(values.pins.begin(), values.pins.end(), in_use))
        ++mark;
    values.pins.push_back({name, mark, std::move(explored)});
    values.primary_index = values.pins.size() - 1;
    have_changed();
    return true;
}

bool Baselines::rename(std::size_t index, const QString &name)
{
    const QString wanted = name.trimmed();
    if (index >= values.pins.size() || wanted.isEmpty())
        return false;
    if (wanted == values.pins[index].name)
        return true;
    if (is_taken(wanted))
        return false;
    values.pins[index].name = wanted;
    have_changed();
    return true;
}

void Baselines::remove(std::size_t index)
{
    if (index >= values.pins.size())
        return;
    values.pins.erase(values.pins.begin() + static_cast<std::ptrdiff_t>(index));
    if (values.primary_index > index || (values.primary_index == values.pins.size() && values.primary_index > 0))
        --values.primary_index;
    have_changed();
}

void Baselines::clear()
{
    if (values.pins.empty())
        return;
    values.pins.clear();
    values.primary_index = 0;
    have_changed();
}

void Baselines::set_primary(std::size_t index)
{
    if (index >= values.pins.size() || index == values.primary_index)
        return;
    values.primary_index = index;
    have_changed();
}

void Baselines::set_threshold(double threshold)
{
    const double allowed = std::clamp(threshold, 0.0, largest_threshold);
    if (allowed == values.threshold)
        return;
    values.threshold = allowed;
    have_changed();
}

void Baselines::have_changed()
{
    values.covered.clear();
    for (const Baseline &pin : values.pins)
        values.covered.push_back(pin.explored);
    emit changed();
}

} // namespace epscope
