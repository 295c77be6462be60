#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/statusor.h"

namespace baton::connectors::scim {

/// Where in a list a page begins, and what the pages before it have told: a page token in readable form.
///
/// Pages are walked by cursors that know nothing of each other, so everything that a page is judged by
/// travels in its token. Indexes count resources from 1, as RFC 7644 §3.4.2.4 does.
class ListToken {
 public:
  enum class Kind {
    /// The beginning of the list; nothing is known yet. Its text is the empty token.
    kFirst,
    /// A stretch [start, end) between pages that others read.
    kStretch,
    /// A stretch that also announces the cursors behind it: a page names 1,024 of them at most.
    kFork,
    /// From `start` to wherever the list ends.
    kTail,
  };

  ListToken() = default;

  /// InvalidArgument ("page token corrupt: …") for what `text` never wrote.
  static absl::StatusOr<ListToken> parse(std::string_view token);
  std::string text() const;

  friend bool operator==(const ListToken&, const ListToken&) = default;

  Kind kind = Kind::kFirst;
  std::uint64_t start = 1;
  /// Of a stretch and a fork, exclusive.
  std::uint64_t end = 0;
  /// How many resources the service gave when it was asked for the first page.
  std::uint64_t size = 0;
  /// How many it announced; 0 when it did not say.
  std::uint64_t total = 0;
  /// Hashes of the ids with which the first page and, for a tail, the page before began: a page that begins
  /// like one of them is a repetition.
  std::uint64_t first_id = 0;
  std::uint64_t previous_id = 0;
};
static_assert(!std::is_aggregate_v<ListToken>);

}  // namespace baton::connectors::scim
