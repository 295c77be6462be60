#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/interfaces.hpp"
#include "actors/stop_flag.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "sdk/connector.hpp"
#include "sync/options.hpp"

namespace baton::actors {

/// The actors of one sync, spawned together.
class SyncActors {
 public:
  SyncActors() = default;

  FetcherActor fetcher;
  WriterActor writer;
  /// Null without an external sync.
  ImporterActor importer;
  ExpanderActor expander;
  ExporterActor exporter;
  ProgressActor progress;
};

/// What a coordinator is spawned with.
class CoordinatorConfig {
 public:
  CoordinatorConfig() = default;

  sync::SyncOptions options;
  /// The run as the store holds it, or as it shall begin.
  baton::store::v1::RunHeader header;
  /// Counters and open cursors that the store holds already.
  baton::store::v1::RunCounters counters;
  std::vector<storage::PlannedCount> pending;
  bool resumed = false;
  /// Cursors that may be walked at a time.
  std::size_t slots = 64;
  std::chrono::milliseconds grace{10'000};
  /// Stop when nothing was committed for this long outside announced holds; 0 never.
  std::chrono::milliseconds give_up_after{30 * 60'000};
  /// Stop, resumable, when this process has collected for so long; 0 never.
  std::chrono::milliseconds run_duration{0};
  /// Shared with the actors whose steps take long.
  std::shared_ptr<StopFlag> stop_flag = std::make_shared<StopFlag>();
  std::shared_ptr<sdk::Connector> connector;
  std::shared_ptr<const Clock> clock;
  std::shared_ptr<Entropy> entropy;
  std::shared_ptr<Log> log;
  /// Spawns the actors, which need the coordinator's handle.
  std::function<SyncActors(CoordinatorActor)> spawn_actors;
};

class CoordinatorState {
 public:
  static inline const char* name = "sync.coordinator";

  explicit CoordinatorState(CoordinatorActor::pointer self) : self_(self) {}

  CoordinatorActor::behavior_type make_behavior(CoordinatorConfig config);

 private:
  /// Work of one lane: how much the store still holds, and what was read ahead.
  class LaneState {
   public:
    LaneState() = default;
    /// Cursors not done, wherever they are.
    std::uint64_t open = 0;
    /// Of them, those that the store has not handed out.
    std::uint64_t stored = 0;
    std::deque<storage::WorkItem> ready;
    bool asking = false;
  };
  class LiveCursor {
   public:
    LiveCursor() = default;
    PaginatorActor paginator;
    bool parked = false;
    /// It was parked without giving its slot back, because too many were.
    bool keeps_slot = false;
  };
  /// Finished cursors, and of them those given up.
  class Tally {
   public:
    std::uint64_t done = 0;
    std::uint64_t warnings = 0;
  };
  enum class Stage { kValidating, kCollecting, kFinishing, kStopping, kEnded };

  void run();
  void validate();
  void validated(const absl::Status& status);
  void begin_collecting();
  /// Also on a resume: an earlier process may have died between its header and its first cursors. Planning
  /// them twice changes nothing.
  void plan_first();
  void load_catalog();
  void open_catalog(const std::vector<c1::connector::v2::ResourceType>& types);
  /// Work planned outside a page: known to progress, too.
  void announce(const std::vector<storage::PlannedCount>& planned);
  void add_planned(const std::vector<storage::PlannedCount>& planned);
  void schedule();
  bool phase_open(storage::Lane lane) const;
  bool phases_before_are_over(std::uint8_t phase) const;
  void read_ahead(storage::Lane lane, LaneState& state);
  bool start_next();
  void start_cursor(storage::WorkItem item);
  void cursor_done(const CursorKey& key);
  void park(const ParkNotice& notice);
  void hold(std::chrono::milliseconds duration);
  void tell_of(const ParkNotice& notice);
  void unpark(const CursorKey& key);
  void committed(const CommitSummary& summary);
  void tick();

  void finish_collecting();
  void import_external();
  void expand();
  void export_artifact();
  /// Tells the connector that the sync is over, then everyone else.
  void clean_up();
  void put_state(baton::store::v1::RunState state, std::function<void()> then);

  /// Stops the sync with this error; `grace` lets calls in flight land first.
  void stop(const absl::Status& status, std::chrono::milliseconds grace);
  /// The same for a verdict on what is collected, which no resume changes.
  void stop_for_good(const absl::Status& verdict);
  /// Whether a step that ended so shall be the last; ends the sync then.
  bool ended_by(const absl::Status& step);
  Tally tally_up_to(std::uint8_t phase) const;
  /// Of all phases up to this one; Aborted when too much was given up.
  absl::Status judge_warnings(std::uint8_t phase) const;
  /// The same before a phase is over, where its end cannot be another any more: all of its lists are planned.
  absl::Status judge_open_phase() const;
  void stop_if_quiet();
  void child_down(const caf::down_msg& message);
  void end(const absl::Status& status);
  /// Answers whoever runs the sync and ends all actors.
  void deliver(const absl::Status& status);
  template <class Reply>
  std::function<void(const caf::error&)> lost(const char* whom);

  CoordinatorActor::pointer self_;
  CoordinatorConfig config_;
  SyncActors actors_;
  caf::typed_response_promise<Shared<SyncOutcome>> promise_;
  SyncOutcome outcome_;
  Stage stage_ = Stage::kValidating;
  std::map<storage::Lane, LaneState> lanes_;
  std::map<CursorKey, LiveCursor> live_;
  std::deque<CursorKey> wants_slot_;
  std::size_t active_ = 0;
  std::size_t parked_ = 0;
  bool catalog_asked_ = false;
  bool catalog_open_ = false;
  /// Cursors by phase.
  std::map<std::uint32_t, Tally> tallies_;
  /// Phases whose own pages planned further lists in them: how many there will be is not known.
  std::set<std::uint8_t> growing_;
  std::shared_ptr<const sync::SyncOptions> options_;
  std::uint8_t judged_phase_ = 0;
  std::uint32_t validate_attempt_ = 0;
  std::uint32_t stop_generation_ = 0;
  absl::Status stop_status_;
  std::chrono::steady_clock::time_point started_{};
  std::chrono::steady_clock::time_point step_started_{};
  std::chrono::steady_clock::time_point last_commit_{};
  std::chrono::steady_clock::time_point hold_until_{};
  std::optional<std::chrono::steady_clock::time_point> last_retry_line_;
};

/// Spawn as `system.spawn(coordinator, config)`.
CoordinatorActor::behavior_type coordinator(CoordinatorActor::stateful_pointer<CoordinatorState> self,
                                            CoordinatorConfig config);

}  // namespace baton::actors
