// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/svg_canvas.h"

#include <cmath>
#include <optional>
#include <utility>

#include "app/look/text_scale.h"
#include <QBuffer>
#include <QFontInfo>
#include <QHash>
#include <QImage>
#include <QPaintEngine>
#include <QPainterPath>
#include <QPixmap>
#include <QXmlStreamWriter>

namespace epscope {
namespace {

constexpr double millimeters_per_inch = 25.4;

QString number(double value)
{
    QString text = QString::number(value, 'f', 2);
    while (text.endsWith(u'0'))
        text.chop(1);
    if (text.endsWith(u'.'))
        text.chop(1);
    return text == u"-0" ? QStringLiteral("0") : text;
}

QString point(const QPointF &at)
{
    return number(at.x()) + u' ' + number(at.y());
}

QString path_data(const QPainterPath &path)
{
    QString data;
    QPointF start;
    for (int i = 0; i < path.elementCount(); ++i) {
        const QPainterPath::Element element = path.elementAt(i);
        const bool ends = i + 1 == path.elementCount() || path.elementAt(i + 1).isMoveTo();
        if (element.isMoveTo())
            start = element;
        if (element.isLineTo() && ends && start == element)
            data += u'Z';
        else if (element.type != QPainterPath::CurveToDataElement)
            data += (element.isMoveTo() ? u'M' : element.isLineTo() ? u'L' : u'C') + point(element);
        else
            data += u' ' + point(element);
    }
    return data;
}

QString line_data(const QLineF &line)
{
    return u'M' + point(line.p1()) + u'L' + point(line.p2());
}

// The family that is drawn with, then those asked for, then any: a viewer looks for each glyph in one after the other.
QString family_list(const QFont &font)
{
    const QFontInfo drawn(font);
    QStringList families{drawn.family()};
    families << font.families();
    families.removeDuplicates();
    QStringList quoted;
    for (QString family : families)
        quoted << u'\'' + family.replace(u"\\"_qs, u"\\\\"_qs).replace(u"'"_qs, u"\\'"_qs) + u'\'';
    quoted << (drawn.fixedPitch() ? QStringLiteral("monospace") : QStringLiteral("sans-serif"));
    return quoted.join(QStringLiteral(", "));
}

QString data_url(const QImage &image)
{
    QByteArray png;
    QBuffer buffer(&png);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return QStringLiteral("data:image/png;base64,") + QString::fromLatin1(png.toBase64());
}

QString matrix(const QTransform &t)
{
    QStringList parts;
    for (const double value : {t.m11(), t.m12(), t.m21(), t.m22(), t.dx(), t.dy()})
        parts << QString::number(value, 'g', 6);
    return QStringLiteral("matrix(%1)").arg(parts.join(u' '));
}

} // namespace

QString xml_text(QString text)
{
    for (QChar &c : text) {
        if ((c < u' ' && c != u'\n' && c != u'\t') || c == QChar(0xfffe) || c == QChar(0xffff))
            c = QChar::ReplacementCharacter;
    }
    return text;
}

class SvgEngine : public QPaintEngine {
public:
    SvgEngine(int dots_per_inch, const QString &ids_start)
        : QPaintEngine(PrimitiveTransform | PixmapTransform | AlphaBlend | PainterPaths | Antialiasing | BrushStroke
            | ConstantOpacity | PaintOutsidePaintEvent)
        , dpi(dots_per_inch)
        , id_start(ids_start)
        , xml(&body)
    {
    }

    bool begin(QPaintDevice *) override { return true; }
    bool end() override
    {
        write_text();
        close_group();
        return true;
    }
    Type type() const override { return User; }

    const QByteArray &definitions() const { return defs; }
    const QByteArray &drawing() const { return body; }

