/// Page tokens: a Bag that can be read says the same when it is written and read again.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.hpp"
#include "sdk/bag.hpp"
#include "sdk/page_token.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baton;
  const std::string_view token(reinterpret_cast<const char*>(data), size);
  (void)sdk::parse_number_token(token).ok();
  absl::StatusOr<sdk::Bag> bag = sdk::Bag::parse(token);
  if (!bag.ok()) {
    fuzz::require(absl::IsInvalidArgument(bag.status()), "a bad token is the caller's fault");
    return 0;
  }
  const std::string text = bag->marshal();
  const absl::StatusOr<sdk::Bag> again = sdk::Bag::parse(text);
  if (!again.ok()) {
    // Escapes can make a text longer than a token may be.
    fuzz::require(text.size() > size, "what was written can be read");
    return 0;
  }
  fuzz::require(again->marshal() == text, "a token is read as it was written");
  while (bag->current() != nullptr) bag->pop();
  fuzz::require(bag->marshal().empty(), "an empty bag is the empty token");
  return 0;
}
