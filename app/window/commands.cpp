// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/commands.h"

#include <algorithm>

#include <QAction>
#include <QActionGroup>
#include <QMenu>
#include <QMenuBar>

#include "app/look/plain_text.h"

namespace epscope {
namespace {

QString text_of_entry(const Command &row)
{
    return row.text_now ? row.text_now() : row.text;
}

bool holds(const std::function<bool()> &condition, bool otherwise)
{
    return condition ? condition() : otherwise;
}

// Without the dots of what asks for more.
QString offered_text(const Command &row)
{
    return plain_entry_text(text_of_entry(row)).remove(u'…');
}

QString shown_keys(const QList<QKeySequence> &keys)
{
    QStringList texts;
    for (const QKeySequence &each : keys)
        texts << each.toString(QKeySequence::NativeText);
    return texts.join(u", "_qs);
}

// One of the menu's entries that can be checked is.
void make_exclusive(QAction &action, QMenu &menu)
{
    auto *group = menu.findChild<QActionGroup *>({}, Qt::FindDirectChildrenOnly);
    if (!group)
        group = new QActionGroup(&menu);
    group->addAction(&action);
}

} // namespace

QString entry_text(const QString &name)
{
    return QString(name).replace(u'&', u"&&"_qs);
}

QString plain_entry_text(const QString &text)
{
    QString plain;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] == u'&' && ++i == text.size())
            break;
        plain += text[i];
    }
    return plain;
}

void Commands::build(std::vector<Command> all, QMenuBar &bar)
{
    table = std::move(all);
    for (const Command &row : table) {
        QMenu *const menu = menus.value(row.menu);
        if (row.kind == Command::Kind::menu)
            add_menu(row, bar);
        else if (row.kind == Command::Kind::separator)
            menu->addSeparator();
        else if (menu)
            add_entry(row, *menu);
    }
    refresh();
}

void Commands::clear()
{
    table.clear();
    actions.clear();
    menus.clear();
}

void Commands::add_menu(const Command &row, QMenuBar &bar)
{
    QMenu *above = menus.value(row.menu);
    QMenu *menu = above ? above->addMenu(row.text) : bar.addMenu(row.text);
    menu->setObjectName(row.id);
    menu->menuAction()->setStatusTip(row.tip);
    menus.insert(row.id, menu);
    connect(menu, &QMenu::aboutToShow, this, [this, menu, &row] {
        if (row.rows)
            fill(*menu, row.rows());
        refresh();
        draw_icons(row.id);
    });
    if (row.rows)
        fill(*menu, row.rows());
}

void Commands::add_entry(const Command &row, QMenu &menu)
{
    QAction *action = menu.addAction(row.text);
    action->setObjectName(row.id);
    action->setShortcuts(row.keys);
    action->setShortcutContext(row.context);
    action->setStatusTip(row.tip);
    actions.insert(row.id, action);
    if (!row.checked || row.exclusive)
        connect(action, &QAction::triggered, this, [this, &row] { run(row.run); });
    if (!row.checked)
        return;
    action->setCheckable(true);
    if (row.exclusive) {
        make_exclusive(*action, menu);
        return;
    }
    connect(action, &QAction::toggled, this, [this, &row](bool on) {
        if (on != row.checked())
            run(row.run);
    });
}

void Commands::fill(QMenu &menu, const std::vector<Command> &rows)
{
    menu.clear();
    bool has_tips = false;
    for (const Command &row : rows) {
        if (row.kind == Command::Kind::separator) {
            menu.addSeparator();
            continue;
        }
        QAction *action = menu.addAction(row.text, this, [this, what = row.run] { run(what); });
        action->setEnabled(holds(row.enabled, true));
        action->setCheckable(row.checked != nullptr);
        action->setChecked(holds(row.checked, false));
        action->setStatusTip(row.tip);
        action->setToolTip(shown_as_is(row.tip.isEmpty() ? plain_entry_text(row.text) : row.tip));
        has_tips = has_tips || !row.tip.isEmpty();
    }
    menu.setToolTipsVisible(has_tips);
}

void Commands::run(const std::function<void()> &what)
{
    if (what)
        what();
    refresh();
}

