#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"

namespace baton::sync {

/// The traits whose resources are copied from an external sync and matched; user and group unless the
/// operator names others.
using TraitSet = std::set<c1::connector::v2::ResourceType::Trait>;
const TraitSet& default_external_traits();

/// A trait by the name that flags use ("user", "group", ...). InvalidArgument naming it.
absl::StatusOr<c1::connector::v2::ResourceType::Trait> trait_from_name(std::string_view name);

/// An entitlement as an expandable description of a carrier names it: the resource it is on, and its slug.
class EntitlementReference {
 public:
  EntitlementReference() = default;

  std::string resource_type_id;
  std::string resource_id;
  std::string slug;
};

/// Puts external resources in the place of the principals that stand for them: rules of the sync
/// specification, "External-resource matching".
///
/// First all carriers (grants with a match annotation), then all copied resources go by, once each; memory is
/// that of the carriers. Every grant that comes of it goes to the sink, in the order of the resources. At
/// most one for each carrier and resource.
class ExternalMatcher {
 public:
  using Sink = std::function<absl::Status(const c1::connector::v2::Grant&)>;
  /// Whether the run has this entitlement.
  using HasEntitlement = std::function<absl::StatusOr<bool>(
      const std::string& type, const std::string& resource, const std::string& entitlement_id)>;

  /// Reads the Baton identifier of an entitlement; nothing for a text that is none.
  using ParseReference = std::function<std::optional<EntitlementReference>(const std::string& text)>;

  ExternalMatcher(TraitSet traits, ParseReference parse_reference, HasEntitlement has_entitlement, Sink sink)
      : traits_(std::move(traits)),
        parse_reference_(std::move(parse_reference)),
        has_entitlement_(std::move(has_entitlement)),
        sink_(std::move(sink)) {}

  /// `key` names the carrier to the store. Nothing happens for a grant that carries no match annotation.
  void add_carrier(const std::string& key, const c1::connector::v2::Grant& grant);
  bool empty() const { return carriers_.empty(); }

  /// One copied resource.
  absl::Status match(const c1::connector::v2::Resource& resource);
  /// After the last resource: what could be decided only then.
  absl::Status finish();

  /// Keys of the carriers to remove: all but those that a grant of theirs has rewritten.
  std::vector<std::string> spent_carriers() const;
  std::uint64_t grants_made() const { return grants_made_; }
  /// Oddities for a log: descriptions that could not be mapped, kinds that are not copied.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  class Carrier {
   public:
    std::string key;
    c1::connector::v2::Grant grant;
    /// By id: the resource found so far.
    bool found = false;
    bool of_its_type = false;
    c1::connector::v2::Resource candidate;
    /// The resource last put in its place, so that it is put there once.
    std::string last;
  };
  /// (trait, key) to folded value to carriers.
  using Values = std::map<std::string, std::vector<std::size_t>, std::less<>>;

  /// Those whose (trait, key) has this value.
  absl::Status match_values(const Values& values, std::string_view value, bool remaps,
                            const c1::connector::v2::Resource& resource);
  absl::Status match_fields(int trait, const std::string& key, const Values& values,
                            const c1::connector::v2::Resource& resource);
  absl::Status make(Carrier& carrier, const c1::connector::v2::Resource& resource, bool remaps);
  absl::Status remap(c1::connector::v2::Grant& grant, const Carrier& carrier,
                     const c1::connector::v2::Resource& resource);
  void note(std::string text);

  TraitSet traits_;
  ParseReference parse_reference_;
  HasEntitlement has_entitlement_;
  Sink sink_;
  std::vector<Carrier> carriers_;
  std::map<int, std::vector<std::size_t>> match_all_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> match_id_;
  std::map<std::pair<int, std::string>, Values> match_value_;
  std::set<std::string, std::less<>> carrier_ids_;
  std::set<std::string, std::less<>> rewritten_ids_;
  std::uint64_t grants_made_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace baton::sync
