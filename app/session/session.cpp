// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/session/session.h"

#include <algorithm>

#include "core/spec/parameters.h"

namespace epscope {

Session::Session(QObject *parent) : QObject(parent)
{
    connect(&runner, &SearchRunner::finished, this, [this](const std::shared_ptr<const Explored> &explored) {
        latest = explored;
        emit explored_changed();
    });
    connect(&runner, &SearchRunner::progressed, this, &Session::search_progressed);
    connect(&runner, &SearchRunner::failed, this, &Session::search_failed);
}

void Session::open(Study study)
{
    original = study;
    current = {std::move(study), std::nullopt, {}, current.measured};
    emit opened_study();
    inputs_have_changed();
}

void Session::mark_saved()
{
    original = current.study;
    emit opened_study();
}

void Session::change(Study study)
{
    if (study == current.study)
        return;
    current.study = std::move(study);
    inputs_have_changed();
}

void Session::set_measured(std::shared_ptr<const Measured> measured)
{
    const bool same = measured && current.measured ? *measured == *current.measured : measured == current.measured;
    if (same)
        return;
    current.measured = std::move(measured);
    inputs_have_changed();
}

QString Session::set(std::string_view key, const QString &value)
{
    Study study = current.study;
    if (const auto wrong = set_parameter(study, key, value.toStdString(), BareNumbers::allowed))
        return QString::fromStdString(*wrong);
    change(std::move(study));
    return {};
}

void Session::select(std::optional<Selection> selection)
{
    if (selection == current.selection)
        return;
    current.selection = std::move(selection);
    inputs_have_changed();
}

void Session::highlight(std::optional<OpId> operator_id)
{
    if (operator_id == lit)
        return;
    lit = operator_id;
    emit highlighted(lit);
}

void Session::inputs_have_changed()
{
    for (const Chip &chip : current.study.chips) {
        if (std::find(current.known_chips.begin(), current.known_chips.end(), chip.name) == current.known_chips.end())
            current.known_chips.push_back(chip.name);
    }
    emit inputs_changed();
    runner.submit(current);
}

} // namespace epscope