void Commands::refresh()
{
    if (refreshing) // a mark that is set tells itself
        return;
    refreshing = true;
    for (const Command &row : table) {
        QMenu *menu = row.kind == Command::Kind::menu ? menus.value(row.id) : nullptr;
        QAction *action = menu ? menu->menuAction() : actions.value(row.id);
        if (!action)
            continue;
        if (row.visible)
            action->setVisible(row.visible());
        if (row.enabled)
            action->setEnabled(row.enabled());
        if (row.checked)
            action->setChecked(row.checked());
        if (!row.text_now)
            continue;
        const QString text = row.text_now();
        if (action->text() == text)
            continue;
        action->setText(text);
        action->setToolTip(shown_as_is(plain_entry_text(text)));
    }
    refreshing = false;
}

void Commands::draw_icons(const QString &menu) const
{
    for (const Command &row : table) {
        if (row.icon && row.menu == menu && row.kind == Command::Kind::menu && holds(row.visible, true))
            menus.value(row.id)->setIcon(row.icon());
    }
}

std::vector<QAction *> Commands::for_presentation() const
{
    std::vector<QAction *> found;
    for (const Command &row : table) {
        if (row.in_presentation)
            found.push_back(actions.value(row.id));
    }
    return found;
}

const Command *Commands::find(const QString &id) const
{
    const auto found = std::find_if(table.begin(), table.end(), [&](const Command &row) { return row.id == id; });
    return found == table.end() || id.isEmpty() ? nullptr : &*found;
}

QString Commands::path_of(const QString &menu, bool &visible, double &weight) const
{
    QString path;
    for (const Command *row = find(menu); row; row = find(row->menu)) {
        visible = visible && holds(row->visible, true);
        weight *= row->weight;
        path.prepend(offered_text(*row) + u" › "_qs);
    }
    return path;
}

void Commands::add_offers(
    const Command &row, const QString &path, double weight, const QString &typed, std::vector<Offer> &found)
{
    if (row.kind == Command::Kind::separator || !row.run || !holds(row.visible, true))
        return;
    const QString title = path + offered_text(row);
    const double fit = fit_of(typed, title);
    if (fit <= 0 || !holds(row.enabled, true))
        return;
    QString hint = row.keys.isEmpty() ? QString() : row.keys.front().toString(QKeySequence::NativeText);
    if (holds(row.checked, false))
        hint = hint.isEmpty() ? tr("on") : tr("on, %1").arg(hint);
    found.push_back({title, hint, [this, what = row.run] { run(what); }, weight * row.weight * fit});
}

std::vector<Offer> Commands::offers(const QString &typed)
{
    std::vector<Offer> found;
    for (const Command &row : table) {
        bool visible = true;
        double weight = 1;
        const QString path = path_of(row.kind == Command::Kind::menu ? row.id : row.menu, visible, weight);
        if (!visible)
            continue;
        if (!row.rows) {
            add_offers(row, path, weight, typed, found);
            continue;
        }
        for (const Command &each : row.rows())
            add_offers(each, path, weight, typed, found);
    }
    return found;
}

std::vector<KeyGroup> Commands::keys(const QWidget &window) const
{
    std::vector<KeyGroup> groups;
    KeyGroup elsewhere{tr("Elsewhere"), {}};
    QHash<QString, std::size_t> group_of; // of each menu
    for (const Command &row : table) {
        if (row.kind == Command::Kind::menu) {
            if (row.menu.isEmpty())
                groups.push_back({plain_entry_text(row.text), {}});
            group_of.insert(row.id, row.menu.isEmpty() ? groups.size() - 1 : group_of.value(row.menu));
        } else if (!row.keys.isEmpty()) {
            KeyGroup &group = group_of.contains(row.menu) ? groups[group_of.value(row.menu)] : elsewhere;
            group.rows.push_back({shown_keys(row.keys), plain_entry_text(text_of_entry(row))});
        }
    }
    groups.push_back(std::move(elsewhere));
    for (const QAction *action : window.findChildren<QAction *>()) {
        if (!action->shortcuts().isEmpty() && actions.value(action->objectName()) != action)
            groups.back().rows.push_back({shown_keys(action->shortcuts()), plain_entry_text(action->text())});
    }
    std::erase_if(groups, [](const KeyGroup &group) { return group.rows.empty(); });
    return groups;
}

} // namespace epscope
