#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <caf/typed_event_based_actor.hpp>

#include "actors/interfaces.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "sync/options.hpp"

namespace baton::actors {

/// What a paginator is spawned with: its cursor, and whom it talks to.
class PaginatorConfig {
 public:
  PaginatorConfig() = default;

  storage::WorkItem item;
  CoordinatorActor coordinator;
  FetcherActor fetcher;
  WriterActor writer;
  std::shared_ptr<const Clock> clock;
  std::shared_ptr<Entropy> entropy;
  std::shared_ptr<Log> log;
  /// Of the run; null asks for nothing special.
  std::shared_ptr<const sync::SyncOptions> options;
};

class PaginatorState {
 public:
  static inline const char* name = "sync.paginator";

  explicit PaginatorState(PaginatorActor::pointer self) : self_(self) {}

  PaginatorActor::behavior_type make_behavior(PaginatorConfig config);

 private:
  /// A page that is fetched and advanced, ready for the writer.
  class ReadyPage {
   public:
    ReadyPage() = default;
    SharedPage page;
    sync::Cursor cursor_after;
    std::uint32_t number = 0;
    /// Set when the cursor is given up instead.
    std::optional<baton::store::v1::WarningRow> warning;
  };

  void ask();
  void take(const SharedPage& page);
  void take_error(const absl::Status& error);
  /// Goes on with a wait that an earlier process began; false when there is none.
  bool resume_wait();
  void park(std::chrono::milliseconds wait, bool announced, const std::string& error);
  void give_up(const absl::Status& error);
  void hand_on(ReadyPage page);
  void commit(ReadyPage page);
  void committed(std::uint32_t number);
  void fail(const absl::Status& error);
  void end_if_idle();

  PaginatorActor::pointer self_;
  PaginatorConfig config_;
  std::shared_ptr<const c1::connector::v2::Resource> resource_;
  /// As of the last page fetched; the store's is at most two pages behind.
  sync::Cursor cursor_;
  /// A fetched page that waits for the one before it to be committed.
  std::optional<ReadyPage> held_;
  bool asking_ = false;
  bool committing_ = false;
  bool stopping_ = false;
  bool begun_ = false;
  std::uint64_t committing_bytes_ = 0;
  std::uint32_t retry_generation_ = 0;
};

/// Spawn as `self->spawn(paginator, config)`.
PaginatorActor::behavior_type paginator(PaginatorActor::stateful_pointer<PaginatorState> self,
                                        PaginatorConfig config);

}  // namespace baton::actors
