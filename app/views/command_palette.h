// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that can be done, found by typing a few letters of it.
#pragma once

#include <functional>
#include <vector>

#include <QFrame>
#include <QString>

class QLineEdit;
class QListWidget;
class QMenuBar;

namespace epscope {

struct Offer {
    QString title;
    QString hint; // its keys, its value now, or why it cannot be done
    std::function<void()> run; // null: it cannot be done
    double score = 0; // how well it fits what was typed
};
// What there is to offer for a text, in any order.
using Offers = std::function<std::vector<Offer>(const QString &typed)>;

// How well a text fits: 0 unless every typed word is in it, as the beginning of a word, inside one, or letter by letter
// in one.
double fit_of(const QString &typed, const QString &text);

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
