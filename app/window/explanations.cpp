// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/explanations.h"

#include <QAbstractScrollArea>
#include <QApplication>
#include <QCursor>
#include <QKeyEvent>
#include <QMenu>

#include "app/views/explain_view.h"
#include "app/window/docks.h"

namespace epscope {

Explanations::Explanations(ExplainView &the_view)
    : view(the_view)
{
}

void Explanations::explain(const Explainable &number)
{
    Docks::bring_up(view);
    view.explain(number);
}

void Explanations::explain_here()
{
    const auto number_in = [](const QWidget *widget, const auto &number_of) {
        std::optional<Explainable> found;
        for (; widget && !found; widget = widget->parentWidget()) {
            if (const auto *shows = dynamic_cast<const ShowsNumbers *>(widget))
                found = number_of(*shows);
        }
        return found;
    };
    std::optional<Explainable> number =
        number_in(pointed_at, [](const ShowsNumbers &shows) { return shows.number_at(QCursor::pos()); });
    if (!number)
        number =
            number_in(QApplication::focusWidget(), [](const ShowsNumbers &shows) { return shows.current_number(); });
    explain(number.value_or(Explainable{}));
}

void Explanations::offer_in(QWidget &shown, const ShowsNumbers &numbers)
{
    shown.setContextMenuPolicy(Qt::CustomContextMenu);
    connect(&shown, &QWidget::customContextMenuRequested, this, [this, &shown, &numbers](const QPoint &at) {
        const auto *area = qobject_cast<const QAbstractScrollArea *>(&shown);
        const QPoint place = (area ? area->viewport() : &shown)->mapToGlobal(at);
        auto *menu = new QMenu(&shown);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        if (const std::optional<Explainable> number = numbers.number_at(place))
            menu->addAction(tr("Explain %1").arg(view.title_of(*number)), this, [this, number] { explain(*number); });
        menu->addActions(shown.actions());
        menu->popup(place);
    });
}

void Explanations::follow_pointer(QWidget *widget, const QEvent &event)
{
    if (widget && event.type() == QEvent::MouseMove)
        pointed_at = widget;
    else if (event.type() == QEvent::KeyPress && static_cast<const QKeyEvent &>(event).key() != Qt::Key_F1)
        pointed_at = nullptr;
}

} // namespace epscope
