// SPDX-License-Identifier: GPL-3.0-or-later
// Configurations as rows: one list of columns makes the table, markdown, CSV and JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/export/workbook.h"
#include "core/search/search.h"

namespace epscope {

enum class RowFormat { table, csv, json, markdown };
RowFormat row_format(const std::string &name);
const std::vector<std::string> &row_format_names(); // table first

// Which columns: the published ones; with what binds and the free memory (for reading only); with feasibility and
// reason.
enum class RowKind { winners, points };

// Writes rows one at a time, so that a stream of them never has to be kept.
class CandidateRows {
public:
    CandidateRows(const Study &study, RowFormat format, RowKind kind);

    // What stands before the first row, and after the last: in JSON the counts of the outcome, for reading its summary.
    std::string head() const;
    std::string tail(const SearchOutcome &outcome) const;
    // One row. In JSON each begins with a comma, which first_rows() takes off the first.
    std::string row(const Candidate &candidate, std::optional<Reason> reason) const;
    std::string_view first_rows(std::string_view rows) const;
    // Of a workbook: all columns, numbers at full precision.
    Sheet sheet() const; // without rows
    std::vector<SheetValue> cells(const Candidate &candidate, std::optional<Reason> reason) const;

private:
    const Study &study;
    RowFormat format;
    RowKind kind;
    std::vector<std::size_t> widths; // of the table

    std::string line(const std::vector<std::string> &cells) const;
};

// Throughput over speed, a series for each chip.
Workbook candidates_workbook(Sheet sheet);

// "4,320 configurations: 659 feasible; ..." with an example and its mend for each reason of rejection.
std::string summary(const Study &study, const SearchOutcome &outcome);

} // namespace epscope
