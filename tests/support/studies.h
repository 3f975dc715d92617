// SPDX-License-Identifier: GPL-3.0-or-later
// What several tests start from: the shipped library and the published study.
#pragma once

#include <stdexcept>
#include <string>

#include "core/io/library.h"

namespace epscope::testing {

inline const Library &shipped_library()
{
    static const Library library({EPSCOPE_SOURCE_DIR "/resources"});
    return library;
}

inline Study study_named(const std::string &name)
{
    Read<Study> read = shipped_library().study(name);
    if (!read)
        throw std::runtime_error(text_of(read.problems.front()));
    return std::move(*read.value);
}

inline Study published_study()
{
    return study_named("published-v1");
}

} // namespace epscope::testing
