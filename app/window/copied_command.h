// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <QCoreApplication>
#include <QString>

#include "app/session/documents.h"
#include "app/window/chart_set.h"
#include "app/window/messages.h"
#include "app/window/panes.h"

namespace epscope {

// The command line with the same result as what is on show.
class CopiedCommand {
    Q_DECLARE_TR_FUNCTIONS(epscope::CopiedCommand)
public:
    // What a command can be of.
    struct Sources {
        const Session &session;
        const Documents &documents;
        const Library &library;
        const ChartSet &charts;
        const Panes &panes;
    };
    CopiedCommand(const Sources &sources, const Messages &messages);

    // The search or, with a configuration picked, its estimate. Nothing where no option says what the study has.
    std::optional<QString> of_inputs() const;
    // Of the analysis that has the keyboard, else of the inputs.
    std::optional<QString> of_what_is_in_use() const;
    // Into the clipboard.
    void copy() const;

private:
    Sources from;
    const Messages &messages;

    std::string study_source() const;
    std::optional<QString> of_question(
        const ChartView &chart, const char *command, const std::vector<std::string> &options) const;
};

} // namespace epscope
