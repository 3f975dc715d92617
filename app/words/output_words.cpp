// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/words/output_words.h"

#include <QCoreApplication>

namespace epscope {
namespace {

QString translated_output(std::string_view text)
{
    return QCoreApplication::translate("epscope::Output", std::string(text).c_str());
}

} // namespace

QString title_of(const Metric &metric)
{
    return translated_output(metric.title);
}

QString help_of(const Metric &metric)
{
    return translated_output(metric.what);
}

QString why_not_known(const Metric &metric, const Chip &chip)
{
    const std::string why = why_unknown(metric, chip);
    return why.empty() ? QString()
                       : QCoreApplication::translate("epscope::Output", "%1 is not known: %2")
                             .arg(title_of(metric), QString::fromStdString(why));
}

QString header_of(const ColumnWords &column)
{
    return translated_output(column.header);
}

QString help_of(const ColumnWords &column)
{
    return translated_output(column.help);
}

} // namespace epscope
