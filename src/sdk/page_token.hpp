#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace baton::sdk {

/// Which page a listing is asked for. The token is what the connector returned with the page before, empty
/// for the first page, at most 1 MiB. The size is a wish; 0 leaves it to the connector.
class PageRequest {
 public:
  PageRequest() = default;
  explicit PageRequest(std::string page_token, std::uint32_t page_size = 0)
      : token(std::move(page_token)), size(page_size) {}

  /// `size`, or `connector_default` when the caller has no wish.
  std::uint32_t size_or(std::uint32_t connector_default) const {
    return size != 0 ? size : connector_default;
  }

  std::string token;
  std::uint32_t size = 0;
};

/// Reads a token that is a plain decimal number, such as an offset or a page number; `first` for the empty
/// token. InvalidArgument ("page token corrupt: ...") for anything else.
absl::StatusOr<std::uint64_t> parse_number_token(std::string_view token, std::uint64_t first = 0);

}  // namespace baton::sdk
