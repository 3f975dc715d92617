// SPDX-License-Identifier: GPL-3.0-or-later
// Multi-head latent attention: its operators, weights and KV cache, and FlashMLA.
#pragma once

#include "core/model/attention/kind.h"
#include "core/spec/parameters.h"

namespace epscope {

template <class N>
struct Mla : AttentionKind<N, MlaShape> {
    using AttentionKind<N, MlaShape>::in;
    using AttentionKind<N, MlaShape>::shape;
    using AttentionKind<N, MlaShape>::number;

    N heads() const { return in.of_group(number("heads", "Query heads", shape.heads)); }
    N q_rank() const { return number("q_lora_rank", "Query rank", shape.q_rank); }
    N kv_rank() const { return number("kv_lora_rank", "KV rank", shape.kv_rank); }
    N nope() const { return number("qk_nope_head_dim", "Head dim without RoPE", shape.nope); }
    N rope() const { return number("qk_rope_head_dim", "RoPE head dim", shape.rope); }
    N value_dim() const { return number("v_head_dim", "Head dim of values", shape.v); }
    N index_heads() const { return number("Indexer heads", shape.index_heads); }
    N index_dim() const { return number("Indexer dim", shape.index_dim); }
    N index_entry() const { return number("Bytes of an indexer's key", shape.index_entry, "B"); }
    N own() const { return number("Layers that run their own indexer", shape.own); }
    bool chooses_keys() const { return shape.top > 0; }
    // Of a cached token. The layout of 1 B per element that chosen keys are read from has scales next to it.
    N entry_bytes() const
    {
        if (chooses_keys() && in.point.kv_elem_size <= 1)
            return number("Bytes of a cached token", shape.entry, "B");
        return titled("Bytes of a cached token", "B", kv_dim() * in.kv_elem_size());
    }

    // Norms of the compressed query and KV, RoPE with the write to the cache, the split's reduction; an indexer adds
    // its RoPE, quantisation, the write to its cache and the gathering of the chosen keys.
    N small_kernels() const { return constant<N>("Small kernels of attention", chooses_keys() ? 7 : 3); }

    // docs/model.md §14.
    template <class Sink>
    void operators_2026(const N &tokens, const Sink &sink) const
    {
        const N elem = in.param_elem_size();
        sink(product_of(
            OpId::q_down, tokens, in.hidden(), titled("Query rank and KV width", "", q_rank() + kv_dim()), elem));
        sink(product_of(OpId::q_up, tokens, q_rank(), titled("Query width", "", heads() * head_dim()), elem));
        sink(product_of(OpId::q_absorb, tokens, nope(), kv_rank(), bf16_size<N>(), heads()));
        if (shape.gate > 0)
            sink(product_of(OpId::gate, tokens, in.hidden(),
                titled("Gate width", "", in.of_group(number("Parameters of the gate", shape.gate)) / in.hidden()),
                elem));
        const N padded = this->padded_keys(tokens);
        N keys = padded;
        if (chooses_keys()) {
            Operator<N> queries =
                product_of(OpId::index_q, tokens, q_rank(), titled("Indexer width", "", index_heads() * index_dim()),
                    in.point.param_elem_size <= 1 ? elem_size<N>(1) : bf16_size<N>(), own());
            queries.kernels = own();
            sink(queries);
            Operator<N> new_keys = product_of(OpId::index_k, tokens, in.hidden(),
                titled("Indexer keys and weights", "", index_dim() + index_heads()), bf16_size<N>(), own());
            new_keys.kernels = own();
            sink(new_keys);
            choose_keys(in, tokens, padded, index_heads(), index_dim(), index_entry(), own(), sink);
            keys = titled("Keys chosen", "", smaller(padded, number("Keys chosen at most", shape.top)));
        }
        Operator<N> attention = kernel_of<N>(OpId::flash_mla, in.point.kv_elem_size);
        attention.kernels = in.of_profile("mla_kernels", in.profile.mla_kernels);
        const N rows = in.at_least("query_tile_rows", query_rows(tokens));
        attention.flop = this->attention_flop(rows, kv_dim(), kv_rank(), keys);
        attention.bytes = titled("KV cache", "B", keys * entry_bytes());
        if (chooses_keys() && in.workload.context > shape.top)
            attention.bytes =
                noted(titled("KV cache", "B", attention.bytes * tokens), "every query token has keys of its own");
        attention.extra_bytes = this->query_bytes(tokens, heads(), kv_dim(), kv_rank(), in.point.kv_elem_size);
        sink(attention);
        sink(product_of(OpId::v_up, tokens, kv_rank(), value_dim(), bf16_size<N>(), heads()));
        sink(product_of(OpId::o_proj, tokens, titled("Width of all heads", "", heads() * value_dim()), in.hidden(),
            in.output_elem_size()));
    }

