#include "connectors/scim/groups.hpp"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "connectors/scim/attributes.hpp"
#include "connectors/scim/group_ids.hpp"
#include "connectors/scim/groups_token.hpp"
#include "connectors/scim/list_page.hpp"
#include "connectors/scim/members.hpp"
#include "connectors/scim/syncers.hpp"
#include "connectors/scim/types.hpp"
#include "http/url.hpp"
#include "sdk/entitlements.hpp"
#include "sdk/resource_types.hpp"
#include "sdk/resources.hpp"
#include "sdk/traits.hpp"

namespace baton::connectors::scim {
namespace {

namespace v2 = c1::connector::v2;

/// Room for cursors on groups beside those on stretches of the list; a page names 1,024 in all.
constexpr std::size_t kMostSiblings = 1024;

/// A group's members may be spread over several answers; this is what one says about it.
std::uint64_t count_members(http::JsonObject& group) {
  std::uint64_t count = 0;
  const std::optional<http::JsonValue> members = group.find("members");
  if (!members || !members->is_array()) return 0;
  const absl::Status read = members->for_each([&count](http::JsonValue) { ++count; });
  return read.ok() ? count : 0;
}

std::optional<std::uint64_t> announced_members(http::JsonObject& group) {
  const std::optional<http::JsonValue> total = group.find("totalResults");
  if (!total || !total->is_number()) return std::nullopt;
  const std::int64_t number = total->integer();
  return number < 0 ? std::nullopt : std::optional<std::uint64_t>(number);
}

class GroupSyncer final : public sdk::ResourceSyncer, public sdk::TypeGrantLister {
 public:
  explicit GroupSyncer(std::shared_ptr<Api> api) : api_(std::move(api)), group_ids_(api_) {}

  v2::ResourceType resource_type() const override {
    // A page of the list has the members of all its groups: far fewer requests than one for each group.
    return sdk::make_resource_type("Group", {v2::ResourceType::TRAIT_GROUP}, v2::TypeScopedGrants());
  }

  Reply<v2::Resource> list(sdk::ListRequest request) override {
    absl::StatusOr<ListPage> groups =
        co_await fetch_list_page(*api_, Query("Groups", "excludedAttributes=members"), request.page.token);
    if (!groups.ok()) co_return groups.status();
    sdk::Page<v2::Resource> page;
    const absl::Status read =
        groups->for_each([&page](http::JsonObject group) { return read_group(group, page.add()); });
    if (!read.ok()) co_return read;
    groups->hand_on_tokens(page);
    co_return page;
  }

  Reply<v2::Entitlement> entitlements(sdk::ResourceRequest request) override {
    sdk::Page<v2::Entitlement> page;
    v2::Entitlement& member = page.add();
    const std::string& name = request.resource.display_name();
    sdk::fill_assignment(member, sdk::ResourceRef(request.resource_id()), kMember);
    sdk::set_display_name(member, name + " group member");
    sdk::set_description(member, "Member of " + name + " group");
    sdk::add_grantable_to(member, sdk::make_resource_type("User", {v2::ResourceType::TRAIT_USER}),
                          sdk::make_resource_type("Group", {v2::ResourceType::TRAIT_GROUP}));
    co_return page;
  }

  Reply<v2::Grant> grants_of_type(sdk::TypeRequest request) override {
    if (GroupsToken::is_one(request.page.token)) {
      co_return co_await grants_of_groups(std::move(request.page.token));
    }
    co_return co_await grants_of_list(std::move(request.page.token));
  }

