#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "storage/c1z/deterministic.hpp"
#include "storage/c1z/reader.hpp"
#include "unit/c1z/database.hpp"
#include "unit/c1z/memory_rows.hpp"

namespace baton::c1z {
namespace {

using c1::connector::v2::Entitlement;
using c1::connector::v2::Grant;
using c1::connector::v2::Resource;
using c1::connector::v2::ResourceType;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kOldSchema[] =
    "CREATE TABLE v1_resource_types (id integer primary key, external_id text not null, data blob not null, "
    "sync_id text "
    "not null, discovered_at datetime not null);"
    "CREATE TABLE v1_resources (id integer primary key, resource_type_id text not null, external_id text not "
    "null, "
    "parent_resource_type_id text, parent_resource_id text, data blob not null, sync_id text not null, "
    "discovered_at "
    "datetime not null);"
    "CREATE TABLE v1_entitlements (id integer primary key, resource_type_id text not null, resource_id text "
    "not null, "
    "external_id text not null, data blob not null, sync_id text not null, discovered_at datetime not null);"
    "CREATE TABLE v1_sync_runs (id integer primary key, sync_id text not null, started_at datetime not null, "
    "ended_at "
    "datetime, sync_token text not null);"
    "CREATE TABLE v1_grants (id integer primary key, resource_type_id text not null, resource_id text not "
    "null, "
    "entitlement_id text not null, principal_resource_type_id text not null, principal_resource_id text not "
    "null, "
    "external_id text not null, data blob not null, sync_id text not null, discovered_at datetime not null);";

std::string blob(const google::protobuf::Message& message) {
  std::string bytes;
  append_deterministic(message, bytes);
  std::string hex = "X'";
  for (const char c : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    hex += digits;
  }
  return hex + "'";
}

std::string insert_type(const std::string& id, const std::string& sync = "S") {
  return "INSERT INTO v1_resource_types (external_id, data, sync_id, discovered_at) VALUES ('" + id + "', " +
         blob(make_type(id)) + ", '" + sync + "', '2024-01-01 00:00:00');";
}

std::string insert_resource(const Resource& resource, const std::string& sync = "S") {
  return "INSERT INTO v1_resources (resource_type_id, external_id, data, sync_id, discovered_at) VALUES ('" +
         resource.id().resource_type() + "', '" + resource.id().resource_type() + ":" +
         resource.id().resource() + "', " + blob(resource) + ", '" + sync + "', '2024-01-01 00:00:00');";
}

std::string insert_entitlement(const Entitlement& entitlement, const std::string& sync = "S") {
  const auto& on = entitlement.resource().id();
  return "INSERT INTO v1_entitlements (resource_type_id, resource_id, external_id, data, sync_id, "
         "discovered_at) VALUES ('" +
         on.resource_type() + "', '" + on.resource() + "', '" + entitlement.id() + "', " + blob(entitlement) +
         ", '" + sync + "', '2024-01-01 00:00:00');";
}

/// `stored` is what the blob holds; identity columns come from `grant`.
std::string insert_grant(const Grant& grant, const Grant& stored, const std::string& sync = "S") {
  const auto& on = grant.entitlement().resource().id();
  return "INSERT INTO v1_grants (resource_type_id, resource_id, entitlement_id, principal_resource_type_id, "
         "principal_resource_id, external_id, data, sync_id, discovered_at) VALUES ('" +
         on.resource_type() + "', '" + on.resource() + "', '" + grant.entitlement().id() + "', '" +
         grant.principal().id().resource_type() + "', '" + grant.principal().id().resource() + "', '" +
         grant.id() + "', " + blob(stored) + ", '" + sync + "', '2024-01-01 00:00:00');";
}

std::string insert_run(const std::string& id, const std::string& started, const std::string& ended) {
  return "INSERT INTO v1_sync_runs (sync_id, started_at, ended_at, sync_token) VALUES ('" + id + "', '" +
         started + "', " + (ended.empty() ? "NULL" : "'" + ended + "'") + ", '');";
}

class V1Reader : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Reader>> open(const std::string& sql) {
    RawDatabase database;
    database.rows(sql);
    std::filesystem::remove(path_);
    database.save_as(path_);
    return open_file();
  }
  absl::StatusOr<std::unique_ptr<Reader>> open_file() {
    ReaderOptions options;
    options.temporary_folder = scratch_.folder();
    options.now = std::chrono::system_clock::from_time_t(1'717'200'000);  // 2024-06-01 00:00:00 UTC
    options.time_zone = absl::UTCTimeZone();
    return open_reader(path_, options);
  }
  /// Writes a file with our writer and opens it.
  std::unique_ptr<Reader> written(MemoryRows& rows) {
    EXPECT_TRUE(write_v1(make_options(path_), make_run(), rows).ok());
    auto reader = open_file();
    EXPECT_TRUE(reader.ok()) << reader.status();
    return *std::move(reader);
  }

  static std::vector<std::string> types(Reader& reader) {
    std::vector<std::string> ids;
    EXPECT_TRUE(reader
                    .for_each_resource_type([&](const ResourceType& type) {
                      ids.push_back(type.id());
                      return absl::OkStatus();
                    })
                    .ok());
    return ids;
  }
  static std::vector<std::string> resources(Reader& reader, const std::string& type = {}) {
    std::vector<std::string> ids;
    EXPECT_TRUE(reader
                    .for_each_resource(type,
                                       [&](const Resource& resource) {
                                         ids.push_back(resource.id().resource_type() + "/" +
                                                       resource.id().resource());
                                         return absl::OkStatus();
                                       })
                    .ok());
    return ids;
  }
  static std::vector<std::string> entitlements(Reader& reader, const std::string& type = {}) {
    std::vector<std::string> ids;
    EXPECT_TRUE(reader
                    .for_each_entitlement(type,
                                          [&](const Entitlement& entitlement) {
                                            ids.push_back(entitlement.id());
                                            return absl::OkStatus();
                                          })
                    .ok());
    return ids;
  }
  static std::vector<std::string> grants(Reader& reader, const GrantFilter& filter = {}) {
    std::vector<std::string> ids;
    EXPECT_TRUE(reader
                    .for_each_grant(filter,
                                    [&](const StoredGrant& stored) {
                                      ids.push_back(stored.grant.id());
                                      return absl::OkStatus();
                                    })
                    .ok());
    return ids;
  }
  void expect_refusal(const std::string& sql, absl::StatusCode code, const std::string& words) {
    const auto reader = open(sql);
    ASSERT_FALSE(reader.ok());
    EXPECT_EQ(reader.status().code(), code) << reader.status();
    EXPECT_THAT(std::string(reader.status().message()), HasSubstr(words));
    EXPECT_THAT(std::string(reader.status().message()), HasSubstr(path_));
  }

  Scratch scratch_;
  std::string path_ = scratch_ / "in.c1z";
};

TEST_F(V1Reader, ReadsBackWhatTheWriterWrote) {
  MemoryRows rows;
  add_small_directory(rows);
  const auto reader = written(rows);
  ASSERT_EQ(reader->syncs().size(), 1u);
  const SyncInfo& sync = *reader->selected();
  EXPECT_EQ(sync.id, "3MUTGS9iMbfUzFLf670qZKIi8Ae");
  EXPECT_EQ(absl::ToUnixNanos(sync.started_at), make_run().started_at);
  EXPECT_EQ(absl::ToUnixNanos(*sync.ended_at), make_run().ended_at);
  EXPECT_EQ(sync.type, "full");
  EXPECT_TRUE(sync.supports_diff);
  EXPECT_THAT(types(*reader), ElementsAre("group", "user"));
  EXPECT_THAT(resources(*reader), ElementsAre("group/g1", "group/g2", "user/u1", "user/u2", "user/u3"));
  EXPECT_THAT(entitlements(*reader), ElementsAre("group:g1:member", "group:g2:member"));
  EXPECT_THAT(grants(*reader), ElementsAre("group:g1:member:group:g2", "group:g1:member:user:u3",
                                           "group:g2:member:user:u1", "group:g2:member:user:u2"));
  std::vector<std::string> expansions;
  ASSERT_TRUE(reader
                  ->for_each_grant({},
                                   [&](const StoredGrant& stored) {
                                     expansions.push_back(stored.expansion);
                                     EXPECT_EQ(stored.needs_expansion, !stored.expansion.empty());
                                     return absl::OkStatus();
                                   })
                  .ok());
  EXPECT_THAT(expansions, ElementsAre(HasSubstr("group:g2:member"), "", "", ""));
  EXPECT_THAT(scratch_.names(), ElementsAre("in.c1z")) << "the private copy still has a name";
}

TEST_F(V1Reader, FiltersGoByColumns) {
  MemoryRows rows;
  add_small_directory(rows);
  const auto reader = written(rows);
  EXPECT_THAT(resources(*reader, "group"), ElementsAre("group/g1", "group/g2"));
  EXPECT_THAT(resources(*reader, "none"), IsEmpty());
  EXPECT_THAT(entitlements(*reader, "group").size(), 2u);
  EXPECT_THAT(entitlements(*reader, "user"), IsEmpty());
  GrantFilter on_g2;
  on_g2.resource_type_id = "group";
  on_g2.resource_id = "g2";
  EXPECT_THAT(grants(*reader, on_g2), ElementsAre("group:g2:member:user:u1", "group:g2:member:user:u2"));
  GrantFilter of_entitlement;
  of_entitlement.entitlement_id = "group:g1:member";
  EXPECT_THAT(grants(*reader, of_entitlement),
              ElementsAre("group:g1:member:group:g2", "group:g1:member:user:u3"));
  GrantFilter of_principal;
  of_principal.principal_type_id = "group";
  of_principal.principal_id = "g2";
  EXPECT_THAT(grants(*reader, of_principal), ElementsAre("group:g1:member:group:g2"));
}

TEST_F(V1Reader, FindsSingleRowsAlsoInsideAList) {
  MemoryRows rows;
  add_small_directory(rows);
  const auto reader = written(rows);
  int found = 0;
  ASSERT_TRUE(reader
                  ->for_each_grant({},
                                   [&](const StoredGrant& stored) -> absl::Status {
                                     const auto& principal = stored.grant.principal().id();
                                     const auto resource = reader->find_resource(principal.resource_type(),
                                                                                 principal.resource());
                                     const auto entitlement =
                                         reader->find_entitlement(stored.grant.entitlement().id());
                                     if (!resource.ok() || !entitlement.ok())
                                       return absl::InternalError("lookup");
                                     found += *resource != nullptr && *entitlement != nullptr ? 1 : 0;
                                     return absl::OkStatus();
                                   })
                  .ok());
  EXPECT_EQ(found, 4);
  EXPECT_EQ(*reader->find_resource_type("nobody"), nullptr) << "a missing row is null";
  EXPECT_EQ(*reader->find_resource("user", "nobody"), nullptr);
  EXPECT_EQ((*reader->find_resource_type("user"))->display_name(), "Type user");
}

TEST_F(V1Reader, ListsAreInOrderOfIdentityWhateverTheOrderInTheFile) {
  // "group:g1:" begins the ids of two entitlements; the other comes before them, as in keys of version 3.
  auto custom = make_entitlement("group", "g1", "x");
  custom.set_id("zzz");
  std::string sql = kOldSchema + insert_run("S", "2024-01-01 00:00:00", "2024-01-01 00:00:01");
  sql += insert_type("user") + insert_type("app") + insert_type("group");
  sql += insert_resource(make_resource("user", "b")) + insert_resource(make_resource("user", "a")) +
         insert_resource(make_resource("group", "z"));
  sql += insert_entitlement(make_entitlement("group", "g1", "member")) + insert_entitlement(custom) +
         insert_entitlement(make_entitlement("group", "g1", "admin"));
  for (const char* user : {"9", "10", "1"}) {
    const Grant grant = make_grant("group", "g1", user);
    sql += insert_grant(grant, grant);
  }
  const auto reader = open(sql);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_THAT(types(**reader), ElementsAre("app", "group", "user"));
  EXPECT_THAT(resources(**reader), ElementsAre("group/z", "user/a", "user/b"));
  EXPECT_THAT(entitlements(**reader), ElementsAre("zzz", "group:g1:admin", "group:g1:member"));
  EXPECT_THAT(grants(**reader),
              ElementsAre("group:g1:member:user:1", "group:g1:member:user:10", "group:g1:member:user:9"));
  // Without any index of the file's own, rows are found all the same.
  EXPECT_NE(*(*reader)->find_resource("user", "a"), nullptr);
}

TEST_F(V1Reader, OldSchemasReadWithDefaults) {
  Grant grant = make_grant("group", "g1", "u1");
  c1::connector::v2::GrantExpandable expandable;
  expandable.add_entitlement_ids("group:g2:member");
  grant.add_annotations()->PackFrom(expandable);
  const auto reader = open(kOldSchema + insert_run("S", "2024-01-01 00:00:00", "2024-01-01 00:00:01") +
                           insert_grant(grant, grant));
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->selected()->type, "full");
  EXPECT_FALSE((*reader)->selected()->supports_diff);
  StoredGrant read;
  ASSERT_TRUE((*reader)
                  ->for_each_grant({},
                                   [&](const StoredGrant& stored) {
                                     read = stored;
                                     return absl::OkStatus();
                                   })
                  .ok());
  EXPECT_TRUE(read.needs_expansion);
  EXPECT_EQ(read.expansion, expandable.SerializeAsString());
  EXPECT_EQ(read.grant.annotations_size(), 0);
}

TEST_F(V1Reader, AnEmptyExpansionIsNone) {
  MemoryRows rows;
  add_small_directory(rows);
  ASSERT_TRUE(write_v1(make_options(path_), make_run(), rows).ok());
  RawDatabase database(path_);
  database.rows("UPDATE v1_grants SET expansion = X''");
  std::filesystem::remove(path_);
  database.save_as(path_);
  const auto reader = open_file();
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE((*reader)
                  ->for_each_grant({},
                                   [&](const StoredGrant& stored) {
                                     EXPECT_EQ(stored.expansion, "");
                                     return absl::OkStatus();
                                   })
                  .ok());
}

TEST_F(V1Reader, SlimGrantsAreFilledFromTheirColumns) {
  const Grant grant = make_grant("group", "g1", "u1");
  Grant slim;
  slim.set_id(grant.id());
  const auto reader = open(kOldSchema + insert_run("S", "2024-01-01 00:00:00", "2024-01-01 00:00:01") +
                           insert_grant(grant, slim));
  ASSERT_TRUE(reader.ok());
  Grant read;
  ASSERT_TRUE((*reader)
                  ->for_each_grant({},
                                   [&](const StoredGrant& stored) {
                                     read = stored.grant;
                                     return absl::OkStatus();
                                   })
                  .ok());
  EXPECT_EQ(read.entitlement().id(), "group:g1:member");
  EXPECT_EQ(read.entitlement().resource().id().resource(), "g1");
  EXPECT_EQ(read.principal().id().resource_type(), "user");
  EXPECT_EQ(read.principal().id().resource(), "u1");
}

TEST_F(V1Reader, TheLatestFinishedSyncGoesByTheTextOfItsEnd) {
  const std::string syncs = kOldSchema + insert_run("B", "2024-05-01 10:00:00", "2024-05-01 11:00:00.5") +
                            insert_run("A", "2024-05-01 10:00:00", "2024-05-01 11:00:00.25") +
                            insert_run("running", "2024-05-31 23:00:00", "") + insert_type("old", "A") +
                            insert_type("new", "B");
  auto reader = open(syncs);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->syncs().size(), 3u);
  EXPECT_EQ((*reader)->selected()->id, "B");
  EXPECT_THAT(types(**reader), ElementsAre("new"));
  ASSERT_TRUE((*reader)->select("A").ok());
  EXPECT_THAT(types(**reader), ElementsAre("old"));
  EXPECT_NE(*(*reader)->find_resource_type("old"), nullptr);
  EXPECT_EQ(*(*reader)->find_resource_type("new"), nullptr);
  ASSERT_TRUE((*reader)->select("running").ok());
  EXPECT_FALSE((*reader)->selected()->ended_at.has_value());
  const absl::Status unknown = (*reader)->select("nope");
  EXPECT_EQ(unknown.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("has no sync nope"));
}

