// SPDX-License-Identifier: GPL-3.0-or-later
// Small parts that the input panel and its editors share: parameters as texts, and the boxes that choose among words.
#pragma once

#include <string>

#include <QComboBox>
#include <QPushButton>

#include "app/words/parameters.h"
#include "core/spec/value_expression.h"

namespace epscope {

class Session;
class ValueSlider;

QString tooltip_of(const Parameter &parameter, const std::string &key);
void set_bold(QWidget *widget, bool bold);

// Sets the parameter; what is wrong appears below the slider, which goes back to the study's value.
void set_or_complain(Session &session, ValueSlider &slider, const std::string &key, const QString &text);

// A box that is as narrow as it must be. A wheel over it scrolls what it lies in unless it has the focus.
class ChoiceBox : public QComboBox {
    Q_OBJECT
public:
    explicit ChoiceBox(QWidget *parent);
    // The choices of a row of the parameter table.
    ChoiceBox(const Parameter &parameter, const std::string &key, QWidget *parent);

protected:
    void paintEvent(QPaintEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
};

// A button with some air around its words.
class RowButton : public QPushButton {
    Q_OBJECT
public:
    RowButton(const QString &text, const QString &name, const QString &tooltip, QWidget *parent);
    QSize sizeHint() const override;
};

} // namespace epscope
