// SPDX-License-Identifier: GPL-3.0-or-later
// All inputs of a study as controls, made from the parameter table. Controls are named after their keys: findChild("context").
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <QWidget>

#include "app/session/session.h"
#include "core/io/library.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace epscope {

class ChipPicker;
class InlineMessage;
class SearchRow;
class Section;
class ValueSlider;
struct Parameter;

// What saving a chip asks; replaced in tests.
struct ChipSaving {
    std::function<QString(QWidget *, const QString &proposal)> ask_name; // empty: not to be saved
    std::function<QString()> folder;                                     // that holds the user's chips/

    static ChipSaving native();
};

class InputPanel : public QWidget {
    Q_OBJECT
public:
    InputPanel(Session *session, const Library &library, QWidget *parent = nullptr);
    ~InputPanel() override;

    ChipPicker *chips() const { return picker; }
    void set_chip_saving(ChipSaving replacement) { saving = std::move(replacement); }
    const std::string &edited_chip() const { return chip_name; }
    // Titles of the sections that are folded, for the saved layout.
    QStringList folded_sections() const;
    void set_folded_sections(const QStringList &folded);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

public slots:
    // The library has been read again.
    void follow_library();
    void edit_chip(const QString &name);

signals:
    void chip_saved(const QString &file);

protected:
    void changeEvent(QEvent *event) override;

private:
    Session *session;
    const Library &library;
    ChipSaving saving;
    std::string chip_name;
    std::vector<Section *> sections;
    Section *section = nullptr;                    // that rows are added to
    std::vector<std::function<void()>> refreshers; // one per control, of the inputs
    std::vector<std::function<void()>> followers;  // of the best configuration
    ChipPicker *picker = nullptr;
    QComboBox *chip_choice = nullptr;
    QPushButton *reset_chip = nullptr;
    InlineMessage *chip_message = nullptr;
    QComboBox *nic_choice = nullptr;
    InlineMessage *nic_message = nullptr;
    std::vector<ValueSlider *> nic_sliders;
    std::map<std::string, Nic> known_nics;         // edits and all, of those taken out of the study too
    std::map<std::string, std::string> last_range; // of searched parameters, by key
    std::optional<Selection> followed;

    Section *add_section(const QString &title);
    void add_workload();
    void add_precision();
    void add_deployment();
    void add_search();
    void add_chip();
    void add_network();
    void add_model();

    ValueSlider *add_slider(const std::string &key);
    QComboBox *add_choice(const std::string &key, const QString &label, const Parameter &parameter);
    void add_switch(const std::string &key);
    void add_search_slider(const std::string &key);
    SearchRow *add_search_row(const std::string &key, const QString &label);
    template<class T>
    QComboBox *add_entry_choice(Kind kind, const QString &label, T Study::*member, std::function<Read<T>(const std::string &)> load);
    void add_chip_rows();
    ValueSlider *nic_slider(std::size_t index);

    void refresh();
    void refresh_chip_choice();
    void refresh_nics();
    void choose_nic(int index);
    void follow();
    const Chip *chip_shown() const;
    std::string chip_key(std::string_view key) const;
    void save_chip();

    const Point *best() const;
    std::string best_text(const std::string &key) const;
    std::string searched_range(const std::string &key) const;
    void set_or_complain(ValueSlider *slider, const std::string &key, const QString &text);
    void fix_all();
    void search_all();
};

// A chip as the text of a library file.
std::string chip_yaml(const Chip &chip);

} // namespace epscope
