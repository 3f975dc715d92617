// SPDX-License-Identifier: GPL-3.0-or-later
// The study's scenarios as a row of cards: click shows one, dragging moves it, a double click or F2 renames it.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QAbstractButton>
#include <QWidget>

#include "app/session/comparer.h"

class QHBoxLayout;
class QLineEdit;
class QMenu;
class QScrollArea;

namespace epscope {

class ScenarioButton;

class ScenarioStrip : public QWidget {
    Q_OBJECT
public:
    ScenarioStrip(Session &session, const Comparer &comparer, QWidget *parent = nullptr);

    const std::vector<ScenarioButton *> &buttons() const { return cards; }
    QLineEdit *name_editor() const { return naming; } // null unless somebody types
    QLineEdit *note_line() const { return note; }
    // What a card offers on a right click.
    void set_menu(QMenu *actions) { menu = actions; }

public slots:
    void rename(int id);

signals:
    void complained(const QString &text);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    friend class ScenarioButton;

    Session &session;
    const Comparer &comparer;
    QScrollArea *scroll;
    QWidget *row;
    QHBoxLayout *line;
    QAbstractButton *fresh, *back, *forth;
    QLineEdit *note;
    QMenu *menu = nullptr;
    std::vector<ScenarioButton *> cards;
    QLineEdit *naming = nullptr;
    int named = 0; // id

    void refresh();
    void show_outcomes();
    void finish_naming(bool take);
    void fit_height();
    void drag(ScenarioButton &card, int x); // in the row
    void drop(ScenarioButton &card);
    int place_at(const ScenarioButton &card, int x) const;
};

// One card: its number, name and the throughput of its best configuration.
class ScenarioButton : public QAbstractButton {
    Q_OBJECT
public:
    ScenarioButton(ScenarioStrip &strip, QWidget *parent);

    int id() const { return card; }
    void show_card(int id, int number, const QString &name, const QString &note, bool active);
    // With how it has changed against the baseline, if there is one; below the threshold that is greyed.
    void show_outcome(const QString &text, const std::optional<ValueChange> &change, double threshold);
    const QString &outcome() const { return result; }
    const std::optional<ValueChange> &change() const { return difference; }
    QRect name_area() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    ScenarioStrip &strip;
    int card = -1, ordinal = 0;
    QString result;
    std::optional<ValueChange> difference;
    double least_change = 0;
    int pressed_at = 0; // x in the card
    bool dragged = false;

    QFont name_font(bool bold) const;
    QFont small_font() const;
    QString number_text() const;
    QString outcome_text() const;
    QSize size_with(int longest) const; // the name's width at most, in heights of a line
};

} // namespace epscope
