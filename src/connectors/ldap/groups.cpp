#include <utility>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "connectors/ldap/grant_pages.hpp"
#include "connectors/ldap/list_entries.hpp"
#include "connectors/ldap/listing.hpp"
#include "connectors/ldap/membership.hpp"
#include "connectors/ldap/membership_entitlement.hpp"
#include "connectors/ldap/rows.hpp"
#include "connectors/ldap/syncers.hpp"
#include "sdk/bag.hpp"
#include "sdk/grants.hpp"
#include "sdk/resource_types.hpp"

namespace baton::connectors::ldap {
namespace {

namespace v2 = c1::connector::v2;

/// Members that one page of a dynamic group's search brings.
constexpr std::uint32_t kDynamicPage = 500;

/// Groups, and their members in two kinds of cursor: one walks over all groups and reads what their entries
/// say; each of its pages that meets dynamic groups hands their `memberURL`s to a further cursor, which walks
/// one search after the other. The token of the second kind is a bag, whose states are a URL (as the type), a
/// group (as the id) and a position.
class GroupSyncer final : public sdk::ResourceSyncer, public sdk::TypeGrantLister {
 public:
  explicit GroupSyncer(std::shared_ptr<Directory> directory)
      : directory_(std::move(directory)), pages_(directory_->client(), kGroup) {}

  v2::ResourceType resource_type() const override {
    return sdk::make_resource_type("Group", {v2::ResourceType::TRAIT_GROUP}, v2::TypeScopedGrants());
  }

  Reply<v2::Resource> list(sdk::ListRequest request) override {
    co_return co_await list_entries(directory_->client(), "groups", listed(), request.page.token,
                                    &read_group);
  }

  Reply<v2::Entitlement> entitlements(sdk::ResourceRequest request) override {
    co_return membership_entitlement(request.resource, "Group");
  }

  sdk::ResourceSyncer::Reply<v2::Grant> grants_of_type(sdk::TypeRequest request) override {
    if (request.page.token.starts_with('{')) {
      co_return co_await dynamic_grants(std::move(request.page.token));
    }
    co_return co_await stored_grants(std::move(request));
  }

 private:
  // Written apart: g++ 12 fails on a braced list inside a coroutine.
  Query listed() const { return query({"cn", "description", "gidNumber"}); }
  Query with_members() const {
    return query({"objectClass", "uniqueMember", "member", "memberUid", "gidNumber", "memberURL"});
  }

  Query query(std::vector<std::string> attributes) const {
    Query query;
    query.base = directory_->options().group_base;
    query.filter = directory_->options().narrowed(kGroupFilter);
    query.attributes = std::move(attributes);
    return query;
  }

  sdk::ResourceSyncer::Reply<v2::Grant> stored_grants(sdk::TypeRequest request) {
    const auto index = co_await directory_->index(request.sync_id);
    if (!index.ok()) co_return index.status();
    Unresolved unresolved;
    sdk::Bag dynamic;
    const auto resolve = [&index, &unresolved, &dynamic](const Entry& group) {
      return members_or_urls(group, **index, unresolved, dynamic);
    };
    auto page =
        co_await pages_.page("grants of groups", with_members(), std::move(request.page.token), resolve);
    if (!page.ok()) co_return page.status();
    if (dynamic.current() != nullptr) page->add_sibling(dynamic.marshal());
    warn(unresolved);
    co_return std::move(*page);
  }

  static absl::StatusOr<std::vector<Principal>> members_or_urls(const Entry& group,
                                                                const DirectoryIndex& index,
                                                                Unresolved& unresolved, sdk::Bag& dynamic) {
    if (!group.is_a("groupOfURLs")) return members_of(group, index, unresolved);
    const absl::StatusOr<std::string> id = entry_id(group);
    if (!id.ok()) return id.status();
    for (const std::string& url : group.values("memberURL")) {
      // Checked here, so that the error comes with the group that has it.
      if (const absl::StatusOr<MemberUrl> parsed = MemberUrl::parse(url); !parsed.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat("group ", scrub(group.dn, 300), ": ", parsed.status().message()));
      }
      dynamic.push(sdk::PageState("", url, *id));
    }
    return std::vector<Principal>();
  }

  void warn(const Unresolved& unresolved) {
    if (unresolved.dangling + unresolved.unknown_names == 0) return;
    directory_->log().write(
        LogLevel::kWarn, "ldap", "members that are not in the directory",
        {LogField("dns_kept_as_users", unresolved.dangling),
         LogField("names_left_out", unresolved.unknown_names), LogField("first", unresolved.example)});
  }

  sdk::ResourceSyncer::Reply<v2::Grant> dynamic_grants(std::string token) {
    absl::StatusOr<sdk::Bag> bag = sdk::Bag::parse(token);
    if (!bag.ok()) co_return bag.status();
    const absl::StatusOr<MemberUrl> url = MemberUrl::parse(bag->resource_type_id());
    if (!url.ok()) co_return url.status();
    const absl::StatusOr<Position> position = Position::parse(bag->token());
    if (!position.ok()) co_return position.status();
    const std::string group = bag->resource_id();

    Query members;
    members.base = url->base;
    members.scope = url->scope;
    members.filter = url->filter;
    members.attributes.emplace_back("objectClass");
    members.page_size = kDynamicPage;
    Listing listing(directory_->client(), absl::StrCat("members of ", group, " ", bag->resource_type_id()),
                    std::move(members));
    absl::Status status = co_await listing.seek(*position);
    if (status.ok()) status = co_await listing.search().fill();

    sdk::Page<v2::Grant> page;
    std::string next;
    if (absl::IsNotFound(status)) {
      directory_->log().write(LogLevel::kWarn, "ldap", "a dynamic group searches where nothing is",
                              {LogField("group", group), LogField("base", scrub(url->base, 300))});
    } else if (!status.ok()) {
      co_return absl::Status(status.code(), absl::StrCat("group ", group, ": ", status.message()));
    } else {
      while (listing.search().ready() > 0 && page.size() < kDynamicPage) {
        const Entry entry = listing.search().pop();
        absl::StatusOr<std::string> id = entry_id(entry);
        if (!id.ok()) co_return id.status();
        v2::Grant& grant = page.add();
        fill_membership(grant, kGroup, group, Principal(principal_type(entry), *std::move(id)));
        sdk::set_immutable(grant);
      }
      if (!listing.search().finished()) {
        next = listing.position().text();
        listing.park();
      }
    }
    absl::StatusOr<std::string> next_token = bag->next_token(next);
    if (!next_token.ok()) co_return next_token.status();
    page.set_next_token(*std::move(next_token));
    co_return page;
  }

  std::shared_ptr<Directory> directory_;
  GrantPages pages_;
};

}  // namespace

std::unique_ptr<sdk::ResourceSyncer> make_group_syncer(std::shared_ptr<Directory> directory) {
  return std::make_unique<GroupSyncer>(std::move(directory));
}

}  // namespace baton::connectors::ldap
