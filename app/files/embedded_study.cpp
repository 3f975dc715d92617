// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/files/embedded_study.h"

#include <algorithm>

#include <QBuffer>
#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>
#include <QImage>
#include <QLocale>
#include <QXmlStreamReader>
#include <QXmlStreamWriter>
#include <QtEndian>

#include "core/io/file.h"
#include "core/io/spec_reader.h"

namespace epscope {
namespace {

struct EmbeddedStudyTexts {
    Q_DECLARE_TR_FUNCTIONS(epscope::embedded_study)
};

constexpr qint64 largest_picture = 64 << 20; // B, of an SVG or PDF; a PNG's pixels are skipped
const QString study_space = QStringLiteral("urn:epscope:");
const QString study_element = QStringLiteral("study");
constexpr QByteArrayView png_signature("\x89PNG\r\n\x1a\n");

// A study found in a file, or why what was found is none.
struct Found {
    QString study;
    QString problem;
};

Found found(const QString &text)
{
    if (text.toUtf8().size() > static_cast<qsizetype>(largest_file))
        return {{}, EmbeddedStudyTexts::tr("the study inside is larger than a study's file may be")};
    return {text.trimmed().isEmpty() ? QString() : text, {}};
}

// Text between tags: references stand for characters, other elements are not allowed.
Found found_in_element(const QByteArray &content)
{
    constexpr qsizetype longest_reference = 10; // bytes, "&#x10ffff;" for one character
    if (content.size() > longest_reference * static_cast<qsizetype>(largest_file))
        return {{}, EmbeddedStudyTexts::tr("the study inside is larger than a study's file may be")};
    for (qsizetype at = content.indexOf('<'); at >= 0; at = content.indexOf('<', at + 1)) {
        const QByteArrayView rest = QByteArrayView(content).sliced(at);
        const bool verbatim = rest.startsWith("<![CDATA["), comment = rest.startsWith("<!--");
        const qsizetype end = verbatim || comment ? content.indexOf(verbatim ? "]]>" : "-->", at) : -1;
        if (end < 0)
            return {{}, EmbeddedStudyTexts::tr("the study inside is not text alone: elements stand in it")};
        at = end;
    }
    QXmlStreamReader xml(QByteArray("<study>" + content + "</study>"));
    QString text;
    while (!xml.atEnd()) {
        if (xml.readNext() == QXmlStreamReader::Characters)
            text += xml.text();
    }
    if (xml.hasError())
        return {{}, EmbeddedStudyTexts::tr("the study inside is damaged: %1").arg(xml.errorString())};
    return found(text);
}

bool is_name_end(char c)
{
    return c == '>' || c == '/' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// The '>' of the tag at `from`, one within quotes left out; -1 where there is none.
qsizetype end_of_tag(const QByteArray &bytes, qsizetype from)
{
    char quote = 0;
    for (qsizetype at = from; at < bytes.size(); ++at) {
        const char c = bytes[at];
        if (quote == 0 && c == '>')
            return at;
        if (quote == 0 && (c == '"' || c == '\''))
            quote = c;
        else if (c == quote)
            quote = 0;
    }
    return -1;
}

// "e:" of xmlns:e='urn:epscope:' whose address stands at `address`, empty of xmlns='urn:epscope:'; nothing if what
// stands there is no declaration.
std::optional<QByteArray> prefix_declared(const QByteArray &bytes, qsizetype address)
{
    constexpr qsizetype longest = 64; // bytes from the name to the address
    const QByteArray attribute = bytes.mid(std::max<qsizetype>(0, address - longest), std::min(longest, address));
    const qsizetype behind = address + static_cast<qsizetype>(study_space.size());
    const qsizetype name = attribute.lastIndexOf("xmlns");
    if (name < 0 || attribute.size() < 2 || behind >= bytes.size() || bytes[behind] != attribute.back()
        || (attribute.back() != '"' && attribute.back() != '\''))
        return std::nullopt;
    const QByteArray declared = attribute.mid(name + 5).chopped(1).trimmed();
    if (declared == "=")
        return QByteArray();
    if (!declared.startsWith(':') || !declared.endsWith('='))
        return std::nullopt;
    return declared.mid(1).chopped(1).trimmed().append(':');
}

// The <epscope:study> of a document that lies between `begin` and `end`. The bytes are searched for it and no document
// is built: that takes time in proportion to the file and no depth of elements, whatever the rest of the file holds.
Found found_in_document(const QByteArray &bytes, const char *begin, const char *end)
{
    constexpr int most_declarations = 16; // of the namespace; a file exported from here has one for each picture in it
    const QByteArray address = study_space.toLatin1();
    Found last;
    qsizetype at = bytes.indexOf(address);
    for (int i = 0; i < most_declarations && at >= 0; ++i, at = bytes.indexOf(address, at + 1)) {
        const std::optional<QByteArray> prefix = prefix_declared(bytes, at);
        if (!prefix || bytes.lastIndexOf(begin, at) < 0)
            continue;
        const QByteArray name = *prefix + study_element.toLatin1(), opening = '<' + name, closing = "</" + name;
        qsizetype from = bytes.indexOf(opening, std::max<qsizetype>(0, bytes.lastIndexOf('<', at)));
        while (from >= 0 && from + opening.size() < bytes.size() && !is_name_end(bytes[from + opening.size()]))
            from = bytes.indexOf(opening, from + 1);
        const qsizetype content = from < 0 ? -1 : end_of_tag(bytes, from) + 1;
        const qsizetype behind = content <= 0 ? -1 : bytes.indexOf(closing, content);
        if (behind < 0 || bytes.indexOf(end, behind) < 0)
            continue;
        last = found_in_element(bytes.mid(content, behind - content));
        if (!last.study.isEmpty())
            return last;
    }
    return last;
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

Found found_in_png(QIODevice &file)
{
    constexpr qint64 frame = 12; // length, type and checksum of a chunk
    constexpr qint64 largest_chunk = 4 << 20;
    constexpr int most_chunks = 1 << 20; // pixels come in chunks of 8 kB and more
    file.skip(png_signature.size());
    for (int i = 0; i < most_chunks; ++i) {
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
                return found(text_of_chunk(chunk));
        } else if (file.skip(size) < size) {
            return {};
        }
    }
    return {};
}

constexpr qint64 longest_start = 1024; // B, by which a file is known

bool is_png_start(const QByteArray &start)
{
    return start.startsWith(png_signature.toByteArray());
}

bool is_pdf_start(const QByteArray &start)
{
    return start.startsWith("%PDF-");
}

bool is_markup_start(const QByteArray &start)
{
    return start.trimmed().startsWith('<') || start.startsWith("\xef\xbb\xbf<");
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

std::optional<QString> study_in_file(const QString &name, QString *why)
{
    QFile file(name);
    if (!QFileInfo(name).isFile() || !file.open(QIODevice::ReadOnly))
        return std::nullopt;
    const QByteArray start = file.peek(longest_start);
    const bool is_png = is_png_start(start), is_pdf = is_pdf_start(start), is_markup = is_markup_start(start);
    Found inside;
    if (is_png)
        inside = found_in_png(file);
    else if ((is_pdf || is_markup) && file.size() > largest_picture)
        inside.problem = EmbeddedStudyTexts::tr("the file is larger than %1, no study is looked for in it")
                             .arg(QLocale::c().formattedDataSize(largest_picture));
    else if (is_pdf)
        inside = found_in_document(file.readAll(), "<x:xmpmeta", "</x:xmpmeta>");
    else if (is_markup)
        inside = found_in_document(file.readAll(), "<svg", "</svg>");
    if (why)
        *why = inside.problem;
    return inside.study.isEmpty() ? std::nullopt : std::optional(inside.study);
}

StudySource study_source(const std::string &name, std::size_t limit)
{
    if (name == "-")
        return {read_text(name, limit), false};
    const QString path = QString::fromStdString(name);
    QString why;
    if (const std::optional<QString> inside = study_in_file(path, &why))
        return {{inside->toStdString(), {}}, true};
    QFile file(path);
    const QByteArray start =
        QFileInfo(path).isFile() && file.open(QIODevice::ReadOnly) ? file.peek(longest_start) : QByteArray();
    if (why.isEmpty() && (is_png_start(start) || is_pdf_start(start) || is_markup_start(start)))
        why = EmbeddedStudyTexts::tr("holds no study of EPScope");
    if (!why.isEmpty())
        return {{std::nullopt, {{name, 0, 0, "", why.toStdString()}}}, true};
    return {read_text(name, limit), false};
}

} // namespace epscope
