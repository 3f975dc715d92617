// SPDX-License-Identifier: GPL-3.0-or-later
// Which network interface the study searches, of its own and the library's, and the bandwidth of each.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <QWidget>

#include "app/session/session.h"
#include "core/io/library.h"

class QVBoxLayout;

namespace epscope {

class ChoiceBox;
class InlineMessage;
class ValueSlider;

class NicEditor : public QWidget {
    Q_OBJECT
public:
    NicEditor(Session *session, const Library &library, QWidget *parent);

    // After any change of the inputs.
    void refresh();
    // Another study has been opened.
    void forget() { known.clear(); }
    // The library has been read again.
    void follow_library() { looked_up.clear(); }

private:
    Session *session;
    const Library &library;
    QVBoxLayout *rows;
    ChoiceBox *choice;
    InlineMessage *message;
    std::vector<ValueSlider *> sliders; // one per NIC of the study; those beyond are hidden
    std::map<std::string, Nic> known; // edits and all, of those taken out of the study too
    std::map<std::string, std::optional<Nic>> looked_up; // in the library

    ValueSlider *slider(std::size_t index);
    void refresh_choice();
    void choose(int index);
    const Nic *original(const std::string &name);
};

} // namespace epscope
