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
#include "core/spec/remarks.h"

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

// The profile of the golden configurations of docs/model.md §14.
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

// A model of the library on H200 behind one NIC, by those equations and without a target: one configuration, of a TP
// group, unless these settings say otherwise.
inline Study study_2026(const std::string &model, const Settings &settings = {})
{
    Study study = explore_study();
    study.profile = profile_2026();
    take_model(study, *shipped_library().model(model).value);
    study.chips = {*shipped_library().chip("H200").value};
    study.nics.resize(1);
    return with(with(std::move(study),
                    {{"target_tps", "0"}, {"tp", "8"}, {"mode", "moe_tp"}, {"ep", "1"}, {"batch", "64"},
                        {"policy", "naive"}, {"precision", "1/1"}, {"mtp_len", "0"}}),
        settings);
}

} // namespace epscope::testing
