#include "conformance/expansion/reference.hpp"

#include <bitset>
#include <cassert>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace baton::expansion::conformance {
namespace {

constexpr std::size_t kMost = 128;

/// An entitlement: its resource and its bare id.
using Name = std::pair<Ref, std::string>;

struct Attributes {
  bool shallow = false;
  /// Empty lets everyone pass.
  std::set<std::string> types;
};

/// (source, destination), numbered.
using Edges = std::map<std::pair<std::size_t, std::size_t>, Attributes>;

/// Source id and whether the principal is direct there.
using Contributions = std::map<std::string, bool>;

/// Deep wins over shallow, unfiltered over filtered, filters unite.
void merge(Edges& edges, std::pair<std::size_t, std::size_t> ends, const Attributes& added) {
  const auto [at, fresh] = edges.try_emplace(ends, added);
  if (fresh) return;
  Attributes& merged = at->second;
  merged.shallow = merged.shallow && added.shallow;
  if (merged.types.empty() || added.types.empty()) {
    merged.types.clear();
  } else {
    merged.types.insert(added.types.begin(), added.types.end());
  }
}

bool is_direct(const std::string& entitlement, const std::map<std::string, bool>& sources) {
  return sources.empty() || sources.contains(entitlement);
}

class Reference {
 public:
  Reference(const VectorCase& vector, const GrantTable& grants) : base_(grants) {
    for (const VectorEntitlement& row : vector.entitlements) rows_.insert({row.resource, row.id});
    names_.assign(rows_.begin(), rows_.end());
    assert(names_.size() <= kMost);
  }

  ReferenceResult run(ReferenceMode mode) {
    ReferenceResult result;
    result.error = read_edges();
    if (!result.error.empty()) return result;
    result.grants = base_;
    if (mode == ReferenceMode::kUpstream) {
      upstream(result.grants);
    } else {
      strict(result.grants);
    }
    return result;
  }

