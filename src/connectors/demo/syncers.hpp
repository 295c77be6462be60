#pragma once

#include <memory>

#include "connectors/demo/api.hpp"
#include "sdk/resource_syncer.hpp"

namespace baton::connectors::demo {

/// One syncer per resource type; see the file of the same name for each.
std::unique_ptr<sdk::ResourceSyncer> make_user_syncer(std::shared_ptr<Api> api);
std::unique_ptr<sdk::ResourceSyncer> make_group_syncer(std::shared_ptr<Api> api);
std::unique_ptr<sdk::ResourceSyncer> make_role_syncer(std::shared_ptr<Api> api);
std::unique_ptr<sdk::ResourceSyncer> make_app_syncer(std::shared_ptr<Api> api);

}  // namespace baton::connectors::demo
