// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/charts/chart_view.h"
#include "app/charts/scene_plot.h"

#include <QAccessible>
#include <QCoreApplication>
#include <QDockWidget>
#include <QMainWindow>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <qcustomplot.h>

#include "app/charts/make_chart.h"
#include "tests/support/settle.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

std::shared_ptr<const Explored> any_result()
{
    static const std::shared_ptr<const Explored> result = explore({published_study(), std::nullopt});
    return result;
}

struct ProbeKind {
    SceneKind probe{.id = "probe", .title = "Probe", .lines_across = 0};
};

// A chart of nothing but axes, which says the same everywhere between them and hears where it is clicked on.
class Probe : ProbeKind, public ChartView {
public:
    SceneAxis x_axis{.to = 100}, y_axis{.to = 10};
    QString hover_text = QStringLiteral("value");
    int draws = 0;
    std::vector<QPointF> clicks;

    Probe()
        : ChartView(probe)
    {
        probe.scene = [this](const SceneInput &) { return drawn_once_more(); };
        connect(this, &ChartView::parameter_picked, this, [this] { clicks.push_back(*pointed_at); });
        resize(600, 400);
        set_explored(any_result());
    }

    QCPRange x() const { return plot()->xAxis->range(); }
    QCPRange y() const { return plot()->yAxis->range(); }
    QPointF at(double x_value, double y_value) const
    {
        return {plot()->xAxis->coordToPixel(x_value), plot()->yAxis->coordToPixel(y_value)};
    }
    void show_more(double x_value)
    {
        x_axis.to = x_value;
        set_explored(any_result());
        settle();
    }

    void send(QEvent::Type type, const QPointF &position, Qt::MouseButton button = Qt::LeftButton,
        Qt::KeyboardModifiers modifiers = {}) const
    {
        const bool moves = type == QEvent::MouseMove, released = type == QEvent::MouseButtonRelease;
        QMouseEvent event(type, position, plot()->mapToGlobal(position), moves ? Qt::NoButton : button,
            released ? Qt::NoButton : Qt::MouseButtons(button), modifiers);
        QCoreApplication::sendEvent(plot(), &event);
    }
    void drag(const QPointF &from, const QPointF &to, Qt::MouseButton button = Qt::LeftButton,
        Qt::KeyboardModifiers modifiers = {}) const
    {
        send(QEvent::MouseButtonPress, from, button, modifiers);
        send(QEvent::MouseMove, (from + to) / 2, button, modifiers);
        send(QEvent::MouseMove, to, button, modifiers);
        send(QEvent::MouseButtonRelease, to, button, modifiers);
        settle();
    }
    void double_click(const QPointF &position) const
    {
        send(QEvent::MouseButtonPress, position);
        send(QEvent::MouseButtonRelease, position);
        send(QEvent::MouseButtonDblClick, position);
        send(QEvent::MouseButtonRelease, position);
        settle();
    }
    void wheel(const QPointF &position) const
    {
        QWheelEvent event(position, plot()->mapToGlobal(position), {}, {0, 120}, Qt::NoButton, Qt::NoModifier,
            Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(plot(), &event);
        settle();
    }
    QCPItemText *readout() const
    {
        for (int i = 0; i < plot()->itemCount(); ++i) {
            if (auto *text = qobject_cast<QCPItemText *>(plot()->item(i)))
                return text;
        }
        return nullptr;
    }

private:
    std::shared_ptr<QPointF> pointed_at = std::make_shared<QPointF>();

    Scene drawn_once_more()
    {
        ++draws;
        Scene scene;
        scene.panels = {{x_axis, y_axis}};
        scene.layout = [at = pointed_at, text = hover_text](const Frame &frame) {
            Hits everywhere;
            everywhere.find = [at, area = frame.panel().rect](const QPointF &position) {
                *at = position;
                return area.contains(position) ? std::optional<std::size_t>(0) : std::nullopt;
            };
            everywhere.about = [at, text](std::size_t) {
                Hover hover{text, *at};
                hover.action = ShowSlider{};
                return hover;
            };
            SceneLayout layout;
            layout.hits = {everywhere};
            return layout;
        };
        return scene;
    }
};

bool close(double a, double b, double tolerance)
{
    return std::abs(a - b) <= tolerance;
}

} // namespace

