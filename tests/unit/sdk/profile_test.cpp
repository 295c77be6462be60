#include "sdk/profile.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace baton::sdk {
namespace {

using google::protobuf::Struct;

TEST(Profile, every_kind_of_value) {
  Struct fields;
  Profile profile(fields);
  profile.text("t", "x").number("n", 1.5).boolean("b", true).null("z").integer_text("big", 9007199254740993);
  profile.text_if_any("absent", "").text_if_any("present", "y");
  profile.object("o").text("inner", "v");
  profile.list("l").text("a").number(2).boolean(false).null();
  profile.list("l2").object().text("deep", "d");
  profile.list("l3").list().text("nested");
  EXPECT_EQ(fields.fields().at("t").string_value(), "x");
  EXPECT_EQ(fields.fields().at("n").number_value(), 1.5);
  EXPECT_TRUE(fields.fields().at("b").bool_value());
  EXPECT_EQ(fields.fields().at("z").kind_case(), google::protobuf::Value::kNullValue);
  EXPECT_EQ(fields.fields().at("big").string_value(), "9007199254740993");
  EXPECT_FALSE(fields.fields().contains("absent"));
  EXPECT_TRUE(fields.fields().contains("present"));
  EXPECT_EQ(fields.fields().at("o").struct_value().fields().at("inner").string_value(), "v");
  EXPECT_EQ(fields.fields().at("l").list_value().values_size(), 4);
  EXPECT_EQ(fields.fields().at("l3").list_value().values(0).list_value().values(0).string_value(), "nested");
  profile.text("t", "again");
  EXPECT_EQ(fields.fields().at("t").string_value(), "again");
}

TEST(Profile, mends_text_that_is_no_utf8) {
  Struct fields;
  Profile(fields).text("k\xff", "v\xff");
  EXPECT_EQ(fields.fields().at("k\xef\xbf\xbd").string_value(), "v\xef\xbf\xbd");
}

TEST(Profile, reads_back_with_the_right_kind_only) {
  Struct fields;
  Profile(fields).text("t", "x").number("n", -3.9).number("nan", std::numeric_limits<double>::quiet_NaN());
  Profile(fields).number("huge", 1e300);
  EXPECT_EQ(profile_text(fields, "t"), "x");
  EXPECT_EQ(profile_text(fields, "n", "none"), "none");
  EXPECT_EQ(profile_text(fields, "absent", "none"), "none");
  EXPECT_EQ(profile_integer(fields, "n"), -3);
  EXPECT_EQ(profile_integer(fields, "t", 7), 7);
  EXPECT_EQ(profile_integer(fields, "nan", 7), 7);
  EXPECT_EQ(profile_integer(fields, "huge", 7), 7);
}

TEST(SplitName, splits_at_the_first_space) {
  EXPECT_EQ(SplitName("Ada King Lovelace").given_name, "Ada");
  EXPECT_EQ(SplitName("Ada King Lovelace").family_name, "King Lovelace");
  EXPECT_EQ(SplitName("Ada").given_name, "Ada");
  EXPECT_EQ(SplitName("Ada").family_name, "");
  EXPECT_EQ(SplitName("").given_name, "");
}

}  // namespace
}  // namespace baton::sdk
