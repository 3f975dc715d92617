// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QStringList>

#include "app/session/session.h"
#include "app/window/messages.h"
#include "core/io/library.h"

namespace epscope {

// The measurements that estimates are compared with: the library's files and those that a person has opened, read again
// when they change.
class MeasurementFiles {
    Q_DECLARE_TR_FUNCTIONS(epscope::MeasurementFiles)
public:
    MeasurementFiles(Session &session, const Library &library, const Messages &messages);

    // Files opened in addition to the library's.
    const QStringList &opened() const { return own; }
    // Those of an earlier session; files that are gone are left out.
    void reopen(const QStringList &files);
    // Reads what has changed since it was read last; what is wrong with it is said.
    void follow();
    // Reads all of them, as what they are matched with has changed: the chips of the study or the library.
    void reread();
    // One more file; what is wrong with it, of which then nothing is taken.
    QStringList take(const QString &file);

private:
    Session &session;
    const Library &library;
    const Messages &messages;
    QStringList own;
    QStringList read; // files as they were when read last, with their times and sizes
};

} // namespace epscope
