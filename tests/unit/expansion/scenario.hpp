#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "expansion/graph.hpp"
#include "expansion/input.hpp"
#include "expansion/reduction.hpp"

namespace baton::expansion::testing {

/// Input in the notation of the specification: letter `a` is an entitlement of group a with that very id, and
/// principals are "alice" (a user) or "group:a". Grants may be added in any order.
class Scenario {
 public:
  /// An entitlement with a row, on the group of the same name.
  Scenario& entitlement(std::string id);
  Scenario& entitlement(std::string id, std::string resource_type, std::string resource_id);

  /// A base grant, e.g. grant("a", "alice") or with sources grant("a", "alice", {{"x", true}}).
  Scenario& grant(const std::string& entitlement, const std::string& principal,
                  std::map<std::string, bool> sources = {});
  /// Sets the parent of a grant that was added.
  Scenario& parent(const std::string& entitlement, const std::string& principal, std::string parent_id);

  struct Edge {
    bool shallow = false;
    std::vector<std::string> types = {};
  };
  /// The grant of `destination` to group `source` that says: whoever holds entitlement `source` holds it too.
  Scenario& edge(const std::string& source, const std::string& destination, const Edge& edge);
  Scenario& edge(const std::string& source, const std::string& destination);
  /// The same with any list of source ids and any principal.
  Scenario& expandable(const std::string& destination, const std::string& principal,
                       std::vector<std::string> sources, const Edge& edge);
  Scenario& expandable(const std::string& destination, const std::string& principal,
                       std::vector<std::string> sources);

  /// Seals; fails the test if that fails.
  Input input() const;

 private:
  struct Description {
    std::vector<std::string> sources;
    Edge edge;
  };
  struct Grant {
    std::map<std::string, bool> sources;
    std::string parent;
    std::vector<Description> descriptions;
  };
  struct Entitlement {
    std::string resource_type;
    std::string resource_id;
    bool has_row = false;
    std::map<std::string, Grant> grants;
  };

  Entitlement& get(const std::string& id);

  std::map<std::string, Entitlement> entitlements_;
};

/// Writes rows down as text: "b: alice {a+}*" is a new row, without the star a changed one; entitlements in
/// the order of evaluation, a parent as "^parent".
class Recorder final : public ResultSink {
 public:
  explicit Recorder(const Input& input) : input_(input) {}

  absl::Status begin(EntitlementIndex destination) override;
  absl::Status row(const ResultRow& row) override;
  absl::Status end(EntitlementIndex destination) override;

  /// Makes the n-th row from now (1 = the next) fail.
  void fail_at(int n) { fail_at_ = n; }

  std::vector<std::string> rows;
  /// Of each row, whether its sources had to be encoded: no row before had them.
  std::vector<bool> encoded_now;
  /// Ids of destinations that were ended.
  std::vector<std::string> ended;

 private:
  const Input& input_;
  EntitlementIndex destination_ = 0;
  int fail_at_ = 0;
};

/// "alice" or "group:a".
std::string name(const ResourceView& principal);

/// The index of the entitlement with this id; fails the test if there is none.
EntitlementIndex index_of(const Input& input, std::string_view id);

/// The rank of "alice" or "group:a"; fails the test if there is none.
PrincipalRank rank_of(const Input& input, std::string_view principal);

}  // namespace baton::expansion::testing
