#include "base/crc32c.hpp"

#include <gtest/gtest.h>

#include <string>

namespace baton {
namespace {

/// Bit by bit, as the definition says.
std::uint32_t slowly(std::string_view bytes) {
  std::uint32_t state = 0xffffffff;
  for (const char byte : bytes) {
    state ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? 0x82f63b78U : 0U);
  }
  return ~state;
}

// RFC 3720, B.4.
TEST(Crc32c, IsThatOfTheRfc) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32c, IsTheSameForEveryLengthAndInParts) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes.push_back(static_cast<char>(i * 37 + i / 7));
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const std::string_view front = std::string_view(bytes).substr(0, size);
    EXPECT_EQ(crc32c(front), slowly(front)) << size;
    EXPECT_EQ(crc32c(std::string_view(bytes).substr(size), crc32c(front)), slowly(bytes)) << size;
  }
}

}  // namespace
}  // namespace baton
