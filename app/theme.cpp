// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/theme.h"

#include <array>

#include <QApplication>
#include <QStyle>

namespace epscope {
namespace {

// Okabe and Ito's colours, distinguishable with every kind of colour blindness (jfly.uni-koeln.de/color).
constexpr QRgb orange = 0xffe69f00, sky = 0xff56b4e9, green = 0xff009e73, yellow = 0xfff0e442, blue = 0xff0072b2, vermillion = 0xffd55e00,
               purple = 0xffcc79a7, grey = 0xff8a8a8a;

} // namespace

const Theme &Theme::light()
{
    static const Theme theme{false,
                             QColor(QRgb(0xfff3f4f6)),
                             QColor(QRgb(0xffffffff)),
                             QColor(QRgb(0xff1b1f24)),
                             QColor(QRgb(0xff5c6570)),
                             QColor(QRgb(0xffe3e6ea)),
                             QColor(QRgb(0xff8b949e)),
                             QColor(QRgb(0xff0b63b0)),
                             QColor(QRgb(0xff8a8a8a)),
                             QColor(QRgb(0xffb3261e))};
    return theme;
}

const Theme &Theme::night()
{
    static const Theme theme{true,
                             QColor(QRgb(0xff16191d)),
                             QColor(QRgb(0xff1f2328)),
                             QColor(QRgb(0xffe8eaed)),
                             QColor(QRgb(0xffa3abb5)),
                             QColor(QRgb(0xff32383f)),
                             QColor(QRgb(0xff6b747e)),
                             QColor(QRgb(0xff6cb6ff)),
                             QColor(QRgb(0xff9a9a9a)),
                             QColor(QRgb(0xffff8a80))};
    return theme;
}

QPalette Theme::palette() const
{
    QPalette result;
    result.setColor(QPalette::Window, window);
    result.setColor(QPalette::WindowText, text);
    result.setColor(QPalette::Base, surface);
    result.setColor(QPalette::AlternateBase, window);
    result.setColor(QPalette::Text, text);
    result.setColor(QPalette::PlaceholderText, muted);
    result.setColor(QPalette::Button, dark ? QColor(QRgb(0xff2a3037)) : QColor(QRgb(0xffffffff)));
    result.setColor(QPalette::ButtonText, text);
    result.setColor(QPalette::BrightText, warning);
    result.setColor(QPalette::ToolTipBase, surface);
    result.setColor(QPalette::ToolTipText, text);
    result.setColor(QPalette::Highlight, accent);
    result.setColor(QPalette::HighlightedText, dark ? QColor(QRgb(0xff10141a)) : QColor(QRgb(0xffffffff)));
    result.setColor(QPalette::Link, accent);
    result.setColor(QPalette::Light, dark ? QColor(QRgb(0xff39414a)) : QColor(QRgb(0xffffffff)));
    result.setColor(QPalette::Midlight, grid);
    result.setColor(QPalette::Mid, axis);
    result.setColor(QPalette::Dark, dark ? QColor(QRgb(0xff0c0e11)) : QColor(QRgb(0xffb9c0c8)));
    result.setColor(QPalette::Shadow, dark ? QColor(QRgb(0xff000000)) : QColor(QRgb(0xff8b949e)));
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        result.setColor(QPalette::Disabled, role, muted);
    return result;
}

QColor Theme::of(Stage stage) const
{
    constexpr std::array<QRgb, stage_count> hues{sky, blue, purple, green, orange, purple, yellow, grey};
    return QColor(hues[static_cast<std::size_t>(stage)]);
}

QColor Theme::of(OpId op) const
{
    const OperatorInfo &info = info_of(op);
    int shade = 0;
    for (const OperatorInfo &other : operators()) {
        if (other.id == op)
            break;
        shade += other.stage == info.stage ? 1 : 0;
    }
    // FlashMLA, the largest of its stage, keeps the full hue; the others step lighter and darker in turn.
    constexpr std::array<int, 5> factors{100, 125, 82, 145, 70};
    const QColor hue = of(info.stage);
    const int factor = factors[static_cast<std::size_t>(shade) % factors.size()];
    const QColor shaded = factor >= 100 ? hue.lighter(factor) : hue.darker(10000 / factor);
    return info.stage == Stage::combine ? shaded.darker(125) : shaded;
}

QColor Theme::of(Bound bound) const
{
    constexpr std::array<QRgb, 3> hues{vermillion, blue, purple};
    const QColor hue(hues[static_cast<std::size_t>(bound)]);
    return dark ? hue.lighter(130) : hue;
}

QColor Theme::chip(std::size_t index) const
{
    constexpr std::array<QRgb, 8> on_light{blue, vermillion, green, purple, 0xff8c6100, 0xff2f7fb0, 0xff6b6300, 0xff444444};
    constexpr std::array<QRgb, 8> on_dark{sky, 0xffff8a3d, 0xff2fd0a0, 0xffe6a3c7, orange, 0xff8fb4ff, yellow, 0xffd0d0d0};
    return QColor((dark ? on_dark : on_light)[index % on_light.size()]);
}

Qt::PenStyle Theme::chip_dash(std::size_t index) const
{
    constexpr std::array<Qt::PenStyle, 4> styles{Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};
    return styles[index % styles.size()];
}

ThemeSource::ThemeSource(QObject *parent)
    : QObject(parent), system_is_dark(QApplication::palette().color(QPalette::Window).lightness() < 128), current(&Theme::light())
{
    apply();
}

void ThemeSource::choose(ThemeChoice choice)
{
    chosen = choice;
    apply();
}

void ThemeSource::apply()
{
    const bool dark = chosen == ThemeChoice::dark || (chosen == ThemeChoice::system && system_is_dark);
    current = dark ? &Theme::night() : &Theme::light();
    QApplication::setPalette(current->palette());
    emit changed();
}

} // namespace epscope
