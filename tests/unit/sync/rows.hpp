#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "sync/admission.hpp"
#include "sync/type_catalog.hpp"

/// Rows as a connector would return them, for tests of the sync room.
namespace baton::sync::rows {

namespace v2 = c1::connector::v2;

inline v2::ResourceType type(std::string_view id) {
  v2::ResourceType row;
  row.set_id(std::string(id));
  return row;
}

template <class... Marker>
v2::ResourceType marked_type(std::string_view id) {
  v2::ResourceType row = type(id);
  (row.add_annotations()->PackFrom(Marker()), ...);
  return row;
}

inline v2::Resource resource(std::string_view type, std::string_view id) {
  v2::Resource row;
  row.mutable_id()->set_resource_type(std::string(type));
  row.mutable_id()->set_resource(std::string(id));
  return row;
}

inline v2::Entitlement entitlement(std::string_view type, std::string_view id, std::string_view slug) {
  v2::Entitlement row;
  *row.mutable_resource() = resource(type, id);
  row.set_id(std::string(type) + ":" + std::string(id) + ":" + std::string(slug));
  return row;
}

inline v2::Grant grant(std::string_view type, std::string_view id, std::string_view principal_type,
                       std::string_view principal_id) {
  v2::Grant row;
  *row.mutable_entitlement() = entitlement(type, id, "member");
  *row.mutable_principal() = resource(principal_type, principal_id);
  row.set_id(row.entitlement().id() + ":" + std::string(principal_type) + ":" + std::string(principal_id));
  return row;
}

/// The catalog of these types; `independent` names the one whose phases are independent, if any.
inline std::shared_ptr<const TypeCatalog> catalog(std::vector<v2::ResourceType> types,
                                                  std::string independent = {}) {
  return std::make_shared<const TypeCatalog>(std::move(types), [independent](std::string_view id) {
    return !independent.empty() && id == independent;
  });
}

/// Rules of a run that has the types user, group and role, without markers.
inline AdmissionRules plain_rules() {
  return AdmissionRules(SyncOptions(), catalog({type("user"), type("group"), type("role")}));
}

}  // namespace baton::sync::rows
