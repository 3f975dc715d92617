// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/parameters.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <concepts>
#include <limits>
#include <tuple>

#include "core/spec/axes.h"
#include "core/spec/checkpoints.h"
#include "core/spec/combinations.h"
#include "core/spec/retired.h"
#include "core/spec/study_parts.h"
#include "core/text.h"

namespace epscope {
namespace {

using enum Dimension;

constexpr std::array<std::string_view, 4> fa3_names{"none", "two-stage", "three-stage", "chip"};
constexpr std::span<const std::string_view> chip_fa3_names = std::span(fa3_names).first(3);
constexpr std::array<std::string_view, 2> policy_names{"dual-mbatch", "naive"};
constexpr std::array<std::string_view, 2> class_names{"general", "low-compute"};
constexpr std::array<std::string_view, 2> linear_names{"gdn", "kda"};
constexpr std::array<std::string_view, 2> equations_names{"published", "model-2026"};
constexpr std::array<std::string_view, 2> kernel_class_names{"general", "cdna"};
constexpr std::array<std::string_view, 3> balancer_names{"as-redundant", "true", "false"};
constexpr std::array<std::string_view, 3> mode_names{"all2all", "ep_group", "moe_tp"};
constexpr std::array<std::string_view, 2> eight_bit_names{"fp8", "int8"};
constexpr std::array<std::string_view, 5> origin_names{"fitted", "measured", "counted", "chosen", "assumed"};
constexpr std::array<std::string_view, 2> switch_names{"true", "false"};
constexpr std::span<const std::string_view> no_choices;

constexpr double any = std::numeric_limits<double>::max();
constexpr double giga = 1e9;
constexpr double tera = 1e12;
constexpr double largest_shape = 1 << 20; // so that products of three, as in weights, fit 63 bits

// What a row states is usual; allowed is whatever the arithmetic takes. Between these ends no product or quotient of
// the engine overflows.
constexpr double least_rate = 1, most_rate = 1e24; // also of sizes: in SI units
constexpr double least_elem_size = 1. / 64, most_elem_size = 64; // B
constexpr double longest_context = 1e12; // tokens
constexpr double most_sms = 1e9;
constexpr double most_tps = 1e12;
constexpr double longest_time = 1e6; // s
constexpr double most_price = 1e9; // USD/h
constexpr double most_power = 1e12; // W

template <class T>
Field<T> allowing(double min, double max, Field<T> field)
{
    field.info.min = min;
    field.info.max = max;
    return field;
}

// A rate or size of a chip or NIC.
template <class T>
Field<T> any_rate(Field<T> field)
{
    return allowing(least_rate, most_rate, std::move(field));
}

template <class T>
Field<T> any_elem_size(Field<T> field)
{
    return allowing(least_elem_size, most_elem_size, std::move(field));
}

// What files do not state where it is as ever.
template <class T>
Field<T> rarely_stated(Field<T> field)
{
    field.info.unwritten_default = true;
    return field;
}

// A length in tokens: its k is 1024.
template <class T>
Field<T> any_tokens(Field<T> field)
{
    field.info.prefixes = Prefixes::binary;
    return field;
}

const std::array workload_fields{
    any_tokens(allowing(1, longest_context,
        Field<Workload>{{Scope::workload, "context", "Context length", count, 1, 1048576, 1024, 131072, true,
                            no_choices, "Tokens already in the KV cache of every sequence (H).", Axis::log, true},
            &Workload::context})),
    Field<Workload>{{Scope::workload, "acceptance", "Acceptance", fraction, 0, 1, 0, 1, true, no_choices,
                        "Probability that a draft token is accepted (a); a step yields 1 + a + ... + a^s tokens.",
                        Axis::linear, true},
        &Workload::acceptance},
    Field<Workload>{{Scope::workload, "deepgemm", "DeepGEMM", count, 0, 1, 0, 1, true, switch_names,
                        "Expert GEMMs run at DeepGEMM's measured efficiency; off: at the general GEMM rule's."},
        &Workload::deepgemm},
    Field<Workload>{{Scope::workload, "fa3", "FA3 mode", count, 0, 3, 0, 3, true, fa3_names,
                        "How FlashMLA overlaps softmax with its GEMMs; 'chip' takes the mode of each chip's entry."},
        &Workload::fa3},
    any_elem_size(Field<Workload>{
        {Scope::workload, "expert_elem_size", "Expert element size", bytes, 0.5, 4, 0.5, 2, true, no_choices,
            "Bytes per expert parameter; 0.5625 B is 4-bit with scales. Chooses the rate of the expert GEMMs.",
            Axis::linear},
        &Workload::expert_elem_size}),
    Field<Workload>{{Scope::workload, "cards", "Cards", count, 1, 1048576, 8, 1024, false, no_choices,
                        "Cards in the cluster: EP and TP cannot be larger.", Axis::log, true},
        &Workload::cards},
    rarely_stated(Field<Workload>{
        {Scope::workload, "redundant_experts", "Redundant experts", count, 0, 65536, 0, 256, false, no_choices,
            "Slots of experts beyond one for each, over all cards; for model-2026.", Axis::linear},
        &Workload::redundant_experts}),
    rarely_stated(
        Field<Workload>{{Scope::workload, "balancer", "Balancer", count, 0, 2, 0, 2, false, balancer_names,
                            "Experts are placed by their measured load (EPLB); as-redundant: where there are redundant "
                            "ones."},
            &Workload::balancer}),
    rarely_stated(Field<Workload>{
        {Scope::workload, "accepted_per_step", "Tokens per step by drafts", count, 1, 1000, 1, 10, false, no_choices,
            "Mean tokens of a step with 1, 2 and more drafts, in place of the acceptance; the last holds for longer "
            "ones."},
        &Workload::accepted_per_step}),
    any_elem_size(Field<Workload>{
        {Scope::workload, "output_elem_size", "Output element size", bytes, 0.5, 4, 0.5, 2, false, no_choices,
            "Bytes per parameter of the output projections; without it that of the other "
            "parameters. For model-2026.",
            Axis::linear},
        &Workload::output_elem_size}),
    any_elem_size(Field<Workload>{
        {Scope::workload, "dense_elem_size", "Dense element size", bytes, 0.5, 4, 0.5, 2, false, no_choices,
            "Bytes per parameter of dense FFNs; without it 1 B. For model-2026.", Axis::linear},
        &Workload::dense_elem_size}),
};

const std::array search_fields{
    Field<SearchSpace>{{Scope::search, "mtp_len", "Draft length", count, 0, 16, 0, 8, true, no_choices,
                           "Speculative (MTP) draft tokens per step (s); 0 is off.", Axis::linear},
        &SearchSpace::mtp_len},
    any_elem_size(Field<SearchSpace>{
        {Scope::search, "precision", "Precision", bytes, 0.5, 4, 0.5, 2, true, no_choices,
            "Element sizes of KV cache and non-expert parameters as 'KV / PARAMETERS', e.g. '1 B / 2 B'.",
            Axis::linear},
        &SearchSpace::precision}),
    Field<SearchSpace>{{Scope::search, "policy", "Pipeline", count, 0, 1, 0, 1, true, policy_names,
                           "dual-mbatch: two micro-batches, one computes while the other communicates; naive: one."},
        &SearchSpace::policy},
    Field<SearchSpace>{{Scope::search, "ep", "EP", count, 1, 1024, 8, 320, true, no_choices,
                           "Cards that share the routed experts; each holds ceil(experts / EP).", Axis::log},
        &SearchSpace::ep},
    Field<SearchSpace>{{Scope::search, "batch", "Batch", count, 1, 65536, 1, 1024, true, no_choices,
                           "Sequences per card (B) or, with TP, of the cards that share one attention.", Axis::log},
        &SearchSpace::batch},
    rarely_stated(Field<SearchSpace>{
        {Scope::search, "tp", "TP", count, 1, 1024, 1, 16, false, no_choices,
            "Cards that share one attention (T); the batch is that of all of them. For model-2026.", Axis::log},
        &SearchSpace::tp}),
    rarely_stated(Field<SearchSpace>{
        {Scope::search, "mode", "Expert mode", count, 0, 2, 0, 2, false, mode_names,
            "Where the routed experts lie: all2all, spread over EP cards; ep_group, over the cards of a "
            "TP group; moe_tp, each cut over them."},
        &SearchSpace::mode}),
};

const std::array study_fields{
    allowing(0, most_tps,
        Field<Study>{
            {Scope::target, "target_tps", "Target", tokens_per_second, 0, 1e6, 5, 200, true, no_choices,
                "Tokens per second that every user must get; slower configurations are infeasible.", Axis::log, true},
            &Study::target_tps}),
};

const std::array chip_fields{
    Field<Chip>{
        {Scope::chip, "title", "Name", count, 0, any, 0, 0, false, no_choices, "What the chip is called in full."},
        &Chip::title},
    Field<Chip>{
        {Scope::chip, "source", "Source", count, 0, any, 0, 0, true, no_choices, "Where the numbers come from."},
        &Chip::source},
    any_rate(Field<Chip>{{Scope::chip, "bf16", "BF16 rate", flop_per_second, giga, 1e18, 50 * tera, 5000 * tera, true,
                             no_choices, "Dense BF16 tensor rate.", Axis::log, true},
        &Chip::bf16}),
    any_rate(Field<Chip>{
        {Scope::chip, "fp8", "FP8 rate", flop_per_second, giga, 1e18, 100 * tera, 10000 * tera, false, no_choices,
            "Dense 8-bit tensor rate; without it 8-bit operands run at the BF16 rate.", Axis::log, true},
        &Chip::fp8}),
    any_rate(Field<Chip>{
        {Scope::chip, "fp4", "FP4 rate", flop_per_second, giga, 1e18, 200 * tera, 20000 * tera, false, no_choices,
            "Dense 4-bit tensor rate; without it 4-bit operands run at the 8-bit rate.", Axis::log, true},
        &Chip::fp4}),
    Field<Chip>{{Scope::chip, "eight_bit", "8-bit type", count, 0, 1, 0, 1, false, eight_bit_names,
                    "What the 8-bit rate counts: int8 on chips without FP8 tensor cores."},
        &Chip::eight_bit},
    any_rate(Field<Chip>{{Scope::chip, "memory", "Memory", bytes, giga, 1e15, 16 * giga, 512 * giga, true, no_choices,
                             "Capacity of the card's memory.", Axis::log, true},
        &Chip::memory}),
    rarely_stated(any_rate(Field<Chip>{
        {Scope::chip, "rated_memory", "Rated memory", bytes, giga, 1e15, 16 * giga, 512 * giga, false, no_choices,
            "Capacity that the data sheet names, by which configurations in tables of "
            "several models are judged."},
        &Chip::rated_memory})),
    any_rate(Field<Chip>{
        {Scope::chip, "memory_bandwidth", "Memory bandwidth", bytes_per_second, giga, 1e16, 0.5 * tera, 20 * tera, true,
            no_choices, "Bandwidth between memory and the compute units.", Axis::log, true},
        &Chip::memory_bandwidth}),
    allowing(1, most_sms,
        Field<Chip>{
            {Scope::chip, "sms", "SM count", count, 1, 1e6, 16, 512, true, no_choices,
                "Streaming multiprocessors, or the vendor's counterpart; with the clock it gives the softmax rates.",
                Axis::log, true},
            &Chip::sms}),
    any_rate(Field<Chip>{{Scope::chip, "clock", "Clock", hertz, 1e6, 1e11, 0.8 * giga, 3 * giga, true, no_choices,
                             "Clock under tensor load.", Axis::log, true},
        &Chip::clock}),
    any_rate(Field<Chip>{
        {Scope::chip, "exp2_rate", "exp2 rate", ops_per_second, 1e6, 1e18, 1e11, 1e14, false, no_choices,
            "exp2 operations per second of the card; default SMs x clock x the profile's figure per SM and clock.",
            Axis::log, true},
        &Chip::exp2_rate}),
    any_rate(Field<Chip>{
        {Scope::chip, "reduce_rate", "Reduce rate", ops_per_second, 1e6, 1e18, 1e11, 1e14, false, no_choices,
            "Maximum and sum operations per second of the card; default as for exp2_rate.", Axis::log, true},
        &Chip::reduce_rate}),
    allowing(0, longest_time,
        Field<Chip>{
            {Scope::chip, "all_reduce_latency", "All-reduce latency", seconds, 0, 1e-3, 0, 5e-6, true, no_choices,
                "Latency of the reduction across warps in one sequence's softmax.", Axis::log, true},
            &Chip::all_reduce_latency}),
    Field<Chip>{{Scope::chip, "fa3", "FA3", count, 0, 2, 0, 2, true, chip_fa3_names,
                    "How FlashMLA overlaps softmax with its GEMMs on this chip."},
        &Chip::fa3},
    Field<Chip>{{Scope::chip, "flash_mla_class", "FlashMLA class", count, 0, 1, 0, 1, false, class_names,
                    "Which measured FlashMLA efficiency holds: low-compute for chips with little compute per memory "
                    "bandwidth (H20)."},
        &Chip::flash_mla_class},
    rarely_stated(Field<Chip>{
        {Scope::chip, "kernel_class", "Kernel class", count, 0, 1, 0, 1, false, kernel_class_names,
            "Which kernels the chip is programmed with: cdna are AMD's, slower by a factor of the profile."},
        &Chip::kernel_class}),
    rarely_stated(Field<Chip>{
        {Scope::chip, "fp8_attention_mfu", "8-bit attention", fraction, 0, 1, 0, 1, false, no_choices,
            "What attention kernels were measured to reach of the chip's 8-bit rate; 0: not measured.", Axis::linear},
        &Chip::fp8_attention_mfu}),
    any_rate(Field<Chip>{
        {Scope::chip, "sram", "SRAM per SM", bytes, 1024, 1e12, 64 * 1024, 1024 * 1024, false, no_choices,
            "On-chip memory of one SM: what the FlashMLA tile has to fit in. Does not change times.", Axis::log, true},
        &Chip::sram}),
    any_rate(Field<Chip>{{Scope::chip, "scale_up_bandwidth", "Scale-up bandwidth", bytes_per_second, 0.1 * giga, 1e15,
                             10 * giga, 2 * tera, false, no_choices,
                             "Per card and direction inside the scale-up domain; for model-2026.", Axis::log, true},
        &Chip::scale_up_bandwidth}),
    Field<Chip>{{Scope::chip, "scale_up_domain", "Scale-up domain", count, 1, 1048576, 1, 512, false, no_choices,
                    "Cards that the scale-up links connect; for model-2026.", Axis::log, true},
        &Chip::scale_up_domain},
    allowing(0, most_price,
        Field<Chip>{{Scope::chip, "price", "Price", dollars_per_hour, 0, 1000, 0.5, 10, false, no_choices,
                        "What one card costs per hour, rented; without it no costs are known.", Axis::log},
            &Chip::price}),
    allowing(0, most_power,
        Field<Chip>{{Scope::chip, "power", "Power", watts, 1, 1e6, 200, 5000, false, no_choices,
                        "What one card draws with its share of server, network and cooling; without it no energy is "
                        "known.",
                        Axis::log},
            &Chip::power}),
    Field<Chip>{
        {Scope::chip, "usual_nic", "Usual NIC", count, 0, any, 0, 0, false, no_choices,
            "Name of the NIC next to the chip in measured systems; measurements that name none are taken with it."},
        &Chip::usual_nic},
    Field<Chip>{{Scope::chip, "assumed", "Assumed", count, 0, any, 0, 0, false, no_choices,
                    "Keys of this chip whose value no source states; estimates name them as assumed."},
        &Chip::assumed},
};

const std::array nic_fields{
    Field<Nic>{{Scope::nic, "title", "Name", count, 0, any, 0, 0, false, no_choices, "What the NIC is called in full."},
        &Nic::title},
    Field<Nic>{{Scope::nic, "source", "Source", count, 0, any, 0, 0, true, no_choices, "Where the numbers come from."},
        &Nic::source},
    any_rate(Field<Nic>{{Scope::nic, "bandwidth", "NIC bandwidth", bytes_per_second, 1e6, 1e15, giga, 400 * giga, true,
                            no_choices, "Per card and direction, as dispatch and combine see it.", Axis::log, true},
        &Nic::bandwidth}),
};

Field<Model> shape(
    std::string_view key, std::string_view label, double min, std::string_view help, std::int64_t Model::*member)
{
    return {
        {Scope::model, key, label, count, min, largest_shape, min, largest_shape, true, no_choices, help, Axis::log},
        member};
}

// Changes no number by itself: what a study has otherwise is said.
Field<Model> stored_size(
    std::string_view key, std::string_view label, std::string_view help, std::optional<Quantity> Model::*member)
{
    return any_elem_size(
        Field<Model>{{Scope::model, key, label, bytes, 0.5, 4, 0.5, 4, false, no_choices, help}, member});
}

const std::array model_fields{
    Field<Model>{
        {Scope::model, "title", "Name", count, 0, any, 0, 0, false, no_choices, "What the model is called in full."},
        &Model::title},
    Field<Model>{
        {Scope::model, "source", "Source", count, 0, any, 0, 0, true, no_choices, "Where the shapes come from."},
        &Model::source},
    shape("hidden_size", "Hidden size", 1, "Width of the residual stream.", &Model::hidden_size),
    shape("layers", "Layers", 1, "Transformer layers, dense ones included.", &Model::layers),
    shape("dense_layers", "Dense layers", 0, "The first layers, with a dense FFN in place of experts.",
        &Model::dense_layers),
    shape("heads", "Attention heads", 1, "Query heads.", &Model::heads),
    shape("q_lora_rank", "Query LoRA rank", 1, "Width of the compressed query.", &Model::q_lora_rank),
    shape("kv_lora_rank", "KV LoRA rank", 1, "Width of the compressed KV latent.", &Model::kv_lora_rank),
    shape("qk_nope_head_dim", "Head dim without RoPE", 1, "Per head, the part of query and key without position.",
        &Model::qk_nope_head_dim),
    shape("qk_rope_head_dim", "RoPE head dim", 0, "Per head, the part of query and key with position.",
        &Model::qk_rope_head_dim),
    shape("v_head_dim", "V head dim", 1, "Per head, the width of the values.", &Model::v_head_dim),
    shape("dense_intermediate", "Dense intermediate", 1, "Width of the dense layers' FFN.", &Model::dense_intermediate),
    shape("expert_intermediate", "Expert intermediate", 1, "Width of one expert's FFN.", &Model::expert_intermediate),
    shape("routed_experts", "Routed experts", 1, "Experts among which the router chooses, per layer.",
        &Model::routed_experts),
    shape("experts_per_token", "Experts per token", 1, "Routed experts that each token visits (top-k).",
        &Model::experts_per_token),
    shape("shared_experts", "Shared experts", 0, "Experts that every token visits.", &Model::shared_experts),
    Field<Model>{{Scope::model, "expert_latent", "Latent width of experts", count, 0, largest_shape, 0, largest_shape,
                     false, no_choices, "Width at which the routed experts work; 0: the hidden size.", Axis::log},
        &Model::expert_latent},
    shape("vocabulary", "Vocabulary", 1, "Rows of embedding and output head.", &Model::vocabulary),
    any_tokens(Field<Model>{{Scope::model, "max_context", "Longest context", count, 0, 0x1p40, 0, 0, false, no_choices,
                                "Tokens up to which the model was trained or extended; 0 where no source states it."},
        &Model::max_context}),
    shape("mtp_layers", "MTP layers", 0, "Multi-token-prediction layers; drafting needs one, or a draft.",
        &Model::mtp_layers),
    rarely_stated(Field<Model>{
        {Scope::model, "accepted_per_step", "Tokens per step by drafts", count, 1, 1000, 1, 10, false, no_choices,
            "Mean tokens of a step with 1, 2 and more drafts as measured; a study that takes the model takes them "
            "too."},
        &Model::accepted_per_step}),
    stored_size("expert_elem_size", "Stored expert element size",
        "Bytes per expert parameter that the checkpoint states; a study that takes the model takes it too.",
        &Model::expert_elem_size),
    stored_size("param_elem_size", "Stored parameter element size",
        "Bytes per parameter of the attention that the checkpoint states.", &Model::param_elem_size),
    stored_size("kv_elem_size", "Stored KV element size",
        "Bytes per element of the KV cache that the checkpoint states.", &Model::kv_elem_size),
    rarely_stated(stored_size("output_elem_size", "Stored output element size",
        "Bytes per parameter of the output projections, where the checkpoint has another than for the others; a study "
        "that takes the model takes it too.",
        &Model::output_elem_size)),
    rarely_stated(stored_size("dense_elem_size", "Stored dense element size",
        "Bytes per parameter of dense FFNs, where the checkpoint has another than 1 B; a study that takes the model "
        "takes it too.",
        &Model::dense_elem_size)),
};

Field<Quirks> quirk(std::string_view key, std::string_view label, std::string_view help, bool Quirks::*member)
{
    return {{Scope::quirks, key, label, count, 0, 1, 0, 1, true, switch_names, help}, member};
}

const std::array quirk_fields{
    quirk("truncated_query_projection", "Truncated query projection",
        "Quirk 1. On: query projections are q_lora_rank -> 128 -> heads; off: hidden -> q_lora_rank -> heads.",
        &Quirks::truncated_query_projection),
    quirk("experts_see_all_tokens", "Experts see all tokens",
        "Quirk 2. On: every local expert is charged top-k x tokens; off: balanced routing, top-k x tokens / local "
        "experts.",
        &Quirks::experts_see_all_tokens),
    quirk("naive_ffn_ignores_drafts", "Naive FFN ignores drafts",
        "Quirk 3. On: the naive pipeline's FFN counts one token per sequence; off: draft tokens too.",
        &Quirks::naive_ffn_ignores_drafts),
    quirk("sparse_layers_only", "Sparse layers only",
        "Quirk 4. On: every layer is a sparse one and nothing else takes time; off: dense layers, embedding, head, "
        "router, norms and MTP drafts count.",
        &Quirks::sparse_layers_only),
    quirk("binary_prefixes", "Binary prefixes",
        "Quirk 5. On: rates with binary prefixes are what they say (989.5 TiFLOP/s = 989.5 x 2^40); off: they are read "
        "as decimal.",
        &Quirks::binary_prefixes),
    quirk("softmax_counts_unpadded_keys", "Softmax counts unpadded keys",
        "Quirk 6. On: softmax counts the context's H keys; off: the padded S that the GEMMs count.",
        &Quirks::softmax_counts_unpadded_keys),
};

Field<Profile> share(std::string_view key, std::string_view label, double min, double soft_min, std::string_view help,
    double Profile::*member)
{
    return {{Scope::profile, key, label, fraction, min, 1, soft_min, 1, false, no_choices, help, Axis::linear}, member};
}

Field<Profile> overhead(
    std::string_view key, std::string_view label, double soft_max, std::string_view help, double Profile::*member)
{
    return {{Scope::profile, key, label, seconds, 0, 1, 0, soft_max, false, no_choices, help, Axis::linear}, member};
}

Field<Profile> number(std::string_view key, std::string_view label, double min, double max, double soft_max,
    std::string_view help, double Profile::*member)
{
    return {
        {Scope::profile, key, label, count, min, max, min, soft_max, false, no_choices, help, Axis::linear}, member};
}

const std::array profile_fields{
    Field<Profile>{{Scope::profile, "title", "Name", count, 0, any, 0, 0, false, no_choices,
                       "What the profile is called in full."},
        &Profile::title},
    Field<Profile>{
        {Scope::profile, "source", "Source", count, 0, any, 0, 0, true, no_choices, "Where the rules come from."},
        &Profile::source},
    Field<Profile>{{Scope::profile, "equations", "Equations", count, 0, 1, 0, 1, false, equations_names,
                       "published: those of the article; model-2026: those for every kind of attention and "
                       "parallelism."},
        &Profile::equations},
    Field<Profile>{{Scope::profile, "usable_memory_fraction", "Usable memory", fraction, 0.01, 1, 0.5, 1, true,
                       no_choices, "Part of the card's memory that weights and KV cache may take.", Axis::linear},
        &Profile::usable_memory_fraction},
    Field<Profile>{
        {Scope::profile, "softmax_ops_per_sm_clock", "Softmax rate", count, 1e-3, 1e6, 1, 128, true, no_choices,
            "exp2 and reduce operations per SM and clock, for chips that do not state their rates.", Axis::log},
        &Profile::softmax_ops_per_sm_clock},
    any_elem_size(Field<Profile>{
        {Scope::profile, "dispatch_elem_size", "Dispatch element size", bytes, 0.5, 4, 0.5, 2, true, no_choices,
            "Bytes per element of a token sent to an expert; results come back at the parameters' element size.",
            Axis::linear},
        &Profile::dispatch_elem_size}),
    Field<Profile>{{Scope::profile, "gemm_tile_rows", "GEMM tile rows", count, 1, 4096, 1, 256, true, no_choices,
                       "A tensor-core tile is at least this high: fewer rows cost as much.", Axis::log},
        &Profile::gemm_tile_rows},
    Field<Profile>{{Scope::profile, "kv_tile_rows", "KV tile rows", count, 1, 4096, 1, 256, true, no_choices,
                       "FlashMLA pads the KV length to a multiple of this.", Axis::log},
        &Profile::kv_tile_rows},
    Field<Profile>{{Scope::profile, "query_tile_rows", "Query tile rows", count, 1, 4096, 1, 256, false, no_choices,
                       "Query rows that FlashMLA takes at a time; with a KV tile they have to fit in the SRAM of an "
                       "SM. Does not change times.",
                       Axis::log},
        &Profile::query_tile_rows},
    Field<Profile>{
        {Scope::profile, "combine_elem_size", "Combine element size", bytes, 0, 4, 0, 4, false, no_choices,
            "Bytes per element of an expert's result sent back; 0: the parameters' element size.", Axis::linear},
        &Profile::combine_elem_size},
    any_elem_size(Field<Profile>{{Scope::profile, "ffn_out_elem_size", "FFN result size", bytes, 0.5, 4, 0.5, 4, false,
                                     no_choices, "Bytes per element that an FFN GEMM writes.", Axis::linear},
        &Profile::ffn_out_elem_size}),
    Field<Profile>{
        {Scope::profile, "reserved_memory", "Reserved memory", bytes, 0, 1e13, 0, 32 * giga, false, no_choices,
            "Part of the card's memory for activations and communication buffers, taken off what is usable.",
            Axis::linear},
        &Profile::reserved_memory},
    share("memory_efficiency", "Memory efficiency", 0.05, 0.5, "Part of the memory bandwidth that kernels reach.",
        &Profile::memory_efficiency),
    share("scale_up_efficiency", "Scale-up efficiency", 0.01, 0.1,
        "Part of the scale-up bandwidth that dispatch and combine reach in service.", &Profile::scale_up_efficiency),
    share("nic_efficiency", "NIC efficiency", 0.01, 0.3, "Part of the NIC's bandwidth that dispatch and combine reach.",
        &Profile::nic_efficiency),
    share("gemm_unhidden", "GEMM overlap gap", 0, 0,
        "Of the shorter of a GEMM's memory traffic and computation, the part that the longer does not hide.",
        &Profile::gemm_unhidden),
    share("expert_unhidden", "Expert overlap gap", 0, 0, "The same for the routed experts' grouped GEMMs.",
        &Profile::expert_unhidden),
    overhead("scale_up_latency", "Scale-up latency", 100e-6, "Latency of one dispatch or combine.",
        &Profile::scale_up_latency),
    overhead("nic_latency", "NIC latency", 300e-6,
        "What the NIC adds to it where EP exceeds the scale-up domain, waiting for the slowest card included.",
        &Profile::nic_latency),
    overhead("kernel_overhead", "Kernel overhead", 20e-6, "Launch and tail of one kernel.", &Profile::kernel_overhead),
    overhead("step_overhead", "Step overhead", 20e-3, "Per step: sampling and scheduling.", &Profile::step_overhead),
    Field<Profile>{{Scope::profile, "kernel_clock", "Clock of the kernel overhead", hertz, 0, 1e11, 0, 3 * giga, false,
                       no_choices, "Clock at which the kernel overhead holds; 0: it is the same at any.", Axis::linear},
        &Profile::kernel_clock},
    overhead("all_reduce_latency", "All-reduce latency", 50e-6, "Latency of an all-reduce over a TP group.",
        &Profile::all_reduce_latency),
    overhead("two_shot_latency", "Two-shot latency", 50e-6, "What an all-reduce in two steps takes on top.",
        &Profile::two_shot_latency),
    number("popularity_span", "Popularity span", 1, 1e6, 1000,
        "Ratio of the most to the least popular expert, popularity even in its logarithm (X); 1: all alike.",
        &Profile::popularity_span),
    number("balanced_spread", "Spread under a balancer", 0, 10, 1,
        "Relative deviation of the cards' loads that a balancer leaves.", &Profile::balanced_spread),
    number("short_inner", "Short inner dimension", 0, 1e5, 1000,
        "Elements of the inner dimension whose time an expert's GEMM takes on top.", &Profile::short_inner),
    number("attention_ramp_keys", "Attention ramp", 0, 1e5, 500, "Keys whose time an attention kernel takes on top.",
        &Profile::attention_ramp_keys),
    number("query_passes", "Query passes", 1, 10, 3,
        "Passes over queries and results of an attention with operands of at most 1 B.", &Profile::query_passes),
    Field<Profile>{{Scope::profile, "gqa_tile_rows", "GQA tile rows", count, 1, 4096, 1, 256, false, no_choices,
                       "Query rows of a KV head that an attention kernel works for at least.", Axis::log},
        &Profile::gqa_tile_rows},
    number("mla_kernels", "Kernels of latent attention", 0, 100, 10, "Kernels that one latent attention consists of.",
        &Profile::mla_kernels),
    number("v4_kernels", "Small kernels of V4", 0, 1000, 120,
        "Kernels of a layer with V4's attention that are no operators.", &Profile::v4_kernels),
    Field<Profile>{{Scope::profile, "permute_bytes", "Permutation", bytes, 0, 1000, 0, 32, false, no_choices,
                       "Bytes moved per value of a token to sort it by expert and to join its results.", Axis::linear},
        &Profile::permute_bytes},
    number("cdna_factor", "Factor of cdna", 1, 10, 2, "By which everything takes longer on chips of the class cdna.",
        &Profile::cdna_factor),
};

std::string number_text(double value, Dimension dimension)
{
    return dimension == count || dimension == fraction ? exact_text(value) : compact_text(value, dimension);
}

std::optional<std::string> outside(double si, const Parameter &info, std::string_view text)
{
    if (si >= info.min && si <= info.max)
        return std::nullopt;
    return in_quotes(text) + " is out of range; allowed is " + allowed_text(info);
}

std::variant<std::size_t, std::string> choice(std::string_view text, std::span<const std::string_view> names)
{
    const auto found = std::find(names.begin(), names.end(), text);
    if (found != names.end())
        return static_cast<std::size_t>(found - names.begin());
    return in_quotes(text) + " is not allowed; allowed is " + allowed_text(names)
        + did_you_mean(text, {names.begin(), names.end()});
}

// Each overload sets one kind of member from its items; a scalar takes exactly one.
std::optional<std::string> assign(Quantity &member, const Parameter &info, std::string_view text, BareNumbers bare)
{
    auto parsed = parse_quantity(text, info.dimension, bare, info.prefixes);
    if (auto *problem = std::get_if<std::string>(&parsed))
        return std::move(*problem);
    const Quantity &quantity = std::get<Quantity>(parsed);
    if (auto problem = outside(quantity.si(), info, text))
        return problem;
    member = quantity;
    return std::nullopt;
}

std::optional<std::string> assign(
    std::optional<Quantity> &member, const Parameter &info, std::string_view text, BareNumbers bare)
{
    if (text == "none" && !info.required) {
        member.reset();
        return std::nullopt;
    }
    Quantity quantity;
    if (auto problem = assign(quantity, info, text, bare))
        return problem;
    member = quantity;
    return std::nullopt;
}

std::optional<std::string> assign(double &member, const Parameter &info, std::string_view text, BareNumbers bare)
{
    Quantity quantity;
    if (auto problem = assign(quantity, info, text, bare))
        return problem;
    member = quantity.si();
    return std::nullopt;
}

std::optional<std::string> assign(std::int64_t &member, const Parameter &info, std::string_view text, BareNumbers bare)
{
    double value = 0;
    if (auto problem = assign(value, info, text, bare))
        return problem;
    if (value != std::floor(value))
        return in_quotes(text) + " is not a whole number; allowed is " + allowed_text(info);
    member = static_cast<std::int64_t>(value);
    return std::nullopt;
}

std::optional<std::string> assign(std::string &member, const Parameter &info, std::string_view text, BareNumbers)
{
    if (text.empty() && info.required)
        return std::string("is empty; expected a text");
    constexpr std::size_t longest = 4096;
    if (text.size() > longest)
        return "the text is longer than " + std::to_string(longest) + " bytes";
    member = text;
    return std::nullopt;
}

std::optional<std::string> assign(bool &member, const Parameter &, std::string_view text, BareNumbers)
{
    constexpr std::array<std::string_view, 2> on{"true", "on"};
    constexpr std::array<std::string_view, 2> off{"false", "off"};
    if (std::find(on.begin(), on.end(), text) != on.end())
        member = true;
    else if (std::find(off.begin(), off.end(), text) != off.end())
        member = false;
    else
        return in_quotes(text) + " is not a switch; allowed is true or false";
    return std::nullopt;
}

template <class Enum>
requires std::is_enum_v<Enum> std::optional<std::string> assign(
    Enum &member, const Parameter &info, std::string_view text, BareNumbers)
{
    auto found = choice(text, info.choices);
    if (auto *problem = std::get_if<std::string>(&found))
        return std::move(*problem);
    member = static_cast<Enum>(std::get<std::size_t>(found));
    return std::nullopt;
}

// first, first + step, ... last; a single number has the step 1.
struct IntegerRange {
    std::int64_t first, last, step;

