// SPDX-License-Identifier: GPL-3.0-or-later
// What the equations take from a configuration: numbers for double, for Term with the keys by which they are set.
#pragma once

#include <concepts>
#include <string>

#include "core/model/efficiency.h"
#include "core/model/machine.h"
#include "core/model/operators.h"
#include "core/model/term.h"
#include "core/spec/study.h"

namespace epscope {

// Whose numbers they are: only an explanation asks.
template <class N>
struct InputOrigin {
};
template <>
struct InputOrigin<Term> {
    const Chip &chip;
    const Nic &nic;
};

// Titles, units and notes of what is set.
Term input(const Profile &profile, std::string key, double value);
Term rate_input(const Profile &profile, std::string key, double value, std::string note = {}); // quirk 5
Term efficiency_input(const Profile &profile, const Chip &chip, OpId id, const Efficiency &efficiency);
Term rate_choice_input(const Profile &profile, const Chip &chip, const RateChoice &choice);
// exp2_rate or reduce_rate: the chip's, else SMs x clock x the profile's figure.
Term softmax_rate_input(
    const Profile &profile, const Chip &chip, const char *key, const std::optional<Quantity> &stated, double value);

// Of a profile alone.
template <class N>
struct ProfileInputs {
    const Profile &profile;
    InputOrigin<N> origin;

    N number(const char *key, double value) const
    {
        if constexpr (std::same_as<N, Term>)
            return input(profile, key, value);
        else
            return value;
    }
    N of_profile(const char *key, double value) const
    {
        if constexpr (std::same_as<N, Term>)
            return input(profile, std::string("profile.") + key, value);
        else
            return value;
    }
    N tile_rows() const { return of_profile("gemm_tile_rows", static_cast<double>(profile.gemm_tile_rows)); }
    N kernel_overhead() const { return if_any(of_profile("kernel_overhead", profile.kernel_overhead)); }
    N popularity_span() const { return of_profile("popularity_span", profile.popularity_span); }
    // Of a profile's number of rows, as many at least.
    N at_least(const char *key, const N &rows) const
    {
        const std::int64_t least =
            key == std::string_view("gqa_tile_rows") ? profile.gqa_tile_rows : profile.query_tile_rows;
        return titled("Query rows, a tile at least", "", larger(of_profile(key, static_cast<double>(least)), rows));
    }
    bool is_2026() const { return profile.equations == Equations::model_2026; }
    N ffn_out_elem_size() const { return of_profile("ffn_out_elem_size", profile.ffn_out_elem_size); }

    N mfu(OpId id, const Efficiency &efficiency) const
    {
        if constexpr (std::same_as<N, Term>)
            return efficiency_input(profile, origin.chip, id, efficiency);
        else
            return efficiency.mfu;
    }
};

// Of a configuration. The batch does not count.
template <class N>
struct StepInputs : ProfileInputs<N> {
    const Model &model;
    const Machine &machine;
    const Workload &workload;
    const Point &point;

    StepInputs(const Profile &the_profile, const Model &the_model, const Machine &the_machine,
        const Workload &the_workload, const Point &the_point, InputOrigin<N> the_origin = {})
        : ProfileInputs<N>{the_profile, the_origin}
        , model(the_model)
        , machine(the_machine)
        , workload(the_workload)
        , point(the_point)
    {
    }

    N of_model(const char *key, std::int64_t Model::*member) const
    {
        const auto value = static_cast<double>(model.*member);
        if constexpr (std::same_as<N, Term>)
            return input(this->profile, std::string("model.") + key, value);
        else
            return value;
    }
    N hidden() const { return of_model("hidden_size", &Model::hidden_size); }
    N layers() const { return of_model("layers", &Model::layers); }
    N dense_layers() const { return of_model("dense_layers", &Model::dense_layers); }
    N experts_per_token() const { return of_model("experts_per_token", &Model::experts_per_token); }

    N kv_elem_size() const { return this->number("kv_elem_size", point.kv_elem_size); }
    N param_elem_size() const { return this->number("param_elem_size", point.param_elem_size); }
    N expert_elem_size() const { return this->number("expert_elem_size", workload.expert_elem_size.si()); }
    N context() const { return this->number("context", static_cast<double>(workload.context)); }
    N acceptance() const { return this->number("acceptance", workload.acceptance); }
    N drafts() const { return this->number("mtp_len", static_cast<double>(point.mtp_len)); }
    N cards() const { return this->number("ep", static_cast<double>(point.ep)); }
    N group() const { return this->number("tp", static_cast<double>(point.tp)); } // cards that share one attention
    // A card's part of what a group shares.
    N of_group(const N &whole) const { return point.tp == 1 ? whole : titled("Of one card", "", whole / group()); }
    N output_elem_size() const
    {
        return workload.output_elem_size ? this->number("output_elem_size", workload.output_elem_size->si())
                                         : param_elem_size();
    }
    N dense_elem_size() const
    {
        return workload.dense_elem_size ? this->number("dense_elem_size", workload.dense_elem_size->si())
                                        : constant<N>("8 bit", 1, "B");
    }

