// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calibrate/fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <set>

#include "core/calibrate/optimise.h"
#include "core/spec/parameters.h"

namespace epscope {
namespace {

// Residuals beyond this count less than by their square: what a service's measurement may well be off by.
constexpr double robust_scale = 0.05;
constexpr int most_evaluations = 4000;
constexpr int restarts = 3;
constexpr double step_of_derivatives = 1e-4; // of a parameter's range

using Matrix = std::vector<std::vector<double>>;

// A parameter while it is fitted: 0 to 1 from its least to its greatest value.
struct Scaled {
    ProfileNumber number;
    double min, max;

    double value(double part) const { return min + part * (max - min); }
    double part(double value_si) const { return std::clamp((value_si - min) / (max - min), 0.0, 1.0); }
};

class Problem {
public:
    Problem(const Profile &the_base, std::span<const MeasuredCase> the_cases)
        : base(the_base)
    {
        for (const MeasuredCase &measured : the_cases) {
            if (std::isfinite(estimated_tpot(base, measured)))
                cases.push_back(measured);
        }
        weights = weights_of(cases);
    }

    std::vector<Scaled> parameters;
    const std::vector<double> &row_weights() const { return weights; }

    Profile profile(const std::vector<double> &parts) const
    {
        Profile changed = base;
        for (std::size_t i = 0; i < parts.size(); ++i)
            parameters[i].number.set(changed, parameters[i].value(parts[i]));
        return changed;
    }

    std::vector<double> residuals(const std::vector<double> &parts) const
    {
        const Profile changed = profile(parts);
        std::vector<double> all;
        all.reserve(cases.size());
        for (const MeasuredCase &measured : cases)
            all.push_back(std::log(estimated_tpot(changed, measured) / measured.measurement.tpot_s));
        return all;
    }

    // Sum of 2 s^2 (sqrt(1 + (r/s)^2) - 1): r^2 where small, 2 s |r| where large.
    double cost(const std::vector<double> &parts) const
    {
        double sum = 0;
        const std::vector<double> all = residuals(parts);
        for (std::size_t i = 0; i < all.size(); ++i) {
            const double ratio = all[i] / robust_scale;
            sum += weights[i] * (2 * robust_scale * robust_scale * (std::sqrt(1 + ratio * ratio) - 1));
        }
        return sum;
    }

    // The derivatives with the rows of a run as long as one together.
    Matrix weighted_derivatives(const std::vector<double> &parts) const
    {
        Matrix result = derivatives(parts);
        for (std::size_t i = 0; i < result.size(); ++i) {
            for (double &value : result[i])
                value *= std::sqrt(weights[i]);
        }
        return result;
    }

