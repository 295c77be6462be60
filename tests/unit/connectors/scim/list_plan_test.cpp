#include "connectors/scim/list_plan.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace baton::connectors::scim {
namespace {

/// A service as its list requests show it: rows are numbers from 1, and a row's number is the hash of its id.
class Service {
 public:
  class Answer {
   public:
    std::vector<std::uint64_t> rows;
    std::optional<std::uint64_t> total;
  };
  using Reply = std::function<Answer(std::uint64_t start, std::uint64_t count)>;

  explicit Service(Reply reply) : reply_(std::move(reply)) {}

  /// Rows [from, to] of a list of `rows`, indexes from 1.
  static std::vector<std::uint64_t> slice(std::uint64_t rows, std::uint64_t from, std::uint64_t count) {
    std::vector<std::uint64_t> result;
    for (std::uint64_t row = std::max<std::uint64_t>(from, 1); row <= rows && result.size() < count; ++row) {
      result.push_back(row);
    }
    return result;
  }

  /// Walks the whole list as the connector does, with one cursor at a time; false when the plan is an error.
  bool walk(std::uint64_t page_size) {
    std::vector<std::string> tokens = {""};
    while (!tokens.empty()) {
      const auto at = ListToken::parse(tokens.back());
      tokens.pop_back();
      EXPECT_TRUE(at.ok()) << at.status();
      if (!at.ok()) return false;
      std::uint64_t count = page_size;
      if (at->kind == ListToken::Kind::kTail) count = at->size;
      if (at->end != 0) count = at->end - at->start;
      const Answer answer = ask(at->start, count);
      const std::uint64_t first = answer.rows.empty() ? 0 : answer.rows.front();
      const auto plan = plan_list(*at, count, ListAnswer(answer.rows.size(), answer.total, first));
      if (!plan.ok()) {
        error = plan.status();
        return false;
      }
      if (plan->check == ListPlan::Check::kEverything) {
        asked_for_everything = true;
        continue;
      }
      if (!plan->repetition) seen.insert(answer.rows.begin(), answer.rows.end());
      checked_zero = checked_zero || plan->check == ListPlan::Check::kIndexZero;
      missing += plan->missing;
      most_siblings = std::max(most_siblings, plan->siblings.size());
      if (!plan->next_token.empty()) tokens.push_back(plan->next_token);
      tokens.insert(tokens.end(), plan->siblings.begin(), plan->siblings.end());
    }
    return true;
  }

  std::set<std::uint64_t> seen;
  std::uint64_t requests = 0;
  std::uint64_t missing = 0;
  std::size_t most_siblings = 0;
  bool asked_for_everything = false;
  bool checked_zero = false;
  absl::Status error;

 private:
  Answer ask(std::uint64_t start, std::uint64_t count) {
    ++requests;
    return reply_(start, count);
  }

  Reply reply_;
};

Service::Answer make_answer(std::vector<std::uint64_t> rows, std::optional<std::uint64_t> total) {
  Service::Answer answer;
  answer.rows = std::move(rows);
  answer.total = total;
  return answer;
}

Service well_behaved(std::uint64_t rows) {
  return Service([rows](std::uint64_t start, std::uint64_t count) {
    return make_answer(Service::slice(rows, start, count), rows);
  });
}

TEST(ListPlan, a_list_of_one_page_needs_one_request) {
  Service service = well_behaved(7);
  ASSERT_TRUE(service.walk(100));
  EXPECT_EQ(service.seen.size(), 7U);
  EXPECT_EQ(service.requests, 1U);
  EXPECT_FALSE(service.checked_zero);
}

TEST(ListPlan, an_empty_list_needs_one_request) {
  Service service = well_behaved(0);
  ASSERT_TRUE(service.walk(100));
  EXPECT_EQ(service.requests, 1U);
  EXPECT_FALSE(service.checked_zero);
}

TEST(ListPlan, the_first_page_names_all_others_at_once) {
  const auto plan = plan_list(ListToken(), 100, ListAnswer(100, 1050, 1));
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->siblings.size(), 9U);
  const auto tail = ListToken::parse(plan->next_token);
  ASSERT_TRUE(tail.ok());
  EXPECT_EQ(tail->kind, ListToken::Kind::kTail);
  EXPECT_EQ(tail->start, 1001U);
  Service service = well_behaved(1050);
  ASSERT_TRUE(service.walk(100));
  EXPECT_EQ(service.seen.size(), 1050U);
  EXPECT_EQ(service.requests, 11U);
}

