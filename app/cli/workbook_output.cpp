// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/workbook_output.h"

#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/files/suffixes.h"
#include "app/version.h"
#include "core/spec/parameters.h"
#include "core/text.h"

namespace epscope {

bool wants_workbook(const std::string &file, const std::string &format)
{
    if (!file.ends_with(workbook_suffix))
        return false;
    if (format != "table")
        throw BadInput(
            "command line", "--output", in_quotes(file) + " is a workbook; leave --format out or choose another name");
    return true;
}

void write_workbook(Output &output, Workbook workbook, const Study &study)
{
    std::vector<std::string> quirks;
    for (const Field<Quirks> &quirk : fields<Quirks>()) {
        if (field_text(study.profile.quirks, quirk) == "true")
            quirks.emplace_back(quirk.info.key);
    }
    workbook.about = {{"Study", study.title.empty() ? study.name : study.title}, {"Profile", study.profile.title},
        {"Quirks that are on", quirks.empty() ? "none" : joined(quirks, ", ")},
        {"Target", exact_text(study.target_tps)}, {"Units", "SI: tok/s, s, B, B/s, FLOP/s"},
        {"Program", fmt::format("EPScope {}", version)},
        {"Date", QDate::currentDate().toString(Qt::ISODate).toStdString()}};
    workbook.date = QDate::currentDate();
    for (const Sheet &sheet : workbook.sheets) {
        if (sheet.rows.size() > most_sheet_rows)
            throw Failed(
                fmt::format("{} rows are more than a workbook holds; csv has no such limit", sheet.rows.size()));
    }
    QString problem;
    const QByteArray bytes = workbook_bytes(workbook, problem);
    if (bytes.isEmpty())
        throw Failed("no workbook: " + problem.toStdString());
    output.write({bytes.constData(), static_cast<std::size_t>(bytes.size())});
}

} // namespace epscope
