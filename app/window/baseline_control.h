// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QObject>
#include <QStringList>

#include "app/session/baselines.h"
#include "app/session/documents.h"
#include "app/window/messages.h"

class QEvent;

namespace epscope {

// What is pinned, and whether the baseline stands in place of the result, as it does while Alt is held.
class BaselineControl : public QObject {
    Q_OBJECT
public:
    BaselineControl(Session &session, const Documents &documents, const Messages &messages);

    const PinnedBaselines &pinned() const { return baselines.pinned(); }
    bool is_shown_alone() const { return alone; }
    // What views show: the result with what it is compared with or, alone, the baseline.
    struct Shown {
        std::shared_ptr<const Explored> explored;
        PinnedBaselines baselines;
    };
    Shown shown() const;

    // The result on show, or that of the inputs as soon as it has been found.
    void pin_result();
    // Says so if there is no room for another.
    void pin(std::shared_ptr<const Explored> explored, const QString &name);
    // Other studies, named after their files.
    void pin_files(const QStringList &chosen);
    void ask_what_to_pin();
    // By their places.
    void ask_for_name(std::size_t index);
    void take_inputs(std::size_t index);
    void unpin(std::size_t index) { baselines.remove(index); }
    void set_primary(std::size_t index) { baselines.set_primary(index); }
    void clear() { baselines.clear(); }
    void set_threshold(double threshold) { baselines.set_threshold(threshold); }
    void show_alone(bool alone);
    // Alt, pressed and let go; true if the event is for nothing else.
    bool follow_alt(QEvent &event);

signals:
    void pinned_changed(); // what is pinned, or its results
    void shown_changed(); // whether the baseline is shown alone
    void failed(const QString &problem);

private:
    Session &session;
    const Documents &documents;
    const Messages &messages;
    Baselines baselines;
    bool alone = false;
    bool alt_held = false; // for that

    void say_pinned(bool pinned) const;
    void follow_pins();
};

} // namespace epscope
