#pragma once

#include <cstdint>
#include <string_view>

#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "storage/wire.hpp"

/// From a `c1.connector.v2` message to a stored value: the bytes of its `c1.storage.v3` record, deterministic
/// and equal to what generated code would write, and our Extra with everything the record has no place for.
/// Written by hand because generated messages cost three to five times the CPU.
namespace baton::storage {

/// Appends the whole value, header included, and returns its flags.
std::uint8_t encode_value(wire::Writer& writer, const c1::connector::v2::ResourceType& row,
                          std::int64_t discovered_at);
std::uint8_t encode_value(wire::Writer& writer, const c1::connector::v2::Resource& row,
                          std::int64_t discovered_at);
std::uint8_t encode_value(wire::Writer& writer, const c1::connector::v2::Entitlement& row,
                          std::int64_t discovered_at);
/// `arms`: an expandable description marks the grant as waiting for expansion.
std::uint8_t encode_value(wire::Writer& writer, const c1::connector::v2::Grant& row,
                          std::int64_t discovered_at, bool arms = true);

/// One entry of a GrantRecord's sources, with its field.
void write_source(wire::Writer& writer, std::string_view entitlement_id, bool is_direct);

/// A google.protobuf.Timestamp of nanoseconds since the Unix epoch, as field `field`.
void write_timestamp(wire::Writer& writer, std::uint32_t field, std::int64_t nanoseconds);

}  // namespace baton::storage
