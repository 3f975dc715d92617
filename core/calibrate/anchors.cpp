// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calibrate/anchors.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/spec/parameters.h"

namespace epscope {
namespace {

bool within(double factor, double a, double b)
{
    return a <= factor * b && b <= factor * a;
}

// An absolute error with its weight.
using WeightedError = std::pair<double, double>;

// The smallest error that nine of ten do not exceed.
double ninth_decile(std::vector<WeightedError> errors)
{
    std::sort(errors.begin(), errors.end());
    double all = 0, until = 0;
    for (const auto &[error, weight] : errors)
        all += weight;
    constexpr double rounding = 1e-9; // of thirds and the like
    for (const auto &[error, weight] : errors) {
        until += weight;
        if (until >= (0.9 - rounding) * all)
            return error;
    }
    return errors.back().first;
}

auto is_like(FlashMlaClass of, KernelClass kernels)
{
    return [=](const Chip &chip) { return chip.flash_mla_class == of && chip.kernel_class == kernels; };
}

// Over the rows of the chips that belong.
template <class Belongs>
std::optional<Accuracy> accuracy_of(
    std::span<const MeasuredCase> cases, const Validation &validation, Accuracy::Basis basis, Belongs belongs)
{
    Accuracy accuracy;
    accuracy.basis = basis;
    std::map<std::string, std::vector<WeightedError>> errors; // by chip
    double runs = 0;
    for (const RowError &row : validation.rows) {
        const Chip &measured = cases[row.row].chip;
        if (!belongs(measured) || !std::isfinite(row.relative))
            continue;
        errors[measured.name].emplace_back(std::abs(row.relative), row.weight);
        runs += row.weight;
        accuracy.mean_absolute += row.weight * std::abs(row.relative);
        accuracy.bias += row.weight * row.relative;
    }
    accuracy.runs = static_cast<std::size_t>(std::llround(runs));
    if (accuracy.runs < fewest_runs)
        return std::nullopt;
    accuracy.mean_absolute /= runs;
    accuracy.bias /= runs;
    for (auto &[chip, its_errors] : errors) { // so that the band holds for each chip, not only for those of most runs
        accuracy.within = std::max(accuracy.within, ninth_decile(std::move(its_errors)));
        accuracy.chips.push_back(chip);
    }
    return accuracy;
}

} // namespace

Conditions conditions_of(const Study &study, std::size_t chip)
{
    return {study.chips[chip].name, static_cast<double>(study.workload.context), study.workload.expert_elem_size.si(),
        study.search.mtp_len, study.search.ep, study.search.tp, study.search.mode};
}

Conditions conditions_of(const Scenario &scenario)
{
    return {scenario.chip.name, static_cast<double>(scenario.workload.context), scenario.workload.expert_elem_size.si(),
        {scenario.point.mtp_len}, {scenario.point.ep}, {scenario.point.tp}, {scenario.point.mode}};
}

bool is_near(const Measurement &row, const Conditions &conditions)
{
    const auto any_of = [](const auto &values, auto holds) { return std::any_of(values.begin(), values.end(), holds); };
    return row.chip == conditions.chip && within(near_context, row.context, conditions.context)
        && (!row.expert_elem_size || *row.expert_elem_size == conditions.expert_elem_size)
        && (!row.query_tokens
            || any_of(conditions.mtp_len, [&](std::int64_t length) { return *row.query_tokens == 1 + length; }))
        && any_of(conditions.tp, [&](std::int64_t tp) { return row.tp == tp; })
        && (row.tp == 1 || any_of(conditions.mode, [&](ExpertMode mode) { return row.mode == mode; }))
        && any_of(conditions.ep,
            [&](std::int64_t ep) { return within(near_ep, static_cast<double>(row.ep), static_cast<double>(ep)); });
}

bool is_calibrated(const Profile &profile)
{
    return std::any_of(profile.calibration.begin(), profile.calibration.end(),
        [](const ParameterOrigin &origin) { return origin.origin == Obtained::fitted; });
}

std::optional<Accuracy> accuracy_for(
    const Chip &chip, const Profile &profile, std::span<const MeasuredCase> cases, const Validation &validation)
{
    const auto is_it = [&](const Chip &measured) { return measured.name == chip.name && measured == chip; };
    if (auto own = accuracy_of(cases, validation, Accuracy::Basis::own, is_it)) {
        own->seen = std::any_of(profile.left_out.begin(), profile.left_out.end(), [&](const LeftOutErrors &errors) {
            return std::find(errors.chips.begin(), errors.chips.end(), chip.name) != errors.chips.end();
        });
        return own;
    }
    auto of_class =
        accuracy_of(cases, validation, Accuracy::Basis::of_class, is_like(chip.flash_mla_class, chip.kernel_class));
    const auto found = std::find_if(profile.left_out.begin(), profile.left_out.end(),
        [&](const LeftOutErrors &errors) { return is_like(errors.of, errors.kernels)(chip); });
    if (found == profile.left_out.end() || (of_class && of_class->within > found->within))
        return of_class;
    const auto runs = static_cast<std::size_t>(found->runs);
    return Accuracy{
        found->within, found->mean_absolute, found->bias, runs, Accuracy::Basis::left_out, false, found->chips};
}

std::vector<LeftOutErrors> left_out_errors(
    std::span<const MeasuredCase> cases, const Validation &left_out, const std::string &source)
{
    std::vector<LeftOutErrors> all;
    const auto add = [&](FlashMlaClass of, KernelClass kernels) {
        if (auto errors = accuracy_of(cases, left_out, Accuracy::Basis::left_out, is_like(of, kernels)))
            all.push_back({of, kernels, static_cast<std::int64_t>(errors->runs), errors->within, errors->mean_absolute,
                errors->bias, errors->chips, source});
    };
    for (std::size_t kernels = 0; kernels < choices_of<KernelClass>().size(); ++kernels) {
        for (std::size_t of = 0; of < choices_of<FlashMlaClass>().size(); ++of)
            add(static_cast<FlashMlaClass>(of), static_cast<KernelClass>(kernels));
    }
    return all;
}

} // namespace epscope
