// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/chip_conventions.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/spec/parameters.h"

namespace epscope {
namespace {

const std::vector<CountingChoice> dense{{Counting::as_modelled, "dense"}, {Counting::sparse, "sparse (2:4)"}};
const std::vector<CountingChoice> link{
    {Counting::as_modelled, "one direction"}, {Counting::both_directions, "both directions"}};
const std::vector<CountingChoice> softmax{
    {Counting::as_modelled, "all SMs"}, {Counting::per_sm, "per SM"}, {Counting::per_sm_clock, "per SM and clock"}};
const std::vector<std::string_view> flops{"TFLOP/s", "PFLOP/s", "TiFLOP/s"};
const std::vector<std::string_view> ops{"Top/s", "Gop/s", "op/s"};
const std::vector<std::string_view> links{"GB/s", "TB/s", "GiB/s", "Gbit/s", "Tbit/s"};

const std::array<AskedNumber, 14> numbers{{
    {"bf16", AskedGroup::compute, dense, true, flops, 1.5},
    {"fp8", AskedGroup::compute, dense, true, flops, 1.5},
    {"fp4", AskedGroup::compute, dense, true, flops, 1.5},
    {"sms", AskedGroup::compute, {{Counting::as_modelled, "SMs"}, {Counting::cores, "cores, 128 per SM"}}, true, {""},
        4},
    {"clock", AskedGroup::compute, {{Counting::as_modelled, ""}}, false, {"MHz", "GHz"}, 4},
    {"memory", AskedGroup::memory, {{Counting::as_modelled, ""}}, true, {"GB", "GiB", "TB", "TiB"}, 4},
    {"memory_bandwidth", AskedGroup::memory, {{Counting::as_modelled, ""}}, true,
        {"TB/s", "GB/s", "TiB/s", "GiB/s", "Gbit/s", "Tbit/s"}, 4},
    {"sram", AskedGroup::memory, {{Counting::as_modelled, "per SM"}, {Counting::all_sms, "all SMs"}}, false,
        {"KiB", "MiB", "kB", "MB"}, 4},
    {"exp2_rate", AskedGroup::softmax, softmax, true, ops, 4},
    {"reduce_rate", AskedGroup::softmax, softmax, true, ops, 4},
    {"all_reduce_latency", AskedGroup::softmax, {{Counting::as_modelled, ""}}, false, {"us", "ns"}, 10},
    {"scale_up_bandwidth", AskedGroup::links, link, true, links, 1.5},
    {"scale_up_domain", AskedGroup::links, {{Counting::as_modelled, "cards"}}, false, {""}, 100},
    {"nic.bandwidth", AskedGroup::links,
        {{Counting::as_modelled, "one direction"}, {Counting::both_directions, "both directions"},
            {Counting::shared_by_two, "shared by 2 cards"}},
        true, {"Gbit/s", "GB/s", "Tbit/s", "GiB/s"}, 1.5},
}};

bool near(double a, double b, double part)
{
    return std::fabs(a - b) <= part * std::fabs(b);
}

Dimension dimension_of(const AskedNumber &number)
{
    return find_parameter(number.key.starts_with("nic.") ? std::string(number.key) : "chip." + std::string(number.key))
        ->dimension;
}

bool has(const AskedNumber &number, Counting counting)
{
    return std::any_of(number.countings.begin(), number.countings.end(),
        [=](const CountingChoice &each) { return each.counting == counting; });
}

// A way of saying the same digits that gives another value.
struct Reading {
    double factor; // of the value that it gives over the one it was taken for
    std::string guess;
    std::optional<Counting> meant;
    std::string unit = {};
};

// The unit that has `factor` times the size of the stated one.
std::string unit_times(const AskedNumber &number, const Unit &stated, double factor)
{
    for (const Unit &unit : units_of(dimension_of(number))) {
        if (near(unit.factor, stated.factor * factor, 1e-9) && unit.symbol != "bit/s" && unit.symbol != "kB/s")
            return unit.symbol;
    }
    return {};
}

std::vector<Reading> readings(const AskedNumber &number, const Stated &stated, const CardMake &make)
{
    std::vector<Reading> all;
    const double now = factor_of(stated.counting, Basis::card, make);
    for (const CountingChoice &choice : number.countings) {
        const double factor = factor_of(choice.counting, Basis::card, make) / now;
        if (choice.counting != stated.counting && choice.counting != Counting::shared_by_two && std::isfinite(factor)
            && factor > 0)
            all.push_back({factor, std::string(choice.label), choice.counting});
    }
    const Unit &unit = *stated.value.unit;
    const auto add_unit = [&](double factor) {
        if (const std::string symbol = unit_times(number, unit, factor); !symbol.empty())
            all.push_back({factor, symbol, std::nullopt, symbol});
    };
    // A binary unit of decimal digits or the other way round: 1.024 to the power of the prefix.
    if (unit.factor != unit.decimal_factor) {
        add_unit(unit.decimal_factor / unit.factor);
    } else {
        for (const Unit &other : units_of(unit.dimension)) {
            if (other.decimal_factor == unit.factor && other.factor != unit.factor)
                add_unit(other.factor / unit.factor);
        }
    }
    for (const double factor : {0.125, 8.0}) {
        const bool is_bandwidth = unit.dimension == Dimension::bytes_per_second;
        if (is_bandwidth && (unit.symbol.find("bit") != std::string::npos) == (factor > 1))
            add_unit(factor);
        else if (unit.dimension == Dimension::bytes && factor < 1)
            all.push_back({factor, "Gbit", std::nullopt});
    }
    for (const double factor : {1e-3, 1e3})
        add_unit(factor);
    return all;
}

// "2", "1.5", "8": how many times.
std::string times_text(double ratio)
{
    return exact_text(ratio < 100 ? std::round(10 * ratio) / 10 : std::round(ratio));
}

// As written, or with four digits where that is longer.
std::string value_text(double si, Dimension dimension)
{
    const std::string exact = compact_text(si, dimension), rounded = short_text(si, dimension, 4);
    return exact.size() <= rounded.size() ? exact : rounded;
}

Doubt doubt(const Reading &reading, const std::string &finding)
{
    return {finding + ": " + reading.guess + "?", reading.meant, reading.unit};
}

// "8 times the largest known, H20's 4 TB/s", "7.4 % above H20's 96 GB".
std::string against(double value, const Peer &peer, Dimension dimension)
{
    const double ratio = value / peer.value;
    const std::string whose = peer.chip + "'s " + value_text(peer.value, dimension);
    if (ratio > 0.5 && ratio < 1.5)
        return short_text(100 * std::fabs(ratio - 1), Dimension::count, 2) + (ratio > 1 ? " % above " : " % below ")
            + whose;
    return ratio > 1 ? times_text(ratio) + " times " + whose : "1/" + times_text(1 / ratio) + " of " + whose;
}

// The tensor rate of the next wider type, which its own is a small multiple of.
std::string_view wider(std::string_view key)
{
    return key == "fp8" ? "bf16" : key == "fp4" ? "fp8" : std::string_view();
}

struct Ratio {
    double value;
    const Chip *chip;
};

std::optional<Doubt> doubt_by_ratio(
    const AskedNumber &number, double value, const Stated &stated, const Chip &chip, std::span<const Chip> chips)
{
    const std::string_view other = wider(number.key);
    const std::optional<double> base = other.empty() ? std::nullopt : number_of(chip, other);
    if (!base || !has(number, Counting::sparse))
        return std::nullopt;
    std::vector<Ratio> known;
    for (const Chip &each : chips) {
        const auto above = number_of(each, number.key), below = number_of(each, other);
        if (above && below)
            known.push_back({*above / *below, &each});
    }
    if (known.empty())
        return std::nullopt;
    const auto by_value = [](const Ratio &a, const Ratio &b) { return a.value < b.value; };
    const auto [low, high] = std::minmax_element(known.begin(), known.end(), by_value);
    const double ratio = value / *base;
    constexpr double play = 0.05; // of rounded figures
    if (ratio <= high->value * (1 + play) && ratio >= low->value * (1 - play))
        return std::nullopt;
    const auto label = [](std::string_view key) {
        return std::string(find_parameter("chip." + std::string(key))->label);
    };
    const std::string finding = times_text(ratio) + " times the " + label(other) + "; ";
    if (ratio > high->value) {
        const std::string most =
            finding + "at most " + times_text(high->value) + " in the library (" + high->chip->name + ")";
        if (stated.counting == Counting::sparse)
            return Doubt{most, std::nullopt, {}};
        return Doubt{most + ": sparse figure?", Counting::sparse, {}};
    }
    const std::string least =
        finding + "at least " + times_text(low->value) + " in the library (" + low->chip->name + ")";
    if (stated.counting == Counting::sparse)
        return Doubt{least + ": dense figure?", Counting::as_modelled, {}};
    return Doubt{least + ": is the " + label(other) + " a sparse figure?", std::nullopt, {}};
}

// Chips of the same memory bandwidth and SM count are of the same make, so that a figure which is off by just a
// convention shows.
bool same_make(const Chip &a, const Chip &b)
{
    return near(a.memory_bandwidth.si(), b.memory_bandwidth.si(), 0.03) && a.sms == b.sms;
}

std::optional<Doubt> doubt_by_make(const AskedNumber &number, double value, const std::vector<Reading> &all,
    const Chip &chip, std::span<const Chip> chips)
{
    constexpr double rounding = 0.005;
    if (number.key.starts_with("nic."))
        return std::nullopt;
    const Chip *match = nullptr;
    const Reading *as = nullptr;
    for (const Chip &each : chips) {
        const std::optional<double> known = number_of(each, number.key);
        // What is compared may itself be the memory bandwidth or the SM count: those stand by the range of all chips.
        if (!known || number.key == "memory_bandwidth" || number.key == "sms" || !same_make(each, chip))
            continue;
        if (near(value, *known, rounding))
            return std::nullopt;
        for (const Reading &reading : all) {
            if (!match && near(value * reading.factor, *known, rounding)) {
                match = &each;
                as = &reading;
            }
        }
    }
    if (!match)
        return std::nullopt;
    return doubt(*as, against(value, {match->name, *number_of(*match, number.key)}, dimension_of(number)));
}

// A prefix is 2.4 to 10 % off, too little for any range: only a value that somebody has in the other prefix tells.
std::optional<Doubt> doubt_by_prefix(
    const AskedNumber &number, double value, const std::vector<Reading> &all, std::span<const Peer> peers)
{
    constexpr double rounding = 0.001;
    if (std::any_of(peers.begin(), peers.end(), [=](const Peer &peer) { return near(value, peer.value, rounding); }))
        return std::nullopt;
    for (const Reading &reading : all) {
        if (reading.factor < 0.85 || reading.factor > 1.2)
            continue;
        for (const Peer &peer : peers) {
            if (near(value * reading.factor, peer.value, rounding))
                return doubt(reading, against(value, peer, dimension_of(number)));
        }
    }
    return std::nullopt;
}

std::optional<Doubt> doubt_by_range(
    const AskedNumber &number, double value, std::vector<Reading> all, std::span<const Peer> peers)
{
    if (peers.empty())
        return std::nullopt;
    const Peer &low = peers.front(), &high = peers.back();
    if (value <= high.value * number.slack && value >= low.value / number.slack)
        return std::nullopt;
    const Peer &end = value > high.value ? high : low;
    const std::string finding = against(value, end, dimension_of(number))
        + (value > high.value ? ", the largest known" : ", the smallest known");
    // The least far reading that lands among the known ones.
    std::sort(all.begin(), all.end(), [](const Reading &a, const Reading &b) {
        return std::fabs(std::log(a.factor)) < std::fabs(std::log(b.factor));
    });
    for (const Reading &reading : all) {
        const double other = value * reading.factor;
        if (other <= high.value * 1.01 && other >= low.value * 0.99)
            return doubt(reading, finding);
    }
    return Doubt{finding, std::nullopt, {}};
}

} // namespace

std::span<const AskedNumber> asked_numbers()
{
    return numbers;
}

const AskedNumber *find_asked(std::string_view key)
{
    const auto all = asked_numbers();
    const auto found =
        std::find_if(all.begin(), all.end(), [=](const AskedNumber &number) { return number.key == key; });
    return found == all.end() ? nullptr : &*found;
}

std::string_view label_of(const AskedNumber &number, Counting counting)
{
    for (const CountingChoice &choice : number.countings) {
        if (choice.counting == counting)
            return choice.label;
    }
    return {};
}

double factor_of(Counting counting, Basis basis, const CardMake &make)
{
    const double dies = basis == Basis::die ? static_cast<double>(make.dies) : 1;
    switch (counting) {
    case Counting::as_modelled:
        return dies;
    case Counting::sparse:
    case Counting::both_directions:
    case Counting::shared_by_two:
        return dies / 2;
    case Counting::cores:
        return dies / lanes_per_sm;
    case Counting::all_sms:
        return dies / make.sms;
    case Counting::per_sm:
        return make.sms; // of the card, whatever the dies
    case Counting::per_sm_clock:
        return make.sms * make.clock;
    }
    return dies;
}

Quantity converted(const AskedNumber &number, const Stated &stated, const CardMake &make)
{
    const double factor = factor_of(stated.counting, stated.basis, make);
    Quantity value{stated.value.number * factor, stated.value.unit};
    const Unit &unit = *value.unit;
    if (unit.factor == unit.decimal_factor || unit.dimension == Dimension::bytes
        || dimension_of(number) == Dimension::count)
        return value;
    for (const Unit &decimal : units_of(unit.dimension)) {
        if (decimal.factor == unit.decimal_factor && decimal.symbol.back() == unit.symbol.back()
            && decimal.symbol.ends_with("bit/s") == unit.symbol.ends_with("bit/s"))
            return {value.si() / decimal.factor, &decimal};
    }
    return value;
}

std::string given_text(const AskedNumber &number, const Stated &stated, const CardMake &make)
{
    std::string text = exact_text(stated.value);
    if (const std::string_view label = label_of(number, stated.counting); !label.empty())
        text += ", " + std::string(label);
    if (stated.basis == Basis::die)
        text += ", per die of " + std::to_string(make.dies);
    return text;
}

std::optional<double> number_of(const Chip &chip, std::string_view key)
{
    for (const Field<Chip> &field : fields<Chip>()) {
        if (field.info.key != key)
            continue;
        if (const auto *member = std::get_if<Quantity Chip::*>(&field.member))
            return (chip.**member).si();
        if (const auto *member = std::get_if<std::optional<Quantity> Chip::*>(&field.member))
            return chip.**member ? std::optional((chip.**member)->si()) : std::nullopt;
        if (const auto *member = std::get_if<std::int64_t Chip::*>(&field.member))
            return static_cast<double>(chip.**member);
    }
    return std::nullopt;
}

std::vector<Peer> peers_of(std::string_view key, std::span<const Chip> chips, std::span<const Nic> nics)
{
    std::vector<Peer> peers;
    if (key.starts_with("nic.")) {
        for (const Nic &nic : nics)
            peers.push_back({nic.name, nic.bandwidth.si()});
    } else {
        for (const Chip &chip : chips) {
            if (const std::optional<double> value = number_of(chip, key))
                peers.push_back({chip.name, *value});
        }
    }
    std::stable_sort(peers.begin(), peers.end(), [](const Peer &a, const Peer &b) { return a.value < b.value; });
    return peers;
}

Neighbours neighbours(std::span<const Peer> peers, double value)
{
    Neighbours found;
    for (const Peer &peer : peers) {
        if (peer.value <= value)
            found.below = &peer;
        else if (!found.above)
            found.above = &peer;
    }
    return found;
}

std::optional<Doubt> doubt_about(const AskedNumber &number, const Stated &stated, const CardMake &make,
    const Chip &chip, std::span<const Chip> chips, std::span<const Nic> nics)
{
    const double value = converted(number, stated, make).si();
    if (!(value > 0) || !std::isfinite(value))
        return std::nullopt;
    const std::vector<Peer> peers = peers_of(number.key, chips, nics);
    const std::vector<Reading> all = readings(number, stated, make);
    if (auto found = doubt_by_ratio(number, value, stated, chip, chips))
        return found;
    if (auto found = doubt_by_make(number, value, all, chip, chips))
        return found;
    if (auto found = doubt_by_range(number, value, all, peers))
        return found;
    return doubt_by_prefix(number, value, all, peers);
}

} // namespace epscope
