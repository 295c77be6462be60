// The vectors once more as files: each case is written as a v1 file, expanded by `baton expand`, and read
// back with `baton grants -o json`. Then the result is expanded again, which must change nothing, and rolled
// back and replayed. Cases that version 1 cannot hold are counted, not passed over in silence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "cli/app.hpp"
#include "conformance/expansion/replay.hpp"
#include "conformance/expansion/vector_file.hpp"
#include "unit/c1z/memory_rows.hpp"
#include "unit/c1z/scratch.hpp"

namespace baton::expansion::conformance {
namespace {

namespace fs = std::filesystem;
using c1z::MemoryRows;
using testing::ElementsAreArray;
using testing::HasSubstr;

class Outcome {
 public:
  int exit = 0;
  std::string results;
  std::string errors;
};

Outcome baton(std::vector<std::string> arguments) {
  std::ostringstream results;
  std::ostringstream errors;
  Outcome outcome;
  outcome.exit = cli::run(std::move(arguments), results, errors, false);
  outcome.results = results.str();
  outcome.errors = errors.str();
  return outcome;
}

void set(c1::connector::v2::ResourceId& id, const Ref& ref) {
  id.set_resource_type(ref.type);
  id.set_resource(ref.id);
}

c1::connector::v2::Grant as_message(const GrantKey& key, const VectorGrant& grant) {
  c1::connector::v2::Grant message;
  message.set_id(grant.id);
  message.mutable_entitlement()->set_id(std::get<1>(key));
  set(*message.mutable_entitlement()->mutable_resource()->mutable_id(), std::get<0>(key));
  set(*message.mutable_principal()->mutable_id(), std::get<2>(key));
  if (grant.parent) set(*message.mutable_principal()->mutable_parent_resource_id(), *grant.parent);
  for (const auto& [id, is_direct] : grant.sources) {
    (*message.mutable_sources()->mutable_sources())[id].set_is_direct(is_direct);
  }
  if (grant.immutable) message.add_annotations()->PackFrom(c1::connector::v2::GrantImmutable());
  if (grant.expandable) {
    c1::connector::v2::GrantExpandable expandable;
    for (const std::string& id : grant.expandable->entitlement_ids) expandable.add_entitlement_ids(id);
    for (const std::string& type : grant.expandable->types) expandable.add_resource_type_ids(type);
    expandable.set_shallow(grant.expandable->shallow);
    message.add_annotations()->PackFrom(expandable);
  }
  return message;
}

/// False when version 1 cannot hold the case as it is: an id that two entitlements or two grants share.
bool write_case(const VectorCase& vector, const GrantTable& grants, const std::string& path) {
  std::set<std::string> ids;
  MemoryRows rows;
  for (const std::string& type : vector.listed_types) rows.add(c1z::make_type(type));
  for (const VectorEntitlement& entitlement : vector.entitlements) {
    if (!ids.insert(entitlement.id).second) return false;
    c1::connector::v2::Entitlement message;
    message.set_id(entitlement.id);
    set(*message.mutable_resource()->mutable_id(), entitlement.resource);
    rows.add(message);
  }
  ids.clear();
  for (const auto& [key, grant] : grants) {
    if (!ids.insert(grant.id).second) return false;
    rows.add(as_message(key, grant));
  }
  const auto written = c1z::write_v1(c1z::make_options(path), c1z::make_run(), rows);
  EXPECT_TRUE(written.ok()) << written.status();
  return written.ok();
}

std::string text_at(simdjson::dom::element object, std::string_view pointer) {
  std::string_view text;
  return object.at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

/// What `baton grants -o json` prints, but for whether a grant is expandable, which it does not.
std::vector<ExpectedGrant> read_grants(const std::string& path) {
  std::vector<ExpectedGrant> grants;
  const Outcome outcome = baton({"grants", "-o", "json", "-f", path});
  EXPECT_EQ(outcome.exit, 0) << outcome.errors;
  simdjson::dom::parser parser;
  simdjson::dom::element document = parser.parse(outcome.results);
  simdjson::dom::array items;
  if (document["grants"].get(items) != simdjson::SUCCESS) return grants;
  for (const simdjson::dom::element item : items) {
    const simdjson::dom::element grant = item["grant"];
    ExpectedGrant& read = grants.emplace_back();
    read.id = text_at(grant, "/id");
    read.entitlement = text_at(grant, "/entitlement/id");
    read.principal = {text_at(grant, "/principal/id/resourceType"), text_at(grant, "/principal/id/resource")};
    const std::string parent = text_at(grant, "/principal/parentResourceId/resource");
    if (!parent.empty())
      read.parent = Ref{text_at(grant, "/principal/parentResourceId/resourceType"), parent};
    simdjson::dom::object sources;
    if (grant.at_pointer("/sources/sources").get(sources) == simdjson::SUCCESS) {
      for (const auto& [id, source] : sources) {
        bool flag = false;
        read.sources.emplace(id, source["isDirect"].get(flag) == simdjson::SUCCESS && flag);
      }
    }
    simdjson::dom::array annotations;
    if (grant["annotations"].get(annotations) != simdjson::SUCCESS) continue;
    for (const simdjson::dom::element annotation : annotations) {
      read.immutable = read.immutable || text_at(annotation, "/@type").ends_with("GrantImmutable");
    }
  }
  return grants;
}

/// Ids of expandable grants, from the canonical rows.
std::set<std::string> expandable_ids(const std::string& path) {
  std::set<std::string> ids;
  std::istringstream lines(baton({"digest", "--rows", "-f", path}).results);
  simdjson::dom::parser parser;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("GrantExpandable") == std::string::npos) continue;
    const simdjson::dom::element row = parser.parse(line);
    ids.insert(text_at(row, "/grant/id"));
  }
  return ids;
}

class Counts {
 public:
  int written = 0;
  int not_held = 0;
  int renamed = 0;
};

void replay_case(VectorCase vector, const std::string& mode, Counts& counts) {
  const c1z::Scratch scratch;
  const std::string in = scratch / "in.c1z";
  const std::string out = scratch / "out.c1z";
  if (!write_case(vector, ingest(vector), in)) {
    ++counts.not_held;
    return;
  }
  ++counts.written;
  const Outcome outcome = baton({"expand", "-f", in, "--out", out, "--mode", mode});
  if (!vector.expected_error.empty()) {
    EXPECT_EQ(outcome.exit, 3);
    EXPECT_THAT(outcome.errors, HasSubstr("source entitlement resource id did not match grant principal id"));
    EXPECT_FALSE(fs::exists(out));
    return;
  }
  ASSERT_EQ(outcome.exit, 0) << outcome.errors;
  std::vector<ExpectedGrant> found = read_grants(out);
  const std::set<std::string> expandable = expandable_ids(out);
  for (ExpectedGrant& grant : found) grant.expandable = expandable.contains(grant.id);
  std::sort(found.begin(), found.end());
  std::sort(vector.expected.begin(), vector.expected.end());
  // A grant that the connector named as expansion names one of its own: version 1 has one row of an id.
  if (outcome.errors.find("were given composed ids") == std::string::npos) {
    EXPECT_THAT(found, ElementsAreArray(vector.expected));
  } else {
    ++counts.renamed;
  }

  const std::string again = scratch / "again.c1z";
  EXPECT_EQ(baton({"expand", "-f", out, "--out", again, "--mode", mode}).exit, 0);
  const std::string digest = baton({"digest", "-f", out}).results;
  EXPECT_EQ(baton({"digest", "-f", again}).results, digest);

  // Rolling back clears what the connector itself said of sources.
  const GrantTable collected = ingest(vector);
  if (std::ranges::any_of(collected, [](const auto& row) { return !row.second.sources.empty(); })) return;
  const std::string rolled_back = scratch / "rolled_back.c1z";
  const std::string replayed = scratch / "replayed.c1z";
  EXPECT_EQ(baton({"rollback-expansion", "-f", out, "--out", rolled_back}).exit, 0);
  EXPECT_EQ(baton({"digest", "-f", rolled_back}).results, baton({"digest", "-f", in}).results);
  EXPECT_EQ(baton({"expand", "-f", rolled_back, "--out", replayed, "--mode", mode}).exit, 0);
  EXPECT_EQ(baton({"digest", "-f", replayed}).results, digest);
}

void replay_file(const fs::path& path, const std::string& mode, int not_held) {
  Counts counts;
  for (const VectorCase& vector : read_vector_file(path)) {
    SCOPED_TRACE(vector.name);
    replay_case(vector, mode, counts);
  }
  EXPECT_GT(counts.written, 0);
  EXPECT_EQ(counts.not_held, not_held);
  EXPECT_EQ(counts.renamed, 0);
}

TEST(OwnExpansionFiles, BasicCasesGiveUpstreamsRows) {
  replay_file(fs::path(BATON_SOURCE_DIR) / "tests" / "conformance" / "expansion" / "data" / "basic.json",
              "upstream", 0);
}

class VectorFile {
 public:
  const char* name;
  const char* mode;
  /// Cases that version 1 cannot hold.
  int not_held;
};

class SharedExpansionFiles : public testing::TestWithParam<VectorFile> {};

TEST_P(SharedExpansionFiles, EveryCaseGivesTheSameRows) {
  const char* const shared = std::getenv("BATON_SHARED_DIR");
  const fs::path root = shared != nullptr ? fs::path(shared) : fs::path(BATON_SOURCE_DIR) / ".." / "shared";
  const fs::path path = root / "vectors" / "expansion" / GetParam().name;
  if (!fs::exists(path)) GTEST_SKIP() << "no shared expansion vectors: " << path << " (set BATON_SHARED_DIR)";
  replay_file(path, GetParam().mode, GetParam().not_held);
}

INSTANTIATE_TEST_SUITE_P(
    Vectors, SharedExpansionFiles,
    testing::Values(VectorFile{"basic.json", "upstream", 0}, VectorFile{"cycles.json", "upstream", 0},
                    VectorFile{"filters.json", "upstream", 0}, VectorFile{"identity.json", "upstream", 0},
                    VectorFile{"missing_and_malformed.json", "upstream", 1},
                    VectorFile{"random.json", "upstream", 0}, VectorFile{"shallow.json", "upstream", 0},
                    VectorFile{"shapes.json", "upstream", 0}, VectorFile{"sources.json", "upstream", 0},
                    VectorFile{"strict_closure.json", "strict", 0}),
    [](const auto& info) { return fs::path(info.param.name).stem().string(); });

}  // namespace
}  // namespace baton::expansion::conformance
