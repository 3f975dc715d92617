// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/session.h"

#include <algorithm>

#include "app/session/change_name.h"
#include "core/spec/parameters.h"

namespace epscope {

Session::Session(QObject *parent) : QObject(parent), past([this](const SessionState &other) { restore(other); })
{
    start_with({});
    connect(&runner, &SearchRunner::finished, this, [this](const std::shared_ptr<const Explored> &explored) {
        // Steps back lead to inputs whose answer is on show already; what was searched on the way there is not wanted any more.
        const bool answered = latest && latest->exact && latest->inputs == current;
        if (answered && (!explored->exact || explored->inputs != current))
            return;
        latest = explored;
        emit explored_changed();
    });
    connect(&runner, &SearchRunner::progressed, this, &Session::search_progressed);
    connect(&runner, &SearchRunner::failed, this, &Session::search_failed);
}

void Session::start_with(Study study)
{
    const auto shared = std::make_shared<const Study>(std::move(study));
    state = {{{0, {}, {}, shared, std::nullopt}}, 0};
    saved = state.cards;
    originals = {{0, shared}};
    current = {*shared, std::nullopt, {}, current.measured};
    past.clear();
}

void Session::open(Study study)
{
    start_with(std::move(study));
    emit opened_study();
    inputs_have_changed();
}

bool Session::modified() const
{
    const auto equal = [](const Card &a, const Card &b) {
        return a.name == b.name && a.note == b.note && (a.study == b.study || *a.study == *b.study);
    };
    return !std::equal(state.cards.begin(), state.cards.end(), saved.begin(), saved.end(), equal);
}

void Session::mark_saved()
{
    saved = state.cards;
    for (const Card &card : saved)
        originals[card.id] = card.study;
    past.steps().setClean();
    emit opened_study();
}

void Session::change(Study study, const QString &what)
{
    if (study == current.study)
        return;
    const SessionState before = state;
    active().study = std::make_shared<const Study>(std::move(study));
    const ChangeName name = change_name(current.study, *active().study);
    current.study = *active().study;
    past.record(what.isEmpty() ? name.text : what, what.isEmpty() ? name.key : std::string(), before, state);
    inputs_have_changed();
}

void Session::rename(const std::string &name)
{
    current.study.name = current.study.title = name;
    for (Card &card : state.cards)
        card.study = as_called(card.study);
    inputs_have_changed();
}

// A study that goes by the name of the one that is open.
std::shared_ptr<const Study> Session::as_called(const std::shared_ptr<const Study> &study) const
{
    const Study &now = current.study;
    if (study->name == now.name && study->title == now.title && study->source == now.source)
        return study;
    Study renamed = *study;
    renamed.name = now.name;
    renamed.title = now.title;
    renamed.source = now.source;
    return std::make_shared<const Study>(std::move(renamed));
}

Card &Session::active()
{
    return *std::find_if(state.cards.begin(), state.cards.end(), [this](const Card &card) { return card.id == state.active; });
}

void Session::restore(const SessionState &other)
{
    state = other;
    for (Card &card : state.cards)
        card.study = as_called(card.study);
    current.study = *active().study;
    current.selection = active().selection;
    inputs_have_changed();
}

void Session::set_measured(std::shared_ptr<const Measured> measured)
{
    const bool same = measured && current.measured ? *measured == *current.measured : measured == current.measured;
    if (same)
        return;
    current.measured = std::move(measured);
    inputs_have_changed();
}

QString Session::set(std::string_view key, const QString &value)
{
    Study study = current.study;
    if (const auto wrong = set_parameter(study, key, value.toStdString(), BareNumbers::allowed))
        return QString::fromStdString(*wrong);
    change(std::move(study));
    return {};
}

void Session::select(std::optional<Selection> selection)
{
    if (selection == current.selection)
        return;
    const SessionState before = state;
    current.selection = active().selection = std::move(selection);
    const std::optional<Selection> &now = current.selection;
    past.record(now ? tr("Pick of %1, EP %2, batch %3").arg(QString::fromStdString(now->chip)).arg(now->point.ep).arg(now->point.batch) : tr("Best configuration"),
                selection_key, before, state);
    inputs_have_changed();
}

void Session::highlight(std::optional<OpId> operator_id)
{
    if (operator_id == lit)
        return;
    lit = operator_id;
    emit highlighted(lit);
}

void Session::inputs_have_changed()
{
    for (const Chip &chip : current.study.chips) {
        if (std::find(current.known_chips.begin(), current.known_chips.end(), chip.name) == current.known_chips.end())
            current.known_chips.push_back(chip.name);
    }
    emit inputs_changed();
    runner.submit(current);
}

} // namespace epscope
