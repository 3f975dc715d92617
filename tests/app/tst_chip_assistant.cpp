// SPDX-License-Identifier: GPL-3.0-or-later
// A chip of one's own, entered in the real window as its data sheet states it.
#include <memory>

#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QUndoStack>

#include "app/controls/chip_assistant.h"
#include "app/controls/input_panel.h"
#include "app/controls/parameter_controls.h"
#include "core/search/search.h"
#include "tests/support/explorer.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

class ChipAssistantTest : public QObject, ExplorerSuite {
    Q_OBJECT

private slots:
    void init();
    void cleanup() { explorer.reset(); }

    void opened_from_menu_and_inputs();
    void figures_of_a_data_sheet();
    void doubts_are_said_and_mended();
    void shipped_chips_raise_none();
    void bad_input_keeps_the_last_value();
    void a_refusal_ends_with_its_cause();
    void per_die();
    void what_is_left_out_is_assumed();
    void joins_the_study_as_one_step();
    void saved_file_reads_back();
    void a_saved_chip_can_be_corrected();
    void no_text_is_cut_off_data();
    void no_text_is_cut_off();
    void names_that_are_taken();
    void everything_has_a_name();

private:
    ChipAssistant *assistant = nullptr;

    template <class T>
    T &child(const char *name)
    {
        T *found = assistant->findChild<T *>(QLatin1String(name));
        if (!found)
            qFatal("no %s", name);
        return *found;
    }
    void type(const char *name, const QString &text)
    {
        auto &line = child<QLineEdit>(name);
        line.setFocus();
        line.selectAll();
        if (text.isEmpty())
            QTest::keyClick(&line, Qt::Key_Delete);
        else
            QTest::keyClicks(&line, text);
    }
    void pick(const char *name, const QString &text)
    {
        auto &box = child<QComboBox>(name);
        const int at = box.findText(text);
        if (at < 0)
            qFatal("no %s in %s", qPrintable(text), name);
        box.setFocus();
        QTest::keyClick(&box, Qt::Key_Home);
        for (int i = 0; i < at; ++i)
            QTest::keyClick(&box, Qt::Key_Down);
    }
    QString said(const char *key) { return child<QLabel>(("new." + std::string(key) + ".message").c_str()).text(); }
    // A B200 as its data sheet has it: sparse rates, links in both directions.
    void enter_data_sheet()
    {
        type("new.name", u"Mine"_qs);
        type("new.source", u"data sheet"_qs);
        type("new.bf16", u"4500"_qs);
        pick("new.bf16.counting", u"sparse (2:4)"_qs);
        type("new.fp8", u"9 PFLOP/s"_qs);
        pick("new.fp8.counting", u"sparse (2:4)"_qs);
        type("new.fp4", u"18"_qs);
        pick("new.fp4.unit", u"PFLOP/s"_qs);
        pick("new.fp4.counting", u"sparse (2:4)"_qs);
        type("new.sms", u"148"_qs);
        type("new.clock", u"1965"_qs);
        type("new.memory", u"180"_qs);
        pick("new.memory.unit", u"GiB"_qs);
        type("new.memory_bandwidth", u"8"_qs);
        type("new.scale_up_bandwidth", u"1800"_qs);
        pick("new.scale_up_bandwidth.counting", u"both directions"_qs);
        type("new.nic.bandwidth", u"800"_qs);
        pick("new.nic.bandwidth.counting", u"both directions"_qs);
    }
};

void ChipAssistantTest::init()
{
    start().show();
    explorer->action(u"New chip…"_qs).trigger();
    assistant = explorer->window.findChild<ChipAssistant *>();
    QVERIFY(assistant && QTest::qWaitForWindowActive(assistant));
    assistant->set_saving({{}, [this] { return folder.path(); }});
}

void ChipAssistantTest::opened_from_menu_and_inputs()
{
    QVERIFY(assistant->isVisible() && !assistant->isModal());
    QTest::keyClick(assistant, Qt::Key_Escape);
    QVERIFY(!assistant->isVisible());
    explorer->window.findChild<QPushButton *>(u"chip.new"_qs)->click();
    QVERIFY(assistant->isVisible());
    QCOMPARE(explorer->window.findChildren<ChipAssistant *>().size(), 1);
}

