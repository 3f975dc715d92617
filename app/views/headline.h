// SPDX-License-Identifier: GPL-3.0-or-later
// The answer in one sentence of large type, whose numbers can be explained; with nothing feasible, why, and what would
// correct it.
#pragma once

#include <memory>
#include <vector>

#include <QWidget>

#include "app/charts/explainable.h"
#include "app/look/theme.h"
#include "app/session/baselines.h"

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
        // A piece that tells a number, by its name in the explanation.
        struct NumberSpan {
            qsizetype start = 0, length = 0;
            std::string name;

            bool operator==(const NumberSpan &) const = default;
        };

        QString text;
        bool warning = false;
        std::vector<ChangeSpan> changes = {};
        std::vector<NumberSpan> numbers = {};

        void append_number(const QString &piece, std::string_view name);

        bool operator==(const Part &) const = default;
    };

    QString chip; // empty: nothing is feasible
    std::size_t chip_mark = 0; // what it is drawn with
    std::vector<Part> parts;
    QString accuracy; // what the band of errors rests on, or why there is none; for the tooltip

    QString plain() const; // "H800: ... · ..."
    bool operator==(const HeadlineText &) const = default;
};
HeadlineText headline_text(const Explored &explored, const PinnedBaselines &baselines = {});

class FixRow;
class SentenceButton;

class Headline : public QWidget, public ShowsNumbers {
    Q_OBJECT
public:
    explicit Headline(QWidget *parent = nullptr);

    void set_explored(std::shared_ptr<const Explored> explored);
    void set_result(std::shared_ptr<const Explored> explored, const PinnedBaselines &baselines);
    void set_theme(const Theme &theme);
    // For a picture that is the same whenever it is drawn: without how long the search took.
    void leave_out_effort();
    QString text() const;
    std::optional<Explainable> number_at(const QPoint &global) const override;
    std::optional<Explainable> current_number() const override;
    // Where a number stands, by its name; empty if it is not there.
    QRectF area_of(std::string_view name) const;
    QWidget &faded() const; // what goes out of date: all but the progress of the search
    // Is a number explained that is clicked on? Else nothing offers it.
    bool explains() const;

public slots:
    void copy();
    // Of a search that takes long; 1 when it is over.
    void set_progress(double fraction);

signals:
    void cancel_requested();
    void explanation_wanted(const epscope::Explainable &number);
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
    bool effort_shown = true;
    SentenceButton *sentence;
    FixRow *fix_row;
    QWidget *progress_box;
    QProgressBar *progress;
    QTimer *until_progress;

    void place();
};

} // namespace epscope
