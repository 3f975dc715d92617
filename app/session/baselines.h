// SPDX-License-Identifier: GPL-3.0-or-later
// Results pinned to be compared with: up to four, each with the inputs that it was found for, never changed afterwards.
// The session holds the inputs; Baselines finds the results, and the views get both in PinnedBaselines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <QObject>
#include <QString>

#include "app/session/search_runner.h"
#include "app/session/session.h"
#include "core/analysis/variable.h"

namespace epscope {

struct Baseline {
    QString name;
    std::size_t mark = 0; // what it is drawn with, its own for as long as it is pinned
    std::shared_ptr<const Explored> explored;

    // The chip's view there; null if it was not in that study.
    const ChipView *view(std::string_view chip) const;
    bool operator==(const Baseline &) const = default;
};

struct PinnedBaselines {
    std::vector<Baseline> pins;
    std::size_t primary_index = 0; // that differences are against
    double threshold = 0.01; // a smaller change counts as none
    // What the axes cover next to what is shown, so that they stay while results come and go.
    std::vector<std::shared_ptr<const Explored>> covered = {};

    const Baseline *primary() const { return primary_index < pins.size() ? &pins[primary_index] : nullptr; }
    bool operator==(const PinnedBaselines &) const = default;
};

// From a baseline's value to the current one.
struct ValueChange {
    double before = 0;
    double now = 0;

    double difference() const { return now - before; }
    double part() const { return now / before - 1; }
    bool slight(double threshold) const;
    bool operator==(const ValueChange &) const = default;
};
// None unless both are finite and above 0.
std::optional<ValueChange> change_of(double before, double now);
// "▲ +18 %", "▼ −2.3 %", "± 0 %".
QString change_text(const ValueChange &change);
QString change_text(double percent, const QString &size); // with the number written so

// One chip against its like in a baseline: either both configurations serve, or why there is no difference to tell.
struct ChipChange {
    const ChipView *before = nullptr; // null if there is none that serves
    QString problem; // "not in Explore", "infeasible in Explore"

    explicit operator bool() const { return before != nullptr; }
};
ChipChange chip_change(const Baseline &baseline, const ChipView &now);

// A number by its key as set_parameter() takes it with the chip's name; none if it is not in the study.
std::optional<Variable> variable_at(const Study &study, const std::string &key);

// What an input was there, SI, by such a key; none if it was searched or is not in that study.
std::optional<double> value_in(const Baseline &baseline, const std::string &key);

// One alone.
PinnedBaselines only_baseline(std::shared_ptr<const Explored> explored, const QString &name);

constexpr double largest_threshold = 0.2;

// A pin that comes without its result, from a file or back from a step of the history, is searched in the background.
class Baselines : public QObject {
    Q_OBJECT
public:
    explicit Baselines(Session &session, QObject *parent = nullptr);

    // Those whose results are there; none as long as the one compared with is not among them.
    const PinnedBaselines &pinned() const { return values; }
    bool full() const { return session.pins().all.size() >= most_baselines; }

    // Each is a step of the session's history.
    // Under the proposed name, with a number behind it if that is taken; becomes the primary one. False if there is no
    // room left.
    bool pin(std::shared_ptr<const Explored> explored, const QString &proposed_name);
    bool pin(const Study &study, const std::optional<Selection> &selection, const QString &proposed_name);
    QString rename(std::size_t index, const QString &name); // what is wrong with the name, or an empty text
    void remove(std::size_t index);
    void clear();
    void set_primary(std::size_t index);
    // 0 to largest_threshold.
    void set_threshold(double threshold);

signals:
    void changed();
    void failed(const QString &problem);

private:
    Session &session;
    PinnedBaselines values;
    std::vector<std::shared_ptr<const Explored>>
        results; // of pins, also of those that a step may bring back; the latest last
    SearchRunner runner;
    std::optional<Inputs> under_way; // what the runner searches
    std::vector<Inputs> failures; // not tried again before the pins change

    std::shared_ptr<const Explored> result_of(const Pin &pin) const;
    bool lacks(const Explored &explored) const;
    void keep(std::shared_ptr<const Explored> explored);
    void take_result(const std::shared_ptr<const Explored> &explored);
    void follow_pins();
    void search_next();
};

} // namespace epscope
