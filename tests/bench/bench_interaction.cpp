// SPDX-License-Identifier: GPL-3.0-or-later
// How the explorer feels: drags each main slider of the real window by mouse events and prints the time from an event
// to the end of the repaint of headline and all visible charts with the exact result for it (or for a newer one), and
// the start of the program.
//   build/release/bin/bench_interaction [--help]
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <functional>
#include <map>
#include <optional>
#include <thread>

#include <QAction>
#include <QApplication>
#include <QCommandLineParser>
#include <QCoreApplication>
#include <QDockWidget>
#include <QEventLoop>
#include <QLocale>
#include <QMouseEvent>
#include <QProcess>
#include <QProcessEnvironment>
#include <QScopeGuard>
#include <QScrollArea>
#include <QTemporaryDir>
#include <QTimer>
#include <QWindow>
#include <qcustomplot.h>

#include "app/charts/chart_view.h"
#include "app/controls/value_slider.h"
#include "app/look/theme.h"
#include "app/views/headline.h"
#include "app/window/main_window.h"
#include "core/explore/questions.h"

namespace {

using namespace epscope;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr QSize window_size(1920, 1080); // before scaling
constexpr std::chrono::seconds longest_wait{10};

double milliseconds(Clock::duration duration)
{
    return Milliseconds(duration).count();
}

// Of the calling thread.
double thread_milliseconds()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

double percentile(std::vector<double> values, double part)
{
    if (values.empty())
        return 0;
    const auto at = static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1) + 0.5);
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

// Knows the oldest of the results that are on the screen, and how long the event handlers take.
class Application : public QApplication {
public:
    using QApplication::QApplication;

    std::function<void(int)> on_shown; // all that is visible shows this result or newer ones; they are counted from 1
    Clock::duration longest_event{};

    void watch(MainWindow &watched)
    {
        window = &watched;
        headline = window->findChild<Headline *>();
        connect(&window->session(), &Session::explored_changed, this, [this] { // after the window's own slots
            const bool same_headline = headline->text() == headline_text;
            headline_text = headline->text();
            drawn[headline] = ++newest;
            if (same_headline && painted[headline] == newest - 1)
                painted[headline] = newest;
        });
        for (ChartView *chart : window->charts()) // painted: into its buffer
            connect(chart, &ChartView::painted, this, [this, chart] { drawn[chart->plot()] = newest; });
    }

    // Something else than a result will change all that is visible.
    void expect_redraw() { drawn[headline] = ++newest; }

    // Before the window goes.
    void stop_watching() { window = nullptr; }

    int newest_result() const { return newest; }
    int shown_result() const { return shown; }

    bool notify(QObject *receiver, QEvent *event) override
    {
        const bool outermost = depth++ == 0;
        const Clock::time_point before = outermost ? Clock::now() : Clock::time_point();
        const bool handled = QApplication::notify(receiver, event);
        --depth;
        if (event->type() == QEvent::Paint) {
            if (const auto known = drawn.find(receiver); known != drawn.end())
                painted[receiver] = known->second;
        }
        if (!outermost)
            return handled;
        longest_event = std::max(longest_event, Clock::now() - before);
        if (window && shown < newest) {
            int oldest = painted[headline];
            for (const ChartView *chart : window->charts()) {
                if (!chart->plot()->visibleRegion().isEmpty())
                    oldest = std::min(oldest, painted[chart->plot()]);
            }
            if (oldest > shown) {
                shown = oldest;
                if (on_shown)
                    on_shown(shown);
            }
        }
        return handled;
    }

private:
    MainWindow *window = nullptr;
    Headline *headline = nullptr;
    QString headline_text;
    int newest = 0, shown = 0;
    std::map<const QObject *, int> drawn, painted;
    int depth = 0;
};

// The longest time for which the event loop did not come round.
class Heartbeat : public QObject {
public:
    Heartbeat()
    {
        timer.setTimerType(Qt::PreciseTimer);
        timer.setInterval(period);
        connect(&timer, &QTimer::timeout, this, [this] {
            const Clock::time_point now = Clock::now();
            longest = std::max(longest, now - last - period);
            last = now;
        });
    }
    void start()
    {
        longest = {};
        last = Clock::now();
        timer.start();
    }
    double stop()
    {
        timer.stop();
        return std::max(0.0, milliseconds(longest));
    }

private:
    static constexpr std::chrono::milliseconds period{1};
    QTimer timer;
    Clock::time_point last;
    Clock::duration longest{};
};

