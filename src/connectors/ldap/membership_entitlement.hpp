#pragma once

#include <string_view>

#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "sdk/page.hpp"

namespace baton::connectors::ldap {

/// The one thing that a group or role offers: `member`, to users. `kind` is "Group" or "Role".
sdk::Page<c1::connector::v2::Entitlement> membership_entitlement(const c1::connector::v2::Resource& resource,
                                                                 std::string_view kind);

}  // namespace baton::connectors::ldap
