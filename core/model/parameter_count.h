// SPDX-License-Identifier: GPL-3.0-or-later
// How many parameters a model has: what its operators of docs/model.md §14 multiply by, on one card that holds all.
#pragma once

#include "core/spec/model.h"

namespace epscope {

struct ParameterCount {
    double total = 0; // embedding and head included, the MTP layer not
    // Of those, what one token is multiplied by: the experts that it visits, the head, not the embedding, of which it
    // reads a row.
    double active = 0;
    double mtp = 0; // of one MTP layer, with its projection; 0 without any
};
ParameterCount parameter_count(const Model &model);

} // namespace epscope
