#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/sync_store.hpp"
#include "storage/wire.hpp"

namespace baton::storage {

/// Encodes rows of the family `expanded`: under the identity of its grant, the new sources of a collected
/// grant, or the whole record of a grant that expansion made, immutable and with an id put together from
/// entitlement and principal. What the rows of one destination have in common is encoded once.
class ExpandedRowEncoder {
 public:
  /// `discovered_at` is nanoseconds since the Unix epoch.
  explicit ExpandedRowEncoder(std::int64_t discovered_at);
  ExpandedRowEncoder(const ExpandedRowEncoder&) = delete;
  ExpandedRowEncoder& operator=(const ExpandedRowEncoder&) = delete;

  /// Rows of this destination follow.
  void begin(std::string_view resource_type_id, std::string_view resource_id,
             std::string_view entitlement_id);
  void encode(const ExpansionRow& row);

  /// Of the row encoded last; valid until the next call.
  std::string_view key() const { return key_; }
  std::string_view value() const { return writer_.written(0); }

 private:
  void write_grant(const ExpansionRow& row);

  std::string key_;
  std::size_t key_prefix_ = 0;       // the destination's identity
  std::string id_prefix_;            // of grant ids
  std::string entitlement_;          // the record's field
  std::string when_and_annotation_;  // the record's fields, the same in all rows
  std::string buffer_;
  wire::Writer writer_;
};

}  // namespace baton::storage
