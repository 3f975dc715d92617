// SPDX-License-Identifier: GPL-3.0-or-later
// The real window over a state folder of its own, with answers in place of dialogs.
#pragma once

#include <memory>

#include <QAction>
#include <QApplication>
#include <QTest>

#include "app/charts/chart_view.h"
#include "app/charts/goal_scene.h"
#include "app/look/text_scale.h"
#include "app/window/main_window.h"
#include "tests/support/files.h"
#include "tests/support/settle.h"
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
    // So that the goal's chart has something to show.
    void seek_a_goal() { chart("goal").set_options(goal_values({"chip.memory_bandwidth", "throughput>=1000"})); }
    void set(const char *key, const QString &value)
    {
        if (const QString wrong = session().set(key, value); !wrong.isEmpty())
            qFatal("%s: %s", key, qPrintable(wrong));
    }
    // Few configurations, where a map of thousands of searches is to be drawn.
    void search_little()
    {
        set("ep", u"72..144:72"_qs);
        set("batch", u"64..256:64"_qs);
        answer();
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
        settle();
        return *session().explored();
    }
    ChartView &chart(const char *id)
    {
        for (ChartView *chart : window.charts()) {
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

// What the suites of the window keep: a folder and an explorer over it. To be reset by cleanup().
struct ExplorerSuite {
protected:
    Folder folder;
    std::unique_ptr<Explorer> explorer;

    // As ever first.
    Explorer &start()
    {
        explorer.reset();
        folder.renew();
        start_again();
        return *explorer;
    }
    // Over what the one before has left.
    void start_again()
    {
        explorer.reset();
        explorer = std::make_unique<Explorer>(folder.path());
    }
    template <class T>
    T &child(const QString &name = {})
    {
        T *found = explorer->window.findChild<T *>(name);
        if (!found)
            qFatal("no %s", qPrintable(name));
        return *found;
    }
    // Where the keyboard is.
    void press(QKeySequence keys)
    {
        const QKeyCombination key = keys[0];
        QWidget *target = QApplication::focusWidget() ? QApplication::focusWidget() : &explorer->window;
        QTest::keyClick(target, key.key(), key.keyboardModifiers());
    }
};

} // namespace epscope::testing
