#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/rows.hpp"
#include "sync/admission.hpp"
#include "sync/type_catalog.hpp"

/// Rows as a connector would return them, and the rules of a run, for tests of the sync room.
namespace baton::sync::rows {

namespace v2 = c1::connector::v2;

using test::entitlement;
using test::grant;
using test::marked_type;
using test::resource;
using test::type;

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
