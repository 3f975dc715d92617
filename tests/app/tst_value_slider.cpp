// SPDX-License-Identifier: GPL-3.0-or-later
#include <memory>

#include <QAccessible>
#include <QCoreApplication>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

#include "app/controls/value_slider.h"
#include "tests/support/suite.h"

using namespace epscope;

namespace {

std::optional<Quantity> quantity(const QString &text, Dimension dimension)
{
    const auto parsed = parse_quantity(text.toStdString(), dimension, BareNumbers::allowed);
    return std::get<Quantity>(parsed);
}

} // namespace

class ValueSliderTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void setting_does_not_emit();
    void dragging_covers_the_soft_range();
    void drag_emits_every_change_and_shows_it_at_once();
    void stops_attract_and_control_snaps();
    void shift_and_distance_make_drags_finer();
    void element_sizes_stay_on_stops();
    void escape_reverts_a_drag();
    void keys_data();
    void keys();
    void typing();
    void typing_a_wrong_value();
    void leaving_the_editor();
    void optional_values();
    void fallback_becomes_a_value();
    void mark_and_double_click();
    void reset_without_a_mark();
    void relative_range();
    void stop_labels_keep_apart();
    void wider_values_widen_the_range();
    void zero_in_a_relative_row();
    void wheel_needs_focus();
    void accessibility();
    void targets_are_large_enough();

private:
    std::unique_ptr<QWidget> window;

    std::unique_ptr<ValueSlider> make(const char *key, const QString &value, const QString &mark = {});
    void press(ValueSlider &slider, QPoint at, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::mousePress(&slider, Qt::LeftButton, modifiers, at);
    }
    void move(ValueSlider &slider, QPoint at, Qt::KeyboardModifiers modifiers = {})
    {
        QMouseEvent event(QEvent::MouseMove, at, slider.mapToGlobal(at), Qt::NoButton, Qt::LeftButton, modifiers);
        QCoreApplication::sendEvent(&slider, &event);
    }
    // The first key opens the editor, the others go there.
    void type(ValueSlider &slider, const QString &text)
    {
        QTest::keyClicks(&slider, text.left(1));
        QTest::keyClicks(slider.editor(), text.mid(1));
    }
    void release(ValueSlider &slider, QPoint at) { QTest::mouseRelease(&slider, Qt::LeftButton, {}, at); }
};

std::unique_ptr<ValueSlider> ValueSliderTest::make(const char *key, const QString &value, const QString &mark)
{
    const Parameter &parameter = *find_parameter(key);
    auto slider = std::make_unique<ValueSlider>(slider_spec(parameter), window.get());
    if (!value.isEmpty())
        slider->set_value(quantity(value, parameter.dimension));
    if (!mark.isEmpty())
        slider->set_mark(quantity(mark, parameter.dimension));
    slider->resize(300, slider->height());
    slider->show();
    slider->setFocus();
    return slider;
}

void ValueSliderTest::initTestCase()
{
    window = std::make_unique<QWidget>();
    window->resize(320, 200);
    window->show();
    window->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(window.get()));
}

void ValueSliderTest::setting_does_not_emit()
{
    const auto slider = make("context", u"5120"_qs);
    QSignalSpy changed(slider.get(), &ValueSlider::value_changed);
    slider->set_value(quantity(u"8192"_qs, Dimension::count));
    slider->set_mark(quantity(u"4096"_qs, Dimension::count));
    slider->set_fallback(quantity(u"4096"_qs, Dimension::count), u"best"_qs);
    QCOMPARE(changed.size(), 0);
    QCOMPARE(slider->value_text(), u"8192"_qs);
}

void ValueSliderTest::dragging_covers_the_soft_range()
{
    const auto slider = make("context", u"5120"_qs);
    QSignalSpy changed(slider.get(), &ValueSlider::value_changed);
    const QPoint start = slider->position_of(5120);
    press(*slider, start);
    QCOMPARE(changed.size(), 0); // the thumb is taken where it is
    move(*slider, start + QPoint(500, 0));
    QCOMPARE(changed.last().first().toString(), u"131072"_qs);
    move(*slider, start - QPoint(500, 0));
    QCOMPARE(changed.last().first().toString(), u"1024"_qs);
    move(*slider, start);
    release(*slider, start);
    QCOMPARE(slider->value()->si(), 5120.0);
    // A click next to the thumb jumps there.
    const QPoint there = slider->position_of(32768);
    QTest::mouseClick(slider.get(), Qt::LeftButton, {}, there);
    QCOMPARE(slider->value()->si(), 32768.0);
}

