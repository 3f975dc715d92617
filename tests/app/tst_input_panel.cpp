// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <memory>
#include <set>

#include <QAbstractButton>
#include <QAccessible>
#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

#include "app/controls/chip_picker.h"
#include "app/controls/input_panel.h"
#include "app/controls/value_slider.h"
#include "app/words/text.h"
#include "core/spec/parameters.h"
#include "tests/support/files.h"
#include "tests/support/studies.h"
#include "tests/support/suite.h"

using namespace epscope;
using namespace epscope::testing;

class InputPanelTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();

    void sliders_change_one_value_data();
    void sliders_change_one_value();
    void drag_changes_one_value();
    void switches_and_choices();
    void answer_equals_explore();
    void says_what_is_on_show();
    void optional_chip_rates();
    void fixing_and_searching();
    void ranges_are_edited();
    void range_falls_back_to_the_table();
    void dragging_a_searched_parameter_fixes_it();
    void precision_halves();
    void policy();
    void how_cards_share_the_work();
    void fix_all_and_search_all();
    void follows_the_session();
    void problems_are_shown();
    void edited_chip_has_an_asterisk();
    void chips_are_edited_apart();
    void selection_brings_its_chip();
    void saving_a_chip();
    void saving_never_overwrites();
    void nics();
    void profile_and_model();
    void a_model_says_what_it_changes();
    void changed_profile_has_an_asterisk();
    void a_chip_too_long_to_read_back_is_not_saved();
    void picking_chips();
    void filtering_chips();
    void everything_by_keyboard();
    void every_control_has_a_name();
    void nothing_is_cut_off();
    void wheel_scrolls_the_panel();
    void folding();
    void theme_switch();

private:
    std::unique_ptr<Session> session;
    std::unique_ptr<InputPanel> panel;
    Study opened;

    template <class T>
    T *control(const char *name) const
    {
        T *found = panel->findChild<T *>(QString::fromUtf8(name));
        if (!found)
            qFatal("no control %s", name);
        return found;
    }
    void type(ValueSlider &slider, const QString &text)
    {
        slider.setFocus();
        QTest::keyClick(&slider, Qt::Key_Return);
        QTest::keyClicks(slider.editor(), text);
        QTest::keyClick(slider.editor(), Qt::Key_Return);
    }
    void choose(const char *name, const QString &data)
    {
        auto *combo = control<QComboBox>(name);
        const int index = combo->findData(data);
        QVERIFY2(index >= 0, qPrintable(data));
        combo->setCurrentIndex(index);
        emit combo->activated(index);
    }
    const Explored &wait_for_answer()
    {
        const auto up_to_date = [this] {
            return session->explored() && session->explored()->inputs == session->inputs()
                && session->explored()->exact;
        };
        if (!QTest::qWaitFor(up_to_date, 20000))
            qFatal("no answer");
        return *session->explored();
    }
    void check_chip(const char *name, bool wanted)
    {
        for (int i = 0; i < panel->chips()->list()->count(); ++i) {
            QListWidgetItem *item = panel->chips()->list()->item(i);
            if (item->data(Qt::UserRole).toString() == QString::fromUtf8(name))
                item->setCheckState(wanted ? Qt::Checked : Qt::Unchecked);
        }
    }
};

void InputPanelTest::init()
{
    opened = study_named("published-v1");
    session = std::make_unique<Session>();
    session->open(opened);
    panel = std::make_unique<InputPanel>(session.get(), shipped_library());
    panel->resize(340, 900);
    panel->show();
    panel->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(panel.get()));
}

void InputPanelTest::cleanup()
{
    panel.reset();
    session.reset();
}

void InputPanelTest::sliders_change_one_value_data()
{
    QTest::addColumn<QString>("control");
    QTest::addColumn<QString>("key"); // as set_parameter() takes it
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("value");
    const auto row = [](const char *control, const char *key, const char *typed, const char *value) {
        QTest::newRow(control) << QString::fromUtf8(control) << QString::fromUtf8(key) << QString::fromUtf8(typed)
                               << QString::fromUtf8(value);
    };
    row("context", "context", "64k", "65536");
    row("acceptance", "acceptance", "0.7", "0.7");
    row("target_tps", "target_tps", "15", "15 tok/s");
    row("expert_elem_size", "expert_elem_size", "0.5", "0.5 B");
    row("cards", "cards", "512", "512");
    row("ep", "ep", "2*80", "160");
    row("batch", "batch", "100", "100");
    row("mtp_len", "mtp_len", "3", "3");
    row("chip.bf16", "chip.H800.bf16", "1200T", "1200 TFLOP/s");
    row("chip.fp8", "chip.H800.fp8", "*2", "3958 TiFLOP/s");
    row("chip.fp4", "chip.H800.fp4", "4 PFLOPS", "4 PFLOP/s");
    row("chip.memory", "chip.H800.memory", "+16 GB", "96 GB");
    row("chip.memory_bandwidth", "chip.H800.memory_bandwidth", "2*819 GB/s", "1638 GB/s");
    row("chip.sms", "chip.H800.sms", "144", "144");
    row("chip.clock", "chip.H800.clock", "1.6 GHz", "1.6 GHz");
    row("chip.exp2_rate", "chip.H800.exp2_rate", "5T", "5 Top/s");
    row("chip.reduce_rate", "chip.H800.reduce_rate", "6T", "6 Top/s");
    row("chip.all_reduce_latency", "chip.H800.all_reduce_latency", "300n", "300 ns");
    row("chip.sram", "chip.H800.sram", "228Ki", "228 KiB");
    row("chip.scale_up_bandwidth", "chip.H800.scale_up_bandwidth", "900G", "900 GB/s");
    row("chip.scale_up_domain", "chip.H800.scale_up_domain", "64", "64");
    row("nic.bandwidth", "nic.CX7 400Gbps.bandwidth", "1.25x", "50 GiB/s");
    row("nic.bandwidth.1", "nic.E810 100Gbps.bandwidth", "100 Gbps", "100 Gbit/s");
    row("profile.usable_memory_fraction", "profile.usable_memory_fraction", "90%", "0.9");
    row("profile.dispatch_elem_size", "profile.dispatch_elem_size", "2", "2 B");
}

