// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/operators.h"

namespace epscope {
namespace {

constexpr std::array list{
    OperatorInfo{OpId::embedding, Stage::outside, "embedding", "Embedding", "Looks up the rows of the input tokens."},
    OperatorInfo{OpId::attn_norm, Stage::attn0, "attn_norm", "Attention norm", "RMSNorm before attention."},
    OperatorInfo{OpId::streams, Stage::attn0, "streams", "Streams", "Mixes the streams of hyper-connections."},
    OperatorInfo{OpId::qkv, Stage::attn0, "qkv", "QKV projection", "Makes queries, keys and values."},
    OperatorInfo{OpId::decay, Stage::attn0, "decay", "Decay projection", "Makes the decay of the state."},
    OperatorInfo{OpId::q_down, Stage::attn0, "q_down", "Query down", "Compresses the query."},
    OperatorInfo{OpId::q_up, Stage::attn0, "q_up", "Query up", "Expands the query to all heads."},
    OperatorInfo{
        OpId::q_absorb, Stage::attn0, "q_absorb", "Query absorb", "Brings each head's query into the KV latent space."},
    OperatorInfo{OpId::kv_compress, Stage::attn0, "kv_compress", "KV compress",
        "Makes the KV latent and the RoPE key of the new tokens."},
    OperatorInfo{OpId::compress, Stage::attn0, "compress", "Compress", "Makes compressed entries of the new tokens."},
    OperatorInfo{OpId::index_q, Stage::attn0, "index_q", "Indexer query", "Makes the indexer's queries."},
    OperatorInfo{OpId::index_k, Stage::attn0, "index_k", "Indexer key", "Makes the indexer's keys and weights."},
    OperatorInfo{OpId::gate, Stage::attn0, "gate", "Output gate", "Makes the gate of attention's results."},
    OperatorInfo{OpId::index_scan, Stage::attn1, "index_scan", "Indexer scan", "Scores every key of the cache."},
    OperatorInfo{OpId::index_top, Stage::attn1, "index_top", "Indexer choice", "Chooses the best keys."},
    OperatorInfo{OpId::flash_mla, Stage::attn1, "flash_mla", "FlashMLA", "Attention over the KV cache."},
    OperatorInfo{OpId::attention, Stage::attn1, "attention", "Attention", "Attention over the KV cache or the state."},
    OperatorInfo{OpId::v_up, Stage::attn1, "v_up", "Value up", "Brings each head's result out of the latent space."},
    OperatorInfo{OpId::o_a, Stage::attn1, "o_a", "Output down", "Compresses each group of heads."},
    OperatorInfo{OpId::o_proj, Stage::attn1, "o_proj", "Output projection", "Joins the heads."},
    OperatorInfo{OpId::all_reduce, Stage::coll_a, "all_reduce", "All-reduce after attention",
        "Adds up what the cards of a group have made of attention."},
    OperatorInfo{OpId::scatter, Stage::coll_a, "scatter", "Reduce-scatter",
        "Adds up what the cards of a group have made and leaves each its share of the tokens."},
    OperatorInfo{OpId::ffn_norm, Stage::attn1, "ffn_norm", "FFN norm", "RMSNorm before the FFN."},
    OperatorInfo{OpId::router, Stage::attn1, "router", "Router", "Scores the routed experts."},
    OperatorInfo{OpId::small_kernels, Stage::attn1, "small_kernels", "Counted kernels",
        "RoPE, quantisation, routing, activation: kernels that are counted and no operators."},
    OperatorInfo{OpId::latent_down, Stage::shared, "latent_down", "Latent down",
        "Brings tokens to the width at which the routed experts work."},
    OperatorInfo{OpId::dispatch, Stage::dispatch, "dispatch", "Dispatch", "Sends each token to its routed experts."},
    OperatorInfo{
        OpId::shared_up, Stage::shared, "shared_up", "Shared up", "Up and gate projections of the shared expert."},
    OperatorInfo{
        OpId::shared_down, Stage::shared, "shared_down", "Shared down", "Down projection of the shared expert."},
    OperatorInfo{OpId::routed_up, Stage::routed, "routed_up", "Routed up",
        "Up and gate projections of the local routed experts."},
    OperatorInfo{OpId::routed_down, Stage::routed, "routed_down", "Routed down",
        "Down projections of the local routed experts."},
    OperatorInfo{OpId::permute, Stage::routed, "permute", "Permute",
        "Quantises tokens, sorts them by expert and joins the results."},
    OperatorInfo{OpId::latent_up, Stage::routed, "latent_up", "Latent up",
        "Brings the routed experts' results back to the hidden size."},
    OperatorInfo{OpId::combine, Stage::combine, "combine", "Combine", "Brings the experts' results back."},
    OperatorInfo{OpId::dense_up, Stage::dense, "dense_up", "Dense up", "Up and gate projections of a dense layer."},
    OperatorInfo{OpId::dense_down, Stage::dense, "dense_down", "Dense down", "Down projection of a dense layer."},
    OperatorInfo{OpId::all_reduce_ffn, Stage::coll_f, "all_reduce2", "All-reduce after the FFN",
        "Adds up what the cards of a group have made of the FFN."},
    OperatorInfo{OpId::gather, Stage::coll_f, "gather", "All-gather", "Gives every card of a group all of its tokens."},
    OperatorInfo{OpId::mtp_proj, Stage::outside, "mtp_proj", "MTP projection",
        "Joins hidden state and embedding for the draft."},
    OperatorInfo{OpId::final_norm, Stage::outside, "final_norm", "Final norm", "RMSNorm before the output head."},
    OperatorInfo{OpId::head, Stage::outside, "head", "Output head", "Scores the vocabulary."},
    OperatorInfo{OpId::sample, Stage::outside, "sample", "Sampling", "Chooses a token by the scores."},
    OperatorInfo{OpId::step_overhead, Stage::outside, "step_overhead", "Sampling, scheduling",
        "What the host and the sampler do once a step."},
};

constexpr bool in_order()
{
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (static_cast<std::size_t>(list[i].id) != i)
            return false;
    }
    return true;
}
static_assert(in_order(), "info_of() indexes the list by id");

constexpr Window compute_only(Stage stage)
{
    return {{stage}, {}, 1, 0};
}
constexpr Window network_only(Stage stage)
{
    return {{}, {stage}, 0, 1};
}
constexpr Window overlap(Stage compute, Stage network)
{
    return {{compute}, {network}, 1, 1};
}
constexpr Window overlap(Stage first, Stage second, Stage network)
{
    return {{first, second}, {network}, 2, 1};
}

constexpr std::array naive_sparse{compute_only(Stage::attn0), compute_only(Stage::attn1),
    overlap(Stage::shared, Stage::dispatch), compute_only(Stage::routed), network_only(Stage::combine)};
constexpr std::array dual_sparse{overlap(Stage::attn1, Stage::combine), compute_only(Stage::routed),
    overlap(Stage::attn0, Stage::shared, Stage::dispatch)};
constexpr std::array dense{compute_only(Stage::attn0), compute_only(Stage::attn1), compute_only(Stage::dense)};
constexpr std::array outside{compute_only(Stage::outside)};
// Of cards that share one attention.
constexpr std::array naive_sparse_of_group{compute_only(Stage::attn0), compute_only(Stage::attn1),
    network_only(Stage::coll_a), overlap(Stage::shared, Stage::dispatch), compute_only(Stage::routed),
    network_only(Stage::combine), network_only(Stage::coll_f)};
constexpr std::array dual_sparse_of_group{overlap(Stage::attn1, Stage::coll_a, Stage::combine),
    compute_only(Stage::routed), overlap(Stage::attn0, Stage::shared, Stage::dispatch), network_only(Stage::coll_f)};
constexpr std::array dense_of_group{compute_only(Stage::attn0), compute_only(Stage::attn1), network_only(Stage::coll_a),
    compute_only(Stage::dense), network_only(Stage::coll_f)};

} // namespace

