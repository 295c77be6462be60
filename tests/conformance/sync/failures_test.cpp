#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "base/error_facts.hpp"
#include "engine_test.hpp"

/// Lines 9 and 10 of the checklist: what an error does to the sync.
namespace baton::test {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// -- 9. NotFound per phase: warning or fatal; 11 warnings of < 110 actions fatal, 11 of >= 110 not.

class Line9NotFound : public EngineTest {
 protected:
  actors::SyncOutcome with_missing(const std::string& request) {
    clean_up();
    new_connector();
    types({"user"});
    resources("user", {"u1"});
    on(request).fails(absl::NotFoundError("gone"));
    return run();
  }
  /// Lists of so many users, eleven of which are gone. Beside them there are the types twice, the users, and
  /// the static entitlements: four more.
  actors::SyncOutcome eleven_of(std::size_t lists) {
    clean_up();
    new_connector();
    types({"user"});
    job.options.skip_grants = true;
    for (std::size_t i = 0; i < lists - 4; ++i) {
      const std::string id = absl::StrCat("u", i);
      on("resources user").row(resource("user", id));
      if (i < 11) on("entitlements user/" + id).fails(absl::NotFoundError("gone"));
    }
    return run();
  }
};

TEST_F(Line9NotFound, is_a_warning_for_everything_but_the_types) {
  for (const char* request : {"resources user", "static user", "entitlements user/u1", "grants user/u1"}) {
    const actors::SyncOutcome outcome = with_missing(request);
    EXPECT_TRUE(outcome.status.ok()) << request << ": " << outcome.status;
    EXPECT_THAT(outcome.summary.warnings, SizeIs(1)) << request;
    EXPECT_THAT(Content::read(job.path).sync.token, HasSubstr("\"incomplete_types\":[\"user\"]"));
  }
  EXPECT_EQ(with_missing("types").status.code(), absl::StatusCode::kNotFound);
}

TEST_F(Line9NotFound, of_a_list_is_recorded_with_phase_type_and_resource) {
  with_missing("grants user/u1");
  EXPECT_THAT(Content::read(job.path).sync.token,
              HasSubstr(R"("dropped":[{"phase":"list-grants","type":"user","resource":"u1"}])"));
}

TEST_F(Line9NotFound, of_a_whole_type_is_fatal_on_request_and_that_of_a_resource_is_not) {
  job.options.require_all_types = true;
  EXPECT_EQ(with_missing("resources user").status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(with_missing("static user").status.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(with_missing("grants user/u1").status.ok());
}

TEST_F(Line9NotFound, too_often_ends_the_sync) {
  const actors::SyncOutcome outcome = eleven_of(109);
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("too many warnings: 11 of 109"));
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("--restart"));
  // It stays so, whatever is left to do.
  EXPECT_EQ(run().status.code(), absl::StatusCode::kAborted);

  const actors::SyncOutcome few = eleven_of(110);
  EXPECT_TRUE(few.status.ok()) << few.status;
  EXPECT_THAT(few.summary.warnings, SizeIs(11));
}

TEST_F(Line9NotFound, ends_a_phase_early_once_it_cannot_get_below_a_tenth_any_more) {
  types({"user"});
  job.workers = 1;
  for (std::size_t i = 0; i < 100; ++i) {
    const std::string id = absl::StrCat("u", i);
    on("resources user").row(resource("user", id));
    if (i < 60) on("grants user/" + id).fails(absl::NotFoundError("gone"));
  }
  // 204 lists: the types twice, the users, the static entitlements, and two for each user. The 21st loss
  // decides.
  const actors::SyncOutcome early = run();
  EXPECT_EQ(early.status.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(early.status.message()), HasSubstr("too many warnings: 21 of 204"));
  EXPECT_TRUE(early.only_restart);
  EXPECT_LT(connector_->requests().size(), 140U) << "the rest was not asked for";
}

// -- 10. Each gRPC code; retry timing with and without RateLimitDescription.

class Line10Codes : public EngineTest {
 protected:
  void script() {
    clean_up();
    new_connector();
    types({"user"});
    resources("user", {"u1"});
  }
};

TEST_F(Line10Codes, are_retried_or_end_the_sync_with_themselves) {
  for (int code = 1; code <= 16; ++code) {
    SCOPED_TRACE(code);
    script();
    absl::Status error(static_cast<absl::StatusCode>(code), "says the service");
    const bool retried = absl::IsUnavailable(error) || absl::IsDeadlineExceeded(error);
    if (retried) set_retry_after(error, std::chrono::milliseconds(1));
    on("grants user/u1").fails(error, retried ? 2 : ScriptedAnswer::kAlways);
    // Cancelled is what a call answers that we cancelled; nothing else may say so.
    if (absl::IsCancelled(error) || absl::IsNotFound(error)) continue;
    const actors::SyncOutcome outcome = run();
    if (retried) {
      EXPECT_TRUE(outcome.status.ok()) << outcome.status;
      EXPECT_EQ(connector_->count("grants user/u1"), 3U);
      EXPECT_EQ(outcome.summary.retries, 2U);
    } else {
      EXPECT_EQ(outcome.status.code(), error.code());
      EXPECT_EQ(connector_->count("grants user/u1"), 1U);
    }
  }
}

TEST_F(Line10Codes, that_are_retried_wait_a_second_or_what_a_rate_limit_says) {
  script();
  on("grants user/u1").fails(absl::UnavailableError("busy"), 1);
  auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(run().status.ok());
  auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_GE(took, std::chrono::milliseconds(500)) << "a second with jitter";

  script();
  absl::Status limited = absl::ResourceExhaustedError("slow down");
  RateLimitFacts facts;
  facts.state = RateLimitFacts::State::kOverLimit;
  facts.reset_at = clock_->now() + std::chrono::milliseconds(200);
  set_rate_limit(limited, facts);
  on("grants user/u1").fails(limited, 1);
  begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(run().status.ok());
  took = std::chrono::steady_clock::now() - begun;
  EXPECT_GE(took, std::chrono::milliseconds(200));

  script();
  on("grants user/u1").fails(absl::ResourceExhaustedError("for good"), 1);
  EXPECT_EQ(run().status.code(), absl::StatusCode::kResourceExhausted) << "no end is known";
}

TEST_F(Line10Codes, one_cursor_that_waits_holds_up_no_other) {
  types({"user"});
  resources("user", {"u1", "u2", "u3", "u4"});
  job.workers = 1;
  on("grants user/u1").fails(absl::UnavailableError("busy"), 1);
  sync();
  const auto requests = connector_->requests();
  // Asked again only after all others.
  EXPECT_EQ(*(requests.end() - 2), "grants user/u1");
}

}  // namespace
}  // namespace baton::test
