#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "expansion/graph.hpp"
#include "expansion/input.hpp"
#include "storage/c1z/reader.hpp"

namespace baton::cli {

/// Parts what expansion added to a connector's grants from what the connector said, as far as a v1 file
/// tells: the file has one list of sources for both.
///
/// An entry is expansion's if expanding the file's rows would add that very entry again, in upstream's
/// reading of the graph or link by link; so taking it out loses nothing, and an expansion in another mode
/// starts clean. Where all that is left is the entry that expansion adds for the grant itself, nothing is
/// left.
///
/// To be fed in this order: all entitlements, all grants to `notice`, `ready`, all grants to `resolve` if
/// `wants_resolve`; then `separate`.
class EngineSources {
 public:
  EngineSources() = default;

  void notice(const c1::connector::v2::Entitlement& entitlement);
  /// Whether the grant has to be held back for `separate`.
  bool notice(const c1z::StoredGrant& stored);
  /// InvalidArgument when the graph is one that expansion refuses.
  absl::Status ready();
  bool wants_resolve() const { return !wanted_.empty(); }
  void resolve(const c1::connector::v2::Grant& grant);
  /// Leaves the connector's sources. Returns whether that changed anything.
  bool separate(c1::connector::v2::Grant& grant) const;

 private:
  enum class Held : std::uint8_t { kNo, kIndirect, kDirect };

  bool would_add(const std::string& source, bool is_direct, const c1::connector::v2::Grant& grant) const;
  bool passes(const expansion::NodeEdge& edge, const std::string& type, bool is_direct) const;

  class Description {
   public:
    expansion::EntitlementIndex destination = 0;
    c1::connector::v2::ResourceId principal;
    std::string bytes;
  };

  expansion::InputBuilder builder_;
  std::unordered_map<std::string, expansion::EntitlementIndex> entitlements_;
  std::vector<Description> descriptions_;
  /// By principal type: some principal's rank, once ready.
  std::map<std::string, expansion::PrincipalRank> types_;
  /// By source and principal: how the file says that it is held.
  std::unordered_map<std::string, Held> wanted_;
  std::unique_ptr<expansion::Graph> graph_;
  std::vector<expansion::NodeIndex> nodes_;
};

}  // namespace baton::cli
