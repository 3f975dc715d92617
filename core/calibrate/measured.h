// SPDX-License-Identifier: GPL-3.0-or-later
// The measurements that the explorer shows estimates next to: those of the library's folders and a person's own files.
#pragma once

#include <optional>
#include <vector>

#include "core/calibrate/measurement.h"

namespace epscope {

struct Measured {
    std::vector<Measurement> rows; // in the order of the files, each once
    std::vector<MeasuredCase> cases; // of those that state all that an estimate needs
    std::vector<std::optional<std::size_t>> case_of; // by row: index into `cases`; none: for display only
    std::vector<Model> model_of; // by row; one that nothing is known of has a name alone

    bool operator==(const Measured &) const = default;
};

} // namespace epscope
