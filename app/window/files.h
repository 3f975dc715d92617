// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>

#include "app/session/documents.h"
#include "app/window/measurement_files.h"

class QEvent;

namespace epscope {

// Opening, saving and recovering studies, with the questions that this takes; parts of a study, measurements and files
// dropped on the window; the library, read again when it has changed.
class Files : public QObject {
    Q_OBJECT
public:
    // Starts with a study of the library, so that there is something to show.
    Files(Session &session, Library &library, const Messages &messages, const QString &state_folder);

    // What keeps a window over this library from starting: the study that it starts with cannot be read.
    static std::vector<Diagnostic> start_problems(const Library &library);

    Documents &documents() { return files; }
    const Documents &documents() const { return files; }

    // A study file, a picture exported from one, or a study of the library by name. Says what is wrong and keeps the
    // last good state.
    bool open(const QString &source);
    // As open(), once nothing unsaved is in the way.
    bool open_in_place(const QString &source);
    // Studies and pictures are opened, the parts of a study become part of this one.
    void take(const QStringList &chosen);
    void ask_what_to_open();
    void ask_for_profile();
    bool save();
    bool save_as();
    // Asks about changes that have not been saved.
    bool may_leave();

    // Opens `source` or, without one, what was on show last, with scenario, pick and baselines; true if that is back.
    bool restore(const Documents::LastSession &last, const QString &source);
    // What restore() needs.
    void remember(Documents::LastSession &last) const;
    // What a crash has left.
    void offer_recovery();
    // Files that somebody has added meanwhile are offered without a restart.
    void reread_library();
    // Files dragged over or dropped on the window: true if they are taken, which happens later.
    bool take_drop(QEvent &event);

signals:
    void opened(); // another study is on show
    void library_changed();
    void pins_dropped(const QStringList &files); // with Shift: to be compared with

private:
    Session &session;
    Library &library;
    const Messages &messages;
    Documents files;
    MeasurementFiles measurements;

    void say_taken(Kind kind, const QString &file, const QStringList &warnings) const;
    bool say_saved(const QString &problem) const;
};

// The scenario on show and the baselines.
StudyFile shown_alone(const Session &session);

} // namespace epscope
