// SPDX-License-Identifier: GPL-3.0-or-later
// What tokens cost and which energy they take: docs/model.md §17. N: double, or Term where numbers explain themselves.
#pragma once

#include "core/model/number.h"

namespace epscope {

// USD per million tokens; the price of a card in USD/h, its throughput in tok/s.
template <class N>
N cost_per_million_tokens(N price, N card_throughput)
{
    return titled("Cost of a million tokens", "USD",
        price * constant<N>("A million tokens", 1e6) / (constant<N>("An hour", 3600, "s") * card_throughput));
}

// J; the power of a card in W, its throughput in tok/s.
template <class N>
N energy_per_token(N power, N card_throughput)
{
    return titled("Energy per token", "J", power / card_throughput);
}

// tok/s of as many cards as 1 MW supplies; the power of a card in W, its throughput in tok/s.
template <class N>
N throughput_per_megawatt(N power, N card_throughput)
{
    return titled("Throughput per MW", "tok/s", card_throughput * constant<N>("A megawatt", 1e6, "W") / power);
}

} // namespace epscope
