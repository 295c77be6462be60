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
  if (!immutable) return GrantOrigin::kSuspect;
  return stored.expansion.empty() ? GrantOrigin::kExpansion : GrantOrigin::kConnector;
}

bool is_direct(const c1::connector::v2::Grant& grant) {
  const auto& sources = grant.sources().sources();
  return sources.empty() || sources.contains(grant.entitlement().id());
}

}  // namespace baton::c1z
