#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/statusor.h"

namespace baton::connectors::scim {

/// A page token that names groups whose members are to be read one group at a time, because the list of
/// groups came without them.
class GroupsToken {
 public:
  GroupsToken() = default;
  explicit GroupsToken(std::vector<std::string> group_ids, std::uint64_t member = 1)
      : ids(std::move(group_ids)), start(member) {}

  /// Whether a token is of this kind; all others name a place in the list of groups.
  static bool is_one(std::string_view token) { return token.starts_with("m:"); }
  /// InvalidArgument ("page token corrupt: …") for what `text` never wrote.
  static absl::StatusOr<GroupsToken> parse(std::string_view token);
  std::string text() const;

  /// Never empty.
  std::vector<std::string> ids;
  /// The first member to read, counted from 1, where a service pages them.
  std::uint64_t start = 1;
};
static_assert(!std::is_aggregate_v<GroupsToken>);

/// Tokens for so many groups: one each, or one for a thousand groups, which is then split by its own page. At
/// most `most` of them.
std::vector<std::string> group_tokens(std::vector<std::string> ids, std::size_t most);

}  // namespace baton::connectors::scim
