// SPDX-License-Identifier: GPL-3.0-or-later
// Where a number comes from: a tree from it down to the inputs, read from the plan and the estimate. docs/analysis.md
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/estimate/estimate.h"
#include "core/model/explanation.h"

namespace epscope {

// "Tokens per step / Step time"; empty for an input.
std::string formula_of(const Explanation &node);
// Of a largest-of, which child wins and by how much: "Compute, 2.31 times Traffic"; empty for others.
std::string verdict_of(const Explanation &node);

// A configuration as a whole: throughput per card over speed per user, step, layers, windows and operators; the free
// memory; and what is part of neither.
struct Explained {
    std::vector<Explanation> numbers; // at least one

    const Explanation &main() const { return numbers.front(); }
};
Explained explain(const Scenario &scenario);
// What find_explanation() finds there under the name; no more trees are made than it takes to find it.
std::optional<Explanation> explain(const Scenario &scenario, std::string_view name);

// A run that was measured with a mean batch, which need not be a whole number.
struct MeasuredRun {
    Scenario scenario;
    double batch = 0;
    double tokens_per_step = 0;
    double tpot_s = 0;
    std::string source;
    double prefill_share = 0; // of tpot_s

    bool operator==(const MeasuredRun &) const = default;
};
// How far off the estimate of its time per token is, and that estimate.
Explained explain(const MeasuredRun &run);

// A part of the trees by its name, as explanation_names() lists them: outputs (by the keys of metrics()), parts of
// memory, blocks, stages, operators; or an input by its key. Null if it is not there. What several blocks have is that
// of the first.
const Explanation *find_explanation(const Explained &explained, std::string_view name);
const Explanation *find_explanation(const Explanation &tree, std::string_view name); // in one of them, no input
// The name of an operator's time: of one run; of all its runs in the first layer or in the step, as if it overlapped
// with nothing; and the latter's share of all operators' sum.
enum class OperatorRuns : std::uint8_t { once, of_layer, of_step, share };
std::string name_of_runs(OpId id, OperatorRuns runs);
// The name of what a window's network exposes in the first layer, of which name_of_window() names the time.
std::string name_of_exposed(std::span<const Stage> compute, std::span<const Stage> network, std::size_t index);
// In the step's tree a block's operators, windows and layer have the names of those of the first block that has such
// ones, and their number behind it: "attention", "attention.2".
std::string name_in_block(const Estimate &estimate, std::size_t block, std::string_view name);
std::vector<std::string> explanation_names(const Explained &explained);

// What stands for a node in the tree of another configuration: by names and titles from the roots down.
using Counterparts = std::unordered_map<const Explanation *, const Explanation *>;
Counterparts counterparts(const Explanation &now, const Explanation &then);

// "45.2 us": the value with its unit, with so many significant digits.
std::string value_text(const Explanation &node, int digits = 4);
// Indented lines or nested lists, `depth` levels below the root; 0 for all. `remark` says what stands behind a value.
std::string plain_text(const Explanation &node, std::size_t depth = 0);
std::string markdown(
    const Explanation &node, std::size_t depth = 0, const std::function<std::string(const Explanation &)> &remark = {});

} // namespace epscope
