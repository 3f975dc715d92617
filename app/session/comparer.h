// SPDX-License-Identifier: GPL-3.0-or-later
// The session's scenarios side by side, worked out by a worker once the inputs rest.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <QObject>
#include <QTimer>

#include "app/session/baselines.h"
#include "app/session/session.h"
#include "app/session/worker.h"
#include "core/analysis/compare.h"

namespace epscope {

inline constexpr int pinned_id = -1; // in place of a card's

struct Compared {
    std::vector<int> ids; // of the cards
    std::vector<Case> cases;
    Comparison comparison;
};

// The primary baseline, to stand before the scenarios; nothing without one.
std::optional<Card> card_of_primary(const PinnedBaselines &baselines);

// What is known of a case already.
struct KnownOutcome {
    std::shared_ptr<const Study> study;
    std::size_t chip = 0; // that leads it
    Outcome outcome;
};

// The same as compare() of core/analysis, except that outcomes known already are taken over; `known` then holds those
// of these cards. Null if stopped.
std::shared_ptr<const Compared> compare_cards(
    const std::vector<Card> &cards, std::vector<KnownOutcome> &known, const JobLimits &limits = {});

class Comparer : public QObject {
    Q_OBJECT
public:
    using Compare = std::function<std::shared_ptr<const Compared>(
        const std::vector<Card> &, std::vector<KnownOutcome> &, const JobLimits &)>;

    // Another `compare` is for tests; it is called on the worker's thread.
    explicit Comparer(const Session &session, QObject *parent = nullptr, Compare compare = compare_cards);

    // The primary baseline comes first, so that changes are against it.
    void set_baselines(const PinnedBaselines &baselines);
    // Smaller changes count as none.
    double threshold() const { return least_change; }
    // Null before the first; it may be of other inputs than those on show.
    const std::shared_ptr<const Compared> &compared() const { return latest; }
    // Whether no newer one is awaited.
    bool is_current() const { return !awaited; }

signals:
    void changed();
    void failed(const QString &problem); // there is no comparison of the scenarios as they are, e.g. for want of memory

private:
    const Session &session;
    Compare compare;
    std::optional<Card> pinned; // the primary baseline
    std::shared_ptr<const Explored> pinned_result; // that it is of
    double least_change = PinnedBaselines().threshold;
    std::shared_ptr<const Compared> latest;
    bool awaited = false;
    QTimer rest;

    std::vector<KnownOutcome> known; // the worker's own
    Worker<Newest<std::vector<Card>>> worker; // last: it uses the members above

    void wait_for_rest();
    void submit();
    void work_on(const std::vector<Card> &cards, const JobLimits &limits);
};

} // namespace epscope
