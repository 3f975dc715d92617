// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QEvent>
#include <QObject>
#include <QPointer>
#include <QWidget>

#include "app/charts/explainable.h"

namespace epscope {

class ExplainView;

// Where numbers come from: what is pointed at is explained, in a dock of its own.
class Explanations : public QObject {
    Q_OBJECT
public:
    explicit Explanations(ExplainView &view);

    void explain(const Explainable &number);
    // What was pointed at last, by mouse or keyboard, else the throughput.
    void explain_here();
    // A right click on the view explains its number, and then offers what the view does itself.
    void offer_in(QWidget &view, const ShowsNumbers &numbers);
    // The mouse or the keyboard was used; `widget` is null for what is none of the window's.
    void follow_pointer(QWidget *widget, const QEvent &event);

private:
    ExplainView &view;
    QPointer<QWidget> pointed_at; // by the mouse, if that was used last and not the keyboard
};

} // namespace epscope
