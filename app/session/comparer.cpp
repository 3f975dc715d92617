// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/comparer.h"

#include <algorithm>

namespace epscope {
namespace {

constexpr int rest_time = 60; // ms without a change: a drag needs the machine for itself

} // namespace

std::optional<Card> card_of_primary(const PinnedBaselines &baselines)
{
    const Baseline *primary = baselines.primary();
    if (!primary)
        return std::nullopt;
    return Card{pinned_id, Comparer::tr("pinned: %1").arg(primary->name).toStdString(), {},
        std::make_shared<const Study>(primary->explored->inputs.study), {}};
}

std::shared_ptr<const Compared> compare_cards(
    const std::vector<Card> &cards, std::vector<KnownOutcome> &known, const JobLimits &limits)
{
    const auto result = std::make_shared<Compared>();
    std::vector<KnownOutcome> used;
    for (const Card &card : cards) {
        const auto same = [&](const KnownOutcome &one) { return one.study == card.study; };
        auto found = std::find_if(known.begin(), known.end(), same);
        if (found != known.end()) {
            used.push_back(*found);
        } else if (found = std::find_if(used.begin(), used.end(), same); found != used.end()) {
            used.push_back(*found);
        } else {
            const std::optional<std::size_t> chip = leading_chip(*card.study, limits.stop, limits.threads);
            if (!chip)
                return nullptr;
            used.push_back({card.study, *chip, outcome_of(with_chip(*card.study, *chip), limits.stop)});
            if (limits.stop.stop_requested())
                return nullptr;
        }
        result->ids.push_back(card.id);
        result->cases.push_back({card.name.empty() ? card.study->name : card.name, *card.study});
        result->comparison.chips.push_back(used.back().chip);
        result->comparison.outcomes.push_back(used.back().outcome);
    }
    result->comparison.inputs = differing_inputs(result->cases, result->comparison.chips);
    result->comparison.complete = true;
    known = std::move(used);
    return result;
}

Comparer::Comparer(const Session &owner, QObject *parent, Compare how)
    : QObject(parent)
    , session(owner)
    , compare(std::move(how))
    , worker(
          Priority::low, [this](const std::vector<Card> &cards, const JobLimits &limits) { work_on(cards, limits); },
          [this](const std::vector<Card> &, const QString &problem) {
              awaited = rest.isActive();
              if (!awaited) { // what there is compares other cards
                  latest = nullptr;
                  emit changed();
              }
              emit failed(problem);
          })
{
    rest.setSingleShot(true);
    rest.setInterval(rest_time);
    connect(&rest, &QTimer::timeout, this, &Comparer::submit);
    connect(&session, &Session::inputs_changed, this, &Comparer::wait_for_rest);
    connect(&session, &Session::cards_changed, this, &Comparer::wait_for_rest);
}

void Comparer::set_baselines(const PinnedBaselines &baselines)
{
    const Baseline *primary = baselines.primary();
    std::optional<Card> card = card_of_primary(baselines);
    if (card && pinned && pinned_result == primary->explored)
        card->study = pinned->study; // whose outcome is known
    const bool other = card.has_value() != pinned.has_value()
        || (card && (card->study != pinned->study || card->name != pinned->name));
    pinned = std::move(card);
    pinned_result = primary ? primary->explored : nullptr;
    least_change = baselines.threshold;
    if (other)
        wait_for_rest();
    emit changed();
}

void Comparer::wait_for_rest()
{
    worker.cancel();
    awaited = true;
    rest.start();
}

// One scenario alone has nothing to stand next to.
void Comparer::submit()
{
    std::vector<Card> cards = session.cards();
    if (pinned)
        cards.insert(cards.begin(), *pinned);
    if (cards.size() < 2) {
        latest = nullptr;
        awaited = false;
        emit changed();
        return;
    }
    worker.submit(std::move(cards));
}

void Comparer::work_on(const std::vector<Card> &cards, const JobLimits &limits)
{
    const std::shared_ptr<const Compared> done = compare(cards, known, limits);
    if (!done)
        return;
    worker.post([this, done] {
        latest = done;
        awaited = rest.isActive(); // else it is of the cards before
        emit changed();
    });
}

} // namespace epscope
