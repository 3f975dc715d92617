// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/files.h"

#include <algorithm>

#include <QDir>
#include <QDropEvent>
#include <QFileInfo>
#include <QLocale>
#include <QMimeData>
#include <QUrl>

#include "app/files/suffixes.h"
#include "app/words/text.h"
#include "core/io/measurement_files.h"

namespace epscope {
namespace {

constexpr const char *start_study = "explore"; // controls have to show something until the last study is back

QStringList local_files(const QMimeData &data)
{
    QStringList files;
    for (const QUrl &url : data.urls()) {
        if (url.isLocalFile())
            files << url.toLocalFile();
    }
    return files;
}

// A model's folder is known by its config.json.
QString open_filter()
{
    QStringList patterns;
    const auto add = [&](std::string_view suffix) { patterns << u'*' + to_text(suffix); };
    std::for_each(text_suffixes.begin(), text_suffixes.end(), add);
    std::for_each(picture_suffixes.begin(), picture_suffixes.end(), add);
    add(page_suffix);
    const QString known = Files::tr("Studies, their parts, measurements and exported pictures and pages (%1)");
    const QString any = Files::tr("All files (*)"); // they are known by what they hold
    return known.arg(patterns.join(u' ')) + u";;"_qs + any;
}

bool is_part_of_study(const QString &source)
{
    return is_measurements_file(source.toStdString()) || kind_of_file(source).value_or(Kind::study) != Kind::study;
}

} // namespace

Files::Files(Session &the_session, Library &the_library, const Messages &the_messages, const QString &state_folder)
    : session(the_session)
    , library(the_library)
    , messages(the_messages)
    , files(session, library, state_folder)
    , measurements(session, library, messages)
{
    files.open_library_study(QLatin1String(start_study));
    measurements.follow();
    connect(&session, &Session::opened_study, this, [this] { measurements.reread(); }); // they may be of its chips
    connect(&files, &Documents::autosave_failed, this, [this](const QString &problem) { messages.say(problem); });
}

std::vector<Diagnostic> Files::start_problems(const Library &library)
{
    Read<StudyFile> read = library.study_file(start_study);
    return read ? std::vector<Diagnostic>() : std::move(read.problems);
}

bool Files::open(const QString &source)
{
    const bool is_file = source.contains(u'/') || QFileInfo::exists(source);
    messages.say({}); // it was about the study before
    const QStringList problems = is_file ? files.open(source) : files.open_library_study(source);
    if (!problems.isEmpty()) {
        messages.warn(tr("Cannot open %1").arg(QFileInfo(source).fileName()), list_of_problems(problems));
        return false;
    }
    emit opened();
    if (messages.status->text().isEmpty()) // else it says what is wrong with the measurements
        messages.say(tr("Opened %1").arg(files.title()));
    return true;
}

bool Files::open_in_place(const QString &source)
{
    return may_leave() && open(source);
}

void Files::take(const QStringList &chosen)
{
    QString study;
    std::vector<std::pair<Kind, QString>> parts;
    QStringList unusable;
    for (const QString &file : chosen) {
        if (is_measurements_file(file.toStdString())) {
            if (const QStringList problems = measurements.take(file); !problems.isEmpty())
                unusable << problems.join(u'\n');
            continue;
        }
        QString why;
        const std::optional<Kind> kind = kind_of_file(file, &why);
        if (!kind)
            unusable << tr("%1 is no study, chip, NIC, model, profile or CSV of measurements, nor a picture exported "
                           "from EPScope.")
                            .arg(QFileInfo(file).fileName())
                    + (why.isEmpty() ? QString() : u'\n' + why);
        else if (*kind != Kind::study)
            parts.emplace_back(*kind, file);
        else if (study.isEmpty())
            study = file;
        else
            unusable << tr("%1 was not opened: one study at a time.").arg(QFileInfo(file).fileName());
    }
    const bool has_opened = study.isEmpty() || open_in_place(study);
    for (const auto &[kind, file] : parts) {
        if (!has_opened)
            break;
        QStringList warnings;
        if (const QStringList problems = files.take(kind, file, &warnings); !problems.isEmpty())
            unusable << problems.join(u'\n');
        else
            say_taken(kind, file, warnings);
    }
    if (!unusable.isEmpty())
        messages.warn(chosen.size() == 1 ? tr("Cannot open %1").arg(QFileInfo(chosen.front()).fileName())
                                         : tr("Cannot open all of the files"),
            list_of_problems(unusable));
}

void Files::say_taken(Kind kind, const QString &file, const QStringList &warnings) const
{
    const Study &study = session.study();
    const QString name = QFileInfo(file).fileName();
    switch (kind) {
    case Kind::chip:
        messages.say(tr("Chip from %1 taken into the study").arg(name));
        break;
    case Kind::nic:
        messages.say(tr("NIC from %1 taken into the study's NICs").arg(name));
        break;
    case Kind::model:
        messages.say(
            (QStringList(tr("The study's model is now %1").arg(to_text(study.model.name))) << warnings).join(u"; "_qs));
        break;
    case Kind::profile:
        messages.say(tr("The study's profile is now %1").arg(to_text(study.profile.name)));
        break;
    case Kind::study:
        break;
    }
}

void Files::ask_what_to_open()
{
    if (const QString file = messages.dialogs.open_file(messages.window, tr("Open"), open_filter()); !file.isEmpty())
        take({file});
}

void Files::ask_for_profile()
{
    if (const QString file =
            messages.dialogs.open_file(messages.window, tr("Open a profile"), tr("Profiles (*.yaml *.yml)"));
        !file.isEmpty())
        take({file});
}

bool Files::may_leave()
{
    if (!files.modified())
        return true;
    switch (messages.dialogs.unsaved(messages.window, files.title())) {
    case Dialogs::Unsaved::save:
        return save();
    case Dialogs::Unsaved::discard:
        return true;
    case Dialogs::Unsaved::cancel:
        break;
    }
    return false;
}

bool Files::save()
{
    if (files.file().isEmpty())
        return save_as();
    const QString question =
        tr("%1 has been changed outside of this window since it was opened. Replace it?").arg(files.title());
    if (files.changed_on_disk() && !messages.dialogs.confirm(messages.window, tr("Replace the file"), question))
        return false;
    return say_saved(files.save());
}

bool Files::save_as()
{
    const QString proposal = files.file().isEmpty() ? files.title() + u".yaml"_qs : files.file();
    const QString file =
        messages.dialogs.save_file(messages.window, tr("Save the study"), proposal, {tr("Studies (*.yaml)")});
    return !file.isEmpty() && say_saved(files.save_as(file));
}

bool Files::say_saved(const QString &problem) const
{
    if (problem.isEmpty())
        messages.say(tr("Saved to %1").arg(QDir::toNativeSeparators(files.file())));
    else
        messages.warn(tr("Not saved"), problem);
    return problem.isEmpty();
}

bool Files::restore(const Documents::LastSession &last, const QString &source)
{
    measurements.reopen(last.measurements);
    const bool is_part = !source.isEmpty() && is_part_of_study(source);
    if (!source.isEmpty() && !is_part && open(source))
        return false;
    const bool file_gone = !last.file.isEmpty() && !QFileInfo::exists(last.file);
    const QString before = last.file.isEmpty() ? last.library_study : last.file;
    const bool is_back = !before.isEmpty() && !file_gone && open(before);
    if (is_back) {
        const std::vector<Card> &cards = session.cards();
        if (const auto place = static_cast<std::size_t>(last.view.value(u"scenario"_qs).toUInt()); place < cards.size())
            session.show_card(cards[place].id);
        session.select(last.selection);
        if (session.pins().all.empty()) // else those of the file
            session.open_pins(last.pinned);
        session.history().clear();
    } else {
        open(QLatin1String(start_study));
        if (file_gone)
            messages.say(tr("%1 is no longer there").arg(QDir::toNativeSeparators(last.file)));
    }
    if (is_part)
        take({source});
    return is_back;
}

void Files::remember(Documents::LastSession &last) const
{
    last.file = files.file();
    last.library_study = files.library_study();
    last.selection = session.inputs().selection;
    last.measurements = measurements.opened();
    last.pinned = shown_alone(session);
    last.view.insert(u"scenario"_qs, QString::number(&session.card() - session.cards().data()));
}

void Files::offer_recovery()
{
    for (const Documents::Recoverable &left : files.recoverable()) {
        const QString question = tr("EPScope did not end well. Recover “%1” as it was on %2?")
                                     .arg(left.title, QLocale().toString(left.saved, QLocale::ShortFormat));
        switch (messages.dialogs.recover(messages.window, question)) {
        case Dialogs::Recovery::recover:
            if (const QStringList problems = files.recover(left); !problems.isEmpty()) {
                messages.warn(tr("Not recovered"), list_of_problems(problems));
                continue;
            }
            messages.say(tr("Recovered %1").arg(files.title()));
            return; // further ones are offered on the next start
        case Dialogs::Recovery::discard:
            files.discard(left);
            break;
        case Dialogs::Recovery::later:
            break;
        }
    }
}

void Files::reread_library()
{
    if (!library.reread())
        return measurements.follow();
    emit library_changed();
    measurements.reread();
}

bool Files::take_drop(QEvent &event)
{
    if (event.type() != QEvent::DragEnter && event.type() != QEvent::DragMove && event.type() != QEvent::Drop)
        return false;
    auto &drop = static_cast<QDropEvent &>(event);
    const QStringList dropped = local_files(*drop.mimeData());
    if (dropped.isEmpty())
        return false;
    drop.setDropAction(Qt::CopyAction);
    drop.accept();
    if (event.type() != QEvent::Drop)
        return true;
    // Later: the program that the files come from waits for the end of the drop, and there may be a question first.
    const bool to_be_pinned = drop.modifiers() & Qt::ShiftModifier;
    const auto use = [this, dropped, to_be_pinned] {
        if (to_be_pinned)
            emit pins_dropped(dropped);
        else
            take(dropped);
    };
    QMetaObject::invokeMethod(this, use, Qt::QueuedConnection);
    return true;
}

StudyFile shown_alone(const Session &session)
{
    StudyFile file = session.file();
    file.study = session.study();
    file.scenarios.clear();
    return file;
}

} // namespace epscope
