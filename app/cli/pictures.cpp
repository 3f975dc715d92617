// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/pictures.h"

#include <QFileInfo>

#include "app/charts/chart_view.h"
#include "app/charts/goal_scene.h"
#include "app/charts/make_chart.h"
#include "app/cli/commands.h"
#include "app/cli/offscreen.h"
#include "app/cli/study_options.h"
#include "app/export/comparison.h"
#include "app/version.h"
#include "app/views/compare_view.h"
#include "app/views/goal_view.h"
#include "app/views/headline.h"
#include "app/words/text.h"
#include "core/io/measurement_files.h"
#include "core/io/study_writer.h"

namespace epscope {
namespace {

std::string bytes_of(const Drawing &drawing, const Picture &picture, const ExportOptions &options)
{
    QString problem;
    const QByteArray bytes = picture_bytes(drawing, QFileInfo(to_text(picture.file)).suffix(), options, problem);
    if (bytes.isEmpty())
        throw Failed(picture.file + " cannot be written: " + problem.toStdString());
    return bytes.toStdString();
}

// The study's own configurations, searched once, for what is shown with an answer: a chart shows it as of the result
// on show.
std::shared_ptr<const Explored> explored_for(const Picture &picture)
{
    return explored_of(picture.study, picture.library, {}, picture.stop);
}

// What has been found as the answer to the question that the chart asks.
template <class Found>
std::string drawn(
    ChartView &chart, const Picture &picture, const std::shared_ptr<const Explored> &explored, const Found &found)
{
    ExportOptions options = picture_options(picture.look, *explored, {});
    chart.resize(options.size);
    chart.set_theme(*options.theme);
    chart.set_explored(explored);
    chart.prepare();
    const auto answer = std::make_shared<const Answer>(Answer{chart.subject(), chart.question(), found});
    chart.set_answer(answer);
    if constexpr (std::is_same_v<Found, Sought>)
        options.headline = goal_answer(*answer).text();
    return bytes_of(drawing_of(chart), picture, options);
}

} // namespace

std::shared_ptr<const Explored> explored_of(
    const Study &study, const Library &library, const std::optional<Selection> &picked, const std::stop_token &stop)
{
    const Inputs inputs{study, picked, {}, load_measurements(library_measurements(library), library, study).measured};
    ExploreOptions options;
    options.stop = stop;
    std::shared_ptr<const Explored> explored = explore(inputs, options);
    if (!explored)
        throw Interrupted{};
    return explored;
}

PinnedBaselines baseline_named_by(
    const std::string &name, const StudyFile &file, const Library &library, const std::stop_token &stop)
{
    if (name.empty())
        return {};
    const BaselineCard named = baseline_from(name, file, library);
    return only_baseline(explored_of(named.study, library, named.picked, stop), to_text(named.name));
}

ExportOptions picture_options(const PictureOptions &look, const Study &study)
{
    const auto [width, height] = look.sides();
    ExportOptions options;
    options.size = {width, height};
    options.png_scale = look.scale;
    options.theme = look.dark() ? &Theme::night() : &Theme::light();
    options.origin = origin_of(study, study, QLatin1String(version), QDate::currentDate());
    options.study = to_text(study_text(study));
    return options;
}

ExportOptions picture_options(const PictureOptions &look, const Explored &explored, const PinnedBaselines &baselines)
{
    ExportOptions options = picture_options(look, explored.inputs.study);
    HeadlineText headline = headline_text(explored, baselines);
    headline.parts.pop_back(); // how long the search took is no result
    options.headline = headline.plain();
    return options;
}

void Pictures::check(const Picture &picture) const
{
    check_explorable(picture.study);
}

std::string Pictures::sensitivity(
    const Picture &picture, const Metric &metric, double percent, const Sensitivity &found) const
{
    const auto explored = explored_for(picture);
    const Offscreen offscreen;
    ChartView chart(*find_chart_kind("sensitivity"));
    chart.set_options(
        {{u"sensitivity.output"_qs, to_text(metric.key)}, {u"sensitivity.percent"_qs, to_text(exact_text(percent))}});
    return drawn(chart, picture, explored, found);
}

std::string Pictures::seek(
    const Picture &picture, const Variable &variable, const Goal &goal, const Sought &found) const
{
    const auto explored = explored_for(picture);
    const Offscreen offscreen;
    ChartView chart(*find_chart_kind("goal"));
    chart.set_options(goal_values(
        {variable.key, std::string(goal.metric->key) + (goal.at_least ? ">=" : "<=") + exact_text(goal.wanted)}));
    return drawn(chart, picture, explored, found);
}

std::string Pictures::map(const Picture &picture, const Metric &metric, const Map &found) const
{
    const auto explored = explored_for(picture);
    const Offscreen offscreen;
    ChartView chart(*find_chart_kind("map"));
    chart.set_options({{u"map.axes"_qs, to_text(found.x.variable.key) + u'|' + to_text(found.y.variable.key)},
        {u"map.output"_qs, to_text(metric.key)}});
    return drawn(chart, picture, explored, found);
}

std::string Pictures::comparison(const Picture &picture, const std::vector<Case> &cases, const Comparison &found) const
{
    const Offscreen offscreen;
    CompareModel model;
    const auto compared = std::make_shared<Compared>(Compared{{}, cases, found});
    for (std::size_t i = 0; i < cases.size(); ++i)
        compared->ids.push_back(static_cast<int>(i));
    model.set_compared(compared, -1, PinnedBaselines{}.threshold);
    ExportOptions options = picture_options(picture.look, picture.study);
    options.headline = comparison_note(model);
    return bytes_of(comparison_drawing(model), picture, options);
}

} // namespace epscope
