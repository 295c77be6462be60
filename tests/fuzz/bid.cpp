/// Baton identifiers: what can be read is written as it was.
#include <cstdint>
#include <string_view>

#include "fuzz/require.hpp"
#include "sdk/bid.hpp"

namespace {

template <class Parsed>
void check(std::string_view text, const Parsed& parsed) {
  using namespace baton;
  if (!parsed.ok()) {
    fuzz::require(absl::IsInvalidArgument(parsed.status()), "a bad identifier is the caller's fault");
    return;
  }
  const auto written = sdk::format_bid(*parsed);
  fuzz::require(written.ok(), "what was read can be written");
  fuzz::require(*written == text, "what was read is written as it was");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, baton::sdk::parse_resource_bid(text));
  check(text, baton::sdk::parse_entitlement_bid(text));
  check(text, baton::sdk::parse_grant_bid(text));
  return 0;
}
