// SPDX-License-Identifier: GPL-3.0-or-later
// Colours of everything that is drawn: one set for light, one for dark. Operators, chips and bounds keep theirs in
// every view.
#pragma once

#include <cstddef>
#include <functional>

#include <QColor>
#include <QObject>
#include <QPalette>
#include <QPen>
#include <Qt>

#include "core/estimate/estimate.h"

namespace epscope {

enum class ThemeChoice { system, light, dark };

struct Theme {
    bool dark = false;
    QColor window, surface, text, muted, grid, axis, accent, infeasible, warning;

    static const Theme &light();
    static const Theme &night();

    QPalette palette() const;
    // By stage a hue, by operator a lightness: what every kind of colour blindness leaves.
    QColor of(OpId op) const;
    QColor of(Stage stage) const;
    QColor of(Bound bound) const;
    // By a chip's mark, see Inputs. Colours repeat after eight, with other dashes.
    QColor chip(std::size_t mark) const;
    Qt::PenStyle chip_dash(std::size_t mark) const;
    // By a baseline's mark; none is a chip's.
    QColor baseline(std::size_t mark) const;
    QPen baseline_pen(std::size_t mark, double width) const;
    // Of a difference: for the better, or for the worse. Slight ones are muted.
    QColor change(bool better) const;
};

// Relative luminance as WCAG defines it: 0 black, 1 white.
double luminance(const QColor &colour);

// Which theme is in use; follows the system's palette unless the user has chosen.
class ThemeSource : public QObject {
    Q_OBJECT
public:
    // By default the darkness of the palette that the system gives.
    explicit ThemeSource(std::function<bool()> is_system_dark = {}, QObject *parent = nullptr);

    const Theme &theme() const { return *current; }
    ThemeChoice choice() const { return chosen; }
    void choose(ThemeChoice choice);
    // To be called when the system's colours may have changed (QEvent::ThemeChange).
    void follow_system();

signals:
    void changed();

private:
    std::function<bool()> is_system_dark;
    bool system_is_dark = false;
    ThemeChoice chosen = ThemeChoice::system;
    const Theme *current;

    void apply();
};

} // namespace epscope
