#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "c1/connector/v2/resource.pb.h"

namespace baton::sync {

/// The full name of the message that resources with this trait carry; empty for traits without one.
std::string trait_message_name(int trait);

/// What the engine needs to know about one stored resource type, worked out once.
class TypeEntry {
 public:
  TypeEntry() = default;

  c1::connector::v2::ResourceType type;
  bool skip_entitlements = false;
  bool skip_grants = false;
  /// One cursor for the whole type instead of one for each resource.
  bool type_scoped_entitlements = false;
  bool type_scoped_grants = false;
  /// Its syncer promises that no other cursor changes its rows.
  bool independent = false;
  /// Full names of the trait messages that each resource of the type must carry.
  std::vector<std::string> required_traits;
};

/// The resource types of a run, complete once their phase is over. Immutable and shared by all later pages.
class TypeCatalog {
 public:
  /// `independent` answers for a type id.
  TypeCatalog(std::vector<c1::connector::v2::ResourceType> types,
              const std::function<bool(std::string_view)>& independent);

  /// Null when the run has no such type.
  const TypeEntry* find(std::string_view id) const;
  const std::map<std::string, TypeEntry, std::less<>>& entries() const { return entries_; }

 private:
  std::map<std::string, TypeEntry, std::less<>> entries_;
};

}  // namespace baton::sync
