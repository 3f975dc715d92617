// SPDX-License-Identifier: GPL-3.0-or-later
// The parameters that can be searched, as texts: what is searched, what is on show, what to go back to.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "app/session/session.h"
#include "core/spec/axes.h"

namespace epscope {

class SearchedValues {
public:
    // What the configuration on show is of what is searched: the one with the highest throughput; another one that was
    // picked; with nothing feasible, the nearest.
    enum class Standing { best, selected, nearest };

    explicit SearchedValues(const Session &owner)
        : session(owner)
    {
    }

    // A result that is on show in place of the session's; null for that again.
    void show(std::shared_ptr<const Explored> explored) { instead = std::move(explored); }
    const std::shared_ptr<const Explored> &shown() const { return instead ? instead : session.explored(); }
    // The configuration on show, or null.
    const Point *point() const;
    Standing standing() const; // of one that is on show
    // Its value, or the first of the list.
    std::string value_text(const std::string &key) const;
    // What a parameter is searched over when it is let go: its last range, the opened study's, or what the table's
    // slider covers.
    std::string range_text(const std::string &key) const;
    void remember(const std::string &key, const std::string &range) { last_range[key] = range; }
    void forget() { last_range.clear(); }

private:
    const Session &session;
    std::shared_ptr<const Explored> instead;
    std::map<std::string, std::string> last_range; // by key
};

} // namespace epscope