void InputPanelTest::sliders_change_one_value()
{
    QFETCH(QString, control);
    QFETCH(QString, key);
    QFETCH(QString, typed);
    QFETCH(QString, value);
    auto *slider = panel->findChild<ValueSlider *>(control);
    QVERIFY(slider);
    QSignalSpy changed(session.get(), &Session::inputs_changed);
    type(*slider, typed);
    QCOMPARE(changed.size(), 1);
    QVERIFY(session->study() == with(opened, key.toStdString(), value.toStdString()));
    QVERIFY(slider->value());
    // Back to the study's value, whatever it was.
    if (slider->editor())
        QFAIL("still typing");
    QTest::keyClick(slider, Qt::Key_Backspace);
    QVERIFY2(session->study() == opened, qPrintable(control));
}

void InputPanelTest::drag_changes_one_value()
{
    for (const char *name :
        {"context", "acceptance", "target_tps", "chip.memory_bandwidth", "chip.clock", "nic.bandwidth"}) {
        session->open(opened);
        auto *slider = control<ValueSlider>(name);
        slider->setFocus();
        const QPoint from = slider->position_of(slider->value()->si());
        QTest::mousePress(slider, Qt::LeftButton, {}, from);
        QMouseEvent move(QEvent::MouseMove, from + QPoint(20, 0), slider->mapToGlobal(from + QPoint(20, 0)),
            Qt::NoButton, Qt::LeftButton, {});
        QCoreApplication::sendEvent(slider, &move);
        QTest::mouseRelease(slider, Qt::LeftButton, {}, from + QPoint(20, 0));
        const std::string key = name == std::string("nic.bandwidth") ? "nic.CX7 400Gbps.bandwidth"
            : std::string(name).starts_with("chip.")                 ? "chip.H800." + std::string(name).substr(5)
                                                                     : std::string(name);
        QVERIFY2(session->study() != opened, name);
        QVERIFY2(session->study() == with(opened, key, exact_text(*slider->value())), name);
    }
}

void InputPanelTest::switches_and_choices()
{
    for (const Field<Quirks> &field : fields<Quirks>()) {
        const std::string key = "quirks." + std::string(field.info.key);
        auto *box = control<QCheckBox>(key.c_str());
        QVERIFY(box->isChecked());
        QVERIFY(box->toolTip().contains(to_text(field.info.help).toHtmlEscaped()));
        QTest::keyClick(box, Qt::Key_Space);
        QVERIFY(session->study() == with(opened, key, "false"));
        QTest::keyClick(box, Qt::Key_Space);
        QVERIFY(session->study() == opened);
    }
    QTest::keyClick(control<QCheckBox>("deepgemm"), Qt::Key_Space);
    QVERIFY(session->study() == with(opened, "deepgemm", "false"));
    session->open(opened);
    const std::pair<const char *, std::pair<const char *, const char *>> choices[] = {{"fa3", {"fa3", "three-stage"}},
        {"chip.fa3", {"chip.H800.fa3", "none"}}, {"chip.flash_mla_class", {"chip.H800.flash_mla_class", "low-compute"}},
        {"chip.eight_bit", {"chip.H800.eight_bit", "int8"}}};
    for (const auto &[name, change] : choices) {
        session->open(opened);
        choose(name, QString::fromUtf8(change.second));
        QVERIFY2(session->study() == with(opened, change.first, change.second), name);
    }
}

void InputPanelTest::answer_equals_explore()
{
    type(*control<ValueSlider>("chip.memory_bandwidth"), u"*1.2"_qs);
    type(*control<ValueSlider>("target_tps"), u"25"_qs);
    QTest::mouseClick(control<QAbstractButton>("ep.fixed"), Qt::LeftButton);
    const Explored &answer = wait_for_answer();
    const auto expected = explore({session->study(), std::nullopt});
    QVERIFY(answer.outcome == expected->outcome);
    QVERIFY(answer.leading().shown == expected->leading().shown);
    QCOMPARE(session->study().search.ep.size(), std::size_t{1});
    // The hollow thumb of what is still searched shows the best.
    QCOMPARE(control<ValueSlider>("batch")->value_text(),
        u"best  "_qs + QString::number(answer.leading().shown.point.batch));
}

