#include "unit/cli/group_file.hpp"

namespace baton::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Why : public GroupFile {
 protected:
  std::string why(const std::string& who, const std::string& group, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"why", "-p", who, "-e", "group:" + group + ":member"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = baton(std::move(arguments));
    EXPECT_EQ(outcome.exit, 0) << outcome.errors;
    EXPECT_EQ(outcome.errors, "");
    return outcome.results;
  }
};

TEST_F(Why, ShowsPathsThroughGroupsTheShortestFirst) {
  for (const char* name : {"a", "b", "c"}) group(name);
  member("a", "alice");
  member("c", "alice");
  nested("a", "b");
  nested("b", "c", false, "user");
  nested("a", "c");
  EXPECT_EQ(why("user:alice", "c"),
            "└─┬Name of alice (user:alice) holds member of Name of c (group:c:member)\n"
            "  ├──granted directly\n"
            "  ├─┬by 1 link\n"
            "  │ ├──through member of Name of a (group:a:member)\n"
            "  │ └──granted directly\n"
            "  └─┬by 2 links\n"
            "    ├──through member of Name of b (group:b:member), only user\n"
            "    ├──through member of Name of a (group:a:member)\n"
            "    └──granted directly\n");
}

TEST_F(Why, ShowsWherePathsAreStopped) {
  for (const char* name : {"a", "b", "c"}) group(name);
  member("a", "alice");
  nested("a", "b", false, "service");
  nested("b", "c", true);
  EXPECT_EQ(why("user:alice", "c"),
            "└─┬Name of alice (user:alice) does not hold member of Name of c (group:c:member)\n"
            "  └─┬stopped, 2 links\n"
            "    ├──through member of Name of b (group:b:member); stops here: shallow, passes direct grants "
            "only\n"
            "    ├──through member of Name of a (group:a:member); stops here: passes only principals of type "
            "service\n"
            "    └──granted directly\n");
}

TEST_F(Why, SaysTheSameOfAFileThatIsExpandedAndOneThatIsNot) {
  for (const char* name : {"a", "b"}) group(name);
  member("a", "alice");
  nested("a", "b");
  const std::string before = why("user:alice", "b");
  EXPECT_THAT(before, HasSubstr("does not hold"));
  EXPECT_THAT(before, HasSubstr("Note: the file holds no such grant: it was not expanded"));
  expanded("b", "alice", "a");
  const std::string after = why("user:alice", "b");
  EXPECT_THAT(after, HasSubstr(" holds "));
  EXPECT_THAT(after, Not(HasSubstr("Note:")));
  const std::string paths = before.substr(before.find('\n'), before.find("Note:") - before.find('\n'));
  EXPECT_EQ(after.substr(after.find('\n')), paths);
}

TEST_F(Why, AGroupHoldsLikeAnyone) {
  for (const char* name : {"a", "b", "c"}) group(name);
  nested("a", "b");
  nested("b", "c");
  EXPECT_THAT(why("group:a", "c"), HasSubstr("through member of Name of b (group:b:member)\n"));
}

TEST_F(Why, TellsOfCyclesWhereUpstreamGrantsLess) {
  for (const char* name : {"a", "b"}) group(name);
  member("a", "alice");
  nested("a", "b");
  nested("b", "a");
  const std::string text = why("user:alice", "b");
  EXPECT_THAT(text, HasSubstr("by 1 link"));
  EXPECT_THAT(text,
              HasSubstr("(group:a:member -> group:b:member) for one and passes nothing on between them; "
                        "baton expand --mode strict does"));
}

TEST_F(Why, TellsOfCyclesWhereUpstreamGrantsMore) {
  for (const char* name : {"a", "b", "d"}) group(name);
  member("a", "alice");
  nested("a", "b", false, "service");
  nested("b", "a");
  nested("b", "d");
  expanded("d", "alice", "a");
  const std::string text = why("user:alice", "d");
  EXPECT_THAT(text, HasSubstr("stopped, 2 links"));
  EXPECT_THAT(text, HasSubstr("Note: the grant in the file comes from a cycle"));
}

TEST_F(Why, TellsOfAGrantThatNothingLeadsToAnyMore) {
  for (const char* name : {"a", "b"}) group(name);
  member("a", "bob");
  expanded("b", "alice", "a");
  const std::string text = why("user:alice", "b");
  EXPECT_THAT(text, HasSubstr("└──no path leads there\n"));
  EXPECT_THAT(text, HasSubstr("Note: no path leads to the grant in the file"));
}

