#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "c1/connector/v2/resource.pb.h"
#include "sdk/annotations.hpp"

namespace baton::sdk {

/// The id that a resource type of this name gets: lower case (ASCII), each space a `-`. "Service Account" is
/// "service-account".
std::string resource_type_id_for(std::string_view name);

/// A resource type with the id above and the name as display name.
c1::connector::v2::ResourceType make_resource_type(
    std::string_view name, std::initializer_list<c1::connector::v2::ResourceType::Trait> traits);

/// The same with annotations, for example `SkipGrants`.
template <class... Messages>
c1::connector::v2::ResourceType make_resource_type(
    std::string_view name, std::initializer_list<c1::connector::v2::ResourceType::Trait> traits,
    const Messages&... annotations) {
  c1::connector::v2::ResourceType type = make_resource_type(name, traits);
  (append_annotation(*type.mutable_annotations(), annotations), ...);
  return type;
}

}  // namespace baton::sdk
