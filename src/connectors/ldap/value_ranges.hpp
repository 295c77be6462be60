#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/task.hpp"
#include "connectors/ldap/client.hpp"
#include "connectors/ldap/entry.hpp"

namespace baton::connectors::ldap {

/// The name of an attribute of which a server gives only some values at a time: Active Directory's
/// `member;range=0-1499` ([MS-ADTS] 3.1.1.3.1.3.3). Immutable.
class ValueRange {
 public:
  /// Nothing for a name without a range, or with one that is none.
  static std::optional<ValueRange> parse(std::string_view name);

  /// The name to ask for what follows `last`.
  std::string following() const;

  std::string attribute;
  std::uint64_t first = 0;
  /// Nothing: these are the last ones (`*`).
  std::optional<std::uint64_t> last;

 private:
  ValueRange() = default;
};

/// Reads the values that are missing in ranges, one search for each range, so that the entry's attributes are
/// whole and under their own names. Nothing to do, and no search, for an entry without ranges. Internal when
/// a server's ranges do not follow one another.
Task<absl::Status> complete_ranges(Client& client, Entry& entry);

}  // namespace baton::connectors::ldap
