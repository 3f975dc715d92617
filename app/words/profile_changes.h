// SPDX-License-Identifier: GPL-3.0-or-later
// What one profile has otherwise than another, in words.
#pragma once

#include <vector>

#include <QString>

#include "core/spec/profile.h"

namespace epscope {

struct ProfileChange {
    enum class Group { quirks, structure, numbers, efficiency };

    Group group{};
    QString label;
    QString before, after; // with units
    QString origin; // of the number after: fitted, measured, assumed; may be empty
    QString help; // what it means and where it comes from

    bool operator==(const ProfileChange &) const = default;
};

QString name_of(ProfileChange::Group group);
// In the order of the parameter table, the rules of efficiency last.
std::vector<ProfileChange> profile_changes(const Profile &before, const Profile &after);

} // namespace epscope