class TestChart : public QObject {
    Q_OBJECT

private slots:
    // 103 % of the largest value, up to the next of 1, 1.1, 1.2 ... 9 times a power of ten.
    void axes_stay_while_the_data_fill_them()
    {
        Probe chart;
        chart.show();
        settle();
        QCOMPARE(chart.x(), QCPRange(0, 110)); // 103
        QCOMPARE(chart.y(), QCPRange(0, 11));
        chart.show_more(81); // 83.43, of which 110 is not too much
        QCOMPARE(chart.x(), QCPRange(0, 110));
        chart.show_more(106); // 109.18
        QCOMPARE(chart.x(), QCPRange(0, 110));
        chart.show_more(107); // 110.21
        QCOMPARE(chart.x(), QCPRange(0, 120));
        chart.show_more(20); // 20.6
        QCOMPARE(chart.x(), QCPRange(0, 22));
    }

    void fitting_forgets_the_axes()
    {
        Probe chart;
        chart.show();
        settle();
        chart.show_more(81);
        QCOMPARE(chart.x(), QCPRange(0, 110));
        chart.fit();
        QCOMPARE(chart.x(), QCPRange(0, 90)); // 83.43
        chart.show_more(70); // 72.1: only the first result after it is fitted to
        QCOMPARE(chart.x(), QCPRange(0, 90));
    }

    void a_hidden_chart_fits_when_it_is_seen()
    {
        Probe chart;
        chart.show();
        settle();
        chart.show_more(81);
        chart.hide();
        chart.fit();
        QCOMPARE(chart.x(), QCPRange(0, 110));
        chart.show();
        settle();
        QCOMPARE(chart.x(), QCPRange(0, 90));
    }

    void a_drag_zooms_in_and_a_double_click_fits()
    {
        Probe chart;
        chart.show();
        settle();
        const QPointF from = chart.at(20, 2), to = chart.at(60, 8);
        chart.drag(from, to);
        QVERIFY(close(chart.x().lower, 20, 0.5) && close(chart.x().upper, 60, 0.5));
        QVERIFY(close(chart.y().lower, 2, 0.1) && close(chart.y().upper, 8, 0.1));
        QVERIFY(chart.clicks.empty());
        QVERIFY(!chart.plot()->selectionRect()->isActive());
        const QCPRange zoomed = chart.x();
        chart.show_more(500);
        QCOMPARE(chart.x(), zoomed);
        chart.double_click(chart.at(40, 5));
        QCOMPARE(chart.x(), QCPRange(0, 550)); // 515
        QCOMPARE(chart.y(), QCPRange(0, 11));
    }

    void a_drag_along_one_axis_leaves_the_other()
    {
        Probe chart;
        chart.show();
        settle();
        const QPointF from = chart.at(20, 5);
        chart.drag(from, {chart.at(60, 5).x(), from.y() + 3});
        QVERIFY(close(chart.x().lower, 20, 0.5) && close(chart.x().upper, 60, 0.5));
        QCOMPARE(chart.y(), QCPRange(0, 11));
    }

    void the_axes_that_a_chart_cannot_zoom_stay()
    {
        Probe chart;
        chart.y_axis.zooms = false;
        chart.show();
        settle();
        chart.drag(chart.at(20, 2), chart.at(60, 8));
        QVERIFY(close(chart.x().lower, 20, 0.5) && close(chart.x().upper, 60, 0.5));
        QCOMPARE(chart.y(), QCPRange(0, 11));
        chart.drag(chart.at(30, 5), chart.at(40, 8), Qt::MiddleButton);
        QVERIFY(close(chart.x().lower, 10, 0.5) && close(chart.x().upper, 50, 0.5));
        QCOMPARE(chart.y(), QCPRange(0, 11));
    }

    void a_click_may_tremble()
    {
        Probe chart;
        chart.show();
        settle();
        const QPointF from = chart.at(20, 2);
        chart.drag(from, from + QPointF(4, 3));
        QCOMPARE(chart.clicks.size(), std::size_t(1));
        QCOMPARE(chart.x(), QCPRange(0, 110));
        QVERIFY(!chart.plot()->selectionRect()->isActive());
    }