    N cache_bytes(const N &tokens) const
    {
        const N bytes = titled("Keys and values", "B", tokens * entry_bytes());
        return chooses_keys() ? bytes + titled("Indexer's keys", "B", own() * tokens * index_entry()) : bytes;
    }

    static bool fits(const MlaShape &shape, std::int64_t group) { return shape.heads % group == 0; }
    static constexpr std::string_view divided = "query heads over a TP group";

    N kv_dim() const { return titled("KV width", "", kv_rank() + rope()); }
    N head_dim() const { return titled("Head dim", "", nope() + rope()); }
    N query_rows(const N &tokens) const { return titled("Query rows", "", heads() * tokens); }

    // docs/model.md §3; weights and KV cache §8. The shapes of weights are the true ones, quirk 1 or not.
    template <class Sink>
    void operators(const N &tokens, const Sink &sink) const
    {
        const bool truncated = in.profile.quirks.truncated_query_projection; // quirk 1
        const N elem = in.param_elem_size();
        const N query = titled("Query width", "", heads() * head_dim());
        const auto gemm = [&](OpId id, const N &inner, const N &columns, const N &operand, const N &count,
                              const N &parameters) {
            Operator<N> op;
            op.id = id;
            op.kind = OperatorKind::gemm;
            op.rows = tokens;
            op.inner = inner;
            op.columns = columns;
            op.elem_size = operand;
            op.out_size = result_size<N>();
            op.count = count;
            op.weights.parameters = parameters;
            op.weights.elem_size = elem;
            sink(op);
        };
        const N q_down_weights = matrix(OpId::q_down, in.hidden() * q_rank());
        const N q_up_weights = matrix(OpId::q_up, q_rank() * heads() * head_dim());
        const N kv_weights = matrix(OpId::kv_compress, in.hidden() * kv_dim());
        if (truncated) {
            const N width = noted(nope(), "one head's width (quirk 1)");
            gemm(OpId::q_down, q_rank(), width, elem, one_gemm<N>(), q_down_weights);
            gemm(OpId::q_up, width, query, elem, one_gemm<N>(), q_up_weights);
        } else {
            gemm(OpId::q_down, in.hidden(), q_rank(), elem, one_gemm<N>(), q_down_weights);
            gemm(OpId::q_up, q_rank(), query, elem, one_gemm<N>(), q_up_weights);
        }
        gemm(OpId::q_absorb, nope(), kv_rank(), elem, heads(), N{});
        gemm(OpId::kv_compress, in.hidden(), kv_dim(), elem, one_gemm<N>(), kv_weights);
        Operator<N> flash;
        flash.id = OpId::flash_mla;
        flash.kind = OperatorKind::attention;
        flash.rows = tokens;
        flash.kv_bytes = kv_dim() * in.kv_elem_size();
        sink(flash);
        // One matrix of each head makes keys and values; q_absorb has the keys' part of it.
        gemm(OpId::v_up, kv_rank(), value_dim(), elem, heads(),
            titled(
                "Key and value up", "", kv_rank() * heads() * titled("Key and value dim", "", nope() + value_dim())));
        gemm(OpId::o_proj, titled("Width of all heads", "", heads() * value_dim()), in.hidden(), elem, one_gemm<N>(),
            matrix(OpId::o_proj, heads() * value_dim() * in.hidden()));
    }
};

// The shape that the published equations take for every layer's.
inline MlaShape latent_shape(const Model &model)
{
    return {model.heads, model.q_lora_rank, model.kv_lora_rank, model.qk_nope_head_dim, model.qk_rope_head_dim,
        model.v_head_dim};
}

// FlashMLA over one sequence. docs/model.md §4.
template <class N>
struct FlashMlaOf {
    N rows{}; // R: query rows of all heads
    N padded_keys{}; // S: KV length padded to the tile
    N qk_s{}; // g0: query times keys
    N pv_s{}; // g1: probabilities times values
    N softmax_s{}; // v
    N compute_s{}; // the three, overlapped as the mode allows
    N flops{}; // of the two GEMMs
    N bytes_moved{}; // B
    N tile_sram{}; // B of SRAM that the operand tiles need
    Fa3 mode = Fa3::none;
    Efficiency efficiency;
    RateChoice rate;

