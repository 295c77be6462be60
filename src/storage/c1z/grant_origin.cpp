#include "storage/c1z/grant_origin.hpp"

#include <algorithm>

#include "c1/connector/v2/annotation_grant.pb.h"

namespace baton::c1z {

GrantOrigin origin_of(const StoredGrant& stored) {
  if (is_direct(stored.grant)) return GrantOrigin::kConnector;
  const bool immutable =
      std::ranges::any_of(stored.grant.annotations(), [](const google::protobuf::Any& annotation) {
        return annotation.Is<c1::connector::v2::GrantImmutable>();
      });
  return immutable && stored.expansion.empty() ? GrantOrigin::kExpansion : GrantOrigin::kSuspect;
}

bool is_direct(const c1::connector::v2::Grant& grant) {
  const auto& sources = grant.sources().sources();
  return sources.empty() || sources.contains(grant.entitlement().id());
}

}  // namespace baton::c1z
