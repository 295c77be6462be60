#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "storage/c1z/reader.hpp"

namespace baton::test {

/// What an artifact holds, as short texts that a test can compare.
class Content {
 public:
  Content() = default;

  /// Reads the latest sync of a file; fails the running test when it cannot be read to its end.
  static Content read(const std::string& path);

  c1z::SyncInfo sync;
  /// How many the file holds.
  std::size_t syncs = 0;
  std::set<std::string> types;
  /// "group/g1", and below a parent "team/t1<group/g1".
  std::set<std::string> resources;
  /// By public id.
  std::map<std::string, c1::connector::v2::Entitlement> entitlements;
  /// "<entitlement id> <principal type>/<principal id>" to the ids of the entitlements it comes from.
  std::map<std::string, std::set<std::string>> grants;

  std::set<std::string> entitlement_ids() const;
  std::set<std::string> grant_names() const;
};

/// The bytes of a file.
std::string file_bytes(const std::string& path);

}  // namespace baton::test