template <class Ready>
bool wait_until(const Ready &ready)
{
    const Clock::time_point end = Clock::now() + longest_wait;
    QTimer wake; // from waiting
    wake.start(20);
    while (!ready() && Clock::now() < end)
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    return ready();
}

struct Result {
    std::vector<double> latencies; // ms
    std::size_t superseded = 0; // inputs that have no result of their own
    double longest_event = 0, longest_gap = 0; // ms
    double gui = 0; // ms of the GUI thread's processor time per input
};

// Drags one slider of the window.
class Drag : public QObject {
public:
    Drag(Application &the_application, MainWindow &the_window, ValueSlider &the_slider)
        : application(the_application)
        , window(the_window)
        , slider(the_slider)
    {
        connect(&window.session(), &Session::explored_changed, this, [this] {
            const Explored &explored = *window.session().explored();
            if (!explored.exact)
                return;
            for (std::size_t i = next_shown; i < inputs.size(); ++i) {
                if (inputs[i].study == explored.inputs.study)
                    input_of_result[application.newest_result()] = i;
            }
        });
        application.on_shown = [this](int oldest) { shown(oldest); };
    }

    ~Drag() override { application.on_shown = {}; }

    // At `rate` events a second, or each when the former is shown if that is 0.
    Result run(int ticks, double rate)
    {
        const QPoint start = slider.position_of(slider.value() ? slider.value()->si() : slider.range().first);
        send(QEvent::MouseButtonPress, start);
        application.longest_event = {};
        Heartbeat heartbeat;
        heartbeat.start();
        const double gui_before = thread_milliseconds();
        if (rate > 0) {
            const auto period = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / rate));
            const Clock::time_point first = Clock::now();
            const std::jthread hand([&] { // events come when they are due, however busy the window is
                for (int i = 0; i < ticks; ++i) {
                    const Clock::time_point due = first + i * period;
                    std::this_thread::sleep_until(due);
                    QMetaObject::invokeMethod(
                        this, [this, i, due] { tick(i, due); }, Qt::QueuedConnection);
                }
            });
            wait_until([&] { return done == ticks && next_shown == inputs.size(); });
        } else {
            for (int i = 0; i < ticks; ++i) {
                tick(i, Clock::now());
                wait_until([&] { return next_shown == inputs.size(); });
            }
        }
        result.gui =
            (thread_milliseconds() - gui_before) / static_cast<double>(std::max<std::size_t>(1, inputs.size()));
        result.longest_gap = heartbeat.stop();
        result.longest_event = milliseconds(application.longest_event);
        send(QEvent::MouseButtonRelease, last);
        result.superseded = inputs.size() - whole;
        return result;
    }

private:
    struct Input {
        Clock::time_point at;
        Study study;
    };

    Application &application;
    MainWindow &window;
    ValueSlider &slider;
    std::vector<Input> inputs; // that changed something
    std::size_t next_shown = 0, whole = 0;
    std::map<int, std::size_t> input_of_result;
    int done = 0;
    QPoint last;
    Result result;

    // To and fro over the middle of the track, each time over other values.
    void tick(int i, Clock::time_point due)
    {
        constexpr double period = 50.3, reach = 0.4; // ticks; of the track
        const double phase = std::abs(std::fmod(i / period, 1.0) - 0.5) * 2; // 1 to 0 to 1
        const auto [low, high] = slider.range();
        const int left = slider.position_of(low).x(), width = slider.position_of(high).x() - left;
        const auto x = static_cast<int>(std::lround(left + (0.5 + reach * (1 - 2 * phase)) * width));
        const Study before = window.session().study();
        send(QEvent::MouseMove, {x, slider.position_of(low).y()});
        if (window.session().study() != before)
            inputs.push_back({due, window.session().study()});
        ++done;
    }

    void send(QEvent::Type type, const QPoint &at)
    {
        last = at;
        const QPointF global = slider.mapToGlobal(QPointF(at));
        const bool moves = type == QEvent::MouseMove, released = type == QEvent::MouseButtonRelease;
        QMouseEvent event(type, slider.mapTo(&window, QPointF(at)), global, moves ? Qt::NoButton : Qt::LeftButton,
            released ? Qt::NoButton : Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(window.windowHandle(), &event);
    }

    void shown(int oldest)
    {
        const Clock::time_point now = Clock::now();
        for (const auto &[number, input] : input_of_result) {
            if (number > oldest)
                break;
            if (input < next_shown)
                continue;
            for (; next_shown <= input; ++next_shown)
                result.latencies.push_back(milliseconds(now - inputs[next_shown].at));
            ++whole;
        }
    }
};

