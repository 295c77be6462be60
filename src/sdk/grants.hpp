#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "c1/connector/v2/grant.pb.h"
#include "sdk/entitlements.hpp"
#include "sdk/profile.hpp"
#include "sdk/resources.hpp"

/// Grants, filled in place on a page's row. Resource and principal are each given whole or as an id; ids are
/// what large connectors use, since everything else about them is in the file already.
namespace baton::sdk {

/// The public id: `<entitlement id>:<principal type>:<principal id>`, nothing escaped; never parse it.
std::string grant_id(std::string_view entitlement, ResourceRef principal);

/// Stands for the id of a grant that exists but whose id nobody knows.
inline constexpr std::string_view kUnknownGrantId = "\xf0\x9f\xa7\xb8_UNKNOWN_GRANT_ID";

/// The principal holds the entitlement `entitlement_name` of the resource. The embedded entitlement carries
/// its id and the resource, nothing else.
void fill_grant(c1::connector::v2::Grant& row, ResourceRef resource, std::string_view entitlement_name,
                ResourceRef principal);
void fill_grant(c1::connector::v2::Grant& row, const c1::connector::v2::Resource& resource,
                std::string_view entitlement_name, const c1::connector::v2::Resource& principal);
void fill_grant(c1::connector::v2::Grant& row, const c1::connector::v2::Resource& resource,
                std::string_view entitlement_name, ResourceRef principal);
void fill_grant(c1::connector::v2::Grant& row, ResourceRef resource, std::string_view entitlement_name,
                const c1::connector::v2::Resource& principal);

/// The same as a value.
template <class ResourceOrRef, class PrincipalOrRef>
c1::connector::v2::Grant make_grant(const ResourceOrRef& resource, std::string_view entitlement_name,
                                    const PrincipalOrRef& principal) {
  c1::connector::v2::Grant grant;
  fill_grant(grant, resource, entitlement_name, principal);
  return grant;
}

/// How a grant to a group-like principal reaches the group's members.
class Expansion {
 public:
  Expansion() = default;

  /// Only direct holders count, not those found by expansion.
  bool shallow = false;
  /// Only holders of these resource types count; empty means all. The texts must outlive the call.
  std::span<const std::string_view> resource_type_ids;
};

/// Whoever holds one of `entitlement_ids` (usually the principal's `member`) receives this grant, too.
/// Replaces an earlier call on the row.
void set_expandable(c1::connector::v2::Grant& row, std::span<const std::string_view> entitlement_ids,
                    const Expansion& expansion = Expansion());
inline void set_expandable(c1::connector::v2::Grant& row,
                           std::initializer_list<std::string_view> entitlement_ids,
                           const Expansion& expansion = Expansion()) {
  set_expandable(row, std::span<const std::string_view>(entitlement_ids.begin(), entitlement_ids.size()),
                 expansion);
}

/// Free data about the grant (the annotation GrantMetadata); replaces an earlier call on the row.
void set_grant_metadata(c1::connector::v2::Grant& row, const google::protobuf::Struct& metadata);

/// The grant cannot be revoked through this resource; `source_id` names the grant or entitlement it follows
/// from.
void set_immutable(c1::connector::v2::Grant& row, std::string_view source_id = "");

}  // namespace baton::sdk
