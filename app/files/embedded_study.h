// SPDX-License-Identifier: GPL-3.0-or-later
// The study that an exported picture came from, carried inside the file: PNG text, SVG <metadata>, PDF XMP.
#pragma once

#include <optional>

#include <QByteArray>
#include <QString>

#include "core/io/spec_reader.h"

namespace epscope {

inline constexpr const char *png_study_key = "epscope-study";

// The <metadata> element of an SVG.
QByteArray svg_metadata(const QString &study);
// The XMP packet of a PDF; the study may be empty.
QByteArray xmp_metadata(const QString &title, const QString &creator, const QString &study);

// What a study is read from: the text of its file, or that of the study in a picture or page. "-" is standard input.
struct StudySource {
    Read<std::string> text;
    bool picture = false;
};
// `limit`: bytes of a text.
StudySource study_source(const std::string &file, std::size_t limit = largest_file);

// The YAML of the study, or nothing where there is none; files of any kind and size may be asked. `why`: what is wrong
// with what there is in place of one, empty where there is nothing.
std::optional<QString> study_in_file(const QString &file, QString *why = nullptr);

} // namespace epscope