// Of what is searched: the best, what was picked instead, or with nothing feasible the nearest.
void InputPanelTest::says_what_is_on_show()
{
    const auto shown = [&] {
        return std::pair(control<ValueSlider>("batch")->value_text(), control<QComboBox>("policy")->currentText());
    };
    const ChipView best = wait_for_answer().leading();
    const QString best_batch = QString::number(best.shown.point.batch);
    QCOMPARE(shown().first, u"best  "_qs + best_batch);
    QVERIFY2(shown().second.endsWith(u"(best)"_qs), qPrintable(shown().second));
    // Another configuration of that chip, then the best one by its values.
    Point other = best.shown.point;
    other.batch = best.shown.point.batch == 16 ? 24 : 16;
    other.policy = other.policy == Policy::naive ? Policy::dual_mbatch : Policy::naive;
    const std::string chip = best.scenario.chip.name, nic = best.scenario.nic.name;
    session->select(Selection{chip, nic, other});
    wait_for_answer();
    QCOMPARE(shown().first, u"selected  "_qs + QString::number(other.batch));
    QVERIFY2(shown().second.endsWith(u"(selected)"_qs), qPrintable(shown().second));
    session->select(Selection{chip, nic, best.shown.point});
    wait_for_answer();
    QCOMPARE(shown().first, u"best  "_qs + best_batch);
    session->select(std::nullopt);
    QCOMPARE(session->set("target_tps", u"100000"_qs), QString());
    const Explored &answer = wait_for_answer();
    QCOMPARE(shown().first, u"nearest  "_qs + QString::number(answer.miss.value().nearest.point.batch));
}

void InputPanelTest::optional_chip_rates()
{
    auto *fp8 = control<ValueSlider>("chip.fp8");
    fp8->setFocus();
    QTest::keyClick(fp8, Qt::Key_Return);
    QTest::keyClick(fp8->editor(), Qt::Key_Delete);
    QTest::keyClick(fp8->editor(), Qt::Key_Return);
    QVERIFY(!session->study().chips.front().fp8);
    QCOMPARE(fp8->value_text(), u"as BF16  989.5 TiFLOP/s"_qs);
    QTest::keyClick(fp8, Qt::Key_Backspace);
    QVERIFY(session->study() == opened);
    // Without rates of its own a chip takes them from its SMs: 16 x 132 x 1.83 Gi.
    QCOMPARE(control<ValueSlider>("chip.exp2_rate")->value_text(), u"from SMs  4.15 Top/s"_qs);
}

void InputPanelTest::fixing_and_searching()
{
    const Explored &answer = wait_for_answer();
    auto *toggle = control<QAbstractButton>("ep.fixed");
    auto *range = control<QLineEdit>("ep.range");
    QVERIFY(!toggle->isChecked() && range->isVisible());
    QCOMPARE(range->text(), u"72, 144, 320"_qs);
    const std::int64_t best = answer.leading().shown.point.ep;
    QTest::keyClick(toggle, Qt::Key_Space);
    QCOMPARE(session->study().search.ep, (std::vector<std::int64_t>{best}));
    QVERIFY(toggle->isChecked() && !range->isVisible());
    QCOMPARE(control<ValueSlider>("ep")->value()->si(), static_cast<double>(best));
    QTest::keyClick(toggle, Qt::Key_Space);
    QVERIFY(session->study() == opened);
    QVERIFY(!control<ValueSlider>("ep")->value());
    // L on the row does the same.
    control<ValueSlider>("ep")->setFocus();
    QTest::keyClick(control<ValueSlider>("ep"), Qt::Key_L);
    QCOMPARE(session->study().search.ep.size(), std::size_t{1});
}

void InputPanelTest::ranges_are_edited()
{
    auto *range = control<QLineEdit>("batch.range");
    QCOMPARE(range->text(), u"16..128:8"_qs);
    range->setFocus();
    range->selectAll();
    QTest::keyClicks(range, u"8..512:8, 1024"_qs);
    QVERIFY(session->study() == opened); // not while typing
    QTest::keyClick(range, Qt::Key_Return);
    QVERIFY(session->study() == with(opened, "batch", "8..512:8,1024"));
    QCOMPARE(range->text(), u"8..512:8, 1024"_qs);
    // The range that was searched last comes back.
    QTest::mouseClick(control<QAbstractButton>("batch.fixed"), Qt::LeftButton);
    QCOMPARE(session->study().search.batch.size(), std::size_t{1});
    QTest::mouseClick(control<QAbstractButton>("batch.fixed"), Qt::LeftButton);
    QVERIFY(session->study() == with(opened, "batch", "8..512:8,1024"));
    // What is wrong is said and changes nothing.
    range->setFocus();
    range->selectAll();
    QTest::keyClicks(range, u"8..x"_qs);
    QTest::keyClick(range, Qt::Key_Return);
    QVERIFY(session->study() == with(opened, "batch", "8..512:8,1024"));
    const QList<QLabel *> labels = range->parentWidget()->findChildren<QLabel *>();
    QVERIFY(std::any_of(labels.begin(), labels.end(),
        [](const QLabel *label) { return label->isVisible() && label->text().contains(u"whole number"); }));
    range->setModified(true);
    QTest::keyClick(range, Qt::Key_Escape);
    QCOMPARE(range->text(), u"8..512:8, 1024"_qs);
}

void InputPanelTest::range_falls_back_to_the_table()
{
    Study fixed = with(with(opened, "ep", "144"), "mtp_len", "1");
    session->open(fixed);
    QTest::mouseClick(control<QAbstractButton>("ep.fixed"), Qt::LeftButton);
    QVERIFY(session->study() == with(fixed, "ep", "8..320:8"));
    QTest::mouseClick(control<QAbstractButton>("mtp_len.fixed"), Qt::LeftButton);
    QVERIFY(session->study() == with(with(fixed, "ep", "8..320:8"), "mtp_len", "0..8"));
}

