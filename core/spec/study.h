// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/spec/chip.h"
#include "core/spec/model.h"
#include "core/spec/profile.h"

namespace epscope {

// naive: one micro-batch, the shared expert overlaps the dispatch. dual-mbatch: two, one computes while the other
// communicates.
enum class Policy { dual_mbatch, naive };

// Where the routed experts lie. all2all: spread over the EP cards of all groups. ep_group: over the cards of one group,
// which all have its tokens. moe_tp: each is cut over the cards of a group.
enum class ExpertMode { all2all, ep_group, moe_tp };

// Does a balancer place experts by their measured load? as_redundant: where there are redundant ones.
enum class Balancer { as_redundant, on, off };

// What stays the same over a search.
struct Workload {
    std::int64_t context = 5120; // tokens already in the KV cache
    double acceptance = 0.85; // probability that a draft token is accepted
    bool deepgemm = true; // expert GEMMs run at DeepGEMM's measured efficiency
    Fa3 fa3 = Fa3::as_chip;
    Quantity expert_elem_size = {1, &base_unit(Dimension::bytes)}; // B per expert parameter
    std::int64_t cards = 1024; // cards in the cluster: the largest EP possible
    std::int64_t redundant_experts = 0; // slots beyond one for each, over all cards
    Balancer balancer = Balancer::as_redundant;
    std::vector<double> accepted_per_step = {}; // tokens per step with 1, 2 ... drafts; none: by the acceptance
    std::optional<Quantity> output_elem_size; // B per parameter of output projections; none: as other parameters
    std::optional<Quantity> dense_elem_size; // B per parameter of dense FFNs; none: 1 B

    bool is_balanced() const
    {
        return balancer == Balancer::on || (balancer == Balancer::as_redundant && redundant_experts > 0);
    }

    bool operator==(const Workload &) const = default;
};

// Element sizes that are searched together, B per element.
struct Precision {
    Quantity kv_elem_size = {2, &base_unit(Dimension::bytes)};
    Quantity param_elem_size = {2, &base_unit(Dimension::bytes)};

    bool operator==(const Precision &) const = default;
};

// The values that a search tries; every combination of them is one configuration.
struct SearchSpace {
    std::vector<std::int64_t> mtp_len;
    std::vector<Precision> precision;
    std::vector<Policy> policy;
    std::vector<std::int64_t> ep;
    std::vector<std::int64_t> batch; // per card, or per group of cards that share their attention; kept ascending
    std::vector<std::int64_t> tp{1};
    std::vector<ExpertMode> mode{ExpertMode::all2all};

    bool operator==(const SearchSpace &) const = default;
};

// One point of a search space: what is chosen per configuration. Element sizes in B.
struct Point {
    Policy policy = Policy::dual_mbatch;
    std::int64_t ep = 1;
    double kv_elem_size = 2;
    double param_elem_size = 2;
    std::int64_t mtp_len = 0;
    std::int64_t batch = 1;
    std::int64_t tp = 1; // T, cards that share one attention
    ExpertMode mode = ExpertMode::all2all;

    bool operator==(const Point &) const = default;
};
SearchSpace space_of(const Point &point); // of nothing else
std::optional<Point> only_point(const SearchSpace &space); // nothing if it has none or several

// A configuration picked from a study, by names so that it survives other changes.
struct Selection {
    std::string chip;
    std::string nic;
    Point point;

    bool operator==(const Selection &) const = default;
};

// Everything that one run of EPScope needs, read from one file.
struct Study {
    std::string name;
    std::string title;
    std::string source;
    Profile profile;
    Model model;
    std::vector<Chip> chips;
    std::vector<Nic> nics;
    Workload workload;
    SearchSpace search;
    Quantity target_tps = {20, &base_unit(Dimension::tokens_per_second)}; // tok/s that every user must get

    bool operator==(const Study &) const = default;
};

} // namespace epscope
