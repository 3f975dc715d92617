// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explore/questions.h"

#include <algorithm>

namespace epscope {
namespace {

std::optional<Variable> variable_of(const Study &study, const std::string &key)
{
    auto found = find_variable(study, key);
    if (auto *variable = std::get_if<Variable>(&found))
        return std::move(*variable);
    return std::nullopt;
}

// Of several searches with as many steps each, one; `before` steps of the others are done.
Running part_of(const Running &running, std::size_t before, std::size_t parts)
{
    Running part = running;
    if (running.progress)
        part.progress = [&running, before, parts](
                            std::size_t done, std::size_t all) { running.progress(before + done, parts * all); };
    return part;
}

std::shared_ptr<const Answer> find(
    const Study &study, const SensitivityQuestion &question, const Running &running, const OnAnswer &on_part)
{
    const Metric *metric = find_metric(question.metric);
    if (!metric || !metric->number)
        return nullptr;
    const std::vector<Variable> variables = scalable_variables(study);
    const std::size_t parts = question.against ? 2 : 1;
    Answer answer{study, question,
        sensitivity_of(study, *metric, variables, question.percent, part_of(running, 0, parts)), !question.against};
    if (!std::get<Sensitivity>(answer.found).complete)
        return nullptr;
    if (!question.against)
        return std::make_shared<const Answer>(std::move(answer));
    if (on_part)
        on_part(std::make_shared<const Answer>(answer));
    std::vector<Variable> same = scalable_variables(*question.against);
    std::erase_if(same, [&](const Variable &variable) {
        return std::none_of(
            variables.begin(), variables.end(), [&](const Variable &other) { return other.key == variable.key; });
    });
    Running rest = running;
    if (running.progress)
        rest.progress = [&](std::size_t done, std::size_t all) { running.progress(all + done, parts * all); };
    Sensitivity against = sensitivity_of(*question.against, *metric, same, question.percent, rest);
    if (!against.complete)
        return nullptr;
    answer.against = std::move(against);
    answer.complete = true;
    return std::make_shared<const Answer>(std::move(answer));
}

// Both maps in turns, so that the coarse difference is there before either of them is refined.
std::shared_ptr<const Answer> find(
    const Study &study, const MapQuestion &question, const Running &running, const OnAnswer &on_part)
{
    const std::optional<Variable> x = variable_of(study, question.x), y = variable_of(study, question.y);
    if (!x || !y || x->key == y->key)
        return nullptr;
    const auto axis = [&](const Variable &variable) {
        const auto [from, to] = map_range(variable);
        return map_axis(variable, from, to, question.size);
    };
    Map now = unknown_map(axis(*x), axis(*y));
    std::optional<Map> against;
    if (question.against)
        against = now;
    const std::size_t maps = against ? 2 : 1;
    while (now.stride != 1) {
        if (!refine(now, study, part_of(running, against ? against->known() : 0, maps)))
            return nullptr;
        if (against && !refine(*against, *question.against, part_of(running, now.known(), maps)))
            return nullptr;
        if (now.stride != 1 && on_part)
            on_part(std::make_shared<const Answer>(Answer{study, question, now, false, against}));
    }
    return std::make_shared<const Answer>(Answer{study, question, std::move(now), true, std::move(against)});
}

std::shared_ptr<const Answer> find(
    const Study &study, const SeekQuestion &question, const Running &running, const OnAnswer &)
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

std::shared_ptr<const Answer> find(
    const Study &study, const CurveQuestion &question, const Running &running, const OnAnswer &)
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

std::shared_ptr<const Answer> answer_against(const Answer &answer, const Study &study)
{
    return std::visit(
        [&](auto question) -> std::shared_ptr<const Answer> {
            if constexpr (requires { question.against; }) {
                if (!answer.against || question.against != study)
                    return nullptr;
                question.against.reset();
                return std::make_shared<const Answer>(Answer{study, std::move(question), *answer.against});
            }
            return nullptr;
        },
        answer.question);
}

std::shared_ptr<const Answer> answer_to(
    const Study &study, const Question &question, const Running &running, const OnAnswer &on_part)
{
    return std::visit([&](const auto &each) { return find(study, each, running, on_part); }, question);
}

} // namespace epscope
