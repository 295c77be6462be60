#include "random_world.hpp"

#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_facts.hpp"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "c1/connector/v2/annotation_type_scoped_entitlements.pb.h"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "support/rows.hpp"

namespace baton::test {
namespace {

namespace v2 = c1::connector::v2;

class World {
 public:
  World(ScriptedConnector& connector, std::uint64_t seed, Weather weather)
      : connector_(connector), random_(seed), faults_(seed ^ 0x5eed), weather_(weather) {}

  void script() {
    const std::size_t types = 2 + below(4);
    for (std::size_t i = 0; i < types; ++i) types_.push_back(absl::StrCat("type", i));
    std::vector<v2::ResourceType> rows;
    for (const std::string& id : types_) rows.push_back(type_row(id));
    pages("types", rows);
    for (const std::string& id : types_) resources(id);
    for (const std::string& id : types_) static_entitlements(id);
    for (const auto& [type, id] : resources_) lists_of(type, id);
    for (const std::string& id : types_) type_scoped(id);
  }

 private:
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }

  /// A resource may be listed more than once; what hangs on it is scripted once.
  void know(const std::string& type, const std::string& id) {
    if (known_.emplace(type, id).second) resources_.emplace_back(type, id);
  }

  v2::ResourceType type_row(const std::string& id) {
    v2::ResourceType row = type(id);
    row.set_display_name(absl::StrCat("Type ", id));
    switch (below(8)) {
      case 0:
        row.add_annotations()->PackFrom(v2::SkipEntitlementsAndGrants());
        break;
      case 1:
        row.add_annotations()->PackFrom(v2::SkipEntitlements());
        break;
      case 2:
        row.add_annotations()->PackFrom(v2::TypeScopedGrants());
        break;
      case 3:
        row.add_annotations()->PackFrom(v2::TypeScopedEntitlements());
        break;
      case 4:
        connector_.independent(id);
        break;
      default:
        break;
    }
    return row;
  }

  /// Spreads rows over pages, chains and siblings, so that each lies on one page at least. Some are said
  /// again, and some again with another name.
  template <class Row>
  void pages(const std::string& request, std::vector<Row> rows) {
    const std::size_t count = rows.size();
    for (std::size_t i = 0; i < count; ++i) {
      if (!chance(9)) continue;
      Row again = rows[i];
      if (chance(2)) contradict(again);
      rows.push_back(std::move(again));
    }
    const std::size_t siblings = chance(4) ? 1 + below(3) : 0;
    std::vector<std::string> lineages = {""};
    for (std::size_t i = 1; i <= siblings; ++i) lineages.push_back(absl::StrCat("s", i));
    for (std::size_t i = 1; i < lineages.size(); ++i) {
      // Announced by the first page, or by the sibling before.
      ScriptedAnswer& from = connector_.on(with_token(request, i > 1 && chance(2) ? lineages[i - 1] : ""));
      from.sibling(lineages[i]);
    }
    std::size_t at = 0;
    for (std::size_t i = 0; i < lineages.size(); ++i) {
      const std::size_t share = i + 1 == lineages.size() ? rows.size() - at : below(rows.size() - at + 1);
      chain(request, lineages[i], rows, at, at + share);
      at += share;
    }
  }

  template <class Row>
  void chain(const std::string& request, const std::string& lineage, const std::vector<Row>& rows,
             std::size_t begin, std::size_t end) {
    const std::size_t size = 1 + below(6);
    std::string token = lineage;
    for (std::size_t page = 0;; ++page) {
      ScriptedAnswer& answer = connector_.on(with_token(request, token));
      fault(answer);
      for (std::size_t i = 0; i < size && begin < end; ++i) answer.row(rows[begin++]);
      // Now and then a last page that is empty.
      if (begin == end && !(page == 0 && chance(10))) return;
      token = lineage.empty() ? absl::StrCat("p", page + 1) : absl::StrCat(lineage, ".", page + 1);
      answer.next(token);
    }
  }

  static std::string with_token(const std::string& request, const std::string& token) {
    return token.empty() ? request : absl::StrCat(request, "@", token);
  }

  void fault(ScriptedAnswer& answer) {
    // A stream of its own: the world is the same in any weather.
    if (weather_ == Weather::kFair || faults_() % 40 != 0) return;
    absl::Status passing(
        faults_() % 2 == 0 ? absl::StatusCode::kUnavailable : absl::StatusCode::kDeadlineExceeded, "passing");
    set_retry_after(passing, std::chrono::milliseconds(1));
    answer.fails(passing, 1 + faults_() % 2);
  }

