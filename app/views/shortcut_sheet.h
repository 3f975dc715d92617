// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QDialog>
#include <QString>

namespace epscope {

// What keys do, under one heading.
struct KeyGroup {
    struct Row {
        QString keys, meaning;
    };
    QString title;
    std::vector<Row> rows;
};

// What keys and mouse do in sliders and charts, and then the keys of the commands. Stays open next to the window.
class ShortcutSheet : public QDialog {
    Q_OBJECT
public:
    ShortcutSheet(const std::vector<KeyGroup> &commands, QWidget *parent);
};

} // namespace epscope
