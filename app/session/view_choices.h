// SPDX-License-Identifier: GPL-3.0-or-later
// What the views are asked, each choice as a text: a change by hand is a step of the history, and the window remembers
// most of them from one start to the next.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QMap>
#include <QString>

#include "app/session/session.h"

namespace epscope {

struct ViewChoice {
    QString key;
    std::function<QString()> value;
    std::function<void(const QString &)> set; // what is no value is ignored
    std::function<QString()> name; // of the step that has led to the value as it is now
    bool remembered = true; // from one start to the next
};

class ViewChoices {
public:
    explicit ViewChoices(Session &the_session)
        : session(the_session)
    {
    }

    // Gives what is to be called when the choice may have been changed by hand.
    std::function<void()> add(ViewChoice choice);
    QMap<QString, QString> remembered() const;
    void restore(const QMap<QString, QString> &values);

private:
    struct Known {
        ViewChoice choice;
        QString value;
        bool being_set = false; // by a step or at the start: no change by hand
    };

    Session &session;
    std::vector<std::unique_ptr<Known>> all;

    void follow(Known &known);
    static void give_back(Known &known, const QString &value);
};

} // namespace epscope
