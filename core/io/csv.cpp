// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/csv.h"

#include <algorithm>
#include <array>

#include "core/text.h"

namespace epscope {
namespace {

constexpr std::array separators{',', ';', '\t'};
constexpr std::size_t most_columns = 1000; // that are kept of a record

// What spreadsheets show for a switch and write into a file: English, German, French, Spanish, Italian, Portuguese,
// Dutch, Danish, Norwegian, Swedish, Finnish, Polish, Czech, Turkish, Russian. Letters beyond ASCII stand as capitals.
constexpr std::array<std::string_view, 17> words_for_true{"true", "yes", "1", "wahr", "vrai", "verdadero", "vero",
    "verdadeiro", "waar", "sand", "sann", "sant", "tosi", "prawda", "pravda", "do\u011eru",
    "\u0418\u0421\u0422\u0418\u041d\u0410"};
constexpr std::array<std::string_view, 15> words_for_false{"false", "no", "0", "falsch", "faux", "falso", "onwaar",
    "falsk", "usann", "falskt", "ep\u00c4tosi", "fa\u0141sz", "nepravda", "yanli\u015e", "\u041b\u041e\u0416\u042c"};

const CsvColumn *column_named(std::span<const CsvColumn> columns, std::string_view name)
{
    const auto found =
        std::find_if(columns.begin(), columns.end(), [&](const CsvColumn &column) { return column.name == name; });
    return found == columns.end() ? nullptr : &*found;
}

// The columns that the first record names if cells are separated so.
std::size_t columns_named(std::string_view text, char separator, std::span<const CsvColumn> columns)
{
    std::vector<CsvCell> cells;
    CsvRecords(text, separator).next(cells);
    return static_cast<std::size_t>(std::count_if(
        cells.begin(), cells.end(), [&](const CsvCell &cell) { return column_named(columns, cell.text) != nullptr; }));
}

// The separator by which the header names the most columns.
char separator_of(std::string_view text, std::span<const char> candidates, std::span<const CsvColumn> columns)
{
    return *std::max_element(candidates.begin(), candidates.end(),
        [&](char a, char b) { return columns_named(text, a, columns) < columns_named(text, b, columns); });
}

// What a spreadsheet is told by a line "sep=;" at the start; the text is then what follows that line.
std::optional<char> told_separator(std::string_view text)
{
    const std::string_view line = trimmed(text.substr(0, text.find_first_of("\r\n")));
    const std::string_view told =
        line.starts_with('"') && line.ends_with('"') && line.size() > 1 ? line.substr(1, line.size() - 2) : line;
    constexpr std::string_view mark = "sep=";
    const bool is_mark = told.size() == mark.size() + 1 && ascii_lower(told).starts_with(mark);
    // The tab of "sep=<tab>" has been taken for a blank.
    if (told == mark && text.substr(mark.size()).starts_with('\t'))
        return '\t';
    return is_mark ? std::optional(told.back()) : std::nullopt;
}

// A spreadsheet writes the empty cells up to the width of its widest row.
std::size_t count_without_empty_end(const std::vector<CsvCell> &cells, std::size_t count)
{
    if (count > cells.size())
        return count;
    while (count > 0 && cells[count - 1].text.empty())
        --count;
    return count;
}

// "65.536" or "8,192": which of the two meanings of its mark it has, only another number can tell.
bool may_be_thousands(std::string_view number, std::size_t mark)
{
    constexpr std::size_t group = 3;
    const auto is_digit = [&](std::size_t at) { return at < number.size() && number[at] >= '0' && number[at] <= '9'; };
    const std::size_t sign = number.starts_with('-') || number.starts_with('+') ? 1 : 0;
    if (mark <= sign || mark > sign + group || number[sign] == '0')
        return false;
    std::size_t behind = 0;
    while (is_digit(mark + 1 + behind))
        ++behind;
    return is_digit(sign) && behind == group;
}

std::string shown_separator(char separator)
{
    return separator == '\t' ? "tabs" : separator == ' ' ? "blanks" : in_quotes(std::string(1, separator));
}

} // namespace

std::string csv_line(const std::vector<std::string> &cells, char separator)
{
    std::string line;
    for (const std::string &cell : cells) {
        if (&cell != &cells.front())
            line += separator;
        line += csv_field(cell, separator);
    }
    return line + "\n";
}

CsvRecords::CsvRecords(std::string_view text, char the_separator)
    : rest(text)
    , separator(the_separator)
    , line_start(text.data())
{
}

bool CsvRecords::at_line_end() const
{
    return rest.empty() || rest.front() == '\n' || rest.front() == '\r';
}

void CsvRecords::end_line()
{
    rest.remove_prefix(rest.starts_with("\r\n") ? 2 : 1);
    line_start = rest.data();
    ++line_number;
}

void CsvRecords::skip_blanks()
{
    while (!at_line_end() && rest.front() != separator) {
        const std::size_t longest = static_cast<unsigned char>(rest.front()) < 0x80 ? 1 : 3;
        std::size_t length = 1;
        while (length <= longest && !trimmed(rest.substr(0, length)).empty())
            ++length;
        if (length > longest)
            break;
        rest.remove_prefix(length);
    }
}

void CsvRecords::read_plain(CsvCell &cell)
{
    std::size_t size = 0;
    while (size < rest.size() && rest[size] != separator && rest[size] != '\n' && rest[size] != '\r')
        ++size;
    cell.text += trimmed(rest.substr(0, size));
    rest.remove_prefix(size);
}

void CsvRecords::read_quoted(CsvCell &cell)
{
    rest.remove_prefix(1);
    for (;;) {
        const std::size_t size = std::min(rest.find_first_of("\"\r\n"), rest.size());
        cell.text += rest.substr(0, size);
        rest.remove_prefix(size);
        if (rest.empty()) {
            wrong = {cell.line, cell.column, "a quote is opened here and never closed"};
            return;
        }
        if (rest.front() != '"') {
            cell.text += '\n';
            end_line();
            continue;
        }
        rest.remove_prefix(1);
        if (!rest.starts_with('"'))
            break;
        cell.text += '"';
        rest.remove_prefix(1);
    }
    skip_blanks();
    if (!at_line_end() && rest.front() != separator) {
        wrong = {cell.line, cell.column,
            "text stands behind the closing quote of this cell; a quote inside of quotes is written twice"};
        read_plain(cell);
    }
    cell.text = trimmed(cell.text);
}

bool CsvRecords::next(std::vector<CsvCell> &cells)
{
    cells.clear();
    count = 0;
    wrong.reset();
    record_line = line_number;
    if (rest.empty())
        return false;
    for (;;) {
        ++count;
        skip_blanks();
        CsvCell cell{{}, line_number, column()};
        if (rest.starts_with('"'))
            read_quoted(cell);
        else
            read_plain(cell);
        if (count <= most_columns)
            cells.push_back(std::move(cell));
        if (at_line_end())
            break;
        rest.remove_prefix(1);
    }
    if (!rest.empty())
        end_line();
    return true;
}

std::size_t csv_columns_named(std::string_view text, std::span<const CsvColumn> columns)
{
    text = without_byte_order_mark(text);
    if (told_separator(text))
        text.remove_prefix(std::min(text.find_first_of("\r\n"), text.size()));
    const std::size_t start = text.find_first_not_of("\r\n");
    if (start == std::string_view::npos)
        return 0;
    text.remove_prefix(start);
    return columns_named(text, separator_of(text, separators, columns), columns);
}

CsvReader::CsvReader(std::string_view text, std::string file_name, std::span<const CsvColumn> known, Others others)
    : file(std::move(file_name))
    , columns(known)
    , other_columns(others)
    , places(known.size())
{
    found.add(utf8_problems(text, file));
    if (found.empty())
        read_header(without_byte_order_mark(text));
}

std::string CsvReader::names_of_columns() const
{
    std::vector<std::string> names;
    for (const CsvColumn &column : columns)
        names.emplace_back(column.name);
    return joined(names, ", ");
}

void CsvReader::record_problem(int column, std::string message)
{
    found.add({file, records.line(), column, "", std::move(message)});
}

void CsvReader::read_header(std::string_view text)
{
    const std::optional<char> told = told_separator(text);
    if (told && std::find(separators.begin(), separators.end(), *told) == separators.end()) {
        found.add({file, 1, 1, "",
            "the cells are said to be separated by " + shown_separator(*told)
                + "; allowed are commas, semicolons or tabs"});
        return;
    }
    // Where the header starts, for a look at it.
    std::string_view header = text;
    if (told)
        header.remove_prefix(std::min(header.find_first_of("\r\n"), header.size()));
    header.remove_prefix(std::min(header.find_first_not_of("\r\n"), header.size()));
    const char separator = told.value_or(separator_of(header, separators, columns));
    decimal_comma_possible = separator != ',';
    records = CsvRecords(text, separator);
    if (told)
        records.next(cells);
    do {
        if (!records.next(cells)) {
            found.add({file, 1, 1, "", "is empty; expected a line with the columns' names, " + names_of_columns()});
            return;
        }
    } while (count_without_empty_end(cells, records.cell_count()) == 0 && !records.fault());
    if (const auto &fault = records.fault()) {
        found.add({file, fault->line, fault->column, "", fault->message});
        return;
    }
    if (records.cell_count() > most_columns) {
        record_problem(1,
            "has " + std::to_string(records.cell_count()) + " columns; allowed are at most "
                + std::to_string(most_columns));
        return;
    }
    cells.resize(count_without_empty_end(cells, records.cell_count()));
    constexpr std::array others{'|', ':', ' '};
    const char other = separator_of(header, others, columns);
    const std::size_t named = columns_named(header, separator, columns);
    if (named < 2 && columns_named(header, other, columns) > std::max<std::size_t>(named, 1)) {
        record_problem(
            1, "the cells are separated by " + shown_separator(other) + "; allowed are commas, semicolons or tabs");
        return;
    }
    // A row of data may hold a column's name as a value, and holds numbers, of which no column is called.
    const bool has_number = std::any_of(cells.begin(), cells.end(),
        [](const CsvCell &cell) { return !cell.text.empty() && cell.text.front() >= '0' && cell.text.front() <= '9'; });
    if (named == 0 || (named == 1 && has_number)) {
        record_problem(1, "names none of the columns; expected a line with " + names_of_columns());
        return;
    }
    std::vector<std::string> names;
    for (const CsvColumn &column : columns)
        names.emplace_back(column.name);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string &name = cells[i].text;
        const CsvColumn *column = column_named(columns, name);
        if (!column && other_columns == Others::ignored)
            continue;
        std::string message;
        if (name.empty())
            message = "column " + std::to_string(i + 1) + " has no name";
        else if (!column)
            message =
                "unknown column " + in_quotes(name) + "; allowed is " + joined(names, ", ") + did_you_mean(name, names);
        else if (std::optional<std::size_t> &place = places[static_cast<std::size_t>(column - columns.data())])
            message = "duplicate column " + in_quotes(name);
        else
            place = i;
        if (!message.empty())
            found.add({file, cells[i].line, cells[i].column, "", std::move(message)});
    }
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].required && !places[i])
            missing.push_back(in_quotes(columns[i].name));
        if (places[i])
            width = std::max(width, *places[i] + 1);
        if (places[i] && columns[i].required)
            least_width = std::max(least_width, *places[i] + 1);
    }
    if (!missing.empty())
        record_problem(1, (missing.size() == 1 ? "missing column " : "missing columns ") + joined(missing, ", "));
    usable = found.empty();
}

