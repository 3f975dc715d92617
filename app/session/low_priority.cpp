// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/low_priority.h"

#include <QtGlobal>

#ifdef Q_OS_LINUX
#include <sys/resource.h>
#endif

namespace epscope {

void lower_priority()
{
#ifdef Q_OS_LINUX
    constexpr int nice = 10;
    setpriority(PRIO_PROCESS, 0, nice);
#endif
}

} // namespace epscope
