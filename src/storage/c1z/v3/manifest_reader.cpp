#include "storage/c1z/v3/manifest_reader.hpp"

#include <algorithm>
#include <tuple>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/c1z/v3/internal_key.hpp"
#include "storage/c1z/v3/log_reader.hpp"

namespace baton::c1z::v3 {
namespace {

constexpr std::string_view kComparer = "leveldb.BytewiseComparator";
constexpr std::uint64_t kLevels = 7;
constexpr std::size_t kMostTables = 100'000;

/// Fields of an edit.
enum Tag : std::uint64_t {
  kComparerName = 1,
  kLogNumber = 2,
  kNextFileNumber = 3,
  kLastSequence = 4,
  kCompactPointer = 5,
  kDeletedTable = 6,
  kPreviousLogNumber = 9,
  kNewTable = 100,
  kNewTableCustom = 103,
  kNewTableRangeKeys = 104,
  kCreatedBacking = 105,
  kRemovedBacking = 106,
  kNewBlobFile = 107,
  kDeletedBlobFile = 108,
};

/// Fields behind a new table.
enum CustomTag : std::uint64_t {
  kEnd = 1,
  kNeedsCompaction = 2,
  kCreationTime = 6,
  kFirstUnsafe = 64,
  kPathId = 65,
  kVirtual = 66,
  kSyntheticPrefix = 67,
  kSyntheticSuffix = 68,
  kBlobReferences = 69,
};

class Replay {
 public:
  absl::Status apply(std::string_view record);
  absl::StatusOr<TableSet> finish() &&;

 private:
  absl::Status new_table(std::uint64_t tag);
  absl::Status custom_fields(TableEntry& table);
  absl::Status cut_off() const { return absl::DataLossError("an edit that is cut off"); }
  bool numbers(std::initializer_list<std::uint64_t*> values) {
    return std::ranges::all_of(values, [&](std::uint64_t* value) { return edit_.uvarint(*value); });
  }