bool CsvReader::next()
{
    while (usable && records.next(cells)) {
        if (const auto &fault = records.fault()) {
            found.add({file, fault->line, fault->column, "", fault->message});
            continue;
        }
        const std::size_t count = count_without_empty_end(cells, records.cell_count());
        if (count == 0)
            continue;
        const bool too_many = count > width && other_columns == Others::refused;
        if (records.cell_count() >= least_width && !too_many) {
            for (CsvCell &cell : cells) {
                if (cell.text.starts_with('\''))
                    cell.text = std::string(without_csv_apostrophe(cell.text));
            }
            return true;
        }
        const std::string expected = other_columns == Others::ignored
            ? "at least " + std::to_string(least_width)
            : (least_width < width ? std::to_string(least_width) + " to " : "") + std::to_string(width);
        record_problem(1,
            "has " + std::to_string(too_many ? count : records.cell_count()) + " columns; expected " + expected
                + (too_many && !decimal_comma_possible ? "; a cell with a comma needs quotes" : ""));
    }
    if (ambiguous)
        found.add(std::move(*ambiguous));
    ambiguous.reset();
    return false;
}

const CsvCell *CsvReader::cell(std::size_t column) const
{
    const std::optional<std::size_t> place = places[column];
    return place && *place < cells.size() ? &cells[*place] : nullptr;
}

