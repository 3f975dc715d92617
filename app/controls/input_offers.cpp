// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controls/input_offers.h"

#include <QListWidget>

#include "app/controls/parameter_controls.h"
#include "app/controls/slider_spec.h"
#include "app/words/output_words.h"
#include "core/analysis/seek.h"
#include "core/spec/parameters.h"
#include "core/spec/value_expression.h"

namespace epscope {
namespace {

struct Input {
    std::string key; // as set_parameter() takes it
    QString control; // the object name of its control
    QString label;
    Parameter info;
};

// Those that have a control, in the order of the documentation.
std::vector<Input> inputs_of(const Study &study, const std::string &chip)
{
    std::vector<Input> inputs;
    for (const Parameter &info : all_parameters()) {
        const std::string key(info.key);
        const bool is_number_or_choice = info.axis != Axis::none || !info.choices.empty();
        switch (info.scope) {
        case Scope::workload:
        case Scope::target:
            inputs.push_back({key, to_text(key), label_of(info), info});
            break;
        case Scope::search:
            inputs.push_back({key, to_text(key), label_of(info), info});
            for (const AxisNumber &number : find_axis(key)->numbers) { // of a pair its halves, each with a slider
                if (!number.in_pair)
                    continue;
                inputs.push_back({std::string(number.key), to_text(number.key), label_of(number), info});
                if (&number == &find_axis(key)->numbers.front())
                    inputs.rbegin()[1].control = inputs.back().control;
            }
            break;
        case Scope::chip:
            if (is_number_or_choice)
                inputs.push_back({"chip." + chip + "." + key, to_text("chip." + key),
                    Session::tr("%1 of %2").arg(label_of(info), to_text(chip)), info});
            break;
        case Scope::nic:
            for (const Nic &nic : study.nics) {
                if (is_number_or_choice)
                    inputs.push_back({"nic." + nic.name + "." + key, to_text("nic." + key),
                        Session::tr("%1 of %2").arg(label_of(info), to_text(nic.name)), info});
            }
            break;
        case Scope::quirks:
            inputs.push_back(
                {"quirks." + key, to_text("quirks." + key), Session::tr("Quirk: %1").arg(label_of(info)), info});
            break;
        default:
            break;
        }
    }
    return inputs;
}

// What set_parameter() takes for a text as it may be typed into a slider.
std::string settable(const Input &input, const Study &study, const std::string &typed)
{
    if (const std::optional<Quantity> now = quantity_of(study, input.key, input.info.dimension)) {
        const auto value = evaluate_expression(typed, input.info, *now);
        if (const auto *quantity = std::get_if<Quantity>(&value))
            return exact_text(*quantity);
    }
    return typed;
}

} // namespace

std::vector<Offer> parameter_offers(
    Session &session, const std::string &chip, const std::function<void(const QString &)> &reveal, const QString &typed)
{
    std::vector<Offer> offers;
    std::optional<Offer> wrong_value; // of the input that fits best; said only where none takes the value
    bool settable_found = false;
    const QStringList words = typed.split(u' ', Qt::SkipEmptyParts);
    for (const Input &input : inputs_of(session.study(), chip)) {
        const QString now = to_text(parameter_text(session.study(), input.key).value_or(""));
        const QString searchable = input.label + u' ' + to_text(input.key).replace(u'_', u' ');
        if (const double fit = fit_of(typed, searchable); fit > 0)
            offers.push_back({input.label, now, [reveal, control = input.control] { reveal(control); }, fit});
        for (qsizetype names = 1; names < words.size(); ++names) {
            const double fit = fit_of(words.mid(0, names).join(u' '), searchable);
            if (fit <= 0)
                continue;
            const QString rest = words.mid(names).join(u' ');
            const std::string value = settable(input, session.study(), rest.toStdString());
            Study changed = session.study();
            const auto wrong = set_parameter(changed, input.key, value, BareNumbers::allowed);
            constexpr double before_others = 1; // someone who types a value wants it set
            if (!wrong)
                offers.push_back(
                    {Session::tr("%1 → %2").arg(input.label, to_text(parameter_text(changed, input.key).value_or(""))),
                        Session::tr("now %1").arg(now), [&session, changed] { session.change(changed); },
                        fit + before_others});
            else if (rest[0].isDigit() && (!wrong_value || fit > wrong_value->score))
                wrong_value = Offer{Session::tr("%1 → %2").arg(input.label, rest), to_text(*wrong), {}, fit};
            settable_found = settable_found || !wrong;
        }
    }
    if (wrong_value && !settable_found)
        offers.push_back(std::move(*wrong_value));
    return offers;
}

std::vector<Offer> explanation_offers(const std::function<void(const std::string &)> &explain, const QString &typed)
{
    std::vector<Offer> offers;
    const auto add = [&](std::string_view name, const QString &label) {
        const QString title = Session::tr("Explain %1").arg(label), key = to_text(name);
        if (const double fit = fit_of(typed, title + u' ' + key); fit > 0)
            offers.push_back({title, key, [explain, name] { explain(std::string(name)); }, fit});
    };
    for (const Metric &metric : metrics()) {
        if (metric.number && !metric.explained.empty())
            add(metric.explained, title_of(metric));
    }
    for (const OperatorInfo &info : operators())
        add(info.key, to_text(info.label));
    return offers;
}

std::vector<Offer> goal_offers(const std::function<void(const std::string &)> &seek, const QString &typed)
{
    const std::string text = QString(typed).replace(u"≥"_qs, u">="_qs).replace(u"≤"_qs, u"<="_qs).toStdString();
    constexpr double first = 4; // nothing else is written so
    if (text.find(">=") == std::string::npos && text.find("<=") == std::string::npos)
        return {};
    const auto goal = parse_goal(text);
    if (const auto *wrong = std::get_if<std::string>(&goal))
        return {{Session::tr("Seek %1").arg(typed), to_text(*wrong), {}, first}};
    return {{Session::tr("Seek %1").arg(to_text(text_of(std::get<Goal>(goal)))), Session::tr("which value reaches it?"),
        [seek, text] { seek(text); }, first}};
}

} // namespace epscope
