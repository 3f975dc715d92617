// SPDX-License-Identifier: GPL-3.0-or-later
// The file that the session's study belongs to: opening, saving, recent files, and what survives a crash or a restart.
// Dialogs are up to the window.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QByteArray>
#include <QDateTime>
#include <QMap>
#include <QObject>
#include <QSettings>
#include <QString>
#include <QStringList>
#include <QTimer>

#include "app/session/outbox.h"
#include "app/session/session.h"
#include "app/session/worker.h"
#include "core/io/library.h"

namespace epscope {

// $XDG_STATE_HOME/epscope, by default ~/.local/state/epscope.
QString default_state_folder();
// What a file holds, by its content: an exported picture holds its study. Nothing for anything else; `why` then says
// what a YAML file lacks.
std::optional<Kind> kind_of_file(const QString &file, QString *why = nullptr);
// Like `file` with .yaml behind it, unless it ends so.
QString study_file_name(const QString &file);
// A name for a study or baseline after that of its file.
QString name_of_file(const QString &file);

class Documents : public QObject {
    Q_OBJECT
public:
    Documents(Session &session, const Library &library, const QString &state_folder = default_state_folder(),
        QObject *parent = nullptr);
    // A clean end: nothing is left to recover.
    ~Documents() override;

    const QString &file() const { return path; } // empty: not saved yet
    const QString &library_study() const { return from_library; } // that this started from, unless it has a file
    QString title() const; // for the window: the file's name or the study's title
    bool modified() const;

    // Everything that is wrong, one line each; the session is unchanged then.
    QStringList open_library_study(const QString &name);
    Read<StudyFile> read(const QString &file) const; // without opening it
    QStringList open(const QString &file); // YAML, or an exported picture, which then has no file yet
    // A chip, NIC, model or profile becomes part of the study, in place of one of the same name. A model may be a
    // folder with its config.json. `warnings`: what there is to say of what was taken.
    QStringList take(Kind kind, const QString &file, QStringList *warnings = nullptr);
    // Somebody else has written the file since it was opened or saved here.
    bool changed_on_disk() const;
    // What went wrong, or an empty text. save() needs a file. A study that had none yet is named after its first.
    QString save();
    QString save_as(const QString &file);

    QStringList recent() const; // newest first
    void clear_recent();

    // A study that a session which did not end well has left behind.
    struct Recoverable {
        QString recovery; // file in the state folder
        QString title;
        QString file, library_study; // that it belonged to; may be empty
        QDateTime saved;
    };
    std::vector<Recoverable> recoverable() const; // newest first
    QStringList recover(const Recoverable &left);
    void discard(const Recoverable &left);

    // What the window remembers from one start to the next.
    struct LastSession {
        QByteArray geometry, layout;
        QString file, library_study;
        std::optional<Selection> selection;
        QMap<QString, QByteArray> zooms; // by chart id
        QStringList folded; // sections of the inputs
        QStringList measurements; // files next to the library's
        QMap<QString, QString> view; // theme, scale and what else the menus switch
        StudyFile pinned; // whose baselines they were
    };
    void remember(const LastSession &last);
    // Nothing of it where any of it has been damaged since.
    LastSession last_session() const;

signals:
    void changed(); // file, title, modified or recent files
    void autosave_failed(const QString &problem);

private:
    Session &session;
    const Library &library;
    QString folder;
    QString path, from_library;
    QDateTime written; // the file as it is known here
    bool unsaved = false; // although the session's study is as it was opened: recovered
    bool was_modified = false;
    mutable QSettings settings;

    class FileLock;
    QString recovery; // own file, while `lock` is held
    std::unique_ptr<FileLock> lock;
    std::optional<SessionState> autosaved;
    QTimer autosave_timer;
    qint64 autosave_due = 0; // at the latest, in ms since the epoch; 0: nothing to do
    QString last_problem;
    struct Recovery {
        QString file;
        QByteArray text;
    };
    Outbox reports; // of the writer
    std::optional<Worker<Newest<Recovery>>> writer; // while there is something to recover; last: it uses the above

    void opened(const QString &file, const QString &library_study);
    void add_recent(const QString &file);
    void session_changed();
    void autosave();
    void write_recovery(const Recovery &job);
    void autosave_done(const QString &problem);
    QByteArray recovery_text() const;
    void lock_recovery();
    void drop_recovery();
};

} // namespace epscope