    std::size_t size() const { return static_cast<std::size_t>((last - first) / step) + 1; }
    // Ranges of one step and residue are pieces of one comb: they can be joined as intervals are.
    std::tuple<std::int64_t, std::int64_t, std::int64_t> comb() const
    {
        return {step, (first % step + step) % step, first};
    }
};

std::variant<IntegerRange, std::string> parse_range(std::string_view text, double min, double max)
{
    const auto read = [&](std::string_view part, double low) -> std::variant<std::int64_t, std::string> {
        auto parsed = parse_quantity(part, count, BareNumbers::allowed);
        if (std::holds_alternative<std::string>(parsed))
            return in_quotes(part) + " is not a whole number or a range like 16..128:8";
        const double value = std::get<Quantity>(parsed).si();
        if (value != std::floor(value))
            return in_quotes(part) + " is not a whole number";
        const std::string_view digits = trimmed(part);
        if (digits.size() > 1 && digits.front() == '0' && std::isdigit(static_cast<unsigned char>(digits[1])) != 0)
            return in_quotes(part) + " begins with 0; commas separate the values of a list, 1024 is written without";
        if (value < low || value > max)
            return in_quotes(part) + " is out of range; allowed is " + exact_text(low) + " to " + exact_text(max);
        return static_cast<std::int64_t>(value);
    };
    const std::size_t dots = text.find("..");
    if (dots == std::string_view::npos) {
        auto value = read(text, min);
        if (auto *problem = std::get_if<std::string>(&value))
            return std::move(*problem);
        return IntegerRange{std::get<std::int64_t>(value), std::get<std::int64_t>(value), 1};
    }
    const std::string_view upper = text.substr(dots + 2);
    const std::size_t colon = upper.find(':');
    std::array<std::int64_t, 3> ends{0, 0, 1};
    const std::array<std::string_view, 3> parts{text.substr(0, dots), upper.substr(0, colon),
        colon == std::string_view::npos ? std::string_view("1") : upper.substr(colon + 1)};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        auto value = read(parts[i], i == 2 ? 1 : min);
        if (auto *problem = std::get_if<std::string>(&value))
            return std::move(*problem);
        ends[i] = std::get<std::int64_t>(value);
    }
    const auto [first, end, step] = ends;
    if (end < first)
        return in_quotes(text) + " is an empty range: its end lies below its start";
    const std::int64_t last = end - (end - first) % step;
    return IntegerRange{first, last, last == first ? 1 : step};
}

// Ranges of one step that touch or overlap as one.
std::vector<IntegerRange> merged(std::vector<IntegerRange> ranges)
{
    std::sort(
        ranges.begin(), ranges.end(), [](const IntegerRange &a, const IntegerRange &b) { return a.comb() < b.comb(); });
    std::vector<IntegerRange> all;
    for (const IntegerRange &range : ranges) {
        const bool continues = !all.empty() && all.back().step == range.step
            && range.first <= all.back().last + range.step && (range.first - all.back().first) % range.step == 0;
        if (continues)
            all.back().last = std::max(all.back().last, range.last);
        else
            all.push_back(range);
    }
    return all;
}

// Every number of the ranges once, ascending. All lie between `min` and `max`.
std::variant<std::vector<std::int64_t>, std::string> numbers_of(
    std::vector<IntegerRange> ranges, double min, double max)
{
    const std::string too_many = "names more than " + std::to_string(most_integers)
        + " different numbers; a list may have that many, all its ranges together";
    ranges = merged(std::move(ranges));
    const auto too_long = [](const IntegerRange &range) { return range.size() > most_integers; };
    if (std::any_of(ranges.begin(), ranges.end(), too_long))
        return too_many;
    if (ranges.size() == 1) {
        std::vector<std::int64_t> values;
        for (std::int64_t number = ranges.front().first; number <= ranges.front().last; number += ranges.front().step)
            values.push_back(number);
        return values;
    }
    const auto lowest = static_cast<std::int64_t>(std::ceil(min));
    std::vector<bool> named(static_cast<std::size_t>(static_cast<std::int64_t>(max) - lowest) + 1);
    std::size_t different = 0;
    for (const IntegerRange &range : ranges) {
        for (std::int64_t number = range.first; number <= range.last; number += range.step) {
            std::vector<bool>::reference mark = named[static_cast<std::size_t>(number - lowest)];
            different += mark ? 0 : 1;
            mark = true;
        }
        if (different > most_integers)
            return too_many;
    }
    std::vector<std::int64_t> values;
    values.reserve(different);
    for (std::size_t i = 0; i < named.size(); ++i) {
        if (named[i])
            values.push_back(lowest + static_cast<std::int64_t>(i));
    }
    return values;
}

std::optional<std::string> append(
    std::vector<Precision> &list, const Parameter &info, std::string_view text, BareNumbers bare)
{
    const std::vector<std::string_view> parts = split(text, '/');
    if (parts.size() != 2)
        return in_quotes(text) + " is not a pair; expected the sizes of KV cache and parameters as '1 B / 2 B'";
    Precision precision;
    if (auto problem = assign(precision.kv_elem_size, info, trimmed(parts[0]), bare))
        return problem;
    if (auto problem = assign(precision.param_elem_size, info, trimmed(parts[1]), bare))
        return problem;
    list.push_back(precision);
    return std::nullopt;
}

template <class Enum>
requires std::is_enum_v<Enum> std::optional<std::string> append(
    std::vector<Enum> &list, const Parameter &info, std::string_view text, BareNumbers bare)
{
    Enum value{};
    if (auto problem = assign(value, info, text, bare))
        return problem;
    list.push_back(value);
    return std::nullopt;
}

std::optional<std::string> append(
    std::vector<std::string> &list, const Parameter &info, std::string_view text, BareNumbers bare)
{
    return assign(list.emplace_back(), info, text, bare);
}

template <class Value>
constexpr bool is_text = std::is_same_v<Value, std::string>;

std::optional<std::string> append(
    std::vector<double> &list, const Parameter &info, std::string_view text, BareNumbers bare)
{
    return assign(list.emplace_back(), info, text, bare);
}

// A value listed twice would be searched twice.
template <class Value>
std::optional<std::string> make_distinct(std::vector<Value> &list)
{
    std::vector<Value> kept;
    for (Value &value : list) {
        if (std::find(kept.begin(), kept.end(), value) != kept.end())
            continue;
        if (kept.size() == most_others)
            return "names more than " + std::to_string(most_others) + " different values; a list may have that many";
        kept.push_back(std::move(value));
    }
    list = std::move(kept);
    return std::nullopt;
}

// Sets a list from its items.
template <class Value>
std::optional<std::string> assign_list(
    std::vector<Value> &list, const Parameter &info, const std::vector<std::string> &items, BareNumbers bare)
{
    std::vector<Value> values;
    for (const std::string &item : items) {
        const std::string typed = is_text<Value> ? item : as_typed(item);
        if (auto problem = append(values, info, trimmed(typed), bare))
            return problem;
    }
    if (auto problem = make_distinct(values))
        return problem;
    list = std::move(values);
    return std::nullopt;
}

// By place: a value may stand twice.
std::optional<std::string> assign_list(
    std::vector<double> &list, const Parameter &info, const std::vector<std::string> &items, BareNumbers bare)
{
    std::vector<double> values;
    for (const std::string &item : items) {
        if (auto problem = append(values, info, trimmed(as_typed(item)), bare))
            return problem;
    }
    if (values.size() > most_others)
        return "has more than " + std::to_string(most_others) + " values; a list may have that many";
    list = std::move(values);
    return std::nullopt;
}

// Whole numbers go in ascending order.
std::optional<std::string> assign_list(
    std::vector<std::int64_t> &list, const Parameter &info, const std::vector<std::string> &items, BareNumbers)
{
    std::vector<IntegerRange> ranges;
    for (const std::string &item : items) {
        auto range = parse_range(trimmed(as_typed(item)), info.min, info.max);
        if (auto *problem = std::get_if<std::string>(&range))
            return std::move(*problem);
        ranges.push_back(std::get<IntegerRange>(range));
    }
    auto values = numbers_of(std::move(ranges), info.min, info.max);
    if (auto *problem = std::get_if<std::string>(&values))
        return std::move(*problem);
    list = std::move(std::get<std::vector<std::int64_t>>(values));
    return std::nullopt;
}

std::string text_of(const Quantity &value, const Parameter &)
{
    return exact_text(value);
}
std::string text_of(const std::optional<Quantity> &value, const Parameter &)
{
    return value ? exact_text(*value) : std::string{};
}
std::string text_of(double value, const Parameter &info)
{
    return exact_text(Quantity{value, &base_unit(info.dimension)});
}
std::string text_of(std::int64_t value, const Parameter &)
{
    return std::to_string(value);
}
std::string text_of(bool value, const Parameter &)
{
    return value ? "true" : "false";
}
std::string text_of(const std::string &value, const Parameter &)
{
    return value;
}
std::string text_of(const Precision &value, const Parameter &)
{
    return exact_text(value.kv_elem_size) + " / " + exact_text(value.param_elem_size);
}
template <class Enum>
requires std::is_enum_v<Enum> std::string text_of(Enum value, const Parameter &info)
{
    return std::string(info.choices[static_cast<std::size_t>(value)]);
}
template <class Value>
std::string text_of(const std::vector<Value> &list, const Parameter &info)
{
    std::vector<std::string> items;
    for (const Value &value : list)
        items.push_back(text_of(value, info));
    return joined(items, ", ");
}

template <class T>
std::vector<std::string> keys_of(std::string_view prefix = {})
{
    std::vector<std::string> keys;
    for (const Field<T> &field : fields<T>())
        keys.push_back(std::string(prefix) + std::string(field.info.key));
    return keys;
}

template <class T>
const Field<T> *find_field(std::string_view key)
{
    for (const Field<T> &field : fields<T>()) {
        if (field.info.key == key)
            return &field;
    }
    return nullptr;
}

template <class T>
const Parameter *find_info(std::string_view key)
{
    const Field<T> *field = find_field<T>(key);
    return field ? &field->info : nullptr;
}

template <class T>
std::optional<std::string> text_by_key(const T &object, std::string_view key)
{
    const Field<T> *field = find_field<T>(key);
    return field ? std::optional(field_text(object, *field)) : std::nullopt;
}

// "chip.x" and "chip.NAME.x" behind their first dot: the name, if one is meant, and the key. Names may hold dots; keys
// don't.
struct EntryKey {
    std::optional<std::string_view> name;
    std::string_view key;

