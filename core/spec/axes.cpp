// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/axes.h"

#include <algorithm>
#include <array>

#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {
namespace {

double batch_of(const Point &point)
{
    return static_cast<double>(point.batch);
}
double ep_of(const Point &point)
{
    return static_cast<double>(point.ep);
}
double kv_elem_size_of(const Point &point)
{
    return point.kv_elem_size;
}
double param_elem_size_of(const Point &point)
{
    return point.param_elem_size;
}
double tp_of(const Point &point)
{
    return static_cast<double>(point.tp);
}
double batch_per_card_of(const Point &point)
{
    return batch_of(point) / tp_of(point);
}
double mtp_len_of(const Point &point)
{
    return static_cast<double>(point.mtp_len);
}

constexpr std::array batch_numbers{AxisNumber{"batch", "Batch", batch_of}};
constexpr std::array ep_numbers{AxisNumber{"ep", "EP", ep_of}};
constexpr std::array element_sizes{
    AxisNumber{"kv_elem_size", "KV cache element size", kv_elem_size_of, &Precision::kv_elem_size,
        "Bytes per KV-cache element, for every searched precision."},
    AxisNumber{"param_elem_size", "Non-expert parameter size", param_elem_size_of, &Precision::param_elem_size,
        "Bytes per non-expert parameter, for every searched precision."}};
constexpr std::array tp_numbers{AxisNumber{"tp", "TP", tp_of}};
constexpr std::array mtp_len_numbers{AxisNumber{"mtp_len", "Draft length", mtp_len_of}};

constexpr std::array batch_columns{
    AxisColumn{"batch_size", "Batch", "Sequences per card or, with TP, of the cards that share one attention.", "batch",
        batch_of, Dimension::count, nullptr, "batch", batch_per_card_of}};
constexpr std::array tp_columns{
    AxisColumn{"tp", "TP", "Cards that share one attention.", "cards_needed", tp_of, Dimension::count, nullptr, "TP"}};
constexpr std::array mode_columns{AxisColumn{"mode", "Experts",
    "all2all: spread over the EP cards; ep_group: over the cards of a TP group; moe_tp: each cut over these.",
    "cards_needed", nullptr, Dimension::count, [](const Point &point) { return std::string(name_of(point.mode)); }}};
constexpr std::array ep_columns{
    AxisColumn{"ep", "EP", "Cards that share the routed experts.", "ep", ep_of, Dimension::count, nullptr, "EP"}};
constexpr std::array policy_columns{AxisColumn{"policy", "Pipeline",
    "dual-mbatch: two micro-batches, one computes while the other communicates; naive: one.", "layer_time", nullptr,
    Dimension::count, [](const Point &point) { return std::string(name_of(point.policy)); }}};
constexpr std::array precision_columns{AxisColumn{"kv_elem_size", "KV (B)", "Bytes per element of the KV cache.",
                                           "kv_cache", kv_elem_size_of, Dimension::bytes, nullptr, "KV"},
    AxisColumn{"param_elem_size", "Param. (B)", "Bytes per non-expert parameter.", "weights", param_elem_size_of,
        Dimension::bytes, nullptr, "parameters"}};
constexpr std::array mtp_len_columns{AxisColumn{"mtp_len", "Draft", "Speculative (MTP) draft tokens per step.",
    "tokens_per_step", mtp_len_of, Dimension::count, nullptr, "draft"}};

constexpr std::array<double, 12> ep_stops{8, 16, 32, 64, 72, 96, 128, 144, 160, 256, 288, 320};
constexpr std::array<double, 5> tp_stops{1, 2, 4, 8, 16};
constexpr std::array<double, 9> mtp_len_stops{0, 1, 2, 3, 4, 5, 6, 7, 8};
constexpr std::array<double, 5> element_size_stops{0.5, 0.5625, 0.75, 1, 2}; // 0.5625 B: 4 bits and their scales

// "8..320:8", up to where the table's slider ends.
std::string usual_range(std::string_view key, std::string_view first, std::string_view step)
{
    return std::string(first) + ".." + exact_text(find_parameter(key)->soft_max) + std::string(step);
}

template <AxisId id, auto in_space, auto in_point>
SearchAxis axis_of_values(std::string_view key)
{
    SearchAxis axis;
    axis.id = id;
    axis.key = key;
    axis.count = [](const SearchSpace &space) { return (space.*in_space).size(); };
    axis.take = [](const SearchSpace &space, std::size_t index, Point &point) {
        point.*in_point = (space.*in_space)[index];
    };
    axis.fix = [](SearchSpace &space, const Point &point) { space.*in_space = {point.*in_point}; };
    return axis;
}

template <AxisId id, auto in_space, auto in_point>
SearchAxis axis_of_integers(std::span<const AxisNumber> numbers, std::span<const AxisColumn> columns)
{
    SearchAxis axis = axis_of_values<id, in_space, in_point>(numbers.front().key);
    axis.first = [](const SearchSpace &space) { return std::to_string((space.*in_space).front()); };
    axis.list = [](const SearchSpace &space) { return joined(integer_ranges(space.*in_space), ", "); };
    axis.numbers = numbers;
    axis.columns = columns;
    axis.integers = in_space;
    return axis;
}

// Of choices by name.
template <AxisId id, auto in_space, auto in_point>
SearchAxis axis_of_choices(std::string_view key)
{
    SearchAxis axis = axis_of_values<id, in_space, in_point>(key);
    axis.first = [](const SearchSpace &space) { return std::string(name_of((space.*in_space).front())); };
    axis.list = [](const SearchSpace &space) {
        std::vector<std::string> names;
        for (const auto choice : space.*in_space)
            names.emplace_back(name_of(choice));
        return joined(names, ", ");
    };
    return axis;
}

std::string all_choices(std::string_view key)
{
    const std::span<const std::string_view> names = find_parameter(key)->choices;
    return joined({names.begin(), names.end()}, ", ");
}

std::string pair_text(const Precision &pair)
{
    return exact_text(pair.kv_elem_size) + " / " + exact_text(pair.param_elem_size);
}
bool is_in_bytes(const Precision &pair)
{
    const Unit *byte = &base_unit(Dimension::bytes);
    return pair.kv_elem_size.unit == byte && pair.param_elem_size.unit == byte;
}

SearchAxis precision_axis()
{
    SearchAxis axis;
    axis.id = AxisId::precision;
    axis.key = "precision";
    axis.count = [](const SearchSpace &space) { return space.precision.size(); };
    axis.take = [](const SearchSpace &space, std::size_t index, Point &point) {
        point.kv_elem_size = space.precision[index].kv_elem_size.si();
        point.param_elem_size = space.precision[index].param_elem_size.si();
    };
    axis.fix = [](SearchSpace &space, const Point &point) {
        const auto found = std::find_if(space.precision.begin(), space.precision.end(), [&](const Precision &each) {
            return each.kv_elem_size.si() == point.kv_elem_size && each.param_elem_size.si() == point.param_elem_size;
        });
        const Unit *byte = &base_unit(Dimension::bytes);
        const Precision pair = found != space.precision.end()
            ? *found
            : Precision{{point.kv_elem_size, byte}, {point.param_elem_size, byte}};
        space.precision = {pair};
    };
    axis.first = [](const SearchSpace &space) { return pair_text(space.precision.front()); };
    axis.list = [](const SearchSpace &space) {
        const std::vector<Precision> &pairs = space.precision;
        const bool plain = std::all_of(pairs.begin(), pairs.end(), is_in_bytes);
        std::vector<std::string> texts;
        for (const Precision &pair : pairs) {
            texts.push_back(plain ? exact_text(pair.kv_elem_size.number) + "/" + exact_text(pair.param_elem_size.number)
                                  : pair_text(pair));
        }
        return joined(texts, ", ");
    };
    axis.usual = [] { return std::string("2/2, 1/2, 1/1"); };
    axis.numbers = element_sizes;
    axis.columns = precision_columns;
    axis.stops = element_size_stops;
    axis.only_stops = true;
    return axis;
}

std::array<SearchAxis, axis_count> make_axes()
{
    SearchAxis batch =
        axis_of_integers<AxisId::batch, &SearchSpace::batch, &Point::batch>(batch_numbers, batch_columns);
    batch.usual = [] { return usual_range("batch", "8", ":8"); };
    batch.is_asked = true;
    SearchAxis ep = axis_of_integers<AxisId::ep, &SearchSpace::ep, &Point::ep>(ep_numbers, ep_columns);
    ep.usual = [] { return usual_range("ep", "8", ":8"); };
    ep.stops = ep_stops;
    ep.is_asked = true;
    SearchAxis mtp_len =
        axis_of_integers<AxisId::mtp_len, &SearchSpace::mtp_len, &Point::mtp_len>(mtp_len_numbers, mtp_len_columns);
    mtp_len.usual = [] { return usual_range("mtp_len", "0", ""); };
    mtp_len.stops = mtp_len_stops;
    mtp_len.only_stops = true;
    SearchAxis mode = axis_of_choices<AxisId::mode, &SearchSpace::mode, &Point::mode>("mode");
    mode.of_published = false;
    mode.usual = [] { return all_choices("mode"); };
    mode.columns = mode_columns;
    SearchAxis tp = axis_of_integers<AxisId::tp, &SearchSpace::tp, &Point::tp>(tp_numbers, tp_columns);
    tp.of_published = false;
    tp.stops = tp_stops;
    tp.usual = [] { return std::string("1, 2, 4, 8, 16"); };
    SearchAxis policy = axis_of_choices<AxisId::policy, &SearchSpace::policy, &Point::policy>("policy");
    policy.usual = [] { return all_choices("policy"); };
    policy.columns = policy_columns;
    policy.is_asked = true;
    return {batch, ep, mode, tp, policy, precision_axis(), mtp_len};
}

} // namespace

