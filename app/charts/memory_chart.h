// SPDX-License-Identifier: GPL-3.0-or-later
// What fills each chip's memory for the configuration on show: weights by kind, KV cache, free or missing.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "app/charts/chart.h"

class QCPLayoutElement;

namespace epscope {

enum class MemoryKind : std::uint8_t { attention, shared, routed, dense, embedding_and_head, mtp, kv_cache };
inline constexpr std::size_t memory_kind_count = 7;
QString label_of(MemoryKind kind);
// In its explanation.
const char *name_of(MemoryKind kind);

struct MemoryPart {
    MemoryKind kind{};
    double from = 0; // B, where the part starts in the stack
    double bytes = 0;
};

struct MemoryBar {
    std::size_t chip = 0; // index into Study::chips
    std::size_t mark = 0; // what the chip is drawn with
    QString name;
    QString configuration;
    std::vector<MemoryPart> parts; // in the order of MemoryKind, without those of no size
    double used = 0; // B: the sum of the parts
    double usable = 0; // B
    double memory = 0; // B
    std::int64_t largest_batch = 0; // that fits; 0 for none

    double free() const { return usable - used; } // negative: missing
    double bytes_of(MemoryKind kind) const;
};
std::vector<MemoryBar> memory_bars(const Explored &explored);

// How the bytes of a part come about, in words and numbers: what its explanation is made of.
QString formula_of(MemoryKind kind, const Scenario &scenario);

class MemoryBarsItem;

class MemoryChart : public Chart {
    Q_OBJECT
public:
    explicit MemoryChart(QWidget *parent = nullptr);

    ChartTable table() const override;
    // The area of a part as it is drawn, in pixels of the plot; empty if it is not shown.
    QRectF area_of(std::size_t bar, MemoryKind kind) const;
    QRectF area_of_free(std::size_t bar) const;
    QRectF area_of_missing(std::size_t bar) const;

protected:
    void draw(const Explored &explored, const Theme &theme) override;
    std::optional<Hover> hover_at(const QPointF &position) const override;
    // On a part of a bar: asks where it comes from; beside it: picks what is shown of the chip.
    void clicked(const QPointF &position) override;
    std::string main_number() const override { return std::string(output::free_memory); }

private:
    MemoryBarsItem *item;
    QCPLayoutElement *legend;
    std::vector<MemoryBar> bars;
    std::vector<std::optional<MemoryBar>> ghosts; // in the primary baseline, as many as bars

    void arrange(const QSize &size);
    static void add_rows(ChartTable &table, const Explored &of);
    std::optional<std::size_t> bar_at(const QPointF &position) const;
};

} // namespace epscope