    bool means(const std::string &entry_name) const { return !name || *name == entry_name; }
};
EntryKey entry_key(std::string_view path)
{
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? EntryKey{std::nullopt, path}
                                         : EntryKey{path.substr(0, dot), path.substr(dot + 1)};
}

// What stands behind the prefix of a part's keys; nothing if the key has another.
std::optional<std::string_view> behind(std::string_view prefix, std::string_view key)
{
    return key.starts_with(prefix) ? std::optional(key.substr(prefix.size())) : std::nullopt;
}

template <class T>
std::optional<std::string> text_by_key(const std::vector<T> &entries, std::string_view path)
{
    const EntryKey wanted = entry_key(path);
    for (const T &entry : entries) {
        if (wanted.means(entry.name))
            return text_by_key(entry, wanted.key);
    }
    return std::nullopt;
}

template <class T>
std::string unknown_key(std::string_view key)
{
    return "unknown key " + in_quotes(key) + "; allowed is " + joined(keys_of<T>(), ", ")
        + did_you_mean(key, keys_of<T>());
}

// Sets one key and checks that the object's values still go together; on error it is unchanged.
template <class T>
std::optional<std::string> set_by_key(T &object, std::string_view key, std::string_view value, BareNumbers bare)
{
    const Field<T> *field = find_field<T>(key);
    if constexpr (std::same_as<T, Profile>) {
        if (retired_key(key)) { // whatever its value
            object.retired.keys.emplace_back(key);
            return std::nullopt;
        }
    }
    if (!field)
        return unknown_key<T>(key);
    if constexpr (requires { inconsistencies(object); }) {
        T changed = object;
        if (auto problem = set_field(changed, *field, value, bare))
            return problem;
        for (const Inconsistency &problem : inconsistencies(changed))
            return problem.key == key ? problem.message : problem.key + ": " + problem.message;
        object = std::move(changed);
        return std::nullopt;
    } else {
        return set_field(object, *field, value, bare);
    }
}

// "chip.x=..." on every entry, "chip.NAME.x=..." on the one of that name.
template <class T>
std::optional<std::string> set_by_key(
    std::vector<T> &entries, std::string_view path, std::string_view value, BareNumbers bare)
{
    const EntryKey wanted = entry_key(path);
    std::vector<T> changed = entries;
    std::vector<std::string> names;
    bool found = false;
    for (T &entry : changed) {
        names.push_back(entry.name);
        if (!wanted.means(entry.name))
            continue;
        found = true;
        if (auto problem = set_by_key(entry, wanted.key, value, bare))
            return problem;
    }
    if (!found) {
        return "no " + std::string(name_of(fields<T>().front().info.scope)) + " " + in_quotes(*wanted.name)
            + " in the study; it has " + joined(names, ", ") + did_you_mean(*wanted.name, names);
    }
    entries = std::move(changed);
    return std::nullopt;
}

const AxisNumber *find_element_size(std::string_view key)
{
    const std::span<const AxisNumber> sizes = precision_numbers();
    const auto found =
        std::find_if(sizes.begin(), sizes.end(), [&](const AxisNumber &size) { return size.key == key; });
    return found == sizes.end() ? nullptr : &*found;
}

// What is searched has a value at least.
bool may_be_empty(const Parameter &info)
{
    return !info.required && info.scope != Scope::search;
}

// Sets several sizes at once, and so is no field of any struct.
constexpr std::string_view checkpoint_key = "checkpoint";
const Parameter &checkpoint_parameter()
{
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> all;
        for (const Checkpoint &each : checkpoints())
            all.push_back(each.name);
        return all;
    }();
    static const Parameter parameter{Scope::workload, checkpoint_key, "Checkpoint", count, 0, any, 0, 0, false, names,
        "Format of the model's files, which sets the element sizes of all parameters."};
    return parameter;
}

