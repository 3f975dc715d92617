// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/measurement_files.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "core/io/file.h"
#include "core/io/measurements_csv.h"

namespace epscope {
namespace {

template <class T>
bool has(const std::vector<T> &entries, const std::string &name)
{
    return std::any_of(entries.begin(), entries.end(), [&](const T &entry) { return entry.name == name; });
}

// Where a row's chip and NIC are looked up, each file of the library read once.
Study entries_for(const std::vector<Measurement> &rows, const Library &library, const Study &study)
{
    Study entries = study;
    for (Chip &chip : entries.chips) {
        if (Read<Chip> known = library.chip(chip.name))
            chip = std::move(*known.value);
    }
    for (const Measurement &row : rows) {
        if (has(entries.chips, row.chip))
            continue;
        if (Read<Chip> known = library.chip(row.chip))
            entries.chips.push_back(std::move(*known.value));
    }
    for (Nic &nic : entries.nics) {
        if (Read<Nic> known = library.nic(nic.name))
            nic = std::move(*known.value);
    }
    const auto add_nic = [&](const std::string &name) {
        if (name.empty() || has(entries.nics, name))
            return;
        if (Read<Nic> known = library.nic(name))
            entries.nics.push_back(std::move(*known.value));
    };
    for (const Chip &chip : entries.chips)
        add_nic(chip.usual_nic);
    for (const Measurement &row : rows)
        add_nic(row.nic);
    return entries;
}

} // namespace

LoadedMeasurements load_measurements(const std::vector<std::string> &files, const Library &library, const Study &study)
{
    LoadedMeasurements loaded;
    ProblemList problems;
    Measured measured;
    for (const std::string &file : files) {
        const Read<std::string> text = read_text(file, largest_measurements_file);
        const Read<std::vector<Measurement>> rows =
            text ? read_measurements(*text.value, file) : Read<std::vector<Measurement>>{std::nullopt, text.problems};
        problems.add(rows.problems);
        if (rows)
            add_new(measured.rows, *rows.value);
    }
    Study entries = entries_for(measured.rows, library, study);
    std::map<std::string, Model> models;
    for (const Measurement &row : measured.rows) {
        const auto [known, is_new] = models.try_emplace(row.model_name());
        if (is_new) {
            Read<Model> read = library.model(row.model_name());
            known->second = read ? std::move(*read.value) : study.model;
            if (known->second.name != row.model_name()) {
                known->second = {};
                known->second.name = row.model_name();
            }
        }
        // The row alone names what is not known.
        entries.model = known->second.layers > 0 ? known->second : Model{};
        measured.model_of.push_back(known->second);
        measured.case_of.emplace_back();
        if (!row.complete())
            continue;
        Read<std::vector<MeasuredCase>> found = resolve_measurements({row}, entries, library);
        problems.add(found.problems);
        if (!found)
            continue;
        measured.case_of.back() = measured.cases.size();
        measured.cases.push_back(std::move(found.value->front()));
    }
    loaded.problems = problems.list();
    if (!measured.rows.empty())
        loaded.measured = std::make_shared<const Measured>(std::move(measured));
    return loaded;
}

std::vector<std::string> library_measurements(const Library &library)
{
    std::vector<std::string> files;
    for (const std::filesystem::path &file : measurement_files(library.places()))
        files.push_back(file.string());
    return files;
}

bool is_measurements_file(const std::string &file)
{
    return std::filesystem::path(file).extension() == ".csv";
}

} // namespace epscope
