// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/shortcut_sheet.h"

#include <QDialogButtonBox>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace epscope {
namespace {

QString table(const QString &title, const std::vector<KeyGroup::Row> &rows)
{
    QString html = u"<h3>%1</h3><table cellpadding='3' width='100%'>"_qs.arg(title.toHtmlEscaped());
    for (const KeyGroup::Row &row : rows)
        html += u"<tr><td width='40%'><b>%1</b></td><td>%2</td></tr>"_qs.arg(
            row.keys.toHtmlEscaped(), row.meaning.toHtmlEscaped());
    return html + u"</table>"_qs;
}

} // namespace

ShortcutSheet::ShortcutSheet(const std::vector<KeyGroup> &commands, QWidget *parent)
    : QDialog(parent)
{
    setWindowTitle(tr("Keys and mouse"));
    setAttribute(Qt::WA_DeleteOnClose);
    QString html = table(tr("Sliders"),
                       {{tr("Drag"), tr("the usual range; close to a labelled stop the thumb snaps to it")},
                           {tr("Shift while dragging"), tr("a tenth of the speed, no snapping")},
                           {tr("Arrows, Page Up/Down"), tr("one step, ten steps")},
                           {tr("Home, End"), tr("the ends of the usual range")},
                           {tr("Enter or a digit"), tr("type the value: units and arithmetic, 2*819 GB/s, 64k, 40 %")},
                           {tr("Wheel"), tr("one step, once the slider has the focus")},
                           {tr("Double click"), tr("back to the study's value")},
                           {tr("Right click"), tr("seek a goal with this number")}})
        + table(tr("Charts"),
            {{tr("Hover"), tr("the value under the mouse; an operator lights up in every chart")},
                {tr("Click"), tr("shows this configuration everywhere")}, {tr("Drag a rectangle, wheel"), tr("zooms")},
                {tr("Left, Right"), tr("the next configuration of the front, the next batch size")},
                {tr("Ctrl and an arrow"), tr("moves the target of the Pareto chart")},
                {tr("Shift or the middle button and drag"), tr("moves the plot")}, {tr("Double click"), tr("fits")},
                {tr("Alt+Left, Alt+Right, the mouse's back and forward buttons"), tr("through the zooms of the chart")},
                {tr("Drag the target"), tr("changes the tokens/s that each user must get")}})
        + table(tr("Headline and explanations"),
            {{tr("Click on a number"), tr("where it comes from")},
                {tr("Left, Right, Enter"), tr("choose a number of the headline, explain it")},
                {tr("Right click"), tr("explains the number there, in tables and charts too")},
                {tr("Enter on an input"), tr("leads from the explanation to its slider")},
                {tr("Ctrl+C"), tr("copies the sentence, the explanation as Markdown, the rows of a table")}})
        + table(tr("Scenarios"),
            {{tr("Drag a card"), tr("moves it")}, {tr("F2, double click"), tr("renames it")},
                {tr("Delete"), tr("deletes it")}})
        + table(tr("While presenting"),
            {{tr("Right, Down, Page Down, Space"), tr("next scenario")},
                {tr("Left, Up, Page Up, Backspace"), tr("the scenario before")},
                {tr("Full stop"), tr("black; any key or a click brings the picture back")},
                {tr("Ctrl held"), tr("a red dot follows the mouse")},
                {tr("N"), tr("the scenario's note, shown or not")},
                {tr("Right click"), tr("other charts and sliders, dark colours")},
                {tr("Esc, F5"), tr("back to the window")}});
    for (const KeyGroup &group : commands)
        html += table(group.title, group.rows);
    auto *sheet = new QTextBrowser;
    sheet->setAccessibleName(windowTitle());
    sheet->setFrameShape(QFrame::NoFrame);
    sheet->setHtml(html);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *column = new QVBoxLayout(this);
    column->addWidget(sheet);
    column->addWidget(buttons);
    resize(90 * fontMetrics().averageCharWidth(), 36 * fontMetrics().height());
}

} // namespace epscope
