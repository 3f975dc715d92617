// SPDX-License-Identifier: GPL-3.0-or-later
// The one table of commands against menus, palette and shortcut sheet.
#include <algorithm>
#include <set>

#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QMessageBox>
#include <QTimer>

#include "app/views/command_palette.h"
#include "core/io/study_writer.h"
#include "tests/support/explorer.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

class TestCommands : public QObject, ExplorerSuite {
    Q_OBJECT
private slots:
    void init() { start().show(u"explore"_qs); }
    void cleanup() { explorer.reset(); }

    void each_row_is_complete();
    void menus_show_what_rows_say();
    void the_palette_offers_what_can_be_done();
    void the_sheet_has_all_keys();
    void filled_menus_have_the_rows_of_now();
    void each_dock_has_its_entry();
    void each_entry_can_be_pressed();

private:
    const Commands &commands() { return explorer->window.command_rows(); }
    void compare_with_menus(const char *when);
    bool is_offered(const QString &title)
    {
        explorer->action(u"Commands…"_qs).trigger();
        auto &palette = child<CommandPalette>();
        palette.line()->setText(title);
        bool found = false;
        for (const QListWidgetItem *item : palette.list()->findItems(title, Qt::MatchStartsWith))
            found = found || item->flags() & Qt::ItemIsEnabled;
        palette.close();
        return found;
    }
};

void TestCommands::each_row_is_complete()
{
    std::set<QString> ids;
    for (const Command &row : commands().rows()) {
        if (row.kind == Command::Kind::separator)
            continue;
        QVERIFY2(!row.id.isEmpty() && ids.insert(row.id).second, qPrintable(row.id));
        QVERIFY2(row.menu.isEmpty() || ids.contains(row.menu), qPrintable(row.id)); // a menu stands before its rows
        QVERIFY2(!row.text.isEmpty() || row.text_now || row.rows, qPrintable(row.id));
        const bool is_entry = row.kind == Command::Kind::entry && !row.rows;
        QCOMPARE(row.run != nullptr, is_entry);
        QCOMPARE(commands().action(row.id) != nullptr, is_entry);
        QCOMPARE(commands().menu(row.id) != nullptr, row.kind == Command::Kind::menu);
    }
    QVERIFY(ids.size() > 100);
}

void TestCommands::compare_with_menus(const char *when)
{
    for (const Command &row : commands().rows()) {
        const QAction *action = commands().action(row.id);
        if (!action)
            continue;
        const auto holds = [](const std::function<bool()> &what, bool otherwise) { return what ? what() : otherwise; };
        const QByteArray which = row.id.toUtf8() + ' ' + when;
        QVERIFY2(action->isVisible() == holds(row.visible, true), which);
        QVERIFY2(!action->isVisible() || action->isEnabled() == holds(row.enabled, true), which);
        QVERIFY2(action->isCheckable() == (row.checked != nullptr), which);
        QVERIFY2(action->isChecked() == holds(row.checked, false), which);
        QVERIFY2(action->text() == (row.text_now ? row.text_now() : row.text), which);
        QVERIFY2(action->shortcuts() == row.keys, which);
    }
}

void TestCommands::menus_show_what_rows_say()
{
    compare_with_menus("at the start");
    Session &session = explorer->session();
    explorer->set("context", u"6000"_qs);
    compare_with_menus("after a change");
    session.history().undo();
    compare_with_menus("after an undo");
    session.duplicate_card(session.card().id);
    session.rename_card(session.card().id, u"Fast & wide"_qs);
    compare_with_menus("with two scenarios");
    explorer->answer();
    explorer->action(u"Pin"_qs).trigger();
    compare_with_menus("with a baseline");
    explorer->action(u"Show it alone"_qs).trigger();
    compare_with_menus("with the baseline alone");
    explorer->action(u"Unpin all"_qs).trigger();
    compare_with_menus("without a baseline");
    explorer->theme.choose(ThemeChoice::dark);
    compare_with_menus("in the dark");
    explorer->action(u"Logarithmic Pareto axes"_qs).trigger();
    compare_with_menus("with a switch turned");
    child<QDockWidget>(u"memory"_qs).close();
    compare_with_menus("with a dock closed");
    explorer->action(u"3×"_qs).trigger();
    compare_with_menus("with large pictures");
}

