#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <cstdint>
#include <functional>
#include <sstream>

#include "cli/app.hpp"
#include "conformance/c1z/broken_case.hpp"
#include "unit/c1z/database.hpp"

/// Files that are broken, or made to do harm: each gives one line that names the file and the place, and no
/// results; none crashes, hangs, or takes more memory or disk than a good file of its size.
namespace baton::c1z {
namespace {

const std::string kData = std::string(BATON_SOURCE_DIR) + "/tests/conformance/c1z/data/";
const std::string kMagic(kMagicV1);
constexpr std::size_t kPage = 512;

std::string sample() {
  return read_file(kData + "sdk-v1-slim.c1z");
}

std::string frame(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1));
  return out;
}

/// A frame without its content's size.
std::string unsized_frame(std::size_t zeros) {
  ZSTD_CStream* stream = ZSTD_createCStream();
  const std::string bytes(zeros, '\0');
  std::string out(ZSTD_compressBound(zeros), '\0');
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  ZSTD_outBuffer target{out.data(), out.size(), 0};
  ZSTD_compressStream2(stream, &target, &in, ZSTD_e_flush);
  ZSTD_compressStream2(stream, &target, &in, ZSTD_e_end);
  ZSTD_freeCStream(stream);
  out.resize(target.pos);
  return out;
}

std::string v1(const std::string& database) {
  return kMagic + frame(database);
}

/// The database of a sample after some SQL, in small pages.
std::string changed(const std::string& sql, const std::string& name = "hand-v1-oldschema") {
  RawDatabase database(kData + name + ".c1z");
  database.rows("PRAGMA page_size = 512; VACUUM");
  database.rows(sql);
  return read_file(database.path());
}

std::string with_sql(const std::string& sql) {
  return v1(changed(sql));
}

/// Bytes of a database, to be broken page by page.
class Pages {
 public:
  explicit Pages(const std::string& sql) : bytes_(changed(sql)) {}

  /// The root page of a table or index, counted from 1.
  static std::uint32_t root(const std::string& sql, const std::string& name) {
    RawDatabase database(kData + "hand-v1-oldschema.c1z");
    database.rows("PRAGMA page_size = 512; VACUUM");
    database.rows(sql);
    return static_cast<std::uint32_t>(
        std::stoul(database.one("SELECT rootpage FROM sqlite_master WHERE name = '" + name + "'")));
  }

