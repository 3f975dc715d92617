// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QMenuBar;

namespace epscope {

// Every shortcut of the menus, and what keys and mouse do in sliders and charts. Stays open beside the window.
class ShortcutSheet : public QDialog {
    Q_OBJECT
public:
    ShortcutSheet(const QMenuBar &menus, QWidget *parent);
};

} // namespace epscope