    bool operator==(const FlashMlaOf &) const = default;
};
using FlashMla = FlashMlaOf<double>;

// `tokens`: query tokens of a sequence.
template <class N>
FlashMlaOf<N> flash_mla(const StepInputs<N> &in, const N &tokens)
{
    const MlaShape shape = latent_shape(in.model);
    const Mla<N> mla{{in, shape}};
    const Profile &profile = in.profile;
    const Machine &machine = in.machine;
    const N tile_keys = in.of_profile("kv_tile_rows", static_cast<double>(profile.kv_tile_rows));
    const N kv_elem = in.kv_elem_size(), param_elem = in.param_elem_size();
    const N key_dim = mla.kv_dim(), value_dim = mla.kv_rank();

    FlashMlaOf<N> result;
    result.mode = in.workload.fa3 == Fa3::as_chip ? machine.fa3 : in.workload.fa3;
    result.rows = mla.query_rows(tokens);
    result.padded_keys = titled("Padded keys", "",
        tile_keys * titled("Tiles", "", quotient_up(titled("Keys", "", in.context() + tokens), tile_keys)));
    // Both operands have to be narrow for a narrow rate, and the narrowest that a kernel multiplies are of 8 bits.
    constexpr double narrowest = 1; // B
    const double widest = std::max(value_of(kv_elem), value_of(param_elem));
    const Rate wanted = rate_for(machine, widest).wanted;
    result.rate = rate_for(machine, std::max(widest, narrowest));
    result.rate.no_kernel = result.rate.wanted != wanted;
    result.rate.wanted = wanted;
    const bool by_balance = !profile.flash_mla_by_balance.points.empty();
    result.efficiency = by_balance ? balance_efficiency(profile.flash_mla_by_balance,
                            EfficiencySource::flash_mla_by_balance, result.rate.flops / machine.exp2_rate)
                                   : flash_mla_efficiency(profile, machine.flash_mla_class, value_of(result.rows));

    const N rate = titled("Rate reached", "FLOP/s", in.rate(result.rate) * in.mfu(OpId::flash_mla, result.efficiency));
    const auto flop = [&](const N &width) {
        return titled("FLOP", "FLOP",
            constant<N>("FLOP per product and sum", 2, "FLOP") * result.rows * width * result.padded_keys);
    };
    const N qk_flop = flop(key_dim), pv_flop = flop(value_dim);
    result.qk_s = titled("Queries times keys", "s", qk_flop / rate);
    result.pv_s = titled("Probabilities times values", "s", pv_flop / rate);
    const N keys = profile.quirks.softmax_counts_unpadded_keys ? noted(in.context(), "unpadded keys (quirk 6)")
                                                               : result.padded_keys;
    const N exponentials = titled("exp2", "s", titled("Operations", "op", result.rows * keys) / in.exp2_rate());
    const N reductions = titled("Maximum and sum", "s",
        titled("Operations", "op", constant<N>("Two per score", 2) * result.rows * keys) / in.reduce_rate());
    result.softmax_s = titled(
        "Softmax", "s", exponentials + reductions + in.of_chip("all_reduce_latency", machine.all_reduce_latency));
    const auto whole = [&](const N &seconds) { return titled("One sequence", "s", seconds); };
    if (by_balance) { // the measured fractions are of whole kernels, their softmax overlapped as they do it
        result.compute_s =
            noted(whole(result.qk_s + result.pv_s), "the efficiencies are of whole kernels, their softmax included");
    } else {
        switch (result.mode) {
        case Fa3::two_stage:
            result.compute_s = whole(
                result.qk_s + titled("Softmax overlapped with values", "s", larger(result.softmax_s, result.pv_s)));
            break;
        case Fa3::three_stage:
            result.compute_s = whole(larger(result.softmax_s, titled("Both GEMMs", "s", result.qk_s + result.pv_s)));
            break;
        case Fa3::none:
        case Fa3::as_chip: // resolved above
            result.compute_s = whole(result.qk_s + result.pv_s + result.softmax_s);
            break;
        }
        result.compute_s = noted(result.compute_s, [&] { return "FA3 " + std::string(name_of(result.mode)); });
    }
    result.flops = qk_flop + pv_flop;
    result.bytes_moved = titled("Bytes per sequence", "B",
        titled("KV cache", "B", result.padded_keys * key_dim * kv_elem)
            + titled("Queries", "B", result.rows * key_dim * param_elem)
            + titled("Results", "B", result.rows * value_dim * param_elem));
    // One tile of queries and one of keys (values are part of the keys); scores and results stay in registers.
    const N tile_rows =
        smaller(result.rows, in.of_profile("query_tile_rows", static_cast<double>(profile.query_tile_rows)));
    result.tile_sram = tile_rows * key_dim * param_elem + tile_keys * key_dim * kv_elem;
    return result;
}

} // namespace epscope
