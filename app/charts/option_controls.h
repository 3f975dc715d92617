// SPDX-License-Identifier: GPL-3.0-or-later
// What stands above the plot of a chart, a control an option; no part of an export.
#pragma once

#include <optional>
#include <vector>

#include <QStringList>

#include "app/charts/scene.h"

class QButtonGroup;
class QHBoxLayout;
class QVBoxLayout;
class QWidget;

namespace epscope {

class ChartView;

class OptionControls {
public:
    // Into the chart's layout, which is a column.
    explicit OptionControls(ChartView &chart);

    // The choices that the inputs have, and the values.
    void show();

private:
    struct Control {
        const ChartOption *option;
        QWidget *widget;
        QButtonGroup *group = nullptr; // of buttons
        QStringList filled = {};
        std::optional<int> part = {}; // of a pair
    };

    ChartView &chart;
    std::vector<Control> all;
    QHBoxLayout *row = nullptr;
    bool any_grows = false;

    QVBoxLayout &column() const;
    QHBoxLayout *boxes();
    void add(const ChartOption &option);
    void place(const ChartOption &option, QWidget &widget, const QString &name);
    void add_box(const ChartOption &option, std::optional<int> part);
    void add_buttons(const ChartOption &option);
};

} // namespace epscope