TEST_F(V1Reader, EqualEndsAreDecidedByTheId) {
  const auto reader = open(kOldSchema + insert_run("B", "2024-05-01 10:00:00", "2024-05-01 11:00:00") +
                           insert_run("A", "2024-05-01 10:00:00", "2024-05-01 11:00:00"));
  EXPECT_EQ((*reader)->selected()->id, "B");
}

TEST_F(V1Reader, WithoutAFinishedSyncARecentOneIsReadAndElseAllRows) {
  auto reader = open(kOldSchema + insert_run("old", "2024-05-20 10:00:00", "") +
                     insert_run("recent", "2024-05-30 10:00:00", "") + insert_type("a", "old") +
                     insert_type("b", "recent"));
  EXPECT_EQ((*reader)->selected()->id, "recent");
  EXPECT_THAT(types(**reader), ElementsAre("b"));
  reader = open(kOldSchema + insert_run("old", "2024-05-20 10:00:00", "") + insert_type("a", "old") +
                insert_type("b", "older"));
  EXPECT_EQ((*reader)->selected(), nullptr);
  EXPECT_THAT(types(**reader), ElementsAre("a", "b"));
  EXPECT_NE(*(*reader)->find_resource_type("b"), nullptr);
}

TEST_F(V1Reader, MissingTablesReadAsEmpty) {
  const auto reader = open("CREATE TABLE other (x)");
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_THAT((*reader)->syncs(), IsEmpty());
  EXPECT_THAT(types(**reader), IsEmpty());
  EXPECT_THAT(resources(**reader), IsEmpty());
  EXPECT_THAT(entitlements(**reader), IsEmpty());
  EXPECT_THAT(grants(**reader), IsEmpty());
  EXPECT_EQ(*(*reader)->find_resource("a", "b"), nullptr);
  EXPECT_EQ((*reader)->stats()->grants(), 0);
}

