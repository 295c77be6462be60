#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/database.hpp"
#include "storage/encoded_rows.hpp"
#include "storage/record_view.hpp"
#include "storage/row_value.hpp"

/// The rows of a family as they count: each identity once, the latest in structural order, and for grants
/// together with what expansion made. Private to `storage/`. Single owner, not thread-safe; a stream must not
/// outlive the snapshot it was made from.
namespace baton::storage {

/// The collected rows of one family.
class FamilyStream {
 public:
  /// `compare_losers`: find out whether rows of one identity differ, for `conflict`.
  FamilyStream(const Snapshot& snapshot, Family family, bool compare_losers = false);

  /// Goes to the first row of `prefix`, and ends after the last.
  void seek(std::string_view prefix);

  /// False at the end. Views stay valid until the next call.
  absl::StatusOr<bool> next();

  std::string_view identity() const { return identity_; }
  std::string_view order() const { return order_; }
  const StoredValue& value() const { return value_; }
  /// Rows with this identity and another content were passed over.
  bool conflict() const { return conflict_; }

 private:
  absl::Status take();
  bool same_content(std::string_view other) const;

  const Database& database_;
  Family family_;
  bool compare_losers_;
  std::unique_ptr<rocksdb::Iterator> rows_;
  std::string prefix_;
  bool conflict_ = false;
  std::string key_;
  std::string bytes_;
  std::string_view identity_;
  std::string_view order_;
  StoredValue value_;
};

/// Collected grants merged with the family `expanded`, in identity order.
class GrantStream {
 public:
  explicit GrantStream(const Snapshot& snapshot, bool compare_losers = false);

  absl::StatusOr<bool> next();

  std::string_view identity() const { return synthesised_ ? identity_ : collected_.identity(); }
  /// Of a grant that expansion made: behind everything collected, and the same in every run. Made when it is
  /// asked for; not everybody does.
  std::string_view order();
  const StoredValue& value() const { return synthesised_ ? value_ : collected_.value(); }
  /// What replaces the value's sources; null if they stand.
  const std::vector<SourceView>* sources() const { return replaced_ ? &sources_ : nullptr; }
  bool synthesised() const { return synthesised_; }
  bool conflict() const { return !synthesised_ && collected_.conflict(); }

 private:
  absl::Status take_synthesised();
  absl::Status take_sources();
  absl::Status lost(const char* what) const;

  const Database& database_;
  FamilyStream collected_;
  std::unique_ptr<rocksdb::Iterator> expanded_;
  bool started_ = false;
  bool has_collected_ = false;
  bool synthesised_ = false;
  bool replaced_ = false;
  // The expanded row is read where its iterator stands, which moves on with the next call.
  bool passed_ = false;
  std::string order_;
  std::string_view identity_;
  StoredValue value_;
  std::vector<SourceView> sources_;
};

/// Finds the collected row of `identity` that counts, by an iterator over the family's table, and copies it
/// to `bytes`, which `value` then points into. False if there is none.
absl::StatusOr<bool> find_latest(const Database& database, rocksdb::Iterator& rows, std::string_view identity,
                                 std::string& bytes, StoredValue& value);

}  // namespace baton::storage
