#include <algorithm>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "program.hpp"
#include "runner/run_connector.hpp"
#include "sdk/connector_builder.hpp"
#include "sdk/resource_types.hpp"
#include "sdk/resources.hpp"

// The whole process of a connector, run in here: exit code, what stands on stderr, what is left behind.
namespace baton::runner {
namespace {

namespace v2 = c1::connector::v2;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

/// What the connector of a test does.
class Behaviour {
 public:
  Behaviour() = default;

  absl::Status validation;
  /// What the second page answers; a stop comes before it and the page never.
  absl::Status second_page;
  bool interrupt = false;
  int lists = 0;
};

/// Two pages of users.
class UserSyncer final : public sdk::ResourceSyncer {
 public:
  explicit UserSyncer(std::shared_ptr<Behaviour> behaviour) : behaviour_(std::move(behaviour)) {}

  v2::ResourceType resource_type() const override {
    v2::ResourceType type;
    type.set_id("user");
    type.set_display_name("User");
    return type;
  }

  Reply<v2::Resource> list(sdk::ListRequest request) override {
    ++behaviour_->lists;
    sdk::Page<v2::Resource> page;
    if (request.page.token.empty()) {
      add(page, "1");
      page.set_next_token("second");
      co_return page;
    }
    if (behaviour_->interrupt) {
      ::kill(::getpid(), SIGTERM);
      boost::asio::steady_timer never(co_await boost::asio::this_coro::executor, std::chrono::hours(1));
      co_await never.async_wait(boost::asio::use_awaitable);
    }
    if (!behaviour_->second_page.ok()) co_return behaviour_->second_page;
    add(page, "2");
    co_return page;
  }

 private:
  void add(sdk::Page<v2::Resource>& page, const std::string& id) const {
    v2::Resource& row = page.add();
    row.mutable_id()->set_resource_type("user");
    row.mutable_id()->set_resource(id);
    row.set_display_name("user " + id);
  }

  std::shared_ptr<Behaviour> behaviour_;
};

class ProcessTest : public testing::Test {
 protected:
  ProcessTest() {
    program_.make = [this](const sdk::Config&, ConnectorRuntime&) { return make(); };
    arguments_ = {"baton-sample",   "--base-url",           "http://x",    "--file", folder_.file("out.c1z"),
                  "--summary-json", folder_.file("s.json"), "--log-level", "error"};
  }

  absl::StatusOr<std::shared_ptr<sdk::Connector>> make() {
    sdk::ConnectorDefinition definition;
    const std::shared_ptr<Behaviour> behaviour = behaviour_;
    definition.validate = [behaviour]() -> Task<absl::Status> { co_return behaviour->validation; };
    definition.syncers.push_back(std::make_unique<UserSyncer>(behaviour_));
    auto connector = sdk::make_connector(std::move(definition));
    if (!connector.ok()) return connector.status();
    return std::shared_ptr<sdk::Connector>(*std::move(connector));
  }

