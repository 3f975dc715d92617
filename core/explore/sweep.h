// SPDX-License-Identifier: GPL-3.0-or-later
// One configuration at other batch sizes.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/estimate/estimate.h"

namespace epscope {

struct SweepPoint {
    std::int64_t batch = 0;
    double step_s = 0;
    double ux_tps = 0;
    double throughput_per_card = 0;
    std::optional<Reason> reason;
    bool falls = false; // the step takes less time than at the batch before

    bool operator==(const SweepPoint &) const = default;
};

// Over the batch sizes that the study searches, at most 512 of them, or, where it searches fewer than 8, over even
// steps to well beyond what fits; always with the scenario's own. By ascending batch.
std::vector<SweepPoint> sweep_of(const Study &study, const Scenario &scenario);

} // namespace epscope
