// SPDX-License-Identifier: GPL-3.0-or-later
// A parameter that can be searched over a range or fixed at a value: its control, and the choice between the two.
#pragma once

#include <string>

#include <QAbstractButton>
#include <QWidget>

class QLineEdit;
class QVBoxLayout;

namespace epscope {

class InlineMessage;

// "Search | Fixed"; checked is fixed.
class SearchSwitch : public QAbstractButton {
    Q_OBJECT
public:
    explicit SearchSwitch(QWidget *parent);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;
};

// The control above, the switch and the range below. L switches.
class SearchRow : public QWidget {
    Q_OBJECT
public:
    SearchRow(const std::string &key, QWidget *parent);

    QVBoxLayout *content; // for the control
    SearchSwitch *toggle;
    QLineEdit *range;

    // The range as it is in force: what Esc brings back.
    void show(bool fixed, const QString &range_in_force);
    void complain(const QString &text);

signals:
    void switched(bool fixed);
    // A range has been typed.
    void range_edited(const QString &text);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    InlineMessage *message;
    QString in_force;
};

} // namespace epscope
