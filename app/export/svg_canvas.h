// SPDX-License-Identifier: GPL-3.0-or-later
// A device that QPainter draws on to make an SVG. Qt's own QSvgGenerator ignores clipping up to Qt 6.6: legend samples
// and zoomed charts would spill over.
#pragma once

#include <memory>

#include <QByteArray>
#include <QPaintDevice>
#include <QSize>
#include <QString>

namespace epscope {

class SvgEngine;

// Characters that XML cannot hold become the replacement character.
QString xml_text(QString text);

class SvgCanvas : public QPaintDevice {
public:
    // `dots_per_inch` says how large a font of so many points is, as on screens. Ids inside start with `ids`: they must
    // differ between drawings on one page.
    SvgCanvas(const QSize &size, int dots_per_inch, const QString &ids = QStringLiteral("d"));
    ~SvgCanvas() override;

    // What has been drawn, once the painter is done. `metadata`: an XML element, or nothing.
    QByteArray document(const QString &title, const QString &description, const QByteArray &metadata) const;

    QPaintEngine *paintEngine() const override;

protected:
    int metric(PaintDeviceMetric metric) const override;

private:
    QSize area;
    int dpi;
    std::unique_ptr<SvgEngine> engine;
};

} // namespace epscope