void InputPanelTest::dragging_a_searched_parameter_fixes_it()
{
    wait_for_answer();
    auto *slider = control<ValueSlider>("ep");
    QVERIFY(!slider->value());
    QTest::mouseClick(slider, Qt::LeftButton, {}, slider->position_of(256));
    QVERIFY(session->study() == with(opened, "ep", "256"));
    QVERIFY(control<QAbstractButton>("ep.fixed")->isChecked());
    // A double click leads back to the study's range.
    QTest::mouseDClick(slider, Qt::LeftButton, {}, slider->position_of(256));
    QVERIFY(session->study() == opened);
}

void InputPanelTest::precision_halves()
{
    const Point best = wait_for_answer().leading().shown.point;
    QCOMPARE(control<QLineEdit>("precision.range")->text(), u"2/2, 1/2, 1/1"_qs);
    type(*control<ValueSlider>("kv_elem_size"), u"0.5"_qs);
    const std::string other = exact_text(best.param_elem_size) + " B";
    QVERIFY(session->study() == with(opened, "precision", "0.5 B / " + other));
    type(*control<ValueSlider>("param_elem_size"), u"0.5625"_qs);
    QVERIFY(session->study() == with(opened, "precision", "0.5 B / 0.5625 B"));
    QTest::keyClick(control<QAbstractButton>("precision.fixed"), Qt::Key_Space);
    QVERIFY(session->study() == opened);
}

void InputPanelTest::policy()
{
    const Point best = wait_for_answer().leading().shown.point;
    QTest::keyClick(control<QAbstractButton>("policy.fixed"), Qt::Key_Space);
    QVERIFY(session->study() == with(opened, "policy", std::string(name_of(best.policy))));
    choose("policy", u"naive"_qs);
    QVERIFY(session->study() == with(opened, "policy", "naive"));
    QTest::keyClick(control<QAbstractButton>("policy.fixed"), Qt::Key_Space);
    QVERIFY(session->study() == opened);
}

// TP, expert mode, redundant experts and balancer are there where the equations know them, and take effect.
void InputPanelTest::how_cards_share_the_work()
{
    const std::vector<const char *> names{"tp", "tp.fixed", "mode", "mode.fixed", "redundant_experts", "balancer"};
    const auto visible = [&] {
        std::set<bool> all;
        for (const char *name : names)
            all.insert(control<QWidget>(name)->isVisible());
        return all;
    };
    QCOMPARE(visible(), std::set<bool>{false});
    QVERIFY(!panel->reveal(u"tp"_qs));
    session->set("redundant_experts", u"16"_qs); // is ignored: it is seen, so that it can be taken back
    QVERIFY(control<QWidget>("redundant_experts")->isVisible() && !control<QWidget>("balancer")->isVisible());
    QVERIFY(control<QLabel>("search.summary")->text().endsWith(u"Nothing is fixed"_qs));

    const Study study = study_2026("deepseek-v3",
        {{"tp", "1"}, {"mode", "all2all"}, {"ep", "64"}, {"policy", "naive, dual-mbatch"}, {"batch", "64, 128"}});
    session->open(study);
    QCOMPARE(visible(), std::set<bool>{true});
    QVERIFY(panel->reveal(u"tp"_qs));
    const auto throughput = [&] { return wait_for_answer().leading().estimate.throughput_per_card; };
    const double before = throughput();
    type(*control<ValueSlider>("redundant_experts"), u"64"_qs);
    QVERIFY(session->study() == with(study, "redundant_experts", "64"));
    const double redundant = throughput();
    QVERIFY(redundant != before);
    choose("balancer", u"false"_qs);
    QVERIFY(session->study() == with(study, {{"redundant_experts", "64"}, {"balancer", "false"}}));
    QVERIFY(throughput() < redundant); // the busiest card is busier
    type(*control<ValueSlider>("tp"), u"4"_qs);
    QCOMPARE(wait_for_answer().leading().shown.point.tp, std::int64_t{4});
    choose("mode", u"moe_tp"_qs);
    QCOMPARE(session->study().search.mode, std::vector{ExpertMode::moe_tp});
    // Searched with one key, over all that there is.
    QTest::keyClick(control<QAbstractButton>("tp.fixed"), Qt::Key_Space);
    QCOMPARE(session->study().search.tp, (std::vector<std::int64_t>{1, 2, 4, 8, 16}));
    QTest::keyClick(control<QAbstractButton>("mode.fixed"), Qt::Key_Space);
    QCOMPARE(session->study().search.mode.size(), std::size_t{3});
    wait_for_answer();
    QVERIFY(control<QComboBox>("mode")->currentText().endsWith(u" (best)"_qs));
}

void InputPanelTest::fix_all_and_search_all()
{
    const Candidate best = wait_for_answer().leading().shown;
    QTest::mouseClick(control<QPushButton>("search.fix"), Qt::LeftButton);
    const Study &study = session->study();
    QCOMPARE(configuration_count(study), study.chips.size() * study.nics.size());
    QVERIFY(study.search.ep.front() == best.point.ep && study.search.batch.front() == best.point.batch);
    QVERIFY(control<QLabel>("search.summary")->text().startsWith(u"8 configurations"));
    const Explored &fixed = wait_for_answer();
    QVERIFY(fixed.leading().shown.point == best.point);
    QCOMPARE(fixed.leading().shown.throughput_per_card, best.throughput_per_card);
    QTest::mouseClick(control<QPushButton>("search.all"), Qt::LeftButton);
    QVERIFY(session->study() == opened);
}

