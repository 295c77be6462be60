#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/operation.hpp"
#include "baton/store/v1/plan.pb.h"
#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "sync/options.hpp"

namespace baton::sync {

using Cursor = baton::store::v1::CursorRow;

Operation operation_of(const Cursor& cursor);

/// The list that the cursor's call reads: the root of the static entitlements reads the resource types.
Operation list_read_by(const Cursor& cursor);

/// The cursors a fresh run begins with: the resource types, and the root of the static entitlements, which
/// asks for the resource types a second time as upstream does; or the targets of a targeted sync, those of
/// filtered types left out.
std::vector<Cursor> first_cursors(const SyncOptions& options);

/// A cursor of this operation about one resource type.
Cursor type_cursor(Operation operation, std::string_view type_id);
/// A cursor of this operation about one resource.
Cursor resource_cursor(Operation operation, const c1::connector::v2::ResourceId& resource, bool independent);
/// The fetch of one resource that a targeted sync is about.
Cursor target_cursor(const ResourceTarget& target);
/// The fetch of a resource that grants mention, unless it is stored by then.
Cursor related_cursor(const c1::connector::v2::Resource& resource);
/// A listing of `child_type` below `parent`.
Cursor child_cursor(std::string_view child_type, const c1::connector::v2::ResourceId& parent);

/// Cursors that walk the sibling tokens of a page independently; they inherit what `cursor` is about.
/// Internal when they break the protocol's limits: more than 1,024, an empty token, one over 1 MiB, over 16
/// MiB in sum, the same token twice, or the page's own next token.
absl::Status append_siblings(const Cursor& cursor, const std::vector<std::string>& tokens,
                             std::string_view next_token, std::vector<Cursor>& planned);

/// The cursor after a page that ended with `next_token`. Internal when the token is over 1 MiB or shows that
/// the cursor goes in circles; the message names type, resource and token.
absl::Status advance(Cursor& cursor, std::string_view next_token);

/// "list-grants of group/g-12, page 3": a cursor as messages name it.
std::string describe(const Cursor& cursor);

/// The wire requests behind a cursor's next page. `resource` is the stored resource, or null when it is only
/// known by its id.
c1::connector::v2::ResourceTypesServiceListResourceTypesRequest resource_types_request(
    const Cursor& cursor, const std::string& sync_id);
c1::connector::v2::ResourcesServiceListResourcesRequest resources_request(const Cursor& cursor,
                                                                          const std::string& sync_id);
c1::connector::v2::EntitlementsServiceListStaticEntitlementsRequest static_entitlements_request(
    const Cursor& cursor, const std::string& sync_id);
c1::connector::v2::EntitlementsServiceListEntitlementsRequest entitlements_request(
    const Cursor& cursor, const c1::connector::v2::Resource* resource, const std::string& sync_id);
c1::connector::v2::ResourceGetterServiceGetResourceRequest resource_request(const Cursor& cursor,
                                                                            const std::string& sync_id);
c1::connector::v2::GrantsServiceListGrantsRequest grants_request(const Cursor& cursor,
                                                                 const c1::connector::v2::Resource* resource,
                                                                 const std::string& sync_id);

}  // namespace baton::sync