TEST_F(V1Reader, TheMagicAloneIsAnEmptyFile) {
  write_file(path_, std::string(kMagicV1));
  const auto reader = open_file();
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_THAT(grants(**reader), IsEmpty());
}

TEST_F(V1Reader, WriteAheadModeInTheHeaderDoesNotMatter) {
  RawDatabase database;
  database.rows("PRAGMA journal_mode=WAL;" + (kOldSchema + insert_run("S", "2024-01-01", "2024-01-02")) +
                insert_type("user"));
  database.save_as(path_);
  const auto reader = open_file();
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_THAT(types(**reader), ElementsAre("user"));
  EXPECT_THAT(scratch_.names(), ElementsAre("in.c1z"));
}

TEST_F(V1Reader, CachedStatsAreUsedWhenTheyCanBeTrusted) {
  MemoryRows rows;
  add_small_directory(rows);
  ASSERT_TRUE(write_v1(make_options(path_), make_run(), rows).ok());
  const auto with_stats = [&](const std::string& value) {
    RawDatabase database(path_);
    database.rows(
        "UPDATE v1_sync_runs SET sync_token = '{\"step_durations_ms\":{\"list\":7},\"x\":[1]}', stats = " +
        value);
    std::filesystem::remove(path_);
    database.save_as(path_);
    return *(*open_file())->stats();
  };
  EXPECT_EQ(with_stats("'{\"resource_types\":2,\"grants\":77}'").grants(), 77);
  for (const char* untrusted : {"NULL", "''", "'broken'", "'{}'", "'{\"resource_types\":0,\"grants\":77}'"}) {
    const auto stats = with_stats(untrusted);
    EXPECT_EQ(stats.grants(), 4) << untrusted;
    EXPECT_EQ(stats.resources(), 5);
    EXPECT_EQ(stats.resources_by_resource_type().at("user"), 3);
    EXPECT_EQ(stats.entitlements_by_resource_type().at("group"), 2);
    EXPECT_EQ(stats.step_durations_ms().at("list"), 7);
  }
}

