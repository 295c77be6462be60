/// The outer layer of a c1z: magic, zstd frames, skippable frames, what stands behind them.
#include <cstdint>
#include <string_view>

#include "fuzz/memory_file.hpp"
#include "fuzz/require.hpp"
#include "storage/c1z/envelope.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baton;
  static fuzz::MemoryFile input;
  static fuzz::MemoryFile output;
  input.assign(std::string_view(reinterpret_cast<const char*>(data), size));
  output.assign({});

  c1z::DecodeLimits limits;
  limits.max_decoded_bytes = std::uint64_t{1} << 20;
  limits.max_window_bytes = std::uint64_t{1} << 20;
  const auto kind = c1z::inspect(input.path());
  const auto source = c1z::open_for_reading(input.path());
  const auto target = output.open();
  fuzz::require(kind.ok() && source.ok(), "a file in memory opens");
  const auto decoded = c1z::decompress_v1(*source, input.path(), target, limits);
  if (decoded.ok()) {
    fuzz::require(*kind == c1z::FileKind::kV1, "only v1 is decoded");
    fuzz::require(*decoded <= limits.max_decoded_bytes, "the limit holds");
    fuzz::require(*target.size() == *decoded, "all that was decoded is in the copy");
  }
  return 0;
}