    void updateState(const QPaintEngineState &changed) override
    {
        const DirtyFlags flags = changed.state();
        if (flags & DirtyTransform)
            transform = changed.transform();
        if (flags & DirtyPen)
            pen = changed.pen();
        if (flags & DirtyBrush)
            brush = changed.brush();
        if (flags & DirtyOpacity)
            opacity = changed.opacity();
        if (flags & DirtyClipPath)
            change_clip(changed.clipPath(), changed.clipOperation());
        if (flags & DirtyClipRegion) {
            QPainterPath path;
            path.addRegion(changed.clipRegion());
            change_clip(path, changed.clipOperation());
        }
        if (flags & DirtyClipEnabled)
            clipping = changed.isClipEnabled();
    }

    void drawPath(const QPainterPath &path) override
    {
        write_shapes({path_data(transform.map(path))}, path.fillRule(), true);
    }

    void drawLines(const QLineF *lines, int count) override
    {
        QStringList shapes;
        for (int i = 0; i < count; ++i)
            shapes << line_data(transform.map(lines[i]));
        write_shapes(shapes, Qt::OddEvenFill, false);
    }
    using QPaintEngine::drawLines;

    void drawRects(const QRectF *rects, int count) override
    {
        QStringList shapes;
        for (int i = 0; i < count; ++i) {
            QPainterPath path;
            path.addRect(rects[i]);
            shapes << path_data(transform.map(path));
        }
        write_shapes(shapes, Qt::WindingFill, true);
    }
    using QPaintEngine::drawRects;

    void drawPoints(const QPointF *points, int count) override
    {
        QString data;
        for (int i = 0; i < count; ++i) {
            const QPointF at = transform.map(points[i]);
            data += line_data({at, at});
        }
        const QPen before = pen;
        if (pen.capStyle() == Qt::FlatCap) // would leave nothing of it
            pen.setCapStyle(Qt::SquareCap);
        write_shapes({data}, Qt::OddEvenFill, false);
        pen = before;
    }
    using QPaintEngine::drawPoints;

    void drawPolygon(const QPointF *points, int count, PolygonDrawMode mode) override
    {
        QPainterPath path(points[0]);
        for (int i = 1; i < count; ++i)
            path.lineTo(points[i]);
        if (mode != PolylineMode)
            path.closeSubpath();
        write_shapes({path_data(transform.map(path))}, mode == WindingMode ? Qt::WindingFill : Qt::OddEvenFill,
            mode != PolylineMode);
    }
    using QPaintEngine::drawPolygon;

    // Qt hands over a text in pieces where a glyph comes from another font or the script changes. The pieces are kept
    // until something else is drawn, and written as the one text that they are.
    void drawTextItem(const QPointF &at, const QTextItem &item) override
    {
        Text piece{transform, at, item.text(), item.font(), pen.color(), opacity, item.width(), clip_id(),
            item.renderFlags().testFlag(QTextItem::RightToLeft)};
        if (text && text->goes_on_with(piece)) {
            text->characters += piece.characters;
            text->width = piece.at.x() + piece.width - text->at.x();
            return;
        }
        write_text();
        text = std::move(piece);
    }

    void drawPixmap(const QRectF &target, const QPixmap &pixmap, const QRectF &source) override
    {
        drawImage(target, pixmap.toImage(), source, {});
    }

    void drawImage(const QRectF &target, const QImage &image, const QRectF &source, Qt::ImageConversionFlags) override
    {
        open_group();
        xml.writeStartElement(QStringLiteral("image"));
        attribute("x", number(target.x()));
        attribute("y", number(target.y()));
        attribute("width", number(target.width()));
        attribute("height", number(target.height()));
        attribute("preserveAspectRatio", QStringLiteral("none"));
        if (!transform.isIdentity())
            attribute("transform", matrix(transform));
        if (opacity < 1)
            attribute("opacity", number(opacity));
        attribute("xlink:href", data_url(image.copy(source.toAlignedRect())));
        xml.writeEndElement();
    }

private:
    struct Text {
        QTransform transform;
        QPointF at; // its left end on the baseline
        QString characters;
        QFont font;
        QColor color;
        double opacity;
        double width;
        QString clip;
        bool right_to_left;

        bool goes_on_with(const Text &next) const
        {
            constexpr double rounding = 1.0 / 32; // px: Qt places text in steps of 1/64
            return !right_to_left && !next.right_to_left && std::abs(at.x() + width - next.at.x()) <= rounding
                && at.y() == next.at.y() && transform == next.transform && font == next.font && color == next.color
                && opacity == next.opacity && clip == next.clip;
        }
    };

