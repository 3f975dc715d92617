// SPDX-License-Identifier: GPL-3.0-or-later
// The attention of a model: the one place that knows of which kind it is.
#pragma once

#include "core/model/attention/mla.h"

namespace epscope {

template <class N, class Sink>
void attention_operators(const StepInputs<N> &in, const N &tokens, const Sink &sink)
{
    Mla<N>{in}.operators(tokens, sink);
}

// The kernel over the KV cache of one sequence.
template <class N>
FlashMlaOf<N> attention_kernel(const StepInputs<N> &in, const N &tokens)
{
    return flash_mla(in, tokens);
}

} // namespace epscope