  int run(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = arguments_;
    words.insert(words.end(), more.begin(), more.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run_connector(static_cast<int>(argv.size()), argv.data(), program_);
    stderr_ = testing::internal::GetCapturedStderr();
    stdout_ = testing::internal::GetCapturedStdout();
    return code;
  }
  bool exists(const char* name) const { return std::filesystem::exists(folder_.file(name)); }

  ScratchFolder folder_;
  ConnectorProgram program_ = sample_program();
  std::shared_ptr<Behaviour> behaviour_ = std::make_shared<Behaviour>();
  std::vector<std::string> arguments_;
  std::string stdout_;
  std::string stderr_;
};

TEST_F(ProcessTest, ASyncEndsWithItsSummaryAndItsFile) {
  EXPECT_EQ(run(), 0) << stderr_;
  EXPECT_EQ(stdout_, "");
  EXPECT_THAT(stderr_, AllOf(HasSubstr("list-resources"), HasSubstr(folder_.file("out.c1z"))));
  EXPECT_TRUE(exists("out.c1z"));
  EXPECT_FALSE(exists("out.c1z.sync"));
  EXPECT_THAT(folder_.read("s.json"), AllOf(HasSubstr("\"exit_code\":0"), HasSubstr("\"resources\":2")));
}

TEST_F(ProcessTest, HelpAndVersionGoToStdout) {
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_EQ(stdout_, "baton-sample version 1.2.3\n");
  EXPECT_EQ(stderr_, "");
  EXPECT_EQ(run({"--help"}), 0);
  EXPECT_THAT(stdout_, HasSubstr("--base-url"));
}

TEST_F(ProcessTest, AnErrorIsOneLineAndItsCodeTheExitCode) {
  EXPECT_EQ(run({"--bogus"}), 2);
  EXPECT_EQ(stderr_, "unknown flag: --bogus\n");
  EXPECT_EQ(run({"--client-id", "x"}), 12);
  EXPECT_EQ(std::count(stderr_.begin(), stderr_.end(), '\n'), 1);
  behaviour_->validation = absl::UnauthenticatedError("the service\nrefuses the token");
  EXPECT_EQ(run(), 16);
  EXPECT_THAT(stderr_, EndsWith("the service refuses the token\n"));
  EXPECT_EQ(std::count(stderr_.begin(), stderr_.end(), '\n'), 1) << stderr_;
  EXPECT_FALSE(exists("out.c1z"));
}

TEST_F(ProcessTest, AConnectorThatCannotBeMadeIsAnError) {
  program_.make = [](const sdk::Config&,
                     ConnectorRuntime&) -> absl::StatusOr<std::shared_ptr<sdk::Connector>> {
    return absl::InvalidArgumentError("--base-url is no address");
  };
  EXPECT_EQ(run(), 3);
  EXPECT_EQ(stderr_, "--base-url is no address\n");
  program_.make = [](const sdk::Config&,
                     ConnectorRuntime&) -> absl::StatusOr<std::shared_ptr<sdk::Connector>> {
    throw std::runtime_error("boom");
  };
  EXPECT_EQ(run(), 13);
  EXPECT_EQ(stderr_, "making the connector failed: boom\n");
}

TEST_F(ProcessTest, AFailedSyncKeepsWhatItHasAndGoesOnWhenRunAgain) {
  behaviour_->second_page = absl::PermissionDeniedError("GET /users: 403");
  EXPECT_EQ(run(), 7);
  EXPECT_THAT(stderr_, HasSubstr("GET /users: 403"));
  EXPECT_THAT(stderr_, EndsWith("everything collected is kept in " + folder_.file("out.c1z.sync") +
                                "; run the same command again to go on\n"));
  EXPECT_FALSE(exists("out.c1z"));

  EXPECT_EQ(run({"--archived"}), 9);
  EXPECT_THAT(stderr_, HasSubstr("archived"));

  behaviour_->second_page = absl::OkStatus();
  behaviour_->lists = 0;
  EXPECT_EQ(run(), 0) << stderr_;
  EXPECT_EQ(behaviour_->lists, 1);
  EXPECT_THAT(stderr_, HasSubstr("  resumed   "));
  EXPECT_THAT(folder_.read("s.json"), AllOf(HasSubstr("\"resumed\":true"), HasSubstr("\"resources\":2")));
}

TEST_F(ProcessTest, ASignalEndsTheSyncInOrder) {
  behaviour_->interrupt = true;
  EXPECT_EQ(run({"--shutdown-grace", "0"}), 1);
  EXPECT_THAT(stderr_, HasSubstr("stopping: "));
  EXPECT_THAT(stderr_, EndsWith("run the same command again to go on\n"));
  behaviour_->interrupt = false;
  EXPECT_EQ(run(), 0) << stderr_;
}

TEST_F(ProcessTest, AnUnwritableTargetIsFoundBeforeAnythingIsAsked) {
  arguments_[4] = folder_.file("missing/out.c1z");
  EXPECT_NE(run(), 0);
  EXPECT_THAT(stderr_, HasSubstr("missing"));
  EXPECT_EQ(std::count(stderr_.begin(), stderr_.end(), '\n'), 1) << stderr_;
  EXPECT_EQ(behaviour_->lists, 0);
}

TEST_F(ProcessTest, ADamagedRunIsAnErrorUntilRestart) {
  std::filesystem::create_directory(folder_.file("out.c1z.sync"));
  folder_.write("out.c1z.sync/CURRENT", "no manifest");
  EXPECT_EQ(run(), 15);
  EXPECT_THAT(stderr_, AllOf(HasSubstr("out.c1z.sync"), HasSubstr("--restart")));
  EXPECT_EQ(run({"--restart"}), 0) << stderr_;
  EXPECT_TRUE(exists("out.c1z"));
}

TEST_F(ProcessTest, TheStateFolderHoldsTheRun) {
  behaviour_->second_page = absl::InternalError("odd");
  EXPECT_EQ(run({"--state-dir", folder_.file("state")}), 13);
  EXPECT_FALSE(exists("out.c1z.sync"));
  EXPECT_TRUE(exists("state"));
  behaviour_->second_page = absl::OkStatus();
  EXPECT_EQ(run({"--state-dir", folder_.file("state"), "--restart"}), 0) << stderr_;
  EXPECT_THAT(stderr_, Not(HasSubstr("  resumed   ")));
}

}  // namespace
}  // namespace baton::runner