std::span<const SearchAxis> search_axes()
{
    static const std::array<SearchAxis, axis_count> all = make_axes();
    return all;
}

const SearchAxis *find_axis(std::string_view key)
{
    for (const SearchAxis &axis : search_axes()) {
        if (axis.key == key)
            return &axis;
    }
    return nullptr;
}

const SearchAxis &axis_of(AxisId id)
{
    return search_axes()[static_cast<std::size_t>(id)];
}

std::span<const AxisNumber> precision_numbers()
{
    return element_sizes;
}

const AxisNumber *find_axis_number(std::string_view key)
{
    for (const SearchAxis &axis : search_axes()) {
        for (const AxisNumber &number : axis.numbers) {
            if (number.key == key)
                return &number;
        }
    }
    return nullptr;
}

std::string AxisColumn::text_on_card(const Point &point) const
{
    constexpr int digits = 4;
    const std::string exact = exact_text(on_card(point)), brief = short_text(on_card(point), dimension, digits);
    return exact.size() <= brief.size() ? exact : brief;
}

bool is_told(const SearchAxis &axis, const Point &point, const SearchSpace *space)
{
    if (axis.of_published || (space && axis.count(*space) > 1))
        return true;
    const Point known;
    return std::any_of(axis.columns.begin(), axis.columns.end(), [&](const AxisColumn &column) {
        return column.value ? column.value(point) != column.value(known) : column.text(point) != column.text(known);
    });
}

bool is_told(const SearchAxis &axis, const SearchSpace &space)
{
    Point first;
    if (axis.count(space) > 0)
        axis.take(space, 0, first);
    return is_told(axis, first, &space);
}

std::string axes_text(const Point &point, std::initializer_list<AxisId> axes, const SearchSpace *space)
{
    std::vector<std::string> texts;
    for (const AxisId id : axes) {
        if (!is_told(axis_of(id), point, space))
            continue;
        for (const AxisColumn &column : axis_of(id).columns) {
            const std::string &unit = base_unit(column.dimension).symbol;
            texts.push_back(!column.value ? column.text(point)
                                          : std::string(column.word) + " " + exact_text(column.value(point))
                        + (unit.empty() ? "" : " " + unit)
                        + (column.is_shared(point) ? " (" + column.text_on_card(point) + " per card)" : ""));
        }
    }
    return joined(texts, ", ");
}

} // namespace epscope
