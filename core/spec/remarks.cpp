// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/spec/remarks.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include "core/spec/axes.h"
#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {
namespace {

void add_unusual(std::vector<Remark> &found, const Parameter &info, const std::string &key, const Quantity &value)
{
    if (value.si() < info.usual_min || value.si() > info.usual_max)
        found.push_back({key, in_quotes(exact_text(value)) + " is unusual; usually it is " + usual_text(info)});
}

// The numbers of an object that lie outside of what is usual for their rows.
template <class T>
void add_unusual(std::vector<Remark> &found, const T &object, const std::string &prefix = {})
{
    for (const Field<T> &field : fields<T>()) {
        const std::string key = prefix + std::string(field.info.key);
        const Unit *base = &base_unit(field.info.dimension);
        if (const auto *quantity = std::get_if<Quantity T::*>(&field.member))
            add_unusual(found, field.info, key, object.**quantity);
        else if (const auto *optional = std::get_if<std::optional<Quantity> T::*>(&field.member);
                 optional && object.**optional)
            add_unusual(found, field.info, key, *(object.**optional));
        else if (const auto *whole = std::get_if<std::int64_t T::*>(&field.member))
            add_unusual(found, field.info, key, {static_cast<double>(object.**whole), base});
        else if (const auto *number = std::get_if<double T::*>(&field.member))
            add_unusual(found, field.info, key, {object.**number, base});
    }
}

// What a model states of its checkpoint and a study has otherwise.
void add_contradictions(std::vector<Remark> &found, const Study &study)
{
    const auto add = [&](const char *key, const std::optional<Quantity> &stated, const std::vector<Quantity> &values) {
        if (!stated || values.empty())
            return;
        std::vector<std::string> texts;
        for (const Quantity &value : values) {
            if (value.si() == stated->si())
                return;
            if (const std::string text = exact_text(value); texts.empty() || texts.back() != text)
                texts.push_back(text);
        }
        found.push_back(
            {key, joined(texts, ", ") + ", but the files of " + study.model.name + " state " + exact_text(*stated)});
    };
    std::vector<Quantity> caches, parameters;
    for (const Precision &precision : study.search.precision) {
        caches.push_back(precision.kv_elem_size);
        parameters.push_back(precision.param_elem_size);
    }
    add("expert_elem_size", study.model.expert_elem_size, {study.workload.expert_elem_size});
    add("param_elem_size", study.model.param_elem_size, parameters);
    add("kv_elem_size", study.model.kv_elem_size, caches);
}

// Of a workload, what the published equations do not know.
constexpr std::array<std::string_view, 4> keys_of_model_2026{
    "redundant_experts", "balancer", "output_elem_size", "dense_elem_size"};

bool is_set(const Workload &workload, const Field<Workload> &field)
{
    return field_text(workload, field) != field_text(Workload{}, field);
}
bool is_unknown_to_published(const Field<Workload> &field)
{
    return std::find(keys_of_model_2026.begin(), keys_of_model_2026.end(), field.info.key) != keys_of_model_2026.end();
}

// What is set and has no effect, and what is searched and cannot serve.
void add_unknown_to_published(std::vector<Remark> &found, const Study &study)
{
    if (study.profile.equations != Equations::published)
        return;
    const std::string whose = "the equations of profile " + study.profile.name + " are the published ones";
    for (const Field<Workload> &field : fields<Workload>()) {
        if (is_unknown_to_published(field) && is_set(study.workload, field))
            found.push_back({std::string(field.info.key), "has no effect: " + whose});
    }
    for (const SearchAxis &axis : search_axes()) {
        if (!axis.of_published && is_told(axis, study.search))
            found.push_back({std::string(axis.key), "only " + axis.first(space_of(Point{})) + " can serve: " + whose});
    }
}

} // namespace

bool concerns(const Study &study, std::string_view key)
{
    if (study.profile.equations != Equations::published)
        return true;
    if (const SearchAxis *axis = find_axis(key))
        return is_told(*axis, study.search);
    for (const Field<Workload> &field : fields<Workload>()) {
        if (field.info.key == key)
            return !is_unknown_to_published(field) || is_set(study.workload, field);
    }
    return true;
}

std::vector<Remark> remarks(const Chip &chip)
{
    std::vector<Remark> found;
    add_unusual(found, chip);
    return found;
}

std::vector<Remark> remarks(const Nic &nic)
{
    std::vector<Remark> found;
    add_unusual(found, nic);
    return found;
}

std::vector<Remark> remarks(const Study &study)
{
    std::vector<Remark> found;
    add_unusual(found, study.workload);
    add_unusual(found, study);
    if (study.model.max_context > 0 && study.workload.context > study.model.max_context)
        found.push_back({"context",
            std::to_string(study.workload.context) + " tokens are more than the model's maximum, "
                + std::to_string(study.model.max_context)});
    add_contradictions(found, study);
    add_unknown_to_published(found, study);
    for (const Precision &precision : study.search.precision) {
        const Parameter &info = *find_parameter("precision");
        for (const AxisNumber &size : precision_numbers())
            add_unusual(found, info, std::string(size.key), precision.*size.in_pair);
    }
    for (const Chip &chip : study.chips)
        add_unusual(found, chip, "chip." + chip.name + ".");
    for (const Nic &nic : study.nics)
        add_unusual(found, nic, "nic." + nic.name + ".");
    return found;
}

std::vector<Remark> take_model(Study &study, Model model)
{
    study.model = std::move(model);
    study.workload.accepted_per_step = study.model.accepted_per_step;
    if (!study.model.expert_elem_size)
        return {};
    std::vector<Remark> changes;
    const auto take = [&](const char *key, const std::optional<Quantity> &now, std::string before) {
        changes.push_back({key,
            (now ? exact_text(*now) + " is taken" : std::string("none is taken")) + ", as the files of "
                + study.model.name + " state; it was " + std::move(before)});
    };
    if (Quantity &size = study.workload.expert_elem_size; study.model.expert_elem_size->si() != size.si()) {
        take("expert_elem_size", study.model.expert_elem_size, exact_text(size));
        size = *study.model.expert_elem_size;
    }
    for (const auto &[key, stated, taken] :
        {std::tuple("output_elem_size", &Model::output_elem_size, &Workload::output_elem_size),
            std::tuple("dense_elem_size", &Model::dense_elem_size, &Workload::dense_elem_size)}) {
        const std::optional<Quantity> &now = study.model.*stated;
        std::optional<Quantity> &size = study.workload.*taken;
        if (now.has_value() == size.has_value() && (!now || now->si() == size->si()))
            continue;
        take(key, now, size ? exact_text(*size) : "not stated");
        size = now;
    }
    return changes;
}

} // namespace epscope
