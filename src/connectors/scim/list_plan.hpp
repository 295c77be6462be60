#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/status/statusor.h"
#include "connectors/scim/list_token.hpp"

namespace baton::connectors::scim {

/// What an answer to a list request says about the list.
class ListAnswer {
 public:
  ListAnswer() = default;
  ListAnswer(std::uint64_t row_count, std::optional<std::uint64_t> announced, std::uint64_t id)
      : rows(row_count), total(announced), first_id(id) {}

  std::uint64_t rows = 0;
  /// `totalResults`; nothing when it is absent or no number.
  std::optional<std::uint64_t> total;
  /// Hash of the id of the first resource; 0 without resources.
  std::uint64_t first_id = 0;
};
static_assert(!std::is_aggregate_v<ListAnswer>);

/// Where a list goes on behind an answer.
class ListPlan {
 public:
  enum class Check {
    kNone,
    /// The service answered the second page with the first one. It has to be asked for everything at once.
    kEverything,
    /// The list ended before its announced total, or announced none. A service that counts from 0 has one
    /// more resource, which only `startIndex=0` shows.
    kIndexZero,
  };

  ListPlan() = default;

  std::string next_token;
  std::vector<std::string> siblings;
  Check check = Check::kNone;
  /// The answer repeats an earlier page: its rows are known already.
  bool repetition = false;
  /// At the end of a list whose total was announced: how many resources fewer there were.
  std::uint64_t missing = 0;
};
static_assert(!std::is_aggregate_v<ListPlan>);

/// Decides how to walk a list of a service that may page in its own way.
///
/// A service that does as RFC 7644 §3.4.2.4 says gets its first page, and then all others at once. Nothing is
/// believed that an answer contradicts: the size of a page is what the first one had, a short page in the
/// middle is asked for its rest, the end is where a short or an empty page is, not where the total says.
/// Internal when the list has no end. Pure.
///
/// `asked` is the `count` of the request behind `answer`.
absl::StatusOr<ListPlan> plan_list(const ListToken& at, std::uint64_t asked, const ListAnswer& answer);

}  // namespace baton::connectors::scim
