// SPDX-License-Identifier: GPL-3.0-or-later
// One number of a study that an analysis changes while everything else stays.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/spec/parameters.h"

namespace epscope {

struct Variable {
    std::string key; // as set_parameter() takes it, with the entry's name: "chip.H800.memory_bandwidth"
    std::string label; // "Memory bandwidth", "NIC bandwidth of CX7 400Gbps"
    const Parameter *info = nullptr;
    const Unit *unit = nullptr; // in which the study states it, and in which it stays
    bool whole = false; // takes whole numbers only
    std::optional<double> stated; // SI; none for a range of the search with several values

    // The nearest value that may be set: within the hard range and whole where it must be.
    double allowed(double si) const;
    // The text that sets a value, exactly and in the unit of the study; and for reading.
    std::string text(double si) const;
    std::string short_text(double si, int digits = 4) const;
};

// The number that a key means in a study of one chip, or why it is none. "chip.KEY" means that chip; "nic.KEY" needs a
// name where the study has several NICs. A range of the search is fixed at the value that is set.
std::variant<Variable, std::string> find_variable(const Study &study, std::string_view key);

// Every number that can be varied, of a study of one chip, in the order of the table.
std::vector<Variable> all_variables(const Study &study);

// All numbers of chip, network, workload and target that the parameter table calls scalable and that the study states,
// other than 0.
std::vector<Variable> scalable_variables(const Study &study);

// Sets an allowed value. Returns what contradicts it, or nothing; then the study is unchanged.
std::optional<std::string> set_variable(Study &study, const Variable &variable, double si);

} // namespace epscope
