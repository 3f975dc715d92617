// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/words/parameters.h"

#include <string>

#include <QCoreApplication>

namespace epscope {
namespace {

QString translated(std::string_view text)
{
    return QCoreApplication::translate("epscope::Parameter", std::string(text).c_str());
}

} // namespace

QString label_of(const Parameter &parameter)
{
    return translated(parameter.label);
}

QString label_of(const AxisNumber &number)
{
    return translated(number.label);
}

QString help_of(const Parameter &parameter)
{
    return translated(parameter.help);
}

QString choice_text(std::string_view choice)
{
    if (choice == "chip")
        return translated("as the chip has it");
    if (choice == "fp8" || choice == "int8")
        return to_text(choice).toUpper();
    return to_text(choice);
}

} // namespace epscope
