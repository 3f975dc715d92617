// SPDX-License-Identifier: GPL-3.0-or-later
// The results of an analysis as a picture: what -o FILE.png, .svg or .pdf gives. Charts stand above the headless
// commands; what draws is handed to those.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "core/analysis/compare.h"
#include "core/analysis/map.h"
#include "core/analysis/seek.h"
#include "core/analysis/sensitivity.h"

namespace CLI {
class App;
}

namespace epscope {

class Library;

// --theme, --scale and --size, or what a command calls the last that has a --size of its own.
struct PictureOptions {
    std::string theme = "light", size = "1280x800"; // before scaling
    int scale = 1; // pixels per unit of size
    std::string size_option = "--size";

    void add_to(CLI::App &command);
    bool dark() const { return theme == "dark"; }
    struct Sides {
        int width = 0, height = 0;
    };
    // BadInput where the size is none.
    Sides sides() const;
};

// BadInput where the file's name has no suffix of a picture.
void check_picture_name(const std::string &file);
// Does the file's name say so? BadInput where a format was chosen that no picture has.
bool wants_picture(const std::string &file, const std::string &format);

// What is wanted of a picture.
struct Picture {
    const Library &library; // that the study is from
    Study study; // that the command was asked about, with all of its chips
    std::string file; // whose suffix says what it is
    PictureOptions look;
    std::stop_token stop; // of the command
};

// Draws what commands found as the explorer shows it. Each gives the bytes of the file, or throws: Failed, or
// Interrupted when stopped.
class PictureWriter {
public:
    virtual ~PictureWriter() = default;

    // Throws where the study is too large to be shown next to what an analysis finds, before that searches for long.
    virtual void check(const Picture &picture) const = 0;
    virtual std::string sensitivity(
        const Picture &picture, const Metric &metric, double percent, const Sensitivity &found) const = 0;
    virtual std::string seek(
        const Picture &picture, const Variable &variable, const Goal &goal, const Sought &found) const = 0;
    virtual std::string map(const Picture &picture, const Metric &metric, const Map &found) const = 0;
    virtual std::string comparison(
        const Picture &picture, const std::vector<Case> &cases, const Comparison &found) const = 0;
};

} // namespace epscope
