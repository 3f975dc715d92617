// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/profile_panel.h"

#include <algorithm>
#include <cmath>

#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QScreen>
#include <QStyle>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "app/look/plain_text.h"
#include "app/words/configuration.h"
#include "app/words/numbers.h"
#include "app/words/profile_changes.h"
#include "app/words/text.h"

namespace epscope {
namespace {

QString name_of_profile(const Profile &profile)
{
    return to_text(profile.title.empty() ? profile.name : profile.title);
}

} // namespace

QString effect_text(const Profile &before, const Profile &after, const Scenario &shown)
{
    const auto throughput = [&](const Profile &profile) {
        Scenario scenario = shown;
        scenario.profile = profile;
        return estimate(scenario).throughput_per_card;
    };
    const auto whole = [](double value) { return whole_text(std::llround(value)); };
    const double then = throughput(before), now = throughput(after);
    if (!(then > 0) || !std::isfinite(then) || !std::isfinite(now))
        return {};
    const double percent = std::round(100 * (now / then - 1));
    return ProfilePanel::tr("The configuration on show, %1, delivers %2 tok/s per card with “%3” and %4 tok/s with "
                            "“%5” (%6%7 %).")
        .arg(chip_with_point_text(to_text(shown.chip.name), shown.point, nullptr), whole(then), name_of_profile(before),
            whole(now), name_of_profile(after),
            percent < 0       ? QStringLiteral("\u2212")
                : percent > 0 ? QStringLiteral("+")
                              : QStringLiteral("± "),
            QString::number(std::abs(percent)));
}

ProfilePanel::ProfilePanel(QWidget *parent)
    : QFrame(parent, Qt::Popup)
    , heading(plain_label(this))
    , effect(plain_label(this))
    , table(new QTreeWidget(this))
{
    setObjectName(QStringLiteral("profile.changes"));
    setAccessibleName(tr("What the profile changes"));
    auto *column = new QVBoxLayout(this);
    for (QLabel *label : {heading, effect}) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        column->addWidget(label);
    }
    QFont bold = heading->font();
    bold.setBold(true);
    heading->setFont(bold);
    table->setColumnCount(4);
    table->setRootIsDecorated(false);
    table->setItemsExpandable(false);
    table->setIndentation(fontMetrics().height() / 2);
    table->setAlternatingRowColors(true);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setTextElideMode(Qt::ElideRight);
    table->setUniformRowHeights(true);
    table->setAccessibleName(tr("Changes"));
    column->addWidget(table, 1);
}

void ProfilePanel::show_changes(const Profile &before, const Profile &after, const std::optional<Scenario> &shown)
{
    const std::vector<ProfileChange> changes = profile_changes(before, after);
    heading->setText(tr("“%1” against “%2”: %3 differences")
                         .arg(name_of_profile(after), name_of_profile(before))
                         .arg(changes.size()));
    effect->setText(shown ? effect_text(before, after, *shown) : QString());
    effect->setVisible(!effect->text().isEmpty());
    table->setHeaderLabels({tr("Changed"), name_of_profile(before), name_of_profile(after), tr("Obtained")});
    table->clear();
    QTreeWidgetItem *group = nullptr;
    std::optional<ProfileChange::Group> of;
    QFont bold = table->font();
    bold.setBold(true);
    for (const ProfileChange &change : changes) {
        if (of != change.group) {
            of = change.group;
            group = new QTreeWidgetItem(table, {name_of(change.group)});
            group->setFont(0, bold);
            group->setFlags(Qt::ItemIsEnabled);
            group->setSizeHint(0, QSize(0, row_height()));
            group->setFirstColumnSpanned(true);
            group->setExpanded(true);
        }
        auto *item = new QTreeWidgetItem(group, {change.label, change.before, change.after, change.origin});
        const QString help =
            QStringLiteral("<p><b>%1</b>: %2 → %3</p><p>%4</p>")
                .arg(change.label.toHtmlEscaped(), change.before.toHtmlEscaped(), change.after.toHtmlEscaped(),
                    change.help.toHtmlEscaped().replace(u'\n', QStringLiteral("<br>")));
        for (int i = 0; i < table->columnCount(); ++i)
            item->setToolTip(i, help);
    }
    const int em = fontMetrics().averageCharWidth();
    const int widths[] = {34 * em, 26 * em, 38 * em, 12 * em};
    for (int i = 0; i < table->columnCount(); ++i)
        table->setColumnWidth(i, widths[i]);
}

int ProfilePanel::row_height() const
{
    return fontMetrics().height() * 5 / 4;
}

void ProfilePanel::paintEvent(QPaintEvent *event)
{
    QFrame::paintEvent(event);
    QPainter painter(this);
    painter.setPen(QPen(palette().color(QPalette::Mid), 1)); // apart from the window, which has the same ground
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void ProfilePanel::open_at(const QWidget &control)
{
    const QRect screen = control.screen()->availableGeometry();
    const int em = fontMetrics().averageCharWidth(), line = fontMetrics().height();
    int rows = 1;
    for (int i = 0; i < table->topLevelItemCount(); ++i)
        rows += 1 + table->topLevelItem(i)->childCount();
    const QMargins margins = layout()->contentsMargins();
    const int width = std::min(116 * em + style()->pixelMetric(QStyle::PM_ScrollBarExtent), screen.width() - 2 * em);
    const int texts = heading->heightForWidth(width - margins.left() - margins.right())
        + effect->heightForWidth(width - margins.left() - margins.right());
    resize(width, std::min(texts + (rows + 1) * row_height() + 3 * line, screen.height() * 4 / 5));
    const QPoint beside = control.mapToGlobal(QPoint(control.width() + em, 0));
    move(std::clamp(beside.x(), screen.left(), std::max(screen.left(), screen.right() - this->width())),
        std::clamp(beside.y() - height() / 2, screen.top(), std::max(screen.top(), screen.bottom() - height())));
    show();
    table->setFocus(Qt::PopupFocusReason);
}

} // namespace epscope