void InputPanelTest::follows_the_session()
{
    QSignalSpy changed(session.get(), &Session::inputs_changed);
    session->set("context", u"8192"_qs);
    session->set("quirks.binary_prefixes", u"false"_qs);
    session->set("ep", u"144"_qs);
    QCOMPARE(changed.size(), 3); // controls that follow do not emit
    QCOMPARE(control<ValueSlider>("context")->value_text(), u"8192"_qs);
    QVERIFY(!control<QCheckBox>("quirks.binary_prefixes")->isChecked());
    QVERIFY(control<QAbstractButton>("ep.fixed")->isChecked());
    session->open(study_named("explore"));
    QCOMPARE(control<ValueSlider>("context")->value_text(), u"5120"_qs);
    QCOMPARE(control<QLineEdit>("ep.range")->text(), u"8..320:8"_qs);
}

void InputPanelTest::problems_are_shown()
{
    auto *slider = control<ValueSlider>("chip.memory_bandwidth");
    type(*slider, u"3 furlongs"_qs);
    QVERIFY(slider->has_problem());
    QVERIFY(session->study() == opened);
}

void InputPanelTest::edited_chip_has_an_asterisk()
{
    auto *choice = control<QComboBox>("chip");
    auto *reset = control<QPushButton>("chip.reset");
    QCOMPARE(choice->currentText(), u"H800"_qs);
    QVERIFY(!reset->isEnabled());
    type(*control<ValueSlider>("chip.memory"), u"96 GB"_qs);
    QCOMPARE(choice->currentText(), u"H800*"_qs);
    QVERIFY(panel->chips()->list()->item(0)->text().startsWith(u"H800*"));
    QCOMPARE(session->study().chips.front().name, std::string("H800"));
    QTest::mouseClick(reset, Qt::LeftButton);
    QVERIFY(session->study() == opened);
    QCOMPARE(choice->currentText(), u"H800"_qs);
}

void InputPanelTest::chips_are_edited_apart()
{
    choose("chip", u"H20"_qs);
    QCOMPARE(panel->edited_chip(), std::string("H20"));
    QCOMPARE(control<ValueSlider>("chip.memory")->value_text(), u"96 GB"_qs);
    type(*control<ValueSlider>("chip.memory"), u"141"_qs);
    QVERIFY(session->study() == with(opened, "chip.H20.memory", "141 GB"));
    panel->edit_chip(u"H800"_qs);
    QCOMPARE(control<ValueSlider>("chip.memory")->value_text(), u"80 GB"_qs);
}

void InputPanelTest::selection_brings_its_chip()
{
    Selection selection;
    selection.chip = "A100";
    selection.nic = opened.nics.front().name;
    selection.point = {Policy::naive, 144, 1, 1, 0, 32};
    session->select(selection);
    QCOMPARE(panel->edited_chip(), std::string("A100"));
    panel->edit_chip(u"H20"_qs); // and stays where the user goes next
    session->set("context", u"8192"_qs);
    QCOMPARE(panel->edited_chip(), std::string("H20"));
}

void InputPanelTest::saving_a_chip()
{
    Folder folder;
    panel->set_chip_saving(
        {[](QWidget *, const QString &) { return u"H800 \"fast\": 2"_qs; }, [&] { return folder.path(); }});
    QSignalSpy saved(panel.get(), &InputPanel::chip_saved);
    auto *button = control<QPushButton>("chip.save");
    type(*control<ValueSlider>("chip.memory_bandwidth"), u"4.8T"_qs);
    QTest::mouseClick(button, Qt::LeftButton); // a name that no file may hold
    QCOMPARE(saved.size(), 0);
    QVERIFY2(control<QLabel>("chip.message")->text().contains(u"neither commas, quotes"),
        qPrintable(control<QLabel>("chip.message")->text()));

    panel->set_chip_saving(
        {[](QWidget *, const QString &) { return u"H800 fast 2"_qs; }, [&] { return folder.path(); }});
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(saved.size(), 1);
    const QString file = saved.first().first().toString();
    QCOMPARE(file, folder.path() + u"/chips/h800-fast-2.yaml"_qs);
    const Library own({EPSCOPE_SOURCE_DIR "/resources", folder.path().toStdString()});
    const Read<Chip> chip = own.chip("H800 fast 2");
    QVERIFY(chip);
    QVERIFY(*chip.value == session->study().chips.front());
    QCOMPARE(exact_text(chip.value->memory_bandwidth), std::string("4.8 TB/s"));
    QCOMPARE(chip.value->assumed, std::vector<std::string>{"memory_bandwidth"});
    QVERIFY(chip.value->source.find("edited in EPScope from H800") == 0);
    // It is a chip like any other now: no asterisk, in the list, and the others are untouched.
    QCOMPARE(control<QComboBox>("chip")->currentText(), u"H800 fast 2"_qs);
    QVERIFY(!control<QPushButton>("chip.reset")->isEnabled());
    QVERIFY(panel->chips()->knows("H800 fast 2"));
    QVERIFY(std::equal(opened.chips.begin() + 1, opened.chips.end(), session->study().chips.begin() + 1));
    QCOMPARE(QDir(folder.path() + u"/chips"_qs).entryList(QDir::Files).size(), 1); // no draft left
}

