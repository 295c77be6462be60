#include "connectors/scim/list_plan.hpp"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace baton::connectors::scim {
namespace {

/// Below the 1,024 that a page may name.
constexpr std::size_t kMostSiblings = 1000;
/// How many pages a list may have behind its announced end.
constexpr std::uint64_t kPagesBeyond = 1000;
/// Where a list that announces no end is taken for endless.
constexpr std::uint64_t kMostRows = 100'000'000;

ListToken token_of(const ListToken& list, ListToken::Kind kind, std::uint64_t start, std::uint64_t end) {
  ListToken token = list;
  token.kind = kind;
  token.start = start;
  token.end = end;
  return token;
}

/// Plans everything from `start` on: whole stretches beside each other, the last one open to the end.
void plan_rest(const ListToken& list, std::uint64_t start, ListPlan& plan) {
  using Kind = ListToken::Kind;
  while (start <= list.total && list.total - start >= list.size) {
    const std::uint64_t end = start + list.size;
    if (plan.siblings.size() == kMostSiblings) {
      plan.next_token = token_of(list, Kind::kFork, start, end).text();
      return;
    }
    plan.siblings.push_back(token_of(list, Kind::kStretch, start, end).text());
    start = end;
  }
  plan.next_token = token_of(list, Kind::kTail, start, 0).text();
}

/// The list has ended with resource number `last`.
void end_list(std::uint64_t last, std::uint64_t total, ListPlan& plan) {
  if (total > last) plan.missing = total - last;
  if (total > last || total == 0) plan.check = ListPlan::Check::kIndexZero;
}

ListPlan plan_first(std::uint64_t asked, const ListAnswer& answer) {
  ListPlan plan;
  const bool complete = answer.total && *answer.total <= answer.rows;
  if (answer.rows == 0) {
    end_list(0, answer.total.value_or(0), plan);
    // Without a total an empty answer is an empty list.
    if (!answer.total || *answer.total == 0) plan.check = ListPlan::Check::kNone;
    return plan;
  }
  // Fewer than it was asked for and all that it announced; or more than it was asked for, so that it does not
  // page at all. Exactly as many as asked for may be a page whose size stands where the total should.
  if (answer.rows < asked && complete) return plan;
  if (answer.rows > asked && (complete || !answer.total)) return plan;
  ListToken list;
  list.size = answer.rows;
  list.total = answer.total.value_or(0);
  list.first_id = answer.first_id;
  list.previous_id = answer.first_id;
  plan_rest(list, answer.rows + 1, plan);
  return plan;
}

/// A page that begins like the first one: either the service ignores `startIndex`, which shows at the second
/// page, or it answers so behind the end of its list.
ListPlan plan_repetition(const ListToken& at) {
  ListPlan plan;
  plan.repetition = true;
  if (at.start == at.size + 1 && (at.total == 0 || at.total > at.size)) {
    plan.check = ListPlan::Check::kEverything;
  } else if (at.kind == ListToken::Kind::kTail) {
    end_list(at.start - 1, at.total, plan);
  }
  return plan;
}

void plan_stretch(const ListToken& at, const ListAnswer& answer, ListPlan& plan) {
  const std::uint64_t next = at.start + answer.rows;
  const bool is_short = answer.rows > 0 && next < at.end;
  if (at.kind == ListToken::Kind::kStretch) {
    if (is_short) plan.next_token = token_of(at, ListToken::Kind::kStretch, next, at.end).text();
    return;
  }
  if (is_short) plan.siblings.push_back(token_of(at, ListToken::Kind::kStretch, next, at.end).text());
  ListToken list = at;
  if (answer.rows == 0 && answer.total) list.total = *answer.total;
  plan_rest(list, at.end, plan);
}

absl::Status plan_tail(const ListToken& at, const ListAnswer& answer, ListPlan& plan) {
  const std::uint64_t total = std::max(at.total, answer.total.value_or(0));
  if (answer.rows == 0 || answer.first_id == at.previous_id) {
    plan.repetition = answer.rows > 0;
    end_list(at.start - 1, total, plan);
    return absl::OkStatus();
  }
  const std::uint64_t next = at.start + answer.rows;
  if (total != 0 && next > total && answer.rows != at.size) return absl::OkStatus();
  if ((total != 0 && next > total && (next - total) / at.size > kPagesBeyond) || next > kMostRows) {
    return absl::InternalError(absl::StrCat("the list does not end: it goes on at startIndex=", next,
                                            ", and announced ", total, " resources"));
  }
  ListToken token = token_of(at, ListToken::Kind::kTail, next, 0);
  token.total = total;
  token.previous_id = answer.first_id;
  plan.next_token = token.text();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ListPlan> plan_list(const ListToken& at, std::uint64_t asked, const ListAnswer& answer) {
  if (at.kind == ListToken::Kind::kFirst) return plan_first(asked, answer);
  if (answer.rows > 0 && answer.first_id == at.first_id) return plan_repetition(at);
  ListPlan plan;
  if (at.kind != ListToken::Kind::kTail) {
    plan_stretch(at, answer, plan);
    return plan;
  }
  if (absl::Status status = plan_tail(at, answer, plan); !status.ok()) return status;
  return plan;
}

}  // namespace baton::connectors::scim
