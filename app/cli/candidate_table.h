// SPDX-License-Identifier: GPL-3.0-or-later
// Configurations as rows: one list of columns makes the table, markdown, CSV and JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/files/workbook.h"
#include "core/analysis/outputs.h"

namespace epscope {

enum class RowFormat { table, csv, json, markdown };
RowFormat row_format(const std::string &name);
const std::vector<std::string> &row_format_names(); // table first

// Which columns of the table of outputs, in core/analysis/outputs.h. Of winners the published ones in CSV, those for
// reading in tables, all in JSON and workbooks; of points what the search knows, with feasibility and reason.
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
    // Before feasibility and reason of points: of text, and of workbooks.
    std::vector<const ResultColumn *> columns, exact_columns;
    std::vector<std::size_t> widths; // of the table
    std::vector<bool> left; // what stands at the left of its column

    std::vector<ColumnWords> all_words() const;
};

// Throughput over speed, a series for each chip.
Workbook candidates_workbook(Sheet sheet);

// "4,320 configurations: 659 feasible; ..." with an example and its fix for each reason of rejection.
std::string summary(const Study &study, const SearchOutcome &outcome);

} // namespace epscope
