// SPDX-License-Identifier: GPL-3.0-or-later
// Reads what lies in an .xlsx: sheets as cells, charts as references to them.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <QByteArray>
#include <QDataStream>
#include <QFile>
#include <QRegularExpression>
#include <QStringList>
#include <QXmlStreamReader>
#include <zlib.h>

namespace epscope::testing {

// The files of a zip, by its directory at the end.
inline std::map<QString, QByteArray> files_of_zip(const QByteArray &zip)
{
    const auto read = [&]<typename T>(qsizetype at, T value) {
        QDataStream stream(zip.mid(at, sizeof(T)));
        stream.setByteOrder(QDataStream::LittleEndian);
        stream >> value;
        if (stream.status() != QDataStream::Ok)
            throw std::runtime_error("the zip is cut off");
        return value;
    };
    const auto word = [&](qsizetype at) { return read(at, quint16{}); };
    const auto number = [&](qsizetype at) { return static_cast<qsizetype>(read(at, quint32{})); };
    const qsizetype end = zip.lastIndexOf("PK\5\6");
    if (end < 0)
        throw std::runtime_error("no zip");
    std::map<QString, QByteArray> files;
    qsizetype at = number(end + 16);
    for (int i = 0; i < word(end + 10); ++i) {
        const qsizetype packed = number(at + 20), whole = number(at + 24), local = number(at + 42);
        const QString name = QString::fromUtf8(zip.mid(at + 46, word(at + 28)));
        const qsizetype start = local + 30 + word(local + 26) + word(local + 28);
        QByteArray bytes(whole, '\0');
        if (word(at + 10) == 0) {
            bytes = zip.mid(start, whole);
        } else {
            QByteArray input = zip.mid(start, packed);
            z_stream stream{};
            stream.next_in = reinterpret_cast<Bytef *>(input.data());
            stream.avail_in = static_cast<uInt>(packed);
            stream.next_out = reinterpret_cast<Bytef *>(bytes.data());
            stream.avail_out = static_cast<uInt>(whole);
            inflateInit2(&stream, -MAX_WBITS);
            const int result = inflate(&stream, Z_FINISH);
            inflateEnd(&stream);
            if (result != Z_STREAM_END)
                throw std::runtime_error(name.toStdString() + " is damaged");
        }
        files[name] = bytes;
        at += 46 + word(at + 28) + word(at + 30) + word(at + 32);
    }
    return files;
}

using CellValue = std::variant<std::monostate, double, QString>;

struct ReadSeries {
    QString name, categories, values; // references, e.g. Chart!$B$2:$B$9
};

struct ReadChart {
    QString kind; // scatterChart, barChart
    std::vector<ReadSeries> series;
};

class ReadWorkbook {
public:
    std::map<QString, std::vector<std::vector<CellValue>>> sheets; // rows from the header on
    QStringList names; // in their order
    std::vector<ReadChart> charts;

    explicit ReadWorkbook(const QByteArray &xlsx)
    {
        const std::map<QString, QByteArray> files = files_of_zip(xlsx);
        for (const auto &[name, bytes] : files) {
            QXmlStreamReader xml(bytes);
            while (!xml.atEnd())
                xml.readNext();
            if (xml.hasError())
                throw std::runtime_error(name.toStdString() + ": " + xml.errorString().toStdString());
        }
        QStringList shared;
        if (const auto strings = files.find(QStringLiteral("xl/sharedStrings.xml")); strings != files.end()) {
            QXmlStreamReader xml(strings->second);
            while (!xml.atEnd()) {
                if (xml.readNext() == QXmlStreamReader::StartElement && xml.name() == QStringLiteral("t"))
                    shared << xml.readElementText();
            }
        }
        QXmlStreamReader book(files.at(QStringLiteral("xl/workbook.xml")));
        while (!book.atEnd()) {
            if (book.readNext() == QXmlStreamReader::StartElement && book.name() == QStringLiteral("sheet"))
                names << book.attributes().value(QStringLiteral("name")).toString();
        }
        for (qsizetype i = 0; i < names.size(); ++i)
            sheets[names[i]] = cells_of(files.at(QStringLiteral("xl/worksheets/sheet%1.xml").arg(i + 1)), shared);
        for (const auto &[name, bytes] : files) {
            if (name.startsWith(QStringLiteral("xl/charts/chart")))
                charts.push_back(chart_of(bytes));
        }
    }