TEST_F(V1Reader, RefusesFilesThatAreNoDatabaseOfThisKind) {
  using enum absl::StatusCode;
  expect_refusal("CREATE VIEW v1_grants AS SELECT 1 AS id", kDataLoss, "v1_grants is a view");
  expect_refusal(kOldSchema + insert_run("S", "", ""), kDataLoss,
                 "start of sync S: not a date and time: \"\"");
  expect_refusal(kOldSchema + insert_run("S", "2024-01-01", "soon"), kDataLoss, "end of sync S: not a date");
  expect_refusal("CREATE TABLE v1_sync_runs (id integer primary key, sync_id text)", kDataLoss,
                 "v1_sync_runs has no column started_at");

  write_file(path_, "");
  EXPECT_EQ(open_file().status().code(), kNotFound);
  std::filesystem::remove(path_);
  EXPECT_EQ(open_file().status().code(), kNotFound);
  EXPECT_THAT(std::string(open_file().status().message()), HasSubstr("does not exist"));
}

TEST_F(V1Reader, RefusesContentThatIsNoDatabase) {
  for (const std::size_t size : {50u, 4096u}) {
    const std::string junk(size, 'j');
    write_file(scratch_ / "junk", junk);
    std::filesystem::remove(path_);
    const auto source = open_for_reading(scratch_ / "junk");
    const auto target = create_exclusively(path_, 0600);
    ASSERT_TRUE(compress_v1(*source, size, *target, CompressOptions()).ok());
    const auto reader = open_file();
    EXPECT_EQ(reader.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(reader.status().message()), HasSubstr("is not a SQLite database"));
  }
}

