// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/report.h"

#include <algorithm>

#include <QCoreApplication>
#include <QDir>

#include "app/charts/make_chart.h"
#include "app/export/chart_export.h"
#include "app/export/comparison.h"
#include "app/session/comparer.h"
#include "app/views/compare_view.h"
#include "app/views/headline.h"
#include "app/words/configuration.h"
#include "app/words/output_words.h"
#include "app/words/text.h"
#include "core/find.h"
#include "core/spec/parameters.h"
#include "core/spec/remarks.h"

namespace epscope {
namespace {

struct ReportTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::Report)
};

constexpr std::size_t most_columns = 4; // of values in one table

QString shown(std::string_view text)
{
    return text.empty()   ? u"–"_qs
        : text == "true"  ? ReportTexts::tr("on")
        : text == "false" ? ReportTexts::tr("off")
                          : to_text(text);
}

// Of several.
const Card *scenario(const ReportInput &input)
{
    return input.cards.size() > 1 ? find_in(input.cards, input.active, &Card::id) : nullptr;
}

ReportTable table_of(const QStringList &header, std::vector<bool> left)
{
    return {header, std::move(left)};
}

ReportTable configurations(const Explored &explored)
{
    constexpr int digits = 4;
    std::vector<const ResultColumn *> outputs;
    for (const Metric &metric : metrics()) {
        if (metric.listed != Listed::never && is_told(metric, explored.searched.search))
            outputs.push_back(find_result_column(metric.column_key));
    }
    ReportTable table = table_of({ReportTexts::tr("Chip")}, {true});
    for (const ResultColumn *column : outputs) {
        table.header << header_of(*column);
        table.left.push_back(column->kind != CellKind::number);
    }
    table.header << ReportTexts::tr("EP") << ReportTexts::tr("Batch") << ReportTexts::tr("Configuration");
    table.left.insert(table.left.end(), {false, false, true});
    for (const ChipView &view : explored.chips) {
        const Estimate &estimate = view.estimate;
        const Point &point = view.shown.point;
        QString configuration = to_text(view.scenario.nic.name) + QStringLiteral(", ")
            + axis_words(point, {AxisId::tp, AxisId::mode, AxisId::policy, AxisId::precision, AxisId::mtp_len},
                &explored.searched.search);
        if (!estimate.feasible())
            configuration += ReportTexts::tr("; does not serve: %1").arg(to_text(text_of(estimate.infeasible.front())));
        std::vector<ReportCell> row{{to_text(view.scenario.chip.name)}};
        const Evaluation evaluation(view.scenario, estimate);
        for (const ResultColumn *column : outputs)
            row.push_back({to_text(shown_cell(*column, column->value(evaluation), digits))});
        row.insert(row.end(), {{QString::number(point.ep)}, {QString::number(point.batch)}, {configuration}});
        table.rows.push_back(std::move(row));
    }
    return table;
}

// The pinned baseline or the first scenario stands in every table, what the others change is against it.
void add_comparison(ReportDocument &report, const ReportInput &input)
{
    if (!input.compared)
        return;
    CompareModel model;
    model.set_compared(input.compared, input.active, input.baselines.threshold);
    report.blocks.push_back(ReportHeading{ReportTexts::tr("Scenarios compared")});
    const int columns = model.columnCount(), each = static_cast<int>(most_columns) - 1;
    for (int first = 1; first < columns; first += each) {
        std::vector<int> shown_columns{0};
        for (int column = first; column < std::min(columns, first + each); ++column)
            shown_columns.push_back(column);
        report.blocks.push_back(comparison_table(model, shown_columns));
    }
    for (const Card &card : input.cards) {
        if (!card.note.empty())
            report.blocks.push_back(ReportText{to_text(card.name + ": " + card.note), ReportText::Kind::muted});
    }
    report.blocks.push_back(ReportText{comparison_note(model), ReportText::Kind::muted});
}

// Those that say where the others come from stand below the tables.
template <class T>
bool is_value(const Field<T> &field)
{
    return field.info.key != "source" && field.info.key != "assumed";
}

template <class T>
void add_rows(ReportTable &table, const T &object, const T &before)
{
    for (const Field<T> &field : fields<T>()) {
        if (!is_value(field))
            continue;
        const std::string text = field_text(object, field), was = field_text(before, field);
        table.rows.push_back({{to_text(field.info.label)},
            {shown(text), was == text ? QString() : ReportTexts::tr("was %1").arg(shown(was))}});
    }
}

