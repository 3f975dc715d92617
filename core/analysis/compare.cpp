// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/compare.h"

#include <algorithm>
#include <cmath>

#include "core/spec/differences.h"
#include "core/spec/profile_rules.h"
#include "core/text.h"

namespace epscope {
namespace {

template <class T>
std::string names_of(const std::vector<T> &entries)
{
    std::vector<std::string> names;
    for (const T &entry : entries)
        names.push_back(entry.name);
    return joined(names, ", ");
}

// An input as one text of each study shows it, if these differ.
template <class TextOf>
void add_if_differs(std::vector<DifferingInput> &found, const std::vector<Case> &cases, std::string key,
    std::string label, const TextOf &text_of)
{
    DifferingInput input{std::move(key), std::move(label), {}};
    for (std::size_t i = 0; i < cases.size(); ++i)
        input.texts.push_back(text_of(cases[i].study, i));
    if (std::any_of(input.texts.begin(), input.texts.end(),
            [&](const std::string &text) { return text != input.texts.front(); }))
        found.push_back(std::move(input));
}

// Names, titles and sources are told by their entry's name.
bool is_text(const Parameter &parameter)
{
    return parameter.axis == Axis::none && parameter.choices.empty();
}

} // namespace

std::vector<DifferingInput> differing_inputs(const std::vector<Case> &cases, const std::vector<std::size_t> &chips)
{
    std::vector<DifferingInput> inputs;
    const auto add = [&](std::string key, std::string label, const auto &text_of) {
        add_if_differs(inputs, cases, std::move(key), std::move(label), text_of);
    };
    add("profile", "Profile", [](const Study &study, std::size_t) { return study.profile.name; });
    const bool told = !inputs.empty(); // what its rules are
    add("model", "Model", [](const Study &study, std::size_t) { return study.model.name; });
    add("chips", "Chips", [](const Study &study, std::size_t) { return names_of(study.chips); });
    add("nics", "NICs", [](const Study &study, std::size_t) { return names_of(study.nics); });

    std::vector<const Study *> studies;
    for (const Case &each : cases)
        studies.push_back(&each.study);
    std::vector<Difference> differing = differences(studies);
    std::erase_if(differing, [](const Difference &one) { return is_text(*one.parameter); });
    const auto add_those_of = [&](const Parameter &parameter) {
        for (Difference &one : differing) {
            if (one.parameter->scope == parameter.scope && one.parameter->key == parameter.key)
                inputs.push_back(
                    {std::move(one.key), std::string(parameter.label) + (one.entry.empty() ? "" : " of " + one.entry),
                        std::move(one.texts)});
        }
    };
    const auto lead = [&](const Study &study, std::size_t i) -> const Chip & { return study.chips[chips[i]]; };
    bool same_lead = true;
    for (std::size_t i = 1; i < cases.size(); ++i)
        same_lead = same_lead && lead(cases[i].study, i).name == lead(cases[0].study, 0).name;
    for (const Parameter &parameter : all_parameters()) {
        if (is_text(parameter))
            continue;
        add_those_of(parameter);
        const std::string key(parameter.key);
        if (parameter.scope == Scope::chip && !same_lead)
            add("chip." + key, std::string(parameter.label), [&](const Study &study, std::size_t i) {
                return parameter_text(study, "chip." + lead(study, i).name + "." + key).value_or("");
            });
    }
    const bool rules_differ = std::any_of(cases.begin(), cases.end(),
        [&](const Case &each) { return !same_rules(each.study.profile, cases.front().study.profile); });
    if (rules_differ && !told) {
        DifferingInput rules{"profile", "Efficiency rules", {}};
        for (const Case &each : cases)
            rules.texts.push_back(same_rules(each.study.profile, cases.front().study.profile)
                    ? each.study.profile.name
                    : each.study.profile.name + " (changed)");
        inputs.push_back(std::move(rules));
    }
    return inputs;
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

bool is_shown_change(double percent)
{
    constexpr double least_shown = 0.005;
    return std::abs(percent) >= least_shown;
}

} // namespace epscope
