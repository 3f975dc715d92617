// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/yaml_tree.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "core/text.h"

namespace epscope {
namespace {

struct Refused {
    YAML::Mark mark;
    std::string reason;
};

// How long the quoted text is that a text begins with; npos where its quote is never closed.
std::size_t quoted_length(std::string_view text)
{
    const char quote = text.front();
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\')
            ++i;
        else if (text[i] == quote && quote == '\'' && text.substr(i + 1).starts_with(quote))
            ++i;
        else if (text[i] == quote)
            return i + 1;
    }
    return std::string_view::npos;
}

class TreeBuilder final : public YAML::EventHandler {
public:
    explicit TreeBuilder(std::string_view the_text)
        : lines(split(the_text, '\n'))
        , text(the_text)
    {
    }

    YamlNode root;
    YAML::Mark start;

    void OnDocumentStart(const YAML::Mark &mark) override { start = mark; }
    void OnDocumentEnd() override { }

    void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override { add(mark, anchor, YamlNode::Kind::null, {}); }
    void OnScalar(
        const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor, const std::string &value) override
    {
        constexpr std::string_view quoted_tag = "!";
        if (tag == quoted_tag && !is_closed(mark))
            throw Refused{mark, "is not valid YAML: the quote is never closed"};
        add(mark, anchor, YamlNode::Kind::scalar, value);
    }
    void OnAlias(const YAML::Mark &mark, YAML::anchor_t) override
    {
        throw Refused{mark, "aliases are not allowed; write the value out"};
    }

    void OnSequenceStart(
        const YAML::Mark &mark, const std::string &, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        open(mark, anchor, YamlNode::Kind::sequence);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(
        const YAML::Mark &mark, const std::string &, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        open(mark, anchor, YamlNode::Kind::map);
    }
    void OnMapEnd() override { close(); }

private:
    std::vector<std::string_view> lines;
    std::string_view text;
    // Containers under construction, outermost first; finished ones move into their parent.
    std::vector<YamlNode> stack;

    // yaml-cpp 0.7 takes the end of the file for the end of a quoted text.
    bool is_closed(const YAML::Mark &mark) const
    {
        const auto line = static_cast<std::size_t>(mark.line);
        if (line >= lines.size() || static_cast<std::size_t>(mark.column) >= lines[line].size())
            return true;
        const std::string_view rest = text.substr(
            static_cast<std::size_t>(lines[line].data() - text.data()) + static_cast<std::size_t>(mark.column));
        const bool opens = rest.starts_with('"') || rest.starts_with('\'');
        return !opens || quoted_length(rest) != std::string_view::npos;
    }

    static bool awaits_value(const YamlNode &map) { return !map.entries.empty() && map.entries.back().value.line == 0; }

    void check_key(const YAML::Mark &mark, YamlNode::Kind kind) const
    {
        if (!stack.empty() && stack.back().kind == YamlNode::Kind::map && !awaits_value(stack.back())
            && kind != YamlNode::Kind::scalar)
            throw Refused{mark, "a key must be plain text"};
    }

    void place(YamlNode node)
    {
        if (stack.empty()) {
            root = std::move(node);
        } else if (YamlNode &parent = stack.back(); parent.kind == YamlNode::Kind::sequence) {
            parent.items.push_back(std::move(node));
        } else if (awaits_value(parent)) {
            auto &[key, value] = parent.entries.back();
            value = std::move(node);
            if (value.kind == YamlNode::Kind::null
                && value.line != key.line) { // yaml-cpp notices a missing value only at what follows
                value.line = key.line;
                value.column = key.column;
            }
        } else {
            parent.entries.push_back({std::move(node), {}});
        }
    }

    static YamlNode made(const YAML::Mark &mark, YAML::anchor_t anchor, YamlNode::Kind kind)
    {
        if (anchor != 0)
            throw Refused{mark, "anchors are not allowed; write the value out where it is used"};
        YamlNode node;
        node.kind = kind;
        node.line = mark.line + 1;
        node.column = mark.column + 1;
        return node;
    }

    void add(const YAML::Mark &mark, YAML::anchor_t anchor, YamlNode::Kind kind, const std::string &value)
    {
        check_key(mark, kind);
        YamlNode node = made(mark, anchor, kind);
        node.scalar = value;
        place(std::move(node));
    }

    void open(const YAML::Mark &mark, YAML::anchor_t anchor, YamlNode::Kind kind)
    {
        check_key(mark, kind);
        if (stack.size() >= deepest_nesting)
            throw Refused{mark, too_deep()};
        stack.push_back(made(mark, anchor, kind));
    }

    void close()
    {
        YamlNode node = std::move(stack.back());
        stack.pop_back();
        place(std::move(node));
    }
};

// How many bytes a blank takes that a text begins with and that ASCII lacks; 0 where there is none.
std::size_t wide_blank(std::string_view text)
{
    std::size_t length = 1;
    while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80)
        ++length;
    return length > 1 && as_typed(text.substr(0, length)) == " " ? length : 0;
}

// The blanks that a text begins with, plain ones in place of those that ASCII lacks, and the bytes that they take.
std::pair<std::string, std::size_t> leading_blanks(std::string_view text)
{
    std::string plain;
    std::size_t end = 0;
    while (end < text.size()) {
        const std::size_t wide = wide_blank(text.substr(end));
        if (wide == 0 && text[end] != ' ' && text[end] != '\t')
            break;
        plain += wide > 0 ? ' ' : text[end];
        end += std::max<std::size_t>(wide, 1);
    }
    return {plain, end};
}

// The text with plain blanks where YAML asks for one: at the start of a line, behind the dash of an entry, about the
// colon behind a key, and about the brackets and commas of a list or map on one line. What is pasted from a web page
// has others there, which YAML takes for letters. What is quoted, comments and values stay as they are.
std::string with_plain_blanks(std::string_view text)
{
    std::string plain(text.substr(0, text.size() - without_byte_order_mark(text).size()));
    text.remove_prefix(plain.size());
    bool in_key = true; // or before it
    char last = '\n'; // that is no blank
    int brackets = 0; // that are open
    bool closed = false; // the last of them, just now
    while (!text.empty()) {
        const auto [blanks, end] = leading_blanks(text);
        const bool at_start = last == '\n' || (in_key && last == '-');
        const bool behind_colon = in_key && last == ':';
        const bool about_colon = behind_colon || (in_key && text.substr(end).starts_with(':'));
        const auto next_is_one_of = [rest = text.substr(end)](std::string_view signs) {
            return !rest.empty() && signs.find(rest.front()) != signs.npos;
        };
        const bool behind_sign = brackets > 0 && std::string_view("[{,:").find(last) != std::string_view::npos;
        const bool about_sign = closed || behind_sign || (brackets > 0 && next_is_one_of("]},:\r\n"));
        plain += at_start || about_colon || about_sign ? std::string_view(blanks) : text.substr(0, end);
        text.remove_prefix(end);
        if (text.empty())
            break;
        const bool begins_value = at_start || behind_colon || behind_sign;
        if (text.front() == '#' && (plain.empty() || std::string_view(" \t\n").find(plain.back()) != plain.npos)) {
            const std::string_view comment = text.substr(0, text.find('\n'));
            plain += comment;
            text.remove_prefix(comment.size());
            continue;
        }
        in_key = text.front() == '\n' || (in_key && !behind_colon);
        const bool opens_quote = begins_value && (text.front() == '"' || text.front() == '\'');
        closed = brackets > 0 && (text.front() == ']' || text.front() == '}');
        if (closed)
            --brackets;
        else if ((text.front() == '[' || text.front() == '{') && (begins_value || brackets > 0))
            ++brackets;
        const std::string_view copied = text.substr(0, opens_quote ? quoted_length(text) : 1);
        last = copied.back();
        plain += copied;
        text.remove_prefix(copied.size());
    }
    return plain;
}

Read<YamlNode> refused(const std::string &file, const YAML::Mark &mark, const std::string &reason)
{
    return {std::nullopt, {{file, mark.line + 1, mark.column + 1, "", reason}}};
}

} // namespace

