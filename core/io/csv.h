// SPDX-License-Identifier: GPL-3.0-or-later
// CSV, RFC 4180: one writer, and one reader that also takes what spreadsheets make of it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/diagnostic.h"
#include "core/quantity.h"

namespace epscope {

// A line of cells, csv_field() each, with its end.
std::string csv_line(const std::vector<std::string> &cells, char separator = ',');

struct CsvColumn {
    std::string_view name;
    bool required = true; // in the header, and up to the last such column in every row
};

struct CsvCell {
    std::string text; // without the blanks around it
    int line = 1; // where it starts, from 1
    int column = 1; // in bytes, from 1
};

// The records of a text, cell by cell.
class CsvRecords {
public:
    struct Fault {
        int line, column;
        const char *message;
    };

    CsvRecords() = default;
    CsvRecords(std::string_view text, char separator);

    // Reads the next record into `cells`; false at the end.
    bool next(std::vector<CsvCell> &cells);
    int line() const { return record_line; } // where the record starts
    std::size_t cell_count() const { return count; } // of the record, also of those that are too many to be kept
    const std::optional<Fault> &fault() const { return wrong; } // of the record

private:
    std::string_view rest;
    char separator = ',';
    const char *line_start = nullptr;
    int line_number = 1;
    int record_line = 1;
    std::size_t count = 0;
    std::optional<Fault> wrong;

    bool at_line_end() const;
    void end_line();
    int column() const { return static_cast<int>(rest.data() - line_start) + 1; }
    void skip_blanks();
    void read_plain(CsvCell &cell);
    void read_quoted(CsvCell &cell);
};

// How many of the columns the header of a text names: of a table of other things hardly one.
std::size_t csv_columns_named(std::string_view text, std::span<const CsvColumn> columns);

// Reads the rows of a text whose first line names its columns, in any order. Cells are separated by commas, semicolons
// or tabs: as a line "sep=;" before the header says, else as the header is. Lines end with LF, CRLF or CR, of which
// quoted cells may hold some. Empty cells at the end of a row and rows of empty cells count nothing. Time is linear in
// the text, and no more than one row is kept.
class CsvReader {
public:
    enum class Others { refused, ignored }; // columns of other names

    // `known`: what the indices below count; it must outlive the reader.
    CsvReader(std::string_view text, std::string file, std::span<const CsvColumn> known, Others others);

    // Goes to the next row; false at the end.
    bool next();

    const std::string &text(std::size_t column) const; // empty where the file has no such column
    // The text of a number, where a decimal comma, for which semicolons and tabs leave room, is a point. What could
    // mean two numbers is a problem, and nothing; "65.536", where only the end of the rows tells whether another number
    // shows which mark is the decimal one, is a problem there.
    std::optional<std::string> number_text(std::size_t column);
    // The number of a cell in the column's unit, `unit` in SI units, which stands without one or with any unit of the
    // dimension. Nothing for an empty cell, and with a problem for what is no such number.
    std::optional<double> number(
        std::size_t column, Dimension dimension, double unit = 1, Prefixes prefixes = Prefixes::as_written);
    void expect_number(std::size_t column); // an empty cell is a problem
    // The text of a switch: what spreadsheets in a dozen languages write for it, yes and no, 1 and 0 become "true" or
    // "false".
    std::string switch_text(std::size_t column) const;

    int line() const { return records.line(); } // of the row
    void problem(std::size_t column, std::string message); // of a cell of the row
    bool sound() const { return found.empty(); }
    std::vector<Diagnostic> problems() const { return found.list(); } // in the order of the text

private:
    std::string file;
    std::span<const CsvColumn> columns;
    Others other_columns;
    CsvRecords records;
    std::vector<CsvCell> cells;
    std::vector<std::optional<std::size_t>> places; // by column: its cell
    std::size_t width = 0; // cells that a row may have
    std::size_t least_width = 0; // cells that it must have: up to the last required column
    bool usable = false; // has the header been understood?
    bool decimal_comma_possible = false;
    CsvCell first_decimal; // the first number with a point or a comma
    std::optional<Diagnostic> ambiguous; // the first one that may have it for thousands, until another one tells
    bool decimal_known = false; // has one told?
    ProblemList found;

    void read_header(std::string_view text);
    std::string names_of_columns() const;
    const CsvCell *cell(std::size_t column) const; // null where the row has no such cell
    void record_problem(int column, std::string message);
    Diagnostic problem_of(std::size_t column, std::string message) const;
};

} // namespace epscope
