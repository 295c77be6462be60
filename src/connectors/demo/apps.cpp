#include <string>
#include <utility>

#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "connectors/demo/read_page.hpp"
#include "connectors/demo/syncers.hpp"
#include "connectors/demo/types.hpp"
#include "http/json.hpp"
#include "sdk/resource_types.hpp"
#include "sdk/resources.hpp"
#include "sdk/traits.hpp"

namespace baton::connectors::demo {
namespace {

namespace v2 = c1::connector::v2;

absl::Status read_app(http::JsonObject json, v2::Resource& row) {
  const std::string_view id = json.string("id");
  sdk::fill_resource(row, kApp, id, json.string("name"));
  if (!json.status().ok()) return json.status();
  return sdk::AppTrait(row).apply();
}

class AppSyncer final : public sdk::ResourceSyncer {
 public:
  explicit AppSyncer(std::shared_ptr<Api> api) : api_(std::move(api)) {}

  v2::ResourceType resource_type() const override {
    // Access goes through an application's roles; the application itself grants nothing.
    return sdk::make_resource_type("App", {v2::ResourceType::TRAIT_APP}, v2::SkipEntitlementsAndGrants());
  }

  Reply<v2::Resource> list(sdk::ListRequest request) override {
    absl::StatusOr<Api::ListPage> answer = co_await api_->page("v1/apps", request.page.token);
    if (!answer.ok()) co_return answer.status();
    sdk::Page<v2::Resource> page;
    if (absl::Status read = read_page(answer->json, page, read_app); !read.ok()) co_return read;
    answer->next.give_to(page);
    co_return page;
  }

 private:
  std::shared_ptr<Api> api_;
};

}  // namespace

std::unique_ptr<sdk::ResourceSyncer> make_app_syncer(std::shared_ptr<Api> api) {
  return std::make_unique<AppSyncer>(std::move(api));
}

}  // namespace baton::connectors::demo
