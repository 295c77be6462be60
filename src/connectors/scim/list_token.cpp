#include "connectors/scim/list_token.hpp"

#include <array>
#include <charconv>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/redact.hpp"

namespace baton::connectors::scim {
namespace {

constexpr std::string_view kLetters = "1sft";
constexpr std::size_t kNumbers = 6;

}  // namespace

absl::StatusOr<ListToken> ListToken::parse(std::string_view token) {
  ListToken result;
  if (token.empty()) return result;
  std::array<std::uint64_t, kNumbers> numbers = {};
  const std::size_t kind = kLetters.find(token.front());
  bool good = kind != std::string_view::npos && kind != 0;
  const char* at = token.data() + 1;
  const char* const end = token.data() + token.size();
  for (std::uint64_t& number : numbers) {
    if (!good || at == end || *at != ':') {
      good = false;
      break;
    }
    const auto [behind, error] = std::from_chars(at + 1, end, number);
    good = error == std::errc();
    at = behind;
  }
  if (!good || at != end || numbers[0] == 0 || numbers[2] == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("page token corrupt: \"", scrub(token, 64), "\" is no place in a list"));
  }
  result.kind = static_cast<Kind>(kind);
  result.start = numbers[0];
  result.end = numbers[1];
  result.size = numbers[2];
  result.total = numbers[3];
  result.first_id = numbers[4];
  result.previous_id = numbers[5];
  return result;
}

std::string ListToken::text() const {
  if (kind == Kind::kFirst) return "";
  return absl::StrCat(std::string(1, kLetters[static_cast<std::size_t>(kind)]), ":", start, ":", end, ":",
                      size, ":", total, ":", first_id, ":", previous_id);
}

}  // namespace baton::connectors::scim