void InputPanelTest::saving_never_overwrites()
{
    Folder folder;
    QVERIFY(QDir(folder.path()).mkpath(u"chips"_qs));
    QFile there(folder.path() + u"/chips/mine.yaml"_qs);
    QVERIFY(there.open(QIODevice::WriteOnly) && there.write("keep me") > 0);
    there.close();
    auto *button = control<QPushButton>("chip.save");
    auto *message = control<QLabel>("chip.message");
    QString name = u"Mine"_qs;
    panel->set_chip_saving({[&](QWidget *, const QString &) { return name; }, [&] { return folder.path(); }});
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY2(message->text().contains(u"exists already"), qPrintable(message->text()));
    QVERIFY(there.open(QIODevice::ReadOnly));
    QCOMPARE(there.readAll(), QByteArray("keep me"));
    name = u"H200"_qs; // of the library
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY2(message->text().contains(u"There is a chip H200 already"), qPrintable(message->text()));
    name.clear(); // cancelled
    QTest::mouseClick(button, Qt::LeftButton);
    panel->set_chip_saving({[](QWidget *, const QString &) { return u"New"_qs; }, [] { return u"/proc/nowhere"_qs; }});
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY2(message->text().contains(u"cannot be made"), qPrintable(message->text()));
    QVERIFY(session->study() == opened);
}

void InputPanelTest::nics()
{
    auto *choice = control<QComboBox>("nic");
    QCOMPARE(choice->currentText(), u"Search all 2"_qs);
    QVERIFY(control<ValueSlider>("nic.bandwidth.1")->isVisible());
    choose("nic", u"E810 100Gbps"_qs);
    QCOMPARE(session->study().nics.size(), std::size_t{1});
    QVERIFY(session->study().nics.front() == opened.nics[1]);
    QVERIFY(!control<ValueSlider>("nic.bandwidth.1")->isVisible());
    QCOMPARE(control<ValueSlider>("nic.bandwidth")->value_text(), u"10 GiB/s"_qs);
    type(*control<ValueSlider>("nic.bandwidth"), u"20"_qs);
    QCOMPARE(exact_text(session->study().nics.front().bandwidth), std::string("20 GiB/s"));
    choose("nic", u"CX8-800"_qs);
    QVERIFY(session->study().nics.front() == *shipped_library().nic("CX8-800").value);
    choose("nic", u"E810 100Gbps"_qs);
    QCOMPARE(exact_text(session->study().nics.front().bandwidth), std::string("20 GiB/s")); // the edit is kept
    QTest::keyClick(control<ValueSlider>("nic.bandwidth"), Qt::Key_Backspace);
    choice->setCurrentIndex(0);
    emit choice->activated(0);
    QVERIFY(session->study() == opened);
}

void InputPanelTest::profile_and_model()
{
    QCOMPARE(control<QComboBox>("profile")->currentData().toString(), u"published-v1"_qs);
    QCOMPARE(control<QComboBox>("model")->currentText(), u"DeepSeek-V3"_qs);
    Study other = opened;
    other.model.name = "mine";
    other.model.title = "Mine";
    session->open(other);
    QCOMPARE(control<QComboBox>("model")->currentText(), u"Mine"_qs);
    choose("model", u"deepseek-v3"_qs);
    QVERIFY(session->study().model == opened.model);
    choose("model", u"mine"_qs);
    other.workload.accepted_per_step = other.model.accepted_per_step; // a model brings its table
    QVERIFY(session->study() == other);
}

void InputPanelTest::a_model_says_what_it_changes()
{
    const Folder folder;
    folder.write(u"models/packed.yaml"_qs,
        content(QStringLiteral(EPSCOPE_SOURCE_DIR "/resources/models/deepseek-v3.yaml"))
            .replace("model: deepseek-v3\n", "model: packed\nexpert_elem_size: 0.5625 B\n"));
    const Library library({EPSCOPE_SOURCE_DIR "/resources", folder.path().toStdString()});
    panel = std::make_unique<InputPanel>(session.get(), library);
    choose("model", u"packed"_qs);
    QCOMPARE(exact_text(session->study().workload.expert_elem_size), std::string("0.5625 B"));
    const auto *message = control<QLabel>("model.message");
    QCOMPARE(message->text(), u"expert_elem_size: 0.5625 B is taken, as the files of packed state; it was 1 B"_qs);
    QVERIFY(!message->isHidden());
    QCOMPARE(session->set("context", u"4096"_qs), QString());
    QCOMPARE(message->text(), QString());
    panel.reset(); // before its library
}

void InputPanelTest::changed_profile_has_an_asterisk()
{
    auto *profile = control<QComboBox>("profile");
    auto *reset = control<QPushButton>("profile.reset");
    QCOMPARE(profile->currentText(), u"Published model V1.0"_qs);
    QCOMPARE(control<QLabel>("quirks.summary")->text(), u"Quirks of the published model: 6 of 6 on"_qs);
    QVERIFY(!reset->isEnabled());
    QTest::keyClick(control<QCheckBox>("quirks.binary_prefixes"), Qt::Key_Space);
    type(*control<ValueSlider>("profile.usable_memory_fraction"), u"0.9"_qs);
    QCOMPARE(profile->currentText(), u"Published model V1.0*"_qs);
    QCOMPARE(control<QLabel>("quirks.summary")->text(), u"Quirks of the published model: 5 of 6 on"_qs);
    QVERIFY(control<QCheckBox>("quirks.binary_prefixes")->font().bold());
    QCOMPARE(profile->currentData().toString(), u"published-v1"_qs);
    QTest::mouseClick(reset, Qt::LeftButton);
    QVERIFY(session->study() == opened);
    QCOMPARE(profile->currentText(), u"Published model V1.0"_qs);
    // One that came from the library differs from the library's, not from the opened study's.
    Study other = opened;
    other.profile.name = "mine";
    session->open(other);
    choose("profile", u"published-v1"_qs);
    QVERIFY(!reset->isEnabled());
    QTest::keyClick(control<QCheckBox>("quirks.sparse_layers_only"), Qt::Key_Space);
    QVERIFY(profile->currentText().endsWith(u'*'));
    QTest::mouseClick(reset, Qt::LeftButton);
    QVERIFY(session->study().profile == opened.profile);
}

