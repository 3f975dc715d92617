// SPDX-License-Identifier: GPL-3.0-or-later
// What measurements say about an estimate: which of them were made under conditions near enough to stand next to it,
// and how far off the profile's estimates of such runs are.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/calibrate/validation.h"
#include "core/estimate/estimate.h"

namespace epscope {

struct Conditions {
    std::string chip; // by name
    double context = 0; // tokens
    double expert_elem_size = 0; // B
    std::vector<std::int64_t> mtp_len; // any of these
    std::vector<std::int64_t> ep; // near any of these
    std::vector<std::int64_t> tp{1}; // any of these
    std::vector<ExpertMode> mode{ExpertMode::all2all}; // any of these, where cards share an attention
};
// Of all that a study searches on one of its chips, and of one configuration.
Conditions conditions_of(const Study &study, std::size_t chip);
Conditions conditions_of(const Scenario &scenario);

// The same chip, draft length, cards that share an attention and width of the experts' weights; context within a factor
// of 2, EP of 3: it matters less. Batch, NIC, KV cache and pipeline may differ. What a measurement does not state does
// not keep it away.
inline constexpr double near_context = 2, near_ep = 3;
bool is_near(const Measurement &row, const Conditions &conditions);

// Does a profile have numbers that were fitted to measurements? Of another one the errors are no band: nobody has made
// them small.
bool is_calibrated(const Profile &profile);

struct Accuracy {
    enum class Basis {
        own, // runs measured on this very chip
        left_out, // runs on chips of its class under fits that had not seen them
        of_class // runs on chips of its class, whatever the fit has seen
    };

    double within = 0; // nine of ten estimated TPOTs of each chip differ from the measured ones by no more
    double mean_absolute = 0; // of those errors
    double bias = 0;
    std::size_t runs = 0; // that this rests on; rows that repeat another one do not count
    Basis basis = Basis::of_class;
    bool seen = false; // own: the profile says that it was fitted to runs of this chip
    std::vector<std::string> chips; // that were measured, by name

    bool operator==(const Accuracy &) const = default;
};
inline constexpr std::size_t fewest_runs = 5; // below, they say too little
// By the rows of the chip itself, as it was measured. Else by those of the chips of its FlashMLA class, little or much
// compute per memory bandwidth: the errors that the profile had where the fit left the chip out or those of the rows at
// hand, whichever are larger. Nothing where too few were measured.
std::optional<Accuracy> accuracy_for(
    const Chip &chip, const Profile &profile, std::span<const MeasuredCase> cases, const Validation &validation);
// By class, of what leave_one_chip_out() gives; classes of too few rows are left out.
std::vector<LeftOutErrors> left_out_errors(
    std::span<const MeasuredCase> cases, const Validation &left_out, const std::string &source);

} // namespace epscope
