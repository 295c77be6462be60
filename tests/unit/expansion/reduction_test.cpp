#include "expansion/reduction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "unit/expansion/scenario.hpp"

namespace baton::expansion {
namespace {

using ::testing::ElementsAre;
using testing::index_of;
using ::testing::IsEmpty;
using testing::name;
using testing::rank_of;
using testing::Recorder;
using testing::Scenario;

/// Feeds of base holders from these sources, in id order; node numbers follow the list.
std::vector<Feed> base_feeds(const Input& input, const std::vector<std::string>& sources) {
  std::vector<Feed> feeds;
  for (const std::string& source : sources) {
    Feed feed;
    feed.source = index_of(input, source);
    feed.node = static_cast<NodeIndex>(feeds.size());
    feed.holders.base = input.holders(feed.source);
    feeds.push_back(feed);
  }
  return feeds;
}

RowCounts reduce_to(const Input& input, std::string_view destination, const std::vector<Feed>& feeds,
                    Recorder& recorder) {
  const absl::StatusOr<RowCounts> counts = reduce(input, index_of(input, destination), feeds, recorder);
  EXPECT_TRUE(counts.ok()) << counts.status();
  return *counts;
}

/// Rows of destination d fed by a and b.
std::vector<std::string> rows(const Scenario& scenario) {
  const Input input = scenario.input();
  Recorder recorder(input);
  reduce_to(input, "d", base_feeds(input, {"a", "b"}), recorder);
  return recorder.rows;
}

Scenario abd() {
  return Scenario().entitlement("a").entitlement("b").entitlement("d");
}

TEST(Reduce, SynthesisesWithEverySourceByIdAndFlag) {
  EXPECT_THAT(rows(abd().grant("b", "alice").grant("a", "alice", {{"x", true}})),
              ElementsAre("d: alice {a-, b+}*"));
}

TEST(Reduce, ABaseGrantWithoutSourcesGetsItselfAsSource) {
  EXPECT_THAT(rows(abd().grant("a", "alice").grant("d", "alice")), ElementsAre("d: alice {a+, d+}"));
}

TEST(Reduce, ABaseGrantWithOtherSourcesGetsNoSelfSource) {
  EXPECT_THAT(rows(abd().grant("b", "alice").grant("d", "alice", {{"x", false}})),
              ElementsAre("d: alice {b+, x-}"));
}

TEST(Reduce, FalseBecomesTrue) {
  EXPECT_THAT(rows(abd().grant("a", "alice").grant("d", "alice", {{"a", false}})),
              ElementsAre("d: alice {a+}"));
}

TEST(Reduce, TrueNeverBecomesFalseAndAnUnchangedRowIsNotDelivered) {
  EXPECT_THAT(rows(abd().grant("a", "alice", {{"x", true}}).grant("d", "alice", {{"a", true}})), IsEmpty());
}

TEST(Reduce, ABaseGrantWithoutContributionStaysAsItIs) {
  EXPECT_THAT(rows(abd().grant("a", "alice").grant("d", "dave")), ElementsAre("d: alice {a+}*"));
}

TEST(Reduce, DeliversPrincipalsByBytesOfTypeThenId) {
  EXPECT_THAT(rows(abd()
                       .grant("a", "zoe")
                       .grant("b", "bob")
                       .grant("a", "group:x")
                       .grant("d", "mia")
                       .grant("b", "mia")),
              ElementsAre("d: group:x {a+}*", "d: bob {b+}*", "d: mia {b+, d+}", "d: zoe {a+}*"));
}

TEST(Reduce, NobodyWhomExpansionAddedIsDirect) {
  // Alice was added to a, and holds it by a base grant as well; bob was only added.
  const Input input = abd().grant("a", "alice").grant("b", "alice").grant("b", "bob").input();
  std::vector<Feed> feeds = base_feeds(input, {"a"});
  feeds[0].holders.added = input.holders(index_of(input, "b"));
  Recorder recorder(input);
  const RowCounts counts = reduce_to(input, "d", feeds, recorder);
  EXPECT_THAT(recorder.rows, ElementsAre("d: alice {a+}*", "d: bob {a-}*"));
  EXPECT_EQ(counts.synthesised, 2U);
  EXPECT_EQ(counts.changed, 0U);
  feeds[0].shallow = true;
  Recorder shallow(input);
  reduce_to(input, "d", feeds, shallow);
  EXPECT_THAT(shallow.rows, ElementsAre("d: alice {a+}*"));
}

TEST(Reduce, RowsWithEqualSourcesShareTheirEncoding) {
  const Input input = abd()
                          .grant("a", "u1")
                          .grant("b", "u2")
                          .grant("a", "u3")
                          .grant("a", "u4")
                          .grant("b", "u4")
                          .grant("a", "u5")
                          .grant("d", "u5")
                          .grant("b", "u6")
                          .input();
  Recorder recorder(input);
  reduce_to(input, "d", base_feeds(input, {"a", "b"}), recorder);
  EXPECT_THAT(recorder.encoded_now, ElementsAre(true, true, false, true, true, false));
}

TEST(Reduce, TheFirstSourceIsTheOneOfTheFirstNode) {
  class FirstSources final : public ResultSink {
   public:
    absl::Status begin(EntitlementIndex) override { return absl::OkStatus(); }
    absl::Status row(const ResultRow& row) override {
      sources.push_back(row.first_source);
      return absl::OkStatus();
    }
    absl::Status end(EntitlementIndex) override { return absl::OkStatus(); }
    std::vector<EntitlementIndex> sources;
  };
  const Input input = abd().grant("a", "both").grant("b", "both").grant("a", "only_a").input();
  std::vector<Feed> feeds = base_feeds(input, {"a", "b"});
  std::swap(feeds[0].node, feeds[1].node);
  FirstSources sink;
  ASSERT_TRUE(reduce(input, index_of(input, "d"), feeds, sink).ok());
  EXPECT_THAT(sink.sources, ElementsAre(index_of(input, "b"), index_of(input, "a")));
}

TEST(Reduce, HandsAnErrorOfTheSinkOn) {
  const Input input = abd().grant("a", "alice").grant("a", "bob").grant("a", "carol").input();
  Recorder recorder(input);
  recorder.fail_at(2);
  const std::vector<Feed> feeds = base_feeds(input, {"a"});
  EXPECT_EQ(reduce(input, index_of(input, "d"), feeds, recorder).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(recorder.rows, ElementsAre("d: alice {a+}*"));
  EXPECT_THAT(recorder.ended, IsEmpty());
}

// Space covered: up to 40 feeds with any mixture of shallow edges and filters, holders direct or not, base
// grants with and without sources, the latter naming feeds, the destination or strangers. Oracle: the rules
// of what is written, applied contribution by contribution to a map of maps.
TEST(Reduce, AgreesWithTheRulesAppliedOneContributionAtATime) {
  const std::vector<std::string> types = {"bot", "service", "user"};
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto chance = [&](uint32_t percent) { return random() % 100 < percent; };

    Scenario scenario;
    scenario.entitlement("d");
    std::vector<std::string> principals;
    for (int i = 0; i < 25; ++i) principals.push_back(types[random() % 3] + ":" + std::to_string(i));
    std::vector<std::string> sources;
    for (uint32_t i = 1 + random() % 40; i > 0; --i) sources.push_back("s" + std::to_string(100 + i));
    std::sort(sources.begin(), sources.end());
    std::map<std::pair<std::string, std::string>, bool> is_direct;  // (source, principal)
    for (const std::string& source : sources) {
      scenario.entitlement(source);
      for (const std::string& principal : principals) {
        if (!chance(20)) continue;
        is_direct[{source, principal}] = chance(60);
        scenario.grant(source, principal,
                       is_direct[{source, principal}] ? std::map<std::string, bool>{}
                                                      : std::map<std::string, bool>{{"stranger", true}});
      }
    }
    std::map<std::string, std::map<std::string, bool>> base;
    for (const std::string& principal : principals) {
      if (!chance(40)) continue;
      auto& had = base[principal];
      if (chance(30)) had["d"] = chance(50);
      if (chance(30)) had[sources[random() % sources.size()]] = chance(50);
      if (chance(20)) had["stranger"] = chance(50);
      scenario.grant("d", principal, had);
    }
    const Input input = scenario.input();

    const auto range_of = [&](const std::string& type) {
      RankRange range;
      while (range.begin < input.principal_count() && input.principal(range.begin).type < type) ++range.begin;
      range.end = range.begin;
      while (range.end < input.principal_count() && input.principal(range.end).type == type) ++range.end;
      return range;
    };
    std::vector<Feed> feeds = base_feeds(input, sources);
    std::vector<std::vector<RankRange>> ranges(feeds.size());
    std::map<std::string, std::map<std::string, bool>> contributions;
    for (std::size_t i = 0; i < feeds.size(); ++i) {
      feeds[i].shallow = chance(40);
      feeds[i].filtered = chance(40);
      std::set<std::string> passing(types.begin(), types.end());
      if (feeds[i].filtered) {
        std::erase_if(passing, [&](const std::string&) { return chance(50); });
        for (const std::string& type : passing) ranges[i].push_back(range_of(type));
        feeds[i].ranges = ranges[i];
      }
      for (const std::string& principal : principals) {
        const auto grant = is_direct.find({sources[i], principal});
        if (grant == is_direct.end() || (feeds[i].shallow && !grant->second)) continue;
        if (!passing.contains(principal.substr(0, principal.find(':')))) continue;
        contributions[principal][sources[i]] = grant->second;
      }
    }

    std::map<PrincipalRank, std::string> expected;
    for (const auto& [principal, added] : contributions) {
      const auto had = base.find(principal);
      std::map<std::string, bool> after;
      if (had != base.end()) {
        after = had->second;
        if (after.empty()) after["d"] = true;
      }
      for (const auto& [source, direct] : added) after[source] = after[source] || direct;
      if (had != base.end() && after == had->second) continue;
      std::string text =
          "d: " +
          name({principal.substr(0, principal.find(':')), principal.substr(principal.find(':') + 1)}) + " {";
      for (const auto& [source, direct] : after) {
        if (text.back() != '{') text += ", ";
        text += source + (direct ? "+" : "-");
      }
      expected[rank_of(input, name({principal.substr(0, principal.find(':')),
                                    principal.substr(principal.find(':') + 1)}))] =
          text + (had == base.end() ? "}*" : "}");
    }
    std::vector<std::string> expected_rows;
    for (const auto& [rank, text] : expected) expected_rows.push_back(text);

    Recorder recorder(input);
    reduce_to(input, "d", feeds, recorder);
    ASSERT_EQ(recorder.rows, expected_rows);
  }
}

}  // namespace
}  // namespace baton::expansion