TEST_F(Why, AMissingEntitlementStopsAPath) {
  for (const char* name : {"a", "c"}) group(name);
  member("a", "alice");
  nested("a", "b");
  nested("b", "c");
  EXPECT_THAT(why("user:alice", "c"), HasSubstr("there is no such entitlement"));
  EXPECT_THAT(why("group:a", "b"), HasSubstr("holds MISSING ENTITLEMENT (group:b:member) of MISSING RESOURCE "
                                             "(group:b) (group:b:member)\n  └──granted directly\n"));
}

TEST_F(Why, AForeignSourceIsSaidToBreakExpansion) {
  for (const char* name : {"a", "b"}) group(name);
  member("a", "alice");
  Grant grant = held("b", "service", "robot");
  c1::connector::v2::GrantExpandable expandable;
  expandable.add_entitlement_ids("group:a:member");
  grant.add_annotations()->PackFrom(expandable);
  rows_.add(grant);
  const std::string text = why("user:alice", "b");
  EXPECT_THAT(text, HasSubstr("not an entitlement of the resource that was granted access"));
  EXPECT_THAT(text, HasSubstr("Note: expansion of this file fails: source entitlement resource id did not"));
}

TEST_F(Why, TheLimitCutsAndSaysSo) {
  group("z");
  group("a");
  member("a", "alice");
  for (const char* name : {"p", "q", "r"}) {
    group(name);
    nested("a", name);
    nested(name, "z");
  }
  const std::string text = why("user:alice", "z", {"--limit", "2"});
  EXPECT_THAT(text, HasSubstr("  └──and more paths; a greater --limit shows them\n"));
  EXPECT_THAT(text, Not(HasSubstr("group:r:member")));
  const std::string json = why("user:alice", "z", {"--limit", "2", "-o", "json"});
  EXPECT_THAT(json, HasSubstr(R"(,"more":{"holding":true})"));
  EXPECT_THAT(why("user:alice", "z", {"--limit", "3"}), Not(HasSubstr("more paths")));
}

TEST_F(Why, JsonHasGrantsAndPaths) {
  for (const char* name : {"a", "b"}) group(name);
  member("a", "alice");
  nested("a", "b", true, "user");
  expanded("b", "alice", "a");
  const std::string json = why("user:alice", "b", {"-o", "json"});
  EXPECT_THAT(json, StartsWith(R"({"principal":{"id":{"resourceType":"user","resource":"alice"},)"));
  EXPECT_THAT(json, HasSubstr(R"("held":true,"grants":[{"grant":{)"));
  EXPECT_THAT(json, HasSubstr(R"("direct":false,"expanded":true}],)"));
  EXPECT_THAT(json, HasSubstr(R"("paths":[{"holds":true,"steps":[{"entitlement":"group:a:member","resource":)"
                              R"({"resourceType":"group","resource":"a"},"shallow":true,"resourceTypeIds":)"
                              R"(["user"]}],"direct":true}]})"
                              "\n"));
}

TEST_F(Why, WhatIsUnknownIsAnError) {
  group("a");
  member("a", "alice");
  expect_error(baton({"why", "-p", "user:nobody", "-e", "group:a:member"}), 5,
               "no resource nobody of type user");
  expect_error(baton({"why", "-p", "user:alice", "-e", "nothing"}), 5, "no entitlement nothing");
  expect_error(baton({"why", "-p", "alice", "-e", "group:a:member"}), 2, "must be TYPE:ID");
  expect_error(baton({"why", "-p", ":alice", "-e", "group:a:member"}), 2, "must be TYPE:ID");
  expect_error(baton({"why", "-p", "user:alice"}), 2, "--principal and --entitlement are required");
  expect_error(baton({"why", "-p", "user:alice", "-e", "x", "--limit", "0"}), 2, "--limit");
}

TEST_F(Why, AccessShowsPathsOnDemand) {
  for (const char* name : {"a", "b"}) group(name);
  member("a", "alice");
  nested("a", "b", true);
  expanded("b", "alice", "a");
  EXPECT_EQ(baton({"access", "-t", "user", "-r", "alice", "--why"}).results,
            "└─┬Effective Access for Name of alice (user)\n"
            "  ├─┬Name of a (Type group)\n"
            "  │ └─┬member\n"
            "  │   └──granted directly\n"
            "  └─┬Name of b (Type group)\n"
            "    └─┬member\n"
            "      └──through group:a:member, shallow\n");
  const std::string plain = baton({"access", "-t", "user", "-r", "alice", "-o", "json"}).results;
  const std::string with_why = baton({"access", "-t", "user", "-r", "alice", "--why", "-o", "json"}).results;
  EXPECT_THAT(with_why, StartsWith(plain.substr(0, plain.size() - 2)));
  EXPECT_THAT(with_why, HasSubstr(R"(,"why":[{"entitlement":"group:a:member","paths":[{"holds":true,)"));
}

}  // namespace
}  // namespace baton::cli
