// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/command_palette.h"

#include <algorithm>

#include <QCoreApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "app/look/plain_text.h"

namespace epscope {
namespace {

constexpr int hint_role = Qt::UserRole;
constexpr std::size_t most_offers = 60;

// The title on the left, the hint on the right, smaller than which it is elided first.
class OfferDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const override
    {
        return {0, option.fontMetrics.height() * 8 / 5};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &item, const QModelIndex &index) const override
    {
        const bool selected = item.state & QStyle::State_Selected, enabled = item.state & QStyle::State_Enabled;
        const QPalette::ColorGroup group = enabled ? QPalette::Active : QPalette::Disabled;
        if (selected)
            painter->fillRect(item.rect, item.palette.color(QPalette::Active, QPalette::Highlight));
        const int gap = item.fontMetrics.height() / 2;
        const QRect line = item.rect.adjusted(gap, 0, -gap, 0);
        const QString title = index.data().toString();
        const int wanted = item.fontMetrics.horizontalAdvance(title) + 2 * gap;
        const QString hint = item.fontMetrics.elidedText(
            index.data(hint_role).toString(), Qt::ElideRight, std::max(line.width() / 3, line.width() - wanted));
        const int hint_width = item.fontMetrics.horizontalAdvance(hint);
        QColor text = item.palette.color(group, selected && enabled ? QPalette::HighlightedText : QPalette::Text);
        painter->setPen(text);
        painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
            item.fontMetrics.elidedText(
                title, Qt::ElideRight, line.width() - hint_width - (hint.isEmpty() ? 0 : 2 * gap)));
        constexpr double fainter = 0.7;
        text.setAlphaF(static_cast<float>(fainter * text.alphaF()));
        painter->setPen(text);
        painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, hint);
    }
};

} // namespace

CommandPalette::CommandPalette(std::vector<Offers> the_sources, QWidget *window)
    : QFrame(window, Qt::Popup)
    , sources(std::move(the_sources))
    , input(new QLineEdit)
    , offers(new QListWidget)
{
    setFrameShape(QFrame::StyledPanel);
    setAccessibleName(tr("Command palette"));
    input->setPlaceholderText(
        tr("Action, chip, operator or input; “context 64k” sets it, “throughput>=4500” seeks it"));
    input->setAccessibleName(tr("Command"));
    input->setClearButtonEnabled(true);
    offers->setAccessibleName(tr("Commands that fit"));
    offers->setItemDelegate(new OfferDelegate(offers));
    offers->setFrameShape(QFrame::NoFrame);
    offers->setFocusPolicy(Qt::NoFocus);
    offers->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    offers->setUniformItemSizes(true);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(6, 6, 6, 6);
    column->addWidget(input);
    column->addWidget(offers);
    input->installEventFilter(this);
    connect(input, &QLineEdit::textChanged, this, &CommandPalette::refill);
    connect(input, &QLineEdit::returnPressed, this, [this] { run(offers->currentRow()); });
    connect(offers, &QListWidget::itemClicked, this, [this](QListWidgetItem *item) { run(offers->row(item)); });
}

void CommandPalette::open()
{
    const QWidget *window = parentWidget();
    const QFontMetrics metrics = fontMetrics();
    const int margin = metrics.height();
    const int wide = std::min(window->width() - 2 * margin, 90 * metrics.averageCharWidth());
    most_height = std::min(window->height() - 4 * margin, 24 * metrics.height());
    const QPoint corner = window->mapToGlobal(
        QPoint((window->width() - wide) / 2, std::min(3 * margin, (window->height() - most_height) / 2)));
    setGeometry(QRect(corner, QSize(wide, most_height)));
    input->clear();
    refill();
    show();
    input->setFocus(Qt::PopupFocusReason);
}

void CommandPalette::refill()
{
    const QString typed = input->text().simplified();
    shown.clear();
    for (const Offers &source : sources) {
        for (Offer &offer : source(typed))
            shown.push_back(std::move(offer));
    }
    std::stable_sort(shown.begin(), shown.end(), [](const Offer &a, const Offer &b) { return a.score > b.score; });
    if (shown.size() > most_offers)
        shown.resize(most_offers);
    offers->clear();
    for (const Offer &offer : shown) {
        auto *item = new QListWidgetItem(offer.title, offers);
        item->setData(hint_role, offer.hint);
        item->setData(
            Qt::AccessibleTextRole, offer.hint.isEmpty() ? offer.title : tr("%1, %2").arg(offer.title, offer.hint));
        item->setToolTip(shown_as_is(offer.hint));
        if (!offer.run)
            item->setFlags(item->flags() & ~Qt::ItemIsEnabled);
    }
    if (shown.empty()) {
        auto *nothing = new QListWidgetItem(tr("Nothing fits “%1”").arg(typed), offers);
        nothing->setFlags(Qt::NoItemFlags);
    }
    offers->setCurrentRow(shown.empty() ? -1 : 0);
    const QMargins around = layout()->contentsMargins();
    const int besides =
        around.top() + around.bottom() + layout()->spacing() + input->sizeHint().height() + 2 * frameWidth();
    resize(width(), std::min(most_height, besides + offers->count() * offers->sizeHintForRow(0)));
}

void CommandPalette::run(int row)
{
    if (row < 0 || row >= static_cast<int>(shown.size()) || !shown[static_cast<std::size_t>(row)].run)
        return;
    const std::function<void()> chosen = shown[static_cast<std::size_t>(row)].run;
    hide(); // first: what is run may open a window or take the focus
    chosen();
}

bool CommandPalette::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Up || key == Qt::Key_Down || key == Qt::Key_PageUp || key == Qt::Key_PageDown)
            return QCoreApplication::sendEvent(offers, event);
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace epscope
