// SPDX-License-Identifier: GPL-3.0-or-later
// How large the program writes, over what the system asks for.
#pragma once

#include <QFont>
#include <QProxyStyle>

namespace epscope {

inline constexpr double points_per_inch = 72;

QFont scaled(QFont font, double factor);
// How high a line is with any of the signs that the program writes: those that the font lacks come from another one,
// whose lines may be higher.
int tallest_line(const QFont &font);

double text_scale(); // 1: as the system has it
// Sets the application's font; widgets follow by their FontChange.
void set_text_scale(double scale);

// Fusion whose boxes, arrows and scroll bars grow with the text, and whose tabs scroll before their texts are cut.
class ScaledStyle : public QProxyStyle {
    Q_OBJECT
public:
    ScaledStyle();
    void polish(QWidget *widget) override;
    using QProxyStyle::polish;
    int pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const override;
};

} // namespace epscope
