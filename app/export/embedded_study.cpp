// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/export/embedded_study.h"

#include <QBuffer>
#include <QFile>
#include <QFileInfo>
#include <QImage>
#include <QXmlStreamReader>
#include <QXmlStreamWriter>
#include <QtEndian>

#include "core/io/spec_reader.h"

namespace epscope {
namespace {

constexpr qint64 largest_picture = 64 << 20; // B, of an SVG or PDF; a PNG's pixels are skipped
const QString study_space = QStringLiteral("urn:epscope:");
const QString study_element = QStringLiteral("study");
constexpr QByteArrayView png_signature("\x89PNG\r\n\x1a\n");

QString cleaned(const QString &text)
{
    return text.size() <= static_cast<qsizetype>(largest_file) && !text.trimmed().isEmpty() ? text : QString();
}

// The text of <epscope:study> wherever it stands in a document; empty if there is none before the first error.
QString study_in_xml(QXmlStreamReader &xml)
{
    while (!xml.atEnd()) {
        if (xml.readNext() == QXmlStreamReader::StartElement && xml.name() == study_element
            && xml.namespaceUri() == study_space)
            return cleaned(xml.readElementText(QXmlStreamReader::IncludeChildElements));
    }
    return {};
}

QString study_in_svg(QIODevice &file)
{
    QXmlStreamReader xml(&file);
    if (!xml.readNextStartElement())
        return {};
    const bool is_page = xml.name() == u"html"; // a report: a page with drawings
    while (is_page && !xml.atEnd() && xml.name() != u"svg")
        xml.readNext();
    return xml.name() == u"svg" ? study_in_xml(xml) : QString();
}

// A PDF may hold several XMP packets, of pictures in it for example.
QString study_in_pdf(const QByteArray &bytes)
{
    const QByteArray begin = QByteArrayLiteral("<x:xmpmeta"), end = QByteArrayLiteral("</x:xmpmeta>");
    for (qsizetype from = bytes.indexOf(begin); from >= 0; from = bytes.indexOf(begin, from + 1)) {
        const qsizetype to = bytes.indexOf(end, from);
        if (to < 0)
            break;
        QXmlStreamReader xml(bytes.mid(from, to + end.size() - from));
        if (const QString study = study_in_xml(xml); !study.isEmpty())
            return study;
    }
    return {};
}

// A text chunk is moved to a picture of one pixel, which is then read: libpng knows the three kinds of text chunks and
// limits what they unpack to, and a large picture needs not be decoded.
QString text_of_chunk(const QByteArray &chunk)
{
    constexpr qsizetype header_end = 8 + 25; // signature and IHDR
    QImage pixel(1, 1, QImage::Format_Grayscale8);
    pixel.fill(0);
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    pixel.save(&buffer, "PNG");
    QByteArray png = buffer.data();
    png.insert(header_end, chunk);
    return QImage::fromData(png, "PNG").text(QString::fromLatin1(png_study_key));
}

QString study_in_png(QIODevice &file)
{
    constexpr qint64 frame = 12; // length, type and checksum of a chunk
    constexpr qint64 largest_chunk = 4 << 20;
    file.skip(png_signature.size());
    for (;;) {
        const QByteArray head = file.peek(8);
        if (head.size() < 8)
            return {};
        const qint64 size = qFromBigEndian<quint32>(head.constData()) + frame;
        const QByteArray type = head.mid(4);
        if (type == "IEND")
            return {};
        if ((type == "tEXt" || type == "zTXt" || type == "iTXt") && size <= largest_chunk) {
            const QByteArray chunk = file.read(size);
            if (chunk.size() < size)
                return {};
            if (chunk.mid(8, chunk.indexOf('\0', 8) - 8) == png_study_key)
                return cleaned(text_of_chunk(chunk));
        } else if (file.skip(size) < size) {
            return {};
        }
    }
}

} // namespace

QByteArray svg_metadata(const QString &study)
{
    QByteArray metadata;
    QXmlStreamWriter xml(&metadata);
    xml.writeStartElement(QStringLiteral("metadata"));
    xml.writeNamespace(study_space, QStringLiteral("epscope"));
    xml.writeTextElement(study_space, study_element, study);
    xml.writeEndElement();
    return metadata;
}

QByteArray xmp_metadata(const QString &title, const QString &creator, const QString &study)
{
    const QString rdf = QStringLiteral("http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
                  dc = QStringLiteral("http://purl.org/dc/elements/1.1/"),
                  xmp = QStringLiteral("http://ns.adobe.com/xap/1.0/"), meta = QStringLiteral("adobe:ns:meta/");
    QByteArray packet = "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n";
    QXmlStreamWriter xml(&packet);
    xml.writeNamespace(meta, QStringLiteral("x"));
    xml.writeStartElement(meta, QStringLiteral("xmpmeta"));
    xml.writeNamespace(rdf, QStringLiteral("rdf"));
    xml.writeStartElement(rdf, QStringLiteral("RDF"));
    xml.writeNamespace(dc, QStringLiteral("dc"));
    xml.writeNamespace(xmp, QStringLiteral("xmp"));
    xml.writeNamespace(study_space, QStringLiteral("epscope"));
    xml.writeStartElement(rdf, QStringLiteral("Description"));
    xml.writeAttribute(rdf, QStringLiteral("about"), {});
    xml.writeStartElement(dc, QStringLiteral("title"));
    xml.writeStartElement(rdf, QStringLiteral("Alt"));
    xml.writeStartElement(rdf, QStringLiteral("li"));
    xml.writeAttribute(QStringLiteral("xml:lang"), QStringLiteral("x-default"));
    xml.writeCharacters(title);
    xml.writeEndElement();
    xml.writeEndElement();
    xml.writeEndElement();
    xml.writeTextElement(xmp, QStringLiteral("CreatorTool"), creator);
    if (!study.isEmpty())
        xml.writeTextElement(study_space, study_element, study);
    xml.writeEndDocument();
    return packet + "\n<?xpacket end=\"w\"?>";
}

std::optional<QString> study_in_file(const QString &name)
{
    QFile file(name);
    if (!QFileInfo(name).isFile() || !file.open(QIODevice::ReadOnly))
        return std::nullopt;
    const QByteArray start = file.peek(1024);
    QString study;
    if (start.startsWith(png_signature.toByteArray()))
        study = study_in_png(file);
    else if (file.size() > largest_picture)
        return std::nullopt;
    else if (start.startsWith("%PDF-"))
        study = study_in_pdf(file.readAll());
    else if (start.trimmed().startsWith('<') || start.startsWith("\xef\xbb\xbf<"))
        study = study_in_svg(file);
    return study.isEmpty() ? std::nullopt : std::optional(study);
}

} // namespace epscope
