// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/documents.h"

#include <algorithm>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFileInfo>
#include <QUrl>

#include "app/files/embedded_study.h"
#include "app/files/save_file.h"
#include "app/words/text.h"
#include "core/io/file.h"
#include "core/io/model_config.h"
#include "core/io/study_writer.h"
#include "core/spec/named.h"
#include "core/spec/parameters.h"
#include "core/spec/remarks.h"

namespace epscope {
namespace {

constexpr int most_recent = 10;
constexpr int autosave_delay = 1000; // ms after the last change
constexpr int autosave_longest = 2000; // ms after the first
// First line of a recovery file; behind it the URL of what it belongs to, "file:" or "library:".
constexpr const char *origin_mark = "# recovered from: ";
constexpr const char *library_scheme = "library";

const QString recent_key = QStringLiteral("files/recent");
const QString window_group = QStringLiteral("window");
const QString checksum_key = QStringLiteral("checksum"); // of everything else in that group

QStringList texts_of(const std::vector<Diagnostic> &problems)
{
    QStringList texts;
    for (const Diagnostic &problem : problems)
        texts << to_text(text_of(problem));
    return texts;
}

Read<StudyFile> study_from(const StudySource &source, const QString &file, const Library &library)
{
    return source.text ? read_study_file(*source.text.value, file.toStdString(), library)
                       : Read<StudyFile>{std::nullopt, source.text.problems};
}

// What is wrong, or an empty text.
QString save_study(const QString &file, const StudyFile &study)
{
    const std::string text = study_file_text(study);
    if (text.size() > largest_file)
        return QCoreApplication::translate("epscope::Documents",
            "%1 would be larger than a study's file may be; delete scenarios or baselines, or shorten notes.")
            .arg(QFileInfo(file).fileName());
    return save_file(file, QByteArray::fromStdString(text));
}

QString lock_of(const QString &recovery)
{
    return recovery + QStringLiteral(".lock");
}

QString selection_key_of(const Field<SearchSpace> &field)
{
    return QStringLiteral("selection/") + to_text(std::string(field.info.key));
}

void write(QSettings &settings, const std::optional<Selection> &selection)
{
    if (!selection)
        return;
    settings.setValue(QStringLiteral("selection/chip"), to_text(selection->chip));
    settings.setValue(QStringLiteral("selection/nic"), to_text(selection->nic));
    const SearchSpace space = space_of(selection->point);
    for (const Field<SearchSpace> &field : fields<SearchSpace>())
        settings.setValue(selection_key_of(field), to_text(field_text(space, field)));
}

// Nothing if a text is not allowed.
std::optional<Selection> read_selection(QSettings &settings)
{
    const auto text = [&](const QString &key) { return settings.value(key).toString().toStdString(); };
    SearchSpace space;
    for (const Field<SearchSpace> &field : fields<SearchSpace>()) {
        if (set_field(space, field, std::vector{text(selection_key_of(field))}, BareNumbers::allowed))
            return std::nullopt;
    }
    const std::optional<Point> point = only_point(space);
    return point ? std::optional(
               Selection{text(QStringLiteral("selection/chip")), text(QStringLiteral("selection/nic")), *point})
                 : std::nullopt;
}

// Of the open group, the same before it is written and after it has been read. Qt takes a damaged layout for a good one
// and then shows docks that are nowhere.
QByteArray checksum_of(const QSettings &settings)
{
    QStringList keys = settings.allKeys();
    keys.removeAll(checksum_key);
    keys.sort();
    QCryptographicHash hash(QCryptographicHash::Sha256);
    const auto add = [&hash](const QByteArray &part) { hash.addData(QByteArray::number(part.size()) + ':' + part); };
    for (const QString &key : keys) {
        const QVariant value = settings.value(key);
        add(key.toUtf8());
        if (value.typeId() == QMetaType::QByteArray) {
            add(value.toByteArray());
            continue;
        }
        const QStringList texts = value.toStringList(); // of one text it is read back as that text, of none as nothing
        add(QByteArray::number(texts.size()));
        for (const QString &text : texts)
            add(text.toUtf8());
    }
    return hash.result().toHex();
}

} // namespace

// Held by one process; the system lets go of it when the process ends, however that happens. QLockFile goes by process
// numbers, which containers give out again and again.
class Documents::FileLock {
public:
    enum class Mode { create, existing };

