/// Compressed bodies: never more than the limit comes out, whatever they say.
#include <cstdint>
#include <string_view>

#include "fuzz/require.hpp"
#include "http/content_coding.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baton;
  constexpr std::size_t kLimit = 100'000;
  http::Body coded;
  fuzz::require(coded.append(std::string_view(reinterpret_cast<const char*>(data), size)), "there is memory");
  for (const char* coding : {"gzip", "deflate", "br", "zstd"}) {
    http::Body plain;
    const absl::Status status = http::decode_body(coding, coded, kLimit, plain);
    fuzz::require(status.ok() || absl::IsDataLoss(status) || absl::IsResourceExhausted(status),
                  "errors are of two kinds");
    fuzz::require(!status.ok() || plain.size() <= kLimit, "the limit holds");
  }
  return 0;
}
