// SPDX-License-Identifier: GPL-3.0-or-later
// The session's scenarios side by side, worked out on a thread of its own once the inputs rest.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include <QObject>
#include <QTimer>

#include "app/session/session.h"
#include "core/analysis/compare.h"

namespace epscope {

struct Compared {
    std::vector<int> ids; // of the cards
    std::vector<Case> cases;
    Comparison comparison;
};

// What is known of a case already.
struct KnownOutcome {
    std::shared_ptr<const Study> study;
    std::size_t chip = 0; // that leads it
    Outcome outcome;
};

// The same as compare() of core/analysis, except that outcomes known already are taken over; `known` then holds those of these cards.
// Null if stopped.
std::shared_ptr<const Compared> compare_cards(const std::vector<Card> &cards, std::vector<KnownOutcome> &known, const std::stop_token &stop = {});

class Comparer : public QObject {
    Q_OBJECT
public:
    explicit Comparer(const Session &session, QObject *parent = nullptr);
    ~Comparer() override;

    // Null before the first; it may be of other inputs than those on show.
    const std::shared_ptr<const Compared> &compared() const { return latest; }

signals:
    void changed();

private:
    const Session &session;
    std::shared_ptr<const Compared> latest;
    QTimer rest;

    std::mutex mutex;
    std::condition_variable_any wake;
    std::optional<std::vector<Card>> pending;
    std::shared_ptr<const Compared> result; // to be taken on the owner's thread
    std::stop_source current;
    std::vector<KnownOutcome> known; // the worker's own
    std::jthread worker;             // last: it uses the members above

    void wait_for_rest();
    void submit();
    void run(const std::stop_token &stop);
    Q_INVOKABLE void take_result();
};

} // namespace epscope
