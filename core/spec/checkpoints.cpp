// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/checkpoints.h"

#include <algorithm>
#include <array>

namespace epscope {
namespace {

constexpr double nvfp4 = 0.5625, mxfp4 = 0.53125; // 4 bits and a scale of 8 for 16 and for 32 of them
constexpr double int4 = 0.5625; // 4 bits and a scale of 16 for 32 of them

// Sources: hf_quant_config.json of nvidia/DeepSeek-R1-NVFP4 (q_a, q_b, kv_a and kv_b are excluded), of the NVFP4 files
// of Kimi-K2.5, GLM-5 and MiniMax-M2.5 (self_attn is excluded); quantization_config of the others. That all linear
// layers of Llama are NVFP4 is assumed.
constexpr std::array all_checkpoints{
    Checkpoint{"fp8", "FP8, block-scaled", 1, 1, 1, 1, std::nullopt},
    Checkpoint{"deepseek-nvfp4", "NVFP4 of DeepSeek-V3 and R1", 2, nvfp4, nvfp4, nvfp4, 1},
    Checkpoint{"nvfp4-experts", "NVFP4 without attention (Kimi-K2.5, GLM-5, MiniMax)", 2, 2, nvfp4, nvfp4, 1},
    Checkpoint{"kimi-int4", "INT4 of Kimi", 2, 2, int4, int4, std::nullopt},
    Checkpoint{"gpt-oss-mxfp4", "MXFP4 of gpt-oss", 2, 2, mxfp4, 2, std::nullopt},
    Checkpoint{"deepseek-v4", "DeepSeek-V4, FP8 with 4-bit experts", 1, 1, nvfp4, 1, std::nullopt},
    Checkpoint{"kimi-k3-mxfp4", "MXFP4 of Kimi-K3", 2, 2, mxfp4, 2, 1},
    Checkpoint{"llama-nvfp4", "NVFP4 of Llama", nvfp4, nvfp4, nvfp4, nvfp4, 1},
};

Quantity in_bytes(double size)
{
    return {size, &base_unit(Dimension::bytes)};
}

} // namespace

std::span<const Checkpoint> checkpoints()
{
    return all_checkpoints;
}

const Checkpoint *find_checkpoint(std::string_view name)
{
    const auto found = std::find_if(
        all_checkpoints.begin(), all_checkpoints.end(), [&](const Checkpoint &each) { return each.name == name; });
    return found == all_checkpoints.end() ? nullptr : &*found;
}

void take_checkpoint(Study &study, const Checkpoint &checkpoint)
{
    Workload &workload = study.workload;
    workload.expert_elem_size = in_bytes(checkpoint.experts);
    workload.output_elem_size = in_bytes(checkpoint.output);
    workload.dense_elem_size = in_bytes(checkpoint.dense);
    std::vector<Precision> taken;
    for (Precision precision : study.search.precision) {
        precision.param_elem_size = in_bytes(checkpoint.projections);
        if (checkpoint.kv)
            precision.kv_elem_size = in_bytes(*checkpoint.kv);
        if (std::find(taken.begin(), taken.end(), precision) == taken.end())
            taken.push_back(precision);
    }
    study.search.precision = std::move(taken);
}

const Checkpoint *checkpoint_of(const Study &study)
{
    const Workload &workload = study.workload;
    const auto fits = [&](const Checkpoint &each) {
        const auto &precisions = study.search.precision;
        return workload.expert_elem_size.si() == each.experts && workload.output_elem_size
            && workload.output_elem_size->si() == each.output && workload.dense_elem_size
            && workload.dense_elem_size->si() == each.dense
            && std::all_of(precisions.begin(), precisions.end(),
                [&](const Precision &one) { return one.param_elem_size.si() == each.projections; });
    };
    const auto found = std::find_if(all_checkpoints.begin(), all_checkpoints.end(), fits);
    return found == all_checkpoints.end() ? nullptr : &*found;
}

} // namespace epscope
