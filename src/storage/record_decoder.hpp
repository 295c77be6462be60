#pragma once

#include <string>

#include "absl/status/status.h"
#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "storage/row_value.hpp"

/// From a stored value back to the `c1.connector.v2` message that it was made of, with generated code: exact,
/// unknown fields included, and slow. DataLoss for bytes that are not a stored value.
namespace baton::storage {

absl::Status decode_value(const StoredValue& value, c1::connector::v2::ResourceType& row);
absl::Status decode_value(const StoredValue& value, c1::connector::v2::Resource& row);
absl::Status decode_value(const StoredValue& value, c1::connector::v2::Entitlement& row);
/// With the expandable description back among the annotations, where it stood.
absl::Status decode_value(const StoredValue& value, c1::connector::v2::Grant& row);

/// The grant without its expandable description, which goes to `expansion`, serialized; empty if there is
/// none.
absl::Status decode_grant_apart(const StoredValue& value, c1::connector::v2::Grant& row,
                                std::string& expansion);

/// Serializes with map entries in the order of their keys, replacing `out`.
void serialize_deterministic(const google::protobuf::MessageLite& message, std::string& out);

}  // namespace baton::storage