    int dpi;
    QString id_start;
    QByteArray body, defs;
    QXmlStreamWriter xml;
    QHash<QString, QString> ids; // of clips, by their paths
    std::optional<QString> group; // id of the clip whose group is open; empty for none

    QTransform transform;
    QPen pen = Qt::NoPen;
    QBrush brush;
    double opacity = 1;
    bool clipping = false;
    QPainterPath clip;
    std::optional<Text> text; // drawn last, which may go on

    void attribute(const char *name, const QString &value) { xml.writeAttribute(QLatin1String(name), value); }

    void write_color(const char *name, const QColor &color, double at_opacity)
    {
        attribute(name, color.name());
        if (const double alpha = color.alphaF() * at_opacity; alpha < 1)
            xml.writeAttribute(QLatin1String(name) + QStringLiteral("-opacity"), number(alpha));
    }

    void change_clip(const QPainterPath &path, Qt::ClipOperation operation)
    {
        const QPainterPath mapped = transform.map(path);
        const bool narrows = operation == Qt::IntersectClip && clipping;
        clip = operation == Qt::NoClip ? QPainterPath() : narrows ? clip.intersected(mapped) : mapped;
        clipping = operation != Qt::NoClip;
    }

    void close_group()
    {
        if (group && !group->isEmpty())
            xml.writeEndElement();
        group.reset();
    }

    // Of its definition, which is made on first use; empty without a clip.
    QString clip_id()
    {
        if (!clipping)
            return {};
        const QString path = path_data(clip);
        QString &id = ids[path];
        if (id.isEmpty()) {
            id = id_start + QString::number(ids.size());
            defs += QStringLiteral("<clipPath id=\"%1\"><path d=\"%2\"/></clipPath>\n").arg(id, path).toUtf8();
        }
        return id;
    }

    void open_group()
    {
        write_text();
        open_group(clip_id());
    }

    void open_group(const QString &id)
    {
        if (group != id) {
            close_group();
            group = id;
            if (!id.isEmpty()) {
                xml.writeCharacters(QStringLiteral("\n"));
                xml.writeStartElement(QStringLiteral("g"));
                attribute("clip-path", QStringLiteral("url(#%1)").arg(id));
            }
        }
        xml.writeCharacters(QStringLiteral("\n"));
    }

    void write_text()
    {
        if (!text)
            return;
        const Text whole = *std::exchange(text, std::nullopt);
        const QString characters = xml_text(whole.characters);
        if (characters.trimmed().isEmpty())
            return;
        open_group(whole.clip);
        xml.writeStartElement(QStringLiteral("text"));
        const bool moved_only = whole.transform.type() <= QTransform::TxTranslate;
        const QPointF place = moved_only ? whole.transform.map(whole.at) : whole.at;
        attribute("x", number(place.x()));
        attribute("y", number(place.y()));
        if (!moved_only)
            attribute("transform", matrix(whole.transform));
        const QFont &font = whole.font;
        attribute("font-family", family_list(font));
        attribute(
            "font-size", number(font.pixelSize() > 0 ? font.pixelSize() : font.pointSizeF() * dpi / points_per_inch));
        if (font.weight() != QFont::Normal)
            attribute("font-weight", QString::number(font.weight()));
        if (font.italic())
            attribute("font-style", QStringLiteral("italic"));
        write_color("fill", whole.color, whole.opacity);
        // As wide where the font is not at hand.
        attribute("textLength", number(whole.width));
        attribute("lengthAdjust", QStringLiteral("spacingAndGlyphs"));
        attribute("xml:space", QStringLiteral("preserve"));
        xml.writeCharacters(characters);
        xml.writeEndElement();
    }

    void write_fill(bool filled, Qt::FillRule rule)
    {
        if (!filled || brush.style() == Qt::NoBrush) {
            attribute("fill", QStringLiteral("none"));
            return;
        }
        write_color("fill", brush.color(), opacity);
        if (rule == Qt::OddEvenFill)
            attribute("fill-rule", QStringLiteral("evenodd"));
    }

