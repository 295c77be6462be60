#include "storage/plan_table.hpp"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/hash.hpp"
#include "base/tuple_key.hpp"

namespace baton::storage {
namespace {

using baton::store::v1::CursorRow;

constexpr char kQueue = 'q';
constexpr char kIndex = 'i';
constexpr std::size_t kQueueKeyBytes = 1 + 1 + 8;

std::string queue_key(Lane lane, std::uint64_t sequence) {
  std::string key(1, kQueue);
  key.push_back(static_cast<char>(lane.value()));
  append_be64(key, sequence);
  return key;
}

Lane lane_of(std::uint8_t value) {
  return Lane(value & 0x7f, (value & 0x80) != 0);
}

Lane lane_of(const CursorRow& cursor) {
  return Lane(static_cast<std::uint8_t>(cursor.phase()), cursor.independent());
}

/// The identity as a key: a tuple, so that cursors found together lie together; a hash would scatter them
/// over the whole memtable, which costs more than all the rest of planning. Tokens may be long and go in as a
/// hash.
void append_index_key(std::string& key, const CursorRow& cursor) {
  key.push_back(kIndex);
  key.push_back(static_cast<char>(cursor.operation()));
  key.push_back(cursor.type_scoped() ? '\1' : '\0');
  append_tuple(key, cursor.resource_type_id(), cursor.resource_id(), cursor.parent_type_id(),
               cursor.parent_id());
  if (cursor.sibling_token().empty()) return;
  const Hash128 hash = hash128(cursor.sibling_token());
  key.push_back('\0');
  append_be64(key, hash.high);
  append_be64(key, hash.low);
}

void append_part(std::string& text, std::string_view part) {
  append_be32(text, static_cast<std::uint32_t>(part.size()));
  text.append(part);
}

absl::Status unreadable(const Database& database) {
  return absl::DataLossError(absl::StrCat("the plan in the run directory ", database.directory(),
                                          " cannot be read; start over with --restart"));
}

/// A queue entry's key and row. False when they are damaged.
bool parse_entry(const rocksdb::Iterator& entries, CursorKey& key, CursorRow& cursor) {
  const std::string_view bytes = view(entries.key());
  if (bytes.size() != kQueueKeyBytes) return false;
  key = CursorKey(lane_of(static_cast<std::uint8_t>(bytes[1])), load_be64(bytes.data() + 2));
  return cursor.ParseFromArray(entries.value().data(), static_cast<int>(entries.value().size()));
}

}  // namespace

std::string cursor_identity(const CursorRow& cursor) {
  std::string text;
  append_be32(text, cursor.operation());
  text.push_back(cursor.type_scoped() ? '\1' : '\0');
  append_part(text, cursor.resource_type_id());
  append_part(text, cursor.resource_id());
  append_part(text, cursor.parent_type_id());
  append_part(text, cursor.parent_id());
  append_part(text, cursor.sibling_token());
  const Hash128 hash = hash128(text);
  std::string identity;
  append_be64(identity, hash.high);
  append_be64(identity, hash.low);
  return identity;
}

absl::Status PlanTable::load(std::uint64_t next_sequence) {
  next_sequence_ = next_sequence;
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> entries = database_.iterator(Table::kPlan, options);
  CursorKey key;
  CursorRow cursor;
  for (entries->Seek(rocksdb::Slice(&kQueue, 1)); entries->Valid() && entries->key()[0] == kQueue;
       entries->Next()) {
    if (!parse_entry(*entries, key, cursor)) return unreadable(database_);
    next_sequence_ = std::max(next_sequence_, key.sequence + 1);
    LaneState& lane = lanes_[key.lane];
    if (lane.pending == 0) lane.next = cursor.done() ? key.sequence + 1 : key.sequence;
    if (!cursor.done()) ++lane.pending;
  }
  return database_.status(entries->status());
}

absl::StatusOr<std::vector<std::pair<CursorKey, CursorRow>>> PlanTable::take(Lane lane, std::size_t n) {
  std::vector<std::pair<CursorKey, CursorRow>> taken;
  const auto found = lanes_.find(lane);
  if (found == lanes_.end() || n == 0) return taken;
  LaneState& state = found->second;
  if (state.pending == state.handed_out.size()) return taken;

  const std::unique_ptr<rocksdb::Iterator> entries = database_.iterator(Table::kPlan);
  const std::string first = queue_key(lane, state.next);
  const std::string_view prefix = std::string_view(first).substr(0, 2);
  std::uint64_t next = state.next;
  for (entries->Seek(first); taken.size() < n && entries->Valid() && view(entries->key()).starts_with(prefix);
       entries->Next()) {
    CursorKey key;
    CursorRow cursor;
    if (!parse_entry(*entries, key, cursor)) return unreadable(database_);
    next = key.sequence + 1;
    if (!cursor.done()) taken.emplace_back(key, std::move(cursor));
  }
  absl::Status status = database_.status(entries->status());
  if (!status.ok()) return status;
  state.next = next;
  for (const auto& [key, cursor] : taken) state.handed_out.insert(key.sequence);
  return taken;
}

std::vector<PlannedCount> PlanTable::pending() const {
  std::vector<PlannedCount> counts;
  for (const auto& [lane, state] : lanes_) {
    if (state.pending > 0) counts.emplace_back(lane, state.pending);
  }
  return counts;
}

absl::StatusOr<bool> PlanTable::planned(const CursorRow& cursor) const {
  std::string index_key;
  append_index_key(index_key, cursor);
  return known(index_key);
}

absl::StatusOr<bool> PlanTable::known(const std::string& index_key) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status got =
      database_.raw().Get(rocksdb::ReadOptions(), database_.handle(Table::kPlan), index_key, &value);
  if (got.ok()) return true;
  if (got.IsNotFound()) return false;
  return database_.status(got);
}

