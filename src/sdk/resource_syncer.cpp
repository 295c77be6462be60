#include "sdk/resource_syncer.hpp"

namespace baton::sdk {

namespace v2 = c1::connector::v2;

ResourceSyncer::Reply<v2::Entitlement> ResourceSyncer::entitlements(ResourceRequest) {
  co_return Page<v2::Entitlement>();
}

ResourceSyncer::Reply<v2::Grant> ResourceSyncer::grants(ResourceRequest) {
  co_return Page<v2::Grant>();
}

}  // namespace baton::sdk
