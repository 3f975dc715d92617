// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/baselines.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "core/analysis/outcome.h"
#include "core/io/spec_reader.h"

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

std::optional<Variable> variable_at(const Study &study, const std::string &key)
{
    const auto is_meant = [&](const Chip &chip) { return !key.starts_with("chip.") || key.starts_with("chip." + chip.name + '.'); };
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

Baselines::Baselines(Session &owner, QObject *parent) : QObject(parent), session(owner)
{
    connect(&session, &Session::pins_changed, this, &Baselines::follow_pins);
}

bool Baselines::pin(std::shared_ptr<const Explored> explored, const QString &proposed_name)
{
    if (full())
        return false;
    keep(explored);
    return add({{}, 0, std::make_shared<const Study>(explored->inputs.study), explored->inputs.selection}, proposed_name);
}

bool Baselines::pin(const Study &study, const QString &proposed_name)
{
    return add({{}, 0, std::make_shared<const Study>(study), std::nullopt}, proposed_name);
}

bool Baselines::add(Pin pin, const QString &proposed_name)
{
    if (full())
        return false;
    Pins pins = session.pins();
    constexpr qsizetype longest = 56; // leaves room for a number
    QString base = proposed_name.trimmed().isEmpty() ? tr("Baseline") : proposed_name.trimmed();
    while (base.toUtf8().size() > longest)
        base.chop(1);
    QString name = base;
    const auto is_taken = [&](const Pin &other) { return other.name == name.toStdString(); };
    for (int number = 2; std::any_of(pins.all.begin(), pins.all.end(), is_taken); ++number)
        name = tr("%1 %2").arg(base).arg(number);
    const auto in_use = [&](const Pin &other) { return other.mark == pin.mark; };
    while (std::any_of(pins.all.begin(), pins.all.end(), in_use))
        ++pin.mark;
    pin.name = name.toStdString();
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
        return QString::fromStdString(*wrong);
    if (std::any_of(pins.all.begin(), pins.all.end(), [&](const Pin &other) { return other.name == name.toStdString(); }))
        return tr("There is another baseline named %1").arg(name);
    const QString was = QString::fromStdString(std::exchange(pins.all[index].name, name.toStdString()));
    session.change_pins(std::move(pins), tr("Baseline %1 renamed %2").arg(was, name));
    return {};
}

void Baselines::remove(std::size_t index)
{
    Pins pins = session.pins();
    if (index >= pins.all.size())
        return;
    const QString name = QString::fromStdString(pins.all[index].name);
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
    const QString name = QString::fromStdString(pins.all[index].name);
    session.change_pins(std::move(pins), tr("Compared with %1").arg(name));
}

void Baselines::set_threshold(double threshold)
{
    Pins pins = session.pins();
    pins.threshold = std::clamp(threshold, 0.0, largest_threshold);
    const QString percent = QString::number(100 * pins.threshold);
    session.change_pins(std::move(pins), tr("Differences grey below %1 %").arg(percent));
}

std::shared_ptr<const Explored> Baselines::result_of(const Study &study, const std::optional<Selection> &selection) const
{
    const auto found = std::find_if(results.rbegin(), results.rend(), [&](const std::shared_ptr<const Explored> &each) {
        return each->inputs.selection == selection && each->inputs.study == study;
    });
    return found == results.rend() ? nullptr : *found;
}

void Baselines::keep(std::shared_ptr<const Explored> explored)
{
    constexpr std::size_t most = 24; // a step back to more is searched again
    std::erase_if(results, [&](const std::shared_ptr<const Explored> &each) {
        return each->inputs.selection == explored->inputs.selection && each->inputs.study == explored->inputs.study;
    });
    if (results.size() == most)
        results.erase(results.begin());
    results.push_back(std::move(explored));
}

void Baselines::follow_pins()
{
    const Pins &pins = session.pins();
    // What was found beside other chips is drawn in other colours.
    const std::vector<std::string> &known = session.inputs().known_chips;
    std::erase_if(results, [&](const std::shared_ptr<const Explored> &each) {
        const std::vector<std::string> &then = each->inputs.known_chips;
        return then.size() > known.size() || !std::equal(then.begin(), then.end(), known.begin());
    });
    values = {};
    values.threshold = pins.threshold;
    for (std::size_t i = 0; i < pins.all.size(); ++i) {
        const Pin &pin = pins.all[i];
        const std::shared_ptr<const Explored> result = result_of(*pin.study, pin.selection);
        if (!result && i == pins.primary) { // without it there is nothing to tell
            values.pins.clear();
            break;
        }
        if (!result)
            continue;
        if (i == pins.primary)
            values.primary_index = values.pins.size();
        values.pins.push_back({QString::fromStdString(pin.name), pin.mark, result});
    }
    for (const Baseline &pin : values.pins)
        values.covered.push_back(pin.explored);
    search_missing();
    emit changed();
}

// The one compared with comes first.
void Baselines::search_missing()
{
    const Pins &pins = session.pins();
    std::vector<Inputs> missing;
    for (std::size_t i = 0; i < pins.all.size(); ++i) {
        const Pin &pin = pins.all[i];
        if (!result_of(*pin.study, pin.selection))
            missing.insert(i == pins.primary ? missing.begin() : missing.end(),
                           Inputs{*pin.study, pin.selection, session.inputs().known_chips, session.inputs().measured});
    }
    if (missing.empty()) {
        wanted.clear();
        worker.request_stop();
        return;
    }
    const auto is_under_way = [this](const Inputs &inputs) { return std::find(wanted.begin(), wanted.end(), inputs) != wanted.end(); };
    if (std::all_of(missing.begin(), missing.end(), is_under_way))
        return;
    wanted = std::move(missing);
    worker = std::jthread([this, all = wanted](const std::stop_token &stop) {
        for (const Inputs &inputs : all) {
            ExploreOptions options;
            options.stop = stop;
            try {
                const std::shared_ptr<const Explored> found = explore(inputs, options);
                if (!found)
                    return;
                reports.post([this, found] {
                    std::erase(wanted, found->inputs);
                    keep(found);
                    follow_pins();
                });
            } catch (const std::exception &problem) { // for want of memory
                reports.post([this, what = QString::fromUtf8(problem.what())] { emit failed(what); });
            }
        }
    });
}

} // namespace epscope
