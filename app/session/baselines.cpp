// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/baselines.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/session/names.h"
#include "app/words/text.h"
#include "core/analysis/compare.h"
#include "core/analysis/outcome.h"
#include "core/io/spec_reader.h"
#include "core/spec/named.h"

namespace epscope {
namespace {

const std::string &name_of_chip(const ChipView &view)
{
    return view.scenario.chip.name;
}

bool is_of(const Explored &explored, const Pin &pin)
{
    return explored.inputs.selection == pin.selection && explored.inputs.study == *pin.study;
}

} // namespace

const ChipView *Baseline::view(std::string_view chip) const
{
    const auto found = std::find_if(explored->chips.begin(), explored->chips.end(),
        [&](const ChipView &each) { return name_of_chip(each) == chip; });
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
    return change_text(percent, QString::number(size, 'f', size < 0.995 ? 2 : size < 9.95 ? 1 : 0));
}

QString change_text(double percent, const QString &number)
{
    if (!is_shown_change(percent))
        return Baselines::tr("± 0 %");
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

std::optional<Variable> variable_at(const Study &study, const std::string &key)
{
    const auto is_meant = [&](const Chip &chip) {
        return !key.starts_with("chip.") || key.starts_with("chip." + chip.name + '.');
    };
    const auto chip = std::find_if(study.chips.begin(), study.chips.end(), is_meant);
    if (key.empty() || chip == study.chips.end())
        return std::nullopt;
    auto found = find_variable(with_chip(study, static_cast<std::size_t>(chip - study.chips.begin())), key);
    auto *variable = std::get_if<Variable>(&found);
    return variable ? std::optional(std::move(*variable)) : std::nullopt;
}

std::optional<double> value_in(const Baseline &baseline, const std::string &key)
{
    const std::optional<Variable> variable = variable_at(baseline.explored->inputs.study, key);
    return variable ? variable->stated : std::nullopt;
}

PinnedBaselines only_baseline(std::shared_ptr<const Explored> explored, const QString &name)
{
    PinnedBaselines one;
    one.covered = {explored};
    one.pins = {{name, 0, std::move(explored)}};
    return one;
}

Baselines::Baselines(Session &owner, QObject *parent)
    : QObject(parent)
    , session(owner)
    , runner(nullptr, explore, Priority::low)
{
    connect(&session, &Session::pins_changed, this, [this] {
        failures.clear();
        follow_pins();
    });
    connect(&session, &Session::explored_changed, this, [this] { take_result(session.explored()); });
    connect(&runner, &SearchRunner::finished, this, &Baselines::take_result);
    connect(&runner, &SearchRunner::failed, this, [this](const QString &problem) {
        if (under_way)
            failures.push_back(*std::exchange(under_way, std::nullopt));
        search_next();
        emit failed(problem);
    });
}

bool Baselines::pin(std::shared_ptr<const Explored> explored, const QString &proposed_name)
{
    if (full())
        return false;
    keep(explored);
    return pin(explored->inputs.study, explored->inputs.selection, proposed_name);
}

bool Baselines::pin(const Study &study, const std::optional<Selection> &selection, const QString &proposed_name)
{
    if (full())
        return false;
    Pins pins = session.pins();
    const QString proposed = proposed_name.trimmed().isEmpty() ? tr("Baseline") : proposed_name.trimmed();
    const QString name =
        free_name(proposed, [&](const QString &other) { return find_named(pins.all, other.toStdString()) != nullptr; });
    Pin pin{name.toStdString(), 0, std::make_shared<const Study>(study), selection};
    const auto in_use = [&](const Pin &other) { return other.mark == pin.mark; };
    while (std::any_of(pins.all.begin(), pins.all.end(), in_use))
        ++pin.mark;
    pins.primary = pins.all.size();
    pins.all.push_back(std::move(pin));
    session.change_pins(std::move(pins), tr("Pinned %1").arg(name));
    return true;
}

QString Baselines::rename(std::size_t index, const QString &proposed_name)
{
    Pins pins = session.pins();
    const QString name = proposed_name.trimmed();
    if (index >= pins.all.size() || name.toStdString() == pins.all[index].name)
        return {};
    if (name.isEmpty())
        return tr("A baseline needs a name.");
    if (const auto wrong = name_problem(name.toStdString()))
        return to_text(*wrong);
    if (find_named(pins.all, name.toStdString()))
        return tr("There is another baseline named %1").arg(name);
    const QString was = to_text(std::exchange(pins.all[index].name, name.toStdString()));
    session.change_pins(std::move(pins), tr("Baseline %1 renamed %2").arg(was, name));
    return {};
}

void Baselines::remove(std::size_t index)
{
    Pins pins = session.pins();
    if (index >= pins.all.size())
        return;
    const QString name = to_text(pins.all[index].name);
    pins.all.erase(pins.all.begin() + static_cast<std::ptrdiff_t>(index));
    if (pins.primary > index || (pins.primary == pins.all.size() && pins.primary > 0))
        --pins.primary;
    session.change_pins(std::move(pins), tr("Unpinned %1").arg(name));
}

void Baselines::clear()
{
    Pins pins;
    pins.threshold = session.pins().threshold;
    session.change_pins(std::move(pins), tr("All baselines unpinned"));
}

void Baselines::set_primary(std::size_t index)
{
    Pins pins = session.pins();
    if (index >= pins.all.size())
        return;
    pins.primary = index;
    const QString name = to_text(pins.all[index].name);
    session.change_pins(std::move(pins), tr("Compared with %1").arg(name));
}

void Baselines::set_threshold(double threshold)
{
    Pins pins = session.pins();
    pins.threshold = std::clamp(threshold, 0.0, largest_threshold);
    const QString percent = QString::number(100 * pins.threshold);
    session.change_pins(std::move(pins), tr("Differences grey below %1 %").arg(percent));
}

std::shared_ptr<const Explored> Baselines::result_of(const Pin &pin) const
{
    const auto found = std::find_if(results.rbegin(), results.rend(),
        [&](const std::shared_ptr<const Explored> &each) { return is_of(*each, pin); });
    return found == results.rend() ? nullptr : *found;
}

// A pin has no result yet, and this is it.
bool Baselines::lacks(const Explored &explored) const
{
    const std::vector<Pin> &pins = session.pins().all;
    return std::any_of(
        pins.begin(), pins.end(), [&](const Pin &pin) { return is_of(explored, pin) && !result_of(pin); });
}

void Baselines::keep(std::shared_ptr<const Explored> explored)
{
    constexpr std::size_t most = 24; // a step back to more is searched again
    std::erase_if(results, [&](const std::shared_ptr<const Explored> &each) {
        return each->inputs.selection == explored->inputs.selection && each->inputs.study == explored->inputs.study;
    });
    if (results.size() >= most) {
        const std::vector<Pin> &pins = session.pins().all;
        const auto is_idle = [&](const std::shared_ptr<const Explored> &each) {
            return std::none_of(pins.begin(), pins.end(), [&](const Pin &pin) { return is_of(*each, pin); });
        };
        results.erase(
            std::find_if(results.begin(), results.end(), is_idle)); // there is one: fewer are pinned than are kept
    }
    results.push_back(std::move(explored));
}

void Baselines::take_result(const std::shared_ptr<const Explored> &explored)
{
    if (!explored || !explored->exact)
        return;
    if (under_way == explored->inputs)
        under_way.reset();
    if (lacks(*explored)) {
        keep(explored);
        follow_pins();
    }
}

void Baselines::follow_pins()
{
    const Pins &pins = session.pins();
    // What was found next to other chips is drawn in other colours.
    const std::vector<std::string> &known = session.inputs().known_chips;
    std::erase_if(results, [&](const std::shared_ptr<const Explored> &each) {
        const std::vector<std::string> &then = each->inputs.known_chips;
        return then.size() > known.size() || !std::equal(then.begin(), then.end(), known.begin());
    });
    values = {};
    values.threshold = pins.threshold;
    for (std::size_t i = 0; i < pins.all.size(); ++i) {
        const Pin &pin = pins.all[i];
        const std::shared_ptr<const Explored> result = result_of(pin);
        if (!result && i == pins.primary) { // without it there is nothing to tell
            values.pins.clear();
            break;
        }
        if (!result)
            continue;
        if (i == pins.primary)
            values.primary_index = values.pins.size();
        values.pins.push_back({to_text(pin.name), pin.mark, result});
    }
    for (const Baseline &pin : values.pins)
        values.covered.push_back(pin.explored);
    search_next();
    emit changed();
}

// One at a time, that which the others are compared with first.
void Baselines::search_next()
{
    const Pins &pins = session.pins();
    std::optional<Inputs> next;
    for (std::size_t i = 0; i < pins.all.size(); ++i) {
        const Pin &pin = pins.all[i];
        if ((next && i != pins.primary) || result_of(pin))
            continue;
        Inputs inputs{*pin.study, pin.selection, session.inputs().known_chips, session.inputs().measured};
        if (std::find(failures.begin(), failures.end(), inputs) == failures.end())
            next = std::move(inputs);
    }
    if (next == under_way)
        return;
    under_way = std::move(next);
    if (under_way)
        runner.submit(*under_way);
    else
        runner.cancel();
}

} // namespace epscope
