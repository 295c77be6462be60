#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace baton::storage {

/// The rows of one sealed sync as an exporter sees them: identity in parts, and the exact bytes of the
/// `c1.connector.v2` message as a v1 file holds it (`GrantExpandable` moved out of a grant, deterministic).
///
/// Views stay valid until the next call on the same source. `discovered_at` is nanoseconds since the Unix
/// epoch.
class ResourceTypeRow {
 public:
  ResourceTypeRow() = default;

  std::string_view id;
  std::string_view blob;
  std::int64_t discovered_at = 0;
};

class ResourceRow {
 public:
  ResourceRow() = default;

  std::string_view type_id;
  std::string_view id;
  bool has_parent = false;
  std::string_view parent_type_id;
  std::string_view parent_id;
  std::string_view blob;
  std::int64_t discovered_at = 0;
};

class EntitlementRow {
 public:
  EntitlementRow() = default;

  std::string_view resource_type_id;
  std::string_view resource_id;
  /// The public id, as the connector gave it.
  std::string_view id;
  std::string_view blob;
  std::int64_t discovered_at = 0;
};

class GrantRow {
 public:
  GrantRow() = default;

  /// Of the entitlement's resource.
  std::string_view resource_type_id;
  std::string_view resource_id;
  std::string_view entitlement_id;
  std::string_view principal_type_id;
  std::string_view principal_id;
  /// The public id; never empty (composed when the connector gave none).
  std::string_view id;
  /// A serialized `c1.connector.v2.GrantExpandable`, or empty.
  std::string_view expansion;
  bool needs_expansion = false;
  /// Made by expansion, not by the connector.
  bool synthesised = false;
  std::string_view blob;
  std::int64_t discovered_at = 0;
  /// Structural order, 16 bytes; of two rows that share a public id the later one keeps it.
  std::string_view order;
};

/// A stream of one sync's rows, each family in bytewise order of its identity (keys of the v3 format), each
/// identity once. Not thread-safe; single owner.
class RowSource {
 public:
  virtual ~RowSource() = default;

  /// Starts a family over from its first row.
  virtual absl::Status rewind_resource_types() = 0;
  virtual absl::Status rewind_resources() = 0;
  virtual absl::Status rewind_entitlements() = 0;
  virtual absl::Status rewind_grants() = 0;

  /// Identities met so far that came more than once with different content.
  virtual std::uint64_t conflicts() const { return 0; }

  /// False at the end of the family.
  virtual absl::StatusOr<bool> next(ResourceTypeRow& row) = 0;
  virtual absl::StatusOr<bool> next(ResourceRow& row) = 0;
  virtual absl::StatusOr<bool> next(EntitlementRow& row) = 0;
  virtual absl::StatusOr<bool> next(GrantRow& row) = 0;
};

}  // namespace baton::storage
