// SPDX-License-Identifier: GPL-3.0-or-later
#include <filesystem>
#include <memory>
#include <span>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/calibration_options.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "core/calibrate/anchors.h"
#include "core/calibrate/fit.h"
#include "core/io/study_writer.h"
#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {
namespace {

constexpr double strong = 0.9; // correlation worth a warning

struct CalibrateCommand {
    CalibrationOptions input;
    std::string output;
};

std::string value_text(const std::string &key, double value)
{
    return short_text(value, profile_number(key)->info().dimension, 3);
}

std::string interval_text(const FittedParameter &parameter, std::size_t degrees_of_freedom)
{
    if (!parameter.determined)
        return "not determined by these measurements, held";
    if (parameter.at_bound)
        return "at its bound";
    if (!parameter.deviation)
        return "no interval: too few measurements";
    const double half = interval_95(degrees_of_freedom) * *parameter.deviation;
    const double low = parameter.after - half, high = parameter.after + half;
    const auto end = [&](double value) {
        const double within = std::clamp(value, parameter.min, parameter.max);
        return value_text(parameter.key, within) + (within != value ? " (bound)" : "");
    };
    return "95 % " + end(low) + " to " + end(high);
}

// Runs beyond what the fitted parameters take.
std::size_t degrees_of_freedom(const Fit &fit)
{
    return fit.after.all.runs - fit.fitted.size();
}

std::string errors_text(const char *label, const Validation &validation)
{
    std::string text = fmt::format("{:<7} mean absolute error {:6.2f} %, bias {:+6.2f} %, worst {:+6.1f} % ({})\n",
        label, in_percent * validation.all.mean_absolute, in_percent * validation.all.bias,
        in_percent * validation.all.worst, validation.all.worst_id);
    for (const GroupError &chip : validation.by_chip)
        text += fmt::format("          {:<12} {:>3} runs, {:6.2f} %, bias {:+6.2f} %\n", chip.name, chip.runs,
            in_percent * chip.mean_absolute, in_percent * chip.bias);
    return text;
}

std::string report(const Fit &fit, std::span<const MeasuredCase> cases, const std::optional<Validation> &left_out)
{
    std::string text = errors_text("Before:", fit.before) + errors_text("After:", fit.after);
    if (const std::string repeats = repeats_text(cases); !repeats.empty())
        text += repeats + "\n";
    if (left_out)
        text += errors_text("Each chip estimated with a fit to the others:", *left_out);
    else
        text += "One chip alone: how far the fit carries to another one cannot be said\n";
    text += fmt::format("\n{:<22} {:>10} {:>10}  {}\n", "Parameter", "Before", "After", "Confidence");
    for (const FittedParameter &parameter : fit.parameters)
        text += fmt::format("{:<22} {:>10} {:>10}  {}\n", parameter.key, value_text(parameter.key, parameter.before),
            value_text(parameter.key, parameter.after), interval_text(parameter, degrees_of_freedom(fit)));
    if (fit.correlations.empty())
        return text;
    text += "\nCorrelations\n";
    for (std::size_t i = 0; i < fit.fitted.size(); ++i) {
        text += fmt::format("{:<22}", fit.parameters[fit.fitted[i]].key);
        for (std::size_t j = 0; j <= i; ++j)
            text += fmt::format(" {:+5.2f}", fit.correlations[i][j]);
        text += "\n";
    }
    for (std::size_t i = 0; i < fit.fitted.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (std::abs(fit.correlations[i][j]) > strong)
                text += fmt::format("{} and {} can hardly be told apart by these measurements\n",
                    fit.parameters[fit.fitted[j]].key, fit.parameters[fit.fitted[i]].key);
        }
    }
    return text;
}