void ValueSliderTest::drag_emits_every_change_and_shows_it_at_once()
{
    const auto slider = make("chip.memory_bandwidth", u"3.3 TiB/s"_qs, u"3.3 TiB/s"_qs);
    QStringList texts;
    connect(slider.get(), &ValueSlider::value_changed, this, [&](const QString &text) {
        texts << text;
        QCOMPARE(QString::fromStdString(exact_text(*slider->value())), text);
    });
    const QPoint start = slider->position_of(slider->value()->si());
    press(*slider, start);
    for (int x = 10; x <= 60; x += 10)
        move(*slider, start + QPoint(x, 0));
    release(*slider, start + QPoint(60, 0));
    QCOMPARE(texts.size(), 6);
    for (const QString &text : texts) {
        QVERIFY2(text.endsWith(u" TiB/s"), qPrintable(text)); // the study's unit
        QVERIFY2(text.section(u' ', 0, 0).remove(u'.').size() <= 3, qPrintable(text));
    }
    QCOMPARE(slider->value_text().contains(u"× 1."_qs), true);
}

void ValueSliderTest::stops_attract_and_control_snaps()
{
    const auto slider = make("ep", u"144"_qs);
    const QPoint start = slider->position_of(144);
    press(*slider, start);
    move(*slider, slider->position_of(256) + QPoint(3, 0));
    QCOMPARE(slider->value()->si(), 256.0);
    const QPoint between = (slider->position_of(256) + slider->position_of(160)) / 2;
    move(*slider, between);
    QVERIFY(slider->value()->si() > 160 && slider->value()->si() < 256);
    move(*slider, between + QPoint(2, 0), Qt::ControlModifier);
    QVERIFY(slider->value()->si() == 160 || slider->value()->si() == 256);
    release(*slider, between);

    const auto memory = make("chip.memory", u"80 GB"_qs, u"80 GB"_qs);
    const QPoint from = memory->position_of(80e9);
    press(*memory, from);
    move(*memory, from + QPoint(20, 0), Qt::ControlModifier);
    release(*memory, from);
    QCOMPARE(std::fmod(memory->value()->si(), 8e9), 0.0);
    QVERIFY(memory->value()->si() > 80e9);
}

void ValueSliderTest::shift_and_distance_make_drags_finer()
{
    const auto far_of = [&](int down, Qt::KeyboardModifiers modifiers) {
        const auto slider = make("target_tps", u"20 tok/s"_qs);
        const QPoint start = slider->position_of(20);
        press(*slider, start);
        move(*slider, start + QPoint(1, down), modifiers);
        move(*slider, start + QPoint(100, down), modifiers);
        release(*slider, start);
        return slider->position_of(slider->value()->si()).x() - start.x();
    };
    const int plain = far_of(0, {});
    QVERIFY(plain >= 90);
    const int shifted = far_of(0, Qt::ShiftModifier);
    QVERIFY2(shifted >= 5 && shifted <= 15, qPrintable(QString::number(shifted)));
    const int away = far_of(100, {});
    QVERIFY2(away > 5 && away < plain / 2, qPrintable(QString::number(away)));
}

void ValueSliderTest::element_sizes_stay_on_stops()
{
    const auto slider = make("expert_elem_size", u"1 B"_qs);
    QSignalSpy changed(slider.get(), &ValueSlider::value_changed);
    const QPoint start = slider->position_of(1);
    press(*slider, start);
    for (int x = 0; x < 250; x += 5)
        move(*slider, start - QPoint(x, 0));
    release(*slider, start);
    QStringList seen;
    for (const QList<QVariant> &call : changed)
        seen << call.first().toString();
    QCOMPARE(seen, (QStringList{u"0.75 B"_qs, u"0.5625 B"_qs, u"0.5 B"_qs}));
}

