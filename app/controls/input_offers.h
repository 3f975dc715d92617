// SPDX-License-Identifier: GPL-3.0-or-later
// Inputs, what can be explained and sought, for the command palette.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <QString>

#include "app/controls/offer.h"
#include "app/session/session.h"

namespace epscope {

// "context" leads to its slider, "context 64k" sets it; chip numbers are those of `chip`. `reveal` takes a parameter's
// key.
std::vector<Offer> parameter_offers(Session &session, const std::string &chip,
    const std::function<void(const QString &)> &reveal, const QString &typed);

// Outputs and operators, to be explained by their names.
std::vector<Offer> explanation_offers(const std::function<void(const std::string &)> &explain, const QString &typed);
// "throughput>=4500", to be sought, or what is wrong with it.
std::vector<Offer> goal_offers(const std::function<void(const std::string &)> &seek, const QString &typed);

} // namespace epscope
