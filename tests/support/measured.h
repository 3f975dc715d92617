// SPDX-License-Identifier: GPL-3.0-or-later
// The shipped measurements, and inputs that are shown next to them.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/explore/explored.h"
#include "core/io/measurement_files.h"
#include "tests/support/studies.h"

namespace epscope::testing {

inline std::shared_ptr<const Measured> shipped_measurements()
{
    static const LoadedMeasurements loaded =
        load_measurements(library_measurements(shipped_library()), shipped_library(), study_named("calibrated"));
    if (!loaded.problems.empty())
        throw std::runtime_error(text_of(loaded.problems.front()));
    return loaded.measured;
}

inline constexpr const char *measurements_header =
    "id,chip,engine,ep,batch_per_card,context,query_tokens,accepted_per_step,kv_elem_size,expert_elem_size,"
    "attention_elem_size,micro_batches,tpot_ms,source\n";

// The calibrated study with some of its chips.
inline Study calibrated_study(const std::vector<std::string> &chips)
{
    Study study = study_named("calibrated");
    std::erase_if(
        study.chips, [&](const Chip &chip) { return std::find(chips.begin(), chips.end(), chip.name) == chips.end(); });
    return study;
}

inline Inputs beside_measurements(Study study)
{
    return {std::move(study), std::nullopt, {}, shipped_measurements()};
}

} // namespace epscope::testing
