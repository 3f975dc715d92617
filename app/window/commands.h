// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done in the window, a row each. Menus, command palette and shortcut sheet read the same rows.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <QHash>
#include <QIcon>
#include <QKeySequence>
#include <QList>
#include <QObject>
#include <QString>

#include "app/controls/offer.h"
#include "app/views/shortcut_sheet.h"

class QAction;
class QMenu;
class QMenuBar;
class QWidget;

namespace epscope {

// A name as the text of a menu's entry, in which an ampersand underlines the letter behind it.
QString entry_text(const QString &name);
// The other way round.
QString plain_entry_text(const QString &text);

struct Command {
    enum class Kind : std::uint8_t { entry, menu, separator };

    Kind kind = Kind::entry;
    QString id = {}; // "file.save"; also the object name of its action or menu
    QString menu = {}; // id of the menu that it stands in; empty: in the menu bar, or for an entry in the palette alone
    QString text = {}; // with the letter to be underlined, "&Save"
    QList<QKeySequence> keys = {};
    QString tip = {}; // what it does
    std::function<void()> run = {};
    std::function<bool()> enabled = {}; // empty: always
    std::function<bool()> checked = {}; // empty: it has no mark
    bool exclusive = false; // of those of its menu one is checked
    std::function<bool()> visible = {}; // empty: always
    std::function<QString()> text_now = {}; // in place of `text` where that changes
    std::function<QIcon()> icon = {}; // drawn when the menu opens
    // The entries of a menu as they are now; those of an entry without a menu stand in the palette.
    std::function<std::vector<Command>()> rows = {};
    Qt::ShortcutContext context = Qt::WindowShortcut;
    bool in_presentation = false; // its keys work there too: it asks nothing
    double weight = 1; // in the palette: how far it stands before others that fit as well
};

class Commands : public QObject {
    Q_OBJECT
public:
    // Actions for the rows, in menus of the bar; a menu stands before what is in it. To be called once.
    void build(std::vector<Command> all, QMenuBar &bar);
    // Nothing can be done any more: what the rows are about is going.
    void clear();

    const std::vector<Command> &rows() const { return table; }
    // By id; null where the row has none.
    QAction *action(const QString &id) const { return actions.value(id); }
    QMenu *menu(const QString &id) const { return menus.value(id); }
    // Those whose keys work in a presentation.
    std::vector<QAction *> for_presentation() const;

    // All that can be done now and fits, "View › Theme › Dark".
    std::vector<Offer> offers(const QString &typed);
    // Their keys by menu, then those of what the window has besides.
    std::vector<KeyGroup> keys(const QWidget &window) const;

public slots:
    // Menus show what holds now.
    void refresh();

private:
    std::vector<Command> table;
    QHash<QString, QAction *> actions;
    QHash<QString, QMenu *> menus;
    bool refreshing = false;

    void add_entry(const Command &row, QMenu &menu);
    void add_menu(const Command &row, QMenuBar &bar);
    void fill(QMenu &menu, const std::vector<Command> &rows);
    void draw_icons(const QString &menu) const;
    void run(const std::function<void()> &what);
    void add_offers(
        const Command &row, const QString &path, double weight, const QString &typed, std::vector<Offer> &found);
    const Command *find(const QString &id) const;
    // "View › Theme", and whether all of these menus can be seen.
    QString path_of(const QString &menu, bool &visible, double &weight) const;
};

} // namespace epscope
