// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/measurement_files.h"

#include <QDateTime>
#include <QFileInfo>

#include "app/words/text.h"
#include "core/io/diagnostic.h"
#include "core/io/measurement_files.h"

namespace epscope {
namespace {

QStringList lines_of(const std::vector<Diagnostic> &problems)
{
    QStringList lines;
    for (const Diagnostic &problem : problems)
        lines << to_text(text_of(problem));
    return lines;
}

} // namespace

MeasurementFiles::MeasurementFiles(Session &the_session, const Library &the_library, const Messages &the_messages)
    : session(the_session)
    , library(the_library)
    , messages(the_messages)
{
}

void MeasurementFiles::reopen(const QStringList &files)
{
    own = files;
    own.removeIf([](const QString &file) { return !QFileInfo::exists(file); });
    follow();
}

void MeasurementFiles::follow()
{
    std::vector<std::string> sources = library_measurements(library);
    for (const QString &file : own)
        sources.push_back(file.toStdString());
    QStringList now;
    for (const std::string &file : sources) {
        const QFileInfo info(to_text(file));
        now << info.filePath() + u' ' + info.lastModified().toString(Qt::ISODateWithMs) + u' '
                + QString::number(info.size());
    }
    if (now == read)
        return;
    read = now;
    LoadedMeasurements loaded = load_measurements(sources, library, session.opened());
    session.set_measured(std::move(loaded.measured));
    const QStringList problems = lines_of(loaded.problems);
    if (!problems.isEmpty())
        messages.say(problems.size() == 1 ? problems.front()
                                          : tr("%1 (and %2 more problems with measurements)")
                                                .arg(problems.front())
                                                .arg(count_of(loaded.problems) - 1));
}

void MeasurementFiles::reread()
{
    read.clear();
    follow();
}

QStringList MeasurementFiles::take(const QString &file)
{
    const QString path = QFileInfo(file).absoluteFilePath();
    const LoadedMeasurements loaded = load_measurements({path.toStdString()}, library, session.study());
    if (QStringList problems = lines_of(loaded.problems); !problems.isEmpty())
        return problems;
    if (!own.contains(path))
        own << path;
    follow();
    messages.say(tr("%1 measurements from %2 taken").arg(loaded.measured->rows.size()).arg(QFileInfo(file).fileName()));
    return {};
}

} // namespace epscope
