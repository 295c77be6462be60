#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"

/// Baton identifiers: resources, entitlements and grants as one text each, for command lines and references.
///
///     bid:r:[<parent type>/<parent id>/]<type>/<id>
///     bid:e:<resource part>:<slug>
///     bid:g:<resource part>:<slug>:<principal resource part>
///
/// Inside a part `:`, `/` and `\` are escaped with a backslash. Reading reports InvalidArgument with the
/// input and a second line whose caret points at the place. What is read back carries ids, parents, slug and,
/// for entitlements and grants, the public id that follows from them.
namespace baton::sdk {

/// InvalidArgument when a type, id or slug is missing, here and below.
absl::StatusOr<std::string> format_bid(const c1::connector::v2::Resource& resource);
absl::StatusOr<std::string> format_bid(const c1::connector::v2::Entitlement& entitlement);
absl::StatusOr<std::string> format_bid(const c1::connector::v2::Grant& grant);

absl::StatusOr<c1::connector::v2::Resource> parse_resource_bid(std::string_view text);
absl::StatusOr<c1::connector::v2::Entitlement> parse_entitlement_bid(std::string_view text);
absl::StatusOr<c1::connector::v2::Grant> parse_grant_bid(std::string_view text);

}  // namespace baton::sdk
