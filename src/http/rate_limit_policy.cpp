#include "http/rate_limit_policy.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace baton::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMostBytes = 2048;
constexpr std::size_t kMostMembers = 16;
constexpr std::size_t kMostDigits = 15;
constexpr seconds kLongestWindow = std::chrono::days(31);

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  if (text.empty() || text.size() > kMostDigits) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// The part of `text` before the first `mark` outside quotes; `text` goes on behind it.
std::string_view cut(std::string_view& text, char mark) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    if (quoted && text[end] == '\\') {
      ++end;
    } else if (text[end] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[end] == mark) {
      break;
    }
  }
  end = std::min(end, text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(text.size(), end + 1));
  return trim(part);
}

/// `name;key=value;key=value`, all as it stands there.
class Member {
 public:
  explicit Member(std::string_view text) : name(cut(text, ';')), parameters_(text) {}

  std::string_view parameter(std::string_view key) const {
    std::string_view rest = parameters_;
    while (!rest.empty()) {
      std::string_view value = cut(rest, ';');
      const std::string_view found = cut(value, '=');
      if (found == key) return trim(value);
    }
    return {};
  }

  std::string_view name;

 private:
  std::string_view parameters_;
};

std::vector<Member> members_of(std::string_view text) {
  std::vector<Member> members;
  text = text.substr(0, kMostBytes);
  while (!text.empty() && members.size() < kMostMembers) {
    const std::string_view member = cut(text, ',');
    if (!member.empty()) members.emplace_back(member);
  }
  return members;
}

std::optional<milliseconds> window_of(const Member& member) {
  const auto window = whole_number(member.parameter("w"));
  if (!window || *window == 0 || *window > kLongestWindow.count()) return std::nullopt;
  return milliseconds(seconds(*window));
}

bool counts_requests(const Member& policy) {
  const std::string_view unit = policy.parameter("qu");
  return unit.empty() || unit == "\"requests\"";
}

/// The quota of a policy, new form (`"name";q=100;w=60`) or old (`100;w=60`).
std::optional<Quota> quota_of(const Member& member) {
  if (!counts_requests(member)) return std::nullopt;
  const auto window = window_of(member);
  const auto units = whole_number(member.parameter("q"));
  const auto old_units = whole_number(member.name);
  if (!window) return std::nullopt;
  if (units && *units > 0) return Quota(*units, *window);
  if (old_units && *old_units > 0) return Quota(*old_units, *window);
  return std::nullopt;
}

/// Fills what is left of the budgets; `name` becomes that of the one that counts.
void read_state(const std::vector<Member>& members, const std::vector<Member>& policies,
                RateLimitPolicy& policy, std::string_view& name) {
  for (const Member& member : members) {
    const bool foreign = std::any_of(policies.begin(), policies.end(), [&member](const Member& other) {
      return other.name == member.name && !counts_requests(other);
    });
    if (foreign) continue;
    std::string_view rest = member.name;
    const std::string_view key = cut(rest, '=');
    if (!rest.empty()) {
      // The dictionary of an earlier draft.
      const auto number = whole_number(trim(rest));
      if (key == "limit") policy.limit = number;
      if (key == "remaining") policy.remaining = number;
      if (key == "reset" && number && *number <= kLongestWindow.count()) policy.reset = seconds(*number);
      continue;
    }
    const auto remaining = whole_number(member.parameter("r"));
    if (!remaining || (policy.remaining && *policy.remaining <= *remaining)) continue;
    policy.remaining = remaining;
    policy.reset.reset();
    const auto reset = whole_number(member.parameter("t"));
    if (reset && *reset <= kLongestWindow.count()) policy.reset = seconds(*reset);
    name = member.name;
  }
}

}  // namespace

RateLimitPolicy read_rate_limit_policy(const Headers& headers) {
  RateLimitPolicy policy;
  std::string_view name;
  read_state(members_of(headers.value("RateLimit")), members_of(headers.value("RateLimit-Policy")), policy,
             name);
  for (const std::string_view field : {"RateLimit-Policy", "RateLimit-Limit", "X-RateLimit-Limit"}) {
    for (const Member& member : members_of(headers.value(field))) {
      const std::optional<Quota> quota = quota_of(member);
      if (!quota || (policy.quota && member.name != name)) continue;
      policy.quota = quota;
    }
    if (policy.quota) break;
  }
  return policy;
}

}  // namespace baton::http
