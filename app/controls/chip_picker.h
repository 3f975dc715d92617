// SPDX-License-Identifier: GPL-3.0-or-later
// Which chips the study compares: its own and the library's, one check box each.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <QWidget>

#include "app/session/session.h"
#include "core/io/library.h"

class QLabel;
class QLineEdit;
class QListWidget;
class QListWidgetItem;

namespace epscope {

class ChipPicker : public QWidget {
    Q_OBJECT
public:
    ChipPicker(Session *session, const Library &library, QWidget *parent = nullptr);

    // The chip of that name as the study was opened with or, failing that, as the library has it; null for neither.
    const Chip *original(const std::string &name) const;
    // Differs from its original: shown with an asterisk.
    bool is_edited(const Chip &chip) const;
    // A chip that has been saved into the user's library since the library was read.
    void add_saved(const Chip &chip);
    // The library has been read again.
    void follow_library();
    // Is the name taken, in the study or the library?
    bool knows(const std::string &name) const;

    QListWidget *list() const { return chips; }
    QLineEdit *filter() const { return search; }

signals:
    // By Enter or double click on one of the study's.
    void chip_activated(const QString &name);

protected:
    void changeEvent(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    Session *session;
    const Library &library;
    QLineEdit *search;
    QListWidget *chips;
    QLabel *hint;
    std::vector<Chip> saved;
    std::map<std::string, Chip> parked; // taken out of the study, edits and all
    mutable std::map<std::string, std::optional<Chip>> looked_up; // in the library

    void rebuild();
    void refresh();
    void show_item(QListWidgetItem &item, const Chip *in_study);
    void toggled(QListWidgetItem &item);
    void set_in_study(const std::string &name, bool wanted);
    const Chip *in_library(const std::string &name) const;
    void apply_filter();
    void say(const QString &text);
};

// How a chip is drawn everywhere: its colour and dash.
QPixmap chip_swatch(const QWidget &widget, std::size_t mark);

// Boxes with a frame that is seen in both themes.
void style_check_boxes(QWidget *widget);

} // namespace epscope
