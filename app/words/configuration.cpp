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

QString with_part_of_card(const AxisColumn &column, const Point &point, const QString &number)
{
    return column.is_shared(point)
        ? ConfigurationTexts::tr("%1 (%2 per card)").arg(number, to_text(column.text_on_card(point)))
        : number;
}

// What of the parallelism stands before EP and batch.
QString before_ep(const Point &point, const SearchSpace *space)
{
    const QString words = axis_words(point, {AxisId::tp, AxisId::mode}, space);
    return words.isEmpty() ? words : words + QStringLiteral(", ");
}

} // namespace

QString text_of(const AxisColumn &column, const Point &point)
{
    if (!column.value)
        return to_text(column.text(point));
    return QCoreApplication::translate("epscope::Axis", std::string(column.word).c_str()) + u' '
        + with_part_of_card(column, point,
            to_text(column.dimension == Dimension::count ? exact_text(column.value(point))
                                                         : compact_text(column.value(point), column.dimension)));
}

QString axis_words(const Point &point, std::initializer_list<AxisId> axes, const SearchSpace *space)
{
    QStringList texts;
    for (const AxisId id : axes) {
        if (!is_told(axis_of(id), point, space))
            continue;
        for (const AxisColumn &column : axis_of(id).columns)
            texts << text_of(column, point);
    }
    return texts.join(QStringLiteral(", "));
}

QString point_text(const Point &point, const SearchSpace *space)
{
    return axis_words(point,
        {AxisId::tp, AxisId::mode, AxisId::ep, AxisId::batch, AxisId::policy, AxisId::precision, AxisId::mtp_len},
        space);
}

QString chip_with_point_text(const QString &chip, const Point &point, const SearchSpace *space)
{
    return ConfigurationTexts::tr("%1 with %2 and %3")
        .arg(chip, axis_words(point, {AxisId::tp, AxisId::mode, AxisId::ep}, space),
            axis_words(point, {AxisId::batch}, space));
}

QString batch_text(const Point &point, std::int64_t batch)
{
    Point with_batch = point;
    with_batch.batch = batch;
    return with_part_of_card(axis_of(AxisId::batch).columns.front(), with_batch, QString::number(batch));
}

QString configuration_text(const Study &study, const Candidate &candidate)
{
    const Point &point = candidate.point;
    return to_text(study.chips[candidate.chip].name) + QStringLiteral(" · ") + to_text(study.nics[candidate.nic].name)
        + u'\n'
        + axis_words(point, {AxisId::tp, AxisId::mode, AxisId::ep, AxisId::batch, AxisId::policy}, &study.search)
        + u'\n' + axis_words(point, {AxisId::precision, AxisId::mtp_len}, &study.search);
}

QString configuration_line(const Study &study, const Candidate &candidate)
{
    return configuration_text(study, candidate).replace(u'\n', QStringLiteral(" · "));
}

QString brief_configuration_text(const Study &study, const Candidate &candidate)
{
    const Point &point = candidate.point;
    return QStringLiteral("%1, %2, %3")
        .arg(to_text(study.chips[candidate.chip].name), ep_times_batch_text(point, &study.search),
            axis_words(point, {AxisId::policy}, &study.search));
}

QString ep_times_batch_text(const Point &point, const SearchSpace *space, bool with_word)
{
    return QStringLiteral("%1%2 × %3")
        .arg(before_ep(point, space), with_word ? axis_words(point, {AxisId::ep}, space) : QString::number(point.ep))
        .arg(point.batch);
}

QString short_configuration_text(const Point &point, const SearchSpace *space)
{
    return QStringLiteral("%1%2×%3").arg(before_ep(point, space)).arg(point.ep).arg(point.batch);
}

} // namespace epscope
