// SPDX-License-Identifier: GPL-3.0-or-later
// The answer in one sentence of large type; with nothing feasible, why, and what would mend it.
#pragma once

#include <memory>
#include <vector>

#include <QWidget>

#include "app/session/explored.h"
#include "app/theme.h"

class QProgressBar;
class QTimer;

namespace epscope {

struct HeadlineText {
    struct Part {
        QString text;
        bool warning = false;

        bool operator==(const Part &) const = default;
    };

    QString chip;               // empty: nothing is feasible
    std::size_t chip_mark = 0; // what it is drawn with
    std::vector<Part> parts;
    QString accuracy;          // what the band of errors rests on, or why there is none; for the tooltip

    QString plain() const; // "H800: ... · ..."
    bool operator==(const HeadlineText &) const = default;
};
HeadlineText headline_text(const Explored &explored);

class FixRow;
class SentenceButton;

class Headline : public QWidget {
    Q_OBJECT
public:
    explicit Headline(QWidget *parent = nullptr);

    void set_explored(std::shared_ptr<const Explored> explored);
    void set_theme(const Theme &theme);
    QString text() const;

public slots:
    // Of a search that takes long; 1 when it is over.
    void set_progress(double fraction);

signals:
    void cancel_requested();
    void fix_chosen(const QString &key, const QString &value);

protected:
    bool event(QEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme *colours;
    SentenceButton *sentence;
    FixRow *fix_row;
    QWidget *progress_box;
    QProgressBar *progress;
    QTimer *until_progress;

    void place();
};

} // namespace epscope
