// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/comparer.h"

#include <algorithm>
#include <exception>

namespace epscope {
namespace {

constexpr int rest_time = 60; // ms without a change: a drag needs the machine for itself

} // namespace

Card card_of(const Baseline &baseline)
{
    return {pinned_id, Comparer::tr("pinned: %1").arg(baseline.name).toStdString(), {},
        std::make_shared<const Study>(baseline.explored->inputs.study), {}};
}

std::shared_ptr<const Compared> compare_cards(
    const std::vector<Card> &cards, std::vector<KnownOutcome> &known, const std::stop_token &stop)
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
            const std::optional<std::size_t> chip = leading_chip(*card.study, stop);
            if (!chip)
                return nullptr;
            used.push_back({card.study, *chip, outcome_of(with_chip(*card.study, *chip), stop)});
            if (stop.stop_requested())
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
    , worker([this](const std::stop_token &stop) { run(stop); })
{
    rest.setSingleShot(true);
    rest.setInterval(rest_time);
    connect(&rest, &QTimer::timeout, this, &Comparer::submit);
    connect(&session, &Session::inputs_changed, this, &Comparer::wait_for_rest);
    connect(&session, &Session::cards_changed, this, &Comparer::wait_for_rest);
}

Comparer::~Comparer()
{
    worker.request_stop();
    {
        const std::lock_guard lock(mutex);
        current.request_stop();
    }
    worker.join(); // before the members that it uses go
}

void Comparer::set_baselines(const PinnedBaselines &baselines)
{
    const Baseline *primary = baselines.primary();
    std::optional<Card> card = primary ? std::optional(card_of(*primary)) : std::nullopt;
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
    {
        const std::lock_guard lock(mutex);
        current.request_stop();
    }
    rest.start();
}

// One scenario alone has nothing to stand beside.
void Comparer::submit()
{
    std::vector<Card> cards = session.cards();
    if (pinned)
        cards.insert(cards.begin(), *pinned);
    if (cards.size() < 2) {
        latest = nullptr;
        emit changed();
        return;
    }
    const std::lock_guard lock(mutex);
    pending = std::move(cards);
    wake.notify_one();
}

void Comparer::run(const std::stop_token &stop)
{
    for (;;) {
        std::vector<Card> cards;
        std::stop_token job;
        {
            std::unique_lock lock(mutex);
            if (!wake.wait(lock, stop, [this] { return pending.has_value(); }))
                return;
            cards = std::move(*pending);
            pending.reset();
            current = std::stop_source();
            job = current.get_token();
            if (stop.stop_requested())
                return;
        }
        try {
            const std::shared_ptr<const Compared> done = compare(cards, known, job);
            if (!done)
                continue;
            const std::lock_guard lock(mutex);
            result = done;
        } catch (const std::exception &problem) {
            const QString text = QString::fromLocal8Bit(problem.what());
            outbox.post([this, text] { emit failed(text); });
            continue;
        }
        QMetaObject::invokeMethod(this, "take_result", Qt::QueuedConnection);
    }
}

void Comparer::take_result()
{
    {
        const std::lock_guard lock(mutex);
        if (!result)
            return;
        latest = std::move(result);
        result = nullptr;
    }
    emit changed();
}

} // namespace epscope
