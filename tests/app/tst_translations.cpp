// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the sources of the explorer: every text that is marked for translation is looked up in the context for which it
// is marked. A text in another one is never translated, and nothing else says so.
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTest>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/support/suite.h"

namespace {

struct Token {
    enum class Kind { word, text, sign };
    Kind kind = Kind::sign;
    std::string value; // of a text what stands between its quotes
    int line = 0;

    bool is(std::string_view sign) const { return kind != Kind::text && value == sign; }
};

// Words, texts and signs of C++; no comments, no preprocessor.
std::vector<Token> tokens_of(const std::string &source)
{
    std::vector<Token> tokens;
    int line = 1;
    std::size_t at = 0;
    const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    const auto starts = [&](std::string_view what) { return source.compare(at, what.size(), what) == 0; };
    const auto skip_to = [&](std::size_t end) {
        end = std::min(end, source.size());
        line += static_cast<int>(std::count(
            source.begin() + static_cast<std::ptrdiff_t>(at), source.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
        at = end;
    };
    while (at < source.size()) {
        const char c = source[at];
        const int here = line;
        if (starts("//") || c == '#') {
            std::size_t end = source.find('\n', at);
            while (end != std::string::npos && source[end - 1] == '\\')
                end = source.find('\n', end + 1);
            skip_to(end);
        } else if (starts("/*")) {
            skip_to(source.find("*/", at) + 2);
        } else if (starts("R\"")) {
            const std::size_t open = source.find('(', at);
            const std::string close = ")" + source.substr(at + 2, open - at - 2) + "\"";
            const std::size_t end = source.find(close, open);
            tokens.push_back({Token::Kind::text, source.substr(open + 1, end - open - 1), here});
            skip_to(end + close.size());
        } else if (c == '"' || c == '\'') {
            std::size_t end = at + 1;
            while (source[end] != c)
                end += source[end] == '\\' ? 2 : 1;
            if (c == '"')
                tokens.push_back({Token::Kind::text, source.substr(at + 1, end - at - 1), here});
            skip_to(end + 1);
        } else if (is_word(c)) {
            std::size_t end = at;
            const bool number = std::isdigit(static_cast<unsigned char>(c));
            while (end < source.size() && (is_word(source[end]) || (number && source[end] == '\'')))
                ++end;
            if (!(end < source.size() && source[end] == '"')) // else the prefix of a text
                tokens.push_back({Token::Kind::word, source.substr(at, end - at), here});
            skip_to(end);
        } else if (starts("::") || starts("->")) {
            tokens.push_back({Token::Kind::sign, source.substr(at, 2), here});
            skip_to(at + 2);
        } else {
            if (!std::isspace(static_cast<unsigned char>(c)))
                tokens.push_back({Token::Kind::sign, std::string(1, c), here});
            skip_to(at + 1);
        }
    }
    return tokens;
}

// A text marked or looked up: tr("..."), QT_TR_NOOP and the like; without one what is looked up is known only when the
// program runs.
struct Use {
    enum class How { marked, looked_up, both };
    How how = How::both;
    std::string context;
    std::string place; // "file:line"
};

struct Sources {
    std::map<std::string, std::string> contexts; // by the name of the class as it is called
    std::vector<Use> uses;
    std::vector<std::string> problems;
};

// What a brace opens.
struct Scope {
    enum class Kind { other, name_space, type, function };
    Kind kind = Kind::other;
    std::string type; // of a type or of a function that belongs to one, with those around it
    std::size_t header = 0; // where the statement begins in which the brace stands
    int parentheses = 0; // that are open before it
};

class Reader {
public:
    Reader(const QString &the_file, const std::vector<Token> &the_tokens, Sources &the_sources)
        : file(the_file.toStdString())
        , tokens(the_tokens)
        , sources(the_sources)
    {
    }

    // First the classes with contexts of their own, in all files; then what uses them.
    void read(bool classes)
    {
        int parentheses = 0;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            const Token &token = tokens[i];
            if (token.is("{")) {
                Scope scope = opened(i);
                scope.header = header;
                scope.parentheses = std::exchange(parentheses, 0);
                scopes.push_back(std::move(scope));
                header = i + 1;
            } else if (token.is("}")) {
                if (scopes.empty()) {
                    sources.problems.push_back(place(i) + ": braces do not match");
                    return;
                }
                // The statement goes on behind a lambda, and in "Class::Class() : member{1}, other{2} {".
                parentheses = scopes.back().parentheses;
                const bool goes_on = parentheses > 0 || next_is(i, ",") || next_is(i, "{");
                header = goes_on ? scopes.back().header : i + 1;
                scopes.pop_back();
            } else if (token.is(";")) {
                header = i + 1;
            } else if (token.is("(") || token.is(")")) {
                parentheses += token.is("(") ? 1 : -1;
            } else if (classes) {
                declare(i);
            } else {
                use(i);
            }
        }
    }

private:
    const std::string file;
    const std::vector<Token> &tokens;
    Sources &sources;
    std::vector<Scope> scopes;
    std::size_t header = 0; // where the statement begins

    std::string place(std::size_t i) const { return file + ":" + std::to_string(tokens[i].line); }
    bool next_is(std::size_t i, std::string_view sign) const { return i + 1 < tokens.size() && tokens[i + 1].is(sign); }

    std::string enclosing() const
    {
        for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
            if (!scope->type.empty())
                return scope->type;
        }
        return {};
    }

    Scope opened(std::size_t brace) const
    {
        const bool in_function = std::any_of(
            scopes.begin(), scopes.end(), [](const Scope &scope) { return scope.kind == Scope::Kind::function; });
        for (std::size_t i = header; i < brace; ++i) {
            if (tokens[i].is("namespace"))
                return {Scope::Kind::name_space, {}};
            if (tokens[i].is("enum"))
                return {};
            if (tokens[i].is("(") || tokens[i].is("="))
                break;
            const bool type = tokens[i].is("class") || tokens[i].is("struct") || tokens[i].is("union");
            if (!type || i + 1 >= brace || tokens[i + 1].kind != Token::Kind::word)
                continue;
            std::string name = tokens[i + 1].value;
            for (std::size_t k = i + 2; k + 1 < brace && tokens[k].is("::"); k += 2)
                name += "::" + tokens[k + 1].value;
            const std::string outer = enclosing();
            return {Scope::Kind::type, outer.empty() ? name : outer + "::" + name};
        }
        if (in_function)
            return {};
        if (const std::optional<std::string> type = type_of_function(brace))
            return {Scope::Kind::function, type->empty() ? enclosing() : *type};
        return {};
    }

    // The class that the statement up to here names: "Ret Class::Inner::function(". Empty for a function inside of a
    // class or of none; nothing where it is no function.
    std::optional<std::string> type_of_function(std::size_t until) const
    {
        for (std::size_t i = header; i < until; ++i) {
            if (!tokens[i].is("("))
                continue;
            std::vector<std::string> names;
            for (std::size_t k = i; k-- > header;) {
                if (tokens[k].kind == Token::Kind::word && (names.empty() || tokens[k + 1].is("::")))
                    names.insert(names.begin(), tokens[k].value);
                else if (!tokens[k].is("::") && !tokens[k].is("~"))
                    break;
            }
            if (names.empty())
                continue;
            names.pop_back();
            std::string type;
            for (const std::string &name : names)
                type += (type.empty() ? "" : "::") + name;
            return type;
        }
        return std::nullopt;
    }

    void declare(std::size_t i)
    {
        if (tokens[i].is("Q_OBJECT"))
            add(enclosing(), "epscope::" + enclosing(), i);
        if (tokens[i].is("Q_DECLARE_TR_FUNCTIONS")) {
            std::string context;
            for (std::size_t k = i + 2; !tokens[k].is(")"); ++k)
                context += tokens[k].value;
            add(enclosing(), context, i);
        }
    }

    void add(const std::string &type, const std::string &context, std::size_t i)
    {
        if (!context.starts_with("epscope::"))
            sources.problems.push_back(place(i) + ": the context " + context + " is not epscope's");
        const auto [known, added] = sources.contexts.emplace(type, context);
        if (!added && known->second != context)
            sources.problems.push_back(place(i) + ": another " + type + " has the context " + known->second);
    }

    void use(std::size_t i)
    {
        const bool call = next_is(i, "(");
        const bool literal = i + 2 < tokens.size() && tokens[i + 2].kind == Token::Kind::text;
        const Use::How how = literal ? Use::How::both : Use::How::looked_up;
        if (tokens[i].is("tr") && call)
            add_use(how, context_of_call(i), i);
        else if (tokens[i].is("QT_TR_NOOP"))
            add_use(Use::How::marked, context_of_call(i), i);
        else if (tokens[i].is("QT_TRANSLATE_NOOP"))
            add_use(Use::How::marked, tokens[i + 2].value, i);
        else if (tokens[i].is("translate") && call && literal)
            add_use(
                tokens[i + 4].kind == Token::Kind::text ? Use::How::both : Use::How::looked_up, tokens[i + 2].value, i);
    }

    void add_use(Use::How how, const std::string &context, std::size_t i)
    {
        if (!context.empty())
            sources.uses.push_back({how, context, place(i)});
    }

    // In which a call of tr() looks: that of the class that it names or in which it stands.
    std::string context_of_call(std::size_t i)
    {
        std::string type = enclosing();
        if (type.empty()) // what a constructor initialises
            type = type_of_function(i).value_or(std::string());
        if (i >= 2 && tokens[i - 1].is("::"))
            type = tokens[i - 2].value;
        if (type == "QObject")
            return "QObject";
        // A class without a context of its own looks in that of the class around it only if that is asked by name.
        const auto known = sources.contexts.find(type);
        if (known != sources.contexts.end())
            return known->second;
        sources.problems.push_back(place(i) + ": "
            + (type.empty() ? std::string("tr() outside of a class: no context can be told")
                            : "tr() of " + type + ", which has neither Q_OBJECT nor Q_DECLARE_TR_FUNCTIONS"));
        return {};
    }
};

Sources read_all(const std::map<QString, std::string> &files)
{
    std::map<QString, std::vector<Token>> tokens;
    for (const auto &[file, text] : files)
        tokens[file] = tokens_of(text);
    Sources sources;
    for (const bool classes : {true, false}) {
        for (const auto &[file, all] : tokens)
            Reader(file, all, sources).read(classes);
    }
    // Texts that stand elsewhere are looked up at run time: those of the tables of parameters, outputs and a
    // profile's rules.
    const std::set<std::string> of_tables{
        "epscope::Parameter", "epscope::Output", "epscope::Axis", "epscope::ProfileRule"};
    std::set<std::string> known(of_tables), marked(of_tables), looked_up;
    for (const auto &[type, context] : sources.contexts)
        known.insert(context);
    for (const Use &use : sources.uses) {
        if (use.how == Use::How::marked)
            marked.insert(use.context);
        if (use.how == Use::How::looked_up)
            looked_up.insert(use.context);
    }
    for (const Use &use : sources.uses) {
        if (!known.contains(use.context) && use.context != "QObject")
            sources.problems.push_back(use.place + ": no class has the context " + use.context);
        else if (use.how == Use::How::marked && !looked_up.contains(use.context))
            sources.problems.push_back(use.place + ": marked for " + use.context + ", in which nothing is looked up");
        else if (use.how == Use::How::looked_up && !marked.contains(use.context))
            sources.problems.push_back(use.place + ": looked up in " + use.context + ", for which nothing is marked");
    }
    return sources;
}

} // namespace

