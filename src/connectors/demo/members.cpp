#include "connectors/demo/members.hpp"

#include <array>
#include <string>

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
  http::JsonObject root = http::json_root(json);
  absl::Status read = root.for_each("items", [&](http::JsonObject item) {
    const std::string_view type = item.string("type");
    const sdk::ResourceRef principal(type == kGroup ? kGroup : kUser, item.string("id"));
    if (type != kGroup && type != kUser) return item.fail("is neither a user nor a group");
    c1::connector::v2::Grant& grant = page.add();
    sdk::fill_grant(grant, resource, entitlement, principal);
    if (type == kGroup) sdk::set_expandable(grant, {sdk::entitlement_id(principal, kMember)}, expansion);
  });
  if (!read.ok()) return read;
  page.set_next_token(std::string(root.string_or("next", "")));
  return root.status();
}

}  // namespace baton::connectors::demo
