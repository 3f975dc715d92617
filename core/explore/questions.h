// SPDX-License-Identifier: GPL-3.0-or-later
// Questions that take many searches, and their answers.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/analysis/curve.h"
#include "core/analysis/map.h"
#include "core/analysis/seek.h"
#include "core/analysis/sensitivity.h"
#include "core/explore/explored.h"

namespace epscope {

struct SensitivityQuestion {
    std::string metric{output::throughput};
    double percent = 10;
    std::optional<Study> against = {}; // of one chip: the same numbers changed under its inputs too

    bool operator==(const SensitivityQuestion &) const = default;
};

// Every output can be read from its answer.
struct MapQuestion {
    std::string x, y; // keys
    std::size_t size = 128;
    std::optional<Study> against = {}; // of one chip: the same nodes searched under its inputs too

    bool operator==(const MapQuestion &) const = default;
};

struct SeekQuestion {
    std::string key;
    std::string goal; // "throughput>=4500"

    bool operator==(const SeekQuestion &) const = default;
};

// What each of some values of a number gives.
struct CurveQuestion {
    std::string key;
    std::vector<double> values; // SI

    bool operator==(const CurveQuestion &) const = default;
};

using Question = std::variant<SensitivityQuestion, MapQuestion, SeekQuestion, CurveQuestion>;
inline constexpr std::size_t question_kinds = std::variant_size_v<Question>;
inline constexpr std::size_t seek_kind = 2, curve_kind = 3; // places in Question
static_assert(std::is_same_v<std::variant_alternative_t<seek_kind, Question>, SeekQuestion>);
static_assert(std::is_same_v<std::variant_alternative_t<curve_kind, Question>, CurveQuestion>);

using Found = std::variant<Sensitivity, Map, Sought, Curve>; // as the kinds of Question

struct Answer {
    Study study; // that was asked about
    Question question;
    Found found;
    bool complete = true; // false: a map that is being refined, or what it is against is still searched
    std::optional<Found> against =
        {}; // where the question asks for it: a map as far refined as the other, or a sensitivity
};
using OnAnswer = std::function<void(std::shared_ptr<const Answer>)>;

// What the analyses of the explorer work on: the study with the chip that leads it.
Study study_in_question(const Explored &explored);

// What an answer says of the study that it is against, as an answer about that alone; null if it is against another one
// or none.
std::shared_ptr<const Answer> answer_against(const Answer &answer, const Study &study);

// `on_part` hears of what is found before all is, from the calling thread. Null if it was stopped or names something
// that the study does not have.
std::shared_ptr<const Answer> answer_to(
    const Study &study, const Question &question, const Running &running = {}, const OnAnswer &on_part = {});

} // namespace epscope
