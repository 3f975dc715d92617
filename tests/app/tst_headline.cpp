// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLocale>
#include <QSignalSpy>
#include <QTest>

#include <QAbstractButton>
#include <QApplication>
#include <QClipboard>
#include <QPushButton>
#include <QVBoxLayout>

#include "app/views/fix_text.h"
#include "app/views/headline.h"
#include "app/words/configuration.h"
#include "app/words/text.h"
#include "core/analysis/outputs.h"
#include "tests/support/explored.h"
#include "tests/support/suite.h"
#include "tests/support/waiting.h"

using namespace epscope;
using namespace epscope::testing;

namespace {

void show(Headline &headline, int width = 900)
{
    headline.resize(width, 200);
    headline.show();
    QVERIFY(QTest::qWaitForWindowExposed(&headline));
}

// The button that is the sentence, and the others that are shown.
QAbstractButton *sentence_of(const Headline &headline)
{
    for (QAbstractButton *button : headline.findChildren<QAbstractButton *>()) {
        if (!qobject_cast<QPushButton *>(button))
            return button;
    }
    throw std::runtime_error("no sentence");
}

std::vector<QPushButton *> visible_buttons(const Headline &headline)
{
    std::vector<QPushButton *> buttons;
    for (QPushButton *button : headline.findChildren<QPushButton *>()) {
        if (button->isVisible())
            buttons.push_back(button);
    }
    return buttons;
}

} // namespace

class TestHeadline : public QObject {
    Q_OBJECT

private slots:
    void says_the_answer();
    void no_two_configurations_look_alike();
    void marks_what_is_not_exact();
    void says_what_is_selected();
    void says_what_is_wrong_with_the_selected();
    void says_why_nothing_is_feasible_data();
    void says_why_nothing_is_feasible();
    void names_the_nearest_miss();
    void names_fixes();
    void offers_fixes();
    void a_key_copies();
    void numbers_have_names();
    void is_never_clipped();
    void shows_long_searches_only();
};

void TestHeadline::says_the_answer()
{
    const auto explored = explored_with();
    const ChipView &view = explored->leading();
    const Estimate full = estimate(view.scenario);
    const HeadlineText headline = headline_text(*explored);
    QCOMPARE(headline.chip.toStdString(), explored->searched.chips[view.chip].name);
    QCOMPARE(headline.chip_mark, view.mark);
    const QString text = headline.plain();
    const QString throughput = QLocale(QLocale::English).toString(std::lround(full.throughput_per_card));
    QVERIFY2(
        text.startsWith(headline.chip + QStringLiteral(": %1 tok/s per card at ").arg(throughput)), qPrintable(text));
    QVERIFY(text.contains(QStringLiteral(" at %1 tok/s per user · ")
                              .arg(QString::fromStdString(short_text(full.ux_tps, Dimension::count)))));
    QVERIFY(text.contains(QStringLiteral("EP %1, batch %2").arg(view.shown.point.ep).arg(view.shown.point.batch)));
    QVERIFY(text.contains(QStringLiteral("KV 1 B, parameters 1 B, draft 1")));
    const double share = std::max({full.bound.compute, full.bound.memory, full.bound.network}) / full.step_s;
    const QString bound = QString::fromUtf8(name_of(full.bound.largest()).data());
    QVERIFY(text.contains(QStringLiteral("bound by %1 (%2 %)").arg(bound).arg(std::lround(100 * share))));
    QVERIFY(text.contains(
        QString::fromStdString(short_text(full.memory.free, Dimension::bytes)) + QStringLiteral(" free")));
    const QString searched =
        QLocale(QLocale::English).toString(static_cast<qulonglong>(explored->outcome.configurations));
    QVERIFY(text.contains(searched + QStringLiteral(" configurations in ")));
    QVERIFY(!text.contains(u'\u2248'));
}

