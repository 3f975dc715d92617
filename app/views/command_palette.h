// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that can be done, found by typing a few letters of it.
#pragma once

#include <vector>

#include <QFrame>

#include "app/controls/offer.h"

class QLineEdit;
class QListWidget;
class QMenuBar;

namespace epscope {

// The property of a menu whose actions are offered after all else that fits.
inline constexpr const char *offered_last = "offered_last";
// The actions of all menus that can be used now, "View › Theme › Dark".
std::vector<Offer> menu_offers(const QMenuBar &menus, const QString &typed);

class CommandPalette : public QFrame {
    Q_OBJECT
public:
    CommandPalette(std::vector<Offers> sources, QWidget *window);

    // Over the window, empty.
    void open();
    QLineEdit *line() const { return input; }
    QListWidget *list() const { return offers; }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    std::vector<Offers> sources;
    QLineEdit *input;
    QListWidget *offers;
    std::vector<Offer> shown;
    int most_height = 0; // px

    void refill();
    void run(int row);
};

} // namespace epscope
