#include "base/hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace baton {
namespace {

TEST(Hash64, matches_the_file_formats_vectors) {
  EXPECT_EQ(hash64(""), 0xef46db3751d8e999U);
  EXPECT_EQ(hash64(std::string_view("user\0u1", 7)), 0x0f0ba37e5c49236dU);
}

TEST(Hash128, is_stable) {
  // The reference value of XXH3-128 for no input.
  EXPECT_EQ(hash128(""), Hash128(0x99aa06d3014798d8U, 0x6001c324468d497fU));
  EXPECT_NE(hash128("a"), hash128("b"));
}

}  // namespace
}  // namespace baton
