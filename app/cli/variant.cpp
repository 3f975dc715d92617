// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/variant.h"

#include "app/cli/commands.h"
#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {

// A part without "=" goes on with the value before it, as in ep=8,16.
Case variant_of(const Study &base, const std::string &text)
{
    const auto bad = [&](const std::string &message) {
        return BadInput("command line", "--variant", in_quotes(text) + " " + message);
    };
    const std::size_t colon = text.find(": ");
    const std::string name(trimmed(text.substr(0, colon)));
    if (colon == std::string::npos || name.empty())
        throw bad("is no variant; expected \"NAME: KEY=VALUE, KEY=VALUE\"");
    std::vector<std::string> settings;
    for (const std::string_view part : split(std::string_view(text).substr(colon + 1), ',')) {
        if (part.find('=') != std::string_view::npos)
            settings.emplace_back(trimmed(part));
        else if (!settings.empty())
            settings.back() += "," + std::string(part);
        else
            throw bad("has no KEY=VALUE behind its name");
    }
    Case variant{name, base};
    ProblemList problems;
    for (const std::string &setting : settings) {
        const std::size_t equals = setting.find('=');
        const std::string key(trimmed(setting.substr(0, equals)));
        if (auto wrong = set_parameter(
                variant.study, key, trimmed(std::string_view(setting).substr(equals + 1)), BareNumbers::allowed))
            problems.add({"command line", 0, 0, "--variant " + name + ": " + key, *wrong});
    }
    if (!problems.empty())
        throw BadInput(problems);
    return variant;
}

std::optional<std::string> variant_text(const Study &base, const Case &variant)
{
    std::string text = variant.name + ":", separator = " ";
    for (const DifferingInput &input : differing_inputs({{"", base}, variant}, {0, 0})) {
        text += separator + input.key + "=" + input.texts[1];
        separator = ", ";
    }
    try {
        if (const Case made = variant_of(base, text); made.study == variant.study && made.name == variant.name)
            return text;
    } catch (const BadInput &) {
        // no text says that
    }
    return std::nullopt;
}

} // namespace epscope
