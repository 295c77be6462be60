#pragma once

#include <memory>

#include "connectors/scim/api.hpp"
#include "sdk/resource_syncer.hpp"

namespace baton::connectors::scim {

/// One syncer per resource type. Users and groups are in the file of the same name, the other two in
/// `privileges.cpp`.
std::unique_ptr<sdk::ResourceSyncer> make_user_syncer(std::shared_ptr<Api> api);
std::unique_ptr<sdk::ResourceSyncer> make_group_syncer(std::shared_ptr<Api> api);
std::unique_ptr<sdk::ResourceSyncer> make_role_syncer(std::shared_ptr<Api> api);
std::unique_ptr<sdk::ResourceSyncer> make_entitlement_syncer(std::shared_ptr<Api> api);

}  // namespace baton::connectors::scim
