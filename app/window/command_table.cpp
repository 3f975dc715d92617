// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/command_table.h"

#include <algorithm>
#include <cmath>

#include <QApplication>
#include <QClipboard>
#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QLineEdit>
#include <QListWidget>
#include <QMessageBox>
#include <QPainter>
#include <QUndoStack>

#include "app/controls/chip_picker.h"
#include "app/controls/input_panel.h"
#include "app/controls/value_slider.h"
#include "app/version.h"
#include "app/views/compare_view.h"
#include "app/views/goal_view.h"
#include "app/views/headline.h"
#include "app/views/results_table.h"
#include "app/window/baseline_control.h"
#include "app/window/chart_set.h"
#include "app/window/copied_command.h"
#include "app/window/docks.h"
#include "app/window/explanations.h"
#include "app/window/exports.h"
#include "app/window/files.h"
#include "app/window/panes.h"
#include "app/window/popups.h"
#include "app/window/presenter.h"
#include "app/window/scenario_control.h"
#include "app/window/view_settings.h"
#include "app/words/configuration.h"
#include "app/words/text.h"

namespace epscope {
namespace {

using Rows = std::vector<Command>;

QIcon swatch(const QPen &pen)
{
    QPixmap picture(24, 12);
    picture.fill(Qt::transparent);
    QPainter painter(&picture);
    painter.setPen(pen);
    painter.drawLine(0, 6, 24, 6);
    return QIcon(picture);
}

class CommandTable {
    Q_DECLARE_TR_FUNCTIONS(epscope::CommandTable)
public:
    explicit CommandTable(const CommandTargets &targets)
        : t(targets)
        , explored([&session = t.session] { return session.explored() != nullptr; })
    {
    }

    Rows all()
    {
        add_file();
        add_edit();
        add_scenario();
        add_baseline();
        add_view();
        add_help();
        rows.push_back({.id = u"chips"_qs, .rows = [&targets = t] { return chips(targets); }});
        return std::move(rows);
    }

private:
    using Keys = QList<QKeySequence>;
    using Run = std::function<void()>;

    const CommandTargets &t; // lives as long as the window
    const std::function<bool()> explored;
    Rows rows;

    // Each stands in `menu` and has the id "MENU.NAME".
    Command &entry(const QString &menu, const QString &name, const QString &text, const Keys &keys, const QString &tip,
        const Run &run)
    {
        return rows.emplace_back(
            Command{.id = menu + u'.' + name, .menu = menu, .text = text, .keys = keys, .tip = tip, .run = run});
    }
    Command &submenu(const QString &menu, const QString &name, const QString &text, const QString &tip = {})
    {
        return rows.emplace_back(
            Command{.kind = Command::Kind::menu, .id = menu + u'.' + name, .menu = menu, .text = text, .tip = tip});
    }
    // One of the values of a submenu.
    template <class Value, class Now, class Choose>
    void choice(const QString &menu, Value value, const QString &text, const Now &now, const Choose &choose)
    {
        Command &row =
            entry(menu, QString::number(static_cast<int>(value)), text, {}, {}, [choose, value] { choose(value); });
        row.checked = [now, value] { return now() == value; };
        row.exclusive = true;
    }
    void top_menu(const QString &id, const QString &text)
    {
        rows.push_back({.kind = Command::Kind::menu, .id = id, .text = text});
    }
    void separator(const QString &menu) { rows.push_back(separator_in(menu)); }
    static Command separator_in(const QString &menu) { return {.kind = Command::Kind::separator, .menu = menu}; }

    void add_file();
    void add_exports(const QString &file);
    void add_edit();
    void add_history(const QString &edit);
    void add_scenario();
    void add_baseline();
    void add_pin(const QString &baseline, std::size_t place);
    void add_view();
    void add_docks(const QString &view);
    void add_looks(const QString &view);
    void add_help();

