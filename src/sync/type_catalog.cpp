#include "sync/type_catalog.hpp"

#include <utility>

#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "c1/connector/v2/annotation_trait.pb.h"
#include "c1/connector/v2/annotation_type_scoped_entitlements.pb.h"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "sync/annotation.hpp"

namespace baton::sync {
namespace v2 = c1::connector::v2;

std::string trait_message_name(int trait) {
  switch (trait) {
    case v2::ResourceType::TRAIT_USER:
      return v2::UserTrait::descriptor()->full_name();
    case v2::ResourceType::TRAIT_GROUP:
      return v2::GroupTrait::descriptor()->full_name();
    case v2::ResourceType::TRAIT_ROLE:
      return v2::RoleTrait::descriptor()->full_name();
    case v2::ResourceType::TRAIT_APP:
      return v2::AppTrait::descriptor()->full_name();
    case v2::ResourceType::TRAIT_SECRET:
      return v2::SecretTrait::descriptor()->full_name();
    default:
      return {};
  }
}

TypeCatalog::TypeCatalog(std::vector<v2::ResourceType> types,
                         const std::function<bool(std::string_view)>& independent) {
  for (v2::ResourceType& type : types) {
    TypeEntry entry;
    const Annotations& annotations = type.annotations();
    const bool skip_both = has_annotation<v2::SkipEntitlementsAndGrants>(annotations);
    entry.skip_entitlements = skip_both || has_annotation<v2::SkipEntitlements>(annotations);
    entry.skip_grants = skip_both || has_annotation<v2::SkipGrants>(annotations);
    entry.type_scoped_entitlements = has_annotation<v2::TypeScopedEntitlements>(annotations);
    entry.type_scoped_grants = has_annotation<v2::TypeScopedGrants>(annotations);
    entry.independent = independent(type.id());
    for (int trait : type.traits()) {
      if (std::string name = trait_message_name(trait); !name.empty())
        entry.required_traits.push_back(std::move(name));
    }
    std::string id = type.id();
    entry.type = std::move(type);
    entries_.insert_or_assign(std::move(id), std::move(entry));
  }
}

const TypeEntry* TypeCatalog::find(std::string_view id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace baton::sync
