#include "sync/sync_token.hpp"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

namespace baton::sync {
namespace {

/// The token as any JSON reader sees it.
google::protobuf::Struct read(const std::string& token) {
  google::protobuf::Struct parsed;
  const auto status = google::protobuf::util::JsonStringToMessage(token, &parsed);
  EXPECT_TRUE(status.ok()) << token;
  return parsed;
}

baton::store::v1::WarningRow dropped(const std::string& type) {
  baton::store::v1::WarningRow row;
  row.set_resource_type_id(type);
  return row;
}

TEST(SealedToken, carries_what_a_finished_plan_has) {
  baton::store::v1::RunCounters counters;
  counters.set_cursors_done(12345);
  const auto token = read(sealed_token(counters, {}));
  EXPECT_EQ(token.fields().size(), 2U);
  EXPECT_EQ(token.fields().at("completed_actions_count").number_value(), 12345);
  EXPECT_EQ(token.fields().at("version").number_value(), 1);
}

TEST(SealedToken, says_that_grants_expand) {
  baton::store::v1::RunCounters counters;
  counters.set_expandable_grants(1);
  const auto token = read(sealed_token(counters, {}));
  EXPECT_TRUE(token.fields().at("needs_expansion").bool_value());
}

TEST(SealedToken, names_each_type_with_losses_once_and_survives_any_name) {
  const std::string odd = "quote\" back\\slash \x01\x1f\n\t ümlaut";
  const auto token =
      read(sealed_token({}, {dropped("group"), dropped(odd), dropped("group"), dropped(""), dropped("app")}));
  const auto& types =
      token.fields().at("baton_cxx").struct_value().fields().at("incomplete_types").list_value();
  ASSERT_EQ(types.values_size(), 3);
  EXPECT_EQ(types.values(0).string_value(), "app");
  EXPECT_EQ(types.values(1).string_value(), "group");
  EXPECT_EQ(types.values(2).string_value(), odd);
}

TEST(SealedToken, says_nothing_of_losses_without_a_type) {
  const auto token = read(sealed_token({}, {dropped("")}));
  EXPECT_FALSE(token.fields().contains("baton_cxx"));
}

}  // namespace
}  // namespace baton::sync
