// SPDX-License-Identifier: GPL-3.0-or-later
// Small parts that the input panel and its editors share: parameters as texts, and the boxes that choose among words.
#pragma once

#include <string>

#include <QPushButton>

#include "app/look/choice_box.h"
#include "app/words/parameters.h"
#include "core/spec/value_expression.h"

namespace epscope {

class Session;
class ValueSlider;

QString tooltip_of(const Parameter &parameter, const std::string &key);
void set_bold(QWidget *widget, bool bold);

// Sets the parameter; what is wrong appears below the slider, which goes back to the study's value.
void set_or_complain(Session &session, ValueSlider &slider, const std::string &key, const QString &text);

// The choices of a row of the parameter table.
class ParameterBox : public ChoiceBox {
public:
    ParameterBox(const Parameter &parameter, const std::string &key, QWidget *parent);
};

// A button with some air around its words.
class RowButton : public QPushButton {
    Q_OBJECT
public:
    RowButton(const QString &text, const QString &name, const QString &tooltip, QWidget *parent);
    QSize sizeHint() const override;
};

} // namespace epscope
