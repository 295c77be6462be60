#include "storage/c1z/v3/manifest_writer.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "storage/c1z/v3/block_writer.hpp"
#include "storage/c1z/v3/checksum.hpp"
#include "storage/c1z/v3/table_writer.hpp"

namespace baton::c1z::v3 {
namespace {

constexpr std::size_t kLogBlockBytes = std::size_t{32} << 10;
constexpr std::size_t kChunkHeaderBytes = 7;
enum ChunkType : char { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

enum EditTag : std::uint64_t {
  kComparerName = 1,
  kMinUnflushedLog = 2,
  kNextFileNumber = 3,
  kLastSequence = 4,
  kNewTable = 100,
};

constexpr std::uint64_t kLowestLevel = 6;

void append_string(std::string& out, std::string_view text) {
  append_uvarint(out, text.size());
  out.append(text);
}

void append_internal_key(std::string& out, std::string_view key) {
  append_uvarint(out, key.size() + 8);
  out.append(key);
  append_le64(out, kKeyTrailer);
}

/// One record of a log file that begins with it, in chunks that do not cross blocks.
std::string frame_record(std::string_view record) {
  std::string log;
  bool first = true;
  do {
    const std::size_t left = kLogBlockBytes - log.size() % kLogBlockBytes;
    const std::size_t size = std::min(record.size(), left - kChunkHeaderBytes);
    const bool last = size == record.size();
    std::string body(1, first ? (last ? kFull : kFirst) : (last ? kLast : kMiddle));
    body.append(record.substr(0, size));
    append_le32(log, mask_checksum(crc32c(body)));
    append_le16(log, static_cast<std::uint16_t>(size));
    log.append(body);
    record.remove_prefix(size);
    first = false;
  } while (!record.empty());
  return log;
}

}  // namespace

std::string table_name(std::uint64_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "%06llu.sst", static_cast<unsigned long long>(number));
  return name;
}

std::string make_manifest(std::span<const TableInfo> tables, std::uint64_t next_number) {
  std::string edit;
  append_uvarint(edit, kComparerName);
  append_string(edit, "leveldb.BytewiseComparator");
  append_uvarint(edit, kMinUnflushedLog);
  append_uvarint(edit, next_number);
  append_uvarint(edit, kNextFileNumber);
  append_uvarint(edit, next_number + 1);
  append_uvarint(edit, kLastSequence);
  append_uvarint(edit, kSequence + 1);
  for (const TableInfo& table : tables) {
    append_uvarint(edit, kNewTable);
    append_uvarint(edit, kLowestLevel);
    append_uvarint(edit, table.number);
    append_uvarint(edit, table.size);
    append_internal_key(edit, table.smallest);
    append_internal_key(edit, table.largest);
    append_uvarint(edit, kSequence);
    append_uvarint(edit, kSequence);
  }
  return frame_record(edit);
}

}  // namespace baton::c1z::v3
