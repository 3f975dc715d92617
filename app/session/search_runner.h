// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include <QObject>

#include "app/session/worker.h"
#include "core/explore/explored.h"

namespace epscope {

// Runs explore() on a worker. The newest submitted inputs win; a search under way is left to finish unless
// it has become old, because one that is always cancelled shows nothing while a slider is dragged. A space too large
// for that is first searched coarsely, and the exact search gives way to newer inputs at once. Results arrive on the
// owner's thread, one event each, never an older input's after a newer one's.
class SearchRunner : public QObject {
    Q_OBJECT
public:
    using Explore = std::function<std::shared_ptr<const Explored>(const Inputs &, const ExploreOptions &)>;

    // Another `explore` than that of core/explore is for tests; it is called on the runner's thread.
    explicit SearchRunner(
        QObject *parent = nullptr, Explore explore = epscope::explore, Priority priority = Priority::normal);

    void submit(Inputs inputs) { worker.submit(std::move(inputs)); }
    // Ends the search under way; what is shown stays.
    void cancel() { worker.cancel(); }

signals:
    void finished(std::shared_ptr<const epscope::Explored> explored);
    void progressed(double fraction); // of a long search, 0 to 1; 1 also when one was cancelled
    void failed(const QString &problem); // there is no result for the inputs, e.g. for want of memory

private:
    Explore explore_inputs;
    std::shared_ptr<const Explored> last; // result; the worker's own
    Worker<Newest<Inputs>> worker; // last: it uses the members above

    void work_on(const Inputs &inputs, const JobLimits &limits);
    void search_exactly(const Inputs &inputs, const JobLimits &limits, bool gives_way_at_once);
    void deliver(const std::shared_ptr<const Explored> &explored);
};

} // namespace epscope
