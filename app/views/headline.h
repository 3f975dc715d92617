// SPDX-License-Identifier: GPL-3.0-or-later
// The answer in one sentence of large type; with nothing feasible, why, and what would mend it.
#pragma once

#include <memory>
#include <vector>

#include <QWidget>

#include "app/session/baselines.h"
#include "app/theme.h"

class QProgressBar;
class QTimer;

namespace epscope {

struct HeadlineText {
    struct Part {
        // A piece of the text that tells a difference to the baseline.
        struct ChangeSpan {
            qsizetype start = 0, length = 0;
            bool slight = false, better = false;

            bool operator==(const ChangeSpan &) const = default;
        };

        QString text;
        bool warning = false;
        std::vector<ChangeSpan> changes = {};

        bool operator==(const Part &) const = default;
    };

    QString chip;               // empty: nothing is feasible
    std::size_t chip_mark = 0; // what it is drawn with
    std::vector<Part> parts;
    QString accuracy;          // what the band of errors rests on, or why there is none; for the tooltip

    QString plain() const; // "H800: ... · ..."
    bool operator==(const HeadlineText &) const = default;
};
HeadlineText headline_text(const Explored &explored, const PinnedBaselines &baselines = {});

class FixRow;
class SentenceButton;

class Headline : public QWidget {
    Q_OBJECT
public:
    explicit Headline(QWidget *parent = nullptr);

    void set_explored(std::shared_ptr<const Explored> explored);
    void set_result(std::shared_ptr<const Explored> explored, const PinnedBaselines &baselines);
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
    std::shared_ptr<const Explored> shown;
    PinnedBaselines pinned;
    SentenceButton *sentence;
    FixRow *fix_row;
    QWidget *progress_box;
    QProgressBar *progress;
    QTimer *until_progress;

    void place();
};

} // namespace epscope
