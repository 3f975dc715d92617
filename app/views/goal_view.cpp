// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/goal_view.h"

#include <algorithm>
#include <cmath>

#include <QApplication>
#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTimer>
#include <QToolButton>

#include "app/charts/goal_scene.h"
#include "app/controls/value_slider.h"
#include "app/look/plain_text.h"
#include "app/words/configuration.h"
#include "app/words/output_words.h"
#include "app/words/text.h"
#include "core/analysis/compare.h"
#include "core/text.h"

namespace epscope {
namespace {

constexpr std::chrono::milliseconds quiet{200}; // after the last change

QString value_text(const Metric &metric, double value)
{
    const QString number = metric_text(metric, value);
    return metric.key == output::throughput ? GoalView::tr("%1 per card").arg(number)
        : metric.key == output::ux_tps      ? GoalView::tr("%1 per user").arg(number)
                                            : GoalView::tr("%1 of %2").arg(title_of(metric), number);
}

// "+22.4 %", or nothing without a base.
QString change_text(double value, double base)
{
    if (base == 0)
        return {};
    const double percent = 100 * (value - base) / std::abs(base);
    if (!is_shown_change(percent))
        return GoalView::tr("unchanged");
    const QString size = to_text(short_text(std::abs(percent), Dimension::count));
    return (percent > 0 ? u"+"_qs : u"−"_qs) + size + u" %"_qs;
}

QString with_change(const QString &text, double value, double base, const QString &base_text)
{
    const QString change = change_text(value, base);
    return change.isEmpty() || change == GoalView::tr("unchanged")
        ? text
        : GoalView::tr("%1 (%2, now %3)").arg(text, change, base_text);
}

QString label_text(const Study &study, const Variable &variable)
{
    const QString label = to_text(variable.label);
    return variable.info->scope == Scope::chip ? GoalView::tr("%1 of %2").arg(label, to_text(study.chips.front().name))
                                               : label;
}

QString label_in_sentence(const Study &study, const Variable &variable)
{
    QString label = label_text(study, variable);
    if (label.size() > 1 && label[1].isLower())
        label[0] = label[0].toLower();
    return label;
}

// As it is set or, where that is long, rounded.
QString number_text(const Variable &variable, double si)
{
    constexpr std::size_t long_text = 16;
    const std::string exact = variable.text(si);
    return to_text(exact.size() < long_text ? exact : variable.short_text(si, 4));
}

Variable variable_of(const Study &study, const std::string &key)
{
    return std::get<Variable>(find_variable(study, key)); // it has been answered
}

QToolButton *close_button(QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setText(u"×"_qs);
    button->setAutoRaise(true);
    button->setAccessibleName(GoalView::tr("Close goal seek"));
    button->setToolTip(GoalView::tr("Close (Esc)"));
    return button;
}

} // namespace

GoalAnswer goal_answer(const Answer &answer)
{
    const auto &sought = std::get<Sought>(answer.found);
    const Goal goal = std::get<Goal>(parse_goal(std::get<SeekQuestion>(answer.question).goal));
    const Study &study = sought.study;
    const Variable variable = variable_of(study, std::get<SeekQuestion>(answer.question).key);
    const QString label = label_in_sentence(study, variable);
    const auto number = [&](double si) { return number_text(variable, si); };
    const auto output = [&](double si) { return value_text(*goal.metric, si); };
    const QString now = number(sought.present.value);
    const std::optional<double> &output_now = sought.present.output;
    const auto output_with_change = [&](double si) {
        return output_now ? with_change(output(si), si, *output_now, metric_text(*goal.metric, *output_now))
                          : output(si);
    };
    const std::optional<Best> &best = sought.answer.outcome.best;
    const QString raised = study.target_tps == answer.study.target_tps
        ? QString()
        : GoalView::tr("; the target is raised to %1")
              .arg(metric_text(*find_metric(output::ux_tps), study.target_tps.si()));
    const auto bound = [&] { return best ? to_text(binding_text(*best)) : QString(); };
    GoalAnswer text;
    switch (sought.result) {
    case SeekResult::found:
        text.lead = GoalView::tr("%1 at %2").arg(label, number(sought.answer.value));
        text.lead[0] = text.lead[0].toUpper();
        text.rest = GoalView::tr(" (%1now %2) gives %3")
                        .arg(
                            [&] {
                                const QString change = change_text(sought.answer.value, sought.present.value);
                                return change.isEmpty() ? QString() : QString(change + u", "_qs);
                            }(),
                            now, output_with_change(*sought.answer.output));
        if (best)
            text.rest += GoalView::tr(" with %1").arg(point_text(best->candidate.point, &sought.study.search));
        text.rest += raised;
        text.value = sought.answer.value;
        break;
    case SeekResult::holds_already: {
        text.lead = GoalView::tr("It is reached already");
        text.rest = GoalView::tr(": %1 with %2 at %3").arg(output(*output_now), label, now);
        const auto edge = [&](const Tried &tried) {
            return GoalView::tr("%1 (%2)").arg(number(tried.value), change_text(tried.value, sought.present.value));
        };
        if (sought.lowest && sought.highest)
            text.rest += GoalView::tr("; it holds from %1 to %2").arg(edge(*sought.lowest), edge(*sought.highest));
        else if (sought.lowest || sought.highest) {
            const Tried &last = sought.lowest ? *sought.lowest : *sought.highest;
            text.rest += (sought.lowest ? GoalView::tr("; it holds down to %1") : GoalView::tr("; it holds up to %1"))
                             .arg(edge(last));
            if (last.value != sought.present.value)
                text.value = last.value;
        } else {
            text.rest += GoalView::tr("; it holds over the whole range");
        }
        break;
    }
    case SeekResult::unreachable:
        text.lead = GoalView::tr("Not reachable");
        if (!sought.answer.output)
            text.rest = GoalView::tr(" with any %1: nothing is feasible").arg(label);
        else if (best)
            text.rest =
                (goal.at_least ? GoalView::tr(": bound by %1; most is %2, with %3 at %4")
                               : GoalView::tr(": bound by %1; least is %2, with %3 at %4"))
                    .arg(bound(), output_with_change(*sought.answer.output), label, number(sought.answer.value));
        else
            text.rest = GoalView::tr(": nothing is that fast; most is %1, with %2 at %3")
                            .arg(output_with_change(*sought.answer.output), label, number(sought.answer.value));
        break;
    case SeekResult::stopped:
        break;
    }
    text.rest += u'.';
    if (text.value)
        text.value_text = number(*text.value);
    return text;
}

Study with_sought(Study study, const Answer &answer, double value)
{
    const auto &sought = std::get<Sought>(answer.found);
    study.target_tps = sought.study.target_tps;
    set_variable(study, variable_of(sought.study, std::get<SeekQuestion>(answer.question).key), value);
    return study;
}

GoalView::GoalView(QWidget *parent)
    : QWidget(parent)
    , parameter(new QComboBox(this))
    , output(new QComboBox(this))
    , relation(new QComboBox(this))
    , value(new QLineEdit(this))
    , take(new QPushButton(tr("Take it"), this))
    , sentence(new QLabel(this))
    , state(plain_label(this))
    , rest(new QTimer(this))
{
    setAccessibleName(tr("Goal seek"));
    const auto explain = [](QWidget &widget, const QString &name, const QString &what) {
        widget.setAccessibleName(name);
        widget.setToolTip(what);
    };
    explain(*parameter, tr("Number sought"),
        tr("The number whose value is sought; a right click on its slider chooses it too"));
    explain(*output, tr("Output"), tr("What has to be reached, by the best configuration that a search finds"));
    explain(*relation, tr("At least or at most"), tr("At least or at most"));
    explain(*value, tr("Goal"), tr("What has to be reached, with its unit. Enter takes the answer over"));
    take->setAutoDefault(false);
    for (QComboBox *box : {parameter, output}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(8);
    }
    for (const OptionChoice &choice : metric_choices())
        output->addItem(choice.text, choice.value);
    relation->addItem(u"≥"_qs, true);
    relation->addItem(u"≤"_qs, false);
    relation->setAccessibleDescription(tr("≥ at least, ≤ at most"));

    auto *row = new QHBoxLayout;
    row->setSpacing(6);
    auto *which = plain_label(tr("Which"), this), *gives = plain_label(tr("gives"), this),
         *end = plain_label(tr("?"), this);
    row->addWidget(which);
    row->addWidget(parameter, 3);
    row->addWidget(gives);
    row->addWidget(output, 2);
    row->addWidget(relation);
    row->addWidget(value, 1);
    row->addWidget(end);
    row->addWidget(state, 1);
    row->addWidget(take);
    auto *close = close_button(this);
    row->addWidget(close);
    sentence->setWordWrap(true);
    sentence->setTextFormat(Qt::RichText);
    sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    sentence->setFocusPolicy(Qt::NoFocus);
    sentence->setObjectName(u"goal.answer"_qs);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(10, 4, 6, 6);
    column->setSpacing(4);
    column->addLayout(row);
    column->addWidget(sentence);

    rest->setSingleShot(true);
    rest->setInterval(quiet);
    connect(rest, &QTimer::timeout, this, &GoalView::ask);
    connect(parameter, &QComboBox::activated, this, [this] {
        fill_parameters();
        set();
    });
    connect(output, &QComboBox::activated, this, [this] {
        propose_goal();
        set();
    });
    connect(relation, &QComboBox::activated, this, &GoalView::set);
    connect(value, &QLineEdit::textEdited, this, &GoalView::edited);
    connect(value, &QLineEdit::editingFinished, this, &GoalView::set);
    connect(take, &QPushButton::clicked, this, &GoalView::take_over);
    connect(close, &QToolButton::clicked, this, &QWidget::hide);
    show_state();
}

// The one of whose numbers one is sought, or the leading one.
std::optional<Study> GoalView::study() const
{
    return explored && !explored->chips.empty() ? std::optional(study_of_chip(*explored, chip)) : std::nullopt;
}

const Metric &GoalView::chosen_metric() const
{
    return *find_metric(output->currentData().toString().toStdString());
}

void GoalView::fill_parameters()
{
    const std::optional<Study> about = study();
    if (!about)
        return;
    const std::string wanted = parameter->currentData().toString().toStdString();
    const std::vector<Variable> all = all_variables(*about);
    QStringList keys, labels;
    for (const Variable &variable : all) {
        keys << to_text(variable.key);
        labels << label_text(*about, variable);
    }
    bool same = parameter->count() == keys.size();
    for (int i = 0; same && i < parameter->count(); ++i)
        same = parameter->itemData(i).toString() == keys[i] && parameter->itemText(i) == labels[i];
    if (!same) {
        parameter->clear();
        for (int i = 0; i < keys.size(); ++i)
            parameter->addItem(labels[i], keys[i]);
    }
    // Of a chip that does not lead any more or is gone, the same number of the one that does.
    QString key = to_text(wanted);
    if (!keys.contains(key)) {
        const QString property = key.section(u'.', -1);
        key = u"chip.%1.%2"_qs.arg(
            to_text(about->chips.front().name), key.startsWith(u"chip.") ? property : u"memory_bandwidth"_qs);
    }
    parameter->setCurrentIndex(std::max(0, static_cast<int>(keys.indexOf(key))));
}

// A tenth better than now, to three digits.
void GoalView::propose_goal()
{
    const Metric &wanted = chosen_metric();
    relation->setCurrentIndex(wanted.better == Better::lower ? 1 : 0);
    value->clear();
    if (!explored || explored->chips.empty())
        return;
    const std::vector<ChipView> &views = explored->chips;
    auto view = std::ranges::find_if(
        views, [this](const ChipView &each) { return explored->searched.chips[each.chip].name == chip; });
    if (view == views.end())
        view = views.begin() + static_cast<std::ptrdiff_t>(explored->lead);
    if (!view->best)
        return;
    const auto now = epscope::number_of(wanted, Evaluation(explored->searched, *view->best, view->estimate));
    if (!now)
        return;
    constexpr double part = 0.1;
    const double goal = *now * (wanted.better == Better::lower ? 1 - part : 1 + part);
    if (wanted.dimension == Dimension::tokens_per_second) { // without a prefix, as everywhere
        const int last = static_cast<int>(std::floor(std::log10(goal))) - 2;
        const double step = std::pow(10.0, last);
        value->setText(u"%1 tok/s"_qs.arg(QString::number(std::round(goal / step) * step, 'f', std::max(0, -last))));
    } else if (wanted.dimension == Dimension::count)
        value->setText(QString::number(std::ceil(goal)));
    else
        value->setText(to_text(short_text(goal, wanted.dimension)));
    value->setCursorPosition(0);
}

void GoalView::choose_parameter(const std::string &key)
{
    const QString wanted = to_text(key);
    chip = wanted.startsWith(u"chip.") ? wanted.section(u'.', 1, -2).toStdString() : std::string();
    fill_parameters();
    const std::optional<Study> about = study();
    if (!about)
        return;
    const auto found = find_variable(*about, key);
    if (const auto *variable = std::get_if<Variable>(&found))
        parameter->setCurrentIndex(std::max(0, parameter->findData(to_text(variable->key))));
}

void GoalView::start(const std::string &key, const std::string &goal)
{
    if (key.empty())
        fill_parameters();
    else
        choose_parameter(key);
    if (const auto parsed = parse_goal(goal); const auto *stated = std::get_if<Goal>(&parsed))
        fill_goal(*stated, goal);
    else if (!key.empty() || value->text().isEmpty())
        propose_goal();
    if (!isVisible())
        came_from = QApplication::focusWidget();
    show();
    value->setFocus(Qt::ShortcutFocusReason);
    value->selectAll();
    set();
}

void GoalView::set_question(const SeekQuestion &question)
{
    const auto parsed = parse_goal(question.goal);
    const auto *goal = std::get_if<Goal>(&parsed);
    if (!goal)
        return;
    choose_parameter(question.key);
    fill_goal(*goal, question.goal);
    ask();
}

void GoalView::fill_goal(const Goal &goal, const std::string &text)
{
    output->setCurrentIndex(output->findData(to_text(goal.metric->key)));
    relation->setCurrentIndex(goal.at_least ? 0 : 1);
    value->setText(to_text(text).section(u'=', 1).trimmed());
}

SeekQuestion GoalView::question() const
{
    return {parameter->currentData().toString().toStdString(),
        std::string(chosen_metric().key) + (relation->currentData().toBool() ? ">=" : "<=")
            + value->text().trimmed().toStdString()};
}

QString GoalView::question_text() const
{
    return tr("%1, %2 %3 %4")
        .arg(parameter->currentText(), output->currentText(), relation->currentText(), value->text().trimmed());
}

bool GoalView::is_stale() const
{
    return !latest || inputs_changed || std::get<SeekQuestion>(latest->question) != question()
        || latest->study != study();
}

void GoalView::set_explored(std::shared_ptr<const Explored> newest)
{
    if (!newest->exact)
        return;
    explored = std::move(newest);
    inputs_changed = false;
    if (!isVisible())
        return;
    fill_parameters();
    if (is_stale())
        rest->start(); // a drag needs the machine for itself
    show_state();
}

void GoalView::follow_inputs()
{
    if (inputs_changed)
        return;
    inputs_changed = true;
    under_way.reset(); // it has been interrupted
    rest->stop();
    if (isVisible())
        show_state();
}

// The question is put by hand.
void GoalView::set()
{
    ask();
    if (const auto goal = parse_goal(question().goal); std::holds_alternative<Goal>(goal))
        emit question_set();
}

void GoalView::edited()
{
    rest->start();
    show_state();
}

void GoalView::ask()
{
    rest->stop();
    const std::optional<Study> about = study();
    if (!about || inputs_changed || !isVisible())
        return; // the result to come asks
    const SeekQuestion now = question();
    if (value->text().trimmed().isEmpty())
        problem = tr("What should it reach? A value with its unit.");
    else if (const auto goal = parse_goal(now.goal); const auto *wrong = std::get_if<std::string>(&goal))
        problem = to_text(*wrong);
    else
        problem.clear();
    if (under_way && (!problem.isEmpty() || !is_stale()))
        cancel();
    stopped = false;
    if (problem.isEmpty())
        emit questioned(now, chip);
    if (problem.isEmpty() && is_stale() && under_way != now) {
        under_way = now;
        done = 0;
        emit asked(*about, now);
    }
    show_state();
}

void GoalView::cancel()
{
    under_way.reset();
    stopped = true;
    emit cancelled();
    show_state();
}

void GoalView::set_answer(std::shared_ptr<const Answer> answer)
{
    if (under_way != std::get<SeekQuestion>(answer->question))
        return;
    under_way.reset();
    latest = std::move(answer);
    show_state();
}

void GoalView::set_progress(double fraction)
{
    done = fraction;
    if (under_way)
        show_state();
}

void GoalView::fail(const QString &why)
{
    if (!under_way)
        return;
    under_way.reset();
    stopped = true;
    problem = why;
    show_state();
}

void GoalView::take_over()
{
    if (is_stale())
        return;
    const GoalAnswer text = goal_answer(*latest);
    if (!text.value)
        return;
    const Study changed = with_sought(explored->inputs.study, *latest, *text.value);
    emit taken(changed, tr("Goal: %1 → %2").arg(parameter->currentText(), text.value_text));
}

QString GoalView::text() const
{
    if (!problem.isEmpty())
        return problem;
    if (!latest)
        return {};
    return goal_answer(*latest).text();
}

void GoalView::show_state()
{
    const bool stale = is_stale();
    const Theme &theme = theme_of(*this);
    state->setText(under_way             ? tr("searching, %1 %; Esc stops").arg(static_cast<int>(100 * done))
            : stopped                    ? tr("stopped; Enter asks again")
            : stale && problem.isEmpty() ? tr("waiting")
                                         : QString());
    const std::optional<GoalAnswer> answer = latest ? std::optional(goal_answer(*latest)) : std::nullopt;
    const bool can_take = !stale && problem.isEmpty() && answer && answer->value;
    take->setEnabled(can_take);
    take->setText(can_take ? tr("Take %1").arg(answer->value_text) : tr("Take it"));
    take->setToolTip(tr("Sets the value, as one step that can be undone (Enter)"));
    QString html;
    if (!problem.isEmpty())
        html = problem.toHtmlEscaped();
    else if (answer)
        html = u"<b>%1</b>%2"_qs.arg(answer->lead.toHtmlEscaped(), answer->rest.toHtmlEscaped());
    if (html.isEmpty())
        html = u"&nbsp;"_qs; // keeps the line
    if (sentence->text() != html)
        sentence->setText(html);
    sentence->setAccessibleName(text());
    QPalette colours = palette();
    colours.setColor(QPalette::WindowText, !problem.isEmpty() ? theme.warning : stale ? theme.muted : theme.text);
    sentence->setPalette(colours);
    colours.setColor(QPalette::WindowText, theme.muted);
    state->setPalette(colours);
    if (isVisible() && (!stale || !problem.isEmpty()))
        emit offered(question().key, can_take ? answer->value : std::nullopt);
}

bool GoalView::event(QEvent *event)
{
    // Esc and Enter belong to the sentence while it has the keyboard.
    if (event->type() == QEvent::ShortcutOverride) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Escape || key == Qt::Key_Return || key == Qt::Key_Enter) {
            event->accept();
            return true;
        }
    }
    return QWidget::event(event);
}

void GoalView::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Escape:
        if (under_way)
            cancel();
        else
            hide();
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (take->isEnabled())
            take_over();
        else
            ask();
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void GoalView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    fill_parameters();
    ask();
}

void GoalView::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    if (came_from && (!QApplication::focusWidget() || isAncestorOf(QApplication::focusWidget())))
        came_from->setFocus(Qt::OtherFocusReason);
    came_from = nullptr;
    rest->stop();
    if (under_way)
        cancel();
    emit offered({}, std::nullopt);
}

void GoalView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        show_state();
}

} // namespace epscope
