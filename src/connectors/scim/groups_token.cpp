#include "connectors/scim/groups_token.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/redact.hpp"

namespace baton::connectors::scim {
namespace {

/// Takes "<number>:" off the front.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size() || *end != ':') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number;
}

}  // namespace

absl::StatusOr<GroupsToken> GroupsToken::parse(std::string_view token) {
  const absl::Status corrupt = absl::InvalidArgumentError(
      absl::StrCat("page token corrupt: \"", scrub(token, 64), "\" names no groups"));
  if (!is_one(token)) return corrupt;
  std::string_view rest = token.substr(2);
  GroupsToken result;
  const std::optional<std::uint64_t> start = take_number(rest);
  if (!start || *start == 0) return corrupt;
  result.start = *start;
  while (!rest.empty()) {
    const std::optional<std::uint64_t> size = take_number(rest);
    if (!size || *size == 0 || *size > rest.size()) return corrupt;
    result.ids.emplace_back(rest.substr(0, *size));
    rest.remove_prefix(*size);
  }
  if (result.ids.empty()) return corrupt;
  return result;
}

std::string GroupsToken::text() const {
  std::string text = absl::StrCat("m:", start, ":");
  for (const std::string& id : ids) absl::StrAppend(&text, id.size(), ":", id);
  return text;
}

std::vector<std::string> group_tokens(std::vector<std::string> ids, std::size_t most) {
  const std::size_t each =
      ids.size() <= most ? 1 : std::max<std::size_t>(1000, (ids.size() + most - 1) / most);
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < ids.size(); at += each) {
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(at + each, ids.size()));
    tokens.push_back(GroupsToken(std::vector<std::string>(begin, end)).text());
  }
  return tokens;
}

}  // namespace baton::connectors::scim