std::span<const YamlNode> items_of(const YamlNode *list)
{
    return list ? std::span<const YamlNode>(list->items) : std::span<const YamlNode>();
}

const YamlNode *value_of(const YamlNode &map, std::string_view key)
{
    for (const YamlEntry &entry : map.entries) {
        if (entry.key.scalar == key)
            return &entry.value;
    }
    return nullptr;
}

std::string too_deep()
{
    return "is nested too deeply; allowed are " + std::to_string(deepest_nesting) + " levels";
}

Read<YamlNode> parse_yaml(std::string_view written, const std::string &file)
{
    if (auto problems = utf8_problems(written, file); !problems.empty())
        return {std::nullopt, std::move(problems)};
    const std::string text = with_plain_blanks(written);
    // yaml-cpp reads a NUL as the end of the input and would silently drop what follows.
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
        return {std::nullopt, {{file, 0, 0, "", "is not a YAML text file: byte " + std::to_string(nul) + " is NUL"}}};
    std::istringstream stream{text};
    TreeBuilder builder(text);
    try {
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(builder))
            return {
                std::nullopt, {{file, 1, 1, "", "the file is empty; expected a chip, nic, model, profile or study"}}};
        TreeBuilder second(text);
        if (parser.HandleNextDocument(second))
            return refused(file, second.start, "holds more than one YAML document; expected one");
    } catch (const Refused &problem) {
        return refused(file, problem.mark, problem.reason);
    } catch (const YAML::Exception &problem) {
        return refused(file, problem.mark, "is not valid YAML: " + problem.msg);
    }
    return {std::move(builder.root), {}};
}

} // namespace epscope