    void a_double_click_counts_as_one_click()
    {
        Probe chart;
        chart.show();
        settle();
        chart.double_click(chart.at(20, 2));
        QCOMPARE(chart.clicks.size(), std::size_t(1));
        const QPointF again = chart.at(30, 2);
        chart.drag(again, again);
        QCOMPARE(chart.clicks.size(), std::size_t(2));
        QCOMPARE(chart.clicks.back(), again);
    }

    void panning_data()
    {
        QTest::addColumn<int>("button");
        QTest::addColumn<int>("modifiers");
        QTest::newRow("middle button") << int(Qt::MiddleButton) << int(Qt::NoModifier);
        QTest::newRow("Shift") << int(Qt::LeftButton) << int(Qt::ShiftModifier);
    }
    void panning()
    {
        QFETCH(int, button);
        QFETCH(int, modifiers);
        Probe chart;
        chart.show();
        settle();
        chart.drag(chart.at(50, 5), chart.at(40, 6), Qt::MouseButton(button), Qt::KeyboardModifiers(modifiers));
        QVERIFY(close(chart.x().lower, 10, 0.5) && close(chart.x().upper, 120, 0.5));
        QVERIFY(close(chart.y().lower, -1, 0.1) && close(chart.y().upper, 10, 0.1));
        QVERIFY(chart.clicks.empty());
        const QCPRange panned = chart.x();
        chart.show_more(500);
        QCOMPARE(chart.x(), panned);
        chart.send(QEvent::MouseMove, chart.at(60, 6), Qt::NoButton); // the button is up: nothing moves any more
        QCOMPARE(chart.x(), panned);
    }

    void panning_a_logarithmic_axis_keeps_its_factor()
    {
        Probe chart;
        chart.show();
        settle();
        chart.x_axis = {.from = 1, .to = 100, .exact = true, .log = true};
        chart.show_more(100);
        const QByteArray before = chart.zoom();
        QVERIFY(before.isEmpty());
        chart.drag(chart.at(10, 5), chart.at(20, 5), Qt::MiddleButton);
        QVERIFY(close(chart.x().lower, 0.5, 0.02) && close(chart.x().upper, 50, 2));
    }

    void the_wheel_zooms()
    {
        Probe chart;
        chart.show();
        settle();
        chart.wheel(chart.at(60, 6));
        const QCPRange zoomed = chart.x();
        QVERIFY(zoomed.lower > 0 && zoomed.upper < 120);
        chart.show_more(500);
        QCOMPARE(chart.x(), zoomed);
    }

    void a_zoom_comes_back()
    {
        Probe chart, other;
        chart.show();
        other.show();
        settle();
        QVERIFY(chart.zoom().isEmpty());
        chart.drag(chart.at(20, 2), chart.at(60, 8));
        other.set_zoom(chart.zoom());
        settle();
        QCOMPARE(other.x(), chart.x());
        QCOMPARE(other.y(), chart.y());
        other.set_zoom(QByteArrayLiteral("of another version"));
        QCOMPARE(other.x(), chart.x());
        other.fit();
        QVERIFY(other.zoom().isEmpty());
    }

    void zooms_lead_back_and_forth()
    {
        Probe chart;
        chart.show();
        settle();
        using Axes = std::pair<QCPRange, QCPRange>;
        const auto now = [&] { return Axes(chart.x(), chart.y()); };
        const auto press = [&](Qt::Key key) {
            QTest::keyClick(chart.plot(), key, Qt::AltModifier);
            settle();
        };
        std::vector<Axes> seen{now()};
        chart.drag(chart.at(20, 2), chart.at(80, 8));
        seen.push_back(now());
        for (int turn = 0; turn < 3; ++turn) // one step
            chart.wheel(chart.at(50, 5));
        seen.push_back(now());
        chart.drag(chart.at(50, 5), chart.at(45, 4), Qt::MiddleButton);
        seen.push_back(now());
        chart.double_click(chart.at(48, 5)); // fits
        seen.push_back(now());
        for (std::size_t i = 1; i < seen.size(); ++i)
            QVERIFY(seen[i] != seen[i - 1]);
        QCOMPARE(seen.back(), seen.front());
        for (std::size_t i = seen.size() - 1; i > 0; --i) {
            QCOMPARE(now(), seen[i]);
            press(Qt::Key_Left);
        }
        QCOMPARE(now(), seen.front());
        QVERIFY(chart.zoom().isEmpty());
        press(Qt::Key_Left); // there is nothing before
        QCOMPARE(now(), seen.front());
        for (std::size_t i = 1; i < 4; ++i) {
            press(Qt::Key_Right);
            QCOMPARE(now(), seen[i]);
        }
        chart.show_more(500); // other results leave both alone
        QCOMPARE(now(), seen[3]);
        press(Qt::Key_Left);
        QCOMPARE(now(), seen[2]);
        chart.drag(chart.at(45, 4.5), chart.at(55, 5.5)); // from here on it is another way
        const Axes other = now();
        press(Qt::Key_Right);
        QCOMPARE(now(), other);
        press(Qt::Key_Left);
        QCOMPARE(now(), seen[2]);
    }

