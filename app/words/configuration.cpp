// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/words/configuration.h"

#include <QCoreApplication>
#include <QStringList>

#include "app/words/text.h"

namespace epscope {
namespace {

struct ConfigurationTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::Configuration)
};

} // namespace

QString text_of(const AxisColumn &column, const Point &point)
{
    if (!column.value)
        return to_text(column.text(point));
    return QCoreApplication::translate("epscope::Axis", std::string(column.word).c_str()) + u' '
        + to_text(column.dimension == Dimension::count ? exact_text(column.value(point))
                                                       : compact_text(column.value(point), column.dimension));
}

QString axis_words(const Point &point, std::initializer_list<AxisId> axes)
{
    QStringList texts;
    for (const AxisId id : axes) {
        for (const AxisColumn &column : axis_of(id).columns)
            texts << text_of(column, point);
    }
    return texts.join(QStringLiteral(", "));
}

QString point_text(const Point &point)
{
    return axis_words(point, {AxisId::ep, AxisId::batch, AxisId::policy, AxisId::precision, AxisId::mtp_len});
}

QString chip_with_point_text(const QString &chip, const Point &point)
{
    return ConfigurationTexts::tr("%1 with %2 and %3")
        .arg(chip, axis_words(point, {AxisId::ep}), axis_words(point, {AxisId::batch}));
}

QString configuration_text(const Study &study, const Candidate &candidate)
{
    const Point &point = candidate.point;
    return to_text(study.chips[candidate.chip].name) + QStringLiteral(" · ") + to_text(study.nics[candidate.nic].name)
        + u'\n' + axis_words(point, {AxisId::ep, AxisId::batch, AxisId::policy}) + u'\n'
        + axis_words(point, {AxisId::precision, AxisId::mtp_len});
}

QString configuration_line(const Study &study, const Candidate &candidate)
{
    return configuration_text(study, candidate).replace(u'\n', QStringLiteral(" · "));
}

QString brief_configuration_text(const Study &study, const Candidate &candidate)
{
    const Point &point = candidate.point;
    return QStringLiteral("%1, %2 × %3, %4")
        .arg(to_text(study.chips[candidate.chip].name), axis_words(point, {AxisId::ep}), QString::number(point.batch),
            axis_words(point, {AxisId::policy}));
}

QString short_configuration_text(const Point &point)
{
    return QStringLiteral("%1×%2").arg(point.ep).arg(point.batch);
}

} // namespace epscope
