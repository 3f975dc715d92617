// SPDX-License-Identifier: GPL-3.0-or-later
// What is handed over of a study: headline, configurations, scenarios compared, charts, all assumptions, and where the
// numbers come from.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/export/report_document.h"
#include "app/session/comparer.h"
#include "app/session/history.h"

namespace epscope {

struct ReportInput {
    std::shared_ptr<const Explored> explored;
    PinnedBaselines baselines; // that headline and charts are compared with
    Study opened; // against which the assumptions say what has been changed
    std::vector<Card> cards; // the scenarios, each with a name
    int active = 0; // id of the one that `explored` is of
    QString source; // where the study was read from: a file, or its name in the library; may be empty
    QString command; // the command line with the same result; may be empty
    QString version;
    QDate date;
    QString study; // YAML to embed
    std::shared_ptr<const Compared> compared; // the scenarios, behind the primary baseline; null for one alone
    std::vector<const ChartView *> charts; // that show `explored`
};

ReportDocument make_report(const ReportInput &input);

} // namespace epscope
