// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

namespace epscope {

// A line of small text that is there only when it says something.
class InlineMessage : public QLabel {
public:
    explicit InlineMessage(QWidget *parent);
    void say(const QString &what, bool is_problem);

protected:
    void changeEvent(QEvent *event) override;

private:
    bool problem = false;

    void colour();
};

} // namespace epscope
