#include "expansion/paths.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

namespace baton::expansion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A graph over letters; paths as text: "c<b<a" leads from a, where something was granted, to c; "b<!a" is
/// stopped at the link from a to b.
class Ways {
 public:
  Ways& hold(const std::string& name, Hold hold = Hold::kDirect) {
    holds_[name] = hold;
    return *this;
  }
  Ways& link(const std::string& source, const std::string& destination, bool shallow = false,
             Obstacle obstacle = Obstacle::kNone) {
    links_.push_back({source, destination, shallow, obstacle});
    holds_.try_emplace(source, Hold::kNone);
    holds_.try_emplace(destination, Hold::kNone);
    return *this;
  }

  AccessGraph graph() {
    AccessGraph graph;
    names_.clear();
    nodes_.clear();
    for (const auto& [name, hold] : holds_) {
      nodes_[name] = graph.add_entitlement(hold);
      names_.push_back(name);
    }
    for (const auto& link : links_) {
      graph.add_link({nodes_.at(link.source), nodes_.at(link.destination), link.shallow, link.obstacle});
    }
    return graph;
  }

  AccessPaths find(const std::string& asked, std::size_t paths = 20, std::size_t work = 1'000'000) {
    const AccessGraph made = graph();
    PathLimits limits;
    limits.paths = paths;
    limits.work = work;
    return find_paths(made, nodes_.at(asked), limits);
  }

  std::vector<std::string> texts(const std::string& asked, const std::vector<AccessPath>& paths) {
    const AccessGraph made = graph();
    std::vector<std::string> texts;
    for (const AccessPath& path : paths) {
      std::string text = asked;
      for (const PathStep& step : path.steps) {
        text += step.obstacle == Obstacle::kNone ? "<" : "<!";
        text += names_[made.link(step.link).source];
      }
      texts.push_back(text);
    }
    return texts;
  }
  std::vector<std::string> holding(const std::string& asked) { return texts(asked, find(asked).holding); }
  std::vector<std::string> stopped(const std::string& asked) { return texts(asked, find(asked).stopped); }

 private:
  struct NamedLink {
    std::string source;
    std::string destination;
    bool shallow;
    Obstacle obstacle;
  };
  std::map<std::string, Hold> holds_;
  std::vector<NamedLink> links_;
  std::vector<std::string> names_;
  std::map<std::string, AccessGraph::Node> nodes_;
};

TEST(Paths, AGrantOfTheEntitlementItselfIsAPathWithoutSteps) {
  Ways ways;
  ways.hold("a");
  EXPECT_THAT(ways.holding("a"), ElementsAre("a"));
  EXPECT_THAT(ways.stopped("a"), IsEmpty());
}

TEST(Paths, NothingLeadsWhereNothingWasGranted) {
  Ways ways;
  ways.link("a", "b");
  EXPECT_THAT(ways.holding("b"), IsEmpty());
  EXPECT_THAT(ways.stopped("b"), IsEmpty());
}

TEST(Paths, ShortOnesComeFirst) {
  Ways ways;
  ways.hold("a").hold("d").link("a", "b").link("b", "c").link("c", "d").link("a", "c").link("a", "d");
  EXPECT_THAT(ways.holding("d"), ElementsAre("d", "d<a", "d<c<a", "d<c<b<a"));
}

TEST(Paths, AShallowLinkPassesADirectGrantOnly) {
  Ways ways;
  ways.hold("a").hold("b", Hold::kIndirect).hold("c");
  ways.link("a", "b").link("b", "d", true).link("c", "d", true);
  EXPECT_THAT(ways.holding("d"), ElementsAre("d<c"));
  // Held at b, but not directly there; and inherited from a.
  EXPECT_THAT(ways.stopped("d"), ElementsAre("d<!b", "d<!b<a"));
}

TEST(Paths, AGrantThatIsNotDirectPassesDeepLinks) {
  Ways ways;
  ways.hold("a", Hold::kIndirect).link("a", "b");
  EXPECT_THAT(ways.holding("b"), ElementsAre("b<a"));
}

TEST(Paths, AShallowLinkStopsWhatComesThroughItsSourceThoughTheSourceIsHeldDirectly) {
  Ways ways;
  ways.hold("a").hold("b").link("a", "b").link("b", "c", true);
  EXPECT_THAT(ways.holding("c"), ElementsAre("c<b"));
  EXPECT_THAT(ways.stopped("c"), ElementsAre("c<!b<a"));
}

TEST(Paths, EveryStopOnTheWayIsNamed) {
  Ways ways;
  ways.hold("a");
  ways.link("a", "b", false, Obstacle::kFiltered).link("b", "c", true).link("c", "d");
  const AccessPaths paths = ways.find("d");
  ASSERT_EQ(paths.stopped.size(), 1U);
  const auto& steps = paths.stopped.front().steps;
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0].obstacle, Obstacle::kNone);
  EXPECT_EQ(steps[1].obstacle, Obstacle::kShallow);
  EXPECT_EQ(steps[2].obstacle, Obstacle::kFiltered);
  EXPECT_THAT(paths.holding, IsEmpty());
}

TEST(Paths, ACycleIsWalkedOnce) {
  Ways ways;
  ways.hold("a").hold("b").link("a", "b").link("b", "a").link("b", "c").link("c", "b");
  EXPECT_THAT(ways.holding("c"), ElementsAre("c<b", "c<b<a"));
  EXPECT_THAT(ways.holding("b"), ElementsAre("b", "b<a"));
}

