// SPDX-License-Identifier: GPL-3.0-or-later
// Data sheets state the same number in different ways: with structured sparsity, both directions of a link added up,
// per die. What the model takes of such a figure, and figures that look as if they were meant in another way than they
// were said.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/spec/chip.h"

namespace epscope {

// How a figure counts what it counts.
enum class Counting : std::uint8_t {
    as_modelled, // dense, one direction, the whole card ...: the number as the model takes it
    sparse, // with 2:4 structured sparsity: twice the dense rate
    both_directions, // the two directions of a link added up
    shared_by_two, // one NIC between two cards
    cores, // lanes, of which an SM has 128
    all_sms, // summed over the SMs
    per_sm, // of one SM
    per_sm_clock, // of one SM in one clock
};
enum class Basis : std::uint8_t { card, die };

struct CountingChoice {
    Counting counting;
    std::string_view label;
};

// What numbers stand together for, in this order.
enum class AskedGroup : std::uint8_t { compute, memory, softmax, links };

// One number that the assistant asks for: a key of the chip, or "nic.bandwidth".
struct AskedNumber {
    std::string_view key;
    AskedGroup group{};
    std::vector<CountingChoice> countings; // the first one is the model's
    bool per_die; // may be stated per die too
    std::vector<std::string_view> units; // in which it is usually stated, the first by default
    double slack; // how far beyond the library's values is no cause for doubt
};
std::span<const AskedNumber> asked_numbers();
const AskedNumber *find_asked(std::string_view key);
std::string_view label_of(const AskedNumber &number, Counting counting);

struct Stated {
    Quantity value;
    Counting counting = Counting::as_modelled;
    Basis basis = Basis::card;

    bool operator==(const Stated &) const = default;
};
// What some ways of counting lean on.
struct CardMake {
    std::int64_t dies = 1;
    double sms = 0; // of the card
    double clock = 0; // Hz
};
inline constexpr double lanes_per_sm = 128;

// The model's value over the stated one.
double factor_of(Counting counting, Basis basis, const CardMake &make);
// In the unit it was stated in, unless that is a binary one of a rate, which profiles without binary prefixes read as
// decimal.
Quantity converted(const AskedNumber &number, const Stated &stated, const CardMake &make);
// "4500 TFLOP/s, sparse (2:4), per die of 2": as somebody gave it, for the notes of a file.
std::string given_text(const AskedNumber &number, const Stated &stated, const CardMake &make);

// SI value of a chip's number; none where the chip states none.
std::optional<double> number_of(const Chip &chip, std::string_view key);

// A known value and whose it is.
struct Peer {
    std::string chip;
    double value; // SI
};
// Ascending.
std::vector<Peer> peers_of(std::string_view key, std::span<const Chip> chips, std::span<const Nic> nics);
// The next one below or equal, and the next one above; null at the ends.
struct Neighbours {
    const Peer *below = nullptr;
    const Peer *above = nullptr;
};
Neighbours neighbours(std::span<const Peer> peers, double value);

// A value that looks like another convention's.
struct Doubt {
    std::string message;
    // What the figure may have been meant as; none where only the number can be corrected.
    std::optional<Counting> meant;
    std::string unit; // likewise; empty: as it is
};
// Of a number of `chip`, whose others are converted already; `stated` is how it was said. By the ratio of tensor rates,
// by what chips of the same memory bandwidth and SM count have, by the range of all chips; nothing if it is like one of
// theirs.
std::optional<Doubt> doubt_about(const AskedNumber &number, const Stated &stated, const CardMake &make,
    const Chip &chip, std::span<const Chip> chips, std::span<const Nic> nics);

} // namespace epscope
