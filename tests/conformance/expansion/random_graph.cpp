#include "conformance/expansion/random_graph.hpp"

#include <random>
#include <utility>

namespace baton::expansion::conformance {
namespace {

constexpr const char* kOwnerTypes[] = {"group", "role", "team"};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) { vector_.name = "seed " + std::to_string(seed); }

  VectorCase run() {
    // Most graphs are small, where faults are easily met and easily read.
    const std::uint32_t size = chance(1, 8) ? 3 + below(58) : 3 + below(10);
    dense_ = 1 + below(4);
    cyclic_ = chance(2, 3);
    make_entitlements(size);
    make_grants();
    make_nesting();
    repeat_grants();
    if (chance(1, 60)) spoil();
    vector_.listed_types = {"user", "service", "group", "role", "team"};
    if (chance(1, 4)) vector_.listed_types.erase("service");
    return std::move(vector_);
  }

 private:
  // Not std::uniform_int_distribution, whose numbers differ between libraries.
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  bool chance(std::uint32_t part, std::uint32_t of) { return below(of) < part; }
  template <class Items>
  const auto& any(const Items& items) {
    return items[below(static_cast<std::uint32_t>(std::size(items)))];
  }

  struct Entitlement {
    std::string id;
    Ref resource;
  };

  void make_entitlements(std::uint32_t size) {
    while (all_.size() < size) {
      const auto number = std::to_string(all_.size());
      // An owner of its own, or one more entitlement of the last owner.
      const bool same = !all_.empty() && chance(1, 5);
      const Ref resource = same ? all_.back().resource : Ref{any(kOwnerTypes), "n" + number};
      const std::string slug = same ? "owner" + number : "member";
      all_.push_back({resource.type + ":" + resource.id + ":" + slug, resource});
      if (!chance(1, 15)) vector_.entitlements.push_back({all_.back().id, resource});
    }
  }

  Ref user() { return {chance(1, 4) ? "service" : "user", "p" + std::to_string(below(8))}; }

  VectorGrant& grant(const Entitlement& on, const Ref& principal) {
    VectorGrant& grant = vector_.grants.emplace_back();
    grant.id =
        chance(1, 6) ? "id" + std::to_string(below(6)) : on.id + ":" + principal.type + ":" + principal.id;
    grant.entitlement = on.id;
    grant.entitlement_resource = on.resource;
    grant.principal = principal;
    // The same on every grant of a principal: which of several counts is not specified.
    if (principal.id.back() % 3 == 0) grant.parent = Ref{"team", "parent"};
    if (chance(1, 8)) grant.sources[on.id] = chance(1, 2);
    if (chance(1, 8)) grant.sources["external:x"] = chance(1, 2);
    if (chance(1, 8)) grant.sources[any(all_).id] = chance(1, 2);
    grant.immutable = chance(1, 10);
    return grant;
  }

  void make_grants() {
    for (const Entitlement& on : all_) {
      for (std::uint32_t i = below(4); i > 0; --i) grant(on, user());
      if (chance(1, 8)) grant(on, any(all_).resource);
    }
  }

  void make_nesting() {
    const auto size = static_cast<std::uint32_t>(all_.size());
    const std::uint32_t edges = size * dense_ / 2 + below(size);
    for (std::uint32_t i = 0; i < edges; ++i) {
      std::uint32_t from = below(size);
      std::uint32_t to = below(size);
      // Without cycles edges lead to later ones only.
      if (!cyclic_ && from > to) std::swap(from, to);
      if (!cyclic_ && from == to && !chance(1, 4)) continue;
      // Close neighbours make chains and small cycles rather than one large one.
      if (chance(1, 2)) to = std::min(size - 1, from + 1 + below(2));
      nest(all_[from], all_[to]);
    }
  }

  void nest(const Entitlement& from, const Entitlement& to) {
    VectorGrant& made = grant(to, from.resource);
    VectorExpandable said;
    said.entitlement_ids.push_back(from.id);
    for (const Entitlement& other : all_) {
      if (other.resource == from.resource && chance(1, 3)) said.entitlement_ids.push_back(other.id);
    }
    if (chance(1, 10)) said.entitlement_ids.push_back(from.id);
    if (chance(1, 15)) said.entitlement_ids.emplace_back("no:such:entitlement");
    if (chance(1, 15)) said.entitlement_ids.insert(said.entitlement_ids.begin(), " ");
    said.shallow = chance(1, 4);
    for (const char* type : {"user", "service", "group", "role", "team", "ghost"}) {
      if (chance(1, 12)) said.types.emplace_back(type);
    }
    if (chance(1, 5)) said.types.emplace_back("user");
    made.expandable = std::move(said);
  }

  /// Equal identities: the later one counts, with all that it says.
  void repeat_grants() {
    const std::size_t count = vector_.grants.size();
    for (std::size_t i = 0; i < count; ++i) {
      if (!chance(1, 25)) continue;
      VectorGrant again = vector_.grants[i];
      again.id += "-again";
      again.sources.clear();
      if (chance(1, 3)) again.sources["external:y"] = true;
      if (again.expandable && chance(1, 2)) again.expandable->shallow = !again.expandable->shallow;
      if (again.expandable && chance(1, 4)) again.expandable.reset();
      vector_.grants.push_back(std::move(again));
    }
  }

  /// A source of another resource than the grant's principal, or an id that two resources share.
  void spoil() {
    if (chance(1, 2)) {
      VectorGrant& made = grant(any(all_), Ref{"group", "stranger"});
      made.expandable = VectorExpandable{{any(all_).id}, false, {}};
    } else {
      vector_.entitlements.push_back({any(all_).id, Ref{"team", "twin"}});
    }
  }

  std::mt19937_64 random_;
  VectorCase vector_;
  std::vector<Entitlement> all_;
  std::uint32_t dense_ = 1;
  bool cyclic_ = false;
};

}  // namespace

VectorCase random_case(std::uint64_t seed) {
  return Generator(seed).run();
}

}  // namespace baton::expansion::conformance
