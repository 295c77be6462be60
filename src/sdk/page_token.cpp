#include "sdk/page_token.hpp"

#include <charconv>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/redact.hpp"

namespace baton::sdk {

absl::StatusOr<std::uint64_t> parse_number_token(std::string_view token, std::uint64_t first) {
  if (token.empty()) return first;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc() || end != token.data() + token.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("page token corrupt: \"", scrub(token, 64), "\" is not a number"));
  }
  return value;
}

}  // namespace baton::sdk