TEST_F(V1Reader, ADamagedDatabaseIsDataLossAndNamesTheFile) {
  MemoryRows rows;
  rows.add(make_type("user"));
  for (int i = 0; i < 2'000; ++i) rows.add(make_grant("group", "g", std::to_string(i)));
  WriteOptions options = make_options(path_);
  options.page_bytes = 4096;
  ASSERT_TRUE(write_v1(options, make_run(), rows).ok());
  std::string bytes;
  {
    const RawDatabase database(path_);
    bytes = read_file(database.path());
  }
  // The middle of the grants loses its page headers; the schema and the table of syncs stay whole.
  for (std::size_t at = bytes.size() / 4 / 4096 * 4096; at < bytes.size() / 3; at += 4096) {
    bytes.replace(at, 64, 64, '\xEE');
  }
  write_file(scratch_ / "db", bytes);
  std::filesystem::remove(path_);
  const auto source = open_for_reading(scratch_ / "db");
  const auto target = create_exclusively(path_, 0600);
  ASSERT_TRUE(compress_v1(*source, bytes.size(), *target, CompressOptions()).ok());
  const auto reader = open_file();
  ASSERT_TRUE(reader.ok()) << reader.status();
  const absl::Status status =
      (*reader)->for_each_grant({}, [](const StoredGrant&) { return absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("in.c1z"));
}

TEST_F(V1Reader, ADamagedBlobNamesItsRow) {
  const auto reader =
      open(kOldSchema + insert_run("S", "2024-01-01", "2024-01-02") +
           "INSERT INTO v1_resources VALUES (1, 'user', 'user:u1', NULL, NULL, X'FFFF', 'S', '2024-01-01')");
  ASSERT_TRUE(reader.ok());
  const absl::Status status =
      (*reader)->for_each_resource({}, [](const Resource&) { return absl::OkStatus(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("resource \"user:u1\" of v1_resources is no valid protobuf message"));
  EXPECT_EQ((*reader)->find_resource("user", "u1").status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(V1Reader, TheVisitorsErrorEndsTheList) {
  MemoryRows rows;
  add_small_directory(rows);
  const auto reader = written(rows);
  int seen = 0;
  const absl::Status status = reader->for_each_resource(
      {}, [&](const Resource&) { return ++seen == 2 ? absl::AbortedError("enough") : absl::OkStatus(); });
  EXPECT_EQ(status.message(), "enough");
  EXPECT_EQ(seen, 2);
}

TEST_F(V1Reader, TheCopyGoesWhereTheEnvironmentSays) {
  MemoryRows rows;
  add_small_directory(rows);
  ASSERT_TRUE(write_v1(make_options(path_), make_run(), rows).ok());
  const std::string missing = scratch_ / "missing";
  const Environment folder("BATON_TMPDIR", missing.c_str());
  const auto reader = open_reader(path_);
  EXPECT_EQ(reader.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(reader.status().message()), HasSubstr(missing));
}

}  // namespace
}  // namespace baton::c1z