void print_header(const char *how)
{
    std::printf("\n%s\n%-24s %6s %8s %8s %8s %8s %10s %10s %8s %11s\n", how, "slider", "inputs", "p50 ms", "p95 ms",
        "p99 ms", "max ms", "event ms", "gap ms", "GUI ms", "superseded");
}

void print_row(const std::string &name, const Result &result)
{
    std::printf("%-24s %6zu %8.1f %8.1f %8.1f %8.1f %10.1f %10.1f %8.1f %11zu\n", name.c_str(), result.latencies.size(),
        percentile(result.latencies, 0.5), percentile(result.latencies, 0.95), percentile(result.latencies, 0.99),
        percentile(result.latencies, 1), result.longest_event, result.longest_gap, result.gui, result.superseded);
    std::fflush(stdout);
}

struct Options {
    int ticks = 200;
    double rate = 100; // events per second
    QStringList sliders, tabs;
};

void drag_sliders(Application &application, MainWindow &window, const Options &options)
{
    const auto settle = [&] {
        wait_until([&] {
            const auto &explored = window.session().explored();
            return explored && explored->exact && explored->inputs.study == window.session().study()
                && application.shown_result() == application.newest_result();
        });
        wait_until([&, end = Clock::now() + std::chrono::milliseconds(100)] { return Clock::now() >= end; });
    };
    settle();
    for (const double rate : {options.rate, 0.0}) {
        char how[200];
        std::snprintf(how, sizeof how, "%d mouse events at %.0f a second", options.ticks, rate);
        print_header(rate > 0 ? how : "The next event when the former is shown");
        Result all;
        for (const QString &name : options.sliders) {
            auto *slider = window.findChild<ValueSlider *>(name);
            if (!slider) {
                std::fprintf(stderr, "There is no slider %s\n", qPrintable(name));
                continue;
            }
            window.findChild<QScrollArea *>()->ensureWidgetVisible(slider, 0, 100);
            settle();
            const Result result = Drag(application, window, *slider).run(options.ticks, rate);
            print_row(name.toStdString(), result);
            all.latencies.insert(all.latencies.end(), result.latencies.begin(), result.latencies.end());
            all.superseded += result.superseded;
            all.gui += result.gui / static_cast<double>(options.sliders.size());
            all.longest_event = std::max(all.longest_event, result.longest_event);
            all.longest_gap = std::max(all.longest_gap, result.longest_gap);
            window.session().change(window.session().opened());
            settle();
        }
        print_row("all", all);
    }
}

// A space that is too large for a search while a slider moves: how soon its coarse result is on the screen, and the
// exact one.
void change_large_space(Application &application, MainWindow &window)
{
    Session &session = window.session();
    const auto settled = [&] {
        const auto &explored = session.explored();
        return explored->exact && explored->inputs.study == session.study()
            && application.shown_result() == application.newest_result();
    };
    session.set("batch", QStringLiteral("1..8192"));
    wait_until(settled);
    std::vector<double> coarse, exact;
    for (int i = 0; i < 20; ++i) {
        const int before = application.newest_result();
        const Clock::time_point start = Clock::now();
        session.set("context", QString::number(4096 + 64 * i));
        wait_until([&] { return application.shown_result() > before; });
        coarse.push_back(milliseconds(Clock::now() - start));
        wait_until(settled);
        exact.push_back(milliseconds(Clock::now() - start));
    }
    std::printf(
        "\n%llu configurations, until shown: coarse %.1f ms in the median, %.1f at most; exact %.0f ms, %.0f at most\n",
        static_cast<unsigned long long>(configuration_count(session.study())), percentile(coarse, 0.5),
        percentile(coarse, 1), percentile(exact, 0.5), percentile(exact, 1));
}

// How soon another scenario is on the screen, its exact result in all that is visible.
void switch_scenarios(Application &application, MainWindow &window)
{
    Session &session = window.session();
    const auto settled = [&] {
        const auto &explored = session.explored();
        return explored->exact && explored->inputs == session.inputs()
            && application.shown_result() == application.newest_result();
    };
    const auto settle = [&] {
        wait_until(settled);
        QEventLoop rest; // and what follows from it
        QTimer::singleShot(200, &rest, &QEventLoop::quit);
        rest.exec();
    };
    session.change(session.opened());
    for (int i = 1; i < 4; ++i) {
        session.duplicate_card(session.card().id);
        session.set("context", QString::number(4096 << i));
        settle();
    }
    std::vector<double> times;
    for (std::size_t i = 0; i < 40; ++i) {
        const int before = application.newest_result();
        const Clock::time_point start = Clock::now();
        session.show_card(session.cards()[i % session.cards().size()].id);
        wait_until(
            [&] { return application.shown_result() > before && session.explored()->inputs == session.inputs(); });
        times.push_back(milliseconds(Clock::now() - start));
        settle();
    }
    std::printf("\nAnother of %zu scenarios, until shown: %.1f ms in the median, %.1f at p95, %.1f at most\n",
        session.cards().size(), percentile(times, 0.5), percentile(times, 0.95), percentile(times, 1));
}

