// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/diagnostic.h"
#include "core/io/spec_reader.h"

namespace epscope {

// The chips, NICs, models, profiles and studies found in some folders, each laid out as resources/ is.
// Earlier folders are the shipped ones; a user's file next to them adds an entry and never replaces one.
class Library {
public:
    struct Entry {
        Kind kind;
        std::string name; // as the file states it; its stem if the file cannot be read
        std::string title;
        std::string file;
        std::vector<Diagnostic> problems; // of the file's first look; empty if its head is readable

        bool operator==(const Entry &) const = default;
    };

    explicit Library(std::vector<std::filesystem::path> folders);

    const std::vector<std::filesystem::path> &places() const { return folders; }
    // Looks into the folders again: true if entries have come, gone or changed their heads.
    bool reread();
    // In the order of names; entries with problems included.
    std::vector<Entry> entries(Kind kind) const;

    Read<Chip> chip(std::string_view name) const;
    Read<Nic> nic(std::string_view name) const;
    Read<Model> model(std::string_view name) const;
    Read<Profile> profile(std::string_view name) const;
    // Any of them by its type.
    template <IsEntry T>
    Read<T> entry(std::string_view name) const
    {
        if constexpr (kind_of<T> == Kind::chip)
            return chip(name);
        else if constexpr (kind_of<T> == Kind::nic)
            return nic(name);
        else if constexpr (kind_of<T> == Kind::model)
            return model(name);
        else
            return profile(name);
    }
    Read<Study> study(std::string_view name, Basing basing = Basing::allowed) const;
    Read<StudyFile> study_file(std::string_view name) const;

private:
    std::vector<std::filesystem::path> folders;
    std::vector<Entry> all;

    // The file of the one entry of that name, or why there is none.
    Read<std::string> file_of(Kind kind, std::string_view name) const;
    template <class T, class Reader>
    Read<T> load(Kind kind, std::string_view name, Reader reader) const;
};

} // namespace epscope
