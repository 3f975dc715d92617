// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/analysis/compare.h"
#include "core/io/library.h"
#include "core/spec/study.h"

namespace epscope {

// "epscope search --study ...": the line for a POSIX shell by which `command`, one that takes a study, works on
// `study`. `source` is a file or a study of the library; what is different from it becomes options, with `more` behind
// them. Nothing if options cannot say it or the source cannot be read.
std::optional<std::string> command_text(const std::string &command, const std::string &source, const Study &study,
    const Library &library, const std::vector<std::string> &more = {});
// "epscope compare ...", likewise: the scenarios of the source where it has just these, else the first with the others
// as its variants.
std::optional<std::string> compare_text(
    const std::string &source, const std::vector<Case> &cases, const Library &library);

} // namespace epscope