// How soon a pinned baseline is on the screen in all that is visible.
void pin_baselines(Application &application, MainWindow &window)
{
    Session &session = window.session();
    const auto settle = [&] {
        wait_until([&] {
            return session.explored()->exact && session.explored()->inputs == session.inputs()
                && application.shown_result() == application.newest_result();
        });
        QEventLoop rest;
        QTimer::singleShot(200, &rest, &QEventLoop::quit);
        rest.exec();
    };
    const auto trigger = [&](QKeyCombination keys) {
        const QList<QAction *> actions = window.findChildren<QAction *>();
        const auto found = std::find_if(actions.begin(), actions.end(),
            [&](const QAction *action) { return action->shortcut() == QKeySequence(keys); });
        (*found)->trigger();
    };
    std::vector<double> times;
    for (int i = 0; i < 40; ++i) {
        session.set("context", QString::number(4096 + 256 * i));
        settle();
        if (window.pinned_baselines().pins.size() == most_baselines) {
            trigger(Qt::SHIFT | Qt::Key_B);
            settle();
        }
        application.expect_redraw();
        const Clock::time_point start = Clock::now();
        trigger(QKeyCombination(Qt::Key_B));
        wait_until([&] { return application.shown_result() == application.newest_result(); });
        times.push_back(milliseconds(Clock::now() - start));
    }
    std::printf("\nA baseline pinned, until shown: %.1f ms in the median, %.1f at p95, %.1f at most\n",
        percentile(times, 0.5), percentile(times, 0.95), percentile(times, 1));
}

// How long the questions take that need many searches, each asked once nothing else goes on.
void answer_questions(MainWindow &window)
{
    const Study study = study_in_question(*window.session().explored());
    const auto time = [&](const char *what, const Question &question) {
        const Clock::time_point start = Clock::now();
        double first = 0;
        answer_to(study, question, {}, [&](const std::shared_ptr<const Answer> &) {
            first = first > 0 ? first : milliseconds(Clock::now() - start);
        });
        const double all = milliseconds(Clock::now() - start);
        if (first > 0 && first < all)
            std::printf("%s: %.0f ms, coarse %.0f ms\n", what, all, first);
        else
            std::printf("%s: %.0f ms\n", what, all);
    };
    std::printf("\nOf %llu configurations:\n", static_cast<unsigned long long>(configuration_count(study)));
    time("Sensitivity of every number", SensitivityQuestion{});
    SeekQuestion goal;
    goal.key = "chip." + study.chips.front().name + ".fp8";
    goal.goal = "throughput>=4500";
    time("Goal seek", goal);
    MapQuestion map;
    map.x = "chip." + study.chips.front().name + ".memory_bandwidth";
    map.y = "nic." + study.nics.front().name + ".bandwidth";
    map.size = 64;
    time("Map of 64 x 64", map);
}

// What the worker does for each input, without a window that takes its share of the cores.
void print_search(const Study &study)
{
    const auto median = [](const auto &work) {
        std::vector<double> times;
        for (int i = 0; i < 101; ++i) {
            const Clock::time_point start = Clock::now();
            work();
            times.push_back(milliseconds(Clock::now() - start));
        }
        return percentile(times, 0.5);
    };
    std::printf("%llu configurations: search() %.2f ms, explore() %.2f ms in the median\n",
        static_cast<unsigned long long>(configuration_count(study)), median([&] { search(study); }), median([&] {
            explore({study, std::nullopt});
        }));
}

