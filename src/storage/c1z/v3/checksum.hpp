#pragma once

#include <bit>
#include <cstdint>

#include "base/crc32c.hpp"

namespace baton::c1z::v3 {

/// CRC-32C as blocks, footers and log chunks store it: turned and shifted, so that bytes which hold checksums
/// of their own do not have a special one.
inline std::uint32_t mask_checksum(std::uint32_t crc) {
  return std::rotr(crc, 15) + 0xa282ead8U;
}

}  // namespace baton::c1z::v3