void ValueSliderTest::escape_reverts_a_drag()
{
    const auto slider = make("context", u"5120"_qs);
    QSignalSpy changed(slider.get(), &ValueSlider::value_changed);
    const QPoint start = slider->position_of(5120);
    press(*slider, start);
    move(*slider, start + QPoint(80, 0));
    QVERIFY(slider->value()->si() > 5120);
    QTest::keyClick(slider.get(), Qt::Key_Escape);
    QCOMPARE(changed.last().first().toString(), u"5120"_qs);
    const auto count = changed.size();
    move(*slider, start + QPoint(120, 0));
    release(*slider, start + QPoint(120, 0));
    QCOMPARE(changed.size(), count);
}

void ValueSliderTest::keys_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<int>("pressed");
    QTest::addColumn<int>("modifiers");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char *key, const char *value, int pressed, const char *expected,
                         int modifiers = Qt::NoModifier) {
        QTest::addRow("%s %s key %x %x", key, value, static_cast<unsigned>(pressed), static_cast<unsigned>(modifiers))
            << QString::fromUtf8(key) << QString::fromUtf8(value) << pressed << modifiers
            << QString::fromUtf8(expected);
    };
    row("ep", "144", Qt::Key_Right, "160");
    row("ep", "144", Qt::Key_Left, "128");
    row("ep", "150", Qt::Key_Up, "160");
    row("ep", "150", Qt::Key_Down, "144");
    row("ep", "144", Qt::Key_PageUp, "288");
    row("ep", "144", Qt::Key_PageDown, "72");
    row("ep", "144", Qt::Key_Home, "8");
    row("ep", "144", Qt::Key_End, "320");
    row("ep", "144", Qt::Key_Right, "145", Qt::ShiftModifier);
    row("ep", "320", Qt::Key_Right, "320");
    row("batch", "96", Qt::Key_Right, "128");
    row("batch", "96", Qt::Key_PageUp, "192");
    row("context", "4096", Qt::Key_Right, "4480");
    row("context", "4096", Qt::Key_PageUp, "8192");
    row("mtp_len", "1", Qt::Key_Right, "2");
    row("mtp_len", "0", Qt::Key_Left, "0");
    row("mtp_len", "1", Qt::Key_PageUp, "8");
    row("acceptance", "0.85", Qt::Key_Right, "0.86");
    row("acceptance", "0.85", Qt::Key_PageDown, "0.75");
    row("acceptance", "0.85", Qt::Key_Right, "0.851", Qt::ShiftModifier);
    row("acceptance", "0.85", Qt::Key_End, "1");
    row("expert_elem_size", "1 B", Qt::Key_Left, "0.75 B");
    row("expert_elem_size", "1 B", Qt::Key_Right, "2 B");
    row("target_tps", "20 tok/s", Qt::Key_Right, "25 tok/s");
    row("target_tps", "20 tok/s", Qt::Key_PageUp, "40 tok/s");
    row("chip.memory_bandwidth", "4 TiB/s", Qt::Key_Right, "4.04 TiB/s");
    row("chip.memory_bandwidth", "4 TiB/s", Qt::Key_Left, "3.996 TiB/s", Qt::ShiftModifier);
    row("chip.memory_bandwidth", "4 TiB/s", Qt::Key_Home, "2 TiB/s");
    row("chip.memory_bandwidth", "4 TiB/s", Qt::Key_End, "8 TiB/s");
    row("chip.memory", "80 GB", Qt::Key_Right, "88 GB", Qt::ControlModifier);
    row("chip.sms", "132", Qt::Key_Right, "133");
    row("chip.sms", "132", Qt::Key_PageUp, "264");
}

void ValueSliderTest::keys()
{
    QFETCH(QString, key);
    QFETCH(QString, value);
    QFETCH(int, pressed);
    QFETCH(int, modifiers);
    QFETCH(QString, expected);
    const auto slider = make(key.toUtf8().constData(), value, value);
    QSignalSpy changed(slider.get(), &ValueSlider::value_changed);
    QTest::keyClick(slider.get(), static_cast<Qt::Key>(pressed), static_cast<Qt::KeyboardModifiers>(modifiers));
    QCOMPARE(QString::fromStdString(exact_text(*slider->value())), expected);
    QCOMPARE(changed.size(), expected == value ? 0 : 1);
    // Backspace is the double click of the keyboard.
    QTest::keyClick(slider.get(), Qt::Key_Backspace);
    QCOMPARE(QString::fromStdString(exact_text(*slider->value())), value);
}

