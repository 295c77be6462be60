#include <utility>

#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "connectors/ldap/grant_pages.hpp"
#include "connectors/ldap/list_entries.hpp"
#include "connectors/ldap/membership.hpp"
#include "connectors/ldap/membership_entitlement.hpp"
#include "connectors/ldap/rows.hpp"
#include "connectors/ldap/syncers.hpp"
#include "sdk/resource_types.hpp"

namespace baton::connectors::ldap {
namespace {

namespace v2 = c1::connector::v2;

class RoleSyncer final : public sdk::ResourceSyncer, public sdk::TypeGrantLister {
 public:
  explicit RoleSyncer(std::shared_ptr<Directory> directory)
      : directory_(std::move(directory)), pages_(directory_->client(), kRole) {}

  v2::ResourceType resource_type() const override {
    return sdk::make_resource_type("Role", {v2::ResourceType::TRAIT_ROLE}, v2::TypeScopedGrants());
  }

  Reply<v2::Resource> list(sdk::ListRequest request) override {
    co_return co_await list_entries(directory_->client(), "roles", listed(), request.page.token, &read_role);
  }

  Reply<v2::Entitlement> entitlements(sdk::ResourceRequest request) override {
    co_return membership_entitlement(request.resource, "Role");
  }

  sdk::ResourceSyncer::Reply<v2::Grant> grants_of_type(sdk::TypeRequest request) override {
    co_return co_await pages_.page("grants of roles", with_occupants(), request.page.token, &occupants_of);
  }

 private:
  // Written apart: g++ 12 fails on a braced list inside a coroutine.
  Query listed() const { return query({"cn", "description"}); }
  Query with_occupants() const { return query({"roleOccupant"}); }

  Query query(std::vector<std::string> attributes) const {
    Query query;
    query.base = directory_->options().role_base;
    query.filter = directory_->options().narrowed(kRoleFilter);
    query.attributes = std::move(attributes);
    return query;
  }

  std::shared_ptr<Directory> directory_;
  GrantPages pages_;
};

}  // namespace

std::unique_ptr<sdk::ResourceSyncer> make_role_syncer(std::shared_ptr<Directory> directory) {
  return std::make_unique<RoleSyncer>(std::move(directory));
}

}  // namespace baton::connectors::ldap