std::optional<std::string> set_all_precisions(
    SearchSpace &search, Quantity Precision::*member, std::string_view value, BareNumbers bare)
{
    const Field<SearchSpace> *field = find_field<SearchSpace>("precision");
    Quantity size;
    if (auto problem = assign(size, field->info, value, bare))
        return problem;
    for (Precision &precision : search.precision)
        precision.*member = size;
    return make_distinct(search.precision);
}

} // namespace

template <>
std::span<const Field<Workload>> fields<Workload>()
{
    return workload_fields;
}
template <>
std::span<const Field<SearchSpace>> fields<SearchSpace>()
{
    return search_fields;
}
template <>
std::span<const Field<Study>> fields<Study>()
{
    return study_fields;
}
template <>
std::span<const Field<Chip>> fields<Chip>()
{
    return chip_fields;
}
template <>
std::span<const Field<Nic>> fields<Nic>()
{
    return nic_fields;
}
template <>
std::span<const Field<Model>> fields<Model>()
{
    return model_fields;
}
template <>
std::span<const Field<Quirks>> fields<Quirks>()
{
    return quirk_fields;
}
template <>
std::span<const Field<Profile>> fields<Profile>()
{
    return profile_fields;
}

std::string_view name_of(Scope scope)
{
    constexpr std::array<std::string_view, 8> names{
        "workload", "search", "target", "chip", "nic", "model", "quirks", "profile"};
    return names[static_cast<std::size_t>(scope)];
}

