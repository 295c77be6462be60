#pragma once

#include <cstdint>
#include <string>

#include "storage/sync_store.hpp"
#include "storage/wire.hpp"

namespace baton::storage {

/// Appends the key of an expansion row: the identity of its grant.
void append_expansion_key(std::string& key, const ExpansionRow& row);

/// Appends its value: the new sources of a collected grant, or the whole record of a grant that expansion
/// made, immutable and with an id put together from entitlement and principal.
void encode_expansion(wire::Writer& writer, const ExpansionRow& row, std::int64_t discovered_at);

}  // namespace baton::storage
