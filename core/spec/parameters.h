// SPDX-License-Identifier: GPL-3.0-or-later
// The one table of everything a user can set: YAML keys and their checks, command-line options, sliders, help and
// docs/parameters.md are all made from it. To add a knob, add a member to its struct and a row here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/spec/study.h"

namespace epscope {

enum class Scope { workload, search, target, chip, nic, model, quirks, profile };
std::string_view name_of(Scope scope);

// How the values of a number are spread over an axis or a grid; none: it is no number that could be varied.
enum class Axis : std::uint8_t { none, linear, log };

struct Parameter {
    Scope scope;
    std::string_view key; // in YAML and behind --set; the option is the same with dashes
    std::string_view label;
    Dimension dimension;
    double min = 0, max = 0; // hard range in SI units: outside is an error
    double soft_min = 0, soft_max = 0; // what a slider covers
    bool required;
    std::span<const std::string_view> choices; // for enumerations, in the order of the enum
    std::string_view help; // one sentence: meaning and, where there is one, the formula symbol
    Axis axis = Axis::none;
    bool scalable = false; // a few percent up or down make sense: what a sensitivity analysis varies
    double usual_min = min, usual_max = max; // outside is worth a warning; analyses look for values inside
    bool unwritten_default = false; // files do not state it where it is as ever
    Prefixes prefixes = Prefixes::as_written; // binary: context lengths are powers of two to those who write them
};

// A table row for a member of T.
template <class T>
struct Field {
    Parameter info;
    std::variant<Quantity T::*, std::optional<Quantity> T::*, std::int64_t T::*, double T::*, bool T::*,
        std::string T::*, Fa3 T::*, FlashMlaClass T::*, EightBit T::*, std::vector<std::int64_t> T::*,
        std::vector<Precision> T::*, std::vector<Policy> T::*, std::vector<std::string> T::*, std::vector<double> T::*,
        Equations T::*, KernelClass T::*, Balancer T::*, std::vector<ExpertMode> T::*>
        member;
};

template <class T>
std::span<const Field<T>> fields();
template <>
std::span<const Field<Workload>> fields<Workload>();
template <>
std::span<const Field<SearchSpace>> fields<SearchSpace>();
template <>
std::span<const Field<Study>> fields<Study>();
template <>
std::span<const Field<Chip>> fields<Chip>();
template <>
std::span<const Field<Nic>> fields<Nic>();
template <>
std::span<const Field<Model>> fields<Model>();
template <>
std::span<const Field<Quirks>> fields<Quirks>();
template <>
std::span<const Field<Profile>> fields<Profile>();

// All rows of all scopes in the order of the documentation.
std::vector<Parameter> all_parameters();

// Sets one member from its text, with the checks of its row. Returns what is wrong, or nothing; on error the object is
// unchanged.
template <class T>
std::optional<std::string> set_field(T &object, const Field<T> &field, std::string_view text, BareNumbers bare);
// Likewise from the items of a list, for members that hold one.
template <class T>
std::optional<std::string> set_field(
    T &object, const Field<T> &field, const std::vector<std::string> &items, BareNumbers bare);
// What is wrong with one item of such a list, or nothing; ranges are not written out for that.
template <class T>
std::optional<std::string> item_problem(const Field<T> &field, std::string_view item, BareNumbers bare);
// The member as text that set_field reads back; empty for an optional that is not set.
template <class T>
std::string field_text(const T &object, const Field<T> &field);
// Does the member hold a list?
template <class T>
bool is_list(const Field<T> &field);

// "1 B to 4 B", "two-stage, none or ...": what a row allows, for messages and documentation.
std::string allowed_text(const Parameter &parameter);
std::string allowed_text(std::span<const std::string_view> choices);
// "1 GB to 1 PB": what is usual.
std::string usual_text(const Parameter &parameter);

// Two values of one entry that are allowed each but do not go together.
struct Inconsistency {
    std::string key; // the one to correct
    std::string other; // what it contradicts
    std::string message;
};
std::vector<Inconsistency> inconsistencies(const Model &model);
std::vector<Inconsistency> inconsistencies(const Chip &chip);

// Sets "key=value" on a study: a workload, search or target key; "quirks.x", "profile.x"; "chip.x" and "nic.x" on all
// chips and NICs of the study, "chip.NAME.x" on one; "model.x". Also "kv_elem_size" and "param_elem_size" on every
// searched precision, and "checkpoint", which sets all element sizes by a format's name. Returns what is wrong, or
// nothing; on error the study is unchanged.
std::optional<std::string> set_parameter(Study &study, std::string_view key, std::string_view value, BareNumbers bare);

// The row of a key as set_parameter() takes it, or null.
const Parameter *find_parameter(std::string_view key);
// The value of such a key as text that set_parameter() takes back; "chip.x" and "nic.x" without a name give the first
// one's.
std::optional<std::string> parameter_text(const Study &study, std::string_view key);

// A number of a profile by its key, whatever its type: what a calibration fits.
class ProfileNumber {
public:
    explicit ProfileNumber(const Field<Profile> &the_field)
        : field(&the_field)
    {
    }

    const Parameter &info() const { return field->info; }
    double of(const Profile &profile) const;
    void set(Profile &profile, double value) const;

private:
    const Field<Profile> *field;
};
// Nothing for a key that is none, or no number that can take any value of a range.
std::optional<ProfileNumber> profile_number(std::string_view key);

// How files name the values of an enumeration, in its order.
template <class Enum>
std::span<const std::string_view> choices_of();
template <>
std::span<const std::string_view> choices_of<Obtained>();
template <>
std::span<const std::string_view> choices_of<FlashMlaClass>();
template <>
std::span<const std::string_view> choices_of<KernelClass>();
template <>
std::span<const std::string_view> choices_of<LinearForm>();

std::string_view name_of(Obtained how);
std::string_view name_of(FlashMlaClass of);
std::string_view name_of(KernelClass kernels);
std::string_view name_of(LinearForm form);
std::string_view name_of(Policy policy);
std::string_view name_of(Fa3 mode);
std::string_view name_of(EightBit type);
std::string_view name_of(ExpertMode mode);

// A list of whole numbers has at most this many different ones, a list of other values that many.
inline constexpr std::size_t most_integers = 65536, most_others = 256;

// "16..128:8", "72": a whole number or a range with an optional step; ascending.
std::variant<std::vector<std::int64_t>, std::string> parse_integers(std::string_view text, double min, double max);
// The other way round, runs of at least three equal steps as one item: "1", "4..10:2", "72".
std::vector<std::string> integer_ranges(const std::vector<std::int64_t> &values);

} // namespace epscope
