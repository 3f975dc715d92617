// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sources.h"

#include <filesystem>

#include "app/files/embedded_study.h"
#include "app/files/suffixes.h"
#include "core/io/content.h"
#include "core/io/file.h"
#include "core/io/model_config.h"
#include "core/spec/named.h"

namespace epscope {
namespace {

// "chip", as a sentence has it.
std::string word_for(Kind kind)
{
    return kind == Kind::nic ? "NIC" : std::string(name_of(kind));
}

// Why a text is none of the kind; empty where it may be one.
std::string other_content(std::string_view text, const std::string &file, Kind wanted)
{
    const std::string expected = "; expected a " + word_for(wanted);
    switch (content_of(text, file)) {
    case Content::measurements:
        return "is a table of measurements" + expected + "; 'epscope validate --measurements' takes it";
    case Content::configs:
        return "is a table of configurations" + expected + "; 'epscope estimate --configs' takes it";
    case Content::entry:
        break;
    }
    const Read<Head> head = read_head(text, file);
    if (!head || head.value->kind == wanted)
        return {};
    const Kind kind = head.value->kind;
    return "is a " + word_for(kind) + expected + "; --" + std::string(name_of(kind)) + " takes it";
}

template <class T, class FromText>
Read<T> read_source(const Read<std::string> &text, const std::string &source, Kind kind, FromText from_text)
{
    if (!text)
        return {std::nullopt, text.problems};
    const std::string file = shown_name(source);
    if (std::string other = other_content(*text.value, file, kind); !other.empty())
        return {std::nullopt, {{file, 1, 1, "", std::move(other)}}};
    return from_text(*text.value, file);
}

bool is_entry(const std::string &name, Kind kind, const Library &library)
{
    const std::vector<Library::Entry> entries = library.entries(kind);
    return find_named(entries, name) != nullptr;
}

} // namespace

bool looks_like_a_file(const std::string &source)
{
    return source == "-" || source.find('/') != std::string::npos || ends_with_any(source, text_suffixes)
        || ends_with_any(source, picture_suffixes) || source.ends_with(page_suffix);
}

bool names_a_file(const std::string &source, Kind kind, const Library &library)
{
    std::error_code error;
    return looks_like_a_file(source) || (!is_entry(source, kind, library) && std::filesystem::exists(source, error));
}

bool names_a_study(const std::string &source, const Library &library)
{
    if (looks_like_a_file(source) || is_entry(source, Kind::study, library))
        return true;
    std::error_code error;
    if (!std::filesystem::is_regular_file(source, error))
        return false;
    const Read<std::string> text = study_source(source).text;
    const Read<Head> head = text ? read_head(*text.value, source) : Read<Head>{std::nullopt, text.problems};
    return head && head.value->kind == Kind::study;
}

Read<Chip> named_chip(const std::string &source, const Library &library)
{
    return names_a_file(source, Kind::chip, library)
        ? read_source<Chip>(read_text(source, largest_file), source, Kind::chip, read_chip)
        : library.chip(source);
}

Read<Nic> named_nic(const std::string &source, const Library &library)
{
    return names_a_file(source, Kind::nic, library)
        ? read_source<Nic>(read_text(source, largest_file), source, Kind::nic, read_nic)
        : library.nic(source);
}

Read<Model> named_model(const std::string &source, const Library &library)
{
    if (!names_a_file(source, Kind::model, library))
        return library.model(source);
    const Read<std::string> file = model_file_of(source); // also of a folder
    if (!file)
        return {std::nullopt, file.problems};
    return read_source<Model>(read_text(*file.value, largest_file), *file.value, Kind::model,
        [&](std::string_view text, const std::string &name) {
            return source == "-" ? read_model(text, name) : read_model_file(source);
        });
}

Read<Profile> named_profile(const std::string &source, const Library &library)
{
    return names_a_file(source, Kind::profile, library)
        ? read_source<Profile>(read_text(source, largest_file), source, Kind::profile, read_profile)
        : library.profile(source);
}

Read<StudyFile> named_study(const std::string &source, const Library &library)
{
    if (!names_a_file(source, Kind::study, library))
        return library.study_file(source);
    return read_source<StudyFile>(study_source(source).text, source, Kind::study,
        [&](std::string_view text, const std::string &file) { return read_study_file(text, file, library); });
}

} // namespace epscope