void add_quirks(ReportDocument &report, const Quirks &quirks)
{
    ReportTable table =
        table_of({ReportTexts::tr("Quirk"), QString(), ReportTexts::tr("What it does")}, {true, true, true});
    for (const Field<Quirks> &quirk : fields<Quirks>())
        table.rows.push_back(
            {{to_text(quirk.info.label)}, {shown(field_text(quirks, quirk))}, {to_text(quirk.info.help)}});
    report.blocks.push_back(std::move(table));
}

void add_profile(ReportDocument &report, const Profile &profile)
{
    report.blocks.push_back(ReportHeading{ReportTexts::tr("Profile: %1").arg(to_text(profile.title))});
    report.blocks.push_back(ReportText{to_text(profile.source), ReportText::Kind::muted});
    add_quirks(report, profile.quirks);
    ReportTable table = table_of(
        {ReportTexts::tr("Number of the profile"), ReportTexts::tr("Value"), ReportTexts::tr("How it was obtained")},
        {true, false, true});
    for (const Field<Profile> &field : fields<Profile>()) {
        const std::string key(field.info.key);
        if (!is_value(field) || key == "title")
            continue;
        const ParameterOrigin *origin = find_in(profile.calibration, key, &ParameterOrigin::parameter);
        const std::optional<ProfileNumber> number = profile_number(key);
        const bool has_unit = field.info.dimension != Dimension::count && field.info.dimension != Dimension::fraction;
        const QString value = number && has_unit ? to_text(short_text(number->of(profile), field.info.dimension, 4))
                                                 : shown(field_text(profile, field));
        table.rows.push_back(
            {{to_text(field.info.label)}, {value}, {origin ? to_text(name_of(origin->origin)) : u"–"_qs}});
    }
    report.blocks.push_back(std::move(table));
}

// Chips or NICs as columns.
template <class T, class IsAssumed>
void add_entries(
    ReportDocument &report, const std::vector<T> &entries, const std::vector<T> &opened, const IsAssumed &is_assumed)
{
    for (std::size_t first = 0; first < entries.size(); first += most_columns) {
        const std::size_t last = std::min(entries.size(), first + most_columns);
        ReportTable table = table_of({QString()}, {true});
        for (std::size_t i = first; i < last; ++i) {
            table.header << to_text(entries[i].name);
            table.left.push_back(false);
        }
        for (const Field<T> &field : fields<T>()) {
            if (!is_value(field))
                continue;
            std::vector<ReportCell> row{{to_text(field.info.label)}};
            bool stated = false;
            for (std::size_t i = first; i < last; ++i) {
                const std::string text = field_text(entries[i], field);
                const T *before = find_in(opened, entries[i].name, &T::name);
                const std::string was = before ? field_text(*before, field) : text;
                const QString change = was != text           ? ReportTexts::tr("was %1").arg(shown(was))
                    : is_assumed(entries[i], field.info.key) ? ReportTexts::tr("assumed")
                                                             : QString();
                row.push_back({shown(text), change});
                stated = stated || !text.empty();
            }
            if (stated)
                table.rows.push_back(std::move(row));
        }
        report.blocks.push_back(std::move(table));
    }
    for (const T &entry : entries) {
        if (!entry.source.empty())
            report.blocks.push_back(ReportText{to_text(entry.name + ": " + entry.source), ReportText::Kind::muted});
    }
}

void add_assumptions(ReportDocument &report, const Study &study, const Study &opened)
{
    report.blocks.push_back(ReportHeading{ReportTexts::tr("Assumptions")});
    ReportTable table =
        table_of({ReportTexts::tr("Workload, target and what is searched"), ReportTexts::tr("Value")}, {true, true});
    add_rows(table, study.workload, opened.workload);
    add_rows(table, study, opened);
    add_rows(table, study.search, opened.search);
    table.rows.push_back({{ReportTexts::tr("Model")},
        {to_text(study.model.name),
            study.model == opened.model ? QString() : ReportTexts::tr("was %1").arg(to_text(opened.model.name))}});
    report.blocks.push_back(std::move(table));
    report.blocks.push_back(ReportHeading{ReportTexts::tr("Chips, per card, dense rates")});
    add_entries(report, study.chips, opened.chips, [](const Chip &chip, std::string_view key) {
        return std::ranges::find(chip.assumed, key) != chip.assumed.end();
    });
    report.blocks.push_back(ReportHeading{ReportTexts::tr("NICs, per card and direction")});
    add_entries(report, study.nics, opened.nics, [](const Nic &, std::string_view) { return false; });
    add_profile(report, study.profile);
}

