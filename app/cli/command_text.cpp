// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_text.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/study_options.h"
#include "app/cli/variant.h"
#include "core/text.h"

namespace epscope {
namespace {

std::string quoted(const std::string &word)
{
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,=:%+@";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos)
        return word;
    std::string text = "'";
    for (const char letter : word)
        text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    return text + "'";
}

Study study_of(const std::vector<std::string> &arguments, const Library &library)
{
    CLI::App command;
    StudyOptions options;
    options.add_to(command);
    command.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    return options.study(library);
}

template <class T>
void add_names(
    std::vector<std::string> &arguments, const char *option, const std::vector<T> &from, const std::vector<T> &to)
{
    std::vector<std::string> names;
    for (const T &entry : to)
        names.push_back(entry.name);
    const bool same = std::equal(
        from.begin(), from.end(), to.begin(), to.end(), [](const T &a, const T &b) { return a.name == b.name; });
    if (!same)
        arguments.insert(arguments.end(), {option, joined(names, ",")});
}

} // namespace

std::optional<std::string> command_text(const std::string &command, const std::string &source, const Study &study,
    const Library &library, const std::vector<std::string> &more)
{
    std::vector<std::string> arguments{"--study", source};
    try {
        const Study from = study_from(source, library);
        add_names(arguments, "--chip", from.chips, study.chips);
        add_names(arguments, "--nic", from.nics, study.nics);
        if (from.model.name != study.model.name)
            arguments.insert(arguments.end(), {"--model", study.model.name});
        if (from.profile.name != study.profile.name)
            arguments.insert(arguments.end(), {"--profile", study.profile.name});
        for (const DifferingInput &input :
            differing_inputs({{"", study_of(arguments, library)}, {"", study}}, {0, 0})) {
            if (input.key.find('.') != std::string::npos) {
                arguments.insert(arguments.end(), {"--set", input.key + "=" + input.texts[1]});
            } else {
                std::string option = "--" + input.key;
                std::replace(option.begin(), option.end(), '_', '-');
                arguments.insert(arguments.end(), {option, input.texts[1]});
            }
        }
        Study said = study_of(arguments, library);
        said.name = study.name; // what a study is called has no part in its results
        said.title = study.title;
        said.source = study.source;
        if (said != study)
            return std::nullopt;
    } catch (const BadInput &) {
        return std::nullopt;
    } catch (const CLI::Error &) {
        return std::nullopt;
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::string text = "epscope " + command;
    for (const std::string &argument : arguments)
        text += " " + quoted(argument);
    return text;
}

std::optional<std::string> compare_text(
    const std::string &source, const std::vector<Case> &cases, const Library &library)
{
    try {
        const std::vector<ScenarioCard> saved = all_scenarios(study_file_from(source, library));
        const bool same = std::equal(
            saved.begin(), saved.end(), cases.begin(), cases.end(), [](const ScenarioCard &card, const Case &each) {
                return card.name == each.name && card.study == each.study;
            });
        if (same)
            return "epscope compare --study " + quoted(source) + " --scenarios";
    } catch (const BadInput &) {
        return std::nullopt;
    }
    std::vector<std::string> variants;
    for (std::size_t i = 1; i < cases.size(); ++i) {
        const std::optional<std::string> text = variant_text(cases.front().study, cases[i]);
        if (!text)
            return std::nullopt;
        variants.insert(variants.end(), {"--variant", *text});
    }
    return command_text("compare", source, cases.front().study, library, variants);
}

} // namespace epscope
