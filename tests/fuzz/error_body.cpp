/// Bodies of error answers, as JSON, HTML and text: one line, within its limit.
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.hpp"
#include "http/error_body.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baton;
  http::Body body;
  fuzz::require(body.append(std::string_view(reinterpret_cast<const char*>(data), size)), "there is memory");
  for (const char* type : {"application/problem+json", "text/html; charset=utf-8", "text/plain", ""}) {
    const std::string text = http::error_message_of(type, body, 300);
    fuzz::require(text.size() <= 320, "a message is short");
    fuzz::require(text.find('\n') == std::string::npos, "and one line");
  }
  return 0;
}
