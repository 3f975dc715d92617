// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace epscope {

// Where Library looks: the shipped resources (../share/epscope next to the program, installed or in a build folder),
// then the user's ($XDG_DATA_HOME/epscope, by default ~/.local/share/epscope).
std::vector<std::filesystem::path> resource_folders();
// What is wrong where the shipped ones are not there, as a line to print; else an empty text.
std::string missing_resources(const std::vector<std::filesystem::path> &folders);

} // namespace epscope