// What tells configurations tells each of their axes, of TP groups what a card has of the batch too.
void TestHeadline::no_two_configurations_look_alike()
{
    Study study =
        study_2026("gpt-oss-120b", {{"tp", "1, 8"}, {"mode", "ep_group, moe_tp"}, {"ep", "8, 16"}, {"batch", "8, 64"}});
    const Candidate one{0, 0, {Policy::naive, 16, 1, 1, 0, 64, 1, ExpertMode::all2all}, 0, 0, 0, 0};
    Candidate grouped = one, placed = one, larger = one, wider = one;
    grouped.point.tp = 8;
    placed.point.mode = ExpertMode::moe_tp;
    larger.point.batch = 72;
    wider.point.ep = 24;
    const SearchSpace *const space = &study.search;
    const auto texts = [&](const Candidate &candidate) {
        const Point &point = candidate.point;
        return std::vector{configuration_text(study, candidate), configuration_line(study, candidate),
            brief_configuration_text(study, candidate), short_configuration_text(point, space),
            ep_times_batch_text(point, space), ep_times_batch_text(point, nullptr, false), point_text(point, space),
            point_text(point, nullptr), chip_with_point_text(u"H200"_qs, point, space),
            chip_with_point_text(u"H200"_qs, point, nullptr), to_text(full_configuration_text(study, candidate))};
    };
    const std::vector<QString> first = texts(one);
    for (const Candidate &other : {grouped, placed, larger, wider}) {
        const std::vector<QString> second = texts(other);
        for (std::size_t i = 0; i < first.size(); ++i)
            QVERIFY2(first[i] != second[i], qPrintable(second[i]));
    }
    QCOMPARE(chip_with_point_text(u"H200"_qs, grouped.point, nullptr),
        u"H200 with TP 8, EP 16 and batch 64 (8 per card)"_qs);
    QCOMPARE(short_configuration_text(one.point, nullptr), u"16×64"_qs);
    QCOMPARE(batch_text(grouped.point, 100), u"100 (12.5 per card)"_qs);
    QCOMPARE(batch_text(one.point, 100), u"100"_qs);
    // As the headline has it, each number with what explains it.
    const auto explored = explore({study_2026("gpt-oss-120b"), std::nullopt});
    const HeadlineText text = headline_text(*explored, {});
    QVERIFY2(
        text.plain().contains(u" · TP 8, moe_tp, EP 1, batch 64 (8 per card) · naive, "_qs), qPrintable(text.plain()));
    QVERIFY(!headline_text(*explored_with(), {}).plain().contains(u"TP"_qs));
}

void TestHeadline::marks_what_is_not_exact()
{
    Explored coarse = *explored_with();
    coarse.exact = false;
    QVERIFY(headline_text(coarse).plain().contains(QStringLiteral(": \u2248 ")));
}

void TestHeadline::says_what_is_selected()
{
    const Selection selection{"H20", "CX7 400Gbps", {Policy::naive, 144, 2, 2, 0, 16}};
    const QString text = headline_text(*explored_with({{"target_tps", "1"}}, selection)).plain();
    QVERIFY2(text.startsWith(QStringLiteral("H20 (selected): ")), qPrintable(text));
    QVERIFY(text.contains(QStringLiteral("EP 144, batch 16 · naive, KV 2 B, parameters 2 B, draft 0")));
}

void TestHeadline::says_what_is_wrong_with_the_selected()
{
    const Selection selection{"H800", "CX7 400Gbps", {Policy::naive, 8, 2, 2, 1, 256}};
    const auto explored = explored_with({{"target_tps", "1000"}}, selection);
    const HeadlineText headline = headline_text(*explored);
    const auto warning = [&](const QString &text) {
        return std::any_of(headline.parts.begin(), headline.parts.end(),
            [&](const HeadlineText::Part &part) { return part.text == text && part.warning; });
    };
    const double missing = -explored->leading().estimate.memory.free;
    QVERIFY(warning(
        QStringLiteral("does not fit: %1 missing").arg(QString::fromStdString(short_text(missing, Dimension::bytes)))));
    QVERIFY(warning(QStringLiteral("below the target of 1 ktok/s")));
}

void TestHeadline::says_why_nothing_is_feasible_data()
{
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QString>("expected");
    QTest::newRow("target") << QByteArray("target_tps") << QByteArray("500")
                            << QStringLiteral("Nothing that fits in memory reaches 500 tok/s per user");
    QTest::newRow("memory") << QByteArray("chip.memory") << QByteArray("10 GB")
                            << QStringLiteral("No configuration fits in memory");
    QTest::newRow("cards") << QByteArray("cards") << QByteArray("8")
                           << QStringLiteral("EP 72 needs as many cards, there are 8");
}