std::span<const OperatorInfo> operators()
{
    return list;
}

const OperatorInfo &info_of(OpId id)
{
    return list[static_cast<std::size_t>(id)];
}

std::string_view key_of(Stage stage)
{
    constexpr std::array<std::string_view, stage_count> keys{
        "attn0", "attn1", "dispatch", "shared", "routed", "combine", "dense", "outside", "coll_a", "coll_f"};
    return keys[static_cast<std::size_t>(stage)];
}

std::string_view label_of(Stage stage)
{
    constexpr std::array<std::string_view, stage_count> labels{"Attention projections", "Attention", "Dispatch",
        "Shared expert", "Routed experts", "Combine", "Dense FFN", "Outside the layers", "Collective after attention",
        "Collective after the FFN"};
    return labels[static_cast<std::size_t>(stage)];
}

std::string_view key_of(BlockKind kind)
{
    constexpr std::array<std::string_view, 5> keys{
        "sparse_layer", "dense_layer", "outside_layers", "mtp_layer", "mtp_outside"};
    return keys[static_cast<std::size_t>(kind)];
}

std::string_view label_of(BlockKind kind)
{
    constexpr std::array<std::string_view, 5> labels{"Sparse layer", "Dense layer", "Outside the layers",
        "MTP layer, one draft token", "Outside the MTP layer, one draft token"};
    return labels[static_cast<std::size_t>(kind)];
}

std::span<const Window> windows_of(BlockKind kind, Policy policy, bool shared_attention)
{
    switch (kind) {
    case BlockKind::sparse_layer:
    case BlockKind::mtp_layer:
        if (policy == Policy::naive)
            return shared_attention ? std::span<const Window>(naive_sparse_of_group) : naive_sparse;
        return shared_attention ? std::span<const Window>(dual_sparse_of_group) : dual_sparse;
    case BlockKind::dense_layer:
        return shared_attention ? std::span<const Window>(dense_of_group) : dense;
    case BlockKind::outside_layers:
    case BlockKind::mtp_outside:
        return outside;
    }
    return {};
}

std::string name_of_window(std::span<const Stage> compute, std::span<const Stage> network, std::size_t index)
{
    if (network.empty())
        return std::string(key_of(compute.front()));
    if (compute.empty())
        return std::string(key_of(network.front()));
    return "window." + std::to_string(index + 1);
}

} // namespace epscope
