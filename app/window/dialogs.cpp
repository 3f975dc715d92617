// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/dialogs.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QMessageBox>
#include <QPushButton>

#include "app/look/plain_text.h"
#include "core/io/diagnostic.h"

namespace epscope {
namespace {

struct DialogTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::Dialogs)
};

// "PNG picture (*.png)" -> "png"
QString suffix_of(const QString &filter)
{
    return filter.section(QStringLiteral("*."), 1).section(u')', 0, 0).section(u' ', 0, 0);
}

QString ask_for_target(QWidget *parent, const QString &title, const QString &proposal, const QStringList &filters)
{
    QFileDialog dialog(parent, title);
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setNameFilters(filters);
    const auto follow_filter = [&dialog](const QString &filter) {
        dialog.setDefaultSuffix(suffix_of(filter));
        const QStringList chosen = dialog.selectedFiles();
        if (!chosen.isEmpty() && !QFileInfo(chosen.front()).isDir())
            dialog.selectFile(QFileInfo(chosen.front()).completeBaseName() + u'.' + suffix_of(filter));
    };
    QObject::connect(&dialog, &QFileDialog::filterSelected, &dialog, follow_filter);
    for (const QString &filter : filters) {
        if (suffix_of(filter) == QFileInfo(proposal).suffix())
            dialog.selectNameFilter(filter);
    }
    dialog.setDefaultSuffix(QFileInfo(proposal).suffix());
    dialog.selectFile(proposal);
    return dialog.exec() == QDialog::Accepted ? dialog.selectedFiles().value(0) : QString();
}

// Names and titles of files stand in what boxes say: as they are, whatever they look like.
class PlainBox : public QMessageBox {
public:
    PlainBox(QWidget *parent, Icon icon, const QString &title, const QString &text, StandardButtons buttons)
        : QMessageBox(icon, title, {}, buttons, parent)
    {
        setTextFormat(Qt::PlainText);
        setText(text);
    }
};

Dialogs::Recovery ask_for_recovery(QWidget *parent, const QString &question)
{
    PlainBox box(parent, QMessageBox::Question, DialogTexts::tr("Recover work"), question, QMessageBox::NoButton);
    const QPushButton *recover = box.addButton(DialogTexts::tr("&Recover"), QMessageBox::AcceptRole);
    const QPushButton *discard = box.addButton(DialogTexts::tr("&Delete it"), QMessageBox::DestructiveRole);
    QPushButton *later = box.addButton(DialogTexts::tr("&Later"), QMessageBox::RejectRole);
    box.setEscapeButton(later);
    box.exec();
    return box.clickedButton() == recover ? Dialogs::Recovery::recover
        : box.clickedButton() == discard  ? Dialogs::Recovery::discard
                                          : Dialogs::Recovery::later;
}

Dialogs::Unsaved ask_about_changes(QWidget *parent, const QString &name)
{
    PlainBox box(parent, QMessageBox::Question, DialogTexts::tr("Unsaved changes"),
        DialogTexts::tr("Save the changes to “%1”?").arg(name),
        QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel);
    box.setDefaultButton(QMessageBox::Save);
    const int chosen = box.exec();
    return chosen == QMessageBox::Save   ? Dialogs::Unsaved::save
        : chosen == QMessageBox::Discard ? Dialogs::Unsaved::discard
                                         : Dialogs::Unsaved::cancel;
}

} // namespace

QString list_of_problems(const QStringList &problems)
{
    constexpr qsizetype most_lines = ProblemList::most_kept;
    QStringList lines = problems.join(u'\n').split(u'\n');
    if (const qsizetype more = lines.size() - most_lines; more > 1) {
        lines.resize(most_lines);
        lines << DialogTexts::tr("and %n more lines", nullptr, static_cast<int>(more));
    }
    return lines.join(u'\n');
}

Dialogs Dialogs::native()
{
    Dialogs dialogs;
    dialogs.open_file = [](QWidget *parent, const QString &title, const QString &filter) {
        return QFileDialog::getOpenFileName(parent, title, {}, filter);
    };
    dialogs.save_file = ask_for_target;
    dialogs.choose_folder = [](QWidget *parent, const QString &title) {
        return QFileDialog::getExistingDirectory(parent, title);
    };
    dialogs.unsaved = ask_about_changes;
    dialogs.recover = ask_for_recovery;
    dialogs.confirm = [](QWidget *parent, const QString &title, const QString &question) {
        return PlainBox(parent, QMessageBox::Question, title, question, QMessageBox::Yes | QMessageBox::No).exec()
            == QMessageBox::Yes;
    };
    dialogs.warn = [](QWidget *parent, const QString &title, const QString &text) {
        PlainBox(parent, QMessageBox::Warning, title, text, QMessageBox::Ok).exec();
    };
    dialogs.ask_text = [](QWidget *parent, const QString &title, const QString &label, const QString &before) {
        return QInputDialog::getText(parent, title, shown_as_is(label), QLineEdit::Normal, before).trimmed();
    };
    return dialogs;
}

} // namespace epscope
