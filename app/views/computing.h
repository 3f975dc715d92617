// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "app/session/session.h"

namespace epscope {

// What a view shows fades and is labelled "computing" for as long as Session::is_computing() says so. Neither mouse nor
// keyboard notices it. `place`: where the label stands in the view.
void fade_while_computing(const Session &session, QWidget &view, Qt::Alignment place = Qt::AlignCenter);

} // namespace epscope
