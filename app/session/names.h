// SPDX-License-Identifier: GPL-3.0-or-later
// Names that the explorer finds itself, of scenarios and baselines.
#pragma once

#include <functional>

#include <QString>

namespace epscope {

// The text's beginning of at most so many bytes of UTF-8, cut between characters.
QString cut_to_bytes(const QString &text, qsizetype most);
// What is proposed, or with a number behind it if that is taken: "Fast", "Fast 2", "Fast 3".
QString free_name(const QString &proposed, const std::function<bool(const QString &)> &is_taken);

} // namespace epscope