absl::StatusOr<std::vector<PlannedCount>> PlanTable::Change::add(std::span<const CursorRow> cursors) {
  std::map<Lane, std::uint64_t> counts;
  std::string bytes;
  for (const CursorRow& cursor : cursors) {
    std::string index_key;
    append_index_key(index_key, cursor);
    bool repeated = !identities_.insert(index_key).second;
    if (!repeated) {
      const absl::StatusOr<bool> known = plan_.known(index_key);
      if (!known.ok()) return known.status();
      repeated = *known;
    }
    if (repeated) {
      if (!cursor.sibling_token().empty()) ++repeated_siblings_;
      continue;
    }

    const Lane lane = lane_of(cursor);
    const std::string key = queue_key(lane, next_sequence());
    if (!cursor.SerializeToString(&bytes)) return absl::InvalidArgumentError("a cursor cannot be serialized");
    puts_.emplace_back(std::move(index_key), key.substr(1));
    puts_.emplace_back(key, bytes);
    added_.push_back(lane);
    ++counts[lane];
    ++added_by_type_[{cursor.phase(), cursor.resource_type_id()}];
  }
  std::vector<PlannedCount> result;
  for (const auto& [lane, count] : counts) result.emplace_back(lane, count);
  return result;
}

absl::Status PlanTable::Change::advance(CursorKey key, const CursorRow& cursor) {
  const auto lane = plan_.lanes_.find(key.lane);
  if (lane == plan_.lanes_.end() || !lane->second.handed_out.contains(key.sequence) || done_.contains(key)) {
    return absl::InvalidArgumentError(absl::StrCat("cursor ", key.sequence, " of lane ", key.lane.value(),
                                                   " was not handed out, or is done already"));
  }
  std::string bytes;
  if (!cursor.SerializeToString(&bytes)) return absl::InvalidArgumentError("a cursor cannot be serialized");
  puts_.emplace_back(queue_key(key.lane, key.sequence), std::move(bytes));
  if (cursor.done()) {
    done_.insert(key);
    ++done_by_type_[{cursor.phase(), cursor.resource_type_id()}];
  }
  return absl::OkStatus();
}

void PlanTable::Change::finish() {
  // Stable: of two states of one cursor the later one stays.
  std::stable_sort(puts_.begin(), puts_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [key, value] : puts_) batch_.Put(plan_.database_.handle(Table::kPlan), key, value);
  puts_.clear();
}

std::vector<baton::store::v1::LaneCount> PlanTable::Change::lanes() const {
  std::map<Lane, std::pair<std::uint64_t, std::uint64_t>> lanes;  // pending, next
  for (const auto& [lane, state] : plan_.lanes_) lanes[lane] = {state.pending, state.next};
  for (const Lane lane : added_) ++lanes[lane].first;
  for (const CursorKey& key : done_) --lanes[key.lane].first;
  std::vector<baton::store::v1::LaneCount> result;
  for (const auto& [lane, numbers] : lanes) {
    auto& count = result.emplace_back();
    count.set_lane(lane.value());
    count.set_pending(numbers.first);
    count.set_next(numbers.second);
  }
  return result;
}

std::uint32_t PlanTable::Change::in_flight() const {
  std::size_t count = 0;
  for (const auto& [lane, state] : plan_.lanes_) count += state.handed_out.size();
  return static_cast<std::uint32_t>(count - done_.size());
}

void PlanTable::Change::apply() {
  plan_.next_sequence_ += added_.size();
  for (const Lane lane : added_) ++plan_.lanes_[lane].pending;
  for (const CursorKey& key : done_) {
    LaneState& lane = plan_.lanes_[key.lane];
    --lane.pending;
    lane.handed_out.erase(key.sequence);
  }
}

}  // namespace baton::storage
