// SPDX-License-Identifier: GPL-3.0-or-later
// Studies of one configuration, whose search is that configuration's estimate.
#pragma once

#include <stdexcept>
#include <string>

#include "core/analysis/outputs.h"
#include "core/analysis/variable.h"
#include "tests/support/studies.h"

namespace epscope::testing {

// H800 behind the 400 Gbit/s NIC, dual-mbatch, EP 144, batch 64, 1 B elements, one draft token, without a target.
inline Study one_configuration()
{
    Study study = with_chip(published_study(), 0);
    study.nics.resize(1);
    return with(study,
        {{"policy", "dual-mbatch"}, {"ep", "144"}, {"batch", "64"}, {"precision", "1 B / 1 B"}, {"mtp_len", "1"},
            {"target_tps", "0"}});
}

inline Estimate only_estimate(const Study &study)
{
    const Combination combination = combination_at(study, 0);
    Point point = combination.point;
    point.batch = study.search.batch.front();
    return estimate(
        {study.profile, study.model, study.chips[0], study.nics[0], study.workload, point, study.target_tps.si()});
}

inline Variable variable(const Study &study, std::string_view key)
{
    auto found = find_variable(study, key);
    if (auto *problem = std::get_if<std::string>(&found))
        throw std::runtime_error(std::string(key) + ": " + *problem);
    return std::get<Variable>(found);
}

inline const Metric &metric(std::string_view key)
{
    const Metric *found = find_metric(key);
    if (!found)
        throw std::runtime_error("no output " + std::string(key));
    return *found;
}

} // namespace epscope::testing
