#include "actors/writer.hpp"

#include <utility>

#include "base/hash.hpp"
#include "sync/static_entitlements.hpp"
#include "sync/timestamp.hpp"

namespace baton::actors {
namespace {

/// A batch is written when it holds this much, even while more pages wait.
constexpr std::size_t kBatchBytes = 1u << 20;
constexpr std::size_t kTemplateRows = 2000;

baton::store::v1::CounterEntry& entry_for(std::vector<baton::store::v1::CounterEntry>& entries,
                                          const sync::Cursor& cursor) {
  for (baton::store::v1::CounterEntry& entry : entries) {
    if (entry.phase() == cursor.phase() && entry.resource_type_id() == cursor.resource_type_id())
      return entry;
  }
  entries.emplace_back();
  entries.back().set_phase(cursor.phase());
  entries.back().set_resource_type_id(cursor.resource_type_id());
  return entries.back();
}

/// What the page itself adds to the run's counters; cursors and expandable grants the store counts itself.
void count_page(storage::PageCommit& commit) {
  auto& counters = commit.counters;
  const std::uint64_t rows = commit.rows ? commit.rows->size() : 0;
  counters.set_pages(1);
  auto& entry = *counters.add_entries();
  entry.set_phase(commit.cursor.phase());
  entry.set_resource_type_id(commit.cursor.resource_type_id());
  entry.set_rows(rows);
  entry.set_pages(1);
  entry.set_warnings(counters.warnings());
  entry.set_rows_skipped_invalid(counters.rows_skipped_invalid());
  entry.set_rows_dropped_by_filter(counters.rows_dropped_by_filter());
}

}  // namespace

bool WriterState::failed(const absl::Status& status) {
  if (status.ok()) return false;
  broken_ = true;
  self_->send(config_.coordinator, fail_atom_v, SharedStatus(status));
  return true;
}

void WriterState::add(CommitRequest request, const PaginatorActor& paginator) {
  if (broken_ || yielded_) return;
  waiting_bytes_ += request.commit.rows ? request.commit.rows->bytes() : 0;
  waiting_.emplace_back(std::move(request), paginator);
  if (waiting_bytes_ >= kBatchBytes) {
    flush();
  } else if (!flush_scheduled_) {
    // Lands behind everything that waits in the mailbox already, which so becomes one batch.
    flush_scheduled_ = true;
    self_->send(self_, flush_atom_v);
  }
}

absl::Status WriterState::write_templates(Waiting& waiting) {
  const sync::Cursor& cursor = waiting.request.commit.cursor;
  const std::int64_t discovered_at = sync::nanoseconds_of(config_.clock->now());
  const storage::StructuralOrder order(static_cast<std::uint8_t>(cursor.phase()),
                                       hash64(storage::cursor_identity(cursor)), cursor.page());
  auto rows = std::make_unique<storage::EncodedRows>(order, discovered_at);
  const auto write = [&]() -> absl::Status {
    rows->finish();
    auto finished = std::make_shared<const storage::EncodedRows>(std::move(*rows));
    rows = std::make_unique<storage::EncodedRows>(order, discovered_at);
    return config_.store->add_rows(*finished);
  };
  absl::Status visited = config_.store->for_each_resource(
      cursor.resource_type_id(), [&](const c1::connector::v2::Resource& resource) -> absl::Status {
        for (const auto& entitlement_template : waiting.request.templates) {
          rows->add(sync::materialise(entitlement_template, resource));
        }
        return rows->size() >= kTemplateRows ? write() : absl::OkStatus();
      });
  if (!visited.ok()) return visited;
  // The last rows go with the page itself; those before are repeated should the process die in between.
  rows->finish();
  if (rows->size() > 0) {
    waiting.request.commit.rows = std::make_shared<const storage::EncodedRows>(std::move(*rows));
  }
  return absl::OkStatus();
}

CommitSummary WriterState::summarise(const std::vector<Waiting>& waiting,
                                     const std::vector<storage::PageCommit>& pages,
                                     const std::vector<std::vector<storage::PlannedCount>>& planned) const {
  CommitSummary summary;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (waiting[i].request.note) continue;
    const storage::PageCommit& page = pages[i];
    const std::uint64_t rows = page.rows ? page.rows->size() : 0;
    auto& entry = entry_for(summary.entries, page.cursor);
    entry.set_rows(entry.rows() + rows);
    entry.set_pages(entry.pages() + 1);
    entry.set_cursors_done(entry.cursors_done() + (page.cursor.done() ? 1 : 0));
    entry.set_warnings(entry.warnings() + page.warnings.size());
    summary.rows += rows;
    ++summary.pages;
    summary.cursors_done += page.cursor.done() ? 1 : 0;
    summary.warnings += page.warnings.size();
    summary.skipped_invalid += page.counters.rows_skipped_invalid();
    summary.dropped_by_filter += page.counters.rows_dropped_by_filter();
    summary.expansions_dropped += page.counters.expansions_dropped();
    summary.planned.insert(summary.planned.end(), planned[i].begin(), planned[i].end());
  }
  return summary;
}