void TestHeadline::says_why_nothing_is_feasible()
{
    QFETCH(const QByteArray, key);
    QFETCH(const QByteArray, value);
    QFETCH(const QString, expected);
    const auto explored = explored_with({{key.toStdString(), value.toStdString()}});
    QCOMPARE(explored->outcome.feasible, std::uint64_t{0});
    const HeadlineText headline = headline_text(*explored);
    QVERIFY(headline.chip.isEmpty());
    QVERIFY(headline.parts.front().warning);
    QVERIFY2(headline.plain().contains(expected), qPrintable(headline.plain()));
}

// Of all chips, by the rule that searches and analyses have; it leads, so that the other views show it too.
void TestHeadline::names_the_nearest_miss()
{
    Study study = testing::published_study();
    for (const auto &[key, value] : {std::pair{"chip.H800.memory", "10 GB"}, {"chip.H20.memory", "11 GB"},
             {"chip.A100.memory", "9 GB"}, {"chip.L20.memory", "8 GB"}, {"cards", "100"}}) {
        const auto wrong = set_parameter(study, key, value, BareNumbers::allowed);
        QVERIFY2(!wrong, wrong ? wrong->c_str() : "");
    }
    const auto explored = explore({study, std::nullopt});
    const Miss &miss = explored->miss.value();
    QVERIFY(miss == nearest_miss(study, search(study)));
    QCOMPARE(explored->leading().scenario.chip.name, std::string("H20"));
    QVERIFY(explored->leading().shown == miss.nearest);
    for (std::size_t chip = 0; chip < study.chips.size(); ++chip)
        QVERIFY(explored->chips[chip].shown == nearest_miss(study, explored->outcome, chip).nearest);
    const auto bytes = [](double value) { return QString::fromStdString(short_text(value, Dimension::bytes)); };
    const QString text = headline_text(*explored).plain();
    QVERIFY2(text.contains(QStringLiteral("H20 with EP 72 and batch %1 needs %2 of %3: %4 missing")
                               .arg(QString::number(miss.nearest.point.batch), bytes(miss.lacks.needed),
                                   bytes(miss.lacks.available), bytes(miss.lacks.missing()))),
        qPrintable(text));
}

void TestHeadline::names_fixes()
{
    const auto texts = [](const Settings &settings) {
        QStringList found;
        const auto explored = explore({with(explore_study(), settings), std::nullopt});
        for (const Fix &fix : explored->fixes)
            found << fix_text(fix);
        return found;
    };
    QCOMPARE(texts({{"target_tps", "300"}}),
        (QStringList{u"Lower the target to 234 tok/s"_qs, u"Fix the batch at 5"_qs, u"CX7 400Gbps with 92.6 GB/s"_qs}));
    QCOMPARE(texts({{"ep", "8"}, {"chip.memory", "60 GB"}}),
        (QStringList{u"H800 with 103 GB of memory"_qs, u"Search EP 24 too"_qs}));
    QCOMPARE(texts({{"context", "1 Mi"}}),
        (QStringList{u"Shorten the context to 207,000 tokens"_qs, u"Fix the batch at 1"_qs}));
    QCOMPARE(texts({{"cards", "4"}}), QStringList{u"Allow 16 cards"_qs});
    QCOMPARE(texts({{"batch", "1"}, {"policy", "dual-mbatch"}}),
        (QStringList{u"Fix the batch at 2"_qs, u"Search the naive pipeline too"_qs}));
    QCOMPARE(texts({{"model.mtp_layers", "0"}, {"mtp_len", "1, 2"}}), QStringList{u"Search without drafts too"_qs});
    QCOMPARE(
        fix_text({FixKind::memory_bandwidth, "H800", 4e12, {}, {}, 1}), u"H800 with 4 TB/s of memory bandwidth"_qs);
    QCOMPARE(fix_text({FixKind::precision, {}, 0, {}, {}, 1}), u"Search KV cache and parameters of 1 B too"_qs);
    QCOMPARE(fix_text({FixKind::experts, {}, 0, {}, {}, 1}), u"4-bit experts (0.5625 B)"_qs);
}

