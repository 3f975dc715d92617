// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/look/text_scale.h"

#include <algorithm>
#include <cmath>

#include <QApplication>
#include <QFont>
#include <QFontMetricsF>
#include <QTabBar>

namespace epscope {
namespace {

double current_scale = 1;

} // namespace

QFont scaled(QFont font, double factor)
{
    font.setPointSizeF(factor * font.pointSizeF());
    return font;
}

int tallest_line(const QFont &font)
{
    const QFontMetricsF metrics(font);
    const double with_signs = metrics.size(Qt::TextSingleLine, QStringLiteral("▲▼→−≥≤×µ·…")).height();
    return static_cast<int>(std::ceil(std::max(with_signs, metrics.height())));
}

double text_scale()
{
    return current_scale;
}

void set_text_scale(double scale)
{
    static const QFont system = QApplication::font();
    QFont font = system;
    if (font.pointSizeF() > 0)
        font.setPointSizeF(font.pointSizeF() * scale);
    else
        font.setPixelSize(static_cast<int>(std::lround(font.pixelSize() * scale)));
    current_scale = scale; // first: widgets measure themselves with it when the font changes
    QApplication::setFont(font);
}

ScaledStyle::ScaledStyle()
    : QProxyStyle(QStringLiteral("Fusion"))
{
}

void ScaledStyle::polish(QWidget *widget)
{
    QProxyStyle::polish(widget);
    if (auto *tabs = qobject_cast<QTabBar *>(widget))
        tabs->setElideMode(Qt::ElideNone);
}

int ScaledStyle::pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const
{
    const int unscaled = QProxyStyle::pixelMetric(metric, option, widget);
    switch (metric) {
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight:
    case PM_ScrollBarExtent:
    case PM_ScrollBarSliderMin:
    case PM_SmallIconSize:
    case PM_MenuButtonIndicator:
    case PM_TabBarScrollButtonWidth:
    case PM_DockWidgetSeparatorExtent:
    case PM_DockWidgetTitleBarButtonMargin:
    case PM_HeaderMarkSize:
        return static_cast<int>(std::lround(unscaled * current_scale));
    default:
        return unscaled;
    }
}

} // namespace epscope