    CellValue at(const QString &sheet, std::size_t row, std::size_t column) const
    {
        const auto &rows = sheets.at(sheet);
        return row < rows.size() && column < rows[row].size() ? rows[row][column] : CellValue();
    }
    double number(const QString &sheet, std::size_t row, std::size_t column) const
    {
        const CellValue value = at(sheet, row, column);
        const auto *held = std::get_if<double>(&value);
        return held ? *held : qQNaN();
    }
    QString text(const QString &sheet, std::size_t row, std::size_t column) const
    {
        const CellValue value = at(sheet, row, column);
        const auto *held = std::get_if<QString>(&value);
        return held ? *held : QString();
    }
    // The cells that a reference names.
    std::vector<CellValue> referred(const QString &reference) const
    {
        static const QRegularExpression form(
            QStringLiteral("^'?([^'!]+)'?!\\$([A-Z]+)\\$(\\d+)(?::\\$([A-Z]+)\\$(\\d+))?$"));
        const QRegularExpressionMatch match = form.match(reference);
        if (!match.hasMatch())
            throw std::runtime_error("no reference: " + reference.toStdString());
        const std::size_t column = column_of(match.captured(2)), first = match.captured(3).toULong();
        const std::size_t last = match.captured(5).isEmpty() ? first : match.captured(5).toULong();
        std::vector<CellValue> values;
        for (std::size_t row = first; row <= last; ++row)
            values.push_back(at(match.captured(1), row - 1, column));
        return values;
    }

private:
    static std::size_t column_of(const QString &letters)
    {
        std::size_t column = 0;
        for (const QChar letter : letters)
            column = 26 * column + static_cast<std::size_t>(letter.unicode() - 'A' + 1);
        return column - 1;
    }

    static std::vector<std::vector<CellValue>> cells_of(const QByteArray &sheet, const QStringList &shared)
    {
        std::vector<std::vector<CellValue>> rows;
        QXmlStreamReader xml(sheet);
        std::size_t row = 0, column = 0;
        QString type;
        while (!xml.atEnd()) {
            if (xml.readNext() != QXmlStreamReader::StartElement)
                continue;
            if (xml.name() == QStringLiteral("c")) {
                const QString place = xml.attributes().value(QStringLiteral("r")).toString();
                qsizetype digits = 0;
                while (place[digits].isLetter())
                    ++digits;
                column = column_of(place.left(digits));
                row = place.mid(digits).toULong() - 1;
                type = xml.attributes().value(QStringLiteral("t")).toString();
            } else if (xml.name() == QStringLiteral("v")) {
                const QString text = xml.readElementText();
                rows.resize(std::max(rows.size(), row + 1));
                rows[row].resize(std::max(rows[row].size(), column + 1));
                if (type == QStringLiteral("s"))
                    rows[row][column] = shared[text.toInt()];
                else
                    rows[row][column] = text.toDouble();
            }
        }
        return rows;
    }

    static ReadChart chart_of(const QByteArray &bytes)
    {
        ReadChart chart;
        QXmlStreamReader xml(bytes);
        QString part;
        while (!xml.atEnd()) {
            if (xml.readNext() != QXmlStreamReader::StartElement)
                continue;
            const QString name = xml.name().toString();
            if (name.endsWith(QStringLiteral("Chart")))
                chart.kind = name;
            if (name == QStringLiteral("ser"))
                chart.series.emplace_back();
            if (name == QStringLiteral("tx") || name == QStringLiteral("cat") || name == QStringLiteral("val")
                || name == QStringLiteral("xVal") || name == QStringLiteral("yVal"))
                part = name;
            if (name == QStringLiteral("f") && !chart.series.empty()) {
                ReadSeries &series = chart.series.back();
                (part == QStringLiteral("tx")                                             ? series.name
                        : part == QStringLiteral("cat") || part == QStringLiteral("xVal") ? series.categories
                                                                                          : series.values) =
                    xml.readElementText();
            }
        }
        return chart;
    }
};

} // namespace epscope::testing
