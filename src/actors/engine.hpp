#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "actors/limiter.hpp"
#include "actors/progress_display.hpp"
#include "actors/sync_summary.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "sdk/connector.hpp"
#include "storage/c1z/writer.hpp"
#include "sync/external_match.hpp"
#include "sync/options.hpp"
#include "sync/resume.hpp"

namespace rocksdb {
class FileSystem;
}

namespace baton::actors {

/// An external sync whose principals take the places of those that stand for them.
class ExternalSync {
 public:
  ExternalSync() = default;

  /// A c1z file; empty for none.
  std::string path;
  /// Only principals that hold this entitlement; empty for all.
  std::string entitlement_id;
  sync::TraitSet traits = sync::default_external_traits();
};

/// One sync to run.
class SyncJob {
 public:
  SyncJob() = default;

  std::shared_ptr<sdk::Connector> connector;
  /// Names of the connector, for the run header.
  std::string connector_name;
  std::string connector_version;
  sync::SyncOptions options;
  sync::RunConfiguration configuration;
  /// The artifact, and the directory of the run.
  std::string path;
  std::string directory;
  /// How the artifact is made.
  c1z::FileVersion file_version = c1z::FileVersion::kV1;
  c1z::WriteMethod write_method = c1z::WriteMethod::kPages;
  /// Which earlier syncs the artifact keeps.
  c1z::Retention retention;
  /// Discard an unfinished run.
  bool restart = false;
  /// An unfinished run whose last commit is older is discarded; 0 never.
  std::chrono::milliseconds resume_max_age{std::chrono::hours{24}};
  /// Grants that expansion may add; 0 is no bound.
  std::uint64_t max_expanded_grants = 0;
  /// Cursors walked at a time; 0 chooses.
  std::size_t workers = 0;
  /// How long calls in flight may still land after a stop.
  std::chrono::milliseconds grace{10'000};
  std::chrono::milliseconds give_up_after{30 * 60'000};
  /// Ends the process's part of the run, resumable, when it has collected for so long; 0 never.
  std::chrono::milliseconds run_duration{0};
  ExternalSync external;
  std::shared_ptr<ProgressDisplay> display;
  /// For tests: files of the run directory go through it, and steps of the end are told before they are
  /// taken.
  std::shared_ptr<rocksdb::FileSystem> file_system;
  std::function<void(std::string_view)> at_step;
};

/// The actor system of a process, its I/O thread, and what a sync runs on.
///
/// Thread-safe where said. Destroying an engine ends everything it started, in bounded time.
class Engine {
 public:
  class Options {
   public:
    Options() = default;
    std::shared_ptr<const Clock> clock;
    std::shared_ptr<Entropy> entropy;
    std::shared_ptr<Log> log;
    /// Bounds for every limit key.
    sync::RateLimit limit;
  };

  static std::unique_ptr<Engine> create(Options options);
  virtual ~Engine() = default;

  /// Where connector code runs, one thread at a time.
  virtual boost::asio::any_io_executor executor() = 0;

  /// The permits of a limit key: an opaque text such as host, credential and bucket. Thread-safe; the same
  /// one for the same key.
  virtual Limiter& limiter(std::string_view limit_key) = 0;
  /// What every limit key has done so far. Thread-safe.
  virtual std::vector<LimitUse> limit_use() const = 0;

  /// Runs a sync to its end; blocks the caller. Once per engine.
  virtual SyncOutcome run_sync(const SyncJob& job) = 0;

  /// Ends a running sync in order: calls in flight get their grace, what is fetched is committed.
  /// Thread-safe; may come before the sync begins.
  virtual void stop() = 0;
};

}  // namespace baton::actors
