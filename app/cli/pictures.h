// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures without a window, of what commands have found.
#pragma once

#include <memory>
#include <stop_token>

#include "app/cli/picture_output.h"
#include "app/export/chart_export.h"

namespace epscope {

// The study's result next to the library's measurements, with the configuration picked or the best on show. Throws
// Interrupted when stopped.
std::shared_ptr<const Explored> explored_of(
    const Study &study, const Library &library, const std::optional<Selection> &picked, const std::stop_token &stop);
// What --baseline names, searched; nothing where that is empty. Throws BadInput, and Interrupted when stopped.
PinnedBaselines baseline_named_by(
    const std::string &name, const StudyFile &file, const Library &library, const std::stop_token &stop);
// Size, colours and what a picture says of its study.
ExportOptions picture_options(const PictureOptions &look, const Study &study);
// Also of the result, above it.
ExportOptions picture_options(const PictureOptions &look, const Explored &explored, const PinnedBaselines &baselines);

class Pictures final : public PictureWriter {
public:
    void check(const Picture &picture) const override;
    std::string sensitivity(
        const Picture &picture, const Metric &metric, double percent, const Sensitivity &found) const override;
    std::string seek(
        const Picture &picture, const Variable &variable, const Goal &goal, const Sought &found) const override;
    std::string map(const Picture &picture, const Metric &metric, const Map &found) const override;
    std::string comparison(
        const Picture &picture, const std::vector<Case> &cases, const Comparison &found) const override;
};

} // namespace epscope
