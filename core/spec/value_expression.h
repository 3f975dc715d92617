// SPDX-License-Identifier: GPL-3.0-or-later
// Quantities as people type and read them. What is typed into number fields: quantities with units, arithmetic, and
// changes of the current value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/spec/parameters.h"

namespace epscope {

// "2*819 GB/s", "(3+0.35) TB/s", "3.35T" (the prefix of the base unit), "64k"; "1.5x", "*1.2", "+10%", "-5 GB" change
// the current value. Numbers without unit take the current value's. The result has the first unit that was typed and
// lies in the parameter's hard range; otherwise a sentence says what is wrong.
std::variant<Quantity, std::string> evaluate_expression(
    std::string_view text, const Parameter &parameter, const Quantity &current);

// What a text of the parameter table's says; nothing where it says nothing.
std::optional<Quantity> quantity_of(const std::optional<std::string> &text, Dimension dimension);
std::optional<Quantity> quantity_of(const Study &study, const std::string &key, Dimension dimension);
// A number that nobody has written, in the unit in which it reads best.
std::optional<Quantity> fitting(double si, Dimension dimension);

// A value as controls show it: in its own unit, exact if that is short, else with three digits.
std::string control_text(const Quantity &quantity);
// One that nobody has written, in the unit in which it is shortest: "64 KiB", "50 TFLOP/s".
std::string control_text(double si, Dimension dimension);

} // namespace epscope
