#include "engine_test.hpp"

#include <filesystem>

namespace baton::test {
namespace {

class QuietDisplay final : public actors::ProgressDisplay {
 public:
  std::chrono::milliseconds interval() const override { return std::chrono::seconds(1); }
  void show(const actors::ProgressView&) override {}
};

}  // namespace

void WarningLog::write(LogLevel level, std::string_view, std::string_view message,
                       std::initializer_list<LogField> fields) {
  if (!enabled(level)) return;
  const std::lock_guard lock(mutex_);
  text_ += message;
  for (const LogField& field : fields) text_ += " " + std::string(field.name) + "=" + field.value;
  text_ += "\n";
}

std::string WarningLog::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

EngineTest::EngineTest()
    : clock_(std::make_shared<FixedClock>(std::chrono::system_clock::from_time_t(1'700'000'000))),
      log_(std::make_shared<WarningLog>()) {
  new_connector();
  job.connector_name = "scripted";
  job.configuration = {{"connector", "scripted"}, {"domain", "example.com"}};
  job.path = scratch_ / "sync.c1z";
  job.directory = scratch_ / "sync.c1z.sync";
  job.workers = 4;
  job.display = std::make_shared<QuietDisplay>();
}

void EngineTest::new_connector() {
  connector_ = std::make_shared<ScriptedConnector>();
}

actors::SyncOutcome EngineTest::run() {
  actors::Engine::Options options;
  options.clock = clock_;
  options.entropy = std::make_shared<SeededEntropy>(42);
  options.log = log_;
  const auto engine = actors::Engine::create(options);
  if (on_request) {
    connector_->on_request([this, &engine](const std::string& request) { on_request(*engine, request); });
  }
  job.connector = connector_;
  return engine->run_sync(job);
}

Content EngineTest::sync() {
  const actors::SyncOutcome outcome = run();
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_FALSE(outcome.resumable);
  EXPECT_FALSE(run_directory_exists());
  EXPECT_EQ(connector_->barrier_violation(), "");
  if (!outcome.status.ok()) return Content();
  Content content = Content::read(job.path);
  EXPECT_EQ(content.sync.id, outcome.summary.sync_id);
  EXPECT_EQ(content.syncs, syncs_in_file);
  EXPECT_TRUE(content.sync.ended_at.has_value());
  EXPECT_EQ(content.types.size(), outcome.summary.resource_types);
  EXPECT_EQ(content.resources.size(), outcome.summary.resources);
  EXPECT_EQ(content.entitlements.size(), outcome.summary.entitlements);
  EXPECT_EQ(content.grants.size(), outcome.summary.grants);
  return content;
}

void EngineTest::clean_up() {
  std::filesystem::remove(job.path);
  std::filesystem::remove_all(job.directory);
}

bool EngineTest::run_directory_exists() const {
  return std::filesystem::exists(job.directory);
}

}  // namespace baton::test