TEST(Paths, TheBoundOnPathsSaysThatThereAreMore) {
  Ways ways;
  for (const char* middle : {"p", "q", "r"}) {
    ways.link("a", middle).link(middle, "z");
    ways.link("s", middle, false, Obstacle::kFiltered);
  }
  ways.hold("a").hold("s");
  AccessPaths paths = ways.find("z", 2);
  EXPECT_EQ(paths.holding.size(), 2U);
  EXPECT_TRUE(paths.more_holding);
  EXPECT_EQ(paths.stopped.size(), 2U);
  EXPECT_TRUE(paths.more_stopped);
  paths = ways.find("z", 3);
  EXPECT_EQ(paths.holding.size(), 3U);
  EXPECT_FALSE(paths.more_holding);
  EXPECT_FALSE(paths.more_stopped);
}

/// Ladders of `rungs` have 2^rungs paths.
Ways ladder(int rungs) {
  Ways ways;
  const auto at = [](const char* side, int rung) { return side + std::to_string(rung); };
  for (int rung = 0; rung < rungs; ++rung) {
    for (const char* from : {"l", "r"}) {
      for (const char* to : {"l", "r"}) ways.link(at(from, rung), at(to, rung + 1));
    }
  }
  return ways.hold("l0");
}

TEST(Paths, AGraphWithCountlessPathsGivesTheFirstOnesSoon) {
  Ways ways = ladder(64);
  const AccessPaths paths = ways.find("l64", 10);
  EXPECT_EQ(paths.holding.size(), 10U);
  EXPECT_TRUE(paths.more_holding);
  for (const AccessPath& path : paths.holding) EXPECT_EQ(path.steps.size(), 64U);
}

TEST(Paths, TheBoundOnWorkSaysThatThereMayBeMore) {
  Ways ways = ladder(64);
  const AccessPaths paths = ways.find("l64", 1000, 100);
  EXPECT_LT(paths.holding.size(), 1000U);
  EXPECT_TRUE(paths.more_holding);
  EXPECT_FALSE(paths.more_stopped);
}

TEST(Paths, NoObstacleMeansNoStoppedPaths) {
  Ways ways = ladder(64);
  EXPECT_THAT(ways.find("r64", 10).stopped, IsEmpty());
}

/// All paths, by walking every one of them.
void walk(const AccessGraph& graph, AccessGraph::Node node, std::vector<uint32_t>& links,
          std::set<AccessGraph::Node>& seen, std::multiset<std::pair<std::size_t, bool>>& found) {
  if (graph.hold(node) != Hold::kNone) {
    bool stopped = false;
    for (std::size_t i = 0; i < links.size(); ++i) {
      const AccessGraph::Link& link = graph.link(links[i]);
      const bool direct = i + 1 == links.size() && graph.hold(node) == Hold::kDirect;
      stopped = stopped || link.obstacle != Obstacle::kNone || (link.shallow && !direct);
    }
    found.emplace(links.size(), stopped);
  }
  for (const uint32_t index : graph.links_to(node)) {
    const AccessGraph::Node source = graph.link(index).source;
    if (!seen.insert(source).second) continue;
    links.push_back(index);
    walk(graph, source, links, seen, found);
    links.pop_back();
    seen.erase(source);
  }
}

TEST(Paths, OfRandomGraphsAreTheSameAsWalkingThemAll) {
  std::mt19937 random(20261124);
  const auto below = [&](uint32_t bound) { return static_cast<uint32_t>(random() % bound); };
  for (int round = 0; round < 2000; ++round) {
    AccessGraph graph;
    const uint32_t size = 2 + below(6);
    for (uint32_t i = 0; i < size; ++i) graph.add_entitlement(static_cast<Hold>(below(3)));
    std::set<std::pair<uint32_t, uint32_t>> linked;
    for (uint32_t i = below(3 * size); i > 0; --i) {
      const std::pair ends(below(size), below(size));
      if (ends.first == ends.second || !linked.insert(ends).second) continue;
      graph.add_link(
          {ends.first, ends.second, below(3) == 0, below(4) == 0 ? Obstacle::kFiltered : Obstacle::kNone});
    }
    std::multiset<std::pair<std::size_t, bool>> expected;
    std::vector<uint32_t> links;
    std::set<AccessGraph::Node> seen{0};
    walk(graph, 0, links, seen, expected);

    PathLimits limits;
    limits.paths = 100'000;
    const AccessPaths paths = find_paths(graph, 0, limits);
    std::multiset<std::pair<std::size_t, bool>> found;
    std::size_t longest = 0;
    for (const AccessPath& path : paths.holding) {
      EXPECT_GE(path.steps.size(), longest) << "round " << round;
      longest = path.steps.size();
      found.emplace(path.steps.size(), false);
      for (const PathStep& step : path.steps) EXPECT_EQ(step.obstacle, Obstacle::kNone);
    }
    longest = 0;
    for (const AccessPath& path : paths.stopped) {
      EXPECT_GE(path.steps.size(), longest) << "round " << round;
      longest = path.steps.size();
      found.emplace(path.steps.size(), true);
    }
    EXPECT_EQ(found, expected) << "round " << round;
    EXPECT_FALSE(paths.more_holding || paths.more_stopped);
  }
}

}  // namespace
}  // namespace baton::expansion