void ChipAssistantTest::figures_of_a_data_sheet()
{
    enter_data_sheet();
    const Chip &chip = assistant->chip();
    QCOMPARE(chip.bf16.si(), 2.25e15);
    QCOMPARE(chip.fp8->si(), 4.5e15);
    QCOMPARE(chip.fp4->si(), 9e15);
    QCOMPARE(chip.sms, 148);
    QCOMPARE(chip.clock.si(), 1.965e9);
    QCOMPARE(chip.memory.si(), 193273528320.0); // 180 x 2^30
    QCOMPARE(chip.memory_bandwidth.si(), 8e12);
    QCOMPARE(chip.scale_up_bandwidth->si(), 900e9);
    QCOMPARE(assistant->nic()->bandwidth.si(), 50e9);
    QCOMPARE(chip.usual_nic, std::string("CX7-400"));
    for (const AskedNumber &number :
        asked_numbers()) // the B200's memory in the other prefix is the one thing that is unlike it
        QVERIFY2(number.key == "memory" || said(number.key.data()).isEmpty(), qPrintable(said(number.key.data())));
    QCOMPARE(child<QLabel>("new.bf16.value").text(), u"= 2.250 PFLOP/s"_qs);
    QVERIFY(child<QLabel>("new.all_reduce_latency.value").text().endsWith(u"assumed"));
}

void ChipAssistantTest::doubts_are_said_and_mended()
{
    type("new.fp8", u"3958"_qs); // over the H800's 989 TFLOP/s
    QVERIFY2(said("fp8").contains(u"sparse figure?"), qPrintable(said("fp8")));
    QTest::mouseClick(&child<QPushButton>("new.fp8.correct"), Qt::LeftButton);
    QVERIFY(said("fp8").isEmpty());
    QCOMPARE(assistant->chip().fp8->si(), 1.979e15);
    type("new.nic.bandwidth", u"400 GB/s"_qs);
    QVERIFY2(said("nic.bandwidth").endsWith(u"Gbit/s?"), qPrintable(said("nic.bandwidth")));
    QTest::mouseClick(&child<QPushButton>("new.nic.bandwidth.correct"), Qt::LeftButton);
    QVERIFY(said("nic.bandwidth").isEmpty());
    QCOMPARE(assistant->nic()->bandwidth.si(), 50e9);
    type("new.memory", u"16 GiB"_qs); // the TPU-v5e has 16 GB
    QVERIFY2(said("memory").contains(u"7.4 % above") && said("memory").endsWith(u": GB?"), qPrintable(said("memory")));
}

void ChipAssistantTest::shipped_chips_raise_none()
{
    for (const Library::Entry &entry : shipped_library().entries(Kind::chip)) {
        const Chip chip = *shipped_library().chip(entry.name).value;
        pick("new.like", to_text(chip.name));
        for (const Field<Chip> &field : fields<Chip>()) {
            if (find_asked(field.info.key))
                child<QLineEdit>(("new." + std::string(field.info.key)).c_str())
                    .setText(to_text(field_text(chip, field)));
        }
        for (const AskedNumber &number : asked_numbers())
            QVERIFY2(
                said(number.key.data()).isEmpty(), qPrintable(to_text(chip.name) + u": "_qs + said(number.key.data())));
        QCOMPARE(assistant->chip().bf16, chip.bf16);
        QVERIFY(assistant->chip().fp4 == chip.fp4);
    }
}

void ChipAssistantTest::bad_input_keeps_the_last_value()
{
    type("new.memory", u"120"_qs);
    type("new.memory", u"120 parsecs"_qs);
    QVERIFY(!said("memory").isEmpty());
    QCOMPARE(assistant->chip().memory.si(), 120e9);
    QCOMPARE(child<QLabel>("new.memory.value").text(), u"–"_qs); // 120 GB is no value of what is typed
    type("new.memory", u"4,8"_qs);
    QCOMPARE(child<QLabel>("new.memory.value").text(), u"–"_qs);
    type("new.memory", u"4.8"_qs);
    QCOMPARE(child<QLabel>("new.memory.value").text(), u"= 4.800 GB"_qs);
    type("new.memory", u"120 parsecs"_qs);
    type("new.name", u"Mine"_qs);
    type("new.source", u"me"_qs);
    const Study before = explorer->study();
    QTest::mouseClick(&child<QPushButton>("new.add"), Qt::LeftButton);
    QVERIFY(explorer->study() == before);
    QVERIFY(child<QLabel>("new.message").text().contains(u"Memory"));
    type("new.memory", {});
    type("new.sms", u"100.5"_qs);
    QVERIFY(!said("sms").isEmpty());
    QCOMPARE(child<QLabel>("new.sms.value").text(), u"–"_qs);
}

void ChipAssistantTest::a_refusal_ends_with_its_cause()
{
    type("new.nic.bandwidth", u"100000 EB/s"_qs);
    pick("new.nic.bandwidth.basis", u"per die"_qs);
    child<QSpinBox>("new.dies").setValue(64);
    QVERIFY2(said("nic.bandwidth").startsWith(u"allowed"), qPrintable(said("nic.bandwidth")));
    QCOMPARE(child<QLabel>("new.nic.bandwidth.value").text(), u"–"_qs);
    child<QSpinBox>("new.dies").setValue(1);
    QVERIFY2(!said("nic.bandwidth").startsWith(u"allowed"), qPrintable(said("nic.bandwidth")));
    QCOMPARE(assistant->nic()->bandwidth.si(), 1e23);
}

