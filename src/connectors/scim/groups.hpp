#pragma once

#include "absl/status/status.h"
#include "c1/connector/v2/resource.pb.h"
#include "http/json.hpp"

namespace baton::connectors::scim {

/// Fills the row of one group (RFC 7643 §4.2) from its JSON. Only the id is required.
absl::Status read_group(http::JsonObject json, c1::connector::v2::Resource& row);

}  // namespace baton::connectors::scim
