// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/json_tree.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>
#include <optional>

#include <nlohmann/json.hpp>

#include "core/text.h"

namespace epscope {
namespace {

// Tells how far the parser has read: its events carry no positions.
struct Cursor {
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char *;
    using reference = const char &;

    const char *at;
    const char **read;

    reference operator*() const { return *at; }
    Cursor &operator++()
    {
        *read = ++at;
        return *this;
    }
    Cursor operator++(int)
    {
        const Cursor before = *this;
        ++*this;
        return before;
    }
    bool operator==(const Cursor &other) const { return at == other.at; }
};

class JsonTreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
public:
    JsonTreeBuilder(std::string_view text, std::string name)
        : read(text.data())
        , begin(text.data())
        , end(text.data() + text.size())
        , line_start(text.data())
        , counted(text.data())
        , file(std::move(name))
    {
    }

    const char *read; // one behind the last character that the parser has seen
    YamlNode root;
    std::optional<Diagnostic> problem;

    bool null() override { return add(word_start(), YamlNode::Kind::null, {}); }
    bool boolean(bool value) override { return add(word_start(), YamlNode::Kind::scalar, value ? "true" : "false"); }
    bool number_integer(number_integer_t) override { return number(); }
    bool number_unsigned(number_unsigned_t) override { return number(); }
    bool number_float(number_float_t, const string_t &) override { return number(); }
    bool string(string_t &value) override { return add(quote_start(), YamlNode::Kind::scalar, std::move(value), true); }
    bool binary(binary_t &) override { return false; } // of other formats than JSON
    bool start_object(std::size_t) override { return open(YamlNode::Kind::map); }
    bool start_array(std::size_t) override { return open(YamlNode::Kind::sequence); }
    bool end_object() override
    {
        std::vector<const YamlNode *> keys;
        for (const YamlEntry &entry : stack.back().entries)
            keys.push_back(&entry.key);
        std::stable_sort(
            keys.begin(), keys.end(), [](const YamlNode *a, const YamlNode *b) { return a->scalar < b->scalar; });
        const auto twice = std::adjacent_find(
            keys.begin(), keys.end(), [](const YamlNode *a, const YamlNode *b) { return a->scalar == b->scalar; });
        if (twice != keys.end())
            return refuse(*twice[1], "duplicate key " + in_quotes(twice[1]->scalar) + "; each may stand once");
        return close();
    }
    bool end_array() override { return close(); }
    bool key(string_t &value) override
    {
        YamlEntry entry;
        entry.key = node(quote_start(), YamlNode::Kind::scalar);
        entry.key.scalar = std::move(value);
        stack.back().entries.push_back(std::move(entry));
        return true;
    }

    bool parse_error(std::size_t, const std::string &, const nlohmann::detail::exception &error) override
    {
        const char *from = word_start();
        if (from == read && from > begin) // at something that is no word
            --from;
        const YamlNode where = node(from, YamlNode::Kind::null);
        if (error.id == number_overflow)
            return refuse(where, "the number " + in_quotes(number_text()) + " is too large");
        const std::string word(from, std::find_if(from, end, [](unsigned char c) { return !std::isalpha(c); }));
        const std::string_view what = error.what();
        const bool is_word = what.find("parsing object key") == std::string_view::npos
            && what.find("invalid literal") != std::string_view::npos;
        if (is_word && !word.empty())
            return refuse(where,
                "is not valid JSON: " + in_quotes(word)
                    + " is no value; allowed are numbers, texts in double quotes, true, false, null, lists and "
                      "objects");
        return refuse(where, "is not valid JSON: " + reason_of(what));
    }

private:
    static constexpr int number_overflow = 406; // of nlohmann::json::out_of_range
    const char *begin;
    const char *end;
    const char *line_start; // of the last node
    const char *counted; // its lines are
    int line = 1;
    std::string file;
    std::vector<YamlNode> stack;

    bool refuse(const YamlNode &where, std::string reason)
    {
        problem = Diagnostic{file, where.line, where.column, "", std::move(reason)};
        return false;
    }