    // d residual / d part, by row and parameter; one-sided at a bound.
    Matrix derivatives(const std::vector<double> &parts) const
    {
        Matrix result(cases.size(), std::vector<double>(parts.size()));
        for (std::size_t j = 0; j < parts.size(); ++j) {
            std::vector<double> up = parts, down = parts;
            up[j] = std::min(1.0, up[j] + step_of_derivatives);
            down[j] = std::max(0.0, down[j] - step_of_derivatives);
            const std::vector<double> above = residuals(up), below = residuals(down);
            for (std::size_t i = 0; i < cases.size(); ++i)
                result[i][j] = (above[i] - below[i]) / (up[j] - down[j]);
        }
        return result;
    }

private:
    const Profile &base;
    std::vector<MeasuredCase> cases; // those that the base's equations know
    std::vector<double> weights;
};

// Which columns stand out of what the others, taken before, explain: Gram-Schmidt with the largest rest first. What is
// left of a column is how much the rows, each known to `robust_scale`, say about its parameter alone; less than one
// range is nothing.
std::vector<bool> determined_columns(Matrix rows, std::size_t columns)
{
    std::vector<bool> determined(columns, false), used(columns, false);
    for (std::size_t round = 0; round < columns; ++round) {
        std::size_t best = columns;
        double largest = 0;
        for (std::size_t j = 0; j < columns; ++j) {
            double norm = 0;
            for (const std::vector<double> &row : rows)
                norm += row[j] * row[j];
            if (!used[j] && norm > largest) {
                largest = norm;
                best = j;
            }
        }
        constexpr double spread = 2; // standard deviations within the range
        if (best == columns || std::sqrt(largest) < spread * robust_scale)
            break;
        used[best] = determined[best] = true;
        for (std::size_t j = 0; j < columns; ++j) {
            if (used[j])
                continue;
            double product = 0;
            for (const std::vector<double> &row : rows)
                product += row[best] * row[j];
            for (std::vector<double> &row : rows)
                row[j] -= row[best] * product / largest;
        }
    }
    return determined;
}

// Of a symmetric positive definite matrix, by Gauss-Jordan; nothing where it is singular.
std::optional<Matrix> inverse(Matrix matrix)
{
    const std::size_t size = matrix.size();
    Matrix result(size, std::vector<double>(size));
    for (std::size_t i = 0; i < size; ++i)
        result[i][i] = 1;
    for (std::size_t column = 0; column < size; ++column) {
        std::size_t pivot = column;
        for (std::size_t i = column; i < size; ++i)
            pivot = std::abs(matrix[i][column]) > std::abs(matrix[pivot][column]) ? i : pivot;
        if (std::abs(matrix[pivot][column]) < 1e-12)
            return std::nullopt;
        std::swap(matrix[pivot], matrix[column]);
        std::swap(result[pivot], result[column]);
        const double scale = matrix[column][column];
        for (std::size_t j = 0; j < size; ++j) {
            matrix[column][j] /= scale;
            result[column][j] /= scale;
        }
        for (std::size_t i = 0; i < size; ++i) {
            const double factor = matrix[i][column];
            if (i == column || factor == 0)
                continue;
            for (std::size_t j = 0; j < size; ++j) {
                matrix[i][j] -= factor * matrix[column][j];
                result[i][j] -= factor * result[column][j];
            }
        }
    }
    return result;
}

// Of the parts at a minimum: s^2 (J^T W J)^-1 with the weights of the robust sum and s^2 the weighted mean square of
// the residuals.
std::optional<Matrix> covariance(const Problem &problem, const std::vector<double> &parts, std::size_t runs)
{
    const std::vector<double> residuals = problem.residuals(parts);
    const Matrix derivatives = problem.derivatives(parts);
    const std::size_t size = parts.size();
    Matrix normal(size, std::vector<double>(size));
    double sum = 0;
    for (std::size_t i = 0; i < residuals.size(); ++i) {
        const double ratio = residuals[i] / robust_scale;
        const double weight = problem.row_weights()[i] / std::sqrt(1 + ratio * ratio);
        sum += weight * residuals[i] * residuals[i];
        for (std::size_t j = 0; j < size; ++j) {
            for (std::size_t k = 0; k < size; ++k)
                normal[j][k] += weight * derivatives[i][j] * derivatives[i][k];
        }
    }
    std::optional<Matrix> result = inverse(std::move(normal));
    if (!result || runs <= size)
        return std::nullopt;
    for (std::vector<double> &row : *result) {
        for (double &value : row)
            value *= sum / static_cast<double>(runs - size);
    }
    return result;
}

Minimum best_minimum(const Problem &problem, const std::vector<double> &start)
{
    const auto cost = [&](const std::vector<double> &parts) { return problem.cost(parts); };
    Minimum best = minimise(cost, start, most_evaluations);
    std::mt19937 random(1); // the same starts in every run
    for (int i = 0; i < restarts; ++i) {
        std::vector<double> other;
        for (std::size_t j = 0; j < start.size(); ++j)
            other.push_back(0.1 + 0.8 * static_cast<double>(random()) / static_cast<double>(std::mt19937::max()));
        Minimum found = minimise(cost, other, most_evaluations);
        found.evaluations += best.evaluations;
        if (found.value < best.value)
            best = std::move(found);
        else
            best.evaluations = found.evaluations;
    }
    Minimum again = minimise(cost, best.at, most_evaluations);
    again.evaluations += best.evaluations;
    return again;
}

} // namespace

double interval_95(std::size_t degrees_of_freedom)
{
    // Quantiles at 0.975; beyond, the first terms of the expansion in 1 / degrees of freedom (Abramowitz and
    // Stegun 26.7.5).
    constexpr std::array table{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228};
    if (degrees_of_freedom <= table.size())
        return table[std::max<std::size_t>(degrees_of_freedom, 1) - 1];
    constexpr double z = 1.959964;
    const double n = static_cast<double>(degrees_of_freedom);
    const double z3 = std::pow(z, 3), z5 = std::pow(z, 5), z7 = std::pow(z, 7);
    return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n)
        + (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n);
}