void TestHeadline::offers_fixes()
{
    Headline headline;
    show(headline);
    headline.set_explored(explored_with());
    QVERIFY(visible_buttons(headline).empty());
    const auto explored = explored_with({{"target_tps", "500"}});
    headline.set_explored(explored);
    const std::vector<Fix> fixes = explored->fixes;
    const std::vector<QPushButton *> buttons = visible_buttons(headline);
    QVERIFY(!fixes.empty());
    QCOMPARE(buttons.size(), fixes.size());
    QSignalSpy chosen(&headline, &Headline::fix_chosen);
    for (std::size_t i = 0; i < fixes.size(); ++i) {
        QCOMPARE(buttons[i]->text(), fix_text(fixes[i]));
        QTest::mouseClick(buttons[i], Qt::LeftButton);
        QCOMPARE(chosen.takeFirst(),
            QVariantList({QString::fromStdString(fixes[i].key), QString::fromStdString(fixes[i].value)}));
    }
    headline.set_explored(explored_with());
    QVERIFY(visible_buttons(headline).empty());
}

void TestHeadline::a_key_copies()
{
    Headline headline;
    show(headline);
    headline.set_explored(explored_with());
    QAbstractButton *sentence = sentence_of(headline);
    QCOMPARE(sentence->accessibleName(), headline.text());
    const QString before = sentence->accessibleDescription();
    QApplication::clipboard()->clear();
    QTest::keyClick(sentence, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text(), headline.text());
    QCOMPARE(sentence->accessibleDescription(), QStringLiteral("Copied"));
    QVERIFY(!headline.text().contains(QChar(0xa0)));
    QTRY_COMPARE_WITH_TIMEOUT(sentence->accessibleDescription(), before, 4000);
}

// Each piece of the sentence that tells a number knows which, also where it runs over two lines.
void TestHeadline::numbers_have_names()
{
    const auto explored = explored_with();
    const HeadlineText text = headline_text(*explored);
    for (const int width : {480, 1900}) {
        Headline headline;
        show(headline, width);
        headline.set_explored(explored);
        for (const HeadlineText::Part &part : text.parts) {
            for (const auto &span : part.numbers) {
                const QRectF area = headline.area_of(span.name);
                QVERIFY2(!area.isEmpty() && QRectF(headline.rect()).contains(area), span.name.c_str());
                const auto found = headline.number_at(headline.mapToGlobal(area.center().toPoint()));
                QVERIFY(found);
                QCOMPARE(found->name, span.name);
                QVERIFY(std::holds_alternative<std::string>(found->whose));
            }
        }
        QVERIFY(!headline.number_at(headline.mapToGlobal(QPoint(2, 2))));
    }
}

void TestHeadline::is_never_clipped()
{
    const auto explored = explored_with();
    QFont base;
    for (const int points : {9, 20}) {
        for (const int width : {300, 480, 900, 1900}) {
            QWidget window;
            base.setPointSize(points);
            window.setFont(base);
            auto *layout = new QVBoxLayout(&window);
            auto *headline = new Headline;
            layout->addWidget(headline);
            layout->addStretch(1);
            headline->set_explored(explored);
            window.resize(width, 900);
            window.show();
            QVERIFY(QTest::qWaitForWindowExposed(&window));
            QAbstractButton *sentence = sentence_of(*headline);
            QTRY_COMPARE(sentence->height(), sentence->sizeHint().height());
            QVERIFY(headline->rect().contains(sentence->geometry()));
            QVERIFY(headline->width() <= width);
            // At least as many lines as the text at its smallest size would need.
            QFont smallest = base;
            smallest.setPointSizeF(1.2 * points);
            const QFontMetricsF metrics(smallest);
            const double lines = std::ceil(metrics.horizontalAdvance(headline->text()) / sentence->width());
            QVERIFY(sentence->height() >= lines * metrics.height());
        }
    }
}

void TestHeadline::shows_long_searches_only()
{
    Headline headline;
    show(headline);
    headline.set_explored(explored_with());
    headline.set_progress(0.1);
    headline.set_progress(1);
    QVERIFY(holds_for(400, [&] { return visible_buttons(headline).empty(); }));
    headline.set_progress(0.4);
    QTRY_COMPARE(visible_buttons(headline).size(), std::size_t{1});
    const QSignalSpy cancelled(&headline, &Headline::cancel_requested);
    QTest::mouseClick(visible_buttons(headline).front(), Qt::LeftButton);
    QCOMPARE(cancelled.size(), 1);
    headline.set_progress(1);
    QVERIFY(visible_buttons(headline).empty());
}

EPSCOPE_SUITE(headline, TestHeadline)
#include "tst_headline.moc"
