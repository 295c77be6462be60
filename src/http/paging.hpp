#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/statusor.h"
#include "http/json_response.hpp"
#include "http/request.hpp"

namespace baton::http {

/// Where a list goes on after a page.
class Continuation {
 public:
  Continuation() = default;

  /// Puts both into a page of the SDK.
  template <class Page>
  void give_to(Page& page) const {
    page.set_next_token(token);
    for (const std::string& sibling : siblings) page.add_sibling(sibling);
  }

  /// Of the next page; empty at the end of the list, or when siblings are all there is.
  std::string token;
  /// Of pages that can be asked for at the same time.
  std::vector<std::string> siblings;
};
static_assert(!std::is_aggregate_v<Continuation>);

/// How a service's lists are walked: makes the request of a page from its token, and from the answer the
/// token of the page that follows. Immutable once configured; costs nothing to keep.
///
///     static const http::Paging kPaging = http::Paging::cursor("cursor", "next");
///     absl::StatusOr<http::Request> asked = kPaging.request("v1/groups", request.page.token);
///     ...  = co_await client->exchange_json(*std::move(asked));
///     absl::StatusOr<http::Continuation> next = kPaging.next(request.page.token, *answer);
///     next->give_to(page);
///
/// Tokens are all that is remembered, so a page can be asked for in another process. Members of answers are
/// named by the keys that lead to them, with `/` between ("paging/next/link"). Guards against services that
/// never come to an end: a page that names itself as the next one, or that repeats the rows of the page
/// before, is Internal; longer circles of cursors are the engine's to find. A link to another
/// origin than the answer's is Internal, too.
class Paging {
 public:
  /// `Link: <url>; rel="next"`.
  static Paging link_header(std::string relation = "next");
  /// A member that holds the URL of the next page, absolute or relative, such as `@odata.nextLink`.
  static Paging link_member(std::string member);
  /// A member that holds what `parameter` has to be for the next page; absent, null, false or empty at the
  /// end.
  static Paging cursor(std::string parameter, std::string member);
  /// `parameter` is the number of rows to leave out. The list ends at the total if `total` names a member
  /// that holds it, and else with the first page that has no rows: a page may be shorter than was asked for.
  /// With a total, pages are asked for side by side. `rows` is the array; empty for the root.
  static Paging offset(std::string parameter, std::string rows, std::string total = "");
  /// `parameter` is a number that counts pages from `first`; `total` is a member with the number of pages.
  static Paging page_number(std::string parameter, std::string rows, std::string total = "",
                            std::uint64_t first = 1);

  /// Asks for so many rows at once with this parameter.
  Paging& page_size(std::string parameter, std::uint64_t size);
  /// One page after the other, though the total is known.
  Paging& one_by_one();

  /// `path` is the list's target, with or without a query. InvalidArgument for a token that this scheme does
  /// not make.
  absl::StatusOr<Request> request(std::string_view path, std::string_view token) const;

  /// `token` is the one that `answer` was asked for with.
  absl::StatusOr<Continuation> next(std::string_view token, JsonResponse& answer) const;

 private:
  enum class Kind { kLinkHeader, kLinkMember, kCursor, kOffset, kPageNumber };

  Paging(Kind kind, std::string parameter, std::string member)
      : kind_(kind), parameter_(std::move(parameter)), member_(std::move(member)) {}

  absl::StatusOr<Continuation> follow(std::string_view token, std::string_view link,
                                      const JsonResponse& answer) const;
  absl::StatusOr<Continuation> count_on(std::string_view token, JsonResponse& answer) const;

  Kind kind_;
  std::string parameter_;
  /// Of the link or cursor, or of the rows.
  std::string member_;
  std::string total_;
  std::string size_parameter_;
  std::uint64_t size_ = 0;
  std::uint64_t first_ = 0;
  bool one_by_one_ = false;
};
static_assert(!std::is_aggregate_v<Paging>);

}  // namespace baton::http
