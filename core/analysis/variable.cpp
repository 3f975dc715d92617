// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/variable.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/spec/axes.h"
#include "core/text.h"

namespace epscope {
namespace {

// Where a row of the table belongs to T: does its member hold whole numbers?
template <class T>
bool is_whole_in(const Parameter *info)
{
    const auto rows = fields<T>();
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const Field<T> &field) { return &field.info == info; });
    return row != rows.end()
        && (std::holds_alternative<std::int64_t T::*>(row->member)
            || std::holds_alternative<std::vector<std::int64_t> T::*>(row->member));
}

bool is_whole(const Parameter *info)
{
    return is_whole_in<Workload>(info) || is_whole_in<SearchSpace>(info) || is_whole_in<Chip>(info)
        || is_whole_in<Nic>(info) || is_whole_in<Model>(info) || is_whole_in<Profile>(info);
}

// Does the part of a key behind its scope name one of the entries?
template <class T>
const T *named_entry(const std::vector<T> &entries, std::string_view rest)
{
    const std::size_t dot = rest.rfind('.');
    if (dot == std::string_view::npos)
        return nullptr;
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const T &entry) { return entry.name == rest.substr(0, dot); });
    return found == entries.end() ? nullptr : &*found;
}

// The key with the name of the entry that it means, or what is wrong.
template <class T>
std::optional<std::string> complete_key(const std::vector<T> &entries, std::string_view scope, std::string &key)
{
    const std::string rest = key.substr(scope.size() + 1);
    if (rest.find('.') != std::string::npos) {
        if (named_entry(entries, rest))
            return std::nullopt;
        std::vector<std::string> names;
        for (const T &entry : entries)
            names.push_back(entry.name);
        const std::string name = rest.substr(0, rest.rfind('.'));
        return "no " + std::string(scope) + " " + in_quotes(name) + " in question; it is " + joined(names, ", ")
            + did_you_mean(name, names);
    }
    if (entries.size() > 1) {
        std::vector<std::string> keys;
        for (const T &entry : entries)
            keys.push_back(std::string(scope) + "." + entry.name + "." + rest);
        return "means several; choose one of " + joined(keys, ", ");
    }
    key = std::string(scope) + "." + entries.front().name + "." + rest;
    return std::nullopt;
}

std::string label_of(const Study &study, const Parameter &info, std::string_view key)
{
    const AxisNumber *number = find_axis_number(key);
    std::string label(number ? number->label : info.label);
    if (info.scope == Scope::nic && study.nics.size() > 1)
        label += " of " + named_entry(study.nics, key.substr(key.find('.') + 1))->name;
    return label;
}

} // namespace

double Variable::allowed(double si) const
{
    if (whole)
        si = std::round(si);
    return std::clamp(si, info->min, info->max);
}

std::string Variable::text(double si) const
{
    Quantity quantity{si / unit->factor, unit};
    if (quantity.si() > info->max) // by rounding
        quantity.number = std::nextafter(quantity.number, 0);
    else if (quantity.si() < info->min)
        quantity.number = std::nextafter(quantity.number, std::numeric_limits<double>::max());
    return exact_text(quantity);
}

std::string Variable::short_text(double si, int digits) const
{
    if (whole)
        return exact_text(si);
    const std::string number = epscope::short_text(si / unit->factor, Dimension::count, digits);
    return unit->symbol.empty() ? number : number + " " + unit->symbol;
}

std::variant<Variable, std::string> find_variable(const Study &study, std::string_view wanted)
{
    Variable variable;
    variable.key = wanted;
    variable.info = find_parameter(wanted);
    if (!variable.info) {
        Study unchanged = study; // says what is wrong with the key
        return set_parameter(unchanged, wanted, "", BareNumbers::allowed).value_or("unknown key");
    }
    if (variable.info->axis == Axis::none)
        return "is no number that could be varied";
    std::optional<std::string> problem;
    if (variable.info->scope == Scope::chip)
        problem = complete_key(study.chips, "chip", variable.key);
    else if (variable.info->scope == Scope::nic)
        problem = complete_key(study.nics, "nic", variable.key);
    else if (wanted == "precision")
        problem = "is a pair; vary kv_elem_size or param_elem_size";
    if (problem)
        return *problem;
    variable.label = label_of(study, *variable.info, variable.key);
    variable.whole = is_whole(variable.info);
    variable.unit = &base_unit(variable.info->dimension);
    const bool one_precision = study.search.precision.size() == 1;
    const bool elem_size = variable.info->scope == Scope::search && !variable.whole;
    const std::string text = parameter_text(study, variable.key).value_or("");
    const auto parsed = parse_quantity(text, variable.info->dimension, BareNumbers::allowed);
    if (const auto *quantity = std::get_if<Quantity>(&parsed); quantity && (!elem_size || one_precision)) {
        variable.unit = quantity->unit;
        variable.stated = quantity->si();
    }
    return variable;
}

std::vector<Variable> all_variables(const Study &study)
{
    std::vector<Variable> variables;
    const auto add = [&](const std::string &key) {
        auto found = find_variable(study, key);
        if (auto *variable = std::get_if<Variable>(&found))
            variables.push_back(std::move(*variable));
    };
    for (const Parameter &parameter : all_parameters()) {
        const std::string key(parameter.key);
        if (parameter.axis == Axis::none)
            continue;
        switch (parameter.scope) {
        case Scope::nic:
            for (const Nic &nic : study.nics)
                add("nic." + nic.name + "." + key);
            break;
        case Scope::chip:
        case Scope::model:
        case Scope::profile:
            add(std::string(name_of(parameter.scope)) + "." + key);
            break;
        case Scope::search:
            for (const AxisNumber &number : find_axis(key)->numbers)
                add(std::string(number.key));
            break;
        default:
            add(key);
        }
    }
    return variables;
}

std::vector<Variable> scalable_variables(const Study &study)
{
    std::vector<std::string> keys;
    for (const Parameter &parameter : all_parameters()) {
        if (!parameter.scalable)
            continue;
        const std::string key(parameter.key);
        if (parameter.scope == Scope::nic) {
            for (const Nic &nic : study.nics)
                keys.push_back("nic." + nic.name + "." + key);
        } else {
            keys.push_back(parameter.scope == Scope::chip ? "chip." + key : key);
        }
    }
    std::vector<Variable> variables;
    for (const std::string &key : keys) {
        auto found = find_variable(study, key);
        if (auto *variable = std::get_if<Variable>(&found); variable && variable->stated.value_or(0) != 0)
            variables.push_back(std::move(*variable));
    }
    return variables;
}

std::optional<std::string> set_variable(Study &study, const Variable &variable, double si)
{
    return set_parameter(study, variable.key, variable.text(si), BareNumbers::allowed);
}

} // namespace epscope