void ChipAssistantTest::per_die()
{
    child<QSpinBox>("new.dies").setValue(2);
    type("new.bf16", u"1125"_qs);
    pick("new.bf16.basis", u"per die"_qs);
    QCOMPARE(assistant->chip().bf16.si(), 2.25e15);
    type("new.memory", u"96"_qs);
    pick("new.memory.basis", u"per die"_qs);
    QCOMPARE(assistant->chip().memory.si(), 192e9);
    type("new.exp2_rate", u"16"_qs);
    pick("new.exp2_rate.unit", u"op/s"_qs);
    pick("new.exp2_rate.counting", u"per SM and clock"_qs);
    QCOMPARE(assistant->chip().exp2_rate->si(), 16 * 132 * 1.83e9); // of the H800
}

void ChipAssistantTest::what_is_left_out_is_assumed()
{
    pick("new.like", u"B200"_qs);
    type("new.bf16", u"1000"_qs);
    type("new.fp4", u"none"_qs);
    const Chip like = *shipped_library().chip("B200").value;
    const Chip &chip = assistant->chip();
    const auto assumes = [&](const char *key) {
        return std::find(chip.assumed.begin(), chip.assumed.end(), key) != chip.assumed.end();
    };
    QVERIFY(!assumes("bf16") && !assumes("fp4") && !chip.fp4);
    QVERIFY(assumes("fp8") && chip.fp8 == like.fp8);
    QVERIFY(assumes("memory") && chip.memory == like.memory);
    QVERIFY(!assumes("exp2_rate") && !chip.exp2_rate); // which the B200 does not state either
    QVERIFY(assumes("fa3"));
    pick("new.fa3", u"none"_qs);
    QVERIFY(!assumes("fa3") && chip.fa3 == Fa3::none);
}

void ChipAssistantTest::joins_the_study_as_one_step()
{
    enter_data_sheet();
    const Study before = explorer->study();
    const int steps = explorer->session().history().count();
    QTest::keyClick(&child<QPushButton>("new.add"), Qt::Key_Space);
    QCOMPARE(explorer->session().history().count(), steps + 1);
    QVERIFY(explorer->study().chips.back() == assistant->chip());
    QCOMPARE(explorer->study().nics.back().name, std::string("CX7-400"));
    QCOMPARE(explorer->window.findChild<InputPanel *>()->edited_chip(), std::string("Mine"));

    const Explored &explored = explorer->answer();
    Study alone = explorer->study();
    alone.chips = {alone.chips.back()};
    const SearchOutcome direct = search(alone);
    double most = 0;
    for (const Candidate &winner : direct.winners)
        most = std::max(most, winner.throughput_per_card);
    QVERIFY(most > 0);
    QCOMPARE(explored.chips.back().best->throughput_per_card, most);
    QVERIFY2(
        child<QLabel>("new.outcome").text().startsWith(u"Mine: "), qPrintable(child<QLabel>("new.outcome").text()));

    type("new.memory_bandwidth", u"6"_qs); // again: the same chip, changed
    QTest::mouseClick(&child<QPushButton>("new.add"), Qt::LeftButton);
    QCOMPARE(explorer->study().chips.size(), before.chips.size() + 1);
    QCOMPARE(explorer->study().chips.back().memory_bandwidth.si(), 6e12);
    explorer->session().history().undo();
    explorer->session().history().undo();
    QVERIFY(explorer->study() == before);
}

void ChipAssistantTest::saved_file_reads_back()
{
    enter_data_sheet();
    type("new.memory.source", u"board: \"rev 2\" # draft"_qs);
    QTest::mouseClick(&child<QPushButton>("new.save"), Qt::LeftButton);
    QFile file(folder.path() + u"/chips/mine.yaml"_qs);
    QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(child<QLabel>("new.message").text()));
    const std::string text = file.readAll().toStdString();
    const Read<Chip> read = read_chip(text, "mine.yaml");
    QVERIFY(read);
    QVERIFY(*read.value == assistant->chip());
    QVERIFY2(text.find("fp8: 4.5 PFLOP/s # given: 9 PFLOP/s, sparse (2:4)\n") != text.npos, text.c_str());
    QVERIFY2(text.find("rev 2") != text.npos, text.c_str());
    QVERIFY2(text.find("all_reduce_latency: 0.5 us # as H800") != text.npos, text.c_str());
    const Library own({EPSCOPE_SOURCE_DIR "/resources", folder.path().toStdString()});
    QVERIFY(*own.chip("Mine").value == assistant->chip());
}

