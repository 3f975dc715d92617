// SPDX-License-Identifier: GPL-3.0-or-later
// A change of the inputs in words: what the history calls its steps.
#pragma once

#include <string>

#include <QString>

#include "core/spec/study.h"

namespace epscope {

struct ChangeName {
    std::string key; // of the one parameter that differs; empty if several do
    QString text; // "Memory bandwidth of H800 3.35 → 4.8 TB/s", "Chip H200 added"; empty if nothing differs
};

// Name, title and source of the study itself do not count.
ChangeName change_name(const Study &before, const Study &after);

} // namespace epscope