double ProfileNumber::of(const Profile &profile) const
{
    return profile.*std::get<double Profile::*>(field->member);
}

void ProfileNumber::set(Profile &profile, double value) const
{
    profile.*std::get<double Profile::*>(field->member) = value;
}

std::optional<ProfileNumber> profile_number(std::string_view key)
{
    for (const Field<Profile> &field : profile_fields) {
        if (field.info.key == key && std::holds_alternative<double Profile::*>(field.member))
            return ProfileNumber(field);
    }
    return std::nullopt;
}

std::string_view name_of(Obtained how)
{
    return origin_names[static_cast<std::size_t>(how)];
}

std::string_view name_of(FlashMlaClass of)
{
    return class_names[static_cast<std::size_t>(of)];
}

std::string_view name_of(KernelClass kernels)
{
    return kernel_class_names[static_cast<std::size_t>(kernels)];
}

template <>
std::span<const std::string_view> choices_of<Obtained>()
{
    return origin_names;
}
template <>
std::span<const std::string_view> choices_of<FlashMlaClass>()
{
    return class_names;
}
template <>
std::span<const std::string_view> choices_of<KernelClass>()
{
    return kernel_class_names;
}

std::string_view name_of(LinearForm form)
{
    return linear_names[static_cast<std::size_t>(form)];
}

