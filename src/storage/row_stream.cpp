#include "storage/row_stream.hpp"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/hash.hpp"
#include "base/operation.hpp"
#include "base/tuple_key.hpp"
#include "storage/wire.hpp"

namespace baton::storage {
namespace {

Table table_of(Family family) {
  switch (family) {
    case Family::kResourceTypes:
      return Table::kResourceTypes;
    case Family::kResources:
      return Table::kResources;
    case Family::kEntitlements:
      return Table::kEntitlements;
    case Family::kGrants:
      break;
  }
  return Table::kGrants;
}

/// The field of a family's record that says when the row came.
std::uint32_t discovered_at_field(Family family) {
  switch (family) {
    case Family::kResourceTypes:
      return 6;
    case Family::kResources:
    case Family::kEntitlements:
      return 8;
    case Family::kGrants:
      break;
  }
  return 5;
}

/// A record without the moment it came at.
std::string content_of(Family family, std::string_view record) {
  std::string content;
  wire::Reader reader(record);
  for (wire::Field field; reader.next(field);) {
    if (field.number != discovered_at_field(family)) content.append(field.raw);
  }
  return content;
}

absl::Status unreadable(const Database& database, std::string_view key) {
  return absl::DataLossError(absl::StrCat(
      "the run directory ", database.directory(), " holds an unreadable row (key ",
      absl::CHexEscape(absl::string_view(key.data(), key.size())), "); start over with --restart"));
}

}  // namespace

FamilyStream::FamilyStream(const Snapshot& snapshot, Family family, bool compare_losers)
    : database_(snapshot.database()),
      family_(family),
      compare_losers_(compare_losers),
      rows_(snapshot.scan(table_of(family))) {
  rows_->SeekToFirst();
}

void FamilyStream::seek(std::string_view prefix) {
  prefix_ = prefix;
  rows_->Seek(slice(prefix_));
}

absl::Status FamilyStream::take() {
  key_.assign(rows_->key().data(), rows_->key().size());
  bytes_.assign(rows_->value().data(), rows_->value().size());
  if (!split_row_key(key_, identity_, order_) || !StoredValue::parse(bytes_, value_)) {
    return unreadable(database_, key_);
  }
  return absl::OkStatus();
}

bool FamilyStream::same_content(std::string_view other) const {
  StoredValue value;
  return StoredValue::parse(other, value) && value.extra == value_.extra &&
         content_of(family_, value.record) == content_of(family_, value_.record);
}

absl::StatusOr<bool> FamilyStream::next() {
  conflict_ = false;
  if (!rows_->Valid() || !view(rows_->key()).starts_with(prefix_)) {
    absl::Status status = database_.status(rows_->status());
    if (!status.ok()) return status;
    return false;
  }
  absl::Status status = take();
  if (!status.ok()) return status;
  // Rows of one identity lie side by side, in structural order; the last one counts.
  for (rows_->Next(); rows_->Valid(); rows_->Next()) {
    std::string_view identity;
    std::string_view order;
    if (!split_row_key(view(rows_->key()), identity, order)) return unreadable(database_, view(rows_->key()));
    if (identity != identity_) break;
    if (compare_losers_ && !same_content(view(rows_->value()))) conflict_ = true;
    status = take();
    if (!status.ok()) return status;
  }
  return true;
}

GrantStream::GrantStream(const Snapshot& snapshot, bool compare_losers)
    : database_(snapshot.database()),
      collected_(snapshot, Family::kGrants, compare_losers),
      expanded_(snapshot.scan(Table::kExpanded)) {
  expanded_->SeekToFirst();
}

absl::StatusOr<bool> GrantStream::next() {
  // A synthesised grant leaves the collected one that waits behind it where it is.
  if (!started_ || !synthesised_) {
    absl::StatusOr<bool> more = collected_.next();
    if (!more.ok()) return more.status();
    has_collected_ = *more;
    started_ = true;
  }
  if (std::exchange(passed_, false)) expanded_->Next();
  synthesised_ = replaced_ = false;
  if (!expanded_->Valid()) {
    absl::Status status = database_.status(expanded_->status());
    if (!status.ok()) return status;
    return has_collected_;
  }
  const int order = has_collected_ ? view(expanded_->key()).compare(collected_.identity()) : -1;
  if (order > 0) return true;
  absl::Status status = order < 0 ? take_synthesised() : take_sources();
  if (!status.ok()) return status;
  passed_ = true;
  return true;
}

std::string_view GrantStream::order() {
  if (!synthesised_) return collected_.order();
  order_.assign(1, static_cast<char>(Operation::kGrantExpansion));
  append_be64(order_, hash64(identity_));
  order_.resize(kOrderBytes);
  return order_;
}

absl::Status GrantStream::take_synthesised() {
  identity_ = view(expanded_->key());
  if (!StoredValue::parse(view(expanded_->value()), value_)) return unreadable(database_, identity_);
  if (!value_.has(flag::kSynthesised)) return lost("the collected grant of an expanded one is missing");
  synthesised_ = true;
  return absl::OkStatus();
}

absl::Status GrantStream::take_sources() {
  identity_ = view(expanded_->key());
  if (!StoredValue::parse(view(expanded_->value()), value_)) return unreadable(database_, identity_);
  if (!value_.has(flag::kSourcesOnly)) return lost("expansion made a grant that was collected as well");
  if (!parse_expanded_sources(value_.record, sources_)) return unreadable(database_, identity_);
  replaced_ = true;
  return absl::OkStatus();
}

absl::Status GrantStream::lost(const char* what) const {
  return absl::DataLossError(
      absl::StrCat("the run directory ", database_.directory(), " contradicts itself: ", what, " (key ",
                   absl::CHexEscape(absl::string_view(identity_.data(), identity_.size())),
                   "); start over with --restart"));
}

absl::StatusOr<bool> find_latest(const Database& database, rocksdb::Iterator& rows, std::string_view identity,
                                 std::string& bytes, StoredValue& value) {
  // Forwards, as there is one row as a rule; going back from behind the last costs twice as much.
  std::string prefix(identity);
  prefix.push_back('\0');
  bool found = false;
  for (rows.Seek(slice(prefix)); rows.Valid(); rows.Next()) {
    std::string_view key;
    std::string_view order;
    if (!split_row_key(view(rows.key()), key, order)) return unreadable(database, view(rows.key()));
    if (key != identity) break;
    bytes.assign(rows.value().data(), rows.value().size());
    found = true;
  }
  absl::Status status = database.status(rows.status());
  if (!status.ok()) return status;
  if (found && !StoredValue::parse(bytes, value)) return unreadable(database, prefix);
  return found;
}

}  // namespace baton::storage
