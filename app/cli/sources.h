// SPDX-License-Identifier: GPL-3.0-or-later
// What an option names: an entry of the library, or a file of any kind that the window takes for it.
#pragma once

#include <string>

#include "core/io/library.h"

namespace epscope {

// "-" for standard input, a path, or a name with a suffix of the files that are taken.
bool looks_like_a_file(const std::string &source);
// Also one that is there, unless an entry is called so.
bool names_a_file(const std::string &source, Kind kind, const Library &library);

// A study by name or file, where another word may stand: a file without a suffix only if it holds a study.
bool names_a_study(const std::string &source, const Library &library);

// Problems without a file are those of the name.
Read<Chip> named_chip(const std::string &source, const Library &library);
Read<Nic> named_nic(const std::string &source, const Library &library);
// Also a config.json, or the folder that holds one.
Read<Model> named_model(const std::string &source, const Library &library);
Read<Profile> named_profile(const std::string &source, const Library &library);
// Also a picture or page that was exported with its study.
Read<StudyFile> named_study(const std::string &source, const Library &library);

} // namespace epscope
