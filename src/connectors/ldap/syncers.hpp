#pragma once

#include <memory>

#include "connectors/ldap/directory.hpp"
#include "sdk/resource_syncer.hpp"

namespace baton::connectors::ldap {

std::unique_ptr<sdk::ResourceSyncer> make_user_syncer(std::shared_ptr<Directory> directory);
std::unique_ptr<sdk::ResourceSyncer> make_group_syncer(std::shared_ptr<Directory> directory);
std::unique_ptr<sdk::ResourceSyncer> make_role_syncer(std::shared_ptr<Directory> directory);

}  // namespace baton::connectors::ldap
