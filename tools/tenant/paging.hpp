#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "tenant/directory.hpp"

namespace tenant {

/// How the tenant pages its lists.
enum class PagingStyle {
  kCursor,  ///< the answer carries "next", an opaque token for `?cursor=`; null at the end
  kOffset,  ///< `?offset=&limit=`; the answer carries "total" and "offset"
  kLink,    ///< the answer has a header `Link: <url>; rel="next"` as long as there is a next page
};

std::optional<PagingStyle> parse_paging(std::string_view text);

/// The largest page anybody gets, whatever `limit` says.
inline constexpr std::uint64_t kLargestPage = 1'000;

/// One list of the API: all users, the members of one group, ...
struct Collection {
  Kind kind;
  std::uint64_t owner;  ///< group or role; 0 for lists without an owner
  std::uint64_t total;  ///< rows in it
};

/// Rows [begin, end) of a collection; `limit` is what the client may have asked for.
struct PageRange {
  std::uint64_t begin;
  std::uint64_t end;
  std::uint64_t limit;
};

/// Reads the paging parameters of a query and makes the tokens for the next page. Tokens are bound to seed
/// and collection: one that was altered or belongs to another list is refused. Immutable.
class Pager {
 public:
  Pager(PagingStyle style, std::uint64_t page_size, std::uint64_t seed);

  PagingStyle style() const { return style_; }

  /// What a query (the part behind '?') asks for. InvalidArgument for malformed tokens and numbers, and for
  /// parameters of another paging style, which would otherwise read the first page for ever.
  absl::StatusOr<PageRange> parse(std::string_view query, const Collection& collection) const;

  /// The token for the page that begins at `begin`: 24 hexadecimal digits.
  std::string token(std::uint64_t begin, const Collection& collection) const;

 private:
  std::optional<std::uint64_t> read_token(std::string_view token, const Collection& collection) const;

  PagingStyle style_;
  std::uint64_t page_size_;
  std::uint64_t key_;
};

}  // namespace tenant
