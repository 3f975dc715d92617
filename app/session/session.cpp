// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/session.h"

#include <algorithm>

#include "app/look/chip_colours.h"
#include "app/session/names.h"
#include "app/words/change_name.h"
#include "app/words/configuration.h"
#include "app/words/text.h"
#include "core/io/spec_reader.h"
#include "core/spec/named.h"
#include "core/spec/parameters.h"

namespace epscope {

namespace {

Pins pins_of(const StudyFile &file, double threshold)
{
    Pins pins;
    pins.threshold = threshold;
    for (const BaselineCard &card : file.baselines)
        pins.all.push_back({card.name, pins.all.size(), std::make_shared<const Study>(card.study), card.picked});
    pins.primary = file.compared;
    return pins;
}

bool has(const Study &study, const Selection &selection)
{
    return find_named(study.chips, selection.chip) && find_named(study.nics, selection.nic);
}

} // namespace

Session::Session(QObject *parent, SearchRunner::Explore explore)
    : QObject(parent)
    , past([this](const SessionState &other) { restore(other); })
    , runner(nullptr, std::move(explore))
{
    constexpr int soon_ms = 100;
    until_computing.setSingleShot(true);
    until_computing.setInterval(soon_ms);
    connect(&until_computing, &QTimer::timeout, this, [this] { set_computing(true); });
    start_with({});
    connect(&runner, &SearchRunner::finished, this, [this](const std::shared_ptr<const Explored> &explored) {
        // Steps back lead to inputs whose answer is on show already; what was searched on the way there is not wanted
        // any more.
        const bool answered = latest && latest->exact && latest->inputs == current;
        if (answered && (!explored->exact || explored->inputs != current))
            return;
        latest = explored;
        if (latest->exact && latest->inputs == current)
            answers[state.active] = latest;
        await_answer(true);
        emit explored_changed();
    });
    connect(&runner, &SearchRunner::progressed, this, &Session::search_progressed);
    connect(&runner, &SearchRunner::failed, this, [this](const QString &problem) {
        set_computing(false);
        emit search_failed(problem);
    });
}

std::vector<Card> Session::cards_of(const StudyFile &file)
{
    std::vector<Card> cards;
    if (file.scenarios.empty())
        return {{next_card++, {}, {}, std::make_shared<const Study>(file.study), std::nullopt}};
    for (ScenarioCard &card : all_scenarios(file))
        cards.push_back({next_card++, std::move(card.name), std::move(card.note),
            std::make_shared<const Study>(std::move(card.study)), std::nullopt});
    return cards;
}

void Session::start_with(const StudyFile &file)
{
    state.cards = cards_of(file);
    state.active = state.cards.front().id;
    state.pins = pins_of(file, state.pins.threshold);
    saved = state;
    originals.clear();
    answers.clear();
    for (const Card &card : state.cards)
        originals[card.id] = card.study;
    current = {*state.cards.front().study, std::nullopt, {}, current.measured};
    past.clear();
}

void Session::open(StudyFile file)
{
    start_with(file);
    emit opened_study();
    inputs_have_changed();
    emit cards_changed();
    emit pins_changed();
}

void Session::open_pins(const StudyFile &file)
{
    state.pins = pins_of(file, state.pins.threshold);
    saved.pins = state.pins;
    if (know_chips())
        inputs_have_changed();
    emit pins_changed();
}

StudyFile Session::file() const
{
    StudyFile file{*state.cards.front().study};
    const Card &first = state.cards.front();
    if (state.cards.size() > 1 || !first.name.empty() || !first.note.empty()) {
        for (const Card &card : state.cards)
            file.scenarios.push_back({name_of(card).toStdString(), card.note, *card.study});
    }
    for (const Pin &pin : state.pins.all)
        file.baselines.push_back({pin.name, *as_called(pin.study), pin.selection});
    file.compared = state.pins.primary;
    return file;
}

QString Session::name_of(const Card &card) const
{
    return to_text(card.name.empty() ? card.study->name : card.name);
}

bool Session::modified() const
{
    return !same_content(state, saved);
}

void Session::mark_saved()
{
    saved = state;
    for (const Card &card : saved.cards)
        originals[card.id] = card.study;
    past.steps().setClean();
    emit opened_study();
}

void Session::change(Study study, const QString &what)
{
    if (study != current.study)
        change(std::move(study), current.selection, what);
}

void Session::change(Study study, std::optional<Selection> selection, const QString &what)
{
    if (selection && !has(study, *selection))
        selection.reset();
    if (study == current.study && selection == current.selection)
        return;
    const SessionState before = state;
    active().study = as_called(std::make_shared<const Study>(std::move(study)));
    current.selection = active().selection = std::move(selection);
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
    emit cards_changed();
}

void Session::change_all(const StudyFile &file, const QString &what)
{
    SessionState after;
    after.cards = cards_of(file);
    for (Card &card : after.cards) { // those of the same name are the same
        card.study = as_called(card.study);
        if (const Card *same = find_named(state.cards, card.name))
            card.id = same->id;
        else
            originals[card.id] = card.study;
    }
    after.active = after.cards.front().id;
    after.pins = pins_of(file, state.pins.threshold);
    if (same_content(after, state))
        return;
    past.record(what, {}, state, after);
    take_state(std::move(after));
}

void Session::show_card(int id)
{
    if (id == state.active || !find_card(id))
        return;
    SessionState other = state;
    other.active = id;
    take_state(std::move(other));
}

// That no scenario has. The numbers that the window itself gives go on: "Scenario 3" comes after "Scenario 2".
QString Session::free_name(const QString &proposed) const
{
    const auto is_taken = [this](const QString &name) {
        return std::any_of(
            state.cards.begin(), state.cards.end(), [&](const Card &card) { return name_of(card) == name; });
    };
    const auto numbered = [](quint64 number) { return tr("Scenario %1").arg(number); };
    quint64 number = proposed.section(u' ', -1).toUInt();
    if (proposed != numbered(number))
        return epscope::free_name(proposed, is_taken);
    while (is_taken(numbered(number)))
        ++number;
    return numbered(number);
}

void Session::insert_card(
    std::shared_ptr<const Study> study, const QString &name, std::size_t place, const QString &what)
{
    if (state.cards.size() >= most_scenarios)
        return;
    SessionState after = state;
    for (Card &other : after.cards) // one among several goes by a name of its own, whatever becomes of the study's
        other.name = name_of(other).toStdString();
    const Card card{next_card++, name.toStdString(), {}, std::move(study), std::nullopt};
    originals[card.id] = card.study;
    after.cards.insert(after.cards.begin() + static_cast<std::ptrdiff_t>(place), card);
    after.active = card.id;
    past.record(what.arg(name), {}, state, after);
    take_state(std::move(after));
}

void Session::add_card()
{
    insert_card(as_called(originals.at(state.active)), free_name(tr("Scenario %1").arg(state.cards.size() + 1)),
        state.cards.size(), tr("New scenario %1"));
}

void Session::duplicate_card(int id)
{
    const Card *card = find_card(id);
    if (!card)
        return;
    const auto place = static_cast<std::size_t>(card - state.cards.data()) + 1;
    insert_card(card->study, free_name(name_of(*card)), place, tr("Duplicate %1"));
}

QString Session::rename_card(int id, const QString &wanted)
{
    const Card *card = find_card(id);
    const QString name = wanted.trimmed();
    if (!card || name == name_of(*card))
        return {};
    if (name.isEmpty())
        return tr("A scenario needs a name.");
    if (const auto wrong = name_problem(name.toStdString()))
        return to_text(*wrong);
    if (std::any_of(state.cards.begin(), state.cards.end(), [&](const Card &other) { return name_of(other) == name; }))
        return tr("There is a scenario “%1” already.").arg(name);
    const SessionState before = state;
    const QString was = name_of(*card);
    find_card(id)->name = name.toStdString();
    past.record(tr("Scenario %1 renamed %2").arg(was, name), {}, before, state);
    emit cards_changed();
    return {};
}

void Session::set_note(int id, const QString &wanted)
{
    Card *card = find_card(id);
    const QString note = cut_to_bytes(wanted.trimmed(), longest_note);
    if (!card || card->note == note.toStdString())
        return;
    const SessionState before = state;
    card->name = name_of(*card).toStdString();
    card->note = note.toStdString();
    past.record(tr("Note of %1").arg(name_of(*card)), {}, before, state);
    emit cards_changed();
}

void Session::remove_card(int id)
{
    const Card *card = find_card(id);
    if (!card || state.cards.size() == 1)
        return;
    const auto place = card - state.cards.data();
    const QString name = name_of(*card);
    SessionState after = state;
    after.cards.erase(after.cards.begin() + place);
    if (after.active == id)
        after.active = after.cards[std::min(static_cast<std::size_t>(place), after.cards.size() - 1)].id;
    past.record(tr("Scenario %1 deleted").arg(name), {}, state, after);
    take_state(std::move(after));
}

void Session::move_card(int id, int place)
{
    const Card *card = find_card(id);
    if (!card)
        return;
    const auto from = card - state.cards.data();
    const auto to = std::clamp<std::ptrdiff_t>(place, 0, std::ssize(state.cards) - 1);
    if (from == to)
        return;
    const SessionState before = state;
    const auto first = state.cards.begin();
    if (from < to)
        std::rotate(first + from, first + from + 1, first + to + 1);
    else
        std::rotate(first + to, first + from, first + from + 1);
    past.record(tr("Scenario %1 moved").arg(name_of(*find_card(id))), {}, before, state);
    emit cards_changed();
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
    return *std::find_if(
        state.cards.begin(), state.cards.end(), [this](const Card &card) { return card.id == state.active; });
}

Card *Session::find_card(int id)
{
    const auto found =
        std::find_if(state.cards.begin(), state.cards.end(), [id](const Card &card) { return card.id == id; });
    return found == state.cards.end() ? nullptr : &*found;
}

// A step of the pins alone leaves the scenario on show: another one may have been chosen since.
void Session::restore(const SessionState &other)
{
    SessionState called = other;
    for (Card &card : called.cards)
        card.study = as_called(card.study);
    if (called.cards == state.cards)
        called.active = state.active;
    take_state(std::move(called));
}

void Session::take_state(SessionState other)
{
    const bool same_pins = other.pins == state.pins,
               same_cards = other.active == state.active && other.cards == state.cards;
    state = std::move(other);
    if (!same_pins && know_chips() && same_cards)
        inputs_have_changed();
    if (!same_pins)
        emit pins_changed();
    if (same_cards)
        return;
    current.study = *active().study;
    current.selection = active().selection;
    inputs_have_changed();
    emit cards_changed();
    const auto answer = answers.find(state.active);
    if (answer == answers.end() || answer->second->inputs != current || latest == answer->second)
        return;
    latest = answer->second;
    await_answer(true);
    emit explored_changed();
}

void Session::change_pins(Pins pins, const QString &what)
{
    if (pins == state.pins)
        return;
    SessionState after = state;
    after.pins = std::move(pins);
    past.record(what, {}, state, after);
    take_state(std::move(after));
}

void Session::record(const QString &name, const QString &key, const QString &before, const QString &after,
    std::function<void(const QString &)> restore)
{
    past.record(name, key.toStdString(), before, after, std::move(restore));
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
        return to_text(*wrong);
    change(std::move(study));
    return {};
}

void Session::select(std::optional<Selection> selection)
{
    if (selection == current.selection || (selection && !has(current.study, *selection)))
        return;
    const SessionState before = state;
    current.selection = active().selection = std::move(selection);
    const std::optional<Selection> &now = current.selection;
    past.record(now ? tr("Pick of %1, %2")
                          .arg(to_text(now->chip),
                              axis_words(now->point, {AxisId::tp, AxisId::mode, AxisId::ep, AxisId::batch},
                                  &current.study.search))
                    : tr("Best configuration"),
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

// Those of the baselines too, or one that comes into the study later would look like one of them. Once all colours are
// given away a new one takes the place of one that is neither in the study nor in a baseline, so that it has the colour
// of none on show. Whether there are new ones.
bool Session::know_chips()
{
    std::vector<std::string> &known = current.known_chips;
    bool any_new = false;
    const auto forgotten = [&](const std::string &name) {
        return !find_named(current.study.chips, name)
            && std::none_of(state.pins.all.begin(), state.pins.all.end(),
                [&](const Pin &pin) { return find_named(pin.study->chips, name); });
    };
    const auto take = [&](const Study &study) {
        for (const Chip &chip : study.chips) {
            if (std::find(known.begin(), known.end(), chip.name) != known.end())
                continue;
            any_new = true;
            const auto place =
                known.size() < chip_colours ? known.end() : std::find_if(known.begin(), known.end(), forgotten);
            if (place == known.end())
                known.push_back(chip.name);
            else
                *place = chip.name;
        }
    };
    take(current.study);
    for (const Pin &pin : state.pins.all)
        take(*pin.study);
    return any_new;
}

void Session::inputs_have_changed()
{
    know_chips();
    emit inputs_changed();
    search();
}

void Session::search()
{
    runner.submit(current);
    await_answer(false);
}

void Session::cancel_search()
{
    runner.cancel();
    set_computing(false);
}

// `afresh`: what is on show has just come. While a slider is dragged results for inputs in between do, and the time
// begins with each.
void Session::await_answer(bool afresh)
{
    if (!latest || latest->inputs == current)
        set_computing(false);
    else if (!computing && (afresh || !until_computing.isActive()))
        until_computing.start();
}

void Session::set_computing(bool now)
{
    until_computing.stop();
    if (now == computing)
        return;
    computing = now;
    emit computing_changed(now);
}

bool same_content(const SessionState &a, const SessionState &b)
{
    const auto same_card = [](const Card &one, const Card &other) {
        return one.name == other.name && one.note == other.note
            && (one.study == other.study || *one.study == *other.study);
    };
    return std::equal(a.cards.begin(), a.cards.end(), b.cards.begin(), b.cards.end(), same_card)
        && a.pins.all == b.pins.all && a.pins.primary == b.pins.primary;
}

} // namespace epscope