  BytesCursor edit_{{}};
  std::map<std::pair<std::uint64_t, std::uint64_t>, TableEntry> tables_;
  TableSet result_;
};

absl::Status Replay::custom_fields(TableEntry& table) {
  while (true) {
    std::uint64_t tag = 0;
    if (!edit_.uvarint(tag)) return cut_off();
    if (tag == kEnd) return absl::OkStatus();
    if (tag == kVirtual) {
      table.is_virtual = true;
      if (!edit_.uvarint(table.backing)) return cut_off();
      continue;
    }
    std::string_view ignored;
    if (tag == kBlobReferences) return absl::UnimplementedError("a table that refers to blob files");
    if (!edit_.string(ignored)) return cut_off();
    if (tag == kSyntheticPrefix || tag == kSyntheticSuffix) {
      return absl::UnimplementedError("a table with a synthetic prefix or suffix");
    }
    if (tag >= kFirstUnsafe && tag != kPathId) {
      return absl::UnimplementedError(absl::StrCat("a table with the unknown field ", tag));
    }
  }
}

absl::Status Replay::new_table(std::uint64_t tag) {
  TableEntry table;
  if (!numbers({&table.level, &table.number, &table.size})) return cut_off();
  if (table.level >= kLevels) return absl::DataLossError(absl::StrCat("a table at level ", table.level));
  std::string_view bounds[2];
  bool has_points = true;
  if (tag == kNewTableRangeKeys) {
    std::string_view marker;
    if (!edit_.take(1, marker)) return cut_off();
    has_points = (marker[0] & 1) != 0;
    if (has_points && (!edit_.string(bounds[0]) || !edit_.string(bounds[1]))) return cut_off();
    std::string_view range_bound;
    if (!edit_.string(range_bound) || !edit_.string(range_bound)) return cut_off();
  } else if (!edit_.string(bounds[0]) || !edit_.string(bounds[1])) {
    return cut_off();
  }
  if (!numbers({&table.smallest_sequence, &table.largest_sequence})) return cut_off();
  if (tag != kNewTable) {
    if (absl::Status status = custom_fields(table); !status.ok()) return status;
  }
  if (has_points) {
    std::string_view key;
    Trailer trailer;
    if (!split_internal_key(bounds[0], key, trailer))
      return absl::DataLossError("a table without a first key");
    table.smallest = key;
    if (!split_internal_key(bounds[1], key, trailer))
      return absl::DataLossError("a table without a last key");
    table.largest = key;
    table.largest_is_outside = trailer.is_exclusive_bound();
    if (table.largest < table.smallest) {
      return absl::DataLossError(absl::StrCat("table ", table.number, " ends before it begins"));
    }
  }
  const auto identity = std::pair(table.level, table.number);
  // Range keys say nothing about the rows, but such a table may be deleted later.
  if (!has_points) table.largest_is_outside = true;
  if (!tables_.emplace(identity, std::move(table)).second) {
    return absl::DataLossError(absl::StrCat("table ", identity.second, " is added twice"));
  }
  if (tables_.size() > kMostTables) {
    return absl::ResourceExhaustedError(absl::StrCat("more than ", kMostTables, " tables"));
  }
  return absl::OkStatus();
}

absl::Status Replay::apply(std::string_view record) {
  edit_ = BytesCursor(record);
  while (!edit_.at_end()) {
    std::uint64_t tag = 0;
    std::uint64_t number = 0;
    std::uint64_t level = 0;
    std::string_view text;
    if (!edit_.uvarint(tag)) return cut_off();
    switch (tag) {
      case kComparerName:
        if (!edit_.string(text)) return cut_off();
        if (text != kComparer) {
          return absl::UnimplementedError(absl::StrCat(
              "keys in the order of \"", absl::Utf8SafeCEscape(std::string(text.substr(0, 100))), "\""));
        }
        break;
      case kLogNumber:
      case kNextFileNumber:
      case kLastSequence:
      case kPreviousLogNumber:
        if (!edit_.uvarint(number)) return cut_off();
        break;
      case kCompactPointer:
        if (!edit_.uvarint(level) || !edit_.string(text)) return cut_off();
        break;
      case kDeletedTable:
        if (!numbers({&level, &number})) return cut_off();
        if (tables_.erase({level, number}) == 0) {
          return absl::DataLossError(absl::StrCat("table ", number, " is deleted but was never added"));
        }
        break;
      case kNewTable:
      case kNewTableCustom:
      case kNewTableRangeKeys:
        if (absl::Status status = new_table(tag); !status.ok()) return status;
        break;
      case kCreatedBacking: {
        std::uint64_t size = 0;
        if (!numbers({&number, &size})) return cut_off();
        result_.backing_sizes[number] = size;
        if (result_.backing_sizes.size() > kMostTables) {
          return absl::ResourceExhaustedError(
              absl::StrCat("more than ", kMostTables, " files behind tables"));
        }
        break;
      }
      case kRemovedBacking:
        if (!edit_.uvarint(number)) return cut_off();
        result_.backing_sizes.erase(number);
        break;
      case kNewBlobFile:
      case kDeletedBlobFile:
        return absl::UnimplementedError("blob files");
      default:
        return absl::DataLossError(absl::StrCat("an unknown field ", tag));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<TableSet> Replay::finish() && {
  for (auto& [identity, table] : tables_) {
    const bool is_empty = table.largest_is_outside && table.smallest >= table.largest;
    if (!is_empty) result_.tables.push_back(std::move(table));
  }
  std::ranges::sort(result_.tables, [](const TableEntry& a, const TableEntry& b) {
    return std::tie(a.smallest, a.level, a.number) < std::tie(b.smallest, b.level, b.number);
  });
  return std::move(result_);
}

}  // namespace

absl::StatusOr<TableSet> read_manifest(std::string_view manifest) {
  LogReader log(manifest);
  Replay replay;
  std::string record;
  std::uint64_t records = 0;
  while (true) {
    const absl::StatusOr<bool> more = log.next(record);
    if (!more.ok()) return more.status();
    if (!*more) break;
    ++records;
    if (const absl::Status status = replay.apply(record); !status.ok()) {
      return absl::Status(status.code(),
                          absl::StrCat("the record at byte ", log.record_at(), " has ", status.message()));
    }
  }
  if (records == 0) return absl::DataLossError("it has no records");
  return std::move(replay).finish();
}

}  // namespace baton::c1z::v3
