// SPDX-License-Identifier: GPL-3.0-or-later
// All numbers of one of the study's chips, made from the parameter table; reset and save as a new chip.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <QWidget>

#include "app/session/session.h"
#include "core/spec/parameters.h"

class QPushButton;
class QVBoxLayout;

namespace epscope {

class ChipPicker;
class ChoiceBox;
class InlineMessage;

// "My chip 2" -> "my-chip-2".
QString chip_file_stem(const QString &name);

// What saving a chip asks; replaced in tests.
struct ChipSaving {
    std::function<QString(QWidget *, const QString &proposal)> ask_name; // empty: not to be saved
    std::function<QString()> folder; // that holds the user's chips/

    static ChipSaving native();
};

class ChipEditor : public QWidget {
    Q_OBJECT
public:
    // The picker knows the chips as they were before anybody edited them.
    ChipEditor(Session *session, ChipPicker *picker, QWidget *parent);

    const std::string &chip_name() const { return name; }
    void show_chip(const std::string &wanted);
    void set_saving(ChipSaving replacement) { saving = std::move(replacement); }
    // After any change of the inputs.
    void refresh();

signals:
    void chip_shown(); // another one
    void chip_saved(const QString &file);

protected:
    void changeEvent(QEvent *event) override;

private:
    Session *session;
    ChipPicker *picker;
    ChipSaving saving;
    std::string name;
    std::optional<Selection> followed;
    QVBoxLayout *rows;
    ChoiceBox *choice;
    QPushButton *reset;
    InlineMessage *message;
    std::vector<std::function<void(const Chip &)>> refreshers; // one per number

    const Chip *shown() const;
    std::string full_key(std::string_view key) const; // as Session::set() takes it
    void add_slider(const Field<Chip> &field);
    void add_choice(const Field<Chip> &field);
    void show_swatch(int index, std::size_t mark);
    void show_swatches();
    void reset_chip();
    void save_chip();
};

} // namespace epscope
