// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/fix_text.h"

#include <QCoreApplication>

#include "app/words/numbers.h"
#include "app/words/text.h"
#include "core/quantity.h"

namespace epscope {
namespace {

struct FixTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::Fixes)
};

} // namespace

QString fix_text(const Fix &fix)
{
    const QString name = to_text(fix.name);
    const auto number = [&](Dimension dimension) { return to_text(compact_text(fix.number, dimension)); };
    const auto whole = static_cast<qlonglong>(fix.number);
    switch (fix.kind) {
    case FixKind::target:
        return FixTexts::tr("Lower the target to %1").arg(number(Dimension::tokens_per_second));
    case FixKind::memory:
        return FixTexts::tr("%1 with %2 of memory").arg(name, number(Dimension::bytes));
    case FixKind::memory_bandwidth:
        return FixTexts::tr("%1 with %2 of memory bandwidth").arg(name, number(Dimension::bytes_per_second));
    case FixKind::nic_bandwidth:
        return FixTexts::tr("%1 with %2").arg(name, number(Dimension::bytes_per_second));
    case FixKind::context:
        return FixTexts::tr("Shorten the context to %1 tokens").arg(whole_text(whole));
    case FixKind::batch:
        return FixTexts::tr("Fix the batch at %1").arg(whole);
    case FixKind::ep:
        return FixTexts::tr("Search EP %1 too").arg(whole);
    case FixKind::cards:
        return FixTexts::tr("Allow %1 cards").arg(whole);
    case FixKind::precision:
        return FixTexts::tr("Search KV cache and parameters of 1 B too");
    case FixKind::experts:
        return FixTexts::tr("4-bit experts (0.5625 B)");
    case FixKind::drafts:
        return FixTexts::tr("Search without drafts too");
    case FixKind::policy:
        return FixTexts::tr("Search the %1 pipeline too").arg(name);
    case FixKind::tp:
        return FixTexts::tr("Search TP %1 too").arg(whole);
    case FixKind::mode:
        return FixTexts::tr("Search the expert mode %1 too").arg(name);
    case FixKind::redundant_experts:
        return FixTexts::tr("Take %1 redundant experts").arg(whole);
    }
    return {};
}

} // namespace epscope
