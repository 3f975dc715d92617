// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/parameter_count.h"

#include "core/model/step.h"

namespace epscope {
namespace {

double parameters_of(const Operator<double> &op)
{
    return op.weights.parameters * op.weights.copies;
}

} // namespace

ParameterCount parameter_count(const Model &model)
{
    const Profile profile;
    const Machine machine;
    const Workload workload;
    const Point point{.policy = Policy::naive, .mode = ExpertMode::moe_tp};
    const StepInputs<double> in(profile, model, machine, workload, point);
    ParameterCount count;
    const std::vector<LayerKind> layers = layers_of(model);
    for (const LayerKind &layer : layers) {
        const auto times = static_cast<double>(layer.layers);
        layer_operators_2026(in, layer, 1.0, [&](const Operator<double> &op) {
            const double all = times * parameters_of(op);
            const bool routed = op.kind == OperatorKind::experts;
            count.total += all;
            count.active += routed
                ? all * static_cast<double>(model.experts_per_token) / static_cast<double>(model.routed_experts)
                : all;
        });
    }
    outside_operators_2026(in, BlockKind::outside_layers, 1.0, [&](const Operator<double> &op) {
        if (op.id != OpId::head)
            return;
        count.total += 2 * parameters_of(op);
        count.active += parameters_of(op);
    });
    const LayerKind *mtp = model.mtp_layers > 0 ? mtp_layer(layers) : nullptr; // a draft is a model of its own
    if (!mtp)
        return count;
    layer_operators_2026(in, *mtp, 1.0, [&](const Operator<double> &op) { count.mtp += parameters_of(op); });
    outside_operators_2026(in, BlockKind::mtp_outside, 1.0, [&](const Operator<double> &op) {
        if (op.id == OpId::mtp_proj)
            count.mtp += parameters_of(op);
    });
    return count;
}

} // namespace epscope
