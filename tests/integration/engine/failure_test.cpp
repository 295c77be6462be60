#include <gmock/gmock.h>

#include "base/error_facts.hpp"
#include "engine_test.hpp"
#include "world.hpp"

namespace baton::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

/// An error that the cursor waits out, but not for long.
absl::Status soon(absl::StatusCode code) {
  absl::Status status(code, "try again");
  set_retry_after(status, std::chrono::milliseconds(1));
  return status;
}

class FailureTest : public EngineTest {};

TEST_F(FailureTest, what_is_gone_is_given_up_and_told) {
  types({"user", "group", "app"});
  resources("user", {"u1"});
  on("resources app").fails(absl::NotFoundError("no such endpoint"));
  resources("group", {"g1", "g2"});
  on("entitlements group/g1").row(entitlement("group", "g1", "member"));
  on("grants group/g1").row(grant("group", "g1", "user", "u1")).next("p1");
  on("grants group/g1@p1").fails(absl::NotFoundError("gone meanwhile"));
  on("static user").fails(absl::NotFoundError("not here"));
  const actors::SyncOutcome outcome = run();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(outcome.summary.warnings,
              UnorderedElementsAre(HasSubstr("list-resources of app"), HasSubstr("list-grants of group/g1"),
                                   HasSubstr("list-static-entitlements of user")));
  const Content content = Content::read(job.path);
  EXPECT_THAT(content.resources, UnorderedElementsAre("user/u1", "group/g1", "group/g2"));
  EXPECT_THAT(content.grant_names(), UnorderedElementsAre("group:g1:member user/u1"))
      << "the page before the loss stays";
  EXPECT_THAT(content.sync.token, HasSubstr(R"("incomplete_types":["app","group","user"])"));
  EXPECT_THAT(log_->text(), HasSubstr("list-resources of app"));
  EXPECT_THAT(log_->text(), HasSubstr("gone meanwhile"));
}

TEST_F(FailureTest, types_that_are_not_found_end_the_sync) {
  on("types").fails(absl::NotFoundError("wrong address"));
  const actors::SyncOutcome outcome = run();
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("list-resource-types"));
}

TEST_F(FailureTest, passing_errors_leave_no_trace_in_the_result) {
  script_world(*connector_);
  const Content undisturbed = sync();
  const std::string bytes = file_bytes(job.path);

  clean_up();
  new_connector();
  script_world(*connector_);
  on("types@p1").fails(soon(absl::StatusCode::kUnavailable), 1);
  on("resources user@p1").fails(soon(absl::StatusCode::kDeadlineExceeded), 2);
  on("entitlements group/g3").fails(soon(absl::StatusCode::kUnavailable), 1);
  on("static role").fails(soon(absl::StatusCode::kUnavailable), 1);
  on("grants group/g5@s1").fails(soon(absl::StatusCode::kResourceExhausted), 1);
  on("grants role*").fails(soon(absl::StatusCode::kUnavailable), 1);
  const Content recovered = sync();
  EXPECT_EQ(connector_->count("resources user@p1"), 3U);
  EXPECT_EQ(recovered.grant_names(), undisturbed.grant_names());
  EXPECT_TRUE(file_bytes(job.path) == bytes);
}

TEST_F(FailureTest, every_other_code_ends_the_sync_and_keeps_the_run) {
  const absl::StatusCode codes[] = {
      absl::StatusCode::kUnknown,           absl::StatusCode::kInvalidArgument,
      absl::StatusCode::kAlreadyExists,     absl::StatusCode::kPermissionDenied,
      absl::StatusCode::kResourceExhausted, absl::StatusCode::kFailedPrecondition,
      absl::StatusCode::kAborted,           absl::StatusCode::kOutOfRange,
      absl::StatusCode::kUnimplemented,     absl::StatusCode::kInternal,
      absl::StatusCode::kDataLoss,          absl::StatusCode::kUnauthenticated,
  };
  for (const absl::StatusCode code : codes) {
    clean_up();
    new_connector();
    types({"user"});
    resources("user", {"u1"});
    on("grants user/u1").fails(absl::Status(code, "says the service"));
    const actors::SyncOutcome outcome = run();
    EXPECT_EQ(outcome.status.code(), code);
    EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("list-grants of user/u1"));
    EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("says the service"));
    EXPECT_TRUE(outcome.resumable);
    EXPECT_TRUE(run_directory_exists());
  }
}

TEST_F(FailureTest, what_a_connector_throws_is_an_error_and_not_the_end_of_the_process) {
  types({"user"});
  on("resources user").throws_exception();
  actors::SyncOutcome outcome = run();
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("scripted exception"));

  new_connector();
  on("resources user").throws_number();
  outcome = run();
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("list-resources of user"));
}

TEST_F(FailureTest, a_listing_in_circles_ends_the_sync_and_is_named) {
  types({"user"});
  on("resources user").row(resource("user", "u0")).next("a");
  on("resources user@a").row(resource("user", "u1")).next("b");
  on("resources user@b").row(resource("user", "u2")).next("a");
  const actors::SyncOutcome outcome = run();
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("list-resources of user"));
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("circles"));
  EXPECT_LE(connector_->requests().size(), 12U);
}

TEST_F(FailureTest, a_service_that_does_not_validate_begins_no_run) {
  on("validate").fails(absl::UnauthenticatedError("bad token"));
  const actors::SyncOutcome outcome = run();
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_FALSE(outcome.resumable);
  EXPECT_EQ(connector_->requests().size(), 1U);
}

TEST_F(FailureTest, a_service_that_starts_late_is_validated_again) {
  on("validate").fails(absl::UnavailableError("starting"), 1);
  sync();
  EXPECT_EQ(connector_->count("validate"), 2U);
}

TEST_F(FailureTest, an_artifact_that_cannot_be_written_is_refused_before_anything_is_asked) {
  job.path = scratch_ / "no/such/folder/sync.c1z";
  const actors::SyncOutcome outcome = run();
  EXPECT_FALSE(outcome.status.ok());
  EXPECT_THAT(connector_->requests(), IsEmpty());
}

}  // namespace
}  // namespace baton::test