Fit fit(const Profile &base, std::span<const MeasuredCase> cases)
{
    Fit result;
    result.profile = base;
    result.before = validate(base, cases);
    Problem problem(base, cases);
    std::vector<double> start;
    for (const ParameterOrigin &origin : base.calibration) {
        const std::optional<ProfileNumber> number = profile_number(origin.parameter);
        if (origin.origin != Obtained::fitted || !number)
            continue;
        const double value = number->of(base);
        result.parameters.push_back(
            {origin.parameter, value, value, origin.min, origin.max, false, false, std::nullopt});
        problem.parameters.push_back({*number, origin.min, origin.max});
        start.push_back(problem.parameters.back().part(value));
    }

    std::vector<bool> determined = determined_columns(problem.weighted_derivatives(start), start.size());
    const std::vector<Scaled> all = problem.parameters;
    result.after = result.before;
    std::optional<Matrix> spread;
    for (bool settled = false; !settled;) {
        settled = true;
        result.profile = base;
        result.fitted.clear();
        problem.parameters.clear();
        std::vector<double> kept_start;
        for (std::size_t i = 0; i < start.size(); ++i) {
            FittedParameter &parameter = result.parameters[i];
            parameter = {parameter.key, parameter.before, parameter.before, parameter.min, parameter.max, determined[i],
                false, std::nullopt};
            if (!determined[i])
                continue;
            result.fitted.push_back(i);
            problem.parameters.push_back(all[i]);
            kept_start.push_back(start[i]);
        }
        if (result.fitted.empty()) {
            result.after = result.before;
            return result;
        }
        const Minimum minimum = best_minimum(problem, kept_start);
        result.evaluations += minimum.evaluations;
        result.profile = problem.profile(minimum.at);
        spread = covariance(problem, minimum.at, result.before.all.runs);
        constexpr double close = 1e-3;
        std::size_t vaguest = 0; // of those whose interval leaves the bounds on both sides
        double widest = 0;
        for (std::size_t i = 0; i < result.fitted.size(); ++i) {
            FittedParameter &parameter = result.parameters[result.fitted[i]];
            parameter.after = problem.parameters[i].value(minimum.at[i]);
            parameter.at_bound = minimum.at[i] < close || minimum.at[i] > 1 - close;
            if (!spread || parameter.at_bound)
                continue;
            const double deviation = std::sqrt((*spread)[i][i]); // of the part
            parameter.deviation = deviation * (parameter.max - parameter.min);
            const double half = interval_95(result.before.all.runs - result.fitted.size()) * deviation;
            if (half > minimum.at[i] && half > 1 - minimum.at[i] && half > widest) {
                widest = half;
                vaguest = result.fitted[i];
            }
        }
        if (widest > 0) { // the rows scatter too much for it, whatever they could say if they did not
            determined[vaguest] = false;
            settled = false;
        }
    }
    result.after = validate(result.profile, cases);
    if (!spread)
        return result;
    result.correlations.assign(result.fitted.size(), std::vector<double>(result.fitted.size()));
    for (std::size_t i = 0; i < result.fitted.size(); ++i) {
        for (std::size_t j = 0; j < result.fitted.size(); ++j)
            result.correlations[i][j] = (*spread)[i][j] / std::sqrt((*spread)[i][i] * (*spread)[j][j]);
    }
    return result;
}

std::optional<Validation> leave_one_chip_out(const Profile &base, std::span<const MeasuredCase> cases)
{
    std::set<std::string> chips;
    for (const MeasuredCase &measured : cases)
        chips.insert(measured.measurement.chip);
    if (chips.size() < 2)
        return std::nullopt;
    // The base's values may come from a fit to these very rows: what the others do not determine must not stay at them.
    // A number that may be neutral is: without the chips that it is about, nothing says that they differ.
    Profile unfitted = base;
    for (const ParameterOrigin &origin : base.calibration) {
        const std::optional<ProfileNumber> number = profile_number(origin.parameter);
        if (origin.origin != Obtained::fitted || !number)
            continue;
        const double neutral = number->of(Profile());
        const bool allowed = origin.min <= neutral && neutral <= origin.max;
        number->set(unfitted, allowed ? neutral : (origin.min + origin.max) / 2);
    }
    std::vector<double> tpots(cases.size());
    for (const std::string &chip : chips) {
        std::vector<MeasuredCase> others;
        for (const MeasuredCase &measured : cases) {
            if (measured.measurement.chip != chip)
                others.push_back(measured);
        }
        const Profile without = fit(unfitted, others).profile;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            if (cases[i].measurement.chip == chip)
                tpots[i] = estimated_tpot(without, cases[i]);
        }
    }
    return judge(cases, tpots);
}

} // namespace epscope
