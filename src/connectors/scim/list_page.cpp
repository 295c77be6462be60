#include "connectors/scim/list_page.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/error_facts.hpp"
#include "base/hash.hpp"
#include "connectors/scim/list_plan.hpp"
#include "connectors/scim/list_token.hpp"

namespace baton::connectors::scim {
namespace {

/// The `count` for everything at once when nobody said how much that is.
constexpr std::uint64_t kEverything = 10'000;

std::optional<std::uint64_t> read_total(http::JsonObject& root) {
  std::optional<http::JsonValue> value = root.find("totalResults");
  if (!value) value = root.find("totalresults");
  if (!value || !(value->is_number() || value->is_string())) return std::nullopt;
  const std::string_view text = value->is_string() ? value->string() : value->raw();
  std::uint64_t total = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), total);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return total;
}

/// The facts by which the list is walked; counts the resources without reading them.
absl::StatusOr<ListAnswer> read_answer(http::JsonDocument& json) {
  http::JsonObject root = http::json_root(json);
  ListAnswer answer;
  answer.total = read_total(root);
  std::optional<http::JsonValue> rows = root.find("Resources");
  if (!rows) rows = root.find("resources");
  if (!rows && !answer.total) root.fail("is no list of resources: it has neither Resources nor totalResults");
  if (!root.status().ok()) return root.status();
  if (!rows) return answer;
  const absl::Status read = rows->for_each([&answer](http::JsonObject row) {
    if (answer.rows++ == 0) answer.first_id = hash64(row.id("id"));
  });
  if (!read.ok()) return read;
  return answer;
}

std::uint64_t count_of(const ListToken& at, const Api& api) {
  switch (at.kind) {
    case ListToken::Kind::kFirst:
      return api.page_size();
    case ListToken::Kind::kTail:
      return at.size;
    case ListToken::Kind::kStretch:
    case ListToken::Kind::kFork:
      break;
  }
  return at.end - at.start;
}

/// A second try for a service that ignores `startIndex`: the whole list in one answer.
Task<absl::StatusOr<ListPage>> fetch_everything(Api& api, Query query, ListToken at) {
  const std::string path = query.path;
  const std::uint64_t count = at.total != 0 ? at.total : std::max(kEverything, at.size + 1);
  absl::StatusOr<http::JsonDocument> json = co_await api.list(std::move(query), 1, count);
  if (!json.ok()) co_return json.status();
  const absl::StatusOr<ListAnswer> answer = read_answer(*json);
  if (!answer.ok()) co_return answer.status();
  // The latest word on the total: it may have been wrong, or have changed.
  const std::uint64_t total = answer->total.value_or(at.total);
  if (answer->rows < total) {
    co_return absl::InternalError(absl::StrCat("GET ", path, ": the service announces ", total,
                                               " resources but answers startIndex=", at.start,
                                               " with its first page, and gives ", answer->rows,
                                               " when asked for ", count, "; the list is not complete"));
  }
  ListPage page;
  page.answers.push_back(*std::move(json));
  co_return page;
}

/// The resource that a service which counts from 0 keeps at `startIndex=0`, if it is one.
Task<absl::Status> add_index_zero(Api& api, Query query, std::uint64_t first_id, ListPage& page) {
  absl::StatusOr<http::JsonDocument> json = co_await api.list(std::move(query), 0, 1);
  if (!json.ok()) {
    // 0 is no index by the letter of the standard's older readings, so a refusal is an answer, too.
    const int code = http_status(json.status()).value_or(0);
    co_return code == 400 || code == 404 ? absl::OkStatus() : json.status();
  }
  const absl::StatusOr<ListAnswer> answer = read_answer(*json);
  if (!answer.ok()) co_return answer.status();
  if (answer->rows > 0 && answer->first_id != first_id) page.answers.push_back(*std::move(json));
  co_return absl::OkStatus();
}

}  // namespace

Task<absl::StatusOr<ListPage>> fetch_list_page(Api& api, Query query, std::string token) {
  const absl::StatusOr<ListToken> at = ListToken::parse(token);
  if (!at.ok()) co_return at.status();
  const std::uint64_t count = count_of(*at, api);
  absl::StatusOr<http::JsonDocument> json = co_await api.list(query, at->start, count);
  if (!json.ok()) co_return json.status();
  const absl::StatusOr<ListAnswer> answer = read_answer(*json);
  if (!answer.ok()) co_return answer.status();
  absl::StatusOr<ListPlan> plan = plan_list(*at, count, *answer);
  if (!plan.ok()) co_return annotate(plan.status(), "GET " + query.path);
  if (plan->check == ListPlan::Check::kEverything) {
    co_return co_await fetch_everything(api, std::move(query), *at);
  }
  ListPage page;
  const bool is_first = at->kind == ListToken::Kind::kFirst;
  const std::uint64_t first_id = is_first ? answer->first_id : at->first_id;
  if (!plan->repetition) page.answers.push_back(*std::move(json));
  if (plan->check == ListPlan::Check::kIndexZero) {
    const std::size_t before = page.answers.size();
    const absl::Status added = co_await add_index_zero(api, query, first_id, page);
    if (!added.ok()) co_return added;
    if (page.answers.size() > before && plan->missing > 0) --plan->missing;
  }
  if (plan->missing > 0) {
    api.log().write(LogLevel::kWarn, "scim", "the service announces more resources than it lists",
                    {{"list", query.path}, {"missing", plan->missing}});
  }
  page.next_token = std::move(plan->next_token);
  page.siblings = std::move(plan->siblings);
  co_return page;
}

}  // namespace baton::connectors::scim