 private:
  /// A page of the list of groups, with the members that it has. Groups that come without any are read one by
  /// one: they may have none, or the service leaves members out of lists.
  Reply<v2::Grant> grants_of_list(std::string token) {
    absl::StatusOr<ListPage> groups =
        co_await fetch_list_page(*api_, Query("Groups", "attributes=id,members"), std::move(token));
    if (!groups.ok()) co_return groups.status();
    std::vector<std::string> without;
    bool untyped = false;
    const absl::Status looked = groups->for_each([&](http::JsonObject group) {
      if (!group.find("members")) without.emplace_back(group.id("id"));
      const absl::StatusOr<bool> more = has_untyped_members(group);
      untyped = untyped || more.value_or(false);
      return more.status();
    });
    if (!looked.ok()) co_return looked;
    absl::StatusOr<const GroupIds::Ids*> known = nullptr;
    if (untyped) known = co_await group_ids_.get();
    if (!known.ok()) co_return known.status();
    sdk::Page<v2::Grant> page;
    const absl::Status read = groups->for_each([&](http::JsonObject group) {
      return read_members(group, sdk::ResourceRef(kGroup, group.id("id")), *known, page);
    });
    if (!read.ok()) co_return read;
    const std::set<std::string> distinct(without.begin(), without.end());
    std::vector<std::string> tokens = group_tokens(std::vector<std::string>(distinct.begin(), distinct.end()),
                                                   kMostSiblings - groups->siblings.size());
    groups->hand_on_tokens(page);
    for (std::string& group : tokens) page.add_sibling(std::move(group));
    co_return page;
  }

  /// One group, with its members; a token that names several is split into one for each.
  Reply<v2::Grant> grants_of_groups(std::string token) {
    absl::StatusOr<GroupsToken> groups = GroupsToken::parse(token);
    if (!groups.ok()) co_return groups.status();
    sdk::Page<v2::Grant> page;
    if (groups->ids.size() > 1) {
      std::vector<std::string> rest;
      while (groups->ids.size() > kMostSiblings) {
        rest.push_back(std::move(groups->ids.back()));
        groups->ids.pop_back();
      }
      for (std::string& id : groups->ids) {
        page.add_sibling(GroupsToken(std::vector<std::string>(1, std::move(id))).text());
      }
      if (!rest.empty()) page.set_next_token(GroupsToken(std::move(rest)).text());
      co_return page;
    }
    const std::string id = groups->ids.front();
    std::string path = "Groups/" + http::percent_encode(id);
    if (groups->start > 1) path += "?startIndex=" + std::to_string(groups->start);
    absl::StatusOr<http::JsonDocument> json =
        co_await api_->get(Query(std::move(path), "attributes=id,members"));
    if (!json.ok()) co_return json.status();
    const absl::StatusOr<bool> untyped = has_untyped_members(http::json_root(*json));
    if (!untyped.ok()) co_return untyped.status();
    absl::StatusOr<const GroupIds::Ids*> known = nullptr;
    if (*untyped) known = co_await group_ids_.get();
    if (!known.ok()) co_return known.status();
    http::JsonObject group = http::json_root(*json);
    const absl::Status read = read_members(group, sdk::ResourceRef(kGroup, id), *known, page);
    if (!read.ok()) co_return read;
    // Not in the standard, but some services page the members of a group like a list.
    const std::uint64_t count = count_members(group);
    const std::uint64_t next = groups->start + count;
    const std::optional<std::uint64_t> total = announced_members(group);
    if (total && count > 0 && next <= *total) {
      page.set_next_token(GroupsToken(std::move(groups->ids), next).text());
    }
    if (!group.status().ok()) co_return group.status();
    co_return page;
  }

  std::shared_ptr<Api> api_;
  GroupIds group_ids_;
};

}  // namespace

absl::Status read_group(http::JsonObject json, v2::Resource& row) {
  const std::string_view id = json.id("id");
  const std::string_view name = text_of(json, "displayName");
  if (!json.status().ok()) return json.status();
  sdk::fill_resource(row, kGroup, id, name.empty() ? id : name);
  sdk::GroupTrait group(row);
  group.profile()
      .text("group_id", id)
      .text_if_any("group_name", name)
      .text_if_any("external_id", text_of(json, "externalId"));
  if (std::optional<http::JsonObject> meta = part_of(json, "meta")) {
    if (const auto created = moment_of(text_of(*meta, "created"))) sdk::set_created_at(row, *created);
    group.profile().text_if_any("last_modified", text_of(*meta, "lastModified"));
  }
  return group.apply();
}

std::unique_ptr<sdk::ResourceSyncer> make_group_syncer(std::shared_ptr<Api> api) {
  return std::make_unique<GroupSyncer>(std::move(api));
}

}  // namespace baton::connectors::scim
