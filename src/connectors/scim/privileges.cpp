#include "connectors/scim/privileges.hpp"

#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "connectors/scim/attributes.hpp"
#include "connectors/scim/list_page.hpp"
#include "connectors/scim/syncers.hpp"
#include "connectors/scim/types.hpp"
#include "sdk/entitlements.hpp"
#include "sdk/grants.hpp"
#include "sdk/resource_types.hpp"
#include "sdk/resources.hpp"
#include "sdk/traits.hpp"

namespace baton::connectors::scim {
namespace {

namespace v2 = c1::connector::v2;

/// How one of the two attributes becomes a resource type.
class Kind {
 public:
  constexpr Kind(std::string_view type, std::string_view type_display, std::string_view user_attribute,
                 std::string_view selection, bool snake)
      : type_id(type),
        type_name(type_display),
        attribute(user_attribute),
        projection(selection),
        snake_ids(snake) {}

  std::string_view type_id;
  std::string_view type_name;
  std::string_view attribute;
  std::string_view projection;
  bool snake_ids;
};

constexpr Kind kRoles(kRole, "Role", "roles", "attributes=id,roles", true);
constexpr Kind kEntitlements(kEntitlement, "Entitlement", "entitlements", "attributes=id,entitlements",
                             false);

std::optional<Privilege> read_privilege(const http::JsonValue& value, bool snake_ids) {
  std::string_view name = text_of(value);
  std::string_view display;
  if (value.is_object()) {
    http::JsonObject entry = value.object();
    name = text_of(entry, "value");
    display = text_of(entry, "display");
    if (name.empty()) name = display;
  }
  if (name.empty()) return std::nullopt;
  return Privilege(snake_ids ? snake_case(name) : std::string(name), name, display.empty() ? name : display);
}

absl::Status fill_privilege(const Kind& kind, const Privilege& privilege, v2::Resource& row) {
  sdk::fill_resource(row, kind.type_id, privilege.id, privilege.display);
  sdk::RoleTrait role(row);
  const std::string prefix(kind.type_id);
  role.profile().text(prefix + "_id", privilege.id).text(prefix + "_name", privilege.name);
  return role.apply();
}

/// SCIM has no list of roles or entitlements: they are what users have.
class PrivilegeSyncer final : public sdk::ResourceSyncer, public sdk::TypeGrantLister {
 public:
  PrivilegeSyncer(std::shared_ptr<Api> api, const Kind& kind) : api_(std::move(api)), kind_(kind) {}

  v2::ResourceType resource_type() const override {
    return sdk::make_resource_type(kind_.type_name, {v2::ResourceType::TRAIT_ROLE}, v2::TypeScopedGrants());
  }

  // Several pages may bring the same role: which one counts is decided by the order of pages.
  Reply<v2::Resource> list(sdk::ListRequest request) override {
    absl::StatusOr<ListPage> users = co_await page_of_users(std::move(request.page.token));
    if (!users.ok()) co_return users.status();
    sdk::Page<v2::Resource> page;
    std::set<std::string> seen;
    const absl::Status read = users->for_each([&](http::JsonObject user) {
      const auto privileges = read_privileges(user, kind_.attribute, kind_.snake_ids);
      if (!privileges.ok()) return privileges.status();
      for (const Privilege& privilege : *privileges) {
        if (!seen.insert(privilege.id).second) continue;
        const absl::Status filled = fill_privilege(kind_, privilege, page.add());
        if (!filled.ok()) return filled;
      }
      return absl::OkStatus();
    });
    if (!read.ok()) co_return read;
    users->hand_on_tokens(page);
    co_return page;
  }

  Reply<v2::Entitlement> entitlements(sdk::ResourceRequest request) override {
    sdk::Page<v2::Entitlement> page;
    v2::Entitlement& member = page.add();
    const std::string& name = request.resource.display_name();
    const std::string word(kind_.type_id);
    sdk::fill_assignment(member, sdk::ResourceRef(request.resource_id()), kMember);
    sdk::set_display_name(member, name + " " + word + " member");
    sdk::set_description(member, "Member of " + name + " " + word);
    sdk::add_grantable_to(member, sdk::make_resource_type("User", {v2::ResourceType::TRAIT_USER}));
    co_return page;
  }

  Reply<v2::Grant> grants_of_type(sdk::TypeRequest request) override {
    absl::StatusOr<ListPage> users = co_await page_of_users(std::move(request.page.token));
    if (!users.ok()) co_return users.status();
    sdk::Page<v2::Grant> page;
    const absl::Status read = users->for_each([&](http::JsonObject user) {
      const std::string_view id = user.id("id");
      const auto privileges = read_privileges(user, kind_.attribute, kind_.snake_ids);
      if (!privileges.ok()) return privileges.status();
      std::set<std::string_view> seen;
      for (const Privilege& privilege : *privileges) {
        if (!seen.insert(privilege.id).second) continue;
        sdk::fill_grant(page.add(), sdk::ResourceRef(kind_.type_id, privilege.id), kMember,
                        sdk::ResourceRef(kUser, id));
      }
      return absl::OkStatus();
    });
    if (!read.ok()) co_return read;
    users->hand_on_tokens(page);
    co_return page;
  }

 private:
  Task<absl::StatusOr<ListPage>> page_of_users(std::string token) {
    co_return co_await fetch_list_page(*api_, Query("Users", std::string(kind_.projection)),
                                       std::move(token));
  }

  std::shared_ptr<Api> api_;
  const Kind& kind_;
};

}  // namespace

absl::StatusOr<std::vector<Privilege>> read_privileges(http::JsonObject user, std::string_view attribute,
                                                       bool snake_ids) {
  std::vector<Privilege> privileges;
  const std::optional<http::JsonValue> value = user.find(attribute);
  if (!value) return privileges;
  const auto add = [&](const http::JsonValue& entry) {
    if (std::optional<Privilege> privilege = read_privilege(entry, snake_ids)) {
      privileges.push_back(*std::move(privilege));
    }
  };
  if (!value->is_array()) {
    add(*value);
  } else if (absl::Status read = value->for_each([&add](http::JsonValue entry) { add(entry); }); !read.ok()) {
    return read;
  }
  return privileges;
}

std::string snake_case(std::string_view name) {
  std::string result;
  char before = '\0';
  for (const char letter : name) {
    const auto byte = static_cast<unsigned char>(letter);
    const auto last = static_cast<unsigned char>(before);
    if ((absl::ascii_islower(last) && absl::ascii_isupper(byte)) ||
        (absl::ascii_isalpha(last) && absl::ascii_isdigit(byte))) {
      result += '_';
    }
    const bool separates = letter == ' ' || letter == '-' || letter == '.';
    result += separates ? '_' : absl::ascii_tolower(byte);
    before = letter;
  }
  return result;
}

std::unique_ptr<sdk::ResourceSyncer> make_role_syncer(std::shared_ptr<Api> api) {
  return std::make_unique<PrivilegeSyncer>(std::move(api), kRoles);
}

std::unique_ptr<sdk::ResourceSyncer> make_entitlement_syncer(std::shared_ptr<Api> api) {
  return std::make_unique<PrivilegeSyncer>(std::move(api), kEntitlements);
}

}  // namespace baton::connectors::scim
