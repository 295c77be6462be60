#include "storage/encoded_rows.hpp"

#include <algorithm>

#include "base/tuple_key.hpp"
#include "storage/record_encoder.hpp"
#include "storage/row_value.hpp"
#include "storage/wire.hpp"

namespace baton::storage {

EncodedRows::EncodedRows(StructuralOrder order, std::int64_t discovered_at)
    : order_(order), discovered_at_(discovered_at) {}

template <class Row, class... Options>
void EncodedRows::add_row(Family family, const Row& row, Options... options) {
  // The identity, then where the row stands in the sync: phase, request, page, row.
  const std::uint32_t number = next_row_++;
  key_.push_back('\0');
  key_.push_back(static_cast<char>(order_.phase));
  append_be64(key_, order_.request_hash);
  append_be32(key_, order_.page);
  key_.push_back(static_cast<char>(number >> 16));
  append_be16(key_, static_cast<std::uint16_t>(number));

  Entry entry;
  entry.family = family;
  entry.key_offset = static_cast<std::uint32_t>(used_);
  entry.key_size = static_cast<std::uint32_t>(key_.size());
  wire::Writer writer(buffer_, used_);
  writer.bytes(key_);
  const std::uint8_t flags = encode_value(writer, row, discovered_at_, options...);
  entry.value_size = static_cast<std::uint32_t>(writer.size() - used_ - key_.size());
  used_ = writer.size();
  entries_.push_back(entry);
  if ((flags & flag::kNeedsExpansion) != 0) ++expandable_grants_;
}

void EncodedRows::add(const c1::connector::v2::ResourceType& row) {
  key_.clear();
  append_tuple(key_, row.id());
  add_row(Family::kResourceTypes, row);
}

void EncodedRows::add(const c1::connector::v2::Resource& row) {
  key_.clear();
  append_tuple(key_, row.id().resource_type(), row.id().resource());
  add_row(Family::kResources, row);
}

void EncodedRows::add(const c1::connector::v2::Entitlement& row) {
  key_.clear();
  const c1::connector::v2::ResourceId& resource = row.resource().id();
  append_entitlement_identity(key_, resource.resource_type(), resource.resource(), row.id());
  add_row(Family::kEntitlements, row);
}

void EncodedRows::set_grant_key(const c1::connector::v2::Grant& row) {
  key_.clear();
  const c1::connector::v2::ResourceId& resource = row.entitlement().resource().id();
  append_entitlement_identity(key_, resource.resource_type(), resource.resource(), row.entitlement().id());
  append_next_element(key_, row.principal().id().resource_type());
  append_next_element(key_, row.principal().id().resource());
}

void EncodedRows::add(const c1::connector::v2::Grant& row) {
  set_grant_key(row);
  add_row(Family::kGrants, row);
}

void EncodedRows::add_unarmed(const c1::connector::v2::Grant& row) {
  set_grant_key(row);
  add_row(Family::kGrants, row, false);
}

void EncodedRows::finish() {
  buffer_.resize(used_);
  const auto before = [this](const Entry& a, const Entry& b) {
    return a.family != b.family ? a.family < b.family : key(a) < key(b);
  };
  // Most services list by id, so a page often comes sorted.
  if (!std::is_sorted(entries_.begin(), entries_.end(), before)) {
    std::sort(entries_.begin(), entries_.end(), before);
  }
}

}  // namespace baton::storage