class TestTranslations : public QObject {
    Q_OBJECT

private slots:
    void every_text_is_looked_up_where_it_is_marked()
    {
        std::map<QString, std::string> files;
        QDirIterator folder(QStringLiteral(EPSCOPE_SOURCE_DIR "/app"), {u"*.cpp"_qs, u"*.h"_qs}, QDir::Files,
            QDirIterator::Subdirectories);
        while (folder.hasNext()) {
            QFile file(folder.next());
            QVERIFY(file.open(QIODevice::ReadOnly));
            files[QDir(QStringLiteral(EPSCOPE_SOURCE_DIR)).relativeFilePath(file.fileName())] =
                file.readAll().toStdString();
        }
        QVERIFY(files.size() > 100);
        const Sources sources = read_all(files);
        QStringList problems;
        for (const std::string &problem : sources.problems)
            problems << QString::fromStdString(problem);
        QVERIFY2(problems.isEmpty(), qPrintable(problems.join(u'\n')));
        // It has found them: more than a thousand texts, those of tables among them.
        QVERIFY2(sources.uses.size() > 1000, std::to_string(sources.uses.size()).c_str());
        for (const char *context : {"epscope::ResultsModel", "epscope::ChartView", "epscope::InputPanel"})
            QVERIFY2(std::any_of(sources.uses.begin(), sources.uses.end(),
                         [&](const Use &use) { return use.how == Use::How::marked && use.context == context; }),
                context);
    }

