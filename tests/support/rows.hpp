#pragma once

#include <string>
#include <string_view>

#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"

/// The least rows of each kind that a connector could return.
namespace baton::test {

inline c1::connector::v2::ResourceType type(std::string_view id) {
  c1::connector::v2::ResourceType row;
  row.set_id(std::string(id));
  return row;
}

/// A type that carries an empty annotation of each of these messages.
template <class... Marker>
c1::connector::v2::ResourceType marked_type(std::string_view id) {
  c1::connector::v2::ResourceType row = type(id);
  (row.add_annotations()->PackFrom(Marker()), ...);
  return row;
}

inline c1::connector::v2::Resource resource(std::string_view type, std::string_view id) {
  c1::connector::v2::Resource row;
  row.mutable_id()->set_resource_type(std::string(type));
  row.mutable_id()->set_resource(std::string(id));
  return row;
}

/// With the id `<type>:<id>:<slug>`.
inline c1::connector::v2::Entitlement entitlement(std::string_view type, std::string_view id,
                                                  std::string_view slug) {
  c1::connector::v2::Entitlement row;
  *row.mutable_resource() = resource(type, id);
  row.set_id(std::string(type) + ":" + std::string(id) + ":" + std::string(slug));
  return row;
}

/// Membership: of the entitlement `member`.
inline c1::connector::v2::Grant grant(std::string_view type, std::string_view id,
                                      std::string_view principal_type, std::string_view principal_id) {
  c1::connector::v2::Grant row;
  *row.mutable_entitlement() = entitlement(type, id, "member");
  *row.mutable_principal() = resource(principal_type, principal_id);
  row.set_id(row.entitlement().id() + ":" + std::string(principal_type) + ":" + std::string(principal_id));
  return row;
}

}  // namespace baton::test
