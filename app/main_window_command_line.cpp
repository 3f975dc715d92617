// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include <algorithm>

#include <QApplication>
#include <QClipboard>
#include <QDir>

#include "app/charts/scene_chart.h"
#include "app/cli/command_text.h"
#include "app/views/compare_view.h"
#include "app/views/elided_label.h"
#include "app/views/goal_view.h"
#include "app/views/scenario_strip.h"
#include "core/spec/axes.h"

namespace epscope {
namespace {

std::optional<QString> as_qstring(const std::optional<std::string> &text)
{
    return text ? std::optional(QString::fromStdString(*text)) : std::nullopt;
}

bool has_keyboard(const QWidget &view)
{
    const QWidget *focus = QApplication::focusWidget();
    return focus && (focus == &view || view.isAncestorOf(focus));
}

Study with_chip_named(Study study, const std::string &name)
{
    std::erase_if(study.chips, [&](const Chip &chip) { return chip.name != name; });
    return study;
}

} // namespace

// What the command line calls the study, before what has been changed in it.
std::string MainWindow::study_source() const
{
    return (files.file().isEmpty() ? files.library_study() : QDir::toNativeSeparators(files.file())).toStdString();
}

// The search or, with a configuration picked, its estimate.
std::optional<QString> MainWindow::command_line() const
{
    Study study = state.study();
    const std::optional<Selection> &picked = state.inputs().selection;
    if (picked) {
        study = with_chip_named(std::move(study), picked->chip);
        std::erase_if(study.nics, [&](const Nic &nic) { return nic.name != picked->nic; });
        for (const SearchAxis &axis : search_axes())
            axis.fix(study.search, picked->point);
    }
    return as_qstring(command_text(picked ? "estimate" : "search", study_source(), study, library));
}

// Of the analysis that has the keyboard; a chart asks about one chip.
std::optional<QString> MainWindow::command_line_in_use() const
{
    const auto analysis = [&](const char *command, const std::string &chip, const std::vector<std::string> &more) {
        return as_qstring(command_text(command, study_source(), with_chip_named(state.study(), chip), library, more));
    };
    const auto chip_of = [&](const AnalysisChart &chart) {
        return chart.subject(*state.explored()).chips.front().name;
    };
    if (has_keyboard(*goal) || (has_keyboard(*goal_chart) && goal_chart->can_ask())) {
        const Question question = goal_chart->question();
        const auto &asked = std::get<SeekQuestion>(question);
        return analysis("seek", chip_of(*goal_chart), {"--parameter", asked.key, "--goal", asked.goal});
    }
    for (const Chart *chart : all_charts) {
        if (!has_keyboard(*chart))
            continue;
        const auto *scene = qobject_cast<const SceneChart *>(chart);
        const Question question = scene && scene->asks() ? scene->question() : SeekQuestion{};
        if (const auto *asked = std::get_if<SensitivityQuestion>(&question))
            return analysis(
                "sensitivity", chip_of(*scene), {"--percent", exact_text(asked->percent), "--of", asked->metric});
        if (const auto *asked = std::get_if<MapQuestion>(&question)) {
            if (asked->against)
                return std::nullopt; // no command has the difference
            return analysis("map", chip_of(*scene),
                {"--x", asked->x, "--y", asked->y, "--of", scene->option(u"map.output"_qs).toStdString(), "--size",
                    std::to_string(asked->size)});
        }
    }
    const std::shared_ptr<const Compared> &compared = compare->model().compared();
    if (compared && compared->cases.size() > 1 && (has_keyboard(*compare) || has_keyboard(*scenarios)))
        return as_qstring(compare_text(study_source(), compared->cases, library));
    return command_line();
}

void MainWindow::copy_command_line()
{
    const std::optional<QString> text = command_line_in_use();
    if (!text) {
        status->say(tr("No command line says that: the study may have what no option can say (save it, then its file "
                       "can be named), or the map shows a difference"));
        return;
    }
    QApplication::clipboard()->setText(*text);
    status->say(tr("Copied: %1").arg(*text));
}

} // namespace epscope