    FileLock(const QString &file, Mode mode)
        : descriptor(::open(QFile::encodeName(file).constData(),
            O_RDWR | O_CLOEXEC | (mode == Mode::create ? O_CREAT | O_EXCL : 0), 0600))
        , locked(descriptor >= 0 && ::flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    {
    }
    ~FileLock()
    {
        if (descriptor >= 0)
            ::close(descriptor);
    }
    Q_DISABLE_COPY_MOVE(FileLock)

    bool exists() const { return descriptor >= 0; }
    bool held() const { return locked; }

private:
    int descriptor;
    bool locked;
};

QString default_state_folder()
{
    const QString state = qEnvironmentVariable("XDG_STATE_HOME");
    // The specification has relative paths ignored.
    return (QDir::isAbsolutePath(state) ? state : QDir::homePath() + QStringLiteral("/.local/state"))
        + QStringLiteral("/epscope");
}

std::optional<Kind> kind_of_file(const QString &file, QString *why)
{
    const Read<std::string> model = model_file_of(QFileInfo(file).absoluteFilePath().toStdString());
    if (!model) {
        if (why)
            *why = texts_of(model.problems).join(u'\n');
        return std::nullopt;
    }
    const QString absolute = to_text(*model.value);
    const StudySource source = study_source(absolute.toStdString());
    const Read<Head> head = source.text ? read_head(*source.text.value, absolute.toStdString())
                                        : Read<Head>{std::nullopt, source.text.problems};
    const bool is_ours =
        study_file_name(file) == file || (source.text && is_model_config(*source.text.value, *model.value));
    if (why && !head && (is_ours || !source.text))
        *why = texts_of(head.problems).join(u'\n');
    return head ? std::optional(head.value->kind) : std::nullopt;
}

QString study_file_name(const QString &file)
{
    const QString suffix = QFileInfo(file).suffix();
    return suffix == u"yaml" || suffix == u"yml" ? file : file + QStringLiteral(".yaml");
}

// Without what a name may not have in a file.
QString name_of_file(const QString &file)
{
    constexpr qsizetype longest = 64;
    QString name;
    for (const QChar c : QFileInfo(file).completeBaseName()) {
        const bool fits = c.isLetterOrNumber() || c.isMark() || QStringView(u" ._-+()").contains(c);
        if (fits && (name + c).toUtf8().size() <= longest)
            name += c;
    }
    name = name.trimmed();
    return name.isEmpty() ? QStringLiteral("study") : name;
}

Documents::Documents(Session &the_session, const Library &the_library, const QString &state_folder, QObject *parent)
    : QObject(parent)
    , session(the_session)
    , library(the_library)
    , folder(state_folder)
    , settings(state_folder + QStringLiteral("/session.ini"), QSettings::IniFormat)
{
    autosave_timer.setSingleShot(true);
    connect(&autosave_timer, &QTimer::timeout, this, &Documents::autosave);
    connect(&session, &Session::inputs_changed, this, &Documents::session_changed);
    connect(&session, &Session::cards_changed, this, &Documents::session_changed);
    connect(&session, &Session::pins_changed, this, &Documents::session_changed);
    connect(&session, &Session::opened_study, this, &Documents::session_changed);
}

Documents::~Documents()
{
    drop_recovery();
}

QString Documents::title() const
{
    return path.isEmpty() ? to_text(session.study().title) : QFileInfo(path).fileName();
}

bool Documents::modified() const
{
    return unsaved || session.modified();
}

QStringList Documents::open_library_study(const QString &name)
{
    Read<StudyFile> read = library.study_file(name.toStdString());
    if (!read)
        return texts_of(read.problems);
    session.open(std::move(*read.value));
    opened({}, name);
    return {};
}

Read<StudyFile> Documents::read(const QString &file) const
{
    const QString absolute = QFileInfo(file).absoluteFilePath();
    return study_from(study_source(absolute.toStdString()), absolute, library);
}

QStringList Documents::open(const QString &file)
{
    const QString absolute = QFileInfo(file).absoluteFilePath();
    const StudySource source = study_source(absolute.toStdString());
    Read<StudyFile> read = study_from(source, absolute, library);
    if (!read) {
        if (!QFileInfo::exists(absolute)) {
            QStringList files = recent();
            if (files.removeAll(absolute) > 0) {
                settings.setValue(recent_key, files);
                emit changed();
            }
        }
        return texts_of(read.problems);
    }
    session.open(std::move(*read.value));
    opened(source.picture ? QString() : absolute, {});
    return {};
}

QStringList Documents::take(Kind kind, const QString &file, QStringList *warnings)
{
    const std::string name = QFileInfo(file).absoluteFilePath().toStdString();
    if (kind == Kind::study)
        return open(file);
    Study study = session.study();
    const QString change = tr("Taken from %1").arg(QFileInfo(file).fileName());
    if (kind == Kind::model) {
        Read<Model> model = read_model_file(name);
        if (!model)
            return texts_of(model.problems);
        if (warnings)
            *warnings = texts_of(model.warnings);
        const std::vector<Remark> changes = take_model(study, std::move(*model.value));
        for (const Remark &remark : warnings ? changes : std::vector<Remark>{})
            *warnings << to_text(remark.key + ": " + remark.message);
        session.change(std::move(study), change);
        return {};
    }
    const Read<std::string> text = read_text(name, largest_file);
    if (!text)
        return texts_of(text.problems);
    const auto put_among = [&](auto read, auto Study::*member) {
        if (!read)
            return texts_of(read.problems);
        put_named(study.*member, std::move(*read.value));
        return QStringList();
    };
    QStringList problems;
    switch (kind) {
    case Kind::chip:
        problems = put_among(read_chip(*text.value, name), &Study::chips);
        break;
    case Kind::nic:
        problems = put_among(read_nic(*text.value, name), &Study::nics);
        break;
    case Kind::profile:
        if (Read<Profile> profile = read_profile(*text.value, name))
            study.profile = std::move(*profile.value);
        else
            problems = texts_of(profile.problems);
        break;
    case Kind::model:
    case Kind::study:
        break;
    }
    if (problems.isEmpty())
        session.change(std::move(study), change);
    return problems;
}

bool Documents::changed_on_disk() const
{
    return !path.isEmpty() && QFileInfo::exists(path) && QFileInfo(path).lastModified() != written;
}

void Documents::opened(const QString &file, const QString &library_study)
{
    path = file;
    from_library = library_study;
    written = path.isEmpty() ? QDateTime() : QFileInfo(path).lastModified();
    unsaved = false;
    was_modified = session.modified();
    drop_recovery();
    if (!path.isEmpty())
        add_recent(path);
    emit changed();
}

QString Documents::save()
{
    if (const QString problem = save_study(path, session.file()); !problem.isEmpty())
        return problem;
    session.mark_saved();
    opened(path, {});
    return {};
}

QString Documents::save_as(const QString &file)
{
    const QString absolute = study_file_name(QFileInfo(file).absoluteFilePath());
    StudyFile file_now = session.file();
    if (path.isEmpty())
        file_now.study.name = file_now.study.title = name_of_file(absolute).toStdString();
    if (const QString problem = save_study(absolute, file_now); !problem.isEmpty())
        return problem;
    if (path.isEmpty())
        session.rename(file_now.study.name);
    session.mark_saved();
    opened(absolute, {});
    return {};
}

QStringList Documents::recent() const
{
    settings.sync(); // with other windows
    return settings.value(recent_key).toStringList();
}

void Documents::clear_recent()
{
    settings.remove(recent_key);
    emit changed();
}

void Documents::add_recent(const QString &file)
{
    QStringList files = recent();
    files.removeAll(file);
    files.prepend(file);
    settings.setValue(recent_key, files.mid(0, most_recent));
}

void Documents::session_changed()
{
    if (modified() != was_modified) {
        was_modified = modified();
        emit changed();
    }
    if (!modified()) {
        drop_recovery();
        return;
    }
    if (autosaved && same_content(*autosaved, session.now()))
        return;
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    if (autosave_due == 0)
        autosave_due = now + autosave_longest;
    autosave_timer.start(static_cast<int>(std::clamp<qint64>(autosave_due - now, 0, autosave_delay)));
}

QByteArray Documents::recovery_text() const
{
    QUrl origin = QUrl::fromLocalFile(path);
    if (!from_library.isEmpty()) {
        origin.setScheme(QLatin1String(library_scheme));
        origin.setPath(from_library);
    }
    return origin_mark + origin.toEncoded() + '\n' + QByteArray::fromStdString(study_file_text(session.file()));
}

// A name that nobody has, of another computer sharing the folder neither.
void Documents::lock_recovery()
{
    QDir().mkpath(folder);
    for (int number = 1; !lock; ++number) {
        const QString suffix = number == 1 ? QString() : QStringLiteral("-%1").arg(number);
        recovery = folder + QStringLiteral("/recovery-%1%2.yaml").arg(QCoreApplication::applicationPid()).arg(suffix);
        if (QFileInfo::exists(recovery))
            continue;
        auto fresh = std::make_unique<FileLock>(lock_of(recovery), FileLock::Mode::create);
        if (fresh->exists()
            || !QFileInfo::exists(
                lock_of(recovery))) // else taken; without a writable folder there is no lock to be had
            lock = std::move(fresh);
    }
}

// On a thread: waiting for the disk would hold up the window. It is a person's work that is saved, so it gives way to
// nothing.
void Documents::autosave()
{
    autosave_due = 0;
    autosaved = session.now();
    lock_recovery();
    if (!writer)
        writer.emplace(
            Priority::normal, [this](const Recovery &job, const JobLimits &) { write_recovery(job); },
            [this](const Recovery &, const QString &problem) { autosave_done(problem); });
    writer->submit({recovery, recovery_text()});
}

// Called on the writer's thread, also while the writer ends.
void Documents::write_recovery(const Recovery &job)
{
    reports.post([this, problem = save_file(job.file, job.text)] { autosave_done(problem); });
}

void Documents::autosave_done(const QString &problem)
{
    if (!problem.isEmpty() && problem != last_problem)
        emit autosave_failed(problem);
    last_problem = problem;
}

void Documents::drop_recovery()
{
    autosave_timer.stop();
    autosave_due = 0;
    autosaved.reset();
    if (!lock)
        return;
    writer.reset(); // once it has written what it is about
    QFile::remove(recovery);
    QFile::remove(lock_of(recovery));
    lock.reset();
}

std::vector<Documents::Recoverable> Documents::recoverable() const
{
    std::vector<Recoverable> found;
    const QFileInfoList files =
        QDir(folder).entryInfoList({QStringLiteral("recovery-*.yaml")}, QDir::Files, QDir::Time);
    for (const QFileInfo &info : files) {
        const QString file = info.absoluteFilePath();
        const FileLock owner(lock_of(file), FileLock::Mode::existing);
        if (owner.exists() && !owner.held()) // its process lives; perhaps it is this one
            continue;
        const StudySource source = study_source(file.toStdString());
        const Read<StudyFile> study = study_from(source, file, library);
        if (!study)
            continue;
        Recoverable left{file, to_text(study.value->study.title), {}, {}, info.lastModified()};
        const QByteArray first = QByteArray::fromStdString(source.text.value->substr(0, source.text.value->find('\n')));
        if (first.startsWith(origin_mark)) {
            const QUrl origin = QUrl::fromEncoded(first.mid(static_cast<qsizetype>(qstrlen(origin_mark))));
            (origin.scheme() == QLatin1String(library_scheme) ? left.library_study : left.file) =
                origin.isLocalFile() ? origin.toLocalFile() : origin.path();
        }
        found.push_back(std::move(left));
    }
    return found;
}

QStringList Documents::recover(const Recoverable &left)
{
    Read<StudyFile> read = study_from(study_source(left.recovery.toStdString()), left.recovery, library);
    if (!read)
        return texts_of(read.problems);
    // The marks stand where the study was before the changes, if that can still be read.
    Read<StudyFile> before;
    if (!left.file.isEmpty())
        before = study_from(study_source(left.file.toStdString()), left.file, library);
    else if (!left.library_study.isEmpty())
        before = library.study_file(left.library_study.toStdString());
    session.open(before ? std::move(*before.value) : *read.value);
    opened(before ? left.file : QString(), before ? left.library_study : QString());
    unsaved = !before;
    session.change_all(*read.value, tr("Recovered changes"));
    session_changed();
    if (modified()) { // safe under its new owner before the old file goes
        lock_recovery();
        if (const QString problem = save_file(recovery, recovery_text()); !problem.isEmpty())
            return {problem};
    }
    discard(left);
    return {};
}

void Documents::discard(const Recoverable &left)
{
    QFile::remove(left.recovery);
    QFile::remove(lock_of(left.recovery));
}

void Documents::remember(const LastSession &last)
{
    settings.sync(); // so that nothing of another window's stays
    settings.beginGroup(window_group);
    settings.remove(QString());
    settings.setValue(QStringLiteral("geometry"), last.geometry);
    settings.setValue(QStringLiteral("layout"), last.layout);
    settings.setValue(QStringLiteral("file"), last.file);
    settings.setValue(QStringLiteral("library_study"), last.library_study);
    write(settings, last.selection);
    if (!last.pinned.baselines.empty())
        settings.setValue(QStringLiteral("pinned"), to_text(study_file_text(last.pinned)));
    settings.setValue(QStringLiteral("folded"), last.folded);
    settings.setValue(QStringLiteral("measurements"), last.measurements);
    for (auto state = last.view.begin(); state != last.view.end(); ++state)
        settings.setValue(QStringLiteral("view/") + state.key(), state.value());
    settings.beginGroup(QStringLiteral("zooms"));
    for (auto zoom = last.zooms.begin(); zoom != last.zooms.end(); ++zoom)
        settings.setValue(zoom.key(), zoom.value());
    settings.endGroup();
    settings.setValue(checksum_key, QString::fromLatin1(checksum_of(settings)));
    settings.endGroup();
    settings.sync();
}

Documents::LastSession Documents::last_session() const
{
    LastSession last;
    settings.beginGroup(window_group);
    const auto value = [&](const char *key) { return settings.value(QLatin1String(key)); };
    if (settings.value(checksum_key).toByteArray() != checksum_of(settings)) {
        settings.endGroup();
        return last;
    }
    last.geometry = value("geometry").toByteArray();
    last.layout = value("layout").toByteArray();
    last.file = value("file").toString();
    last.library_study = value("library_study").toString();
    last.selection = read_selection(settings);
    // What an older version wrote may no longer be readable.
    if (Read<StudyFile> read = read_study_file(value("pinned").toString().toStdString(), "pinned", library))
        last.pinned = std::move(*read.value);
    last.folded = value("folded").toStringList();
    last.measurements = value("measurements").toStringList();
    settings.beginGroup(QStringLiteral("view"));
    for (const QString &key : settings.childKeys())
        last.view.insert(key, settings.value(key).toString());
    settings.endGroup();
    settings.beginGroup(QStringLiteral("zooms"));
    for (const QString &key : settings.childKeys())
        last.zooms.insert(key, settings.value(key).toByteArray());
    settings.endGroup();
    settings.endGroup();
    return last;
}

} // namespace epscope
