#include <gmock/gmock.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "absl/strings/escaping.h"
#include "c1/connector/v2/grant.pb.h"
#include "cli/app.hpp"
#include "cli/protojson.hpp"
#include "storage/c1z/stats_count.hpp"
#include "storage/c1z/v1_schema.hpp"
#include "storage/c1z/v3/database_reader.hpp"
#include "storage/digest.hpp"
#include "unit/c1z/database.hpp"
#include "unit/c1z/memory_rows.hpp"
#include "unit/c1z/v3/packed_file.hpp"

/// The oracle: small files that upstream's SDK wrote or upstream's command accepted, and what that command
/// printed for each. JSON is compared as content: lists have an order of ours, upstream's is that of
/// insertion.
namespace baton::c1z {
namespace {

const std::string kData = std::string(BATON_SOURCE_DIR) + "/tests/conformance/c1z/data/";

/// A JSON text with its members sorted and its lists in the order of their items' texts.
std::string canonical(const google::protobuf::Value& value) {
  if (value.has_struct_value()) {
    std::map<std::string, std::string> members;
    for (const auto& [name, member] : value.struct_value().fields()) members[name] = canonical(member);
    std::string text = "{";
    for (const auto& [name, member] : members) text += "\"" + name + "\":" + member + ",\n";
    return text + "}";
  }
  if (value.has_list_value()) {
    std::vector<std::string> items;
    for (const auto& item : value.list_value().values()) items.push_back(canonical(item));
    std::ranges::sort(items);
    std::string text = "[";
    for (const std::string& item : items) text += item + ",\n";
    return text + "]";
  }
  std::string text;
  cli::append_json(value, text);
  return text;
}

std::string canonical_json(const std::string& text) {
  google::protobuf::Value value;
  const auto status = google::protobuf::util::JsonStringToMessage(text, &value);
  EXPECT_TRUE(status.ok()) << status << " in " << text;
  return canonical(value);
}

class Samples : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(Samples, PrintWhatUpstreamPrints) {
  const std::string sample = std::get<0>(GetParam());
  const std::string command = std::get<1>(GetParam());
  const std::string expected =
      read_file(kData + sample + "/" + (command == "access" ? "access-user-u1" : command) + ".json");
  ASSERT_FALSE(expected.empty());
  std::vector<std::string> arguments{command, "-f", kData + sample + ".c1z", "-o", "json"};
  if (command == "access") arguments.insert(arguments.end(), {"-t", "user", "-r", "u1"});
  std::ostringstream results;
  std::ostringstream errors;
  ASSERT_EQ(cli::run(arguments, results, errors, false), 0) << errors.str();
  EXPECT_EQ(canonical_json(results.str()), canonical_json(expected));
  EXPECT_EQ(std::ranges::count(results.str(), '\n'), 1);
}

std::string name_of(const testing::TestParamInfo<Samples::ParamType>& info) {
  std::string name = std::string(std::get<0>(info.param)) + "_" + std::get<1>(info.param);
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Finished, Samples,
    testing::Combine(testing::Values("sdk-v1", "sdk-v1-slim", "hand-v1-noindex", "hand-v1-oldschema"),
                     testing::Values("resource-types", "resources", "entitlements", "grants", "principals",
                                     "access", "stats", "syncs")),
    name_of);
INSTANTIATE_TEST_SUITE_P(Version3, Samples,
                         testing::Combine(testing::Values("sdk-v3", "hand-v3-columnar", "hand-v3-rowblocks"),
                                          testing::Values("resource-types", "resources", "entitlements",
                                                          "grants", "principals", "access", "stats",
                                                          "syncs")),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Merged, Samples,
                         testing::Combine(testing::Values("sdk-v3-multi"),
                                          testing::Values("resource-types", "entitlements", "stats",
                                                          "syncs")),
                         name_of);
// However old the unfinished sync is by now, its rows are the only ones.
INSTANTIATE_TEST_SUITE_P(Unfinished, Samples,
                         testing::Combine(testing::Values("sdk-v1-unfinished"),
                                          testing::Values("resource-types", "resources", "entitlements",
                                                          "grants", "principals", "access", "syncs")),
                         name_of);

google::protobuf::Value json_file(const std::string& path) {
  google::protobuf::Value value;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(read_file(path), &value).ok()) << path;
  return value;
}

std::string member(const google::protobuf::Value& value, const std::string& name) {
  return value.struct_value().fields().at(name).string_value();
}

TEST(SampleKeys, AreThoseThatUpstreamHas) {
  const auto files = v3::EnvelopeReader::open(kData + "sdk-v3.c1z", {});
  ASSERT_TRUE(files.ok()) << files.status();
  const auto database = v3::DatabaseReader::open(**files);
  ASSERT_TRUE(database.ok()) << database.status();
  v3::RangeCursor rows = (*database)->range("", "\xff");
  int count = 0;
  const google::protobuf::Value keys = json_file(kData + "sdk-v3/keys.json");
  for (const auto& expected : keys.list_value().values()) {
    const auto more = rows.next();
    ASSERT_TRUE(more.ok() && *more) << more.status();
    const std::string key(rows.key());
    EXPECT_EQ(absl::BytesToHexString(key), member(expected, "key_hex"));
    EXPECT_EQ(absl::BytesToHexString(std::string(rows.value())), member(expected, "value_hex"));
    std::string value;
    const auto found = (*database)->get(key, value);
    ASSERT_TRUE(found.ok() && *found) << found.status();
    EXPECT_EQ(value, rows.value());
    ++count;
  }
  EXPECT_GT(count, 20);
  const auto more = rows.next();
  EXPECT_TRUE(more.ok() && !*more);
}

TEST(SampleMerged, HasTheIdsThatUpstreamLists) {
  const auto reader = open_reader(kData + "sdk-v3-multi.c1z");
  ASSERT_TRUE(reader.ok()) << reader.status();
  std::vector<std::string> resources;
  std::vector<std::string> grants;
  ASSERT_TRUE((*reader)
                  ->for_each_resource({},
                                      [&](const c1::connector::v2::Resource& row) {
                                        resources.push_back(row.id().resource_type() + ":" +
                                                            row.id().resource());
                                        return absl::OkStatus();
                                      })
                  .ok());
  ASSERT_TRUE((*reader)
                  ->for_each_grant({},
                                   [&](const StoredGrant& row) {
                                     grants.push_back(row.grant.id());
                                     return absl::OkStatus();
                                   })
                  .ok());
  std::ranges::sort(resources);
  std::ranges::sort(grants);
  const google::protobuf::Value ids = json_file(kData + "sdk-v3-multi/ids.json");
  const auto expected = [&](const std::string& list) {
    std::vector<std::string> texts;
    for (const auto& id : ids.struct_value().fields().at(list).list_value().values()) {
      texts.push_back(id.string_value());
    }
    std::ranges::sort(texts);
    return texts;
  };
  EXPECT_EQ(resources, expected("resources"));
  EXPECT_EQ(grants, expected("grants"));
  // Look-ups go another way through the same tables.
  for (const char* id : {"x000000", "x000999", "u1"}) {
    const auto found = (*reader)->find_resource("user", id);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_NE(*found, nullptr) << id;
  }
  const auto missing = (*reader)->find_resource("user", "x001000");
  EXPECT_TRUE(missing.ok() && *missing == nullptr);
}

TEST(SamplePackings, OfOneDatabaseHoldTheSame) {
  const Scratch scratch;
  for (const char* name : {"sdk-v3", "sdk-v3-multi", "hand-v3-rowblocks"}) {
    const v3::PackedFile packed(kData + name + ".c1z");
    write_file(scratch / "indexed.c1z", packed.indexed());
    write_file(scratch / "tar.c1z", packed.tar());
    write_file(scratch / "tar-zstd.c1z", packed.tar_zstd());
    const auto digest = [](const std::string& path) {
      const auto reader = open_reader(path);
      EXPECT_TRUE(reader.ok()) << reader.status();
      if (!reader.ok()) return std::string();
      const auto digest = storage::content_digest(**reader, storage::DigestOptions());
      EXPECT_TRUE(digest.ok()) << digest.status();
      return digest.value_or("");
    };
    const std::string expected = digest(kData + name + ".c1z");
    EXPECT_EQ(digest(scratch / "indexed.c1z"), expected);
    EXPECT_EQ(digest(scratch / "tar.c1z"), expected);
    EXPECT_EQ(digest(scratch / "tar-zstd.c1z"), expected);
  }
}

class Conversions : public testing::TestWithParam<const char*> {
 protected:
  /// What a command prints; it must end well.
  static std::string print(const std::vector<std::string>& arguments) {
    std::ostringstream results;
    std::ostringstream errors;
    EXPECT_EQ(cli::run(arguments, results, errors, false), 0) << errors.str();
    return results.str();
  }
  static std::string common_digest(const std::string& path) {
    return print({"digest", "--common", "-f", path});
  }
};

TEST_P(Conversions, ThereAndBackLoseNothingThatBothVersionsHold) {
  const Scratch scratch;
  const std::string sample = kData + GetParam() + ".c1z";
  print({"to-pebble", "-f", sample, "--out", scratch / "3.c1z"});
  print({"to-sqlite", "-f", scratch / "3.c1z", "--out", scratch / "1.c1z"});
  EXPECT_EQ(*inspect(scratch / "3.c1z"), FileKind::kV3);
  EXPECT_EQ(*inspect(scratch / "1.c1z"), FileKind::kV1);
  const std::string expected = common_digest(sample);
  EXPECT_EQ(common_digest(scratch / "3.c1z"), expected);
  EXPECT_EQ(common_digest(scratch / "1.c1z"), expected);
}

INSTANTIATE_TEST_SUITE_P(All, Conversions,
                         testing::Values("sdk-v1", "sdk-v1-slim", "hand-v1-noindex", "hand-v1-oldschema",
                                         "sdk-v3", "sdk-v3-multi", "hand-v3-columnar", "hand-v3-rowblocks"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(Versions, OfTheSameSyncByUpstreamHaveTheSameDigest) {
  std::vector<std::string> digests;
  for (const char* name : {"sdk-v1", "sdk-v1-slim", "sdk-v3"}) {
    const auto reader = open_reader(kData + name + ".c1z");
    ASSERT_TRUE(reader.ok()) << reader.status();
    storage::DigestOptions options;
    options.common = true;
    const auto digest = storage::content_digest(**reader, options);
    ASSERT_TRUE(digest.ok()) << digest.status();
    digests.push_back(*digest);
  }
  EXPECT_EQ(digests[0], digests[1]);
  EXPECT_EQ(digests[0], digests[2]);
}

TEST(SampleSchema, OurFilesHaveTheOneOfTheSdk) {
  const auto schema = [](const std::string& path) {
    std::vector<std::string> statements;
    for (std::string sql : RawDatabase(path).rows("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")) {
      // Comments, white space and case say nothing.
      std::string text;
      for (std::size_t i = 0; i < sql.size(); ++i) {
        if (sql.compare(i, 2, "--") == 0) i = sql.find('\n', i);
        const auto c = static_cast<unsigned char>(sql[i]);
        if (std::isspace(c) == 0) text.push_back(static_cast<char>(std::tolower(c)));
      }
      statements.push_back(text);
    }
    std::ranges::sort(statements);
    return statements;
  };
  const Scratch scratch;
  MemoryRows rows;
  add_small_directory(rows);
  ASSERT_TRUE(write_v1(make_options(scratch / "ours.c1z"), make_run(), rows).ok());
  const auto theirs = schema(kData + "sdk-v1.c1z");
  EXPECT_EQ(theirs.size(), v1_tables().size() + v1_indexes().size());
  EXPECT_EQ(schema(scratch / "ours.c1z"), theirs);
}

/// Reads a sample's latest sync as rows for the writer, as the store would give them.
void copy_rows(Reader& reader, MemoryRows& rows) {
  using namespace c1::connector::v2;
  const auto add = [&](const auto& row) {
    rows.add(row);
    return absl::OkStatus();
  };
  ASSERT_TRUE(reader.for_each_resource_type([&](const ResourceType& row) { return add(row); }).ok());
  ASSERT_TRUE(reader.for_each_resource({}, [&](const Resource& row) { return add(row); }).ok());
  ASSERT_TRUE(reader.for_each_entitlement({}, [&](const Entitlement& row) { return add(row); }).ok());
  ASSERT_TRUE(reader
                  .for_each_grant({},
                                  [&](const StoredGrant& stored) {
                                    Grant grant = stored.grant;
                                    if (!stored.expansion.empty()) {
                                      auto& any = *grant.add_annotations();
                                      any.set_type_url("type.googleapis.com/c1.connector.v2.GrantExpandable");
                                      any.set_value(stored.expansion);
                                    }
                                    return add(grant);
                                  })
                  .ok());
}

TEST(SampleRows, SurviveOurWriter) {
  for (const char* sample : {"sdk-v1", "sdk-v1-slim", "hand-v1-oldschema"}) {
    const Scratch scratch;
    const auto theirs = open_reader(kData + sample + ".c1z");
    ASSERT_TRUE(theirs.ok());
    MemoryRows rows;
    copy_rows(**theirs, rows);
    ASSERT_TRUE(write_v1(make_options(scratch / "ours.c1z"), make_run(), rows).ok());
    const auto ours = open_reader(scratch / "ours.c1z");
    ASSERT_TRUE(ours.ok());
    EXPECT_EQ(*storage::content_digest(**ours, {}), *storage::content_digest(**theirs, {})) << sample;
    auto stats = *(*theirs)->stats();
    // Assets are not rows of a sync's store.
    stats.clear_assets();
    EXPECT_EQ(stats_text(*(*ours)->stats()), stats_text(stats)) << sample;
    if (std::string(sample) != "sdk-v1") continue;
    // Rows of the SDK's own full form come out as the SDK wrote them, in every column that is not about the
    // run.
    const std::string columns =
        "SELECT resource_type_id, resource_id, entitlement_id, principal_resource_type_id, "
        "principal_resource_id, "
        "external_id, hex(expansion), needs_expansion, hex(data) FROM v1_grants WHERE sync_id = ";
    EXPECT_EQ(RawDatabase(scratch / "ours.c1z")
                  .rows(columns + "'" + (*ours)->selected()->id + "' ORDER BY external_id"),
              RawDatabase(kData + "sdk-v1.c1z")
                  .rows(columns + "'" + (*theirs)->selected()->id + "' ORDER BY external_id"));
  }
}

class Vector {
 public:
  const char* sample;
  const char* sync_id;
  const char* digest;
};

class DigestVectors : public testing::TestWithParam<Vector> {};

TEST_P(DigestVectors, StayAsTheyAre) {
  const auto reader = open_reader(kData + GetParam().sample + ".c1z");
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE((*reader)->select(GetParam().sync_id).ok());
  EXPECT_EQ(*storage::content_digest(**reader, storage::DigestOptions(false)), GetParam().digest);
  // Nothing in these files is beyond version 3.
  EXPECT_EQ(*storage::content_digest(**reader, storage::DigestOptions(true)), GetParam().digest);
}

// Equal rows show equal content: full and slim blobs of one round, the same sync finished or not, old and new
// schema.
constexpr char kRound1[] = "e4662b65c213d4ecd7bf4d2af89e9cc84665a29222941b98ee1df46fc14bd0a2";
constexpr char kRound2[] = "4ff1c2999d5b7835d255b17a4cda8a91bc46a0c5c8fe188a267799e70eff05bb";
constexpr char kHand[] = "2394174c0444c5d30465e52822e3240e7d5c7b274ffb4ea4204d6c2d6d0905a3";
INSTANTIATE_TEST_SUITE_P(All, DigestVectors,
                         testing::Values(Vector{"sdk-v1", "", kRound2},
                                         Vector{"sdk-v1", "3MUTGS9iMbfUzFLf670qZKIi8Ae", kRound1},
                                         Vector{"sdk-v1-slim", "", kRound2}, Vector{"sdk-v3", "", kRound2},
                                         Vector{"sdk-v1-unfinished", "", kRound1},
                                         Vector{"hand-v1-noindex", "", kHand},
                                         Vector{"hand-v1-oldschema", "", kHand}));

}  // namespace
}  // namespace baton::c1z
