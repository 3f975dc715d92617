// SPDX-License-Identifier: GPL-3.0-or-later
// Reads chips, NICs, models, profiles and studies from YAML. The first key of a file names its kind and the entry:
// "chip: H800". Every reader reports all problems of its file, sorted by line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/io/diagnostic.h"
#include "core/spec/study_file.h"

namespace epscope {

class Library;

enum class Kind { chip, nic, model, profile, study };
inline constexpr Kind kinds[] = {Kind::chip, Kind::nic, Kind::model, Kind::profile, Kind::study};
std::string_view name_of(Kind kind); // "chip", as in the first key of a file
std::string_view folder_of(Kind kind); // "chips", as under resources/

// Of the files that hold a T by itself; what is no entry stands in a study.
template <class T>
inline constexpr Kind kind_of = Kind::study;
template <>
inline constexpr Kind kind_of<Chip> = Kind::chip;
template <>
inline constexpr Kind kind_of<Nic> = Kind::nic;
template <>
inline constexpr Kind kind_of<Model> = Kind::model;
template <>
inline constexpr Kind kind_of<Profile> = Kind::profile;
template <class T>
concept IsEntry = (kind_of<T> != Kind::study);

inline constexpr std::size_t largest_file = 1 << 20; // B; the largest file of the kinds above

// What is wrong with the name of an entry, or nothing.
std::optional<std::string> name_problem(std::string_view name);

// Kind and name of a file's entry, without reading more.
struct Head {
    Kind kind = Kind::study;
    std::string name;
    std::string title;
};
Read<Head> read_head(std::string_view text, const std::string &file);

Read<Chip> read_chip(std::string_view text, const std::string &file);
Read<Nic> read_nic(std::string_view text, const std::string &file);
// Also the config.json of a Hugging Face model with multi-head latent attention, core/io/model_config.h.
Read<Model> read_model(std::string_view text, const std::string &file);
// The same from a path, "-" for standard input, which may be a folder with a config.json. What a hf_quant_config.json
// next to it states counts too.
Read<Model> read_model_file(const std::string &path);
Read<Profile> read_profile(std::string_view text, const std::string &file);
// May a study start from another one of the library, "based_on: NAME", and state only what differs? One level, so that
// reading ends.
enum class Basing { allowed, refused };
// Names in a study that are not defined in it are looked up in the library. Its scenarios and baselines are checked
// too.
Read<Study> read_study(
    std::string_view text, const std::string &file, const Library &library, Basing basing = Basing::allowed);
// The study with its scenarios and baselines.
Read<StudyFile> read_study_file(std::string_view text, const std::string &file, const Library &library);

} // namespace epscope
