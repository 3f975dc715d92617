// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/inputs.h"

#include <algorithm>

#include "core/spec/parameters.h"

namespace epscope {
namespace {

// How a number of the profile was obtained, where the profile says so.
std::string origin_of(const Profile &profile, std::string_view key)
{
    constexpr std::string_view scope = "profile.";
    if (!key.starts_with(scope))
        return {};
    const auto found = std::find_if(profile.calibration.begin(), profile.calibration.end(),
        [&](const ParameterOrigin &origin) { return origin.parameter == key.substr(scope.size()); });
    return found == profile.calibration.end() ? std::string()
                                              : std::string(name_of(found->origin)) + ": " + found->source;
}

} // namespace

Term input(const Profile &profile, std::string key, double value)
{
    const bool kv = key == "kv_elem_size", half = kv || key == "param_elem_size"; // of the precision
    const Parameter *parameter = half ? nullptr : find_parameter(key);
    std::string title = half ? kv ? "KV element size" : "Parameter element size" : std::string(parameter->label);
    std::string unit(base_unit(half ? Dimension::bytes : parameter->dimension).symbol);
    std::string origin = origin_of(profile, key);
    return Term({std::move(title), value, std::move(unit), Combine::none, {}, {}, std::move(key), std::move(origin)});
}

Term rate_input(const Profile &profile, std::string key, double value, std::string note)
{
    if (note.empty() && !profile.quirks.binary_prefixes)
        note = "binary prefixes of rates are read as decimal (quirk 5 off)";
    return noted(input(profile, std::move(key), value), note);
}

Term efficiency_input(const Profile &profile, const Chip &chip, OpId id, const Efficiency &efficiency)
{
    if (efficiency.of_chip)
        return named(std::string(info_of(id).key) + ".mfu",
            input(profile, "chip." + chip.name + ".fp8_attention_mfu", efficiency.mfu));
    return named(std::string(info_of(id).key) + ".mfu",
        noted(constant<Term>("MFU", efficiency.mfu),
            std::string(rule_of(efficiency.source).key) + ": " + provenance_text(profile, chip, efficiency)));
}

Term rate_choice_input(const Profile &profile, const Chip &chip, const RateChoice &choice)
{
    const char *key = choice.used == Rate::four_bit ? "fp4" : choice.used == Rate::eight_bit ? "fp8" : "bf16";
    return rate_input(profile, "chip." + chip.name + "." + key, choice.flops,
        !choice.fell_back()    ? ""
            : choice.no_kernel ? "there is no kernel for operands as narrow"
                               : "the chip has no rate as narrow as the operands");
}

Term softmax_rate_input(
    const Profile &profile, const Chip &chip, const char *key, const std::optional<Quantity> &stated, double value)
{
    const std::string of_chip = "chip." + chip.name + ".";
    if (stated)
        return rate_input(profile, of_chip + key, value);
    const double clock = profile.quirks.binary_prefixes ? chip.clock.si() : chip.clock.decimal_si();
    return titled(find_parameter(of_chip + key)->label, "op/s",
        softmax_rate(input(profile, "profile.softmax_ops_per_sm_clock", profile.softmax_ops_per_sm_clock),
            input(profile, of_chip + "sms", static_cast<double>(chip.sms)),
            rate_input(profile, of_chip + "clock", clock)));
}

} // namespace epscope