    void the_mouses_buttons_lead_through_the_zooms()
    {
        Probe chart;
        chart.show();
        settle();
        const QCPRange fitted = chart.x();
        chart.drag(chart.at(20, 2), chart.at(80, 8));
        const QCPRange zoomed = chart.x();
        const auto click = [&](Qt::MouseButton button) {
            chart.send(QEvent::MouseButtonPress, chart.at(50, 5), button);
            chart.send(QEvent::MouseButtonRelease, chart.at(50, 5), button);
            settle();
        };
        click(Qt::BackButton);
        QCOMPARE(chart.x(), fitted);
        click(Qt::ForwardButton);
        QCOMPARE(chart.x(), zoomed);
        QVERIFY(chart.clicks.empty());
        chart.fit_anew(); // of something else
        settle();
        click(Qt::BackButton);
        QCOMPARE(chart.x(), fitted);
    }

    void the_readout_stays_inside()
    {
        Probe chart;
        chart.hover_text = QStringLiteral("A rather long line of text\nand another\nand one more");
        chart.show();
        settle();
        const QRect area = chart.plot()->axisRect()->rect();
        for (const QPoint &position :
            {area.topLeft(), area.topRight(), area.bottomLeft(), area.bottomRight(), area.center()}) {
            QSignalSpy hovered(&chart, &ChartView::hovered);
            chart.send(QEvent::MouseMove, position, Qt::NoButton);
            QCOMPARE(hovered.count(), 1);
            QCOMPARE(hovered.front().front().toString(), chart.hover_text);
            QVERIFY(chart.readout()->visible());
            const QRectF box(chart.readout()->topLeft->pixelPosition(), chart.readout()->bottomRight->pixelPosition());
            QVERIFY2(QRectF(chart.plot()->rect()).contains(box),
                qPrintable(QStringLiteral("%1 %2").arg(position.x()).arg(position.y())));
            QVERIFY(!box.contains(position));
        }
        QEvent leave(QEvent::Leave);
        QCoreApplication::sendEvent(chart.plot(), &leave);
        QVERIFY(!chart.readout()->visible());
    }

    void the_readout_follows_the_data()
    {
        Probe chart;
        chart.show();
        settle();
        chart.send(QEvent::MouseMove, chart.at(60, 6), Qt::NoButton);
        QCOMPARE(chart.readout()->text(), QStringLiteral("value"));
        chart.hover_text = QStringLiteral("another");
        chart.show_more(101);
        QCOMPARE(chart.readout()->text(), QStringLiteral("another"));
    }

    void assistive_technology_reads_the_table()
    {
        const std::unique_ptr<ChartView> chart = make_chart("memory");
        chart->set_explored(any_result());
        QAccessibleInterface *plot = QAccessible::queryAccessibleInterface(chart->plot());
        QVERIFY(plot && plot->tableInterface());
        QCOMPARE(plot->text(QAccessible::Name), chart->title());
        QAccessibleTableInterface &cells = *plot->tableInterface();
        const Table table = chart->table();
        QCOMPARE(cells.rowCount(), static_cast<int>(table.rows.size()));
        QCOMPARE(cells.columnCount(), static_cast<int>(table.columns.size()));
        for (int row = 0; row < cells.rowCount(); ++row) {
            for (int column = 0; column < cells.columnCount(); ++column) {
                QAccessibleInterface *cell = cells.cellAt(row, column);
                QVERIFY(cell && cell->parent() == plot);
                QCOMPARE(cell->text(QAccessible::Name),
                    text_of(table.rows[static_cast<std::size_t>(row)].cells[static_cast<std::size_t>(column)]));
                QCOMPARE(plot->indexOfChild(cell), row * cells.columnCount() + column);
            }
        }
        QCOMPARE(cells.columnDescription(0), table.columns.front().title);
        QVERIFY(!cells.cellAt(cells.rowCount(), 0));
    }