void InputPanelTest::a_chip_too_long_to_read_back_is_not_saved()
{
    Study study = opened;
    study.chips.front().source = std::string(4090, 's'); // a file may hold it, but not with what saving adds
    session->open(study);
    Folder folder;
    panel->set_chip_saving({[](QWidget *, const QString &) { return u"New"_qs; }, [&] { return folder.path(); }});
    QTest::mouseClick(control<QPushButton>("chip.save"), Qt::LeftButton);
    QVERIFY2(control<QLabel>("chip.message")->text().contains(u"longer than"),
        qPrintable(control<QLabel>("chip.message")->text()));
    QVERIFY(!QDir(folder.path() + u"/chips"_qs).exists());
    QVERIFY(session->study() == study);
}

void InputPanelTest::picking_chips()
{
    QListWidget *list = panel->chips()->list();
    QCOMPARE(list->item(0)->data(Qt::UserRole).toString(), u"H800"_qs);
    QCOMPARE(list->item(3)->data(Qt::UserRole).toString(), u"L20"_qs);
    check_chip("B200", true);
    Study expected = opened;
    expected.chips.push_back(*shipped_library().chip("B200").value);
    QVERIFY(session->study() == expected);
    check_chip("B200", false);
    QVERIFY(session->study() == opened);
    // An edit outlives being unchecked, and the chip comes back to its place.
    type(*control<ValueSlider>("chip.memory"), u"96 GB"_qs);
    check_chip("H800", false);
    QCOMPARE(session->study().chips.size(), std::size_t{3});
    QCOMPARE(panel->edited_chip(), std::string("H20"));
    // Colours belong to names: H20 keeps its own in both lists.
    const auto swatch = [](const QIcon &icon) { return icon.pixmap(QSize(40, 40)).toImage(); };
    QCOMPARE(swatch(control<QComboBox>("chip")->itemIcon(0)), swatch(list->item(1)->icon()));
    check_chip("H800", true);
    QVERIFY(session->study() == with(opened, "chip.H800.memory", "96 GB"));
    QCOMPARE(swatch(control<QComboBox>("chip")->itemIcon(0)), swatch(list->item(0)->icon()));
    QVERIFY(swatch(list->item(0)->icon()) != swatch(list->item(1)->icon()));
    // One stays.
    for (const char *name : {"H800", "H20", "A100", "L20"})
        check_chip(name, false);
    QCOMPARE(session->study().chips.size(), std::size_t{1});
    QCOMPARE(session->study().chips.front().name, std::string("L20"));
    QCOMPARE(list->item(3)->checkState(), Qt::Checked);
    const QList<QLabel *> labels = panel->chips()->findChildren<QLabel *>();
    QVERIFY(std::any_of(labels.begin(), labels.end(),
        [](const QLabel *label) { return label->isVisible() && label->text().contains(u"At least one"); }));
    // By keyboard: down to the next and Space.
    session->open(opened);
    list->setFocus();
    list->setCurrentRow(0);
    QTest::keyClick(list, Qt::Key_Down);
    QTest::keyClick(list, Qt::Key_Space);
    QCOMPARE(session->study().chips.size(), std::size_t{3});
    QCOMPARE(session->study().chips[1].name, std::string("A100"));
    QTest::keyClick(list, Qt::Key_Down);
    QTest::keyClick(list, Qt::Key_Return);
    QCOMPARE(panel->edited_chip(), std::string("A100"));
    QCOMPARE(session->study().chips.size(), std::size_t{3});
}

void InputPanelTest::filtering_chips()
{
    QLineEdit *filter = panel->chips()->filter();
    filter->setFocus();
    QTest::keyClicks(filter, u"b20"_qs);
    QStringList shown;
    for (int i = 0; i < panel->chips()->list()->count(); ++i) {
        if (!panel->chips()->list()->item(i)->isHidden())
            shown << panel->chips()->list()->item(i)->data(Qt::UserRole).toString();
    }
    QCOMPARE(shown, (QStringList{u"B200"_qs, u"GB200"_qs}));
    QTest::keyClick(filter, Qt::Key_Return);
    QCOMPARE(session->study().chips.back().name, std::string("B200"));
}

