#pragma once

#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/resource.pb.h"

namespace baton::sync {

/// The entitlement that a static template means on one resource: id `<type>:<resource id>:<slug>`, the
/// resource's names where the template has none, exclusion groups scoped to the resource when they ask for
/// it.
c1::connector::v2::Entitlement materialise(const c1::connector::v2::Entitlement& entitlement_template,
                                           const c1::connector::v2::Resource& resource);

}  // namespace baton::sync
