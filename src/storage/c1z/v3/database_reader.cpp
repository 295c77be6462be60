#include "storage/c1z/v3/database_reader.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/c1z/v3/manifest_writer.hpp"

namespace baton::c1z::v3 {
namespace {

constexpr std::uint64_t kLargestManifest = std::uint64_t{64} << 20;
constexpr int kOldestFormat = 13;
constexpr int kNewestFormat = 24;

absl::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

/// The value of a marker: of several files `marker.<what>.<iteration>.<value>` the one with the highest
/// iteration counts.
std::optional<std::string> marker(const EnvelopeReader& files, const std::string& what) {
  const std::string prefix = absl::StrCat("marker.", what, ".");
  std::optional<std::string> value;
  std::uint64_t highest = 0;
  for (auto at = files.sizes().lower_bound(prefix); at != files.sizes().end(); ++at) {
    const std::string_view name = at->first;
    if (!name.starts_with(prefix)) break;
    const std::string_view rest = name.substr(prefix.size());
    std::uint64_t iteration = 0;
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), iteration);
    if (error != std::errc() || stop == rest.data() + rest.size() || *stop != '.') continue;
    if (value.has_value() && iteration < highest) continue;
    highest = iteration;
    value = std::string(stop + 1, rest.data() + rest.size());
  }
  return value;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DatabaseReader>> DatabaseReader::open(EnvelopeReader& files) {
  std::unique_ptr<DatabaseReader> database(new DatabaseReader(files));
  absl::Status status = database->check_directory();
  if (status.ok()) status = database->read_tables();
  if (status.ok()) status = database->check_tables();
  if (!status.ok()) return status;
  return database;
}

absl::Status DatabaseReader::check_directory() {
  const auto& sizes = files_.sizes();
  if (sizes.contains("CURRENT")) {
    return absl::UnimplementedError(absl::StrCat(
        files_.path(), ": its database has a file CURRENT, so it is older than Pebble's format 13"));
  }
  const std::optional<std::string> format = marker(files_, "format-version");
  if (!format.has_value()) return files_.damaged("its database has no marker of its format");
  int number = 0;
  const auto [stop, error] = std::from_chars(format->data(), format->data() + format->size(), number);
  if (error != std::errc() || stop != format->data() + format->size()) {
    return files_.damaged("the marker of its database's format is no number");
  }
  if (number < kOldestFormat || number > kNewestFormat) {
    return absl::UnimplementedError(absl::StrCat(files_.path(), " holds a database of Pebble's format ",
                                                 number, "; this program reads ", kOldestFormat, " to ",
                                                 kNewestFormat));
  }
  const std::optional<std::string> manifest = marker(files_, "manifest");
  if (!manifest.has_value()) return files_.damaged("its database has no marker of its MANIFEST");
  manifest_ = *manifest;
  if (!sizes.contains(manifest_)) {
    return files_.damaged(
        absl::StrCat("its database has no file \"", absl::Utf8SafeCEscape(manifest_.substr(0, 100)), "\""));
  }
  for (const auto& [name, size] : sizes) {
    if (size > 0 && std::string_view(name).ends_with(".log")) {
      return absl::FailedPreconditionError(
          absl::StrCat(files_.path(), ": its database has rows in the log ", absl::Utf8SafeCEscape(name),
                       ", which this program does not read; saving it with upstream's baton empties it"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> DatabaseReader::read_whole(std::string_view name, std::uint64_t limit) const {
  const absl::StatusOr<PayloadFile> file = files_.file(name);
  if (!file.ok()) return file.status();
  if (file->size() > limit) {
    return absl::ResourceExhaustedError(absl::StrCat(files_.path(), ": ", view(name), " has ", file->size(),
                                                     " bytes; ", limit, " are allowed"));
  }
  std::string bytes(static_cast<std::size_t>(file->size()), '\0');
  if (absl::Status status = file->read(0, std::as_writable_bytes(std::span(bytes))); !status.ok()) {
    return absl::Status(status.code(), absl::StrCat(files_.path(), ": ", view(name), ": ", status.message()));
  }
  return bytes;
}

absl::Status DatabaseReader::read_tables() {
  const absl::StatusOr<std::string> bytes = read_whole(manifest_, kLargestManifest);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<TableSet> set = read_manifest(*bytes);
  if (!set.ok()) {
    return absl::Status(set.status().code(),
                        absl::StrCat(files_.path(), ": ", manifest_, ": ", set.status().message()));
  }
  set_ = *std::move(set);
  tables_.resize(set_.tables.size());
  look_ups_.resize(set_.tables.size());
  return absl::OkStatus();
}

absl::Status DatabaseReader::check_tables() const {
  for (const TableEntry& entry : set_.tables) {
    const std::string name = table_name(entry.file_number());
    const auto file = files_.sizes().find(name);
    if (file == files_.sizes().end()) {
      return files_.damaged(absl::StrCat("its MANIFEST lists ", name, ", which is not there"));
    }
    std::uint64_t expected = entry.size;
    if (entry.is_virtual) {
      const auto backing = set_.backing_sizes.find(entry.backing);
      if (backing == set_.backing_sizes.end()) continue;
      expected = backing->second;
    }
    if (file->second != expected) {
      return files_.damaged(
          absl::StrCat(name, " has ", file->second, " bytes; its MANIFEST says ", expected));
    }
  }
  return absl::OkStatus();
}

absl::Status DatabaseReader::named(const TableEntry& table, const absl::Status& status) const {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(files_.path(), ": ", table_name(table.file_number()), ": ",
                                                  status.message()));
}

absl::StatusOr<std::shared_ptr<const TableReader>> DatabaseReader::table(std::size_t index) {
  if (tables_[index] == nullptr) {
    const TableEntry& entry = set_.tables[index];
    const absl::StatusOr<PayloadFile> file = files_.file(table_name(entry.file_number()));
    if (!file.ok()) return file.status();
    absl::StatusOr<std::shared_ptr<const TableReader>> opened = TableReader::open(*file, entry, budget_);
    if (!opened.ok()) return named(entry, opened.status());
    tables_[index] = *std::move(opened);
  }
  return tables_[index];
}

absl::StatusOr<bool> DatabaseReader::get(std::string_view key, std::string& value) {
  bool found = false;
  bool is_set = false;
  std::uint64_t newest = 0;
  std::uint64_t hidden_below = 0;
  for (std::size_t i = 0; i < set_.tables.size(); ++i) {
    const TableEntry& entry = set_.tables[i];
    if (entry.smallest > key) break;
    if (!entry.may_hold(key)) continue;
    const absl::StatusOr<std::shared_ptr<const TableReader>> opened = table(i);
    if (!opened.ok()) return opened.status();
    for (const RangeDeletion& range : (*opened)->range_deletions()) {
      if (range.start > key) break;
      if (key < range.end) hidden_below = std::max(hidden_below, range.sequence);
    }
    if (look_ups_[i] == nullptr) look_ups_[i] = std::make_unique<TableCursor>(*opened, &cache_);
    TableCursor& cursor = *look_ups_[i];
    const absl::StatusOr<bool> there = cursor.seek(key);
    if (!there.ok()) return named(entry, there.status());
    if (!*there || cursor.key() != key || (found && cursor.sequence() <= newest)) continue;
    found = true;
    newest = cursor.sequence();
    const EntryKind kind = cursor.kind();
    if (kind == EntryKind::kMerge) return named(entry, absl::UnimplementedError("it has a row to be merged"));
    is_set = kind == EntryKind::kSet || kind == EntryKind::kSetWithDelete;
    if (is_set) value.assign(cursor.value());
  }
  return is_set && newest >= hidden_below;
}

RangeCursor::RangeCursor(DatabaseReader& database, std::string begin, std::string end)
    : database_(database), begin_(std::move(begin)), end_(std::move(end)) {}

absl::Status RangeCursor::named(const TableEntry& table, const absl::Status& status) const {
  return database_.named(table, status);
}

/// Whether cursor `a` comes behind cursor `b`.
bool RangeCursor::is_later(std::size_t a, std::size_t b) const {
  const TableCursor& left = *cursors_[a];
  const TableCursor& right = *cursors_[b];
  if (const int order = left.key().compare(right.key()); order != 0) return order > 0;
  if (left.sequence() != right.sequence()) return left.sequence() < right.sequence();
  // Equal ones are impossible in a sound database; the upper level is the newer one.
  return left.table().entry().level > right.table().entry().level;
}

absl::Status RangeCursor::open_tables_up_to_top() {
  const auto& tables = database_.set_.tables;
  for (; next_table_ < tables.size(); ++next_table_) {
    const TableEntry& entry = tables[next_table_];
    if (entry.smallest >= end_) break;
    if (!heap_.empty() && entry.smallest > cursors_[heap_.front()]->key()) break;
    if (entry.largest < begin_ || (entry.largest_is_outside && entry.largest == begin_)) continue;
    absl::StatusOr<std::shared_ptr<const TableReader>> table = database_.table(next_table_);
    if (!table.ok()) return table.status();
    for (const RangeDeletion& range : (*table)->range_deletions()) coming_.push_back(&range);
    std::ranges::sort(coming_,
                      [](const RangeDeletion* a, const RangeDeletion* b) { return a->start < b->start; });
    auto cursor = std::make_unique<TableCursor>(*std::move(table), nullptr);
    const absl::StatusOr<bool> there = cursor->seek(begin_);
    if (!there.ok()) return named(entry, there.status());
    if (!*there) continue;
    std::size_t place = 0;
    while (place < cursors_.size() && cursors_[place] != nullptr) ++place;
    if (place == cursors_.size()) cursors_.emplace_back();
    cursors_[place] = std::move(cursor);
    heap_.push_back(place);
    std::ranges::push_heap(heap_, [&](std::size_t a, std::size_t b) { return is_later(a, b); });
  }
  return absl::OkStatus();
}

/// Moves the cursor in front by one entry, and out of the heap when it has no more.
absl::Status RangeCursor::step(std::size_t cursor) {
  const auto later = [&](std::size_t a, std::size_t b) { return is_later(a, b); };
  const bool alone = heap_.size() == 1;
  if (!alone) std::ranges::pop_heap(heap_, later);
  const absl::StatusOr<bool> more = cursors_[cursor]->next();
  if (!more.ok()) return named(cursors_[cursor]->table().entry(), more.status());
  if (!*more) {
    heap_.pop_back();
    cursors_[cursor].reset();
  } else if (!alone) {
    std::ranges::push_heap(heap_, later);
  }
  return absl::OkStatus();
}

std::uint64_t RangeCursor::hidden_below(std::string_view key) {
  if (coming_.empty() && covering_.empty()) return 0;
  const auto begun =
      std::ranges::find_if(coming_, [&](const RangeDeletion* range) { return range->start > key; });
  covering_.insert(covering_.end(), coming_.begin(), begun);
  coming_.erase(coming_.begin(), begun);
  std::erase_if(covering_, [&](const RangeDeletion* range) { return range->end <= key; });
  std::uint64_t newest = 0;
  for (const RangeDeletion* range : covering_) newest = std::max(newest, range->sequence);
  return newest;
}

absl::StatusOr<bool> RangeCursor::next() {
  while (true) {
    // The entry that was given out, and older ones of its key.
    while (has_key_ && !heap_.empty() && cursors_[heap_.front()]->key() == key_) {
      if (absl::Status status = step(heap_.front()); !status.ok()) return status;
    }
    has_key_ = false;
    if (absl::Status status = open_tables_up_to_top(); !status.ok()) return status;
    if (heap_.empty() || cursors_[heap_.front()]->key() >= std::string_view(end_)) return false;
    const TableCursor& top = *cursors_[heap_.front()];
    key_.assign(top.key());
    has_key_ = true;
    const EntryKind kind = top.kind();
    switch (kind) {
      case EntryKind::kSet:
      case EntryKind::kSetWithDelete:
        if (hidden_below(key_) > top.sequence()) continue;
        value_ = top.value();
        return true;
      case EntryKind::kDelete:
      case EntryKind::kSingleDelete:
      case EntryKind::kSizedDelete:
        continue;
      default:
        return named(top.table().entry(),
                     absl::UnimplementedError(absl::StrCat("it has a row of kind ", static_cast<int>(kind),
                                                           ", which this program does not read")));
    }
  }
}

}  // namespace baton::c1z::v3