void InputPanelTest::everything_by_keyboard()
{
    // Tab goes through all controls, top to bottom.
    QWidget *first = panel->findChild<QAbstractButton *>(u"section.Chips"_qs);
    first->setFocus();
    QStringList order;
    int last_top = -1;
    for (int i = 0; i < 200; ++i) {
        const QWidget *focus = QApplication::focusWidget();
        QVERIFY(focus);
        const int top = focus->mapTo(panel->findChild<QScrollArea *>()->widget(), QPoint(0, 0)).y();
        QVERIFY2(top >= last_top - 40,
            qPrintable(focus->objectName() + u" after "_qs + (order.isEmpty() ? QString() : order.last())));
        last_top = top;
        order << focus->objectName();
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        if (QApplication::focusWidget() == first)
            break;
    }
    QVERIFY(QApplication::focusWidget() == first); // all the way round
    for (const ValueSlider *slider : panel->findChildren<ValueSlider *>())
        QVERIFY2(!slider->isVisible() || order.contains(slider->objectName()), qPrintable(slider->objectName()));
    for (const char *name :
        {"chips.filter", "chips.list", "fa3", "deepgemm", "ep.fixed", "ep.range", "policy", "policy.fixed",
            "search.fix", "search.all", "chip", "chip.save", "nic", "profile", "model", "quirks.binary_prefixes"})
        QVERIFY2(order.contains(QString::fromUtf8(name)), name);
    // Keys work in every slider: to the end and back to the study's value.
    for (ValueSlider *slider : panel->findChildren<ValueSlider *>()) {
        if (!slider->isVisible())
            continue;
        slider->setFocus();
        QTest::keyClick(slider, Qt::Key_Home);
        QTest::keyClick(slider, Qt::Key_Right);
        QVERIFY2(session->study() != opened, qPrintable(slider->objectName()));
        QVERIFY2(!slider->has_problem(), qPrintable(slider->objectName() + slider->message()));
        QTest::keyClick(slider, Qt::Key_Backspace);
        QVERIFY2(session->study() == opened, qPrintable(slider->objectName()));
    }
    auto *fa3 = control<QComboBox>("fa3");
    fa3->setFocus();
    QTest::keyClick(fa3, Qt::Key_Up);
    QVERIFY(session->study() == with(opened, "fa3", "three-stage"));
}

void InputPanelTest::every_control_has_a_name()
{
    for (const QWidget *widget : panel->findChildren<QWidget *>()) {
        if (widget->focusPolicy() == Qt::NoFocus || qobject_cast<const QScrollArea *>(widget)
            || widget->objectName().startsWith(u"qt_") || !widget->isVisible())
            continue;
        const auto *bar = qobject_cast<const QAbstractSlider *>(widget);
        if (bar || qobject_cast<const QAbstractScrollArea *>(widget->parentWidget()))
            continue;
        QAccessibleInterface *face = QAccessible::queryAccessibleInterface(const_cast<QWidget *>(widget));
        QVERIFY(face);
        QVERIFY2(!face->text(QAccessible::Name).isEmpty(),
            qPrintable(widget->objectName() + u" "_qs + QString::fromUtf8(widget->metaObject()->className())));
        QVERIFY2(!widget->toolTip().isEmpty() || widget->inherits("QComboBoxPrivateContainer"),
            qPrintable(widget->objectName()));
    }
}

void InputPanelTest::nothing_is_cut_off()
{
    for (const int points : {8, 10, 14, 20}) {
        QFont font = panel->font();
        font.setPointSize(points);
        panel->setFont(font);
        panel->resize(panel->minimumSizeHint().width(), 900);
        for (int i = 0; i < 20; ++i)
            QCoreApplication::processEvents();
        const auto *area = panel->findChild<QScrollArea *>();
        QVERIFY(panel->width() >= 300);
        QVERIFY2(area->widget()->width() <= area->viewport()->width(),
            qPrintable(
                QString::number(area->widget()->width()) + u" of "_qs + QString::number(area->viewport()->width())));
    }
}

void InputPanelTest::wheel_scrolls_the_panel()
{
    const Study before = session->study();
    for (QWidget *widget :
        {static_cast<QWidget *>(control<ValueSlider>("context")), static_cast<QWidget *>(control<QComboBox>("fa3"))}) {
        widget->clearFocus();
        const QPointF at = widget->rect().center();
        QWheelEvent event(at, widget->mapToGlobal(at), {}, QPoint(0, -120), Qt::NoButton, {}, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(widget, &event);
        QVERIFY(session->study() == before);
        QVERIFY(!event.isAccepted());
    }
}

void InputPanelTest::folding()
{
    auto *header = panel->findChild<QAbstractButton *>(u"section.Workload"_qs);
    QTest::keyClick(header, Qt::Key_Space);
    QVERIFY(!control<ValueSlider>("context")->isVisible());
    QCOMPARE(panel->folded_sections(), QStringList{u"Workload"_qs});
    panel->set_folded_sections({u"Chip"_qs});
    QVERIFY(control<ValueSlider>("context")->isVisible());
    QVERIFY(!control<ValueSlider>("chip.bf16")->isVisible());
}

void InputPanelTest::theme_switch()
{
    ThemeSource source;
    panel->set_chip_saving({[](QWidget *, const QString &) { return u"H200"_qs; }, [] { return QString(); }});
    source.choose(ThemeChoice::light);
    QTest::mouseClick(control<QPushButton>("chip.save"), Qt::LeftButton); // a problem on show
    auto *message = control<QLabel>("chip.message");
    auto *list = panel->chips()->list();
    const auto swatch = [&] { return list->item(0)->icon().pixmap(list->iconSize()).toImage(); };
    QCOMPARE(message->palette().color(QPalette::WindowText), Theme::light().warning);
    const QImage light = swatch();
    source.choose(ThemeChoice::dark);
    QCoreApplication::processEvents();
    QCOMPARE(message->palette().color(QPalette::WindowText), Theme::night().warning);
    QVERIFY(swatch() != light);
    const QImage painted = control<ValueSlider>("context")->grab().toImage();
    QCOMPARE(painted.pixelColor(0, painted.height() - 1), Theme::night().window);
    source.choose(ThemeChoice::light);
}

EPSCOPE_SUITE(input_panel, InputPanelTest)
#include "tst_input_panel.moc"
