// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/look/theme.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include <QApplication>
#include <QStyle>
#include <QVector>

#include "app/look/chip_colours.h"

namespace epscope {
namespace {

// Okabe and Ito's colours, distinguishable with every kind of colour blindness (jfly.uni-koeln.de/color).
constexpr QRgb orange = 0xffe69f00, sky = 0xff56b4e9, green = 0xff009e73, yellow = 0xfff0e442, blue = 0xff0072b2,
               vermillion = 0xffd55e00, purple = 0xffcc79a7, grey = 0xff8a8a8a;

double to_linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

// The hue at another lightness (L* of CIELAB): with black or white mixed in.
QColor with_lightness(const QColor &hue, double lightness)
{
    const double wanted = std::pow((lightness + 16) / 116, 3);
    const float end = wanted < luminance(hue) ? 0 : 1;
    const auto mixture = [&](float part) {
        const auto channel = [&](float value) { return value + part * (end - value); };
        return QColor::fromRgbF(channel(hue.redF()), channel(hue.greenF()), channel(hue.blueF()));
    };
    float least = 0, most = 1;
    for (int i = 0; i < 12; ++i) {
        const float middle = (least + most) / 2;
        ((luminance(mixture(middle)) < wanted) == (end == 1) ? least : most) = middle;
    }
    return mixture(least);
}

QColor colour_of_operator(const Theme &theme, OpId op)
{
    const Stage stage = info_of(op).stage;
    // L*, far apart for those that stand side by side; the two stages of attention share a hue, so that the lighter
    // half is the projections' and the darker one that of attention itself. None: the hue as it is.
    struct Lightness {
        OpId op;
        double value;
    };
    using enum OpId;
    constexpr std::array lightness{Lightness{attn_norm, 94}, Lightness{q_down, 64}, Lightness{q_up, 85},
        Lightness{q_absorb, 54}, Lightness{kv_compress, 75}, Lightness{streams, 54}, Lightness{qkv, 64},
        Lightness{decay, 85}, Lightness{compress, 75}, Lightness{index_q, 43}, Lightness{index_k, 30},
        Lightness{gate, 43}, Lightness{v_up, 60}, Lightness{o_proj, 33}, Lightness{ffn_norm, 70}, Lightness{router, 24},
        Lightness{small_kernels, 80}, Lightness{index_scan, 15}, Lightness{index_top, 90}, Lightness{o_a, 60},
        Lightness{shared_down, 77}, Lightness{latent_down, 40}, Lightness{routed_down, 86}, Lightness{permute, 50},
        Lightness{latent_up, 35}, Lightness{dense_down, 74}, Lightness{scatter, 78}, Lightness{gather, 32},
        Lightness{embedding, 70}, Lightness{mtp_proj, 45}, Lightness{final_norm, 82}, Lightness{sample, 21},
        Lightness{step_overhead, 33}};
    const auto found =
        std::find_if(lightness.begin(), lightness.end(), [=](const Lightness &each) { return each.op == op; });
    const double wanted = found == lightness.end() ? 0 : found->value;
    return wanted > 0 ? with_lightness(theme.of(stage), wanted) : theme.of(stage);
}

bool has_dark_palette()
{
    QApplication::setPalette(QPalette()); // the system's is only seen without one of our own
    return QApplication::palette().color(QPalette::Window).lightness() < 128;
}

} // namespace

double luminance(const QColor &colour)
{
    return 0.2126 * to_linear(colour.redF()) + 0.7152 * to_linear(colour.greenF()) + 0.0722 * to_linear(colour.blueF());
}

const Theme &Theme::light()
{
    static const Theme theme{false, QColor(QRgb(0xfff3f4f6)), QColor(QRgb(0xffffffff)), QColor(QRgb(0xff1b1f24)),
        QColor(QRgb(0xff5c6570)), QColor(QRgb(0xffe3e6ea)), QColor(QRgb(0xff8b949e)), QColor(QRgb(0xff0b63b0)),
        QColor(QRgb(0xff8a8a8a)), QColor(QRgb(0xffb3261e))};
    return theme;
}

const Theme &Theme::night()
{
    static const Theme theme{true, QColor(QRgb(0xff16191d)), QColor(QRgb(0xff1f2328)), QColor(QRgb(0xffe8eaed)),
        QColor(QRgb(0xffa3abb5)), QColor(QRgb(0xff32383f)), QColor(QRgb(0xff6b747e)), QColor(QRgb(0xff6cb6ff)),
        QColor(QRgb(0xff9a9a9a)), QColor(QRgb(0xffff8a80))};
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
    constexpr QRgb dark_purple = 0xffa05d80;
    constexpr QRgb teal = 0xff44aa99, dark_teal = 0xff2a7f72;
    constexpr std::array<QRgb, stage_count> hues{
        sky, blue, purple, green, orange, dark_purple, yellow, grey, teal, dark_teal};
    return QColor(hues[static_cast<std::size_t>(stage)]);
}

QColor Theme::of(OpId op) const
{
    static const std::vector<QColor> colours = [this] { // the same in all themes
        std::vector<QColor> made;
        for (const OperatorInfo &info : operators())
            made.push_back(colour_of_operator(*this, info.id));
        return made;
    }();
    return colours[static_cast<std::size_t>(op)];
}

QColor Theme::of(Bound bound) const
{
    constexpr std::array<QRgb, 3> hues{vermillion, blue, purple};
    const QColor hue(hues[static_cast<std::size_t>(bound)]);
    return dark ? hue.lighter(130) : hue;
}

QColor Theme::chip(std::size_t mark) const
{
    constexpr std::array<QRgb, chip_colours> on_light{
        blue, vermillion, green, purple, 0xff7a5200, 0xffc000a0, 0xff5f8a00, 0xff444444};
    constexpr std::array<QRgb, chip_colours> on_dark{
        sky, 0xffff8a3d, 0xff2fd0a0, 0xffe6a3c7, 0xffa8845a, 0xffe050ff, yellow, 0xffd0d0d0};
    return QColor((dark ? on_dark : on_light)[mark % on_light.size()]);
}

Qt::PenStyle Theme::chip_dash(std::size_t mark) const
{
    constexpr std::array<Qt::PenStyle, 4> styles{Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};
    return styles[(mark + mark / chip_colours) % styles.size()];
}

// Hues between the chips'; each baseline also has a dash of its own.
QColor Theme::baseline(std::size_t mark) const
{
    constexpr std::array<QRgb, 4> on_light{0xff6a3fc0, 0xffb3124f, 0xff006e6e, 0xff4e342e};
    constexpr std::array<QRgb, 4> on_dark{0xffc4a6ff, 0xffff85a8, 0xff7fe0e0, 0xffd7b8a5};
    return QColor((dark ? on_dark : on_light)[mark % on_light.size()]);
}

QPen Theme::baseline_pen(std::size_t mark, double width) const
{
    const std::array<QVector<qreal>, 4> dashes{{{4, 2.5}, {1.5, 2}, {7, 2, 1.5, 2}, {8, 4}}}; // in widths
    QPen pen(baseline(mark), width, Qt::CustomDashLine, Qt::FlatCap);
    pen.setDashPattern(dashes[mark % dashes.size()]);
    return pen;
}

QColor Theme::change(bool better) const
{
    return QColor(better ? (dark ? 0xff2fd0a0 : 0xff00704f) : (dark ? 0xffff8a3d : 0xffb54a00));
}

ThemeSource::ThemeSource(std::function<bool()> ask, QObject *parent)
    : QObject(parent)
    , is_system_dark(ask ? std::move(ask) : has_dark_palette)
    , current(&Theme::light())
{
    follow_system();
}

void ThemeSource::follow_system()
{
    system_is_dark = is_system_dark();
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
