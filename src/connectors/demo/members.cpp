#include "connectors/demo/members.hpp"

#include <array>
#include <string>

#include "connectors/demo/read_page.hpp"
#include "connectors/demo/types.hpp"
#include "http/json.hpp"
#include "sdk/entitlements.hpp"
#include "sdk/grants.hpp"

namespace baton::connectors::demo {
namespace {

/// Only people and service accounts inherit; a group inside a group is no member of the outer one itself.
constexpr std::array<std::string_view, 1> kInheriting = {kUser};

}  // namespace

absl::Status read_principals(http::JsonDocument& json, sdk::ResourceRef resource,
                             std::string_view entitlement, sdk::Page<c1::connector::v2::Grant>& page) {
  sdk::Expansion expansion;
  expansion.resource_type_ids = kInheriting;
  return read_page(json, page, [&](http::JsonObject item, c1::connector::v2::Grant& grant) {
    const std::string_view type = item.string("type");
    const sdk::ResourceRef principal(type == kGroup ? kGroup : kUser, item.string("id"));
    if (type != kGroup && type != kUser) item.fail("is neither a user nor a group");
    sdk::fill_grant(grant, resource, entitlement, principal);
    if (type == kGroup) sdk::set_expandable(grant, {sdk::entitlement_id(principal, kMember)}, expansion);
    return item.status();
  });
}

}  // namespace baton::connectors::demo
