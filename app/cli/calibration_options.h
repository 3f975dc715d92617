// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "app/cli/study_options.h"
#include "core/calibrate/measurement.h"
#include "core/io/library.h"

namespace CLI {
class App;
}

namespace epscope {

// The measurements that `calibrate` and `validate` work on, and the study that gives profile, model and chips.
class CalibrationOptions {
public:
    void add_to(CLI::App &command);
    // Its chips, NICs and model come before the library's where a row names them. Or BadInput.
    Study study(const Library &library) const { return study_options.study(library); }
    std::vector<MeasuredCase> cases(const Study &study, const Library &library) const;
    // The files as they are named to the user.
    std::string measured_in() const;

private:
    StudyOptions study_options{usual_measured_study};
    std::vector<std::string> files;
};

} // namespace epscope
