#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/tuple_key.hpp"

/// Keys of a c1z of version 3: version byte 03, a byte for the family, 00, and the identity as a tuple
/// (`base/tuple_key.hpp`). Index keys have a byte for the index in front of the 00; the sync run is `03 06`
/// alone; engine meta keys are `03 FF` and a name, without a 00 between. No key names the sync, those of
/// sessions and assets excepted. Rows are ordered by the bytes of their keys.
namespace baton::c1z::v3 {

enum class KeyFamily : std::uint8_t {
  kResourceType = 0x01,
  kResource = 0x02,
  kEntitlement = 0x03,
  kGrant = 0x04,
  kAsset = 0x05,
  kSyncRun = 0x06,
  kIndex = 0x07,
  kCounter = 0x08,
  kSession = 0x09,
  kDigest = 0x0a,
  kMeta = 0xff,
};

/// What an index key finds. The other bytes are retired: never written, passed over on reading.
enum class KeyIndex : std::uint8_t {
  kNone = 0,
  /// parent type, parent id, child type, child id; one for each resource that has a parent.
  kByParent = 0x01,
  /// principal type, principal id, entitlement; one for each grant.
  kByPrincipal = 0x04,
  /// A grant's own tuple; one for each grant with `needs_expansion`.
  kNeedsExpansion = 0x05,
  /// Digests of grants, which writers may leave out.
  kDigestLeaf = 0x08,
};

inline constexpr std::string_view kSyncRunKey{"\x03\x06", 2};

/// Names behind `03 FF`.
inline constexpr std::string_view kMetaKeyspaceVersion{"keyspace_version"};
inline constexpr std::string_view kMetaEntitlementIdFormat{"grant_entitlement_id_format"};
inline constexpr std::string_view kMetaStats{"stats\0", 6};
inline constexpr std::string_view kMetaEntitlementGraph{"entitlement-graph\0", 18};
/// Marks of a file whose indexes or digests are incomplete; in a finished one they are absent.
inline constexpr std::string_view kMetaGrantIndexPending{"deferred_grant_idx_pending"};
inline constexpr std::string_view kMetaGrantDigestPending{"grant_digest_build_pending"};

/// What `kMetaKeyspaceVersion` and `kMetaEntitlementIdFormat` hold, as four bytes, high byte first.
inline constexpr std::uint32_t kKeyspaceVersion = 2;
inline constexpr std::uint32_t kEntitlementIdFormat = 2;

/// What stands in front of the tuple: `03 tt 00`, and for an index `03 07 ii 00`. All keys of a family begin
/// so. For the sync run it is the key itself, for engine meta the two bytes in front of the name.
std::string key_prefix(KeyFamily family);
std::string key_prefix(KeyIndex index);

/// The first key behind all that begin with `prefix`, which is not empty and not all FF.
std::string prefix_end(std::string_view prefix);

/// Each replaces `key`.
void resource_type_key(std::string& key, std::string_view id);
void resource_key(std::string& key, std::string_view type_id, std::string_view id);
void entitlement_key(std::string& key, std::string_view resource_type_id, std::string_view resource_id,
                     std::string_view entitlement_id);
void grant_key(std::string& key, std::string_view resource_type_id, std::string_view resource_id,
               std::string_view entitlement_id, std::string_view principal_type_id,
               std::string_view principal_id);
void meta_key(std::string& key, std::string_view name);
void session_key(std::string& key, std::string_view sync_id, std::string_view name);

/// An index key of a resource, from the tuples of parent and child.
void by_parent_key(std::string& key, std::string_view parent_type_id, std::string_view parent_id,
                   std::string_view child_tuple);
/// Index keys of a grant, from its tuple; false when the tuple has not six elements. The bytes are only moved
/// about, never unescaped.
bool by_principal_key(std::string& key, std::string_view grant_tuple);
void needs_expansion_key(std::string& key, std::string_view grant_tuple);

/// A key taken apart; views into it. Families and indexes that nobody knows keep their byte.
class FamilyKey {
 public:
  FamilyKey() = default;

  KeyFamily family = KeyFamily::kCounter;
  /// `kNone` in every family but `kIndex`.
  KeyIndex index = KeyIndex::kNone;
  /// The tuple; the name of engine meta; empty for the sync run.
  std::string_view tuple;
};

/// False when it is no key of version 3.
bool parse_key(std::string_view key, FamilyKey& result);

/// The two halves of a grant's tuple as they are written.
class GrantTuple {
 public:
  GrantTuple() = default;

  /// Four elements: the tuple of the entitlement.
  std::string_view entitlement;
  /// Two elements: the tuple of the principal's resource.
  std::string_view principal;
};

/// Finds them without unescaping; false when there are not six elements.
bool split_grant_tuple(std::string_view tuple, GrantTuple& result);
/// The same of a by-principal key, whose principal stands in front.
bool split_by_principal_tuple(std::string_view tuple, GrantTuple& result);

/// Which resource.
class ResourceIdentity {
 public:
  ResourceIdentity() = default;
  ResourceIdentity(std::string type, std::string id) : type_id(std::move(type)), id(std::move(id)) {}
  friend bool operator==(const ResourceIdentity&, const ResourceIdentity&) = default;

  std::string type_id;
  std::string id;
};

/// Which grant.
class GrantIdentity {
 public:
  GrantIdentity() = default;
  friend bool operator==(const GrantIdentity&, const GrantIdentity&) = default;

  EntitlementIdentity entitlement;
  ResourceIdentity principal;
};

/// Which child under which parent.
class ParentLink {
 public:
  ParentLink() = default;
  friend bool operator==(const ParentLink&, const ParentLink&) = default;

  ResourceIdentity parent;
  ResourceIdentity child;
};

/// What the tuple of a key says, unescaped. DataLoss for a broken escape or a wrong number of elements.
absl::StatusOr<std::string> read_resource_type_tuple(std::string_view tuple);
absl::StatusOr<ResourceIdentity> read_resource_tuple(std::string_view tuple);
absl::StatusOr<EntitlementIdentity> read_entitlement_tuple(std::string_view tuple);
/// Of a grant, and of index `kNeedsExpansion`.
absl::StatusOr<GrantIdentity> read_grant_tuple(std::string_view tuple);
absl::StatusOr<GrantIdentity> read_by_principal_tuple(std::string_view tuple);
absl::StatusOr<ParentLink> read_by_parent_tuple(std::string_view tuple);

}  // namespace baton::c1z::v3