    void write_stroke()
    {
        if (pen.style() == Qt::NoPen)
            return;
        const double scale = pen.isCosmetic() ? 1 : std::sqrt(std::abs(transform.determinant()));
        const double width = (pen.widthF() > 0 ? pen.widthF() : 1) * scale;
        write_color("stroke", pen.color(), opacity);
        attribute("stroke-width", number(width));
        attribute("stroke-linecap",
            pen.capStyle() == Qt::FlatCap        ? QStringLiteral("butt")
                : pen.capStyle() == Qt::RoundCap ? QStringLiteral("round")
                                                 : QStringLiteral("square"));
        attribute("stroke-linejoin",
            pen.joinStyle() == Qt::RoundJoin       ? QStringLiteral("round")
                : pen.joinStyle() == Qt::BevelJoin ? QStringLiteral("bevel")
                                                   : QStringLiteral("miter"));
        if (pen.style() == Qt::SolidLine)
            return;
        QStringList dashes;
        const double unit = std::max(width, 1.0);
        for (const double dash : pen.dashPattern())
            dashes << number(dash * unit);
        attribute("stroke-dasharray", dashes.join(u','));
        if (pen.dashOffset() != 0)
            attribute("stroke-dashoffset", number(pen.dashOffset() * unit));
    }

    // Each painted by itself, so that what shines through adds up as on screen.
    void write_shapes(const QStringList &shapes, Qt::FillRule rule, bool filled)
    {
        const bool shows = pen.style() != Qt::NoPen || (filled && brush.style() != Qt::NoBrush);
        if (shapes.isEmpty() || shapes.front().isEmpty() || !shows)
            return;
        open_group();
        const bool several = shapes.size() > 1;
        xml.writeStartElement(several ? QStringLiteral("g") : QStringLiteral("path"));
        if (!several)
            attribute("d", shapes.front());
        write_fill(filled, rule);
        write_stroke();
        for (const QString &shape : several ? shapes : QStringList()) {
            xml.writeEmptyElement(QStringLiteral("path"));
            attribute("d", shape);
        }
        xml.writeEndElement();
    }
};

SvgCanvas::SvgCanvas(const QSize &size, int dots_per_inch, const QString &ids)
    : area(size)
    , dpi(dots_per_inch)
    , engine(std::make_unique<SvgEngine>(dots_per_inch, ids))
{
}

SvgCanvas::~SvgCanvas() = default;

QPaintEngine *SvgCanvas::paintEngine() const
{
    return engine.get();
}

int SvgCanvas::metric(PaintDeviceMetric what) const
{
    switch (what) {
    case PdmWidth:
        return area.width();
    case PdmHeight:
        return area.height();
    case PdmWidthMM:
        return qRound(area.width() * millimeters_per_inch / dpi);
    case PdmHeightMM:
        return qRound(area.height() * millimeters_per_inch / dpi);
    case PdmNumColors:
        return std::numeric_limits<int>::max();
    case PdmDepth:
        return 32;
    case PdmDpiX:
    case PdmDpiY:
    case PdmPhysicalDpiX:
    case PdmPhysicalDpiY:
        return dpi;
    case PdmDevicePixelRatio:
        return 1;
    case PdmDevicePixelRatioScaled:
        return static_cast<int>(devicePixelRatioFScale());
    }
    return 0;
}

QByteArray SvgCanvas::document(const QString &title, const QString &description, const QByteArray &metadata) const
{
    const QString head = QStringLiteral(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.1\""
        " width=\"%1\" height=\"%2\" viewBox=\"0 0 %1 %2\">\n<title>%3</title>\n<desc>%4</desc>\n")
                             .arg(QString::number(area.width()), QString::number(area.height()),
                                 xml_text(title).toHtmlEscaped(), xml_text(description).toHtmlEscaped());
    return head.toUtf8() + metadata + "\n<defs>\n" + engine->definitions() + "</defs>" + engine->drawing()
        + "\n</svg>\n";
}

} // namespace epscope
