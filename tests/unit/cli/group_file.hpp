#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "cli/app.hpp"
#include "unit/c1z/memory_rows.hpp"
#include "unit/c1z/scratch.hpp"

namespace baton::cli {

class Outcome {
 public:
  int exit = 0;
  std::string results;
  std::string errors;
};

/// Runs the command line in this process.
inline Outcome run_baton(std::vector<std::string> arguments) {
  std::ostringstream results;
  std::ostringstream errors;
  Outcome outcome;
  outcome.exit = run(std::move(arguments), results, errors, false);
  outcome.results = results.str();
  outcome.errors = errors.str();
  return outcome;
}

/// A file of groups, each with the entitlement `group:<name>:member`, that a test fills.
class GroupFile : public testing::Test {
 protected:
  using Grant = c1::connector::v2::Grant;

  void SetUp() override {
    for (const char* type : {"user", "group", "service"}) rows_.add(c1z::make_type(type));
    for (const char* user : {"alice", "bob"}) rows_.add(c1z::make_resource("user", user));
    rows_.add(c1z::make_resource("service", "robot"));
  }

  void group(const std::string& name) {
    rows_.add(c1z::make_resource("group", name));
    rows_.add(c1z::make_entitlement("group", name, "member"));
  }
  static Grant held(const std::string& group, const std::string& type, const std::string& id) {
    Grant grant = c1z::make_grant("group", group, id);
    *grant.mutable_principal() = c1z::make_resource(type, id);
    grant.set_id("group:" + group + ":member:" + type + ":" + id);
    return grant;
  }
  void member(const std::string& group, const std::string& user,
              const std::map<std::string, bool>& sources = {}) {
    Grant grant = held(group, "user", user);
    for (const auto& [source, direct] : sources) {
      (*grant.mutable_sources()->mutable_sources())["group:" + source + ":member"].set_is_direct(direct);
    }
    rows_.add(grant);
  }
  /// What expansion would have made.
  void expanded(const std::string& group, const std::string& user, const std::string& source) {
    Grant grant = held(group, "user", user);
    (*grant.mutable_sources()->mutable_sources())["group:" + source + ":member"].set_is_direct(true);
    grant.add_annotations()->PackFrom(c1::connector::v2::GrantImmutable());
    rows_.add(grant);
  }
  void nested(const std::string& inner, const std::string& outer, bool shallow = false,
              const std::string& type = "") {
    Grant grant = held(outer, "group", inner);
    c1::connector::v2::GrantExpandable expandable;
    expandable.add_entitlement_ids("group:" + inner + ":member");
    expandable.set_shallow(shallow);
    if (!type.empty()) expandable.add_resource_type_ids(type);
    grant.add_annotations()->PackFrom(expandable);
    rows_.add(grant);
  }

  /// Writes the rows so far and runs a command on the file.
  Outcome baton(std::vector<std::string> arguments) {
    const auto summary = c1z::write_v1(c1z::make_options(file_), c1z::make_run(), rows_);
    EXPECT_TRUE(summary.ok()) << summary.status();
    arguments.insert(arguments.end(), {"-f", file_});
    return run_baton(std::move(arguments));
  }
  static void expect_error(const Outcome& outcome, int exit, const std::string& words) {
    EXPECT_EQ(outcome.exit, exit) << outcome.errors;
    EXPECT_EQ(outcome.results, "");
    EXPECT_THAT(outcome.errors, testing::StartsWith("Error: "));
    EXPECT_THAT(outcome.errors, testing::HasSubstr(words));
    EXPECT_EQ(std::ranges::count(outcome.errors, '\n'), 1);
  }

  c1z::MemoryRows rows_;
  c1z::Scratch scratch_;
  std::string file_ = scratch_ / "in.c1z";
  std::string out_ = scratch_ / "out.c1z";
};

}  // namespace baton::cli