void ValueSliderTest::typing()
{
    const auto slider = make("context", u"5120"_qs);
    QSignalSpy changed(slider.get(), &ValueSlider::value_changed);
    QTest::keyClicks(slider.get(), u"6"_qs); // starts the editor with it
    QVERIFY(slider->editor());
    QCOMPARE(slider->editor()->text(), u"6"_qs);
    QVERIFY(slider->editor()->hasFocus());
    QTest::keyClicks(slider->editor(), u"4k"_qs);
    QCOMPARE(changed.size(), 0);
    QTest::keyClick(slider->editor(), Qt::Key_Return);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed.last().first().toString(), u"65536"_qs);
    QVERIFY(!slider->editor());
    QVERIFY(slider->hasFocus());

    QTest::keyClick(slider.get(), Qt::Key_Return); // the whole value is selected
    QCOMPARE(slider->editor()->selectedText(), u"65536"_qs);
    QTest::keyClicks(slider->editor(), u"/2"_qs);
    QTest::keyClick(slider->editor(), Qt::Key_Return);
    QCOMPARE(slider->value()->si(), 32768.0);

    type(*slider, u"1"_qs);
    QTest::keyClick(slider->editor(), Qt::Key_Escape);
    QVERIFY(!slider->editor());
    QCOMPARE(slider->value()->si(), 32768.0);
    QCOMPARE(changed.size(), 2);

    QTest::mouseClick(slider.get(), Qt::LeftButton, {}, slider->value_area().center());
    QVERIFY(slider->editor());
}

void ValueSliderTest::typing_a_wrong_value()
{
    const auto slider = make("ep", u"144"_qs);
    QSignalSpy changed(slider.get(), &ValueSlider::value_changed);
    const int height = slider->height();
    type(*slider, u"5000"_qs);
    QTest::keyClick(slider->editor(), Qt::Key_Return);
    QVERIFY(slider->editor()); // to be corrected
    QVERIFY(slider->has_problem());
    QVERIFY2(slider->message().contains(u"out of range; allowed is 1 to 1024"), qPrintable(slider->message()));
    QVERIFY(slider->height() > height);
    QCOMPARE(changed.size(), 0);
    QCOMPARE(slider->value()->si(), 144.0);
    QTest::keyClick(slider->editor(), Qt::Key_Escape);
    QVERIFY(!slider->has_problem());
    QCOMPARE(slider->height(), height);
    type(*slider, u"7/2"_qs);
    QTest::keyClick(slider->editor(), Qt::Key_Return);
    QVERIFY2(slider->message().contains(u"3.5 is not a whole number"), qPrintable(slider->message()));
}

void ValueSliderTest::leaving_the_editor()
{
    const auto slider = make("ep", u"144"_qs);
    type(*slider, u"72"_qs);
    slider->editor()->clearFocus();
    QVERIFY(!slider->editor());
    QCOMPARE(slider->value()->si(), 72.0); // what is right is taken
    slider->setFocus();
    type(*slider, u"9999"_qs);
    slider->editor()->clearFocus();
    QCOMPARE(slider->value()->si(), 72.0); // what is wrong is not
    QVERIFY(!slider->has_problem());
}

void ValueSliderTest::optional_values()
{
    const auto slider = make("chip.fp8", u"1979 TFLOP/s"_qs);
    QSignalSpy changed(slider.get(), &ValueSlider::value_changed);
    QTest::keyClick(slider.get(), Qt::Key_Return);
    QTest::keyClick(slider->editor(), Qt::Key_Delete);
    QTest::keyClick(slider->editor(), Qt::Key_Return);
    QCOMPARE(changed.last().first().toString(), QString());
    QVERIFY(!slider->value());
    QCOMPARE(slider->value_text(), u"not set"_qs);
    // Dragged from nowhere a value takes the unit in which it reads best.
    const auto unset = make("chip.scale_up_bandwidth", {});
    QTest::mouseClick(unset.get(), Qt::LeftButton, {}, unset->position_of(900e9));
    QVERIFY2(unset->value() && unset->value_text().endsWith(u" GB/s"), qPrintable(unset->value_text()));
}

