// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace epscope {

// The calling thread gives way to others from now on, and so do those that it starts. Where threads have no priority of
// their own (Linux has), nothing changes.
void lower_priority();

} // namespace epscope
