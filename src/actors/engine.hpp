#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "absl/status/status.h"
#include "actors/progress_display.hpp"
#include "actors/sync_summary.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "sdk/connector.hpp"
#include "storage/c1z/writer.hpp"
#include "sync/options.hpp"
#include "sync/resume.hpp"

namespace baton::actors {

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
  c1z::WriteMethod write_method = c1z::WriteMethod::kPages;
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
  std::shared_ptr<ProgressDisplay> display;
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
    std::uint32_t max_concurrency = 64;
    double requests_per_second = 0;
  };

  static std::unique_ptr<Engine> create(Options options);
  virtual ~Engine() = default;

  /// Where connector code runs, one thread at a time.
  virtual boost::asio::any_io_executor executor() = 0;

  /// Asks the limiter of `limit_key` for a permit; `granted` is called once, from any thread. The id cancels.
  /// Thread-safe.
  virtual std::uint64_t acquire_permit(std::string_view limit_key,
                                       std::function<void(absl::Status)> granted) = 0;
  virtual void release_permit(std::string_view limit_key) = 0;
  virtual void cancel_permit(std::string_view limit_key, std::uint64_t id) = 0;
  /// Nothing starts under this key for so long. Thread-safe.
  virtual void hold(std::string_view limit_key, std::chrono::milliseconds duration) = 0;

  /// Runs a sync to its end; blocks the caller. Once per engine.
  virtual SyncOutcome run_sync(const SyncJob& job) = 0;

  /// Ends a running sync in order: calls in flight get their grace, what is fetched is committed.
  /// Thread-safe; may come before the sync begins.
  virtual void stop() = 0;
};

}  // namespace baton::actors
