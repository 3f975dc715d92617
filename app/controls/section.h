// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace epscope {

// A title that folds what is below it.
class SectionHeader : public QAbstractButton {
    Q_OBJECT
public:
    SectionHeader(const QString &title, QWidget *parent);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
};

class Section : public QWidget {
    Q_OBJECT
public:
    // The identity is not shown and the same in every language.
    Section(const QString &identity, const QString &title, QWidget *parent);

    const QString id;
    SectionHeader *header; // checked: open
    QWidget *body;
    QVBoxLayout *rows;

    QLabel *add_labelled(const QString &text, QWidget *control);
};

// Left of the rows of a section, px.
inline constexpr int row_indent = 8;

// A label and its control side by side; labels are of one width, so that controls stand below one another.
QLabel *add_labelled_row(QVBoxLayout &rows, const QString &text, QWidget *control);

} // namespace epscope
