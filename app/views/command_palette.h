// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that can be done, found by typing a few letters of it.
#pragma once

#include <vector>

#include <QFrame>

#include "app/controls/offer.h"

class QLineEdit;
class QListWidget;

namespace epscope {

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
