// SPDX-License-Identifier: GPL-3.0-or-later
// Small parts that the input panel and its editors share: parameters as texts, and the boxes that choose among words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <QPushButton>

#include "app/choice_box.h"
#include "core/spec/parameters.h"

namespace epscope {

class Session;
class ValueSlider;

QString to_text(std::string_view text);
std::optional<Quantity> quantity_of(const std::optional<std::string> &text, Dimension dimension);
std::optional<Quantity> quantity_of(const Study &study, const std::string &key, Dimension dimension);
// A rate that nobody has written, in the unit in which it reads best.
std::optional<Quantity> fitting(double si, Dimension dimension);
// A word of the parameter table as people read it.
QString choice_text(std::string_view choice);
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
