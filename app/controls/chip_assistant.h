// SPDX-License-Identifier: GPL-3.0-or-later
// A chip of one's own from the figures of its data sheet: each as it is stated there, next to it what the model takes
// and where other chips stand, below it whether the figure looks like another convention's. What is left out stays as a
// comparable chip has it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <QByteArray>
#include <QDialog>

#include "app/controls/chip_editor.h"
#include "app/controls/parameter_controls.h"
#include "core/io/library.h"
#include "core/spec/chip_conventions.h"

class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QSpinBox;

namespace epscope {

class ChipAssistant : public QDialog {
    Q_OBJECT
public:
    ChipAssistant(Session *session, const Library &library, QWidget *parent);
    ~ChipAssistant() override;

    void set_saving(ChipSaving replacement) { saving = std::move(replacement); }
    // As the rows have it now: rows that cannot be read keep their last good value.
    const Chip &chip() const { return draft; }
    // That is asked for next to the chip.
    const std::optional<Nic> &nic() const { return network; }

signals:
    void chip_added(const QString &name);
    void chip_saved(const QString &file);

protected:
    bool event(QEvent *event) override;

private:
    struct Row;
    struct Choice;

    Session *session;
    const Library &library;
    ChipSaving saving;
    std::vector<Chip> known_chips;
    std::vector<Nic> known_nics;
    std::vector<std::unique_ptr<Row>> rows;
    std::vector<std::unique_ptr<Choice>> choices;
    QLineEdit *name, *source;
    ChoiceBox *like;
    QSpinBox *dies;
    InlineMessage *message;
    QScrollArea *scroll;
    QLabel *outcome;
    Chip draft;
    std::optional<Nic> network;
    std::string added, saved; // under which names this one was
    QByteArray written; // into the file then
    bool complete = false; // all controls are there

    void read_known();
    void add_row(QGridLayout &grid, const AskedNumber &asked);
    void add_choice(QGridLayout &grid, const Field<Chip> &field);
    const Chip &comparable() const;
    CardMake make() const;
    void follow_like();
    void follow_font();
    void read_row(Row &row);
    void refresh();
    void correct(Row &row);
    std::map<std::string, std::string> notes() const;
    // Says what keeps the chip from being taken; true if nothing does.
    bool is_complete();
    void add_to_study();
    void save_file();
    void follow_explored();
};

} // namespace epscope
