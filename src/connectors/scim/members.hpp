#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "c1/connector/v2/grant.pb.h"
#include "connectors/scim/group_ids.hpp"
#include "http/json.hpp"
#include "sdk/page.hpp"
#include "sdk/resources.hpp"

namespace baton::connectors::scim {

/// Whether some member of this group says neither by `$ref` nor by `type` whether it is a user or a group.
absl::StatusOr<bool> has_untyped_members(http::JsonObject group);

/// Reads the `members` of a group as grants of its `member`. The grant of a nested group is expandable: its
/// members hold the entitlement, too.
///
/// What a member is stands in the collection of its `$ref`, else in its `type`; else it is a group if
/// `groups` has its id, and a user if not. A `$ref` to another collection makes it a principal of a type that
/// the run does not have, which the engine drops and counts. `groups` may be null when no member needs it.
absl::Status read_members(http::JsonObject group, sdk::ResourceRef resource, const GroupIds::Ids* groups,
                          sdk::Page<c1::connector::v2::Grant>& page);

}  // namespace baton::connectors::scim