template <>
std::span<const std::string_view> choices_of<LinearForm>()
{
    return linear_names;
}

std::string_view name_of(Policy policy)
{
    return policy_names[static_cast<std::size_t>(policy)];
}

std::string_view name_of(ExpertMode mode)
{
    return mode_names[static_cast<std::size_t>(mode)];
}

std::string_view name_of(Fa3 mode)
{
    return fa3_names[static_cast<std::size_t>(mode)];
}

std::string_view name_of(EightBit type)
{
    return eight_bit_names[static_cast<std::size_t>(type)];
}

std::vector<Inconsistency> inconsistencies(const Model &model)
{
    std::vector<Inconsistency> found;
    if (!model.layer_kinds.empty()) {
        Model as_listed = model;
        take_numbers_of_layers(as_listed);
        for (const Field<Model> &field : model_fields) {
            const auto *member = std::get_if<std::int64_t Model::*>(&field.member);
            if (member && model.**member != as_listed.**member)
                found.push_back({std::string(field.info.key), std::string(field.info.key),
                    "stands in the model's list of layers; allowed is " + std::to_string(as_listed.**member)});
        }
    }
    for (const std::string &problem : problems_of_layers(model))
        found.push_back({"layer_kinds", "layer_kinds", problem});
    if (model.dense_layers > model.layers)
        found.push_back({"dense_layers", "layers",
            "more dense layers than layers; allowed is 0 to " + std::to_string(model.layers)});
    if (model.experts_per_token > model.routed_experts)
        found.push_back({"experts_per_token", "routed_experts",
            "a token cannot visit more experts than there are; allowed is 1 to "
                + std::to_string(model.routed_experts)});
    return found;
}

