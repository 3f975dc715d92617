// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/analysis.h"

namespace epscope {
namespace {

std::optional<Variable> variable_of(const Study &study, const std::string &key)
{
    auto found = find_variable(study, key);
    if (auto *variable = std::get_if<Variable>(&found))
        return std::move(*variable);
    return std::nullopt;
}

std::shared_ptr<const Answer> find(const Study &study, const SensitivityQuestion &question, const Running &running, const OnAnswer &)
{
    const Metric *metric = find_metric(question.metric);
    if (!metric || !metric->number)
        return nullptr;
    Sensitivity found = sensitivity_of(study, *metric, scalable_variables(study), question.percent, running);
    if (!found.complete)
        return nullptr;
    return std::make_shared<const Answer>(Answer{study, question, std::move(found)});
}

std::shared_ptr<const Answer> find(const Study &study, const MapQuestion &question, const Running &running, const OnAnswer &on_part)
{
    const std::optional<Variable> x = variable_of(study, question.x), y = variable_of(study, question.y);
    if (!x || !y || x->key == y->key)
        return nullptr;
    const auto axis = [&](const Variable &variable) {
        const auto [from, to] = map_range(variable);
        return map_axis(variable, from, to, question.size);
    };
    std::optional<Map> against;
    if (question.against) {
        against = map_of(*question.against, axis(*x), axis(*y), running);
        if (against->stride != 1)
            return nullptr;
    }
    const auto part = [&](const Map &map) {
        if (on_part)
            on_part(std::make_shared<const Answer>(Answer{study, question, map, false, against}));
    };
    Map found = map_of(study, axis(*x), axis(*y), running, part);
    if (found.stride != 1)
        return nullptr;
    return std::make_shared<const Answer>(Answer{study, question, std::move(found), true, std::move(against)});
}

std::shared_ptr<const Answer> find(const Study &study, const SeekQuestion &question, const Running &running, const OnAnswer &)
{
    const std::optional<Variable> variable = variable_of(study, question.key);
    const auto goal = parse_goal(question.goal);
    if (!variable || !std::holds_alternative<Goal>(goal))
        return nullptr;
    Sought found = seek(study, *variable, std::get<Goal>(goal), running);
    if (found.result == SeekResult::stopped)
        return nullptr;
    return std::make_shared<const Answer>(Answer{study, question, std::move(found)});
}

std::shared_ptr<const Answer> find(const Study &study, const CurveQuestion &question, const Running &running, const OnAnswer &)
{
    const std::optional<Variable> variable = variable_of(study, question.key);
    if (!variable)
        return nullptr;
    Curve found = curve_of(study, *variable, question.values, running);
    if (!found.complete)
        return nullptr;
    return std::make_shared<const Answer>(Answer{study, question, std::move(found)});
}

} // namespace

Study study_in_question(const Explored &explored)
{
    return with_chip(explored.searched, explored.leading().chip);
}

std::shared_ptr<const Answer> answer_to(const Study &study, const Question &question, const Running &running, const OnAnswer &on_part)
{
    return std::visit([&](const auto &each) { return find(study, each, running, on_part); }, question);
}

} // namespace epscope