    void the_theme_is_followed()
    {
        Probe chart;
        chart.show();
        for (const Theme *theme : {&Theme::night(), &Theme::light()}) {
            chart.set_theme(*theme);
            settle();
            QCOMPARE(chart.plot()->grab().toImage().pixelColor(1, 1).rgb(), theme->surface.rgb());
            QCOMPARE(chart.plot()->xAxis->tickLabelColor(), theme->text);
            QCOMPARE(chart.plot()->yAxis->basePen().color(), theme->axis);
            QCOMPARE(chart.readout()->brush().color(), theme->surface);
        }
    }

    void several_changes_are_painted_once()
    {
        Probe chart;
        chart.show();
        settle();
        QSignalSpy painted(&chart, &ChartView::painted);
        for (int i = 0; i < 5; ++i)
            chart.set_explored(any_result());
        settle();
        QCOMPARE(painted.count(), 1);
    }

    void a_hidden_chart_is_not_drawn()
    {
        Probe chart;
        chart.set_explored(any_result());
        settle();
        QCOMPARE(chart.draws, 0);
        chart.show();
        settle();
        QCOMPARE(chart.draws, 1);
        chart.hide();
        chart.set_explored(any_result());
        chart.set_theme(Theme::night());
        chart.fit();
        QCOMPARE(chart.draws, 1);
        chart.show();
        settle();
        QCOMPARE(chart.draws, 2);
    }

    // Qt calls a dock behind another tab visible.
    void a_chart_behind_another_tab_is_not_drawn()
    {
        QMainWindow window;
        window.resize(700, 500);
        auto *front = new Probe, *back = new Probe;
        std::vector<QDockWidget *> docks;
        for (Probe *chart : {front, back}) {
            auto *dock = new QDockWidget;
            dock->setWidget(chart);
            window.addDockWidget(Qt::RightDockWidgetArea, dock);
            docks.push_back(dock);
        }
        window.tabifyDockWidget(docks[0], docks[1]);
        docks[0]->raise();
        window.show();
        settle();
        const int before = back->draws;
        for (Probe *chart : {front, back})
            chart->show_more(500);
        QCOMPARE(back->draws, before);
        QCOMPARE(front->x(), QCPRange(0, 550));
        docks[1]->raise();
        settle();
        QVERIFY(back->draws > before);
        QCOMPARE(back->x(), QCPRange(0, 550));
        QSignalSpy painted(back, &ChartView::painted);
        back->show_more(50);
        QCOMPARE(painted.count(), 1);
    }

    void an_export_leaves_the_screen_as_it_was()
    {
        Probe chart;
        chart.show();
        settle();
        chart.drag(chart.at(20, 2), chart.at(60, 8));
        const QImage before = chart.plot()->grab().toImage();
        const QCPRange range = chart.x();
        QImage file(1200, 900, QImage::Format_ARGB32_Premultiplied);
        file.fill(Qt::transparent);
        chart.paint(file, QRect(100, 50, 1000, 800), Theme::night(),
            [](QPainter &painter) { painter.fillRect(0, 0, 1200, 900, Qt::red); });
        QCOMPARE(file.pixelColor(10, 10), QColor(Qt::red)); // the frame
        QCOMPARE(file.pixelColor(102, 52).rgb(), Theme::night().surface.rgb());
        settle();
        QCOMPARE(chart.x(), range);
        QCOMPARE(chart.plot()->viewport(), chart.plot()->rect());
        QCOMPARE(chart.plot()->grab().toImage(), before);
    }

    void table_cells_are_quoted_where_csv_needs_it()
    {
        const Table table{
            {{QStringLiteral("a,b")}, {QStringLiteral("c")}}, {{{QStringLiteral("x\"y"), QStringLiteral("1\n2")}}}};
        QCOMPARE(table.csv(), QStringLiteral("\"a,b\",c\n\"x\"\"y\",\"1\n2\"\n"));
    }
};

EPSCOPE_SUITE(chart, TestChart)
#include "tst_chart.moc"
