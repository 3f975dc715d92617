// SPDX-License-Identifier: GPL-3.0-or-later
// Results pinned to be compared with: up to four, each with the inputs that it was found for, never changed afterwards. The views get the
// values in PinnedBaselines; Baselines keeps them.
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

#include "app/session/explored.h"
#include "core/spec/study_file.h"

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
    double threshold = 0.01;       // a smaller change counts as none
    // What the axes cover beside what is shown, so that they stay while results come and go.
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

// One chip against its like in a baseline: either both configurations serve, or why there is no difference to tell.
struct ChipChange {
    const ChipView *before = nullptr; // null if there is none that serves
    QString problem;                  // "not in Explore", "infeasible in Explore"

    explicit operator bool() const { return before != nullptr; }
};
ChipChange chip_change(const Baseline &baseline, const ChipView &now);

// What an input was there, SI, by its key as set_parameter() takes it with the chip's name; none if it was searched or is not in that study.
std::optional<double> value_in(const Baseline &baseline, const std::string &key);

constexpr double largest_threshold = 0.2;

class Baselines : public QObject {
    Q_OBJECT
public:
    explicit Baselines(QObject *parent = nullptr) : QObject(parent) { }

    const PinnedBaselines &pinned() const { return values; }
    bool full() const { return values.pins.size() >= most_baselines; }
    // Under the proposed name, with a number behind it if that is taken; becomes the primary one. False if there is no room left.
    bool pin(std::shared_ptr<const Explored> explored, const QString &proposed_name);
    // Not to an empty name or one in use.
    bool rename(std::size_t index, const QString &name);
    void remove(std::size_t index);
    void clear();
    void set_primary(std::size_t index);
    // 0 to largest_threshold.
    void set_threshold(double threshold);

signals:
    void changed();

private:
    PinnedBaselines values;

    bool is_taken(const QString &name) const;
    void have_changed();
};

} // namespace epscope
