#include "sdk/page.hpp"

#include <gtest/gtest.h>

#include "sdk/resources.hpp"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;

TEST(Page, keeps_rows_in_place_when_moved) {
  Page<v2::Resource> page;
  v2::Resource* row = &page.add();
  fill_resource(*row, "user", "u1", "User 1");
  page.set_next_token("t");
  const std::size_t before = page.bytes();
  const Page<v2::Resource> moved = std::move(page);
  EXPECT_EQ(&moved.row(0), row);
  EXPECT_EQ(moved.next_token(), "t");
  EXPECT_EQ(moved.bytes(), before);
  EXPECT_GE(moved.bytes(), 4096U);
}

}  // namespace
}  // namespace baton::sdk