void add_provenance(ReportDocument &report, const ReportInput &input)
{
    const Study &study = input.explored->inputs.study;
    const SearchOutcome &outcome = input.explored->outcome;
    report.blocks.push_back(ReportHeading{ReportTexts::tr("Where the numbers come from")});
    ReportTable table = table_of({}, {true, true});
    const auto add = [&](const QString &what, const QString &text) {
        if (!text.isEmpty())
            table.rows.push_back({{what}, {text}});
    };
    const auto count = [](std::uint64_t number) { return QString::number(number); };
    add(ReportTexts::tr("Program"), report.program);
    add(ReportTexts::tr("Study"), to_text(study.title.empty() ? study.name : study.title));
    add(ReportTexts::tr("Read from"), input.source.isEmpty() ? input.source : QDir::toNativeSeparators(input.source));
    add(ReportTexts::tr("Source"), to_text(study.source));
    if (const Card *card = scenario(input))
        add(ReportTexts::tr("Scenario"), to_text(card->name));
    const Origin origin = origin_of(study, input.opened, input.version, input.date);
    add(ReportTexts::tr("Profile"), origin.profile + u", "_qs + origin.quirks);
    add(ReportTexts::tr("Date"), input.date.toString(Qt::ISODate));
    add(ReportTexts::tr("Searched"),
        ReportTexts::tr("%1 configurations, %2 of them serve")
            .arg(count(outcome.configurations), count(outcome.feasible)));
    report.blocks.push_back(std::move(table));
    if (input.command.isEmpty()) {
        report.blocks.push_back(ReportText{
            ReportTexts::tr("The study inside this file, opened or saved from it, gives the same numbers.")});
    } else {
        report.blocks.push_back(ReportText{ReportTexts::tr("The same numbers on the command line:")});
        report.blocks.push_back(ReportText{input.command, ReportText::Kind::command});
    }
    report.blocks.push_back(
        ReportText{ReportTexts::tr("This file holds the study: drop it on EPScope's window to go on from here."),
            ReportText::Kind::muted});
}

} // namespace

ReportDocument make_report(const ReportInput &input)
{
    const Explored &explored = *input.explored;
    const Study &study = explored.inputs.study;
    const Origin origin = origin_of(study, input.opened, input.version, input.date);
    ReportDocument report{to_text(study.title.empty() ? study.name : study.title), {}, u"EPScope "_qs + input.version,
        input.date, input.study, {}};
    QStringList below{
        ReportTexts::tr("Decode throughput of %1").arg(to_text(study.model.name)), input.date.toString(Qt::ISODate)};
    if (const Card *card = scenario(input))
        below.insert(0, ReportTexts::tr("Scenario “%1”").arg(to_text(card->name)));
    report.subtitle = below.join(u" · "_qs);

    HeadlineText headline = headline_text(explored, input.baselines);
    headline.parts.pop_back(); // how long the search took is no result
    report.blocks.push_back(ReportText{headline.plain(), ReportText::Kind::lead});
    if (!headline.accuracy.isEmpty())
        report.blocks.push_back(ReportText{headline.accuracy, ReportText::Kind::muted});
    report.blocks.push_back(
        ReportText{ReportTexts::tr("%1; %2.").arg(origin.profile, origin.quirks), ReportText::Kind::plain});
    for (const Remark &remark : remarks(study))
        report.blocks.push_back(
            ReportText{ReportTexts::tr("Warning: %1: %2").arg(to_text(remark.key), to_text(remark.message)),
                ReportText::Kind::muted});
    for (const std::string &note : explored.leading().estimate.notes)
        report.blocks.push_back(ReportText{to_text(note), ReportText::Kind::muted});

    report.blocks.push_back(ReportHeading{explored.inputs.selection ? ReportTexts::tr("Configurations on show")
                                                                    : ReportTexts::tr("Best configurations")});
    report.blocks.push_back(configurations(explored));
    add_comparison(report, input);
    report.blocks.push_back(ReportHeading{ReportTexts::tr("Charts")});
    for (const ChartView *chart : input.charts) {
        // Those with a bar a chip need no more room than that.
        constexpr int bar = 85, most_bars = 4;
        const int bars = std::min(static_cast<int>(explored.chips.size()), most_bars), most = ReportChart().height;
        const ChartKind *kind = find_chart_kind(chart->id().toStdString());
        const int besides = kind ? kind->report.height_besides_bars : 0;
        report.blocks.push_back(ReportChart{chart, besides > 0 ? std::min(besides + bar * bars, most) : most});
    }
    add_assumptions(report, study, input.opened);
    add_provenance(report, input);
    return report;
}

} // namespace epscope
