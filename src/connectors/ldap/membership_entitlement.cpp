#include "connectors/ldap/membership_entitlement.hpp"

#include <string>

#include "connectors/ldap/lower_case.hpp"
#include "connectors/ldap/types.hpp"
#include "sdk/entitlements.hpp"
#include "sdk/resource_types.hpp"

namespace baton::connectors::ldap {

namespace v2 = c1::connector::v2;

sdk::Page<v2::Entitlement> membership_entitlement(const v2::Resource& resource, std::string_view kind) {
  sdk::Page<v2::Entitlement> page;
  v2::Entitlement& member = page.add();
  const std::string kind_text(kind);
  sdk::fill_assignment(member, sdk::ResourceRef(resource.id()), kMember);
  sdk::set_display_name(member, resource.display_name() + " " + kind_text + " member");
  sdk::set_description(member,
                       "Access to " + resource.display_name() + " " + lower_case(kind_text) + " in LDAP");
  sdk::add_grantable_to(member, sdk::make_resource_type("User", {v2::ResourceType::TRAIT_USER}));
  return page;
}

}  // namespace baton::connectors::ldap