    static Rows fresh_studies(const CommandTargets &t);
    static Rows recent_files(const CommandTargets &t);
    static Rows history_steps(const CommandTargets &t);
    static Rows chips(const CommandTargets &t);
    static void say_what_this_is(QWidget &window);
};

// Studies of the library.
Rows CommandTable::fresh_studies(const CommandTargets &t)
{
    Rows rows;
    for (const Library::Entry &entry : t.library.entries(Kind::study)) {
        if (entry.problems.empty())
            rows.push_back({.text = entry_text(to_text(entry.title)),
                .tip = QDir::toNativeSeparators(to_text(entry.file)),
                .run = [&files = t.files, name = to_text(entry.name)] { files.open_in_place(name); }});
    }
    return rows;
}

Rows CommandTable::recent_files(const CommandTargets &t)
{
    Rows rows;
    for (const QString &file : t.files.documents().recent())
        rows.push_back({.text = entry_text(QFileInfo(file).fileName()),
            .tip = QDir::toNativeSeparators(file),
            .run = [&files = t.files, file] { files.open_in_place(file); }});
    if (rows.empty())
        rows.push_back({.text = tr("No files yet"), .enabled = [] { return false; }});
    rows.push_back(separator_in({}));
    rows.push_back({.text = tr("&Clear"), .run = [&files = t.files] { files.documents().clear_recent(); }});
    return rows;
}

// The latest step on top; the one that the inputs stand behind is marked.
Rows CommandTable::history_steps(const CommandTargets &t)
{
    constexpr int most_shown = 25;
    QUndoStack &steps = t.session.history();
    Rows rows;
    const auto add = [&](const QString &text, int index) {
        rows.push_back({.text = text,
            .run = [&steps, index] { steps.setIndex(index); },
            .checked = [&steps, index] { return steps.index() == index; }});
    };
    const int last = std::min(steps.count(), steps.index() + most_shown / 2), first = std::max(0, last - most_shown);
    for (int i = last; i > first; --i)
        add(entry_text(steps.text(i - 1)), i);
    if (first == 0)
        add(tr("As opened"), 0);
    return rows;
}

// To take one into the study or out of it.
Rows CommandTable::chips(const CommandTargets &t)
{
    Rows rows;
    QListWidget &list = *t.panes.inputs->chips()->list();
    for (int i = 0; i < list.count(); ++i) {
        const bool taken = list.item(i)->checkState() == Qt::Checked;
        const QString text = taken ? tr("Leave out chip %1") : tr("Compare chip %1");
        rows.push_back({.text = text.arg(entry_text(list.item(i)->text())),
            .run = [&list, i, taken] { list.item(i)->setCheckState(taken ? Qt::Unchecked : Qt::Checked); }});
    }
    return rows;
}

void CommandTable::add_file()
{
    const QString file = u"file"_qs;
    Files &files = t.files;
    top_menu(file, tr("&File"));
    submenu(file, u"new"_qs, tr("&New from"), tr("Starts from a study of the library")).rows = [&targets = t] {
        return fresh_studies(targets);
    };
    entry(file, u"new_chip"_qs, tr("New &chip…"), {Qt::CTRL | Qt::ALT | Qt::Key_N},
        tr("A chip of your own from the figures of its data sheet, however they are stated"),
        [&popups = t.popups] { popups.open_chip_assistant(); });
    entry(file, u"open"_qs, tr("&Open…"), {QKeySequence::Open},
        tr("Opens a study or the study in an exported picture or page, or takes a chip, NIC, model or profile into "
           "this study, or measurements next to it"),
        [&files] { files.ask_what_to_open(); });
    submenu(file, u"recent"_qs, tr("Open &recent")).rows = [&targets = t] { return recent_files(targets); };
    separator(file);
    entry(file, u"save"_qs, tr("&Save"), {QKeySequence::Save},
        tr("Saves the study as a file that the command line takes too"), [&files] { files.save(); });
    entry(file, u"save_as"_qs, tr("Save &as…"), {Qt::CTRL | Qt::SHIFT | Qt::Key_S},
        tr("Saves the study under another name"), [&files] { files.save_as(); });
    separator(file);
    add_exports(file);
    separator(file);
    entry(file, u"quit"_qs, tr("&Quit"), {Qt::CTRL | Qt::Key_Q}, {}, [&window = t.window] { window.close(); });
}

void CommandTable::add_exports(const QString &file)
{
    Exports &exports = t.exports;
    const QString menu = submenu(file, u"export"_qs, tr("&Export")).id;
    for (ChartView *chart : t.charts.all())
        entry(menu, chart->id(), tr("%1…").arg(entry_text(chart->title())), {},
            tr("As PNG, SVG or PDF with the study inside, or its data as CSV or a workbook"),
            [&exports, chart] { exports.export_chart_as(*chart); })
            .enabled = explored;
    entry(menu, u"results"_qs, tr("Results…"), {}, tr("The table as it is shown, as CSV or a workbook with a chart"),
        [&exports] { exports.export_results(); })
        .enabled = explored;
    separator(menu);
    const QString resolution = submenu(menu, u"resolution"_qs, tr("PNG &resolution")).id;
    for (int scale = 1; scale <= Exports::largest_png_scale; ++scale)
        choice(
            resolution, scale, tr("%1×").arg(scale), [&exports] { return exports.png_scale(); },
            [&exports](int chosen) { exports.set_png_scale(chosen); });
    entry(menu, u"window_colours"_qs, tr("In the &window's colours"), {},
        tr("Else pictures are light whatever the window is"),
        [&exports] { exports.set_window_colours(!exports.has_window_colours()); })
        .checked = [&exports] { return exports.has_window_colours(); };
    entry(file, u"export_in_use"_qs, tr("Export the chart in &use…"), {Qt::CTRL | Qt::Key_E},
        tr("The chart that has the keyboard, by default the Pareto front"),
        [&exports, &charts = t.charts] { exports.export_chart_as(charts.in_use()); })
        .enabled = explored;
    entry(file, u"export_all"_qs, tr("Export a&ll…"), {Qt::CTRL | Qt::SHIFT | Qt::Key_E},
        tr("Every chart and the comparison as PNG, SVG and PDF, all of it and the results as CSV and workbooks, into a "
           "folder"),
        [&exports] { exports.export_everything(); })
        .enabled = explored;
    entry(file, u"report"_qs, tr("&Report…"), {Qt::CTRL | Qt::SHIFT | Qt::Key_R},
        tr("Headline, charts, scenarios compared, assumptions and where they come from, as one PDF or web page"),
        [&exports] { exports.export_report_as(); })
        .enabled = explored;
}

void CommandTable::add_history(const QString &edit)
{
    QUndoStack &steps = t.session.history();
    const Messages &messages = t.messages;
    const auto with_step = [](const QString &text, const QString &step) {
        return step.isEmpty() ? text : text + u' ' + entry_text(step);
    };
    Command &undo = entry(edit, u"undo"_qs, tr("&Undo"), {Qt::CTRL | Qt::Key_Z}, {}, [&steps, &messages] {
        steps.undo();
        messages.say(tr("Undone: %1").arg(steps.text(steps.index())));
    });
    undo.enabled = [&steps] { return steps.canUndo(); };
    undo.text_now = [with_step, &steps] { return with_step(tr("&Undo"), steps.undoText()); };
    undo.in_presentation = true;
    Command &redo = entry(edit, u"redo"_qs, tr("&Redo"), {Qt::CTRL | Qt::SHIFT | Qt::Key_Z, Qt::CTRL | Qt::Key_Y}, {},
        [&steps, &messages] {
            steps.redo();
            messages.say(tr("Redone: %1").arg(steps.text(steps.index() - 1)));
        });
    redo.enabled = [&steps] { return steps.canRedo(); };
    redo.text_now = [with_step, &steps] { return with_step(tr("&Redo"), steps.redoText()); };
    redo.in_presentation = true;
    Command &all = submenu(edit, u"history"_qs, tr("H&istory"), tr("Goes back or forth by several steps"));
    all.id = u"history"_qs;
    all.rows = [&targets = t] { return history_steps(targets); };
    all.weight = 1e-3; // who names an input does not want to undo what was done to it
}

void CommandTable::add_edit()
{
    const QString edit = u"edit"_qs;
    Session &session = t.session;
    const Panes &panes = t.panes;
    top_menu(edit, tr("&Edit"));
    add_history(edit);
    separator(edit);
    entry(edit, u"copy_headline"_qs, tr("Copy the &headline"), {Qt::CTRL | Qt::SHIFT | Qt::Key_C}, {},
        [&panes, &messages = t.messages] {
            QApplication::clipboard()->setText(panes.headline->text());
            messages.say(tr("Headline copied"));
        });
    entry(edit, u"copy_configurations"_qs, tr("Copy con&figurations"), {},
        tr("What is on show of each chip, in words and on a line of its own"),
        [&session, &messages = t.messages] {
            QStringList lines;
            for (const ChipView &view : session.explored()->chips)
                lines << configuration_line(session.explored()->searched, view.shown);
            QApplication::clipboard()->setText(lines.join(u'\n'));
            messages.say(tr("Configurations copied"));
        })
        .enabled = explored;
    entry(edit, u"copy_chart"_qs, tr("&Copy the chart in use"), {Qt::CTRL | Qt::ALT | Qt::Key_C},
        tr("As a drawing and a picture; the chart that has the keyboard, by default the Pareto front"),
        [&exports = t.exports, &charts = t.charts] { exports.copy_chart(charts.in_use()); })
        .enabled = explored;
    entry(edit, u"copy_command"_qs, tr("Copy as command &line"), {},
        tr("The epscope command with the same result: of the goal seek, map, sensitivity or comparison that has the "
           "keyboard, else the search or the estimate of what is picked"),
        [&line = t.command_line] { line.copy(); })
        .enabled = explored;
    separator(edit);
    entry(edit, u"best"_qs, tr("&Best configuration again"), {Qt::Key_Escape},
        tr("Shows the best configuration of each chip in place of the one picked"),
        [&session] { session.select(std::nullopt); });
    entry(edit, u"as_opened"_qs, tr("All inputs as &opened"), {},
        tr("Takes back every change since the study was opened or saved"),
        [&session] { session.change(session.opened(), tr("All inputs as opened")); });
    entry(edit, u"seek"_qs, tr("Seek a &goal…"), {Qt::CTRL | Qt::Key_G},
        tr("Which value of a number reaches a goal? Of the slider that has the keyboard, or of any number"),
        [&panes] {
            const auto *slider = qobject_cast<ValueSlider *>(QApplication::focusWidget());
            panes.goal->start(slider ? panes.inputs->key_of(*slider) : std::string());
        })
        .enabled = explored;
    separator(edit);
    entry(edit, u"filter"_qs, tr("&Filter the results"), {QKeySequence::Find}, {}, [&panes] {
        Docks::bring_up(*panes.results);
        panes.results->filter_line()->setFocus(Qt::ShortcutFocusReason);
    });
}

void CommandTable::add_scenario()
{
    const QString menu = u"scenario"_qs;
    Session &session = t.session;
    ScenarioControl &scenarios = t.scenarios;
    const auto has_others = [&scenarios] { return scenarios.count() > 1; };
    top_menu(menu, tr("&Scenario"));
    entry(menu, u"new"_qs, tr("&New"), {Qt::CTRL | Qt::SHIFT | Qt::Key_N},
        tr("A scenario with the inputs as they were opened or saved"), [&session] { session.add_card(); });
    entry(menu, u"duplicate"_qs, tr("&Duplicate"), {Qt::CTRL | Qt::Key_D},
        tr("A scenario with the inputs as they are now"), [&scenarios] { scenarios.duplicate(); });
    entry(
        menu, u"rename"_qs, tr("&Rename"), {}, tr("F2 on a card does it too"), [&scenarios] { scenarios.edit_name(); });
    entry(menu, u"note"_qs, tr("N&ote"), {}, tr("What the scenario is for"), [&scenarios] { scenarios.edit_note(); });
    entry(menu, u"move_left"_qs, tr("Move &left"), {},
        tr("Before the one to its left; the first is the study itself to the command line"),
        [&scenarios] { scenarios.move(-1); })
        .enabled = [&scenarios] { return scenarios.place() > 0; };
    entry(menu, u"move_right"_qs, tr("Move ri&ght"), {}, tr("Behind the one to its right"), [&scenarios] {
        scenarios.move(1);
    }).enabled = [&scenarios] { return scenarios.place() + 1 < scenarios.count(); };
    entry(menu, u"delete"_qs, tr("D&elete"), {}, tr("Undo brings it back"), [&scenarios] {
        scenarios.remove();
    }).enabled = has_others;
    separator(menu);
    entry(menu, u"next"_qs, tr("Ne&xt"), {Qt::CTRL | Qt::Key_PageDown}, tr("Shows the scenario to the right"),
        [&scenarios] { scenarios.show_next(1); });
    entry(menu, u"previous"_qs, tr("&Previous"), {Qt::CTRL | Qt::Key_PageUp}, tr("Shows the scenario to the left"),
        [&scenarios] { scenarios.show_next(-1); });
    entry(menu, u"compare"_qs, tr("&Compare"), {Qt::CTRL | Qt::Key_T}, tr("All scenarios side by side"),
        [&panes = t.panes] { Docks::bring_up(*panes.compare); });
    entry(menu, u"export"_qs, tr("Export the co&mparison…"), {},
        tr("As a picture or, in full precision, as CSV or a workbook with a chart"),
        [&exports = t.exports] { exports.export_comparison(); })
        .enabled = has_others;
    separator(menu);
    for (int i = 0; i < 9; ++i) {
        Command &row = entry(menu, QString::number(i + 1), tr("Scenario %1").arg(i + 1),
            {Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + i)}, {}, [&scenarios, i] { scenarios.show(i); });
        row.checked = [&scenarios, i] { return scenarios.place() == i; };
        row.visible = [&scenarios, i] { return i < scenarios.count(); };
        row.text_now = [&session, i, none = row.text] {
            const auto place = static_cast<std::size_t>(i);
            return place < session.cards().size() ? entry_text(session.name_of(session.cards()[place])) : none;
        };
        row.in_presentation = true;
    }
}

void CommandTable::add_baseline()
{
    const QString menu = u"baseline"_qs;
    BaselineControl &baselines = t.baselines;
    Session &session = t.session;
    top_menu(menu, tr("&Baseline"));
    Command &pin = entry(menu, u"pin"_qs, tr("&Pin"), {Qt::Key_B},
        tr("Keeps the inputs and results as they are now, to be compared with in every view"),
        [&baselines] { baselines.pin_result(); });
    pin.enabled = explored;
    pin.in_presentation = true;
    entry(menu, u"pin_file"_qs, tr("Pin a &study…"), {},
        tr("Another study's file to be compared with, such as last week's, without opening it; so does dropping it "
           "with Shift"),
        [&baselines] { baselines.ask_what_to_pin(); });
    Command &clear = entry(menu, u"clear"_qs, tr("&Unpin all"), {Qt::SHIFT | Qt::Key_B}, tr("Takes all baselines away"),
        [&baselines] { baselines.clear(); });
    clear.enabled = [&session] { return !session.pins().all.empty(); };
    clear.in_presentation = true;
    Command &alone = entry(menu, u"alone"_qs, tr("&Show it alone"), {},
        tr("The baseline in place of the result; so does holding the Alt key"),
        [&baselines] { baselines.show_alone(!baselines.is_shown_alone()); });
    alone.enabled = [&baselines] { return !baselines.pinned().pins.empty(); };
    alone.checked = [&baselines] { return baselines.is_shown_alone(); };
    separator(menu);
    for (std::size_t place = 0; place < most_baselines; ++place)
        add_pin(menu, place);
    const QString thresholds =
        submenu(menu, u"threshold"_qs, tr("&Grey below"), tr("Smaller differences are greyed")).id;
    for (const int percent : {0, 1, 2, 5, 10, 20})
        choice(
            thresholds, percent, tr("%1 %").arg(percent),
            [&session] { return static_cast<int>(std::lround(100 * session.pins().threshold)); },
            [&baselines](int chosen) { baselines.set_threshold(chosen / 100.0); });
}

// What can be done with the pin at a place; those that nothing is pinned at are not seen.
void CommandTable::add_pin(const QString &baseline, std::size_t place)
{
    BaselineControl &baselines = t.baselines;
    Session &session = t.session;
    const auto pin = [&session, place]() -> const Pin * {
        const Pins &pins = session.pins();
        return place < pins.all.size() ? &pins.all[place] : nullptr;
    };
    const auto is_pinned = [pin] { return pin() != nullptr; };
    Command &all = submenu(baseline, QString::number(place + 1), {});
    const QString menu = all.id;
    all.visible = is_pinned;
    all.text_now = [pin] { return pin() ? entry_text(to_text(pin()->name)) : QString(); };
    all.icon = [&theme = t.theme, pin] { return swatch(theme.theme().baseline_pen(pin()->mark, 3)); };
    const auto add = [&](const QString &name, const QString &text, const QString &tip, const Run &run) -> Command & {
        Command &row = entry(menu, name, text, {}, tip, run);
        row.enabled = is_pinned;
        return row;
    };
    Command &compare =
        add(u"compare"_qs, tr("&Compare with it"), {}, [&baselines, place] { baselines.set_primary(place); });
    compare.checked = [&session, place] { return session.pins().primary == place; };
    compare.exclusive = true;
    add(u"rename"_qs, tr("&Rename…"), {}, [&baselines, place] { baselines.ask_for_name(place); });
    add(u"take"_qs, tr("&Take its inputs"), tr("Makes the inputs what they were then; undo brings these back"),
        [&baselines, place] { baselines.take_inputs(place); });
    add(u"unpin"_qs, tr("&Unpin"), {}, [&baselines, place] { baselines.unpin(place); });
}

void CommandTable::add_docks(const QString &view)
{
    int number = 0;
    for (QDockWidget *dock : t.docks.all()) {
        const bool has_key = ++number <= 9;
        const Keys keys = has_key ? Keys{Qt::ALT | static_cast<Qt::Key>(Qt::Key_0 + number)} : Keys();
        entry(view, dock->objectName(), entry_text(dock->windowTitle()), keys, {}, [dock] {
            Docks::toggle(*dock);
        }).checked = [dock] { return !dock->isHidden(); };
    }
}

void CommandTable::add_view()
{
    const QString view = u"view"_qs;
    Docks &docks = t.docks;
    ViewSettings &views = t.views;
    top_menu(view, tr("&View"));
    add_docks(view);
    entry(view, u"reset"_qs, tr("&Reset the layout"), {}, {}, [&docks] { docks.reset_layout(); });
    entry(view, u"next_pane"_qs, tr("&Next pane"), {Qt::Key_F6}, {}, [&docks] { docks.focus_next(1); });
    entry(view, u"previous_pane"_qs, tr("&Previous pane"), {Qt::SHIFT | Qt::Key_F6}, {},
        [&docks] { docks.focus_next(-1); });
    entry(view, u"present"_qs, tr("&Present"), {Qt::Key_F5},
        tr("Large and full screen: headline, one or two charts, up to three sliders; arrows step through the "
           "scenarios"),
        [&presenter = t.presenter] { presenter.present().showFullScreen(); })
        .enabled = explored;
    entry(view, u"full_screen"_qs, tr("F&ull screen"), {Qt::Key_F11}, tr("F11 again leaves it"),
        [&window = t.window] { window.setWindowState(window.windowState() ^ Qt::WindowFullScreen); });
    separator(view);
    entry(view, u"fit"_qs, tr("&Fit all charts"), {Qt::CTRL | Qt::Key_R},
        tr("Takes back all zooming; a double click does it for one chart"), [&charts = t.charts] { charts.fit(); });
    for (const auto &each : views.switches()) {
        const Keys keys = each->key_in_charts.isEmpty() ? Keys() : Keys{each->key_in_charts};
        Command &row =
            entry(view, each->key, each->text, keys, each->tip, [&views, one = each.get()] { views.turn(*one); });
        row.checked = [one = each.get()] { return one->on; };
        row.context = keys.isEmpty() ? Qt::WindowShortcut : Qt::WidgetShortcut;
    }
    separator(view);
    add_looks(view);
}

void CommandTable::add_looks(const QString &view)
{
    ViewSettings &views = t.views;
    const QString theme = submenu(view, u"theme"_qs, tr("&Theme")).id;
    const std::pair<ThemeChoice, QString> themes[] = {{ThemeChoice::system, tr("As the &system")},
        {ThemeChoice::light, tr("&Light")}, {ThemeChoice::dark, tr("&Dark")}};
    for (const auto &[value, text] : themes)
        choice(
            theme, value, text, [&views] { return views.theme(); },
            [&views](ThemeChoice chosen) { views.choose_theme(chosen); });
    const QString scale = submenu(view, u"scale"_qs, tr("S&cale")).id;
    for (const int percent : ViewSettings::scales())
        choice(
            scale, percent, tr("%1 %").arg(percent), [&views] { return views.scale(); },
            [&views](int chosen) { views.set_scale(chosen); });
    separator(scale);
    entry(scale, u"larger"_qs, tr("&Larger"), {Qt::CTRL | Qt::Key_Plus, Qt::CTRL | Qt::Key_Equal}, {},
        [&views] { views.step_scale(1); });
    entry(scale, u"smaller"_qs, tr("&Smaller"), {Qt::CTRL | Qt::Key_Minus}, {}, [&views] { views.step_scale(-1); });
    entry(scale, u"system"_qs, tr("&As the system"), {Qt::CTRL | Qt::Key_0}, {}, [&views] { views.set_scale(100); });
}

void CommandTable::say_what_this_is(QWidget &window)
{
    QMessageBox::about(&window, tr("About EPScope"),
        tr("<h3>EPScope %1</h3><p>How many tokens per second and card a chip delivers serving DeepSeek-V3 with expert "
           "parallelism, and what limits it.</p><p>The model is that of ShineZ, blog, 2025-03-16.</p>"
           "<p>GPL-3.0-or-later. Charts: QCustomPlot.</p>")
            .arg(QLatin1String(version)));
}

void CommandTable::add_help()
{
    const QString help = u"help"_qs;
    Popups &popups = t.popups;
    top_menu(help, tr("&Help"));
    entry(help, u"explain"_qs, tr("&Explain"), {Qt::Key_F1},
        tr("Where the number under the mouse, or that the keyboard is at, comes from, down to the inputs"),
        [&explanations = t.explanations] { explanations.explain_here(); });
    entry(help, u"commands"_qs, tr("&Commands…"), {Qt::CTRL | Qt::Key_K},
        tr("Finds every action, input, operator and chip by a few letters; “context 64k” sets it, “throughput>=4500” "
           "seeks it"),
        [&popups] { popups.open_palette(); });
    entry(help, u"keys"_qs, tr("&Keys and mouse"), {Qt::CTRL | Qt::Key_Question},
        tr("All shortcuts, and what keys and mouse do in sliders and charts"), [&popups] { popups.show_keys(); });
    separator(help);
    entry(help, u"about"_qs, tr("&About EPScope"), {}, {}, [&window = t.window] { say_what_this_is(window); });
    entry(help, u"about_qt"_qs, tr("About &Qt"), {}, {}, [] { QApplication::aboutQt(); });
}

} // namespace

std::vector<Command> command_table(const CommandTargets &targets)
{
    return CommandTable(targets).all();
}

} // namespace epscope
