// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace epscope {

// An error leaves no value. A warning is said of a value that is taken: it is unusual, or contradicts something else.
enum class Severity { error, warning };

// One thing that is wrong with an input, and where. Lines and columns count from 1; 0 stands for the file as a whole.
struct Diagnostic {
    std::string file;
    int line = 0;
    int column = 0;
    std::string key; // path of the key, "chips[0].memory"; may be empty
    std::string message; // what is wrong, what is allowed
    Severity severity = Severity::error;
    std::size_t unlisted = 0; // of the last one of a list: how many more there are, of which nothing else is said

    bool operator==(const Diagnostic &) const = default;
};

// The problems of one input: the first ones are kept, the others only counted, so that neither memory nor what a person
// has to read grows with the input.
class ProblemList {
public:
    static constexpr std::size_t most_kept = 20;
    enum class Order { as_found, by_line };

    explicit ProblemList(Order the_order = Order::as_found)
        : order(the_order)
    {
    }
    explicit ProblemList(const std::vector<Diagnostic> &problems)
        : ProblemList()
    {
        add(problems);
    }

    // Overlong texts are shortened.
    void add(Diagnostic problem);
    void add(const std::vector<Diagnostic> &problems); // of another list, those counted there included
    void add_unlisted(std::size_t problems = 1) { found += problems; }
    std::size_t count() const { return found; }
    bool empty() const { return found == 0; }
    // One more would only be counted: its finder can leave out the words.
    bool full() const { return found >= most_kept; }
    const std::vector<Diagnostic> &kept() const { return first; }
    // At most one more than are kept: the last says how many there are besides.
    std::vector<Diagnostic> list() const;

private:
    Order order;
    std::vector<Diagnostic> first;
    std::size_t found = 0;
};

// How many problems a list tells of, those counted alone included.
std::size_t count_of(const std::vector<Diagnostic> &problems);

// Says that a text is not UTF-8, and where; nothing if it is.
std::vector<Diagnostic> utf8_problems(std::string_view text, const std::string &file);

// "file:line:column: key: message", "file:line:column: warning: key: message", on one line of bounded length
std::string text_of(const Diagnostic &diagnostic);

// A value read from input, or every problem found in it.
template <class T>
struct Read {
    std::optional<T> value;
    std::vector<Diagnostic> problems; // empty if and only if there is a value
    std::vector<Diagnostic> warnings = {}; // of the value

    explicit operator bool() const { return value.has_value(); }
};

} // namespace epscope
