// SPDX-License-Identifier: GPL-3.0-or-later
// What fills each chip's memory for the configuration on show: weights by kind, KV cache, free or missing.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "app/charts/scene.h"

namespace epscope {

enum class MemoryKind : std::uint8_t { attention, shared, routed, dense, embedding_and_head, mtp, kv_cache };
inline constexpr std::size_t memory_kind_count = 7;
QString label_of(MemoryKind kind);
// In its explanation.
const char *name_of(MemoryKind kind);

struct MemoryPart {
    MemoryKind kind{};
    double from = 0; // B, where the part starts in the stack
    double bytes = 0;
};

struct MemoryBar {
    std::size_t chip = 0; // index into Study::chips
    std::size_t mark = 0; // what the chip is drawn with
    QString name;
    QString configuration;
    std::vector<MemoryPart> parts; // in the order of MemoryKind, without those of no size
    double used = 0; // B: the sum of the parts
    double usable = 0; // B
    double memory = 0; // B
    std::int64_t largest_batch = 0; // that fits; 0 for none
    QString largest_batch_text; // with what a card has of it

    double free() const { return usable - used; } // negative: missing
    double bytes_of(MemoryKind kind) const;
};
std::vector<MemoryBar> memory_bars(const Explored &explored);

// How the bytes of a part come about, in words and numbers: what its explanation is made of.
QString formula_of(MemoryKind kind, const Scenario &scenario);

Scene memory_scene(const SceneInput &input);

} // namespace epscope
