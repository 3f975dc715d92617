// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QString>
#include <QStringList>

class QWidget;

namespace epscope {

// Problems under each other, at most as many lines as a box of a small screen holds, and how many more there are.
QString list_of_problems(const QStringList &problems);

// What the window asks a person; replaced in tests.
struct Dialogs {
    enum class Unsaved { save, discard, cancel };
    enum class Recovery { recover, discard, later };

    std::function<QString(QWidget *, const QString &title, const QString &filter)> open_file; // empty: cancelled
    // Asks before a file is replaced. A name without a suffix gets that of the chosen filter.
    std::function<QString(QWidget *, const QString &title, const QString &proposal, const QStringList &filters)>
        save_file;
    std::function<QString(QWidget *, const QString &title)> choose_folder;
    std::function<Unsaved(QWidget *, const QString &name)> unsaved;
    std::function<Recovery(QWidget *, const QString &question)> recover;
    std::function<bool(QWidget *, const QString &title, const QString &question)> confirm;
    std::function<void(QWidget *, const QString &title, const QString &text)> warn;
    std::function<QString(QWidget *, const QString &title, const QString &label, const QString &before)>
        ask_text; // empty: cancelled

    static Dialogs native();
};

} // namespace epscope
