// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "app/export/chart_export.h"
#include "app/session/documents.h"
#include "app/window/awaited_answers.h"
#include "app/window/baseline_control.h"
#include "app/window/chart_set.h"
#include "app/window/copied_command.h"
#include "app/window/messages.h"
#include "app/window/panes.h"

namespace epscope {

// What is written and copied of what the window shows, and how pictures are written.
class Exports : public QObject {
    Q_OBJECT
public:
    // What is written.
    struct Sources {
        Session &session;
        const Documents &documents;
        const BaselineControl &baselines;
        Comparer &comparer;
        ChartSet &charts;
        const Panes &panes;
        const CopiedCommand &command;
        ThemeSource &theme;
    };
    Exports(const Sources &sources, AwaitedAnswers answers, const Messages &messages);

    // Each asks where to, once all that it shows has been found.
    void export_chart_as(ChartView &chart);
    void export_results();
    void export_comparison();
    void export_everything();
    void export_report_as();
    void copy_chart(ChartView &chart);

    static constexpr int largest_png_scale = 4;
    int png_scale() const { return png_pixels; } // pixels per unit of size
    void set_png_scale(int scale);
    // Whether pictures have the window's colours; else they are light.
    bool has_window_colours() const { return window_colours; }
    void set_window_colours(bool on) { window_colours = on; }

private:
    Sources from;
    AwaitedAnswers answers;
    const Messages &messages;
    int png_pixels = 2;
    bool window_colours = false;

    bool is_ready(ChartView &chart, const QString &otherwise);
    ExportOptions options() const;
    QString target(const QString &title, const QString &name, const QString &suffix, const QStringList &filters) const;
    void say_exported(const QString &file, const QString &problem) const;
    QString write_report(const QString &file) const;
};

} // namespace epscope