    void wrong_contexts_are_found_data()
    {
        QTest::addColumn<QByteArray>("source");
        QTest::addColumn<QByteArray>("says"); // empty: nothing is wrong
        const auto row = [](const char *name, const char *source, const char *says) {
            QTest::newRow(name) << QByteArray(source) << QByteArray(says);
        };
        row("its own", "class A : public QObject { Q_OBJECT void f() { tr(\"a\"); } };", "");
        row("outside of the class", "class A { Q_OBJECT void f(); }; void A::f() { g([] { tr(\"a\"); }); }", "");
        row("by name", "class A { Q_OBJECT }; namespace { QString f() { return A::tr(\"a\"); } }", "");
        row("declared", "struct T { Q_DECLARE_TR_FUNCTIONS(epscope::T) }; QString f() { return T::tr(\"a\"); }", "");
        row("constructor", "class A { Q_OBJECT A(); }; A::A() : a{1}, b{\"x\"} { tr(\"a\"); }", "");
        row("initialisers", "class A { Q_OBJECT A(); }; A::A() : a(new B(tr(\"a\"), [] { c(); })), d(tr(\"b\")) { }",
            "");
        row("nested", "class A { Q_OBJECT class B; }; class A::B { void f() { A::tr(\"a\"); } };", "");
        row("table", "class A { Q_OBJECT void f() { tr(t[0]); } }; T t[] = {QT_TRANSLATE_NOOP(\"epscope::A\", \"a\")};",
            "");
        row("in a text or a comment", "/* tr(\"a\") */ const char *s = \"tr(x)\"; // tr(\"b\")", "");
        row("in no class", "QString f() { return tr(\"a\"); }", "a.cpp:1: tr() outside of a class");
        row("a function called so", "QString tr(const char *s) { return s; }", "tr() outside of a class");
        row("of a base class", "class A : public QWidget { void f() { tr(\"a\"); } };", "tr() of A, which has neither");
        row("inner class", "class A { Q_OBJECT struct B { void f() { tr(\"a\"); } }; };", "tr() of A::B, which has");
        row("without the namespace", "struct T { Q_DECLARE_TR_FUNCTIONS(T) };", "T is not epscope's");
        row("another context", "class A { Q_OBJECT void f() { tr(t); } }; auto t = QT_TRANSLATE_NOOP(\"A\", \"a\");",
            "no class has the context A");
        row("never looked up", "class A { Q_OBJECT }; auto t = QT_TRANSLATE_NOOP(\"epscope::A\", \"a\");",
            "in which nothing is looked up");
        row("never marked", "class A { Q_OBJECT void f() { tr(t); } };", "for which nothing is marked");
        row("two of a name",
            "struct T { Q_DECLARE_TR_FUNCTIONS(epscope::S) }; struct T { Q_DECLARE_TR_FUNCTIONS(epscope::T) };",
            "another T has the context");
    }

    void wrong_contexts_are_found()
    {
        QFETCH(QByteArray, source);
        QFETCH(QByteArray, says);
        const Sources sources = read_all({{QStringLiteral("a.cpp"), source.toStdString()}});
        std::string problems;
        for (const std::string &problem : sources.problems)
            problems += problem + "\n";
        if (says.isEmpty())
            QVERIFY2(problems.empty(), problems.c_str());
        else
            QVERIFY2(problems.find(says.toStdString()) != std::string::npos, problems.c_str());
    }
};

EPSCOPE_SUITE(translations, TestTranslations)
#include "tst_translations.moc"
