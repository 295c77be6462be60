#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "storage/family.hpp"

namespace baton::storage {

/// Where a row stands in the sync, whenever it came: (phase, hash of the request's identity, page number, row
/// number). Of two rows with one identity the later in this order wins. 16 bytes in a key.
class StructuralOrder {
 public:
  constexpr StructuralOrder() = default;
  constexpr StructuralOrder(std::uint8_t phase, std::uint64_t request_hash, std::uint32_t page)
      : phase(phase), request_hash(request_hash), page(page) {}

  std::uint8_t phase = 0;
  std::uint64_t request_hash = 0;
  std::uint32_t page = 0;
};

/// Rows by family and resource type (grants and entitlements: the entitlement's resource type).
class FamilyCounts {
 public:
  FamilyCounts() = default;

  std::map<std::string, std::uint64_t> resource_types;
  std::map<std::string, std::uint64_t> resources;
  std::map<std::string, std::uint64_t> entitlements;
  std::map<std::string, std::uint64_t> grants;
  std::uint64_t synthesised_grants = 0;
  std::uint64_t conflicts = 0;
  /// Up to 25 identities in conflict, readable.
  std::vector<std::string> conflict_examples;
};

/// The rows of one page as the store will hold them: keys and values in one buffer, sorted by key, made on
/// the I/O pool so that the writer only copies. Immutable and shareable once `finish` was called.
///
/// A key is the identity tuple of the v3 format without its three-byte prefix, then 00, then the structural
/// order; a value is a fixed header, the bytes of the `c1.storage.v3` record, the bytes of our `Extra`.
class EncodedRows {
 public:
  /// `discovered_at` is nanoseconds since the Unix epoch, one value for the whole page.
  EncodedRows(StructuralOrder order, std::int64_t discovered_at);
  EncodedRows(EncodedRows&&) noexcept = default;
  EncodedRows& operator=(EncodedRows&&) noexcept = default;

  /// Rows must have passed `sync/` admission: complete identities, valid UTF-8. At most 2^24 rows and 4 GiB
  /// in a page, far more than any response may have.
  void add(const c1::connector::v2::ResourceType& row);
  void add(const c1::connector::v2::Resource& row);
  void add(const c1::connector::v2::Entitlement& row);
  void add(const c1::connector::v2::Grant& row);
  /// A grant that does not wait for expansion, whatever it says: one copied from an expanded sync.
  void add_unarmed(const c1::connector::v2::Grant& row);
  /// Sorts. No `add` afterwards.
  void finish();

  std::size_t size() const { return entries_.size(); }
  /// Of keys and values together.
  std::size_t bytes() const { return used_; }
  /// A grant that waits for expansion was added.
  bool needs_expansion() const { return expandable_grants_ != 0; }
  /// How many of them.
  std::uint64_t expandable_grants() const { return expandable_grants_; }

  class Entry {
   public:
    Entry() = default;
    Family family = Family::kResourceTypes;
    std::uint32_t key_offset = 0;
    std::uint32_t key_size = 0;
    std::uint32_t value_size = 0;
  };
  const std::vector<Entry>& entries() const { return entries_; }
  std::string_view key(const Entry& entry) const {
    return std::string_view(buffer_).substr(entry.key_offset, entry.key_size);
  }
  std::string_view value(const Entry& entry) const {
    return std::string_view(buffer_).substr(entry.key_offset + entry.key_size, entry.value_size);
  }

 private:
  /// Appends the row under the identity in `key_`.
  template <class Row, class... Options>
  void add_row(Family family, const Row& row, Options... options);
  void set_grant_key(const c1::connector::v2::Grant& row);

  StructuralOrder order_;
  std::int64_t discovered_at_;
  std::uint32_t next_row_ = 0;
  std::uint64_t expandable_grants_ = 0;
  std::string key_;
  // Longer than what was written, until `finish` cuts it.
  std::string buffer_;
  std::size_t used_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace baton::storage