// What run_explorer() does, and then what is asked for.
int child(const QStringList &arguments, int argc, char **argv)
{
    Application application(argc, argv);
    QApplication::setStyle(QStringLiteral("Fusion"));
    QLocale::setDefault(QLocale::c());
    const QTemporaryDir state;
    const Library library({EPSCOPE_SOURCE_DIR "/resources"});
    ThemeSource theme;
    MainWindow window(library, theme, state.path());
    application.watch(window);
    const auto watched = qScopeGuard([&] { application.stop_watching(); });
    window.resize(window_size);
    window.reset_layout();
    window.restore();
    window.show();
    if (arguments[1] == u"start") {
        if (!wait_until([&] { return application.shown_result() > 0; }))
            return 1;
        const Clock::time_point started{Clock::duration(arguments[2].toLongLong())};
        std::printf("%.1f\n", milliseconds(Clock::now() - started));
        return 0;
    }
    Options options;
    options.ticks = arguments[2].toInt();
    options.rate = arguments[3].toDouble();
    options.sliders = arguments[4].split(u',');
    for (const QString &tab : arguments[5].split(u',', Qt::SkipEmptyParts)) {
        if (auto *dock = window.findChild<QDockWidget *>(tab))
            dock->raise();
    }
    const QSize pixels = window.size() * window.devicePixelRatio();
    std::printf("\nScale %g: %d x %d pixels, %u cores\n", window.devicePixelRatio(), pixels.width(), pixels.height(),
        std::thread::hardware_concurrency());
    print_search(window.session().study());
    drag_sliders(application, window, options);
    change_large_space(application, window);
    switch_scenarios(application, window);
    pin_baselines(application, window);
    answer_questions(window);
    return 0;
}

QProcessEnvironment environment(const QString &scale)
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
    environment.insert(QStringLiteral("QT_SCALE_FACTOR"), scale);
    return environment;
}

int parent(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Drags the explorer's sliders and prints how soon everything visible follows."));
    parser.addHelpOption();
    const QCommandLineOption scales(
        QStringLiteral("scale"), QStringLiteral("Display scales"), QStringLiteral("list"), QStringLiteral("1,2"));
    const QCommandLineOption ticks(
        QStringLiteral("ticks"), QStringLiteral("Mouse events per slider"), QStringLiteral("n"), QStringLiteral("200"));
    const QCommandLineOption rate(
        QStringLiteral("rate"), QStringLiteral("Mouse events per second"), QStringLiteral("n"), QStringLiteral("100"));
    const QCommandLineOption sliders(QStringLiteral("sliders"), QStringLiteral("Which sliders"), QStringLiteral("list"),
        QStringLiteral(
            "context,acceptance,target_tps,kv_elem_size,expert_elem_size,ep,batch,mtp_len,chip.bf16,chip.fp8,"
            "chip.memory,chip.memory_bandwidth,nic.bandwidth"));
    const QCommandLineOption tabs(
        QStringLiteral("tabs"), QStringLiteral("Docks brought to the front"), QStringLiteral("list"));
    const QCommandLineOption starts(
        QStringLiteral("starts"), QStringLiteral("Starts per scale"), QStringLiteral("n"), QStringLiteral("5"));
    parser.addOptions({scales, ticks, rate, sliders, tabs, starts});
    parser.process(application);
    for (const QString &scale : parser.value(scales).split(u',')) {
        QProcess process;
        process.setProcessEnvironment(environment(scale));
        process.setProcessChannelMode(QProcess::ForwardedChannels);
        process.start(application.applicationFilePath(),
            {QStringLiteral("drag"), parser.value(ticks), parser.value(rate), parser.value(sliders),
                parser.value(tabs)});
        process.waitForFinished(-1);
        if (process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
            return 1;
        std::vector<double> times;
        for (int i = 0; i < parser.value(starts).toInt(); ++i) {
            QProcess start;
            start.setProcessEnvironment(environment(scale));
            start.start(application.applicationFilePath(),
                {QStringLiteral("start"), QString::number(Clock::now().time_since_epoch().count())});
            start.waitForFinished(-1);
            if (start.exitStatus() != QProcess::NormalExit || start.exitCode() != 0) {
                std::fprintf(stderr, "The explorer did not start\n");
                return 1;
            }
            times.push_back(start.readAllStandardOutput().toDouble());
        }
        if (!times.empty())
            std::printf("\nStart to the first painted result: %.0f ms in the median of %zu, %.0f ms at most\n",
                percentile(times, 0.5), times.size(), percentile(times, 1));
        std::fflush(stdout);
    }
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    QStringList arguments;
    for (int i = 0; i < argc; ++i)
        arguments << QString::fromLocal8Bit(argv[i]);
    const bool is_child = argc > 2 && (arguments[1] == u"drag" || arguments[1] == u"start");
    return is_child ? child(arguments, argc, argv) : parent(argc, argv);
}
