#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "c1/connector/v2/grant.pb.h"
#include "http/json_document.hpp"
#include "sdk/page.hpp"
#include "sdk/resources.hpp"

namespace baton::connectors::demo {

/// Reads a page of principals ({"type": "user" or "group", "id": …}) as grants of `entitlement` on
/// `resource`. A group's grant is expandable: the members of that group hold the entitlement, too.
absl::Status read_principals(http::JsonDocument& json, sdk::ResourceRef resource,
                             std::string_view entitlement, sdk::Page<c1::connector::v2::Grant>& page);

}  // namespace baton::connectors::demo
