// One process of a sync, for tests that let it die: `sync_process name=value …`. Files, time and ids are
// fixed, so that whatever happens on the way the same artifact comes out in the end.
//
//   dir       where run directory and artifact are
//   world     0: the small world of the engine tests; else a seed
//   workers   cursors at a time
//   log       gets "ask <request>" and "done <operation> <type> <resource> <parent> <sibling> <page>" lines
//   exit_at, tear, power_loss, full_from, fail_at, fail_sync_from     as FilePlan
//   step      "<name>:<n>": exits when the exporter comes to this step for the n-th time
//
// Prints how many appends it saw and, when it failed, why. Exit codes: 0, 1 (failed), FaultyFileSystem's.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "actors/engine.hpp"
#include "base/clock.hpp"
#include "integration/engine/random_world.hpp"
#include "integration/engine/world.hpp"
#include "support/faulty_file_system.hpp"
#include "support/scripted_connector.hpp"

namespace baton::test {
namespace {

/// Appends whole lines, so that nothing is lost with the process.
class Record {
 public:
  explicit Record(const std::string& path)
      : file_(path.empty() ? -1 : ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}
  void line(const std::string& text) const {
    const std::string line = text + "\n";
    const ssize_t ignored = file_ < 0 ? 0 : ::write(file_, line.data(), line.size());
    static_cast<void>(ignored);
  }

 private:
  int file_;
};

/// Keeps what was acknowledged.
class CommitLog final : public Log {
 public:
  explicit CommitLog(const Record& record) : record_(record) {}
  bool enabled(LogLevel) const override { return true; }
  void write(LogLevel, std::string_view, std::string_view message,
             std::initializer_list<LogField> fields) override {
    if (message != "page committed") return;
    std::map<std::string_view, std::string> facts;
    for (const LogField& field : fields) facts.emplace(field.name, field.value);
    record_.line("done " + facts["operation"] + " " + facts["type"] + " " + facts["resource"] + " " +
                 facts["parent"] + " " + facts["sibling"] + " " + facts["page"]);
  }

 private:
  const Record& record_;
};

/// The time of day stands still, the rest goes on.
class WallStands final : public Clock {
 public:
  std::chrono::system_clock::time_point now() const override {
    return std::chrono::system_clock::from_time_t(1'700'000'000);
  }
  std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::now();
  }
};

class QuietDisplay final : public actors::ProgressDisplay {
 public:
  std::chrono::milliseconds interval() const override { return std::chrono::seconds(1); }
  void show(const actors::ProgressView&) override {}
};

int run(std::map<std::string, std::string>& arguments) {
  const auto number = [&arguments](const char* name) {
    return std::strtoull(arguments[name].c_str(), nullptr, 10);
  };
  const Record record(arguments["log"]);
  FilePlan plan;
  plan.exit_at = number("exit_at");
  plan.tear_seed = number("tear");
  plan.power_loss = number("power_loss") != 0;
  plan.full_from = number("full_from");
  plan.fail_at = number("fail_at");
  plan.fail_sync_from = number("fail_sync_from");
  const auto files = std::make_shared<FaultyFileSystem>(plan);

  const auto connector = std::make_shared<ScriptedConnector>();
  if (number("world") == 0) {
    script_world(*connector);
  } else {
    script_random_world(*connector, number("world"), Weather::kFair);
  }
  connector->on_request([&record](const std::string& request) { record.line("ask " + request); });

  actors::SyncJob job;
  job.connector = connector;
  job.connector_name = "scripted";
  job.configuration = {{"connector", "scripted"}};
  job.path = arguments["dir"] + "/sync.c1z";
  job.directory = job.path + ".sync";
  job.workers = std::max<std::size_t>(number("workers"), 1);
  job.display = std::make_shared<QuietDisplay>();
  job.file_system = files;
  const std::string& step = arguments["step"];
  std::uint64_t left =
      std::strtoull(step.substr(std::min(step.find(':'), step.size() - 1) + 1).c_str(), nullptr, 10);
  job.at_step = [&](std::string_view name) {
    if (name == step.substr(0, step.find(':')) && --left == 0) ::_exit(FaultyFileSystem::kExitCode);
  };

  actors::Engine::Options options;
  options.clock = std::make_shared<WallStands>();
  options.entropy = std::make_shared<SeededEntropy>(42);
  options.log = std::make_shared<CommitLog>(record);
  const auto engine = actors::Engine::create(options);
  const actors::SyncOutcome outcome = engine->run_sync(job);
  std::printf("appends %llu\n", static_cast<unsigned long long>(files->appends()));
  if (outcome.status.ok()) return 0;
  std::printf("%s\n", outcome.status.ToString().c_str());
  return 1;
}

}  // namespace
}  // namespace baton::test

int main(int argc, char** argv) {
  std::map<std::string, std::string> arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos) return 2;
    arguments[argument.substr(0, equals)] = argument.substr(equals + 1);
  }
  arguments.try_emplace("step", ":0");
  return baton::test::run(arguments);
}
