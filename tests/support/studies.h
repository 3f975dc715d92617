// SPDX-License-Identifier: GPL-3.0-or-later
// What several tests start from: the shipped library, the published study, and studies with something set.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/io/file.h"
#include "core/io/library.h"
#include "core/io/spec_reader.h"
#include "core/spec/parameters.h"

namespace epscope::testing {

inline const Library &shipped_library()
{
    static const Library library({EPSCOPE_SOURCE_DIR "/resources"});
    return library;
}

inline const Library &empty_library()
{
    static const Library library({});
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

// The profile of the golden configurations of docs/model.md §17.
inline const Profile &profile_2026()
{
    static const Profile profile = [] {
        const std::string file = EPSCOPE_SOURCE_DIR "/tests/golden/model-2026.yaml";
        return *read_profile(*read_text(file, largest_file).value, file).value;
    }();
    return profile;
}

inline Study explore_study()
{
    return study_named("explore");
}

inline void set(Study &study, std::string_view key, std::string_view value)
{
    if (const auto problem = set_parameter(study, key, value, BareNumbers::allowed))
        throw std::runtime_error(std::string(key) + ": " + *problem);
}

inline Study with(Study study, std::string_view key, std::string_view value)
{
    set(study, key, value);
    return study;
}

// Keys and their values.
using Settings = std::vector<std::pair<std::string, std::string>>;

inline Study with(Study study, const Settings &settings)
{
    for (const auto &[key, value] : settings)
        set(study, key, value);
    return study;
}

} // namespace epscope::testing
