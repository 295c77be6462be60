#include "connectors/demo/users.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "connectors/demo/read_page.hpp"
#include "connectors/demo/syncers.hpp"
#include "connectors/demo/types.hpp"
#include "http/json.hpp"
#include "sdk/resource_types.hpp"
#include "sdk/resources.hpp"
#include "sdk/timestamps.hpp"
#include "sdk/traits.hpp"

namespace baton::connectors::demo {
namespace {

namespace v2 = c1::connector::v2;

using Moment = std::chrono::system_clock::time_point;

/// Reads a member's text as a moment; what is none is an error at this user's place in the answer.
Moment read_moment(http::JsonObject& json, std::string_view key, std::string_view text) {
  const auto moment = sdk::parse_rfc3339(text);
  if (!moment.ok()) json.fail(std::string(key) + ": " + std::string(moment.status().message()));
  return moment.value_or(Moment());
}

/// Fills one user's row from its JSON.
absl::Status read_user(http::JsonObject json, v2::Resource& row) {
  const std::string_view id = json.string("id");
  const std::string_view login = json.string("login");
  const std::string_view email = json.string_or("email", "");
  const std::string_view first_name = json.string_or("first_name", "");
  const std::string_view last_name = json.string_or("last_name", "");
  const std::string_view department = json.string_or("department", "");
  const std::string_view title = json.string_or("title", "");
  const bool active = json.string("status") == "active";
  const bool service = json.string("type") == "service";
  const Moment created_at = read_moment(json, "created_at", json.string("created_at"));
  const std::string_view last_login_text = json.string_or("last_login", "");
  std::optional<Moment> last_login;
  if (!last_login_text.empty()) last_login = read_moment(json, "last_login", last_login_text);
  if (!json.status().ok()) return json.status();

  std::string name(first_name);
  if (!name.empty() && !last_name.empty()) name += ' ';
  name += last_name;
  sdk::fill_resource(row, kUser, id, name.empty() ? login : std::string_view(name));
  sdk::UserTrait user(row);
  user.status(active ? v2::UserTrait::Status::STATUS_ENABLED : v2::UserTrait::Status::STATUS_DISABLED)
      .email(email, true)
      .login(login)
      .account_type(service ? v2::UserTrait::ACCOUNT_TYPE_SERVICE : v2::UserTrait::ACCOUNT_TYPE_HUMAN)
      .created_at(created_at);
  if (last_login) user.last_login(*last_login);
  user.profile()
      .text_if_any("first_name", first_name)
      .text_if_any("last_name", last_name)
      .text_if_any("department", department)
      .text_if_any("title", title);
  return user.apply();
}

class UserSyncer final : public sdk::ResourceSyncer {
 public:
  explicit UserSyncer(std::shared_ptr<Api> api) : api_(std::move(api)) {}

  v2::ResourceType resource_type() const override {
    // Nobody holds anything *on* a user here, so the engine need not ask.
    return sdk::make_resource_type("User", {v2::ResourceType::TRAIT_USER}, v2::SkipEntitlementsAndGrants());
  }

  Reply<v2::Resource> list(sdk::ListRequest request) override {
    absl::StatusOr<Api::ListPage> answer = co_await api_->page("v1/users", request.page.token);
    if (!answer.ok()) co_return answer.status();
    sdk::Page<v2::Resource> page;
    const absl::Status read = read_users(answer->json, page);
    if (!read.ok()) co_return read;
    answer->next.give_to(page);
    co_return page;
  }

 private:
  std::shared_ptr<Api> api_;
};

}  // namespace

absl::Status read_users(http::JsonDocument& json, sdk::Page<v2::Resource>& page) {
  return read_page(json, page, read_user);
}

std::unique_ptr<sdk::ResourceSyncer> make_user_syncer(std::shared_ptr<Api> api) {
  return std::make_unique<UserSyncer>(std::move(api));
}

}  // namespace baton::connectors::demo
