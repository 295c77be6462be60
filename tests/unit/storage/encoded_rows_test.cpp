#include "storage/encoded_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/tuple_key.hpp"
#include "rows.hpp"
#include "storage/row_value.hpp"

namespace baton::storage {
namespace {

using namespace std::string_literals;

TEST(EncodedRows, KeysAreTheIdentityAndThePlaceInTheSync) {
  const auto page =
      encode_page(StructuralOrder(5, 0x0102030405060708, 9), make_grant("group", "g", "u"),
                  make_entitlement("group", "g", "member"), make_resource("group", "g"), make_type("group"));
  ASSERT_EQ(page->size(), 4U);
  const std::string place = "\0\x05\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\x09\0\0"s;
  EXPECT_EQ(page->key(page->entries()[0]), "group"s + place + "\x03"s);
  EXPECT_EQ(page->key(page->entries()[1]), "group\0g"s + place + "\x02"s);
  EXPECT_EQ(page->key(page->entries()[2]), "group\0g\0001\0member"s + place + "\x01"s);
  EXPECT_EQ(page->key(page->entries()[3]), "group\0g\0001\0member\0user\0u"s + place + "\0"s);
  std::size_t bytes = 0;
  for (const auto& entry : page->entries()) bytes += page->key(entry).size() + page->value(entry).size();
  EXPECT_EQ(page->bytes(), bytes);
}

TEST(EncodedRows, RowsOfAFamilyAreSortedByKey) {
  EncodedRows page(StructuralOrder(2, 1, 0), kDiscovered);
  for (const char* id : {"c", "a", "b\x01", "b", "a", ""}) page.add(make_resource("t", id));
  page.add(make_type("t"));
  page.finish();
  ASSERT_EQ(page.size(), 7U);
  EXPECT_EQ(page.entries()[0].family, Family::kResourceTypes);
  for (std::size_t i = 2; i < page.size(); ++i) {
    EXPECT_EQ(page.entries()[i].family, Family::kResources);
    EXPECT_LT(page.key(page.entries()[i - 1]), page.key(page.entries()[i]));
  }
}

TEST(EncodedRows, CountsGrantsThatWaitForExpansion) {
  EncodedRows page(StructuralOrder(5, 1, 0), kDiscovered);
  page.add(make_grant("group", "g", "u"));
  EXPECT_FALSE(page.needs_expansion());
  auto grant = make_grant("group", "g", "v");
  make_expandable(grant, {"group:h:member"});
  page.add(grant);
  page.finish();
  EXPECT_TRUE(page.needs_expansion());
  EXPECT_EQ(page.expandable_grants(), 1U);
}

TEST(EncodedRows, AMovedPageKeepsItsRows) {
  EncodedRows page(StructuralOrder(2, 1, 0), kDiscovered);
  page.add(make_resource("t", "x"));
  page.finish();
  const std::string key(page.key(page.entries()[0]));
  const EncodedRows moved = std::move(page);
  EXPECT_EQ(moved.key(moved.entries()[0]), key);
}

}  // namespace
}  // namespace baton::storage
