#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/family.hpp"

namespace baton::storage {

/// A row of one sealed sync as a c1z of version 3 holds it.
class Record {
 public:
  Record() = default;

  /// The identity as a tuple: the key without what names the family.
  std::string_view key;
  /// A `c1.storage.v3` record, deterministic.
  std::string_view value;
  /// Of a resource; empty ids when it has no parent.
  std::string_view parent_type_id;
  std::string_view parent_id;
  /// Of a grant.
  bool needs_expansion = false;
};

/// A stream of one sync's records, each family in bytewise order of its keys, each key once. Views stay valid
/// until the next call. Not thread-safe; single owner.
class RecordSource {
 public:
  virtual ~RecordSource() = default;

  /// Goes to the first record of a family.
  virtual absl::Status rewind(Family family) = 0;
  /// False at the end of the family.
  virtual absl::StatusOr<bool> next(Record& record) = 0;

  /// Keys met so far that came more than once with different content.
  virtual std::uint64_t conflicts() const { return 0; }
};

}  // namespace baton::storage
