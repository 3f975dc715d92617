// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/copied_command.h"

#include <algorithm>

#include <QApplication>
#include <QClipboard>
#include <QDir>

#include "app/charts/chart_view.h"
#include "app/cli/command_text.h"
#include "app/views/compare_view.h"
#include "app/views/goal_view.h"
#include "app/views/scenario_strip.h"
#include "app/words/text.h"
#include "core/spec/axes.h"

namespace epscope {
namespace {

std::optional<QString> as_qstring(const std::optional<std::string> &text)
{
    return text ? std::optional(to_text(*text)) : std::nullopt;
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

CopiedCommand::CopiedCommand(const Sources &sources, const Messages &the_messages)
    : from(sources)
    , messages(the_messages)
{
}

// What the command line calls the study, before what has been changed in it.
std::string CopiedCommand::study_source() const
{
    const QString &file = from.documents.file();
    return (file.isEmpty() ? from.documents.library_study() : QDir::toNativeSeparators(file)).toStdString();
}

std::optional<QString> CopiedCommand::of_inputs() const
{
    Study study = from.session.study();
    const std::optional<Selection> &picked = from.session.inputs().selection;
    if (picked) {
        study = with_chip_named(std::move(study), picked->chip);
        std::erase_if(study.nics, [&](const Nic &nic) { return nic.name != picked->nic; });
        for (const SearchAxis &axis : search_axes())
            axis.fix(study.search, picked->point);
    }
    return as_qstring(command_text(picked ? "estimate" : "search", study_source(), study, from.library));
}

// A chart asks about one chip.
std::optional<QString> CopiedCommand::of_question(
    const ChartView &chart, const char *command, const std::vector<std::string> &options) const
{
    const std::string chip = chart.subject().chips.front().name;
    return as_qstring(
        command_text(command, study_source(), with_chip_named(from.session.study(), chip), from.library, options));
}

std::optional<QString> CopiedCommand::of_what_is_in_use() const
{
    const ChartView &goal_chart = from.charts.chart("goal");
    if ((has_keyboard(*from.panes.goal) || has_keyboard(goal_chart)) && goal_chart.can_ask()) {
        const auto asked = std::get<SeekQuestion>(goal_chart.question());
        return of_question(goal_chart, "seek", {"--parameter", asked.key, "--goal", asked.goal});
    }
    if (const ChartView &tornado = from.charts.chart("sensitivity"); has_keyboard(tornado)) {
        const auto asked = std::get<SensitivityQuestion>(tornado.question());
        return of_question(tornado, "sensitivity", {"--percent", exact_text(asked.percent), "--of", asked.metric});
    }
    if (const ChartView &map = from.charts.chart("map"); has_keyboard(map)) {
        const auto asked = std::get<MapQuestion>(map.question());
        if (asked.against)
            return std::nullopt; // no command has the difference
        return of_question(map, "map",
            {"--x", asked.x, "--y", asked.y, "--of", map.option(u"map.output"_qs).toStdString(), "--size",
                std::to_string(asked.size)});
    }
    const std::shared_ptr<const Compared> &compared = from.panes.compare->model().compared();
    if (compared && compared->cases.size() > 1
        && (has_keyboard(*from.panes.compare) || has_keyboard(*from.panes.scenarios)))
        return as_qstring(compare_text(study_source(), compared->cases, from.library));
    return of_inputs();
}

void CopiedCommand::copy() const
{
    const std::optional<QString> text = of_what_is_in_use();
    if (!text) {
        messages.say(tr("No command line says that: the study may have what no option can say (save it, then its file "
                        "can be named), or the map shows a difference"));
        return;
    }
    QApplication::clipboard()->setText(*text);
    messages.say(tr("Copied: %1").arg(*text));
}

} // namespace epscope