std::vector<Inconsistency> inconsistencies(const Chip &chip)
{
    std::vector<Inconsistency> found;
    const std::vector<std::string> keys = keys_of<Chip>();
    for (const std::string &key : chip.assumed) {
        if (std::find(keys.begin(), keys.end(), key) == keys.end())
            found.push_back({"assumed", "assumed", in_quotes(key) + " is no key of a chip" + did_you_mean(key, keys)});
    }
    return found;
}

std::vector<Parameter> all_parameters()
{
    std::vector<Parameter> all;
    for_each_part([&](const auto &part) {
        for (const auto &field : fields<PartStruct<decltype(part)>>())
            all.push_back(field.info);
    });
    return all;
}

std::string allowed_text(std::span<const std::string_view> choices)
{
    std::string text;
    for (std::size_t i = 0; i < choices.size(); ++i)
        text += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + std::string(choices[i]);
    return text;
}

std::string allowed_text(const Parameter &info)
{
    if (!info.choices.empty())
        return allowed_text(info.choices);
    if (info.max == any)
        return "text";
    const bool all_usual = info.min == info.usual_min && info.max == info.usual_max;
    return number_text(info.min, info.dimension) + " to " + number_text(info.max, info.dimension)
        + (all_usual ? "" : ", usually " + usual_text(info));
}