void TestCommands::the_palette_offers_what_can_be_done()
{
    QVERIFY(is_offered(u"File › Export › Pareto front"_qs));
    QVERIFY(is_offered(u"File › New from › Explore"_qs));
    QVERIFY(is_offered(u"View › Theme › Dark"_qs));
    QVERIFY(is_offered(u"Edit › History › As opened"_qs));
    QVERIFY(!is_offered(u"Edit › Undo"_qs)); // there is nothing to undo
    QVERIFY(!is_offered(u"Scenario › Delete"_qs)); // it is the last one
    QVERIFY(!is_offered(u"Scenario › Scenario 2"_qs)); // is not seen
    QVERIFY(!is_offered(u"File › Open recent › No files yet"_qs));
    QVERIFY(is_offered(u"Leave out chip H800"_qs));
    QVERIFY(is_offered(u"Compare chip H200"_qs));
    Session &session = explorer->session();
    session.duplicate_card(session.card().id);
    session.rename_card(session.card().id, u"Fast & wide"_qs);
    QVERIFY(is_offered(u"Scenario › Delete"_qs));
    QVERIFY(is_offered(u"Scenario › Fast & wide"_qs));
}

void TestCommands::the_sheet_has_all_keys()
{
    QStringList listed;
    for (const KeyGroup &group : commands().keys(explorer->window)) {
        QVERIFY(!group.title.isEmpty() && !group.title.contains(u'&'));
        for (const KeyGroup::Row &row : group.rows) {
            QVERIFY2(!row.meaning.isEmpty(), qPrintable(row.keys));
            listed << row.keys.split(u", "_qs);
        }
    }
    for (const Command &row : commands().rows()) {
        for (const QKeySequence &keys : row.keys)
            QCOMPARE(listed.count(keys.toString(QKeySequence::NativeText)), 1);
    }
}

void TestCommands::filled_menus_have_the_rows_of_now()
{
    const QString file = folder.path(u"a & b.yaml"_qs);
    write(file, QByteArray::fromStdString(study_text(published_study())));
    QMenu &recent = child<QMenu>(u"file.recent"_qs);
    emit recent.aboutToShow();
    QCOMPARE(recent.actions().front()->text(), u"No files yet"_qs);
    QVERIFY(!recent.actions().front()->isEnabled());
    QVERIFY(explorer->window.open(file));
    emit recent.aboutToShow();
    QCOMPARE(recent.actions().front()->text(), u"a && b.yaml"_qs);
    QVERIFY(explorer->window.open(u"explore"_qs));
    recent.actions().front()->trigger();
    QCOMPARE(explorer->window.documents().file(), file);
    recent.actions().back()->trigger();
    QCOMPARE(explorer->window.documents().recent(), QStringList());
}

void TestCommands::each_dock_has_its_entry()
{
    int number = 0;
    for (const Command &row : commands().rows()) {
        const auto *dock = explorer->window.findChild<QDockWidget *>(row.id.section(u'.', 1));
        if (row.menu != u"view" || row.kind != Command::Kind::entry || !dock)
            continue;
        ++number;
        QCOMPARE(plain_entry_text(row.text), dock->windowTitle());
        QCOMPARE(row.keys.size(), number <= 9 ? 1 : 0);
    }
    QCOMPARE(number, static_cast<int>(explorer->window.charts().size()) + 4);
}

// Nobody answers the dialogs, and what comes up is closed again. Those that export are pressed by tst_native_dialogs.
void TestCommands::each_entry_can_be_pressed()
{
    explorer->answer();
    explorer->session().duplicate_card(explorer->session().card().id);
    explorer->answer();
    QTimer boxes; // they wait for an answer
    connect(&boxes, &QTimer::timeout, this, [] {
        if (auto *box = qobject_cast<QMessageBox *>(QApplication::activeModalWidget()))
            box->close();
    });
    boxes.start(20);
    std::vector<QAction *> entries;
    for (const Command &row : commands().rows()) {
        const bool exports = row.menu.startsWith(u"file.export") || row.text.endsWith(u'…');
        if (commands().action(row.id) && row.id != u"file.quit" && !exports)
            entries.push_back(commands().action(row.id));
    }
    int pressed = 0;
    for (QAction *entry : entries) {
        pressed += entry->isEnabled() && entry->isVisible() ? 1 : 0;
        entry->trigger();
        while (QWidget *popup = QApplication::activePopupWidget())
            popup->close();
        for (QWidget *each : QApplication::topLevelWidgets()) {
            if (each != &explorer->window && each->isVisible() && !qobject_cast<QDockWidget *>(each))
                each->close();
        }
        settle();
        QVERIFY2(explorer->window.isVisible(), qPrintable(entry->objectName()));
        compare_with_menus(qPrintable(u"after "_qs + entry->objectName()));
    }
    QVERIFY(pressed > 60);
    explorer->action(u"Quit"_qs).trigger();
    QVERIFY(!explorer->window.isVisible());
}

EPSCOPE_SUITE(commands, TestCommands)
#include "tst_commands.moc"
