#include "world.hpp"

#include <string>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "support/rows.hpp"

namespace baton::test {
namespace {

namespace v2 = c1::connector::v2;

constexpr int kUsers = 60;
constexpr int kUsersPerPage = 20;
constexpr int kGroups = 12;

std::string number(const char* prefix, int value) {
  return prefix + std::to_string(value);
}

std::string with_token(const std::string& request, int page) {
  return page == 0 ? request : request + "@" + number("p", page);
}

void script_users(ScriptedConnector& connector) {
  for (int page = 0; page * kUsersPerPage < kUsers; ++page) {
    ScriptedAnswer& answer = connector.on(with_token("resources user", page));
    for (int i = 0; i < kUsersPerPage; ++i) {
      v2::Resource row = resource("user", number("u", page * kUsersPerPage + i));
      row.set_display_name(number("User ", page * kUsersPerPage + i));
      answer.row(row);
    }
    if ((page + 1) * kUsersPerPage < kUsers) answer.next(number("p", page + 1));
  }
}

void script_groups(ScriptedConnector& connector) {
  for (int i = 0; i < kGroups; ++i) {
    const std::string id = number("g", i);
    v2::Resource row = resource("group", id);
    row.set_display_name(number("Group ", i));
    v2::ChildResourceType child;
    child.set_resource_type_id("team");
    if (i % 3 == 0) row.add_annotations()->PackFrom(child);
    connector.on("resources group").row(row);
    if (i % 3 == 0) {
      v2::Resource team = resource("team", number("t", i));
      *team.mutable_parent_resource_id() = row.id();
      connector.on("resources team<group/" + id).row(team);
      // Two listings tell different stories about one team; plan order decides, not time.
      v2::Resource shared = resource("team", "shared");
      shared.set_display_name("Seen from " + id);
      connector.on("resources team<group/" + id).row(shared);
    }
    connector.on("entitlements group/" + id).row(entitlement("group", id, "member"));

    // A page, its successor and two siblings.
    ScriptedAnswer& first = connector.on("grants group/" + id);
    first.next("p1").sibling("s1").sibling("s2");
    const std::string tokens[] = {"", "@p1", "@s1", "@s2"};
    for (int page = 0; page < 4; ++page) {
      ScriptedAnswer& answer = connector.on("grants group/" + id + tokens[page]);
      for (int member = 0; member < 5; ++member) {
        v2::Grant grant = test::grant("group", id, "user", number("u", (i * 7 + page * 4 + member) % kUsers));
        // Pages overlap by one member; which page speaks last shows in the id.
        grant.set_id(grant.id() + (member == 0 ? "-first-of-page-" + std::to_string(page) : ""));
        answer.row(grant);
      }
    }
    if (i > 0 && i % 4 == 0) {
      v2::Grant nested = test::grant("group", id, "group", number("g", i - 1));
      v2::GrantExpandable expandable;
      expandable.add_entitlement_ids("group:" + number("g", i - 1) + ":member");
      nested.add_annotations()->PackFrom(expandable);
      first.row(nested);
    }
  }
}

void script_roles(ScriptedConnector& connector) {
  for (int i = 0; i < 4; ++i) {
    connector.on("resources role").row(resource("role", number("r", i)));
    v2::Grant grant = test::grant("role", number("r", i), "group", number("g", i));
    v2::GrantExpandable expandable;
    expandable.add_entitlement_ids("group:" + number("g", i) + ":member");
    grant.add_annotations()->PackFrom(expandable);
    connector.on("grants role*").row(grant);
  }
  v2::Entitlement fixed;
  fixed.set_slug("member");
  fixed.set_display_name("Assigned");
  connector.on("static role").row(fixed);
}

}  // namespace

void script_world(ScriptedConnector& connector) {
  connector.on("types").row(type("user")).row(type("group")).next("p1");
  connector.on("types@p1")
      .row(marked_type<v2::TypeScopedGrants>("role"))
      .row(marked_type<v2::SkipEntitlementsAndGrants>("team"));
  script_users(connector);
  script_groups(connector);
  script_roles(connector);
}

}  // namespace baton::test
