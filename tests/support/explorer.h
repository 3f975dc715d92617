// SPDX-License-Identifier: GPL-3.0-or-later
// The real window over a state folder of its own, with answers in place of dialogs.
#pragma once

#include <QAction>
#include <QApplication>
#include <QTemporaryDir>
#include <QtTest>

#include "app/main_window.h"
#include "app/text_scale.h"
#include "core/spec/parameters.h"
#include "tests/support/studies.h"

namespace epscope::testing {

// What the dialogs answer, and what they have said.
struct Answers {
    QString file, folder, text;
    Dialogs::Unsaved unsaved = Dialogs::Unsaved::discard;
    Dialogs::Recovery recovery = Dialogs::Recovery::recover;
    bool confirm = true;
    QStringList warnings, questions, proposals;

    Dialogs dialogs()
    {
        return {[this](QWidget *, const QString &, const QString &) { return file; },
            [this](QWidget *, const QString &, const QString &proposal, const QStringList &) {
                proposals << proposal;
                return file;
            },
            [this](QWidget *, const QString &) { return folder; },
            [this](QWidget *, const QString &name) {
                questions << name;
                return unsaved;
            },
            [this](QWidget *, const QString &question) {
                questions << question;
                return recovery;
            },
            [this](QWidget *, const QString &, const QString &question) {
                questions << question;
                return confirm;
            },
            [this](QWidget *, const QString &title, const QString &message) { warnings << title + u": "_qs + message; },
            [this](QWidget *, const QString &title, const QString &, const QString &) {
                questions << title;
                return text;
            }};
    }
};

struct Explorer {
    ThemeSource theme;
    Answers answers;
    MainWindow window;

    explicit Explorer(const QString &state_folder, const Library &library = shipped_library())
        : window(library, theme, state_folder)
    {
        theme.choose(ThemeChoice::light);
        window.set_dialogs(answers.dialogs());
        window.resize(1920, 1040);
        window.reset_layout();
    }
    void show(const QString &study = QStringLiteral("published-v1"))
    {
        window.open(study);
        window.show();
        window.activateWindow();
        if (!QTest::qWaitForWindowActive(&window))
            qFatal("the window does not come up");
        answer();
    }

    Session &session() { return window.session(); }
    const Study &study() { return session().study(); }
    void set(const char *key, const QString &value)
    {
        if (const QString wrong = session().set(key, value); !wrong.isEmpty())
            qFatal("%s: %s", key, qPrintable(wrong));
    }
    // The exact one to the inputs as they are now, drawn.
    const Explored &answer()
    {
        const auto up_to_date = [this] {
            return session().explored() && session().explored()->inputs == session().inputs()
                && session().explored()->exact;
        };
        if (!QTest::qWaitFor(up_to_date, 20000))
            qFatal("no answer");
        for (int pass = 0; pass < 2; ++pass)
            QApplication::processEvents();
        return *session().explored();
    }
    Chart &chart(const char *id)
    {
        for (Chart *chart : window.charts()) {
            if (chart->id() == QLatin1String(id))
                return *chart;
        }
        qFatal("no chart %s", id);
    }
    // By its text in the menu, without the underlined letter's mark.
    QAction &action(const QString &text)
    {
        for (QAction *action : window.findChildren<QAction *>()) {
            if (action->text().remove(u'&') == text)
                return *action;
        }
        qFatal("no action %s", qPrintable(text));
    }
};

inline Study with(Study study, const std::string &key, const std::string &value)
{
    if (const auto wrong = set_parameter(study, key, value, BareNumbers::allowed))
        throw std::runtime_error(key + ": " + *wrong);
    return study;
}

} // namespace epscope::testing
