// SPDX-License-Identifier: GPL-3.0-or-later
// All inputs of a study as controls, made from the parameter table. Controls are named after their keys:
// findChild("context").
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <QWidget>

#include "app/controls/chip_editor.h"
#include "app/controls/searched_values.h"
#include "app/session/session.h"
#include "core/io/library.h"

namespace epscope {

class NicEditor;
class ProfilePanel;
class SearchRow;
class Section;
class ValueSlider;

struct Baseline;

class InputPanel : public QWidget {
    Q_OBJECT
public:
    InputPanel(Session *session, const Library &library, QWidget *parent = nullptr);
    ~InputPanel() override;

    ChipPicker *chips() const { return picker; }
    void set_chip_saving(ChipSaving replacement);
    const std::string &edited_chip() const;
    // The parameter behind a slider, as set_parameter() takes it, and back; null where it has none that is shown.
    std::string key_of(const ValueSlider &slider) const;
    ValueSlider *slider_of(const std::string &key) const;
    // Offers a value on the slider of a parameter, wherever it is shown; no value takes it away.
    void offer(const std::string &key, std::optional<double> si);
    // Marks the values that a pinned baseline has on all sliders, or shows them alone; null takes the marks away.
    void set_baseline(const Baseline *baseline, bool alone = false);
    // The sections that are folded, for the saved layout; names that are the same in every language.
    QStringList folded_sections() const;
    void set_folded_sections(const QStringList &folded);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

public slots:
    // The library has been read again.
    void follow_library();
    void edit_chip(const QString &name);
    // Shows the control of an input, by its object name or by its key as set_parameter() takes it, and gives it the
    // keyboard; false if there is none.
    bool reveal(const QString &key);

signals:
    void chip_saved(const QString &file);
    void new_chip_wanted();
    void profile_file_wanted(); // to be opened
    void goal_wanted(const std::string &key);
    void sliders_changed(); // they show another chip's numbers

protected:
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    Session *session;
    const Library &library;
    SearchedValues searched;
    std::vector<Section *> sections;
    Section *section = nullptr; // that rows are added to
    std::vector<std::function<void()>> refreshers; // one per control, of the inputs
    std::vector<std::function<void()>> followers; // of the best configuration
    ChipPicker *picker = nullptr;
    ChipEditor *chip_editor = nullptr;
    NicEditor *nic_editor = nullptr;
    ProfilePanel *profile_panel;
    std::optional<Profile> published; // what the others are set against
    std::string offered_key;
    std::optional<double> offered;
    ValueSlider *offering = nullptr; // the slider that shows it

    Section *add_section(const char *title);
    void add_workload();
    void add_precision();
    void add_deployment();
    void add_search();
    void add_model();
    void add_profile_buttons();

    void add_slider(const std::string &key);
    void add_switch(const std::string &key);
    void add_choice(const std::string &key);
    void add_search_slider(const std::string &key);
    void add_search_choice(const std::string &key);
    // Where the parameter has something to do with the inputs.
    void show_where_it_counts(const std::string &key, const std::vector<QWidget *> &widgets);
    QString standing_text() const;
    SearchRow *add_search_row(const std::string &key, const QString &label);
    // What it returns gives the chosen entry as it was before anybody changed it, or null.
    template <class T>
    std::function<const T *()> add_entry_choice(
        Kind kind, const QString &label, T Study::*member, std::function<Read<T>(const std::string &)> load);

    void refresh();
    void follow();
    void show_offer();
    void fix_all();
    void search_all();
};

} // namespace epscope
