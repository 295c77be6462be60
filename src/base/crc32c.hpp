#pragma once

#include <cstdint>
#include <string_view>

namespace baton {

/// CRC-32C (Castagnoli) of `bytes`, with the processor's instruction where it has one. `crc` goes on from the
/// value of what stands in front.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace baton