void ChipAssistantTest::a_saved_chip_can_be_corrected()
{
    enter_data_sheet();
    auto &save = child<QPushButton>("new.save");
    QTest::mouseClick(&save, Qt::LeftButton);
    const QString file = folder.path() + u"/chips/mine.yaml"_qs;
    QVERIFY(content(file).contains("memory_bandwidth: 8 TB/s"));
    type("new.memory_bandwidth", u"6,5"_qs); // refused, and then as it is taken
    QTest::mouseClick(&save, Qt::LeftButton);
    QVERIFY(content(file).contains("memory_bandwidth: 8 TB/s"));
    type("new.memory_bandwidth", u"6.5"_qs);
    QTest::mouseClick(&save, Qt::LeftButton);
    QVERIFY2(
        child<QLabel>("new.message").text().startsWith(u"Saved as"), qPrintable(child<QLabel>("new.message").text()));
    QCOMPARE(read_chip(content(file).toStdString(), "mine.yaml").value, assistant->chip());
    // What somebody else has made of it is not lost.
    const QByteArray theirs = content(file) + "# checked\n";
    write(file, theirs);
    type("new.memory_bandwidth", u"7"_qs);
    QTest::mouseClick(&save, Qt::LeftButton);
    QVERIFY(child<QLabel>("new.message").text().contains(u"choose another name"));
    QCOMPARE(content(file), theirs);
}

void ChipAssistantTest::no_text_is_cut_off_data()
{
    QTest::addColumn<int>("percent");
    QTest::newRow("at the usual size") << 100;
    QTest::newRow("larger") << 150;
}

// In a window as large as half a screen: what has no room is scrolled to.
void ChipAssistantTest::no_text_is_cut_off()
{
    QFETCH(int, percent);
    enter_data_sheet();
    for (const char *text : {"", "none"})
        type("new.fp4", QLatin1String(text));
    explorer->window.set_scale(percent);
    assistant->resize(960, 500);
    settle();
    for (const QWidget *widget : assistant->findChildren<QWidget *>()) {
        if (!widget->isVisible() || !widget->objectName().startsWith(u"new."))
            continue;
        const auto *label = qobject_cast<const QLabel *>(widget);
        const auto *line = qobject_cast<const QLineEdit *>(widget);
        const bool wraps = label && label->wordWrap();
        int needed = label && !wraps ? label->sizeHint().width() : 0;
        if (qobject_cast<const QComboBox *>(widget) && widget->objectName() != u"new.like")
            needed = widget->sizeHint().width();
        if (line && line->text().isEmpty())
            needed = line->fontMetrics().horizontalAdvance(line->placeholderText());
        QVERIFY2(widget->width() >= needed,
            qPrintable(u"%1: %2 of %3"_qs.arg(widget->objectName()).arg(widget->width()).arg(needed)));
    }
    for (const char *name : {"new.add", "new.save", "new.close"})
        QVERIFY(assistant->rect().contains(
            QRect(child<QPushButton>(name).mapTo(assistant, QPoint(0, 0)), child<QPushButton>(name).size())));
    explorer->window.set_scale(100);
}

void ChipAssistantTest::names_that_are_taken()
{
    enter_data_sheet();
    const Study before = explorer->study();
    for (const QString &name : {u"H800"_qs, QString(), u"a, b"_qs}) {
        type("new.name", name);
        QTest::mouseClick(&child<QPushButton>("new.add"), Qt::LeftButton);
        QVERIFY(!child<QLabel>("new.message").text().isEmpty());
        QVERIFY(explorer->study() == before);
    }
    type("new.name", u"Mine"_qs);
    type("new.source", {});
    QTest::mouseClick(&child<QPushButton>("new.add"), Qt::LeftButton);
    QVERIFY(explorer->study() == before);
}

void ChipAssistantTest::everything_has_a_name()
{
    for (const QWidget *widget : assistant->findChildren<QWidget *>()) {
        if (widget->objectName().startsWith(u"new.")
            && (qobject_cast<const QLineEdit *>(widget) || qobject_cast<const QComboBox *>(widget)))
            QVERIFY2(
                !widget->accessibleName().isEmpty() && !widget->toolTip().isEmpty(), qPrintable(widget->objectName()));
    }
    if (const QString pictures = qEnvironmentVariable("EPSCOPE_PICTURES"); !pictures.isEmpty()) {
        enter_data_sheet();
        type("new.fp8", u"4 PFLOP/s"_qs);
        assistant->grab().save(pictures + u"/light.png"_qs);
        explorer->theme.choose(ThemeChoice::dark);
        settle();
        assistant->grab().save(pictures + u"/dark.png"_qs);
    }
}

EPSCOPE_SUITE(chip_assistant, ChipAssistantTest)
#include "tst_chip_assistant.moc"