    // Nodes come in the order of the text; only an error may lie in what has been counted, and in the same line.
    YamlNode node(const char *from, YamlNode::Kind kind)
    {
        for (; counted < from; ++counted) {
            if (*counted == '\n') {
                ++line;
                line_start = counted + 1;
            }
        }
        YamlNode made;
        made.kind = kind;
        made.line = line;
        made.column = static_cast<int>(from - line_start) + 1;
        return made;
    }

    bool add(const char *from, YamlNode::Kind kind, std::string value, bool quoted = false)
    {
        YamlNode made = node(from, kind);
        made.scalar = std::move(value);
        made.quoted = quoted;
        place(std::move(made));
        return true;
    }

    bool number() { return add(number_start(), YamlNode::Kind::scalar, number_text()); }

    bool open(YamlNode::Kind kind)
    {
        YamlNode made = node(read - 1, kind);
        if (stack.size() >= deepest_nesting)
            return refuse(made, too_deep());
        stack.push_back(std::move(made));
        return true;
    }

    bool close()
    {
        YamlNode made = std::move(stack.back());
        stack.pop_back();
        place(std::move(made));
        return true;
    }

    void place(YamlNode made)
    {
        if (stack.empty())
            root = std::move(made);
        else if (stack.back().kind == YamlNode::Kind::sequence)
            stack.back().items.push_back(std::move(made));
        else
            stack.back().entries.back().value = std::move(made);
    }

    // The start of the token that ends where the parser has read to: a word, a number, behind which one more character
    // may have been read, or a text in quotes.
    const char *word_start() const
    {
        const char *from = read;
        while (from > begin && std::isalpha(static_cast<unsigned char>(from[-1])))
            --from;
        return from;
    }
    static bool is_of_number(char c)
    {
        return std::isdigit(static_cast<unsigned char>(c))
            || std::string_view("+-.eE").find(c) != std::string_view::npos;
    }
    const char *number_end() const { return read > begin && !is_of_number(read[-1]) ? read - 1 : read; }
    const char *number_start() const
    {
        const char *from = number_end();
        while (from > begin && is_of_number(from[-1]))
            --from;
        return from;
    }
    std::string number_text() const { return {number_start(), number_end()}; }
    const char *quote_start() const
    {
        for (const char *from = read - 2; from > begin; --from) {
            if (*from != '"')
                continue;
            const char *escape = from;
            while (escape > begin && escape[-1] == '\\')
                --escape;
            if ((from - escape) % 2 == 0)
                return from;
        }
        return begin;
    }

    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing value - invalid
    // literal; last read: '{x'; expected ..." without what stands elsewhere or may be long.
    static std::string reason_of(std::string_view what)
    {
        if (const std::size_t colon = what.find(": "); colon != std::string_view::npos)
            what.remove_prefix(colon + 2);
        const std::size_t token = what.find("; last read: '");
        if (token == std::string_view::npos)
            return std::string(what);
        const std::size_t expected = what.rfind("'; expected ");
        return std::string(what.substr(0, token))
            + std::string(expected != std::string_view::npos && expected > token ? what.substr(expected + 1) : "");
    }
};

} // namespace

Read<YamlNode> parse_json(std::string_view text, const std::string &file)
{
    if (auto problems = utf8_problems(text, file); !problems.empty())
        return {std::nullopt, std::move(problems)};
    // nlohmann's parser reads a NUL as the end of the input and would silently drop what follows.
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
        return {std::nullopt, {{file, 0, 0, "", "is not a JSON text file: byte " + std::to_string(nul) + " is NUL"}}};
    JsonTreeBuilder builder(text, file);
    const char *end = text.data() + text.size();
    if (nlohmann::json::sax_parse(Cursor{text.data(), &builder.read}, Cursor{end, &builder.read}, &builder))
        return {std::move(builder.root), {}};
    return {std::nullopt, {*builder.problem}};
}

std::optional<double> number_of(const YamlNode &value)
{
    double number = 0;
    if (value.kind != YamlNode::Kind::scalar || value.quoted)
        return std::nullopt;
    const char *end = value.scalar.data() + value.scalar.size();
    const auto [rest, error] = std::from_chars(value.scalar.data(), end, number);
    return error == std::errc() && rest == end ? std::optional(number) : std::nullopt;
}

} // namespace epscope
