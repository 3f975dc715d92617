// SPDX-License-Identifier: GPL-3.0-or-later
// Columns of a chart's table that only count where cards share their work in more than the published way.
#pragma once

#include <vector>

#include "app/charts/scene.h"
#include "core/analysis/outputs.h"

namespace epscope {

// Those of the table of outputs that the inputs on show or a baseline have to tell; none of what goes without saying.
class SharedColumns {
public:
    explicit SharedColumns(const SceneInput &input);

    void add_to(Table &table) const;
    void add_to(std::vector<TableCell> &cells, const Evaluation &evaluation) const;
    void skip(std::vector<TableCell> &cells) const; // of what has no such configuration

private:
    std::vector<const ResultColumn *> columns;
};

} // namespace epscope