  static void contradict(v2::ResourceType& row) { row.set_display_name(row.display_name() + " again"); }
  static void contradict(v2::Resource& row) { row.set_display_name(row.display_name() + " again"); }
  static void contradict(v2::Entitlement& row) { row.set_display_name(row.display_name() + " again"); }
  static void contradict(v2::Grant& row) { row.set_id(row.id() + "-again"); }

  void resources(const std::string& type) {
    std::vector<v2::Resource> rows;
    const std::size_t count = below(14);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string id = absl::StrCat(type, "-", i);
      v2::Resource row = resource(type, id);
      row.set_display_name(absl::StrCat("Resource ", id));
      if (chance(8)) row.add_annotations()->PackFrom(v2::SkipGrants());
      if (chance(8)) row.add_annotations()->PackFrom(v2::SkipEntitlements());
      if (chance(6)) children_of(row);
      rows.push_back(row);
      know(type, id);
    }
    pages("resources " + type, rows);
  }

  void children_of(v2::Resource& parent) {
    const std::string type = types_[below(types_.size())];
    v2::ChildResourceType child;
    child.set_resource_type_id(type);
    parent.add_annotations()->PackFrom(child);
    std::vector<v2::Resource> rows;
    for (std::size_t i = 0; i < 1 + below(4); ++i) {
      // Half of them are children of several parents, who tell different stories of them.
      const std::string id =
          chance(2) ? absl::StrCat(type, "-shared-", i) : absl::StrCat(parent.id().resource(), "-child-", i);
      v2::Resource row = resource(type, id);
      *row.mutable_parent_resource_id() = parent.id();
      row.set_display_name(absl::StrCat("Below ", parent.id().resource()));
      rows.push_back(row);
      know(type, id);
    }
    pages(absl::StrCat("resources ", type, "<", parent.id().resource_type(), "/", parent.id().resource()),
          rows);
  }

  void static_entitlements(const std::string& type) {
    if (!chance(3)) return;
    std::vector<v2::Entitlement> rows;
    for (std::size_t i = 0; i < 1 + below(3); ++i) {
      v2::Entitlement row;
      row.set_slug(absl::StrCat("fixed", i));
      rows.push_back(row);
    }
    // Templates are walked in one chain.
    chain("static " + type, "", rows, 0, rows.size());
  }

  void lists_of(const std::string& type, const std::string& id) {
    const std::string subject = absl::StrCat(type, "/", id);
    std::vector<v2::Entitlement> entitlements = {entitlement(type, id, "member")};
    if (chance(3)) entitlements.push_back(entitlement(type, id, "owner"));
    pages("entitlements " + subject, entitlements);
    pages("grants " + subject, grants_on(type, id, below(8)));
  }

  std::vector<v2::Grant> grants_on(const std::string& type, const std::string& id, std::size_t count) {
    std::vector<v2::Grant> rows;
    for (std::size_t i = 0; i < count; ++i) {
      const auto& [principal_type, principal] = resources_[below(resources_.size())];
      v2::Grant row = grant(type, id, principal_type, chance(20) ? "nobody" : principal);
      if (chance(7)) {
        v2::GrantExpandable expandable;
        expandable.add_entitlement_ids(absl::StrCat(principal_type, ":", principal, ":member"));
        // What a grant expands has to be its principal's.
        *row.mutable_principal() = resource(principal_type, principal);
        row.add_annotations()->PackFrom(expandable);
      }
      rows.push_back(row);
    }
    return rows;
  }

  void type_scoped(const std::string& type) {
    std::vector<v2::Grant> grants;
    std::vector<v2::Entitlement> entitlements;
    for (const auto& [resource_type, id] : resources_) {
      if (resource_type != type) continue;
      entitlements.push_back(entitlement(type, id, "member"));
      for (v2::Grant& row : grants_on(type, id, below(3))) grants.push_back(std::move(row));
    }
    pages(absl::StrCat("entitlements ", type, "*"), entitlements);
    pages(absl::StrCat("grants ", type, "*"), grants);
  }

  ScriptedConnector& connector_;
  std::mt19937_64 random_;
  std::mt19937_64 faults_;
  Weather weather_;
  std::vector<std::string> types_;
  std::vector<std::pair<std::string, std::string>> resources_;
  std::set<std::pair<std::string, std::string>> known_;
};

}  // namespace

void script_random_world(ScriptedConnector& connector, std::uint64_t seed, Weather weather) {
  World(connector, seed, weather).script();
}

}  // namespace baton::test
