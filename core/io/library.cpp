// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/library.h"

#include <algorithm>
#include <utility>

#include "core/io/file.h"
#include "core/io/model_config.h"
#include "core/text.h"

namespace epscope {
namespace {

namespace fs = std::filesystem;

Library::Entry first_look(Kind kind, const fs::path &path)
{
    Library::Entry entry{kind, path.stem().string(), {}, path.string(), {}};
    const Read<std::string> text = read_text(entry.file, largest_file);
    Read<Head> head = text ? read_head(*text.value, entry.file) : Read<Head>{std::nullopt, text.problems};
    if (head && head.value->kind != kind)
        head = {std::nullopt,
            {{entry.file, 1, 1, "",
                "is a " + std::string(name_of(head.value->kind)) + " in the folder of "
                    + std::string(folder_of(kind))}}};
    if (head) {
        entry.name = head.value->name;
        entry.title = head.value->title;
    } else {
        entry.problems = std::move(head.problems);
    }
    return entry;
}

// A model's folder as it is downloaded; other folders are none of ours.
void add_model_folder(std::vector<fs::path> &files, const fs::path &folder)
{
    if (const Read<std::string> config = model_file_of(folder.string()))
        files.emplace_back(*config.value);
}

} // namespace

Library::Library(std::vector<fs::path> the_folders)
    : folders(std::move(the_folders))
{
    reread();
}

bool Library::reread()
{
    const std::vector<Entry> before = std::exchange(all, {});
    for (const Kind kind : kinds) {
        for (const fs::path &folder : folders) {
            std::vector<fs::path> files;
            std::error_code error;
            for (const auto &item : fs::directory_iterator(folder / folder_of(kind), error)) {
                const std::string extension = item.path().extension().string();
                const bool config = kind == Kind::model && extension == ".json" // of a Hugging Face model
                    && !is_quantisation_file(item.path().string());
                if ((extension == ".yaml" || config) && item.is_regular_file(error))
                    files.push_back(item.path());
                else if (kind == Kind::model && item.is_directory(error))
                    add_model_folder(files, item.path());
            }
            std::sort(files.begin(), files.end());
            for (const fs::path &file : files) {
                Entry entry = first_look(kind, file);
                const auto same = std::find_if(all.begin(), all.end(), [&](const Entry &known) {
                    return known.kind == kind && known.problems.empty() && known.name == entry.name;
                });
                if (entry.problems.empty() && same != all.end())
                    entry.problems.push_back({entry.file, 1, 1, std::string(name_of(kind)),
                        "duplicate name " + in_quotes(entry.name) + ", already in " + same->file
                            + "; give it another name"});
                all.push_back(std::move(entry));
            }
        }
    }
    std::stable_sort(all.begin(), all.end(),
        [](const Entry &a, const Entry &b) { return a.kind != b.kind ? a.kind < b.kind : a.name < b.name; });
    return all != before;
}

std::vector<Library::Entry> Library::entries(Kind kind) const
{
    std::vector<Entry> found;
    std::copy_if(
        all.begin(), all.end(), std::back_inserter(found), [&](const Entry &entry) { return entry.kind == kind; });
    return found;
}

Read<std::string> Library::file_of(Kind kind, std::string_view name) const
{
    std::vector<std::string> names;
    const Entry *broken = nullptr;
    for (const Entry &entry : all) {
        if (entry.kind != kind)
            continue;
        if (entry.name == name && entry.problems.empty())
            return {entry.file, {}};
        if (entry.name == name)
            broken = &entry;
        if (entry.problems.empty())
            names.push_back(entry.name);
    }
    if (broken)
        return {std::nullopt, broken->problems};
    return {std::nullopt,
        {{"", 0, 0, std::string(name_of(kind)),
            "no " + std::string(name_of(kind)) + " " + in_quotes(name) + "; known are " + joined(names, ", ")
                + did_you_mean(name, names)}}};
}

template <class T, class Reader>
Read<T> Library::load(Kind kind, std::string_view name, Reader reader) const
{
    const Read<std::string> file = file_of(kind, name);
    if (!file)
        return {std::nullopt, file.problems};
    const Read<std::string> text = read_text(*file.value, largest_file);
    if (!text)
        return {std::nullopt, text.problems};
    return reader(*text.value, *file.value);
}

Read<Chip> Library::chip(std::string_view name) const
{
    return load<Chip>(Kind::chip, name, read_chip);
}
Read<Nic> Library::nic(std::string_view name) const
{
    return load<Nic>(Kind::nic, name, read_nic);
}
Read<Model> Library::model(std::string_view name) const
{
    const Read<std::string> file = file_of(Kind::model, name);
    return file ? read_model_file(*file.value) : Read<Model>{std::nullopt, file.problems};
}
Read<Profile> Library::profile(std::string_view name) const
{
    return load<Profile>(Kind::profile, name, read_profile);
}
Read<Study> Library::study(std::string_view name, Basing basing) const
{
    return load<Study>(Kind::study, name,
        [&](std::string_view text, const std::string &file) { return read_study(text, file, *this, basing); });
}
Read<StudyFile> Library::study_file(std::string_view name) const
{
    return load<StudyFile>(Kind::study, name,
        [&](std::string_view text, const std::string &file) { return read_study_file(text, file, *this); });
}

} // namespace epscope