void ValueSliderTest::fallback_becomes_a_value()
{
    const auto slider = make("ep", {});
    slider->set_fallback(quantity(u"144"_qs, Dimension::count), u"best"_qs);
    QCOMPARE(slider->value_text(), u"best  144"_qs);
    QVERIFY(!slider->value());
    QSignalSpy changed(slider.get(), &ValueSlider::value_changed);
    QTest::keyClick(slider.get(), Qt::Key_Return);
    QTest::keyClick(slider->editor(), Qt::Key_Return); // taken as it is
    QCOMPARE(changed.last().first().toString(), u"144"_qs);
    slider->set_value(std::nullopt);
    const QPoint ghost = slider->position_of(144);
    press(*slider, ghost);
    move(*slider, slider->position_of(160));
    release(*slider, ghost);
    QCOMPARE(changed.last().first().toString(), u"160"_qs);
}

void ValueSliderTest::mark_and_double_click()
{
    const auto slider = make("acceptance", u"0.5"_qs, u"0.85"_qs);
    QSignalSpy changed(slider.get(), &ValueSlider::value_changed);
    const QPoint at = slider->position_of(0.5);
    QTest::mouseDClick(slider.get(), Qt::LeftButton, {}, at);
    QCOMPARE(changed.last().first().toString(), u"0.85"_qs);
    // The mark's exact value attracts drags.
    const auto bandwidth = make("chip.memory_bandwidth", u"4 TB/s"_qs, u"3.3456 TB/s"_qs);
    const QPoint from = bandwidth->position_of(4e12);
    press(*bandwidth, from);
    move(*bandwidth, bandwidth->position_of(3.3456e12) + QPoint(2, 0));
    release(*bandwidth, from);
    QCOMPARE(bandwidth->value(), quantity(u"3.3456 TB/s"_qs, Dimension::bytes_per_second));
}

void ValueSliderTest::reset_without_a_mark()
{
    const auto slider = make("ep", u"144"_qs);
    QSignalSpy asked(slider.get(), &ValueSlider::reset_requested);
    QTest::keyClick(slider.get(), Qt::Key_Backspace);
    QCOMPARE(asked.size(), 1);
    QCOMPARE(slider->value()->si(), 144.0);
}

void ValueSliderTest::relative_range()
{
    const auto slider = make("chip.memory_bandwidth", u"4 TB/s"_qs, u"4 TB/s"_qs);
    QCOMPARE(slider->range(), std::pair(2e12, 8e12));
    QCOMPARE(slider->value_text(), u"4 TB/s"_qs);
    slider->set_value(quantity(u"4.8 TB/s"_qs, Dimension::bytes_per_second));
    QCOMPARE(slider->value_text(), u"4.8 TB/s  × 1.20"_qs);
    QCOMPARE(slider->range(), std::pair(2e12, 8e12));
    // The stops are factors of the mark, and drags near one fall on it.
    const QPoint start = slider->position_of(4.8e12);
    press(*slider, start);
    move(*slider, slider->position_of(6e12) + QPoint(2, 0));
    QCOMPARE(exact_text(*slider->value()), std::string("6 TB/s"));
    release(*slider, start);
    QStringList labels;
    for (const ValueSlider::TickLabel &tick : slider->tick_labels())
        labels << tick.text;
    QCOMPARE(labels, (QStringList{u"×0.5"_qs, u"×2"_qs, u"×0.75"_qs, u"×1"_qs, u"×1.25"_qs, u"×1.5"_qs}));
}