// The fitted profile under a name of its own, each number saying where it comes from.
Profile named(const Fit &fit, const std::string &name, const std::string &measured_in,
    std::span<const MeasuredCase> cases, const std::optional<Validation> &left_out)
{
    Profile profile = fit.profile;
    profile.title = profile.name == name ? profile.title : name + ", calibrated from " + profile.name;
    profile.source = fmt::format("fitted by 'epscope calibrate' from profile '{}' to {} runs of {}: mean absolute "
                                 "error {:.2f} %, bias {:+.2f} %",
        fit.profile.name, fit.after.all.runs, measured_in, in_percent * fit.after.all.mean_absolute,
        in_percent * fit.after.all.bias);
    profile.name = name;
    for (const FittedParameter &parameter : fit.parameters) {
        const auto origin = std::find_if(profile.calibration.begin(), profile.calibration.end(),
            [&](const ParameterOrigin &one) { return one.parameter == parameter.key; });
        if (parameter.determined)
            origin->source = "fitted to " + measured_in + ": " + value_text(parameter.key, parameter.after) + ", "
                + interval_text(parameter, degrees_of_freedom(fit));
    }
    profile.left_out.clear();
    if (left_out)
        profile.left_out = left_out_errors(
            cases, *left_out, "each chip's rows of " + measured_in + " under a fit to those of the others");
    return profile;
}

void run(const CalibrateCommand &command, const Library &library)
{
    check_output_name(command.output);
    const Study study = command.input.study(library);
    const Profile &base = study.profile;
    const std::vector<MeasuredCase> cases = command.input.cases(study, library);
    const auto free = std::count_if(base.calibration.begin(), base.calibration.end(),
        [](const ParameterOrigin &origin) { return origin.origin == Obtained::fitted; });
    if (free == 0)
        throw BadInput("profile " + base.name, "calibration",
            "has no fitted parameter; a profile to calibrate lists them with their bounds");
    const Fit result = fit(base, cases);
    if (result.fitted.empty())
        throw BadInput(
            "measurements", "", "determine none of the profile's fitted parameters; there is nothing to fit");
    if (result.after.all.runs <= result.fitted.size())
        throw BadInput("measurements", "",
            fmt::format("{} of them cannot determine {} of the profile's parameters; add runs that differ, or list "
                        "fewer as fitted",
                result.after.all.runs, result.fitted.size())
                + (cases.size() > result.after.all.runs ? "; " + repeats_text(cases) : std::string()));
    const std::optional<Validation> left_out = leave_one_chip_out(base, cases);
    const std::filesystem::path path(command.output);
    const std::string name = command.output == "-" ? base.name + "-fitted" : path.stem().string();
    const std::string text = profile_text(named(result, name, command.input.measured_in(), cases, left_out));
    const Read<Profile> read_back = read_profile(text, command.output);
    if (!read_back)
        throw BadInput(
            "command line", "-o", "the file's name is to be the profile's: " + text_of(read_back.problems.front()));
    Output output(command.output, "yaml");
    output.write(
        "# Written by 'epscope calibrate'. docs/files.md describes profiles, docs/model.md section 14 the equations.\n"
        + text);
    output.commit();
    if (command.output == "-") {
        complain(report(result, cases, left_out));
        return;
    }
    Output to_read("-", "table");
    to_read.write(
        report(result, cases, left_out) + "\nWrote profile " + in_quotes(name) + " to " + command.output + "\n");
    to_read.commit();
}

} // namespace

void add_calibrate_command(CLI::App &program, const Library &library)
{
    CLI::App *command =
        program.add_subcommand("calibrate", "Fit a profile's numbers to measurements and write the fitted profile");
    const auto options = std::make_shared<CalibrateCommand>();
    options->input.add_to(*command);
    command
        ->add_option("-o,--output", options->output,
            "File to write the fitted profile to, whole or not at all; - for standard output")
        ->type_name("PROFILE.yaml")
        ->required();
    command->footer("Fits what the profile's 'calibration' lists as fitted, within its bounds: robust least squares of "
                    "the logarithm of estimated\n"
                    "over measured time per output token. What the measurements do not determine is held at the value "
                    "it has, and named.");
    command->callback([options, &library] { run(*options, library); });
}

} // namespace epscope