 private:
  std::size_t number(const Name& name) const {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name) return i;
    }
    return kMost;
  }

  std::string read_edges() {
    for (const auto& [key, grant] : base_) {
      if (!grant.expandable) continue;
      const auto& [resource, entitlement, principal] = key;
      for (const std::string& id : grant.expandable->entitlement_ids) {
        std::vector<Name> found;
        for (const Name& name : names_) {
          if (name.second == id) found.push_back(name);
        }
        if (found.empty()) continue;
        if (found.size() > 1) return "ambiguous_entitlement_id";
        if (found.front().first != principal) return "source_resource_mismatch";
        const std::size_t source = number(found.front());
        const std::size_t destination = number({resource, entitlement});
        if (destination == kMost || source == destination) continue;
        merge(edges_, {source, destination},
              {grant.expandable->shallow, {grant.expandable->types.begin(), grant.expandable->types.end()}});
      }
    }
    return "";
  }

  /// Which entitlements are one node: those that reach each other.
  std::vector<std::size_t> components() const {
    std::vector<std::bitset<kMost>> reach(names_.size());
    for (const auto& [ends, attributes] : edges_) reach[ends.first].set(ends.second);
    for (std::size_t over = 0; over < names_.size(); ++over) {
      for (std::size_t from = 0; from < names_.size(); ++from) {
        if (reach[from][over]) reach[from] |= reach[over];
      }
    }
    std::vector<std::size_t> component(names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i) {
      component[i] = i;
      for (std::size_t j = 0; j < i; ++j) {
        if (reach[i][j] && reach[j][i]) {
          component[i] = component[j];
          break;
        }
      }
    }
    return component;
  }

  static bool passes(const Attributes& edge, const Ref& principal, bool direct) {
    return (edge.types.empty() || edge.types.contains(principal.type)) && (!edge.shallow || direct);
  }

  void upstream(GrantTable& grants) const {
    const std::vector<std::size_t> component = components();
    Edges between;
    for (const auto& [ends, attributes] : edges_) {
      const std::pair nodes(component[ends.first], component[ends.second]);
      if (nodes.first != nodes.second) merge(between, nodes, attributes);
    }
    std::set<std::size_t> waiting(component.begin(), component.end());
    while (!waiting.empty()) {
      const std::size_t node = next(waiting, between);
      waiting.erase(node);
      for (std::size_t destination = 0; destination < names_.size(); ++destination) {
        if (component[destination] != node) continue;
        std::map<Ref, std::pair<Contributions, std::optional<Ref>>> gained;
        for (const auto& [ends, edge] : between) {
          if (ends.second != node) continue;
          for (std::size_t source = 0; source < names_.size(); ++source) {
            if (component[source] != ends.first) continue;
            const auto& [resource, entitlement] = names_[source];
            for (auto at = grants.lower_bound({resource, entitlement, Ref()});
                 at != grants.end() && Name(std::get<0>(at->first), std::get<1>(at->first)) == names_[source];
                 ++at) {
              const Ref& principal = std::get<2>(at->first);
              const bool direct = is_direct(entitlement, at->second.sources);
              if (!passes(edge, principal, direct)) continue;
              auto& [contributions, parent] = gained[principal];
              contributions[entitlement] = contributions[entitlement] || direct;
              parent = at->second.parent;
            }
          }
        }
        for (const auto& [principal, what] : gained) {
          write(grants, destination, principal, what.first, what.second);
        }
      }
    }
  }

  /// A node whose sources are all done.
  static std::size_t next(const std::set<std::size_t>& waiting, const Edges& edges) {
    for (const std::size_t node : waiting) {
      bool ready = true;
      for (const auto& [ends, attributes] : edges) {
        if (ends.second == node && waiting.contains(ends.first)) ready = false;
      }
      if (ready) return node;
    }
    assert(false);
    return kMost;
  }

  void strict(GrantTable& grants) const {
    // Who holds what, with the principal's parent.
    std::vector<std::map<Ref, std::optional<Ref>>> holds(names_.size());
    std::vector<std::map<Ref, bool>> base_direct(names_.size());
    for (const auto& [key, grant] : base_) {
      const auto& [resource, entitlement, principal] = key;
      const std::size_t on = number({resource, entitlement});
      if (on == kMost) continue;
      holds[on].emplace(principal, grant.parent);
      base_direct[on][principal] = is_direct(entitlement, grant.sources);
    }
    const auto direct_on = [&](std::size_t source, const Ref& principal) {
      const auto at = base_direct[source].find(principal);
      return at != base_direct[source].end() && at->second;
    };
    for (bool changed = true; changed;) {
      changed = false;
      for (const auto& [ends, edge] : edges_) {
        for (const auto& [principal, parent] : holds[ends.first]) {
          if (!passes(edge, principal, direct_on(ends.first, principal))) continue;
          changed = holds[ends.second].emplace(principal, parent).second || changed;
        }
      }
    }
    for (std::size_t destination = 0; destination < names_.size(); ++destination) {
      std::map<Ref, Contributions> gained;
      for (const auto& [ends, edge] : edges_) {
        if (ends.second != destination) continue;
        for (const auto& [principal, parent] : holds[ends.first]) {
          const bool direct = direct_on(ends.first, principal);
          if (passes(edge, principal, direct)) gained[principal][names_[ends.first].second] = direct;
        }
      }
      for (const auto& [principal, contributions] : gained) {
        write(grants, destination, principal, contributions, holds[destination].at(principal));
      }
    }
  }

  void write(GrantTable& grants, std::size_t destination, const Ref& principal,
             const Contributions& contributions, const std::optional<Ref>& parent) const {
    const auto& [resource, id] = names_[destination];
    const auto [at, fresh] = grants.try_emplace(GrantKey{resource, id, principal});
    VectorGrant& grant = at->second;
    if (fresh) {
      grant.id = id + ":" + principal.type + ":" + principal.id;
      grant.entitlement = id;
      grant.entitlement_resource = resource;
      grant.principal = principal;
      grant.parent = parent;
      grant.sources = contributions;
      grant.immutable = true;
      return;
    }
    if (grant.sources.empty()) grant.sources[id] = true;
    for (const auto& [source, direct] : contributions) {
      bool& flag = grant.sources[source];
      flag = flag || direct;
    }
  }

  const GrantTable& base_;
  std::set<Name> rows_;
  std::vector<Name> names_;
  Edges edges_;
};

}  // namespace

ReferenceResult reference_expand(const VectorCase& vector, const GrantTable& grants, ReferenceMode mode) {
  return Reference(vector, grants).run(mode);
}

}  // namespace baton::expansion::conformance