    // New tokens of a sequence that a layer works on; one for the MTP layer, which runs once per draft token.
    N query_tokens() const { return titled("Query tokens", "", constant<N>("The last token", 1) + drafts()); }
    static N one_query_token() { return constant<N>("Query tokens", 1); }
    N micro_batches() const
    {
        return constant<N>("Micro-batches", static_cast<double>(epscope::micro_batches(point.policy)));
    }
    // Routed experts that one card holds.
    N local_experts() const
    {
        return titled("Experts per card", "", quotient_up(of_model("routed_experts", &Model::routed_experts), cards()));
    }
    // Of the chip and its NIC; rates as the profile reads their prefixes.
    N of_chip(const char *key, double value) const
    {
        if constexpr (std::same_as<N, Term>)
            return input(this->profile, "chip." + this->origin.chip.name + "." + key, value);
        else
            return value;
    }
    N rate_of_chip(const char *key, double value) const
    {
        if constexpr (std::same_as<N, Term>)
            return rate_input(this->profile, "chip." + this->origin.chip.name + "." + key, value);
        else
            return value;
    }
    N rate(const RateChoice &choice) const
    {
        if constexpr (std::same_as<N, Term>)
            return rate_choice_input(this->profile, this->origin.chip, choice);
        else
            return choice.flops;
    }
    N exp2_rate() const
    {
        if constexpr (std::same_as<N, Term>)
            return softmax_rate_input(
                this->profile, this->origin.chip, "exp2_rate", this->origin.chip.exp2_rate, machine.exp2_rate);
        else
            return machine.exp2_rate;
    }
    N reduce_rate() const
    {
        if constexpr (std::same_as<N, Term>)
            return softmax_rate_input(
                this->profile, this->origin.chip, "reduce_rate", this->origin.chip.reduce_rate, machine.reduce_rate);
        else
            return machine.reduce_rate;
    }
    N memory() const { return of_chip("memory", machine.memory); }
    // B/s that kernels reach.
    N memory_bandwidth() const
    {
        N stated = rate_of_chip("memory_bandwidth", machine.memory_bandwidth);
        const double efficiency = this->profile.memory_efficiency;
        return efficiency == 1 ? stated : reached(stated, "memory_efficiency", efficiency);
    }
    N nic_bandwidth() const
    {
        if constexpr (std::same_as<N, Term>)
            return rate_input(this->profile, "nic." + this->origin.nic.name + ".bandwidth", machine.nic_bandwidth);
        else
            return machine.nic_bandwidth;
    }
    N scale_up_bandwidth() const { return rate_of_chip("scale_up_bandwidth", machine.scale_up_bandwidth); }
    // Of a bandwidth.
    N reached(const N &bandwidth, const char *key, double efficiency) const
    {
        const N product = bandwidth * this->of_profile(key, efficiency);
        if constexpr (std::same_as<N, Term>)
            return titled(bandwidth.tree().title + " reached", "B/s", product);
        else
            return product;
    }
    bool whole_model() const { return this->is_2026() || !this->profile.quirks.sparse_layers_only; } // quirk 4 off

    // Launch and tail of a kernel, which a higher clock shortens.
    N kernel_seconds() const
    {
        const N overhead = this->kernel_overhead();
        if (this->profile.kernel_clock == 0)
            return overhead;
        return titled("Kernel overhead at this clock", "s",
            overhead * this->of_profile("kernel_clock", this->profile.kernel_clock)
                / rate_of_chip("clock", machine.clock));
    }
    // By which all times are longer than on other chips; nothing on most.
    bool has_factor() const { return this->is_2026() && machine.kernel_class == KernelClass::cdna; }
    N factor() const
    {
        return has_factor()
            ? noted(this->of_profile("cdna_factor", this->profile.cdna_factor), "the chip is of the kernel class cdna")
            : constant<N>("Factor", 1);
    }
};

} // namespace epscope
