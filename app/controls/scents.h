// SPDX-License-Identifier: GPL-3.0-or-later
// The curves of throughput behind the sliders' tracks: asked for while nothing changes, one slider after the other, of
// those on the screen.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include <QObject>
#include <QTimer>

#include "core/explore/questions.h"

class QScrollArea;

namespace epscope {

class InputPanel;
class Session;
class ValueSlider;

class Scents : public QObject {
    Q_OBJECT
public:
    Scents(const Session &session, InputPanel &panel, QObject *parent = nullptr);

    bool are_on() const { return on; }
    // Null unless it has been found; may be of other inputs.
    std::shared_ptr<const Answer> answer(const std::string &key) const;
    // Has every slider on the screen the curve of the inputs as they are?
    bool settled() const;

public slots:
    void set_on(bool on);
    void set_answer(std::shared_ptr<const epscope::Answer> answer);

signals:
    void asked(const epscope::Study &study, const epscope::Question &question);
    void withdrawn(); // what has been asked

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    const Session &session;
    InputPanel &panel;
    QScrollArea *area;
    bool on = true;
    std::map<std::string, std::shared_ptr<const Answer>> known; // by key
    std::optional<CurveQuestion> under_way;
    QTimer rest, fade;

    void follow_inputs();
    void follow_explored();
    void mark_stale();
    void show_next();
    std::optional<Study> study_for(const std::string &key) const;
    std::optional<CurveQuestion> question_of(const ValueSlider &slider) const;
    bool still_holds(const Answer &answer, const CurveQuestion &question) const;
    void draw(ValueSlider &slider, const Answer &answer) const;
};

} // namespace epscope
