#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "base/tuple_key.hpp"
#include "c1/storage/v3/records.pb.h"
#include "conformance/c1z/broken_case.hpp"
#include "storage/c1z/envelope.hpp"
#include "storage/c1z/v3/block_writer.hpp"
#include "storage/c1z/v3/bytes_cursor.hpp"
#include "storage/c1z/v3/checksum.hpp"
#include "storage/c1z/v3/family_keys.hpp"
#include "storage/c1z/v3/manifest_writer.hpp"
#include "storage/c1z/v3/table_writer.hpp"
#include "unit/c1z/v3/packed_file.hpp"
#include "unit/c1z/v3/table_walk.hpp"

/// Files of version 3 that are broken, or made to do harm. A sample is taken apart, changed in one place, and
/// put together again with everything else as it should be.
namespace baton::c1z::v3 {
namespace {

const std::string kSample =
    std::string(BATON_SOURCE_DIR) + "/tests/conformance/c1z/data/hand-v3-columnar.c1z";
const std::vector<std::string> kTypes{"resource-types"};
const std::vector<std::string> kGrants{"grants"};

using Index = PackedFile::Index;

std::string sample() {
  return read_file(kSample);
}

std::string with_index(const std::function<void(Index&)>& change) {
  return PackedFile(kSample).indexed(change);
}

/// The sample after a change to its files.
std::string with_files(const std::function<void(std::map<std::string, std::string>&)>& change) {
  PackedFile packed(kSample);
  change(packed.files);
  return packed.indexed();
}

std::string& file_that_begins(std::map<std::string, std::string>& files, const std::string& prefix) {
  return files.lower_bound(prefix)->second;
}

std::string with_manifest(const std::function<void(std::string&)>& change) {
  return with_files([&](auto& files) { change(file_that_begins(files, "MANIFEST-")); });
}

/// A MANIFEST of one record.
std::string one_record(const std::string& edit) {
  std::string body(1, '\1');
  body += edit;
  std::string log;
  append_le32(log, mask_checksum(crc32c(body)));
  append_le16(log, static_cast<std::uint16_t>(edit.size()));
  return log + body;
}

std::string edit_of(std::initializer_list<std::uint64_t> numbers) {
  std::string edit;
  for (const std::uint64_t number : numbers) append_uvarint(edit, number);
  return edit;
}

std::string with_edit(const std::string& edit) {
  return with_manifest([&](std::string& log) { log = one_record(edit); });
}

std::string with_table(const std::function<void(std::string&)>& change) {
  PackedFile packed(kSample);
  for (auto& [name, content] : packed.files) {
    if (name.ends_with(".sst")) change(content);
  }
  return packed.indexed();
}

/// Stamps the footer anew, which is 61 bytes.
void stamp_footer(std::string& table) {
  const std::string_view footer = std::string_view(table).substr(table.size() - 61);
  const std::uint32_t sum = crc32c(footer.substr(49), crc32c(footer.substr(0, 45)));
  std::string bytes;
  append_le32(bytes, mask_checksum(sum));
  table.replace(table.size() - 61 + 45, 4, bytes);
}

std::string with_footer(const std::function<void(std::string&)>& change) {
  return with_table([&](std::string& table) {
    std::string footer = table.substr(table.size() - 61);
    change(footer);
    table.replace(table.size() - 61, 61, footer);
    stamp_footer(table);
  });
}

/// Changes the block that the footer's `which`-th handle (0 metaindex, 1 index) points to, and stamps it
/// anew.
std::string with_block(int which, const std::function<void(char*, std::size_t)>& change) {
  return with_table([&](std::string& table) {
    BytesCursor handles(std::string_view(table).substr(table.size() - 60, 40));
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    for (int i = 0; i <= which; ++i) {
      ASSERT_TRUE(handles.uvarint(offset) && handles.uvarint(size));
    }
    change(table.data() + offset, static_cast<std::size_t>(size));
    std::string sum;
    append_le32(sum, mask_checksum(crc32c(std::string_view(table).substr(offset, size + 1))));
    table.replace(static_cast<std::size_t>(offset + size + 1), 4, sum);
  });
}

/// The sample's rows after a change, in a table of our own.
std::string with_rows(const std::function<void(std::map<std::string, std::string>&)>& change) {
  std::map<std::string, std::string> rows;
  for (WalkedRow& row : walk_file(kSample)) rows[row.key] = std::move(row.value);
  change(rows);
  TableWriter writer;
  writer.begin(BlockCompression::kSnappy);
  for (const auto& [key, value] : rows) writer.add(key, value);
  TableInfo info;
  info.number = 5;
  info.smallest = rows.begin()->first;
  info.largest = rows.rbegin()->first;
  PackedFile packed(kSample);
  packed.files.clear();
  std::string& table = packed.files[table_name(info.number)] = writer.finish();
  info.size = table.size();
  packed.files[kManifestName] = make_manifest(std::span(&info, 1), 6);
  packed.files[kFormatMarker];
  packed.files[kManifestMarker];
  return packed.indexed();
}

std::string meta(std::string_view name) {
  std::string key;
  meta_key(key, name);
  return key;
}

std::string with_head(const std::function<void(c1::c1z::v3::C1ZManifestV3&)>& change) {
  PackedFile packed(kSample);
  change(packed.manifest);
  return packed.indexed();
}

/// The sample with another encoding written into it, or another length of the manifest.
std::string with_encoding(int encoding) {
  c1::c1z::v3::C1ZManifestV3 manifest = PackedFile(kSample).manifest;
  manifest.set_payload_encoding(static_cast<c1::c1z::v3::PayloadEncoding>(encoding));
  const std::string bytes = manifest.SerializeAsString();
  std::string file(kMagicV3);
  append_be32(file, static_cast<std::uint32_t>(bytes.size()));
  return file + bytes + "payload";
}
std::string with_manifest_of(std::uint32_t length, const std::string& rest) {
  std::string file(kMagicV3);
  append_be32(file, length);
  return file + rest;
}

std::string with_footer_of_file(std::size_t from_end, const std::string& bytes) {
  std::string file = sample();
  return file.replace(file.size() - from_end, bytes.size(), bytes);
}

/// A tar payload of this archive.
std::string with_archive(const std::string& archive) {
  PackedFile packed(kSample);
  packed.files.clear();
  std::string file = packed.tar();
  return file.substr(0, file.size() - 512 - 1024) + archive;
}

const std::vector<BrokenCase>& cases() {
  static const std::vector<BrokenCase> kCases{
      // The head.
      {"CutInTheHead", [] { return sample().substr(0, 8); }, kGrants, 15,
       "FILE is damaged: it ends in its first 9 bytes"},
      {"ManifestOfNothing", [] { return with_manifest_of(0, "x"); }, kGrants, 15,
       "FILE is damaged: its manifest claims 0 bytes; 1 to 16777216 are possible"},
      {"ManifestThatIsHuge", [] { return with_manifest_of(0xffffffff, "x"); }, kGrants, 15,
       "FILE is damaged: its manifest claims 4294967295 bytes; 1 to 16777216 are possible"},
      {"CutInTheManifest", [] { return with_manifest_of(100, "x"); }, kGrants, 15,
       "FILE is damaged: it ends in its manifest of 100 bytes"},
      {"ManifestThatIsNone", [] { return with_manifest_of(2, "\xff\xff"); }, kGrants, 15,
       "FILE is damaged: its manifest is no valid protobuf message"},
      {"UnknownEngine", [] { return with_head([](auto& head) { head.set_engine("pebble4"); }); }, kGrants, 12,
       "FILE needs the storage engine \"pebble4\", which this program has not; it reads those of pebble, "
       "pebble2 and pebble3"},
      {"NoEngine", [] { return with_head([](auto& head) { head.clear_engine(); }); }, kGrants, 12,
       "FILE needs the storage engine \"\", which this program has not; it reads those of pebble, pebble2 "
       "and "
       "pebble3"},
      {"NoEncoding", [] { return with_encoding(0); }, kGrants, 12,
       "FILE has a payload of encoding 0, which this program does not read"},
      {"ReservedEncoding", [] { return with_encoding(3); }, kGrants, 12,
       "FILE has a payload of encoding 3, which this program does not read"},
      // The indexed payload.
      {"CutAtTheEnd", [] { return sample().substr(0, sample().size() - 1); }, kGrants, 15,
       "FILE is damaged: it does not end with a footer; it may have been cut off"},
      {"PayloadOfAFewBytes", [] { return with_encoding(5); }, kGrants, 15,
       "FILE is damaged: it ends before the footer that tells where its files are"},
      {"IndexThatIsHuge", [] { return with_footer_of_file(20, "\x7f"); }, kGrants, 15,
       "FILE is damaged: its index claims * bytes; 67108864 are possible"},
      {"IndexElsewhere", [] { return with_footer_of_file(21, "\x01"); }, kGrants, 15,
       "FILE is damaged: its footer puts an index of * bytes at byte *, which does not end at the footer"},
      {"HashOfTheIndex", [] { return with_footer_of_file(16, "\x01"); }, kGrants, 15,
       "FILE is damaged: the hash of its index does not match"},
      {"HashOfTheManifest", [] { return with_index([](Index& index) { index.set_manifest_xxh64(1); }); },
       kGrants, 15, "FILE is damaged: the hash of its manifest does not match the one in its index"},
      {"NameThatLeavesTheFolder",
       [] { return with_index([](Index& index) { index.mutable_entries(0)->set_name("a/../../b"); }); },
       kGrants, 15, "FILE is damaged: its payload has a file named \"a/../../b\", which is no local name"},
      {"AbsoluteName",
       [] { return with_index([](Index& index) { index.mutable_entries(0)->set_name("/b"); }); }, kGrants, 15,
       "FILE is damaged: its payload has a file named \"/b\", which is no local name"},
      {"NoName", [] { return with_index([](Index& index) { index.mutable_entries(0)->clear_name(); }); },
       kGrants, 15, "FILE is damaged: its payload has a file named \"\", which is no local name"},
      {"TwoOfOneName",
       [] {
         return with_index([](Index& index) { index.mutable_entries(0)->set_name(index.entries(1).name()); });
       },
       kGrants, 15, "FILE is damaged: its payload has two files named \"MANIFEST-000001\""},
      {"FrameBeforeThePayload",
       [] { return with_index([](Index& index) { index.mutable_entries(0)->set_frame_offset(8); }); },
       kGrants, 15,
       "FILE is damaged: index entry \"000004.sst\" has its frame at bytes 8 to *, outside the payload"},
      {"FrameBehindThePayload",
       [] {
         return with_index([](Index& index) { index.mutable_entries(0)->set_compressed_size(1 << 20); });
       },
       kGrants, 15,
       "FILE is damaged: index entry \"000004.sst\" has its frame at bytes * to *, outside the payload"},
      {"NoFrame",
       [] { return with_index([](Index& index) { index.mutable_entries(0)->set_compressed_size(0); }); },
       kGrants, 15, "FILE is damaged: index entry \"000004.sst\" has no frame"},
      {"NegativeSize",
       [] { return with_index([](Index& index) { index.mutable_entries(0)->set_raw_size(-1); }); }, kGrants,
       15, "FILE is damaged: index entry \"000004.sst\" claims a negative size"},
      {"ShortHash",
       [] { return with_index([](Index& index) { index.mutable_entries(0)->set_raw_sha256("abc"); }); },
       kGrants, 15, "FILE is damaged: index entry \"000004.sst\" has a SHA-256 of 3 bytes instead of 32"},
      {"Bomb",
       [] { return with_files([](auto& files) { files["000009.sst"] = std::string(2 << 20, '\0'); }); },
       kGrants, 8,
       "FILE holds more than 1048576 bytes when decoded; BATON_DECODER_MAX_DECODED_SIZE_MB raises the limit"},
      {"BombThatLies",
       [] {
         PackedFile packed(kSample);
         packed.files[kManifestName] = std::string(2 << 20, '\0');
         return packed.indexed([](Index& index) { index.mutable_entries(1)->set_raw_size(100); });
       },
       kGrants, 8,
       "FILE: MANIFEST-000001 holds more than 1048576 bytes when decoded; BATON_DECODER_MAX_DECODED_SIZE_MB "
       "raises the limit"},
      {"FileThatIsLarger",
       [] { return with_index([](Index& index) { index.mutable_entries(1)->set_raw_size(7); }); }, kGrants,
       15, "FILE: MANIFEST-000001 is damaged: it decodes to more than the 7 bytes of the index"},
      {"FileThatIsSmaller",
       [] { return with_index([](Index& index) { index.mutable_entries(1)->set_raw_size(7000); }); }, kGrants,
       15, "FILE: MANIFEST-000001 is damaged: it decodes to * bytes instead of the 7000 of the index"},
      {"HashOfAFile",
       [] { return with_index([](Index& index) { index.mutable_entries(1)->set_raw_xxh64(7); }); }, kGrants,
       15, "FILE: MANIFEST-000001 is damaged: its hash does not match the one of the index"},
      {"FrameThatIsNone",
       [] {
         return with_index([](Index& index) {
           index.mutable_entries(1)->set_frame_offset(index.entries(1).frame_offset() + 1);
         });
       },
       kGrants, 15,
       "FILE: MANIFEST-000001 is damaged near byte *: what follows its magic is not a zstd stream"},
      // Tar.
      {"LinkInATar", [] { return with_archive(tar_header("a", 0, '2')); }, kGrants, 15,
       "FILE is damaged: its tar archive, at byte 0: an entry of type '2'; only folders and regular files "
       "are "
       "possible"},
      {"ChecksumOfATar",
       [] {
         std::string header = tar_header("a", 0);
         header[0] = 'b';
         return with_archive(header);
       },
       kGrants, 15, "FILE is damaged: its tar archive, at byte 0: the checksum of a header does not match"},
      {"ModeInATar", [] { return with_archive(tar_header("a", 0, '0', 04755)); }, kGrants, 15,
       "FILE is damaged: its tar archive, at byte 0: a header with an impossible mode"},
      {"CutTar", [] { return with_archive(tar_header("a", 0) + "x"); }, kGrants, 15,
       "FILE is damaged: its tar archive, at byte 512: it ends without its end mark"},
      {"CutInAFileOfATar", [] { return with_archive(tar_header("a", 1000) + "x"); }, kGrants, 15,
       "FILE is damaged: its tar archive, at byte 512: it ends in the middle of a file"},
      {"NameInATar", [] { return with_archive(tar_header("../a", 0)); }, kGrants, 15,
       "FILE is damaged: its payload has a file named \"../a\", which is no local name"},
      {"TwoOfOneNameInATar", [] { return with_archive(tar_header("a", 0) + tar_header("a", 0)); }, kGrants,
       15, "FILE is damaged: its payload has two files named \"a\""},
      // The database's folder.
      {"OldDatabase", [] { return with_files([](auto& files) { files["CURRENT"] = "MANIFEST-000001"; }); },
       kGrants, 12, "FILE: its database has a file CURRENT, so it is older than Pebble's format 13"},
      {"NoFormat", [] { return with_files([](auto& files) { files.erase(kFormatMarker); }); }, kGrants, 15,
       "FILE is damaged: its database has no marker of its format"},
      {"FormatOfTomorrow",
       [] { return with_files([](auto& files) { files["marker.format-version.000009.025"]; }); }, kGrants, 12,
       "FILE holds a database of Pebble's format 25; this program reads 13 to 24"},
      {"FormatThatIsNoNumber",
       [] { return with_files([](auto& files) { files["marker.format-version.000009.x"]; }); }, kGrants, 15,
       "FILE is damaged: the marker of its database's format is no number"},
      {"NoMarkerOfTheManifest", [] { return with_files([](auto& files) { files.erase(kManifestMarker); }); },
       kGrants, 15, "FILE is damaged: its database has no marker of its MANIFEST"},
      {"MissingManifest",
       [] { return with_files([](auto& files) { files["marker.manifest.000009.MANIFEST-000007"]; }); },
       kGrants, 15, "FILE is damaged: its database has no file \"MANIFEST-000007\""},
      {"RowsInTheLog", [] { return with_files([](auto& files) { files["000003.log"] = "rows"; }); }, kGrants,
       9,
       "FILE: its database has rows in the log 000003.log, which this program does not read; saving it with "
       "upstream's baton empties it"},
      {"MissingTable", [] { return with_files([](auto& files) { files.erase("000004.sst"); }); }, kGrants, 15,
       "FILE is damaged: its MANIFEST lists 000004.sst, which is not there"},
      {"TableOfAnotherSize", [] { return with_table([](std::string& table) { table += "x"; }); }, kGrants, 15,
       "FILE is damaged: 000004.sst has * bytes; its MANIFEST says *"},
      // The MANIFEST.
      {"EmptyManifest", [] { return with_manifest([](std::string& log) { log.clear(); }); }, kGrants, 15,
       "FILE: MANIFEST-000001: it has no records"},
      {"ChecksumOfAChunk", [] { return with_manifest([](std::string& log) { log[9] ^= 1; }); }, kGrants, 15,
       "FILE: MANIFEST-000001: at byte 0: the checksum of a chunk does not match"},
      {"CutChunk", [] { return with_manifest([](std::string& log) { log.pop_back(); }); }, kGrants, 15,
       "FILE: MANIFEST-000001: at byte 0: a chunk that is cut off"},
      {"UnknownChunk", [] { return with_manifest([](std::string& log) { log[6] = 77; }); }, kGrants, 15,
       "FILE: MANIFEST-000001: at byte 0: a chunk of an unknown type"},
      {"OtherOrderOfKeys",
       [] {
         return with_edit(edit_of({1, 1}) + "x");
       },
       kGrants, 12, "FILE: MANIFEST-000001: the record at byte 0 has keys in the order of \"x\""},
      {"UnknownEdit", [] { return with_edit(edit_of({77})); }, kGrants, 15,
       "FILE: MANIFEST-000001: the record at byte 0 has an unknown field 77"},
      {"CutEdit",
       [] {
         return with_edit(edit_of({100, 6, 5}));
       },
       kGrants, 15, "FILE: MANIFEST-000001: the record at byte 0 has an edit that is cut off"},
      {"TableDeletedTwice",
       [] {
         return with_edit(edit_of({6, 6, 5}));
       },
       kGrants, 15, "FILE: MANIFEST-000001: the record at byte 0 has table 5 is deleted but was never added"},
      {"BlobFiles",
       [] {
         return with_edit(edit_of({107, 1, 1, 1, 1}));
       },
       kGrants, 12, "FILE: MANIFEST-000001: the record at byte 0 has blob files"},
      {"TableAtLevelNine",
       [] {
         return with_edit(edit_of({100, 9, 5, 5}));
       },
       kGrants, 15, "FILE: MANIFEST-000001: the record at byte 0 has a table at level 9"},
      {"TableWithoutKeys",
       [] {
         return with_edit(edit_of({100, 6, 5, 5, 0, 0, 1, 1}));
       },
       kGrants, 15, "FILE: MANIFEST-000001: the record at byte 0 has a table without a first key"},
      // Tables.
      {"NoTable", [] { return with_table([](std::string& table) { table.back() = 'x'; }); }, kGrants, 15,
       "FILE: 000004.sst: it does not end like a table"},
      {"ChecksumOfTheFooter",
       [] { return with_table([](std::string& table) { table[table.size() - 20] ^= 1; }); }, kGrants, 15,
       "FILE: 000004.sst: the checksum of its footer does not match"},
      {"TableOfTomorrow", [] { return with_table([](std::string& table) { table[table.size() - 12] = 8; }); },
       kGrants, 12,
       "FILE: 000004.sst: it is a table of Pebble's version 8, which this program does not read"},
      {"OtherChecksums", [] { return with_footer([](std::string& footer) { footer[0] = 4; }); }, kGrants, 12,
       "FILE: 000004.sst: its checksums are of kind 4 instead of CRC-32C"},
      {"BlobValues", [] { return with_footer([](std::string& footer) { footer[41] |= 64; }); }, kGrants, 12,
       "FILE: 000004.sst: it has values in blob files"},
      {"BlockBeyondTheEnd",
       [] { return with_footer([](std::string& footer) { footer.replace(1, 3, "\xff\xff\x7f"); }); }, kGrants,
       15, "FILE: 000004.sst: the block at byte 2097151: it ends before byte *"},
      {"ChecksumOfABlock", [] { return with_table([](std::string& table) { table[40] ^= 1; }); }, kGrants, 15,
       "FILE: 000004.sst: the block at byte 0: its checksum does not match"},
      {"IndexThatIsNone", [] { return with_block(1, [](char* block, std::size_t) { block[0] = 9; }); },
       kGrants, 15, "FILE: 000004.sst: the block at byte *: it is no index"},
      {"MetaindexThatIsNone", [] { return with_block(0, [](char* block, std::size_t) { block[7] = 1; }); },
       kGrants, 15, "FILE: 000004.sst: the block at byte *: it is no block of names and values"},
      {"BlockWithMinLz", [] { return with_block(1, [](char* block, std::size_t size) { block[size] = 8; }); },
       kGrants, 12,
       "FILE: 000004.sst: the block at byte *: it has compression 8 (MinLZ), which this program does not "
       "read"},
      {"BlockThatIsNoSnappy",
       [] {
         return with_block(1, [](char* block, std::size_t size) {
           block[size] = 1;
           block[0] = 100;
         });
       },
       kGrants, 15, "FILE: 000004.sst: the block at byte *: it is no valid Snappy block"},
      {"BlockThatIsHuge",
       [] {
         return with_block(1, [](char* block, std::size_t size) {
           block[size] = 1;
           std::copy_n("\xff\xff\xff\xff\x0f", 5, block);
         });
       },
       kGrants, 8,
       "FILE: 000004.sst: the block at byte *: it decodes to 4294967295 bytes; 67108864 are allowed"},
      // Rows.
      {"OtherKeys",
       [] {
         return with_rows([](auto& rows) { rows[meta(kMetaKeyspaceVersion)] = std::string("\0\0\0\3", 4); });
       },
       kTypes, 12, "FILE has keys of version 3; this program reads version 2"},
      {"NoStampOfTheKeys",
       [] { return with_rows([](auto& rows) { rows.erase(meta(kMetaKeyspaceVersion)); }); }, kTypes, 12,
       "FILE has keys of version 0; this program reads version 2; opening it once for writing with "
       "upstream's "
       "baton brings it up to date"},
      {"OtherIds",
       [] {
         return with_rows(
             [](auto& rows) { rows[meta(kMetaEntitlementIdFormat)] = std::string("\0\0\0\1", 4); });
       },
       kTypes, 12, "FILE has ids of grants and entitlements in format 1; this program reads format 2"},
      {"StampOfOneByte", [] { return with_rows([](auto& rows) { rows[meta(kMetaKeyspaceVersion)] = "x"; }); },
       kTypes, 15, "FILE is damaged: its stamp keyspace_version has 1 bytes instead of 4"},
      {"NoSync", [] { return with_rows([](auto& rows) { rows.erase(std::string(kSyncRunKey)); }); }, kTypes,
       9, "FILE holds no sync"},
      {"SyncThatIsNone",
       [] { return with_rows([](auto& rows) { rows[std::string(kSyncRunKey)] = "\xff"; }); }, kTypes, 15,
       "FILE is damaged: the record of its sync is no valid protobuf message"},
      {"SyncWithoutId", [] { return with_rows([](auto& rows) { rows[std::string(kSyncRunKey)] = ""; }); },
       kTypes, 15, "FILE is damaged: the id of its sync, \"\", is no KSUID"},
      {"RowThatIsNone",
       [] { return with_rows([](auto& rows) { rows[std::string("\3\1\0user", 7)] = "\xff"; }); }, kTypes, 15,
       "FILE is damaged: the resource type under the key \"\\\\003\\\\001\\\\000user\" is no valid protobuf "
       "message"},
      {"RowOfAnotherKey",
       [] {
         return with_rows(
             [](auto& rows) { rows[std::string("\3\1\0users", 8)] = rows[std::string("\3\1\0user", 7)]; });
       },
       kTypes, 15,
       "FILE is damaged: the resource type under the key \"\\\\003\\\\001\\\\000users\" belongs under "
       "another key"},
      {"GrantOfTwoElements",
       [] { return with_rows([](auto& rows) { rows[std::string("\3\4\0a\0b", 6)] = ""; }); }, kGrants, 15,
       "FILE is damaged: the grant under the key \"\\\\003\\\\004\\\\000a\\\\000b\" has not the six elements "
       "that it "
       "should have"},
  };
  return kCases;
}

class BrokenV3File : public testing::TestWithParam<BrokenCase> {};

TEST_P(BrokenV3File, GivesOneLine) {
  const Environment limit("BATON_DECODER_MAX_DECODED_SIZE_MB", "1");
  expect_one_line(GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, BrokenV3File, testing::ValuesIn(cases()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace baton::c1z::v3