TEST(ListPlan, any_number_of_rows_is_complete) {
  for (std::uint64_t rows = 0; rows <= 45; ++rows) {
    for (const std::uint64_t size : {1U, 2U, 7U, 10U}) {
      Service service = well_behaved(rows);
      ASSERT_TRUE(service.walk(size)) << rows << " by " << size << ": " << service.error;
      EXPECT_EQ(service.seen.size(), rows) << "by " << size;
      EXPECT_LE(service.requests, rows / size + 2) << rows << " by " << size;
      EXPECT_EQ(service.missing, 0U);
      EXPECT_FALSE(service.asked_for_everything);
    }
  }
}

TEST(ListPlan, a_very_long_list_forks_within_the_limit_of_a_page) {
  Service service = well_behaved(5'000);
  ASSERT_TRUE(service.walk(2));
  EXPECT_EQ(service.seen.size(), 5'000U);
  EXPECT_LE(service.most_siblings, 1024U);
}

TEST(ListPlan, a_capped_count_is_the_size_of_all_pages) {
  Service service([](std::uint64_t start, std::uint64_t count) {
    return make_answer(Service::slice(101, start, std::min<std::uint64_t>(count, 20)), 101);
  });
  ASSERT_TRUE(service.walk(100));
  EXPECT_EQ(service.seen.size(), 101U);
  EXPECT_EQ(service.requests, 6U);
}

TEST(ListPlan, a_short_page_in_the_middle_is_asked_for_its_rest) {
  // Gives 10 rows to the first request and 3 to all others.
  Service service([](std::uint64_t start, std::uint64_t count) {
    return make_answer(Service::slice(95, start, start == 1 ? count : std::min<std::uint64_t>(count, 3)), 95);
  });
  ASSERT_TRUE(service.walk(10));
  EXPECT_EQ(service.seen.size(), 95U);
}

TEST(ListPlan, a_service_without_totals_is_walked_to_its_end) {
  Service service([](std::uint64_t start, std::uint64_t count) {
    return make_answer(Service::slice(45, start, count), std::nullopt);
  });
  ASSERT_TRUE(service.walk(10));
  EXPECT_EQ(service.seen.size(), 45U);
  EXPECT_TRUE(service.checked_zero);
}

TEST(ListPlan, a_service_that_gives_everything_at_once_is_asked_once) {
  Service service([](std::uint64_t, std::uint64_t) { return make_answer(Service::slice(250, 1, 250), 250); });
  ASSERT_TRUE(service.walk(100));
  EXPECT_EQ(service.seen.size(), 250U);
  EXPECT_EQ(service.requests, 1U);
}

TEST(ListPlan, a_service_that_ignores_startIndex_is_asked_for_everything) {
  Service service(
      [](std::uint64_t, std::uint64_t count) { return make_answer(Service::slice(250, 1, count), 250); });
  ASSERT_TRUE(service.walk(100));
  EXPECT_TRUE(service.asked_for_everything);
}

TEST(ListPlan, the_first_page_behind_the_end_is_no_reason_for_alarm) {
  // 200 rows are two whole pages: the third starts behind the end.
  Service service([](std::uint64_t start, std::uint64_t count) {
    return make_answer(Service::slice(200, start > 200 ? 1 : start, count), 200);
  });
  ASSERT_TRUE(service.walk(100));
  EXPECT_EQ(service.seen.size(), 200U);
  EXPECT_FALSE(service.asked_for_everything);
  EXPECT_EQ(service.missing, 0U);
}

TEST(ListPlan, the_last_page_behind_the_end_ends_the_walk) {
  Service service([](std::uint64_t start, std::uint64_t count) {
    return make_answer(Service::slice(200, std::min<std::uint64_t>(start, 101), count), std::nullopt);
  });
  ASSERT_TRUE(service.walk(100));
  EXPECT_EQ(service.seen.size(), 200U);
  EXPECT_LE(service.requests, 4U);
}

TEST(ListPlan, a_total_that_is_too_low_does_not_cut_the_list) {
  Service service([](std::uint64_t start, std::uint64_t count) {
    return make_answer(Service::slice(75, start, count), 30);
  });
  ASSERT_TRUE(service.walk(10));
  EXPECT_EQ(service.seen.size(), 75U);
}

TEST(ListPlan, the_size_of_a_page_in_the_place_of_the_total_does_not_cut_the_list) {
  Service service([](std::uint64_t start, std::uint64_t count) {
    const auto rows = Service::slice(75, start, count);
    return make_answer(rows, rows.size());
  });
  ASSERT_TRUE(service.walk(10));
  EXPECT_EQ(service.seen.size(), 75U);
}

TEST(ListPlan, a_total_that_is_too_high_is_reported) {
  Service service([](std::uint64_t start, std::uint64_t count) {
    return make_answer(Service::slice(75, start, count), 82);
  });
  ASSERT_TRUE(service.walk(10));
  EXPECT_EQ(service.seen.size(), 75U);
  EXPECT_GT(service.missing, 0U);
}

TEST(ListPlan, a_total_that_counts_what_is_left_does_not_cut_the_list) {
  Service service([](std::uint64_t start, std::uint64_t count) {
    return make_answer(Service::slice(75, start, count), start > 75 ? 0 : 76 - start);
  });
  ASSERT_TRUE(service.walk(10));
  EXPECT_EQ(service.seen.size(), 75U);
}

TEST(ListPlan, a_list_that_grows_is_walked_to_its_new_end) {
  std::uint64_t rows = 40;
  Service service([&rows](std::uint64_t start, std::uint64_t count) {
    if (rows < 65) rows += 5;
    return make_answer(Service::slice(rows, start, count), rows);
  });
  ASSERT_TRUE(service.walk(10));
  EXPECT_EQ(service.seen.size(), 65U);
}

TEST(ListPlan, rows_that_are_kept_back_from_their_page_do_not_end_the_list) {
  // Every page lacks its fourth row, and one page is empty.
  Service service([](std::uint64_t start, std::uint64_t count) {
    std::vector<std::uint64_t> rows = Service::slice(95, start, count);
    std::erase_if(rows, [](std::uint64_t row) { return row % 10 == 4 || (row > 40 && row <= 50); });
    return make_answer(rows, 95);
  });
  ASSERT_TRUE(service.walk(10));
  EXPECT_EQ(service.seen.size(), 95U - 10U - 9U);
}

TEST(ListPlan, a_service_that_counts_from_zero_shows_at_the_end) {
  for (const std::uint64_t rows : {1U, 9U, 10U, 11U, 75U, 80U}) {
    Service service([rows](std::uint64_t start, std::uint64_t count) {
      return make_answer(Service::slice(rows, start + 1, count), rows);
    });
    ASSERT_TRUE(service.walk(10));
    EXPECT_EQ(service.seen.size(), rows - 1);
    EXPECT_TRUE(service.checked_zero) << rows;
  }
}

TEST(ListPlan, a_list_without_an_end_is_an_error) {
  Service service([](std::uint64_t start, std::uint64_t count) {
    return make_answer(Service::slice(start + count, start, count), 20);
  });
  EXPECT_FALSE(service.walk(10));
  EXPECT_EQ(service.error.code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace baton::connectors::scim
