#include "connectors/ldap/rows.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"
#include "base/utf8.hpp"
#include "connectors/ldap/directory_time.hpp"
#include "connectors/ldap/dn.hpp"
#include "connectors/ldap/lower_case.hpp"
#include "connectors/ldap/types.hpp"
#include "sdk/resources.hpp"
#include "sdk/traits.hpp"

namespace baton::connectors::ldap {
namespace {

namespace v2 = c1::connector::v2;

constexpr std::int64_t kAccountDisabled = 2;  // a bit of userAccountControl

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 32 && c <= 126; });
}

bool names_a_password(std::string_view attribute) {
  return lower_case(attribute).find("password") != std::string::npos;
}

/// The first word and the rest.
class Name {
 public:
  explicit Name(const Entry& entry) : first(entry.first("givenName")), last(entry.first("sn")) {
    if (!first.empty() && !last.empty()) return;
    const std::string_view whole = entry.first("cn");
    const std::size_t blank = whole.find(' ');
    first = whole.substr(0, blank);
    last = blank == std::string_view::npos ? std::string_view() : whole.substr(blank + 1);
  }
  std::string_view first;
  std::string_view last;
};

/// What a person may type to log in, the best first, each once.
std::vector<std::string_view> logins(const Entry& entry) {
  constexpr std::array<std::string_view, 5> kSources = {"sAMAccountName", "uid", "cn", "userPrincipalName",
                                                        "objectGUID"};
  std::vector<std::string_view> found;
  for (const std::string_view source : kSources) {
    const std::string_view value = entry.first(source);
    if (value.empty() || !is_printable(value)) continue;
    if (std::find(found.begin(), found.end(), value) == found.end()) found.push_back(value);
  }
  return found;
}

absl::StatusOr<bool> is_enabled(const Entry& entry) {
  const std::string_view control = entry.first("userAccountControl");
  if (control.empty()) return !equal_ignoring_case(entry.first("nsAccountLock"), "true");
  std::int64_t bits = 0;
  const auto [end, error] = std::from_chars(control.data(), control.data() + control.size(), bits);
  if (error != std::errc() || end != control.data() + control.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(scrub(entry.dn, 300), ": userAccountControl is no number: ", scrub(control, 40)));
  }
  return (bits & kAccountDisabled) == 0;
}

v2::UserTrait::AccountType account_type(const Entry& entry) {
  if (entry.is_a("computer") || entry.is_a("msDS-ManagedServiceAccount")) {
    return v2::UserTrait::ACCOUNT_TYPE_SERVICE;
  }
  // The trait makes "unspecified" a human, as upstream's does.
  return entry.is_a("person") ? v2::UserTrait::ACCOUNT_TYPE_HUMAN : v2::UserTrait::ACCOUNT_TYPE_UNSPECIFIED;
}

std::optional<sdk::TimePoint> last_login(const Entry& entry) {
  const std::string_view logon = entry.first("lastLogonTimestamp");
  if (const auto moment = parse_generalized_time(logon)) return moment;
  if (const auto moment = parse_file_time(logon)) return moment;
  return parse_generalized_time(entry.first("authTimestamp"));
}

void fill_profile(const Entry& entry, std::string_view id, std::string_view login, v2::Resource& row) {
  sdk::Profile profile = sdk::resource_profile(row);
  const Name name(entry);
  profile.text("user_id", entry.first("uid")).text("first_name", name.first).text("last_name", name.last);
  profile.text("path", id);
  for (const Attribute& attribute : entry.attributes) {
    if (attribute.values.size() != 1 || !is_printable(attribute.values.front())) continue;
    if (!names_a_password(attribute.name)) profile.text(attribute.name, attribute.values.front());
  }
  profile.text_if_any("login", login);
}

}  // namespace

absl::StatusOr<std::string> entry_id(const Entry& entry) {
  const absl::StatusOr<Dn> dn = Dn::parse(entry.dn);
  if (!dn.ok() || dn->empty()) {
    return absl::InternalError(
        absl::StrCat("the server lists an entry whose name is no DN: ", scrub(entry.dn, 300)));
  }
  return dn->canonical();
}

absl::Status read_user(const Entry& entry, v2::Resource& row) {
  const absl::StatusOr<std::string> id = entry_id(entry);
  if (!id.ok()) return id.status();
  const absl::StatusOr<bool> enabled = is_enabled(entry);
  if (!enabled.ok()) return enabled.status();

  std::string_view display = entry.first("displayName");
  if (display.empty()) display = entry.first("cn");
  if (display.empty()) display = entry.first("uid");
  sdk::fill_resource(row, kUser, *id, sanitize_utf8(display));
  const std::vector<std::string_view> names = logins(entry);
  fill_profile(entry, *id, names.empty() ? std::string_view() : names.front(), row);
  sdk::set_status(row, *enabled ? v2::Status::RESOURCE_STATUS_ENABLED : v2::Status::RESOURCE_STATUS_DISABLED);
  const auto created = parse_generalized_time(entry.first("createTimestamp"));
  if (created) sdk::set_created_at(row, *created);

  sdk::UserTrait user(row);
  user.status(*enabled ? v2::UserTrait::Status::STATUS_ENABLED : v2::UserTrait::Status::STATUS_DISABLED);
  user.email(sanitize_utf8(entry.first("mail")), true).account_type(account_type(entry));
  if (!names.empty()) {
    user.login(names.front());
    for (std::size_t i = 1; i < names.size(); ++i) user.message().add_login_aliases(std::string(names[i]));
  }
  if (const auto moment = last_login(entry)) user.last_login(*moment);
  return user.apply();
}

absl::Status read_group(const Entry& entry, v2::Resource& row) {
  const absl::StatusOr<std::string> id = entry_id(entry);
  if (!id.ok()) return id.status();
  const std::string description = sanitize_utf8(entry.first("description"));
  sdk::fill_resource(row, kGroup, *id, sanitize_utf8(entry.first("cn")));
  sdk::set_external_id(row, sanitize_utf8(entry.dn));
  if (!description.empty()) {
    sdk::set_description(row, truncate_utf8(description, 2048));
  }
  sdk::resource_profile(row)
      .text("path", *id)
      .text_if_any("group_description", description)
      .text_if_any("gid", entry.first("gidNumber"));
  return sdk::GroupTrait(row).apply();
}

absl::Status read_role(const Entry& entry, v2::Resource& row) {
  const absl::StatusOr<std::string> id = entry_id(entry);
  if (!id.ok()) return id.status();
  sdk::fill_resource(row, kRole, *id, sanitize_utf8(entry.first("cn")));
  sdk::resource_profile(row).text("role_description", entry.first("description")).text("path", *id);
  return sdk::RoleTrait(row).apply();
}

}  // namespace baton::connectors::ldap
