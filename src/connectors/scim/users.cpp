#include "connectors/scim/users.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "connectors/scim/attributes.hpp"
#include "connectors/scim/list_page.hpp"
#include "connectors/scim/syncers.hpp"
#include "connectors/scim/types.hpp"
#include "sdk/resource_types.hpp"
#include "sdk/resources.hpp"
#include "sdk/traits.hpp"

namespace baton::connectors::scim {
namespace {

namespace v2 = c1::connector::v2;

constexpr std::string_view kEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The parts of `name`; all may be empty.
class PersonName {
 public:
  PersonName() = default;

  std::string_view given;
  std::string_view family;
  std::string_view middle;
  std::string_view prefix;
  std::string_view suffix;
  std::string_view formatted;
};

PersonName read_name(http::JsonObject& json) {
  PersonName result;
  std::optional<http::JsonObject> name = part_of(json, "name");
  if (!name) return result;
  result.formatted = text_of(*name, "formatted");
  result.family = text_of(*name, "familyName");
  result.given = text_of(*name, "givenName");
  result.middle = text_of(*name, "middleName");
  result.prefix = text_of(*name, "honorificPrefix");
  result.suffix = text_of(*name, "honorificSuffix");
  return result;
}

/// What the user is called: first and last name, or the first of the others that there is.
std::string display_name(http::JsonObject& json, const PersonName& name, std::string_view user_name,
                         std::string_view id) {
  std::string full(name.given);
  if (!full.empty() && !name.family.empty()) full += ' ';
  full += name.family;
  for (const std::string_view other : {text_of(json, "displayName"), name.formatted, user_name, id}) {
    if (full.empty()) full = other;
  }
  return full;
}

/// The addresses, the primary one first; without one, the first counts as it.
absl::StatusOr<std::vector<std::string_view>> read_emails(http::JsonObject& json) {
  std::vector<std::string_view> addresses;
  bool has_primary = false;
  const std::optional<http::JsonValue> emails = json.find("emails");
  if (!emails || !emails->is_array()) return addresses;
  const absl::Status read = emails->for_each([&](http::JsonValue value) {
    // Some services list bare texts.
    bool primary = false;
    std::string_view address = text_of(value);
    if (value.is_object()) {
      http::JsonObject email = value.object();
      address = text_of(email, "value");
      primary = flag_of(email, "primary").value_or(false);
    }
    if (address.empty()) return;
    if (primary && !has_primary) {
      has_primary = true;
      addresses.insert(addresses.begin(), address);
    } else {
      addresses.push_back(address);
    }
  });
  if (!read.ok()) return read;
  return addresses;
}

/// `active`; a user without it is taken for an active one, one with a value that is none is an error.
bool read_active(http::JsonObject& json) {
  const std::optional<bool> active = flag_of(json, "active");
  if (!active && json.find("active")) json.fail("active: is no boolean");
  return active.value_or(true);
}

void fill_enterprise(http::JsonObject& json, sdk::UserTrait& user) {
  std::optional<http::JsonObject> extension = part_of(json, kEnterprise);
  if (!extension) return;
  const std::string_view number = text_of(*extension, "employeeNumber");
  if (!number.empty()) user.employee_id(number);
  user.profile()
      .text_if_any("employee_number", number)
      .text_if_any("cost_center", text_of(*extension, "costCenter"))
      .text_if_any("organization", text_of(*extension, "organization"))
      .text_if_any("division", text_of(*extension, "division"))
      .text_if_any("department", text_of(*extension, "department"));
  // RFC 7643 has a complex attribute here; some services write the manager's id alone.
  if (std::optional<http::JsonObject> manager = part_of(*extension, "manager")) {
    user.profile()
        .text_if_any("manager_id", text_of(*manager, "value"))
        .text_if_any("manager_name", text_of(*manager, "displayName"));
  } else {
    user.profile().text_if_any("manager_id", text_of(*extension, "manager"));
  }
}

void fill_times(http::JsonObject& json, sdk::UserTrait& user) {
  std::optional<http::JsonObject> meta = part_of(json, "meta");
  if (!meta) return;
  if (const auto created = moment_of(text_of(*meta, "created"))) user.created_at(*created);
  user.profile().text_if_any("last_modified", text_of(*meta, "lastModified"));
}

class UserSyncer final : public sdk::ResourceSyncer {
 public:
  explicit UserSyncer(std::shared_ptr<Api> api) : api_(std::move(api)) {}

  v2::ResourceType resource_type() const override {
    return sdk::make_resource_type("User", {v2::ResourceType::TRAIT_USER}, v2::SkipEntitlementsAndGrants());
  }

  Reply<v2::Resource> list(sdk::ListRequest request) override {
    absl::StatusOr<ListPage> users = co_await fetch_list_page(*api_, Query("Users", ""), request.page.token);
    if (!users.ok()) co_return users.status();
    sdk::Page<v2::Resource> page;
    const absl::Status read =
        users->for_each([&page](http::JsonObject user) { return read_user(user, page.add()); });
    if (!read.ok()) co_return read;
    users->hand_on_tokens(page);
    co_return page;
  }

 private:
  std::shared_ptr<Api> api_;
};

}  // namespace

absl::Status read_user(http::JsonObject json, v2::Resource& row) {
  const std::string_view id = json.id("id");
  const std::string_view user_name = text_of(json, "userName");
  const PersonName name = read_name(json);
  const bool active = read_active(json);
  const absl::StatusOr<std::vector<std::string_view>> emails = read_emails(json);
  if (!emails.ok()) return emails.status();
  if (!json.status().ok()) return json.status();

  sdk::fill_resource(row, kUser, id, display_name(json, name, user_name, id));
  sdk::UserTrait user(row);
  user.status(active ? v2::UserTrait::Status::STATUS_ENABLED : v2::UserTrait::Status::STATUS_DISABLED)
      .login(user_name);
  bool primary = true;
  for (const std::string_view address : *emails) {
    user.email(address, primary);
    primary = false;
  }
  if (!name.given.empty() || !name.family.empty()) {
    user.name(name.given, name.family);
    if (!name.middle.empty()) user.structured_name().add_middle_names(std::string(name.middle));
    if (!name.prefix.empty()) user.structured_name().set_prefix(std::string(name.prefix));
    if (!name.suffix.empty()) user.structured_name().set_suffix(std::string(name.suffix));
  }
  user.profile()
      .text("user_id", id)
      .text_if_any("username", user_name)
      .text_if_any("login", emails->empty() ? std::string_view() : emails->front())
      .text_if_any("first_name", name.given)
      .text_if_any("last_name", name.family)
      .text_if_any("display_name", text_of(json, "displayName"))
      .text_if_any("nick_name", text_of(json, "nickName"))
      .text_if_any("title", text_of(json, "title"))
      .text_if_any("user_type", text_of(json, "userType"))
      .text_if_any("preferred_language", text_of(json, "preferredLanguage"))
      .text_if_any("locale", text_of(json, "locale"))
      .text_if_any("timezone", text_of(json, "timezone"))
      .text_if_any("profile_url", text_of(json, "profileUrl"))
      .text_if_any("external_id", text_of(json, "externalId"));
  fill_enterprise(json, user);
  fill_times(json, user);
  return user.apply();
}

std::unique_ptr<sdk::ResourceSyncer> make_user_syncer(std::shared_ptr<Api> api) {
  return std::make_unique<UserSyncer>(std::move(api));
}

}  // namespace baton::connectors::scim
