#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <caf/typed_event_based_actor.hpp>

#include "actors/interfaces.hpp"

/// Stand-ins for the peers of an actor under test: they remember what they are told and answer only what must
/// be answered.
namespace baton::actors::peers {

/// What the stand-ins of one test were told.
class Record {
 public:
  Record() = default;

  std::vector<SharedFetch> fetches;
  std::vector<std::uint64_t> freed;
  std::vector<CommitRequest> commits;
  std::vector<absl::Status> failures;
  std::vector<CursorKey> done;
  std::vector<std::pair<CursorKey, std::chrono::milliseconds>> parked;
  std::vector<CursorKey> ready;
  std::vector<SharedSummary> summaries;
  /// Of each parked one: whether the service asked for the wait.
  std::vector<bool> announced;
  std::vector<SharedPage> pages;
  std::vector<std::uint32_t> acks;
};

inline FetcherActor::behavior_type fetcher(FetcherActor::pointer, Record* record) {
  return {
      [record](fetch_atom, const SharedFetch& fetch, const PaginatorActor&) {
        record->fetches.push_back(fetch);
      },
      [](valid_atom) { return SharedStatus(absl::OkStatus()); },
      [](release_atom) { return SharedStatus(absl::OkStatus()); },
      [](rules_atom, const SharedRules&) {},
      [record](free_atom, std::uint64_t bytes) { record->freed.push_back(bytes); },
      [](cancel_atom) {},
      [](valid_atom, std::uint64_t, const SharedStatus&) {},
      [](done_atom, std::uint64_t, std::uint64_t) {},
  };
}

inline WriterActor::behavior_type writer(WriterActor::pointer, Record* record) {
  const SharedStatus ok(absl::OkStatus());
  return {
      [record](commit_atom, const SharedCommit& commit, const PaginatorActor&) {
        record->commits.push_back(commit.take());
      },
      [](work_atom, std::uint8_t, std::uint32_t) { return SharedWork(std::vector<storage::WorkItem>()); },
      [](types_atom) { return SharedTypes(std::vector<c1::connector::v2::ResourceType>()); },
      [](plan_atom, const std::string&, const SharedCursors&) {
        return SharedPlanned(std::vector<storage::PlannedCount>());
      },
      [ok](header_atom, const SharedHeader&) { return ok; },
      [ok](sync_atom) { return ok; },
      [ok](yield_atom) { return ok; },
      [](flush_atom) {},
      [](tick_atom) {},
  };
}

inline CoordinatorActor::behavior_type coordinator(CoordinatorActor::pointer, Record* record) {
  return {
      [](run_atom) { return Shared<SyncOutcome>(SyncOutcome()); },
      [](stop_atom, const SharedStatus&) {},
      [record](commit_atom, const SharedSummary& summary) { record->summaries.push_back(summary); },
      [record](fail_atom, const SharedStatus& status) { record->failures.push_back(*status); },
      [record](done_atom, const CursorKey& key) { record->done.push_back(key); },
      [record](park_atom, const SharedPark& notice) {
        record->parked.emplace_back(notice->key, notice->wait);
        record->announced.push_back(notice->announced);
      },
      [](hold_atom, std::uint64_t) {},
      [record](ready_atom, const CursorKey& key) { record->ready.push_back(key); },
      [](tick_atom) {},
      [](cancel_atom, std::uint32_t) {},
      [](valid_atom) {},
  };
}

inline PaginatorActor::behavior_type paginator(PaginatorActor::pointer, Record* record) {
  return {
      [](start_atom) {},
      [record](page_atom, const SharedPage& page) { record->pages.push_back(page); },
      [record](ack_atom, std::uint32_t number) { record->acks.push_back(number); },
      [](stop_atom) {},
      [](retry_atom, std::uint32_t) {},
  };
}

inline ProgressActor::behavior_type progress(ProgressActor::pointer, Record* record) {
  return {
      [record](commit_atom, const SharedSummary& summary) { record->summaries.push_back(summary); },
      [](phase_atom, const std::string&) {},
      [](tick_atom) {},
  };
}

}  // namespace baton::actors::peers
