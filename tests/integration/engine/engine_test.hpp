#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "actors/engine.hpp"
#include "base/clock.hpp"
#include "content.hpp"
#include "support/rows.hpp"
#include "support/scratch_directory.hpp"
#include "support/scripted_connector.hpp"

namespace baton::test {

/// Keeps every line of warnings and errors.
class WarningLog final : public Log {
 public:
  bool enabled(LogLevel level) const override { return level >= LogLevel::kWarn; }
  void write(LogLevel level, std::string_view subject, std::string_view message,
             std::initializer_list<LogField> fields) override;
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

/// Whole syncs: an engine of its own for each, over a scripted connector, into a scratch directory. Time of
/// day and entropy are fixed, so that equal runs make equal files.
class EngineTest : public ::testing::Test {
 protected:
  EngineTest();

  /// Runs `job` to its end.
  actors::SyncOutcome run();
  /// The same, and the sync must succeed; returns what the artifact holds.
  Content sync();
  /// Starts over with an empty script, in the same directory.
  void new_connector();
  /// Removes artifact and run directory.
  void clean_up();
  bool run_directory_exists() const;

  ScriptedAnswer& on(std::string_view request) { return connector_->on(request); }
  /// Scripts the types, each with resources of its own.
  void types(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) on("types").row(type(id));
  }
  void resources(const std::string& type, const std::vector<std::string>& ids) {
    for (const std::string& id : ids) on("resources " + type).row(resource(type, id));
  }

  ScratchDirectory scratch_;
  std::shared_ptr<FixedClock> clock_;
  std::shared_ptr<WarningLog> log_;
  std::shared_ptr<ScriptedConnector> connector_;
  /// Changed by a test before it runs.
  actors::SyncJob job;
  /// How many syncs the artifact has to hold after `sync`.
  std::size_t syncs_in_file = 1;
  /// Called with each request, and the engine that runs.
  std::function<void(actors::Engine&, const std::string&)> on_request;
};

}  // namespace baton::test