  char* page(std::uint32_t number) { return bytes_.data() + (number - 1) * kPage; }
  /// Adds a copy of `like` and returns its number.
  std::uint32_t add(std::uint32_t like) {
    bytes_ += bytes_.substr((like - 1) * kPage, kPage);
    const auto count = static_cast<std::uint32_t>(bytes_.size() / kPage);
    put(bytes_.data() + 28, count, 4);
    return count;
  }
  /// Makes an inner page of a table whose children are all `child`.
  void make_inner(std::uint32_t number, std::uint32_t child, int cells) {
    char* at = page(number);
    std::fill(at, at + kPage, '\0');
    at[0] = 5;
    put(at + 3, static_cast<std::uint32_t>(cells), 2);
    put(at + 5, static_cast<std::uint32_t>(kPage) - 5 * static_cast<std::uint32_t>(cells), 2);
    put(at + 8, child, 4);
    for (int i = 0; i < cells; ++i) {
      const std::uint32_t cell = static_cast<std::uint32_t>(kPage) - 5 * static_cast<std::uint32_t>(i + 1);
      put(at + 12 + 2 * i, cell, 2);
      put(at + cell, child, 4);
      at[cell + 4] = static_cast<char>(i + 1);
    }
  }
  static void put(char* at, std::uint32_t value, int width) {
    for (int i = width - 1; i >= 0; --i, value >>= 8) at[i] = static_cast<char>(value);
  }
  std::string file() const { return v1(bytes_); }
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

/// A table whose pages point to each other so that its few rows are met a billion times.
std::string many_times_the_same_rows(const std::string& table) {
  Pages pages("");
  const std::uint32_t root = Pages::root("", table);
  std::uint32_t child = pages.add(root);
  for (int level = 0; level < 6; ++level) {
    const std::uint32_t next = pages.add(root);
    pages.make_inner(next, child, 60);
    child = next;
  }
  pages.make_inner(root, child, 60);
  return pages.file();
}

/// A row of which every page but the first is the same one.
std::string row_that_claims_fifteen_mebibytes() {
  const std::string sql =
      "DELETE FROM v1_resource_types; INSERT INTO v1_resource_types VALUES (1, 't', zeroblob(2200000), "
      "'2abcdefghijklmnopqrstuvwxyz', '2024-01-01')";
  Pages pages(sql);
  char* root = pages.page(Pages::root(sql, "v1_resource_types"));
  auto* cell = reinterpret_cast<unsigned char*>(root) +
               (static_cast<unsigned char>(root[8]) << 8 | static_cast<unsigned char>(root[9]));
  const auto put_varint4 = [](unsigned char* at, std::uint32_t value) {
    for (int i = 3; i >= 0; --i, value >>= 7) {
      at[i] = static_cast<unsigned char>((value & 0x7F) | (i == 3 ? 0 : 0x80));
    }
  };
  // How much of a row stands in its first page depends on its size modulo the room for it in a page.
  std::uint32_t size = 0;
  for (int i = 0; i < 4; ++i) size = size << 7 | (cell[i] & 0x7F);
  const std::uint32_t more = (15 << 20) / (kPage - 4) * (kPage - 4) - 2'200'000 / (kPage - 4) * (kPage - 4);
  put_varint4(cell, size + more);
  // Behind it the number of the row, the size of the header, and the types of id and external_id.
  put_varint4(cell + 4 + 1 + 1 + 2, (2'200'000 + more) * 2 + 12);
  // The last page of the chain has no next one; now it has its neighbour.
  std::string& bytes = pages.bytes();
  const auto last = static_cast<std::uint32_t>(bytes.size() / kPage);
  Pages::put(pages.page(last), last, 4);
  return pages.file();
}

const std::vector<std::string> kTypes{"resource-types"};
const std::vector<std::string> kResources{"resources"};
const std::vector<std::string> kEntitlements{"entitlements"};
const std::vector<std::string> kGrants{"grants"};

const std::vector<BrokenCase>& cases() {
  static const std::vector<BrokenCase> kCases{
      // The envelope.
      {"Empty", [] { return std::string(); }, kGrants, 2, "FILE is empty"},
      {"AFewBytes", [] { return std::string("C1Z"); }, kGrants, 2,
       "FILE is not a c1z file: it is only a few bytes long"},
      {"OtherMagic", [] { return "C1ZG" + sample().substr(4); }, kGrants, 2, "FILE is not a c1z file"},
      {"NoFrame", [] { return kMagic + "This is not zstd."; }, kGrants, 15,
       "FILE is damaged near byte 5: what follows its magic is not a zstd stream"},
      {"CutInAFrameHeader", [] { return sample().substr(0, 9); }, kGrants, 15,
       "FILE is damaged near byte 9: it ends in the middle of a zstd frame"},
      {"CutInTheMiddle", [] { return sample().substr(0, 1500); }, kGrants, 15,
       "FILE is damaged near byte 1500: it ends in the middle of a zstd frame"},
      {"CutInTheChecksum", [] { return sample().substr(0, sample().size() - 1); }, kGrants, 15,
       "FILE is damaged near byte 3360: it ends in the middle of a zstd frame"},
      {"WrongChecksum",
       [] {
         std::string file = sample();
         file.back() = static_cast<char>(~file.back());
         return file;
       },
       kGrants, 15, "FILE is damaged near byte *: Restored data doesn't match checksum"},
      {"WrongContentSize",
       [] {
         std::string file = v1(std::string(70'000, 'x'));
         file[5 + 5] = static_cast<char>(file[5 + 5] + 1);
         return file;
       },
       kGrants, 15, "FILE is damaged near byte *: Data corruption detected"},
      {"TrailingZero", [] { return sample() + std::string(1, '\0'); }, kGrants, 15,
       "FILE is damaged near byte 3361: there is something behind its last zstd frame"},
      {"TrailingText", [] { return sample() + "and more"; }, kGrants, 15,
       "FILE is damaged near byte 3361: there is something behind its last zstd frame"},
      {"CutSkippableFrame", [] { return sample() + std::string("\x50\x2A\x4D\x18\x64\0\0\0only this", 17); },
       kGrants, 15, "FILE is damaged near byte 3378: it ends in the middle of a zstd frame"},
      {"DeclaredBomb", [] { return kMagic + frame(std::string(2 << 20, '\0')); }, kGrants, 8,
       "FILE holds more than 1048576 bytes when decoded; BATON_DECODER_MAX_DECODED_SIZE_MB raises the limit"},
      {"UndeclaredBomb", [] { return kMagic + unsized_frame(2 << 20); }, kGrants, 8,
       "FILE holds more than 1048576 bytes when decoded; BATON_DECODER_MAX_DECODED_SIZE_MB raises the limit"},
      {"ManySmallBombs",
       [] {
         std::string file = kMagic;
         for (int i = 0; i < 5; ++i) file += unsized_frame(300'000);
         return file;
       },
       kGrants, 8,
       "FILE holds more than 1048576 bytes when decoded; BATON_DECODER_MAX_DECODED_SIZE_MB raises the limit"},
      {"HugeWindow", [] { return kMagic + std::string("\x28\xB5\x2F\xFD\x00\x90\x01\x00\x00", 9); }, kGrants,
       8,
       "FILE needs a zstd window of 268435456 bytes, allowed are 134217728; BATON_DECODER_MAX_MEMORY_MB "
       "raises "
       "the limit"},
      {"WantsADictionary",
       [] { return kMagic + std::string("\x28\xB5\x2F\xFD\x01\x00\x07\x01\x00\x00", 10); }, kGrants, 15,
       "FILE is damaged near byte *: Dictionary mismatch"},
      // The database.
      {"NotADatabase", [] { return v1(std::string(5'000, 'x')); }, kGrants, 15,
       "FILE is damaged: what it holds is not a SQLite database"},
      {"ShorterThanAHeader", [] { return v1(changed("").substr(0, 99)); }, kGrants, 15,
       "FILE is damaged: what it holds is not a SQLite database"},
      {"WrongPageSize",
       [] {
         std::string database = changed("");
         database[17] = 3;
         return v1(database);
       },
       kGrants, 15, "FILE: database: file is not a database"},
      {"CutDatabase", [] { return v1(changed("").substr(0, 1024)); }, kGrants, 15,
       "FILE: database: database disk image is malformed"},
      {"UnknownSchemaFormat",
       [] {
         std::string database = changed("");
         database[47] = 9;
         return v1(database);
       },
       kGrants, 13, "FILE: database: unsupported file format"},
      {"SchemaThatIsNoSql",
       [] {
         return with_sql(
             "PRAGMA writable_schema = on; UPDATE sqlite_master SET sql = 'CREATE TABLE v1_grants (id' WHERE "
             "name = 'v1_grants'");
       },
       kGrants, 15, "FILE: database: malformed database schema (v1_grants) - incomplete input"},
      {"ViewForATable",
       [] { return with_sql("DROP TABLE v1_grants; CREATE VIEW v1_grants AS SELECT 1 AS id"); }, kTypes, 15,
       "FILE: v1_grants is a view where a table is expected"},
      {"ViewThatNeverEnds",
       [] {
         return with_sql(
             "DROP TABLE v1_resources; CREATE VIEW v1_resources AS WITH RECURSIVE n(id) AS (SELECT 1 UNION "
             "ALL "
             "SELECT id + 1 FROM n) SELECT id FROM n");
       },
       kResources, 15, "FILE: v1_resources is a view where a table is expected"},
      {"VirtualTableForATable",
       [] {
         return with_sql(
             "DROP TABLE v1_grants; PRAGMA writable_schema = on; INSERT INTO sqlite_master VALUES ('table', "
             "'v1_grants', 'v1_grants', 0, 'CREATE VIRTUAL TABLE v1_grants USING rtree(id, a, b)')");
       },
       kTypes, 15, "FILE: v1_grants is a virtual table where a table is expected"},
      {"NoColumnForTheRowsNumber",
       [] {
         return with_sql(
             "DROP TABLE v1_resource_types; CREATE TABLE v1_resource_types (external_id text, data blob, "
             "sync_id "
             "text)");
       },
       kTypes, 15, "FILE: v1_resource_types has no column id"},
      {"MissingColumn", [] { return with_sql("ALTER TABLE v1_grants DROP COLUMN principal_resource_id"); },
       kTypes, 15, "FILE: v1_grants has no column principal_resource_id"},
      {"ColumnThatIsComputed",
       [] {
         return with_sql(
             "DROP TABLE v1_resource_types; CREATE TABLE v1_resource_types (id integer primary key, "
             "external_id "
             "text, data blob AS (zeroblob(1000000000)), sync_id text); INSERT INTO v1_resource_types "
             "(external_id, sync_id) VALUES ('t', '2abcdefghijklmnopqrstuvwxyz')");
       },
       kTypes, 15, "FILE: v1_resource_types has no column data"},
      {"RowsWithoutNumbers",
       [] {
         return with_sql(
             "CREATE TABLE t AS SELECT 'x' AS id, external_id, data, sync_id FROM v1_resource_types; DROP "
             "TABLE "
             "v1_resource_types; ALTER TABLE t RENAME TO v1_resource_types");
       },
       kTypes, 15, "FILE is damaged: a row of v1_resource_types has no number"},
      {"RootBeyondTheEnd",
       [] {
         return with_sql(
             "PRAGMA writable_schema = on; UPDATE sqlite_master SET rootpage = 9999 WHERE name = "
             "'v1_grants'");
       },
       kGrants, 15, "FILE: database: malformed database schema (v1_grants) - invalid rootpage"},
      {"RootOfAnother",
       [] {
         return with_sql(
             "CREATE INDEX other ON v1_grants (sync_id); PRAGMA writable_schema = on; UPDATE sqlite_master "
             "SET "
             "rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'other') WHERE name = "
             "'v1_resources'");
       },
       kResources, 15, "FILE: v1_resources: database: database disk image is malformed"},
      {"PageOfGarbage",
       [] {
         Pages pages("");
         char* root = pages.page(Pages::root("", "v1_resources"));
         std::fill(root, root + kPage, '\xEE');
         return pages.file();
       },
       kResources, 15, "FILE: v1_resources: database: database disk image is malformed"},
      {"PageThatIsItsOwnChild",
       [] {
         Pages pages("");
         const std::uint32_t root = Pages::root("", "v1_resources");
         pages.make_inner(root, root, 3);
         return pages.file();
       },
       kResources, 15, "FILE: v1_resources: database: database disk image is malformed"},
      {"PagesThatAreMetABillionTimes", [] { return many_times_the_same_rows("v1_resources"); }, kResources,
       15, "FILE is damaged: the rows of v1_resources up to row * claim to hold more than the whole file"},
      {"CountingPagesThatAreMetABillionTimes",
       [] { return many_times_the_same_rows("v1_grants"); },
       {"stats"},
       15,
       "FILE is damaged: v1_grants has more rows than the whole file can hold"},
      {"SyncsThatAreMetABillionTimes",
       [] { return many_times_the_same_rows("v1_sync_runs"); },
       {"syncs"},
       15,
       "FILE is damaged: sync \"2abcdefghijklmnopqrstuvwxyz\" stands twice in v1_sync_runs"},
      {"RowOfOnePageInACircle", [] { return row_that_claims_fifteen_mebibytes(); }, kTypes, 15,
       "FILE: v1_resource_types: database: database disk image is malformed"},
      {"HugeRow",
       [] { return with_sql("UPDATE v1_resource_types SET data = zeroblob(17000000) WHERE id = 1"); }, kTypes,
       8, "FILE: v1_resource_types: database: string or blob too big"},
      // The rows.
      {"TimeThatIsNone", [] { return with_sql("UPDATE v1_sync_runs SET started_at = 'soon'"); }, kTypes, 15,
       "FILE: start of sync 2abcdefghijklmnopqrstuvwxyz: not a date and time: \"soon\""},
      {"SyncThatStandsTwice",
       [] {
         return with_sql(
             "INSERT INTO v1_sync_runs (sync_id, started_at, sync_token) SELECT sync_id, started_at, "
             "sync_token "
             "FROM v1_sync_runs");
       },
       kTypes, 15, "FILE is damaged: sync \"2abcdefghijklmnopqrstuvwxyz\" stands twice in v1_sync_runs"},
      {"UnknownSync",
       [] { return sample(); },
       {"grants", "--sync-id", "3MUTGS9iMbfUzFLf670qZKIi8Ae"},
       5,
       "FILE has no sync 3MUTGS9iMbfUzFLf670qZKIi8Ae"},
      {"NullForABlob",
       [] {
         return with_sql(
             "CREATE TABLE t AS SELECT * FROM v1_resource_types; DROP TABLE v1_resource_types; UPDATE t SET "
             "data "
             "= NULL; ALTER TABLE t RENAME TO v1_resource_types");
       },
       kTypes, 15, "FILE is damaged: resource type \"group\" of v1_resource_types has no id"},
      {"NumberForABlob", [] { return with_sql("UPDATE v1_resource_types SET data = 12345 WHERE id = 1"); },
       kTypes, 15,
       "FILE is damaged: resource type \"user\" of v1_resource_types is no valid protobuf message"},
      {"BlobThatIsNoProtobuf", [] { return with_sql("UPDATE v1_grants SET data = x'ffff' WHERE id = 2"); },
       kGrants, 15,
       "FILE is damaged: grant \"group:g1:member:group:g2\" of v1_grants is no valid protobuf message"},
      {"BlobOfAnotherKind",
       [] { return with_sql("UPDATE v1_entitlements SET data = x'0d00000000' WHERE id = 1"); }, kEntitlements,
       15, "FILE is damaged: entitlement \"group:g1:member\" of v1_entitlements is of no resource"},
      {"BadUtf8",
       [] {
         return with_sql(
             "UPDATE v1_resources SET data = x'0a0a0a0475736572120275311a02fffe' WHERE "
             "external_id = 'user:u1'");
       },
       kResources, 15, "FILE is damaged: resource \"user:u1\" of v1_resources is no valid protobuf message"},
      {"ResourceWithoutId", [] { return with_sql("UPDATE v1_resources SET data = x'1a0141' WHERE id = 1"); },
       kResources, 15, "FILE is damaged: resource \"user:u1\" of v1_resources has an id without a type"},
      {"EntitlementWithoutResource",
       [] { return with_sql("UPDATE v1_entitlements SET data = x'120145' WHERE id = 1"); }, kEntitlements, 15,
       "FILE is damaged: entitlement \"group:g1:member\" of v1_entitlements is of no resource"},
      {"GrantOfAnEntitlementWithoutResource",
       [] { return with_sql("UPDATE v1_grants SET data = x'0a031201451a0147' WHERE id = 1"); }, kGrants, 15,
       "FILE is damaged: grant \"group:g2:member:user:u1\" of v1_grants is of an entitlement of no resource"},
      {"SlimGrantWithoutPrincipal",
       [] {
         return with_sql(
             "UPDATE v1_grants SET data = x'1a0147', principal_resource_type_id = '', principal_resource_id "
             "= '' "
             "WHERE id = 1");
       },
       kGrants, 15, "FILE is damaged: grant \"group:g2:member:user:u1\" of v1_grants has no principal"},
      {"SlimGrantWithoutEntitlement",
       [] { return with_sql("UPDATE v1_grants SET data = x'1a0147', entitlement_id = '' WHERE id = 1"); },
       {"grants", "--limit", "3"},
       15,
       "FILE is damaged: grant \"group:g2:member:user:u1\" of v1_grants is of no entitlement"},
  };
  return kCases;
}

class BrokenFile : public testing::TestWithParam<BrokenCase> {};

TEST_P(BrokenFile, GivesOneLine) {
  // Small, so that bombs need not be large; `HugeRow` is about another limit.
  const bool huge =
      std::string(GetParam().name) == "HugeRow" || GetParam().name == std::string("RowOfOnePageInACircle");
  const Environment limit("BATON_DECODER_MAX_DECODED_SIZE_MB", huge ? "64" : "1");
  expect_one_line(GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, BrokenFile, testing::ValuesIn(cases()),
                         [](const auto& info) { return std::string(info.param.name); });

class OddFile : public testing::Test {
 protected:
  static std::string print(const std::string& file, std::vector<std::string> arguments) {
    const Scratch scratch;
    write_file(scratch / "in.c1z", file);
    arguments.insert(arguments.end(), {"-f", scratch / "in.c1z"});
    std::ostringstream results;
    std::ostringstream errors;
    EXPECT_EQ(cli::run(arguments, results, errors, false), 0) << errors.str();
    return results.str();
  }
  static void expect_rows_as_ever(const std::string& sql) {
    for (const char* command :
         {"resource-types", "resources", "entitlements", "grants", "principals", "stats"}) {
      EXPECT_EQ(print(with_sql(sql), {command, "-o", "json"}), print(with_sql(""), {command, "-o", "json"}))
          << command << " after " << sql;
    }
  }
};

TEST_F(OddFile, WhatIsOnlyUnusualIsRead) {
  // A trigger that destroys, a view and an index that call functions: nobody runs them.
  expect_rows_as_ever(
      "CREATE TRIGGER t AFTER INSERT ON v1_grants BEGIN DELETE FROM v1_grants; END; CREATE VIEW v AS SELECT "
      "randomblob(1000000000); CREATE INDEX i ON v1_grants (upper(external_id)) WHERE length(external_id) > "
      "0");
  expect_rows_as_ever(
      "ALTER TABLE v1_grants ADD COLUMN is_expandable integer; ALTER TABLE v1_resources ADD COLUMN "
      "resource_id text");
  // Other page sizes and names.
  expect_rows_as_ever("PRAGMA page_size = 65536; VACUUM");
  expect_rows_as_ever("ALTER TABLE v1_grants RENAME TO x; ALTER TABLE x RENAME TO V1_Grants");
  // The rows' number need not be SQLite's own.
  expect_rows_as_ever(
      "CREATE TABLE t (id int primary key, external_id text, data blob, sync_id text) WITHOUT ROWID; INSERT "
      "INTO t "
      "SELECT id, external_id, data, sync_id FROM v1_resource_types; DROP TABLE v1_resource_types; ALTER "
      "TABLE t "
      "RENAME TO v1_resource_types");
  // Blobs that are stored as text, rows of syncs that nobody knows.
  expect_rows_as_ever("UPDATE v1_resource_types SET data = CAST(data AS TEXT)");
  expect_rows_as_ever(
      "INSERT INTO v1_resource_types (external_id, data, sync_id, discovered_at) VALUES ('x', x'ffff', "
      "'nobody', "
      "'2024-01-01')");
}

TEST_F(OddFile, AMissingTableIsEmpty) {
  EXPECT_EQ(print(with_sql("DROP TABLE v1_entitlements"), {"entitlements", "-o", "json"}), "{}\n");
  EXPECT_EQ(print(with_sql("DROP TABLE v1_grants"), {"grants", "-o", "json"}), "{}\n");
  EXPECT_EQ(print(kMagic, {"syncs", "-o", "json"}), "{}\n");
  // Without syncs the rows of all are read.
  EXPECT_THAT(print(with_sql("DROP TABLE v1_sync_runs"), {"resource-types"}), testing::HasSubstr("user"));
}

}  // namespace
}  // namespace baton::c1z