void ValueSliderTest::stop_labels_keep_apart()
{
    for (const char *key : {"context", "acceptance", "target_tps", "ep", "batch", "mtp_len", "precision", "chip.memory",
             "chip.sram", "cards"}) {
        for (const int points : {8, 9, 13, 20, 27}) {
            const auto slider = make(key, {}, {});
            QFont font = slider->font();
            font.setPointSize(points);
            slider->setFont(font);
            for (const int width : {200, 240, 300, 420, 1200}) {
                slider->resize(width, slider->height());
                const std::vector<ValueSlider::TickLabel> ticks = slider->tick_labels();
                QVERIFY2(ticks.size() >= (width < 300 ? 1u : 2u), key);
                for (std::size_t i = 0; i < ticks.size(); ++i) {
                    QVERIFY2(slider->rect().contains(ticks[i].room), key);
                    for (std::size_t j = 0; j < i; ++j)
                        QVERIFY2(!ticks[i].room.adjusted(-2, 0, 2, 0).intersects(ticks[j].room),
                            qPrintable(ticks[i].text + u" on "_qs + ticks[j].text));
                }
            }
        }
    }
}

void ValueSliderTest::wider_values_widen_the_range()
{
    const auto slider = make("batch", u"96"_qs);
    QCOMPARE(slider->range(), std::pair(1.0, 1024.0));
    type(*slider, u"4096"_qs);
    QTest::keyClick(slider->editor(), Qt::Key_Return);
    QCOMPARE(slider->value()->si(), 4096.0);
    QCOMPARE(slider->range(), std::pair(1.0, 4096.0));
    QVERIFY2(slider->message().contains(u"widened to 1 – 4096"), qPrintable(slider->message()));
    QVERIFY(!slider->has_problem());
    QCOMPARE(slider->position_of(4096).x(), slider->position_of(1e9).x());
}

void ValueSliderTest::zero_in_a_relative_row()
{
    const auto slider = make("chip.all_reduce_latency", u"0 s"_qs, u"0 s"_qs);
    QCOMPARE(slider->position_of(0).x() < slider->position_of(1e-6).x(), true);
    QTest::keyClick(slider.get(), Qt::Key_Right);
    QVERIFY(slider->value()->si() > 0);
}

void ValueSliderTest::wheel_needs_focus()
{
    const auto slider = make("ep", u"144"_qs);
    const auto turn = [&] {
        const QPointF at = slider->rect().center();
        QWheelEvent event(at, slider->mapToGlobal(at), {}, QPoint(0, 120), Qt::NoButton, {}, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(slider.get(), &event);
        return event.isAccepted();
    };
    slider->clearFocus();
    QVERIFY(!turn());
    QCOMPARE(slider->value()->si(), 144.0);
    slider->setFocus();
    QVERIFY(turn());
    QCOMPARE(slider->value()->si(), 160.0);
}

void ValueSliderTest::accessibility()
{
    const auto slider = make("ep", u"144"_qs);
    QAccessibleInterface *face = QAccessible::queryAccessibleInterface(slider.get());
    QVERIFY(face);
    QCOMPARE(face->role(), QAccessible::Slider);
    QCOMPARE(face->text(QAccessible::Name), u"EP"_qs);
    QCOMPARE(face->text(QAccessible::Value), u"144"_qs);
    QVERIFY(face->text(QAccessible::Description).contains(u"Cards that share"));
    QVERIFY(face->valueInterface());
    QCOMPARE(face->valueInterface()->currentValue().toDouble(), 144.0);
    QCOMPARE(face->valueInterface()->minimumValue().toDouble(), 8.0);
    QCOMPARE(face->valueInterface()->maximumValue().toDouble(), 320.0);
    QSignalSpy changed(slider.get(), &ValueSlider::value_changed);
    face->valueInterface()->setCurrentValue(72);
    QCOMPARE(changed.last().first().toString(), u"72"_qs);
    QVERIFY(slider->toolTip().contains(u"1 to 1024") && slider->toolTip().contains(u"ep"));
}

void ValueSliderTest::targets_are_large_enough()
{
    for (const int points : {8, 9, 14, 20}) {
        for (const char *key : {"ep", "chip.bf16"}) {
            ValueSlider slider(slider_spec(*find_parameter(key)), window.get());
            slider.show();
            QFont font = slider.font();
            font.setPointSize(points);
            slider.setFont(font);
            slider.resize(300, slider.height());
            QVERIFY(slider.minimumHeight() >= 24);
            QVERIFY(slider.minimumHeight() >= QFontMetrics(font).height() + 18);
        }
    }
}

EPSCOPE_SUITE(value_slider, ValueSliderTest)
#include "tst_value_slider.moc"
