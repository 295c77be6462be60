/// The MANIFEST of a c1z of version 3: as it stands, and as the one record of a log whose checksum is right.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.hpp"
#include "storage/c1z/v3/block_writer.hpp"
#include "storage/c1z/v3/checksum.hpp"
#include "storage/c1z/v3/manifest_reader.hpp"

namespace {

void replay(std::string_view log) {
  const auto set = baton::c1z::v3::read_manifest(log);
  if (!set.ok()) return;
  for (const auto& table : set->tables) {
    baton::fuzz::require(table.smallest <= table.largest, "a table ends behind its beginning");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baton::c1z::v3;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  replay(input);
  constexpr std::size_t kMostInAChunk = 32'000;
  std::string body(1, '\1');
  body.append(input.substr(0, kMostInAChunk));
  std::string log;
  append_le32(log, mask_checksum(baton::crc32c(body)));
  append_le16(log, static_cast<std::uint16_t>(body.size() - 1));
  replay(log + body);
  return 0;
}
