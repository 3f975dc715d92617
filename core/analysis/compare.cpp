// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/compare.h"

#include <algorithm>
#include <cmath>

#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {
namespace {

class Collector {
public:
    explicit Collector(const std::vector<Case> &all)
        : cases(all)
    {
    }

    template <class TextOf>
    void add(std::string key, std::string label, const TextOf &text_of)
    {
        DifferingInput input{std::move(key), std::move(label), {}};
        for (std::size_t i = 0; i < cases.size(); ++i)
            input.texts.push_back(text_of(cases[i].study, i));
        if (std::any_of(input.texts.begin(), input.texts.end(),
                [&](const std::string &text) { return text != input.texts.front(); }))
            found.push_back(std::move(input));
    }
    void add_parameter(const std::string &key, std::string label)
    {
        add(key, std::move(label),
            [&](const Study &study, std::size_t) { return parameter_text(study, key).value_or(""); });
    }

    const std::vector<Case> &cases;
    std::vector<DifferingInput> found;
};

template <class T>
std::string names_of(const std::vector<T> &entries)
{
    std::vector<std::string> names;
    for (const T &entry : entries)
        names.push_back(entry.name);
    return joined(names, ", ");
}

// Names of the entries that every case has.
template <class T>
std::vector<std::string> common_names(const std::vector<Case> &cases, std::vector<T> Study::*entries)
{
    std::vector<std::string> names;
    for (const T &entry : cases.front().study.*entries) {
        const auto has_it = [&](const Case &each) {
            return std::any_of((each.study.*entries).begin(), (each.study.*entries).end(),
                [&](const T &other) { return other.name == entry.name; });
        };
        if (std::all_of(cases.begin(), cases.end(), has_it))
            names.push_back(entry.name);
    }
    return names;
}

// Names, titles and sources are told by their entry's name.
bool is_text(const Parameter &parameter)
{
    return parameter.axis == Axis::none && parameter.choices.empty();
}

// Everything of a profile that counts and that the parameter table does not list.
bool same_rules(const Profile &a, const Profile &b)
{
    return a.gemm_by_inner == b.gemm_by_inner && a.gemm_by_narrow == b.gemm_by_narrow
        && a.gemm_long_inner == b.gemm_long_inner && a.expert_up == b.expert_up && a.expert_down == b.expert_down
        && a.flash_mla_general == b.flash_mla_general && a.flash_mla_low_compute == b.flash_mla_low_compute
        && a.gemm_by_balance == b.gemm_by_balance && a.flash_mla_by_balance == b.flash_mla_by_balance;
}

} // namespace

std::vector<DifferingInput> differing_inputs(const std::vector<Case> &cases, const std::vector<std::size_t> &chips)
{
    Collector collector(cases);
    collector.add("profile", "Profile", [](const Study &study, std::size_t) { return study.profile.name; });
    collector.add("model", "Model", [](const Study &study, std::size_t) { return study.model.name; });
    collector.add("chips", "Chips", [](const Study &study, std::size_t) { return names_of(study.chips); });
    collector.add("nics", "NICs", [](const Study &study, std::size_t) { return names_of(study.nics); });
    const auto lead = [&](std::size_t i) { return cases[i].study.chips[chips[i]].name; };
    bool same_lead = true;
    for (std::size_t i = 1; i < cases.size(); ++i)
        same_lead = same_lead && lead(i) == lead(0);
    const std::vector<std::string> common_chips = common_names(cases, &Study::chips),
                                   common_nics = common_names(cases, &Study::nics);
    for (const Parameter &parameter : all_parameters()) {
        if (is_text(parameter))
            continue;
        const std::string key(parameter.key), label(parameter.label);
        switch (parameter.scope) {
        case Scope::workload:
        case Scope::search:
        case Scope::target:
            collector.add_parameter(key, label);
            break;
        case Scope::chip:
            for (const std::string &name : common_chips)
                collector.add_parameter("chip." + name + "." + key, label + " of " + name);
            if (!same_lead)
                collector.add("chip." + key, label, [&](const Study &study, std::size_t i) {
                    return parameter_text(study, "chip." + lead(i) + "." + key).value_or("");
                });
            break;
        case Scope::nic:
            for (const std::string &name : common_nics)
                collector.add_parameter("nic." + name + "." + key, label + " of " + name);
            break;
        default:
            collector.add_parameter(std::string(name_of(parameter.scope)) + "." + key, label);
            break;
        }
    }
    const bool rules_differ = std::any_of(cases.begin(), cases.end(),
        [&](const Case &each) { return !same_rules(each.study.profile, cases.front().study.profile); });
    const bool told = std::any_of(collector.found.begin(), collector.found.end(),
        [](const DifferingInput &input) { return input.key == "profile"; });
    if (rules_differ && !told) {
        DifferingInput rules{"profile", "Efficiency rules", {}};
        for (const Case &each : cases)
            rules.texts.push_back(same_rules(each.study.profile, cases.front().study.profile)
                    ? each.study.profile.name
                    : each.study.profile.name + " (changed)");
        collector.found.push_back(std::move(rules));
    }
    return std::move(collector.found);
}

Comparison compare(const std::vector<Case> &cases, const Running &running)
{
    Comparison result;
    result.outcomes.resize(cases.size());
    for (const Case &each : cases) {
        const std::optional<std::size_t> chip = leading_chip(each.study, running.stop, running.threads);
        if (!chip)
            return result;
        result.chips.push_back(*chip);
    }
    result.complete = run_parallel(cases.size(), running, [&](std::size_t i) {
        result.outcomes[i] = outcome_of(with_chip(cases[i].study, result.chips[i]), running.stop);
    });
    result.inputs = differing_inputs(cases, result.chips);
    return result;
}

std::optional<Change> change_of(const std::optional<double> &first, const std::optional<double> &other)
{
    if (!first || !other)
        return std::nullopt;
    Change change{*other - *first, std::nullopt};
    if (*first != 0)
        change.percent = 100 * change.difference / std::abs(*first);
    return change;
}

} // namespace epscope
