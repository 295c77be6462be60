/// What a SCIM service answers, read as users, groups, members and privileges, and as an error body; and the
/// page tokens of the connector.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/scim/error_text.hpp"
#include "connectors/scim/groups.hpp"
#include "connectors/scim/groups_token.hpp"
#include "connectors/scim/list_plan.hpp"
#include "connectors/scim/list_token.hpp"
#include "connectors/scim/members.hpp"
#include "connectors/scim/privileges.hpp"
#include "connectors/scim/users.hpp"
#include "fuzz/require.hpp"
#include "http/json.hpp"

namespace {

using namespace baton;
using namespace baton::connectors;

/// One resource, read as everything that it could be. Errors stick to their document, hence one for each.
void read_resource(std::string_view text) {
  static const std::shared_ptr<http::JsonPool> kPool = http::JsonPool::create();
  const auto document = [text] {
    http::Body body;
    fuzz::require(body.append(text), "there is memory");
    return kPool->parse(std::move(body), "GET /");
  };
  absl::StatusOr<http::JsonDocument> user = document();
  if (!user.ok() || !http::json_root_value(*user).is_object()) return;
  c1::connector::v2::Resource row;
  if (scim::read_user(http::json_root(*user), row).ok()) {
    fuzz::require(row.id().resource_type() == "user" && !row.annotations().empty(), "a user has its trait");
  }
  absl::StatusOr<http::JsonDocument> group = document();
  c1::connector::v2::Resource group_row;
  (void)scim::read_group(http::json_root(*group), group_row).ok();
  absl::StatusOr<http::JsonDocument> members = document();
  const scim::GroupIds::Ids known = {"g1"};
  sdk::Page<c1::connector::v2::Grant> page;
  const bool read =
      scim::read_members(http::json_root(*members), sdk::ResourceRef("group", "g"), &known, page).ok();
  absl::StatusOr<http::JsonDocument> again = document();
  fuzz::require(scim::has_untyped_members(http::json_root(*again)).ok() == read,
                "members are read as they are seen");
  absl::StatusOr<http::JsonDocument> roles = document();
  (void)scim::read_privileges(http::json_root(*roles), "roles", true).ok();
}

void read_tokens(std::string_view text) {
  const absl::StatusOr<scim::ListToken> list = scim::ListToken::parse(text);
  fuzz::require(list.ok() || absl::IsInvalidArgument(list.status()), "a bad token is the caller's fault");
  if (list.ok()) {
    const absl::StatusOr<scim::ListToken> same = scim::ListToken::parse(list->text());
    fuzz::require(same.ok() && *same == *list, "a place in a list is read as it was written");
  }
  const absl::StatusOr<scim::GroupsToken> groups = scim::GroupsToken::parse(text);
  if (groups.ok()) {
    const absl::StatusOr<scim::GroupsToken> same = scim::GroupsToken::parse(groups->text());
    fuzz::require(same.ok() && same->ids == groups->ids, "groups are read as they were written");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)scim::error_text(text);
  read_resource(text);
  read_tokens(text);
  return 0;
}
