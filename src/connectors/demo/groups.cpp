#include <string>
#include <utility>

#include "connectors/demo/members.hpp"
#include "connectors/demo/read_page.hpp"
#include "connectors/demo/syncers.hpp"
#include "connectors/demo/types.hpp"
#include "http/json.hpp"
#include "http/url.hpp"
#include "sdk/entitlements.hpp"
#include "sdk/resource_types.hpp"
#include "sdk/resources.hpp"
#include "sdk/traits.hpp"

namespace baton::connectors::demo {
namespace {

namespace v2 = c1::connector::v2;

absl::Status read_group(http::JsonObject json, v2::Resource& row) {
  const std::string_view id = json.string("id");
  sdk::fill_resource(row, kGroup, id, json.string("name"));
  sdk::set_description(row, json.string_or("description", ""));
  if (!json.status().ok()) return json.status();
  return sdk::GroupTrait(row).apply();
}

class GroupSyncer final : public sdk::ResourceSyncer {
 public:
  explicit GroupSyncer(std::shared_ptr<Api> api) : api_(std::move(api)) {}

  v2::ResourceType resource_type() const override {
    return sdk::make_resource_type("Group", {v2::ResourceType::TRAIT_GROUP});
  }

  // No other listing touches a group's rows, so its members may be asked for as soon as the group is known.
  sdk::SyncHints hints() const override {
    sdk::SyncHints hints;
    hints.independent_phases = true;
    return hints;
  }

  Reply<v2::Resource> list(sdk::ListRequest request) override {
    absl::StatusOr<Api::ListPage> answer = co_await api_->page("v1/groups", request.page.token);
    if (!answer.ok()) co_return answer.status();
    sdk::Page<v2::Resource> page;
    if (absl::Status read = read_page(answer->json, page, read_group); !read.ok()) co_return read;
    answer->next.give_to(page);
    co_return page;
  }

  Reply<v2::Entitlement> entitlements(sdk::ResourceRequest request) override {
    sdk::Page<v2::Entitlement> page;
    v2::Entitlement& member = page.add();
    sdk::fill_assignment(member, sdk::ResourceRef(request.resource_id()), kMember);
    sdk::set_display_name(member, request.resource.display_name() + " member");
    sdk::add_grantable_to(member, sdk::make_resource_type("User", {v2::ResourceType::TRAIT_USER}),
                          sdk::make_resource_type("Group", {v2::ResourceType::TRAIT_GROUP}));
    co_return page;
  }

  Reply<v2::Grant> grants(sdk::ResourceRequest request) override {
    const std::string path =
        "v1/groups/" + http::percent_encode(request.resource_id().resource()) + "/members";
    absl::StatusOr<Api::ListPage> answer = co_await api_->page(path, request.page.token);
    if (!answer.ok()) co_return answer.status();
    sdk::Page<v2::Grant> page;
    const absl::Status read = read_principals(answer->json, request.resource_id(), kMember, page);
    if (!read.ok()) co_return read;
    answer->next.give_to(page);
    co_return page;
  }

 private:
  std::shared_ptr<Api> api_;
};

}  // namespace

std::unique_ptr<sdk::ResourceSyncer> make_group_syncer(std::shared_ptr<Api> api) {
  return std::make_unique<GroupSyncer>(std::move(api));
}

}  // namespace baton::connectors::demo