const std::string &CsvReader::text(std::size_t column) const
{
    static const std::string none;
    const CsvCell *here = cell(column);
    return here ? here->text : none;
}

std::optional<double> CsvReader::number(std::size_t column, Dimension dimension, double unit, Prefixes prefixes)
{
    const std::optional<std::string> value = number_text(column);
    if (!value || value->empty())
        return std::nullopt;
    const auto bare = parse_quantity(*value, Dimension::count, BareNumbers::allowed, prefixes);
    if (const auto *number = std::get_if<Quantity>(&bare))
        return number->si();
    const auto with_unit = parse_quantity(*value, dimension, BareNumbers::allowed, prefixes);
    if (const auto *number = std::get_if<Quantity>(&with_unit))
        return number->si() / unit;
    problem(column, std::get<std::string>(with_unit));
    return std::nullopt;
}

void CsvReader::expect_number(std::size_t column)
{
    if (text(column).empty())
        problem(column, "is empty; expected a number");
}

std::optional<std::string> CsvReader::number_text(std::size_t column)
{
    std::string number = text(column);
    const bool is_range = number.find("..") != std::string::npos;
    const std::size_t mark = number.find_first_of(".,");
    if (!decimal_comma_possible || is_range || mark == std::string::npos)
        return number;
    if (number.find_first_of(".,", mark + 1) != std::string::npos) {
        problem(column,
            in_quotes(number) + " has more than one decimal point or comma; thousands are written without separators");
        return std::nullopt;
    }
    if (first_decimal.text.empty())
        first_decimal = *cell(column);
    const bool with_comma = number[mark] == ',', first_with_comma = first_decimal.text.find(',') != std::string::npos;
    if (with_comma != first_with_comma) {
        decimal_known = true;
        ambiguous.reset();
        problem(column,
            in_quotes(number) + " has a decimal " + (with_comma ? "comma" : "point") + " and "
                + in_quotes(first_decimal.text) + " in line " + std::to_string(first_decimal.line)
                + " the other; expected one of them in all numbers");
        return std::nullopt;
    }
    if (!may_be_thousands(number, mark)) {
        decimal_known = true;
        ambiguous.reset();
    } else if (!decimal_known && !ambiguous) {
        ambiguous = problem_of(column,
            in_quotes(number)
                + " may be a number with decimals or one with thousands, and no other number tells which; "
                  "thousands are written without separators");
    }
    number[mark] = '.';
    return number;
}

std::string CsvReader::switch_text(std::size_t column) const
{
    const std::string lower = ascii_lower(text(column));
    const auto is_among = [&](const auto &words) {
        return std::find(words.begin(), words.end(), lower) != words.end();
    };
    return is_among(words_for_true) ? "true" : is_among(words_for_false) ? "false" : text(column);
}

Diagnostic CsvReader::problem_of(std::size_t column, std::string message) const
{
    const CsvCell *here = cell(column);
    return {file, here ? here->line : line(), here ? here->column : 1, std::string(columns[column].name),
        std::move(message)};
}

void CsvReader::problem(std::size_t column, std::string message)
{
    found.add(problem_of(column, std::move(message)));
}

} // namespace epscope
