// SPDX-License-Identifier: GPL-3.0-or-later
// What a profile changes against another one, as a table that opens next to the switch and closes with Esc or a click
// elsewhere.
#pragma once

#include <QFrame>

#include "core/estimate/estimate.h"

class QLabel;
class QTreeWidget;

namespace epscope {

class ProfilePanel : public QFrame {
    Q_OBJECT
public:
    explicit ProfilePanel(QWidget *parent);

    // `shown`: the configuration to say the effect on; none: nothing is said.
    void show_changes(const Profile &before, const Profile &after, const std::optional<Scenario> &shown);
    // Next to a control, on its screen.
    void open_at(const QWidget &control);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    int row_height() const;

    QLabel *heading;
    QLabel *effect;
    QTreeWidget *table;
};

// "The configuration on show, H800 with EP 256 and batch 184: 3,703 tok/s per card with A, 1,960 tok/s with B (-47 %)."
QString effect_text(const Profile &before, const Profile &after, const Scenario &shown);

} // namespace epscope
