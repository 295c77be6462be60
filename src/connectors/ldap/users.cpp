#include <utility>

#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "connectors/ldap/list_entries.hpp"
#include "connectors/ldap/rows.hpp"
#include "connectors/ldap/syncers.hpp"
#include "sdk/resource_types.hpp"

namespace baton::connectors::ldap {
namespace {

namespace v2 = c1::connector::v2;

class UserSyncer final : public sdk::ResourceSyncer {
 public:
  explicit UserSyncer(std::shared_ptr<Directory> directory) : directory_(std::move(directory)) {}

  v2::ResourceType resource_type() const override {
    return sdk::make_resource_type("User", {v2::ResourceType::TRAIT_USER}, v2::SkipEntitlementsAndGrants());
  }

  Reply<v2::Resource> list(sdk::ListRequest request) override {
    const DirectoryOptions& options = directory_->options();
    Query query;
    query.base = options.user_base;
    query.filter = options.narrowed(kUserFilter);
    query.attributes.emplace_back("*");
    if (options.operational_attributes) query.attributes.emplace_back("+");
    co_return co_await list_entries(directory_->client(), "users", std::move(query), request.page.token,
                                    &read_user);
  }

 private:
  std::shared_ptr<Directory> directory_;
};

}  // namespace

std::unique_ptr<sdk::ResourceSyncer> make_user_syncer(std::shared_ptr<Directory> directory) {
  return std::make_unique<UserSyncer>(std::move(directory));
}

}  // namespace baton::connectors::ldap
