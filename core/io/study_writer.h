// SPDX-License-Identifier: GPL-3.0-or-later
// Studies, chips and profiles as YAML that the spec reader reads back to an equal value.
#pragma once

#include <map>
#include <string>

#include "core/spec/study_file.h"

namespace epscope {

class Library;

// Everything in place, so that the text means the same wherever it is read. With a library, what equals its entry of
// the same name is written as that name alone, as is a profile that differs from it only in its quirks.
std::string study_text(const Study &study, const Library *library = nullptr);
// With its scenarios and baselines: of each what differs from the study.
std::string study_file_text(const StudyFile &file);
// Files of their own, as Library finds it.
std::string chip_text(const Chip &chip);
// With a comment behind each key that has a note; those of keys that the chip does not state come last.
std::string chip_text(const Chip &chip, const std::map<std::string, std::string> &notes);
std::string profile_text(const Profile &profile);

} // namespace epscope
