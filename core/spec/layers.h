// SPDX-License-Identifier: GPL-3.0-or-later
// What a model consists of: lists of like layers, each of one kind of attention and one FFN. A kind of attention is its
// shapes, a struct described value by value in core/spec/layer_shapes; what they cost stands in core/model/attention.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace epscope {

// Multi-head latent attention. With `top`, each query token chooses as many keys by an indexer (DSA).
struct MlaShape {
    std::int64_t heads = 0;
    std::int64_t q_rank = 0, kv_rank = 0; // of the compressed query and of the latent
    std::int64_t nope = 0, rope = 0; // per head, the part of query and key without and with position
    std::int64_t v = 0; // per head, of the values
    std::int64_t gate = 0; // parameters of an output gate
    std::int64_t top = 0; // keys that a query token chooses; 0: all
    std::int64_t index_heads = 0, index_dim = 0; // of the indexer
    double entry = 0, index_entry = 0; // B of a token in the cache at 1 B per element, and in that of the indexer
    double own = 1; // part of the layers that run their own indexer; the others reuse its choice

    std::int64_t kv_dim() const { return kv_rank + rope; }
    bool operator==(const MlaShape &) const = default;
};

// Grouped queries: heads share the keys and values of `kv_heads`.
struct GqaShape {
    std::int64_t heads = 0, kv_heads = 0;
    std::int64_t qk = 0, v = 0; // per head
    std::int64_t window = 0; // tokens that are seen; 0: all
    bool gate = false; // the query projection makes a gate of the results too

    bool operator==(const GqaShape &) const = default;
};

// DeepSeek-V4: one head of keys that are the values too, compressed beyond a window.
struct V4Shape {
    std::int64_t heads = 0, dim = 0;
    std::int64_t q_rank = 0;
    std::int64_t o_groups = 0, o_rank = 0; // of the grouped output projection
    std::int64_t window = 0; // tokens that are kept as they are
    std::int64_t ratio = 0; // tokens in one compressed entry; 0: nothing but the window
    std::int64_t top = 0; // entries that a query token chooses; 0: all
    std::int64_t index_heads = 0, index_dim = 0;
    double entry = 0, index_entry = 0; // B
    std::int64_t streams = 0; // of hyper-connections

    bool operator==(const V4Shape &) const = default;
};

// Linear attention: a state of one size, whatever the context. gdn: Gated DeltaNet; kda: Kimi Delta Attention.
enum class LinearForm : std::uint8_t { gdn, kda };
struct LinearShape {
    LinearForm form = LinearForm::gdn;
    std::int64_t key_heads = 0, value_heads = 0;
    std::int64_t dk = 0, dv = 0; // per head
    std::int64_t conv = 0; // tokens that the convolution sees
    double state = 0; // B per element of the state

    bool operator==(const LinearShape &) const = default;
};

using AttentionShape = std::variant<MlaShape, GqaShape, V4Shape, LinearShape>;

struct LayerKind {
    std::int64_t layers = 0; // as many alike
    std::int64_t dense_width = 0; // of their FFN; 0: experts
    AttentionShape attention;

    bool is_dense() const { return dense_width > 0; }
    bool operator==(const LayerKind &) const = default;
};

} // namespace epscope
