#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "http/json.hpp"

namespace baton::connectors::scim {

/// An entry of a user's `roles` or `entitlements` (RFC 7643 §4.1.2). The texts live as long as the answer.
class Privilege {
 public:
  Privilege(std::string privilege_id, std::string_view privilege_name, std::string_view privilege_display)
      : id(std::move(privilege_id)), name(privilege_name), display(privilege_display) {}

  std::string id;
  std::string_view name;
  /// The name where the service has nothing for people.
  std::string_view display;
};
static_assert(!std::is_aggregate_v<Privilege>);

/// The entries of the user's attribute: a list or a single one, objects or bare texts; those without a value
/// are left out. `snake_ids`: the id is the snake case of the name, as upstream makes it, instead of the
/// name.
absl::StatusOr<std::vector<Privilege>> read_privileges(http::JsonObject user, std::string_view attribute,
                                                       bool snake_ids);

/// "Sales-Team 2B" is "sales_team_2b": `_` between a lower and an upper letter, between a letter and a digit,
/// and for each blank, hyphen and dot; then lower case. ASCII only, the rest stays.
std::string snake_case(std::string_view name);

}  // namespace baton::connectors::scim