std::string usual_text(const Parameter &info)
{
    return number_text(info.usual_min, info.dimension) + " to " + number_text(info.usual_max, info.dimension);
}

std::variant<std::vector<std::int64_t>, std::string> parse_integers(std::string_view text, double min, double max)
{
    auto range = parse_range(text, min, max);
    if (auto *problem = std::get_if<std::string>(&range))
        return std::move(*problem);
    return numbers_of({std::get<IntegerRange>(range)}, min, max);
}

std::vector<std::string> integer_ranges(const std::vector<std::int64_t> &values)
{
    std::vector<std::string> items;
    for (std::size_t i = 0; i < values.size();) {
        std::size_t end = std::min(i + 2, values.size()); // of the run from i
        while (end < values.size() && end - i >= 2 && values[end] - values[end - 1] == values[i + 1] - values[i])
            ++end;
        const bool is_range = end - i >= 3;
        std::string item = std::to_string(values[i]);
        if (is_range) {
            const std::int64_t step = values[i + 1] - values[i];
            item += ".." + std::to_string(values[end - 1]) + (step == 1 ? "" : ":" + std::to_string(step));
        }
        items.push_back(std::move(item));
        i = is_range ? end : i + 1;
    }
    return items;
}

template <class T>
std::optional<std::string> set_field(
    T &object, const Field<T> &field, const std::vector<std::string> &items, BareNumbers bare)
{
    return std::visit(
        [&](auto member) -> std::optional<std::string> {
            using Value = std::remove_cvref_t<decltype(object.*member)>;
            if constexpr (is_vector<Value>) {
                if (items.empty() && !may_be_empty(field.info))
                    return "is empty; expected at least one value, " + allowed_text(field.info);
                return assign_list(object.*member, field.info, items, bare);
            } else {
                if (items.size() != 1)
                    return std::string("expected one value, not a list");
                const std::string typed = is_text<Value> ? items.front() : as_typed(items.front());
                return assign(object.*member, field.info, trimmed(typed), bare);
            }
        },
        field.member);
}

template <class T>
std::optional<std::string> set_field(T &object, const Field<T> &field, std::string_view text, BareNumbers bare)
{
    if (!is_list(field))
        return set_field(object, field, std::vector<std::string>{std::string(text)}, bare);
    if (trimmed(text).empty() && may_be_empty(field.info))
        return set_field(object, field, std::vector<std::string>{}, bare);
    const std::string typed = as_typed(text);
    const std::vector<std::string_view> parts = split(typed, ',');
    return set_field(object, field, std::vector<std::string>{parts.begin(), parts.end()}, bare);
}

template <class T>
std::optional<std::string> item_problem(const Field<T> &field, std::string_view item, BareNumbers bare)
{
    return std::visit(
        [&]<class Value>(Value T::*) -> std::optional<std::string> {
            const std::string typed = as_typed(item);
            if constexpr (std::is_same_v<Value, std::vector<std::int64_t>>) {
                auto range = parse_range(trimmed(typed), field.info.min, field.info.max);
                auto *problem = std::get_if<std::string>(&range);
                return problem ? std::optional(std::move(*problem)) : std::nullopt;
            } else if constexpr (is_vector<Value>) {
                Value one;
                const bool text = is_text<typename Value::value_type>;
                return append(one, field.info, trimmed(text ? item : std::string_view(typed)), bare);
            } else {
                Value one{};
                return assign(one, field.info, trimmed(is_text<Value> ? item : std::string_view(typed)), bare);
            }
        },
        field.member);
}

template <class T>
std::string field_text(const T &object, const Field<T> &field)
{
    return std::visit([&](auto member) { return text_of(object.*member, field.info); }, field.member);
}

template <class T>
bool is_list(const Field<T> &field)
{
    return std::visit([]<class Value>(Value T::*) { return is_vector<Value>; }, field.member);
}

#define EPSCOPE_FIELDS_OF(T)                                                                                           \
    template std::optional<std::string> set_field(                                                                     \
        T &, const Field<T> &, const std::vector<std::string> &, BareNumbers);                                         \
    template std::optional<std::string> set_field(T &, const Field<T> &, std::string_view, BareNumbers);               \
    template std::optional<std::string> item_problem(const Field<T> &, std::string_view, BareNumbers);                 \
    template std::string field_text(const T &, const Field<T> &);                                                      \
    template bool is_list(const Field<T> &);
EPSCOPE_FIELDS_OF(Workload)
EPSCOPE_FIELDS_OF(SearchSpace)
EPSCOPE_FIELDS_OF(Study)
EPSCOPE_FIELDS_OF(Chip)
EPSCOPE_FIELDS_OF(Nic)
EPSCOPE_FIELDS_OF(Model)
EPSCOPE_FIELDS_OF(Quirks)
EPSCOPE_FIELDS_OF(Profile)
#undef EPSCOPE_FIELDS_OF

const Parameter *find_parameter(std::string_view key)
{
    if (key == checkpoint_key)
        return &checkpoint_parameter();
    if (find_element_size(key))
        return find_info<SearchSpace>("precision");
    const Parameter *found = nullptr;
    for_each_part([&](const auto &part) {
        using Part = decltype(part);
        if (const auto rest = behind(part.prefix, key); rest && !found)
            found = find_info<PartStruct<Part>>(is_vector<PartValue<Part>> ? entry_key(*rest).key : *rest);
    });
    return found;
}

std::optional<std::string> parameter_text(const Study &study, std::string_view key)
{
    if (key == checkpoint_key) {
        const Checkpoint *checkpoint = checkpoint_of(study);
        return checkpoint ? std::optional(std::string(checkpoint->name)) : std::nullopt;
    }
    if (const AxisNumber *size = find_element_size(key))
        return exact_text(study.search.precision.front().*size->in_pair);
    std::optional<std::string> text;
    for_each_part([&](const auto &part) {
        if (const auto rest = behind(part.prefix, key); rest && !text)
            text = text_by_key(part.of(study), *rest);
    });
    return text;
}

std::optional<std::string> set_parameter(Study &study, std::string_view key, std::string_view value, BareNumbers bare)
{
    if (key == checkpoint_key) {
        auto found = choice(trimmed(value), checkpoint_parameter().choices);
        if (auto *problem = std::get_if<std::string>(&found))
            return std::move(*problem);
        take_checkpoint(study, checkpoints()[std::get<std::size_t>(found)]);
        return std::nullopt;
    }
    // A number takes the place of a table; a value that is refused changes nothing.
    if (key == "acceptance") {
        const std::optional<std::string> problem = set_by_key(study.workload, key, value, bare);
        if (!problem)
            study.workload.accepted_per_step.clear();
        return problem;
    }
    if (const AxisNumber *size = find_element_size(key))
        return set_all_precisions(study.search, size->in_pair, value, bare);
    bool found = false;
    std::optional<std::string> problem;
    for_each_part([&](const auto &part) {
        const auto rest = behind(part.prefix, key);
        // Keys without a prefix are of several parts; a prefix is of one, which tells what is wrong with its key.
        const bool is_its = rest && (!part.prefix.empty() || find_field<PartStruct<decltype(part)>>(*rest));
        if (!is_its || found)
            return;
        found = true;
        problem = set_by_key(part.of(study), *rest, value, bare);
    });
    if (found)
        return problem;
    std::vector<std::string> keys{std::string(checkpoint_key)};
    for (const AxisNumber &size : precision_numbers())
        keys.emplace_back(size.key);
    for_each_part([&](const auto &part) {
        for (std::string &each : keys_of<PartStruct<decltype(part)>>(part.prefix))
            keys.push_back(std::move(each));
    });
    return "unknown key; 'epscope list parameters' lists them" + did_you_mean(key, keys);
}

} // namespace epscope
