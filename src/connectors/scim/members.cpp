#include "connectors/scim/members.hpp"

#include <array>
#include <optional>
#include <string>

#include "connectors/scim/attributes.hpp"
#include "connectors/scim/types.hpp"
#include "http/headers.hpp"
#include "sdk/entitlements.hpp"
#include "sdk/grants.hpp"

namespace baton::connectors::scim {
namespace {

/// Only people inherit; a group inside a group is no member of the outer one itself.
constexpr std::array<std::string_view, 1> kInheriting = {kUser};

/// What stands for members that are neither users nor groups.
constexpr std::string_view kOther = "other";

/// The collection of a reference: the "Users" of "https://host/scim/v2/Users/42" and of "../Users/42".
std::string_view collection_of(std::string_view reference) {
  reference = reference.substr(0, reference.find_first_of("?#"));
  while (reference.ends_with('/')) reference.remove_suffix(1);
  const std::size_t last = reference.rfind('/');
  if (last == std::string_view::npos) return "";
  const std::size_t before = reference.substr(0, last).rfind('/');
  return reference.substr(before == std::string_view::npos ? 0 : before + 1,
                          last - (before == std::string_view::npos ? 0 : before + 1));
}

/// The type that a member claims; empty when it does not say.
std::string_view claimed_type(http::JsonObject& member) {
  const std::string_view collection = collection_of(text_of(member, "$ref"));
  if (http::equal_ignoring_case(collection, "Users")) return kUser;
  if (http::equal_ignoring_case(collection, "Groups")) return kGroup;
  const std::string_view type = text_of(member, "type");
  if (http::equal_ignoring_case(type, "User")) return kUser;
  if (http::equal_ignoring_case(type, "Group")) return kGroup;
  return collection.empty() ? std::string_view() : kOther;
}

/// A member as an object or, as some services have it, a bare id.
template <class Read>
absl::Status for_each_member(http::JsonObject& group, Read&& read) {
  return group.for_each_if_any("members", [&](http::JsonValue value) {
    if (!value.is_object()) {
      read(value.id(), std::string_view());
      return;
    }
    http::JsonObject member = value.object();
    const std::string_view type = claimed_type(member);
    read(member.id("value"), type);
  });
}

}  // namespace

absl::StatusOr<bool> has_untyped_members(http::JsonObject group) {
  bool untyped = false;
  const absl::Status read = for_each_member(
      group, [&untyped](std::string_view, std::string_view type) { untyped = untyped || type.empty(); });
  if (!read.ok()) return read;
  return untyped;
}

absl::Status read_members(http::JsonObject group, sdk::ResourceRef resource, const GroupIds::Ids* groups,
                          sdk::Page<c1::connector::v2::Grant>& page) {
  sdk::Expansion expansion;
  expansion.resource_type_ids = kInheriting;
  return for_each_member(group, [&](std::string_view id, std::string_view type) {
    if (id.empty()) return;
    if (type.empty()) type = groups != nullptr && groups->contains(id) ? kGroup : kUser;
    const sdk::ResourceRef principal(type, id);
    c1::connector::v2::Grant& grant = page.add();
    sdk::fill_grant(grant, resource, kMember, principal);
    if (type == kGroup) sdk::set_expandable(grant, {sdk::entitlement_id(principal, kMember)}, expansion);
  });
}

}  // namespace baton::connectors::scim