void WriterState::flush() {
  if (waiting_.empty() || broken_) return;
  auto waiting = std::exchange(waiting_, {});
  waiting_bytes_ = 0;
  std::vector<storage::PageCommit> pages;
  pages.reserve(waiting.size());
  for (Waiting& one : waiting) {
    if (!one.request.templates.empty() && failed(write_templates(one))) return;
    if (!one.request.note) count_page(one.request.commit);
    pages.push_back(std::move(one.request.commit));
  }
  const auto planned = config_.store->commit(pages);
  if (failed(planned.status()) || failed(sync_if_due())) return;
  SharedSummary summary(summarise(waiting, pages, *planned));
  // Before the acknowledgements, so that the coordinator knows new work before it hears of a finished cursor.
  if (summary->pages > 0) {
    self_->send(config_.coordinator, commit_atom_v, summary);
    self_->send(config_.progress, commit_atom_v, summary);
  }
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (waiting[i].request.note) continue;
    if (config_.log->enabled(LogLevel::kDebug)) {
      const sync::Cursor& cursor = pages[i].cursor;
      config_.log->write(LogLevel::kDebug, name, "page committed",
                         {{"operation", std::string(to_string(sync::operation_of(cursor)))},
                          {"type", cursor.resource_type_id()},
                          {"resource", cursor.resource_id()},
                          {"parent", cursor.parent_id()},
                          {"sibling", cursor.sibling_token()},
                          {"page", std::uint64_t{cursor.page()}},
                          {"next", cursor.page_token()}});
    }
    self_->send(waiting[i].paginator, ack_atom_v, pages[i].cursor.page());
  }
}

absl::Status WriterState::sync_if_due() {
  const auto now = config_.clock->steady_now();
  const std::size_t unsynced = config_.store->unsynced_bytes();
  if (unsynced == 0) return absl::OkStatus();
  if (unsynced < config_.sync_bytes && now - last_sync_ < config_.sync_interval) return absl::OkStatus();
  last_sync_ = now;
  return config_.store->sync_log();
}

absl::Status WriterState::sync_all() {
  flush();
  if (broken_) return absl::FailedPreconditionError("the run store failed earlier");
  return config_.store->sync_log();
}

WriterActor::behavior_type WriterState::make_behavior(WriterConfig config) {
  config_ = std::move(config);
  last_sync_ = config_.clock->steady_now();
  self_->delayed_send(self_, config_.sync_interval, tick_atom_v);
  return {
      [this](commit_atom, const SharedCommit& request, const PaginatorActor& paginator) {
        add(request.take(), paginator);
      },
      [this](work_atom, std::uint8_t lane, std::uint32_t count) {
        return SharedWork(config_.store->next_work(storage::Lane(lane & 0x7f, (lane & 0x80) != 0), count));
      },
      [this](types_atom) { return SharedTypes(config_.store->resource_types()); },
      [this](plan_atom, const std::string& marker, const SharedCursors& cursors) {
        return SharedPlanned(config_.store->plan(marker, *cursors));
      },
      [this](header_atom, const SharedHeader& header) {
        return SharedStatus(config_.store->put_header(*header));
      },
      [this](sync_atom) { return SharedStatus(sync_all()); },
      [this](yield_atom) {
        SharedStatus status(sync_all());
        yielded_ = true;
        return status;
      },
      [this](flush_atom) {
        flush_scheduled_ = false;
        flush();
      },
      [this](tick_atom) {
        if (yielded_ || broken_) return;
        failed(sync_if_due());
        self_->delayed_send(self_, config_.sync_interval, tick_atom_v);
      },
  };
}

WriterActor::behavior_type writer(WriterActor::stateful_pointer<WriterState> self, WriterConfig config) {
  return self->state.make_behavior(std::move(config));
}

}  // namespace baton::actors
