// SPDX-License-Identifier: GPL-3.0-or-later
// Scenes of charts without a window, and the places of their marks.
#pragma once

#include <algorithm>
#include <stdexcept>

#include "app/charts/chart_view.h"
#include "app/charts/make_chart.h"

namespace epscope::testing {

// A view by its id, for ShownChart.
template <const char *Id>
struct SceneOf : ChartView {
    SceneOf()
        : ChartView(*find_chart_kind(Id))
    {
    }
};

// With the options as they are at first.
inline SceneInput scene_input(std::string_view id, std::shared_ptr<const Explored> explored, const Theme &theme)
{
    SceneInput input;
    input.explored = std::move(explored);
    input.theme = &theme;
    const SceneKind &kind = *find_chart_kind(id);
    for (const ChartOption &option : kind.options ? kind.options() : std::vector<ChartOption>())
        input.options[option.key] = option.value;
    return input;
}

// Axes from what is to be seen to what is to be seen, in panels below or next to each other.
inline Frame plain_frame(const Scene &scene, const QSize &size, bool across = false)
{
    constexpr int left = 90, top = 60, right = 20, bottom = 40; // px
    Frame frame{size, {}};
    const auto count = static_cast<int>(scene.panels.size());
    const int width = (size.width() - left - right) / (across ? count : 1),
              height = (size.height() - top - bottom) / (across ? 1 : count);
    for (int i = 0; i < count; ++i) {
        const QRect rect(left + (across ? i * width : 0), top + (across ? 0 : i * height), width, height);
        const ScenePanel &panel = scene.panels[static_cast<std::size_t>(i)];
        frame.panels.push_back(
            {QRectF(rect), {panel.x.from, panel.x.to, panel.x.log, false, rect.left(), rect.right(), rect.width()},
                {panel.y.from, panel.y.to, panel.y.log, true, rect.top(), rect.bottom(), rect.height()}});
    }
    return frame;
}

inline SceneLayout laid_out(const Scene &scene, const QSize &size = {900, 500}, bool across = false)
{
    return scene.layout(plain_frame(scene, size, across));
}

// The mark that an operator of a chip has, in pixels; empty if it is not there. Chips count in the order in which they
// are drawn.
inline QRectF area_of(const SceneLayout &layout, std::size_t chip, OpId id)
{
    std::optional<Whose> before;
    std::size_t at = 0;
    for (const Hits &hits : layout.hits) {
        for (std::size_t i = 0; i < hits.areas.size(); ++i) {
            const Hover hover = hits.about(i);
            if (!hover.operator_id || !hover.number)
                continue;
            if (before && *before != hover.number->whose)
                ++at;
            before = hover.number->whose;
            if (at == chip && hover.operator_id == id)
                return hits.areas[i];
        }
    }
    return {};
}

// What is filled at a place, by the topmost of the marks that do.
inline QColor fill_at(const SceneLayout &layout, const QPointF &place)
{
    QColor found;
    for (const Marks *marks : {&layout.background, &layout.main, &layout.axes}) {
        for (const Marks::Fill &fill : marks->of<Marks::Fill>()) {
            if (fill.area.contains(place))
                found = fill.colour;
        }
    }
    return found;
}

// Of a number's mark, by what explains it; empty if it is not there. `says`: a part of its text.
inline QRectF area_of(const SceneLayout &layout, const Explainable &number, const QString &says = {})
{
    for (const Hits &hits : layout.hits) {
        for (std::size_t i = 0; i < hits.areas.size(); ++i) {
            const Hover hover = hits.about(i);
            if (hover.number == number && hover.text.contains(says))
                return hits.areas[i];
        }
    }
    return {};
}

// A place to take hold of the line of an input, in pixels.
inline QPointF handle_of(const SceneLayout &layout, const QString &key)
{
    const auto found = std::find_if(
        layout.handles.begin(), layout.handles.end(), [&](const Handle &handle) { return handle.key == key; });
    if (found == layout.handles.end())
        throw std::runtime_error("no line of it");
    return found->lines.front().center();
}

// Of the mark that leads to a slider.
inline QRectF area_of_slider(const SceneLayout &layout, const QString &key)
{
    for (std::size_t i = 0; i < layout.hits.back().areas.size(); ++i) {
        const Action action = layout.hits.back().about(i).action;
        if (const auto *slider = std::get_if<ShowSlider>(&action); slider && slider->key == key)
            return layout.hits.back().areas[i];
    }
    return {};
}

} // namespace epscope::testing
