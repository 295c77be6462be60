#include "connectors/scim/error_text.hpp"

#include <string>

#include <gtest/gtest.h>

namespace baton::connectors::scim {
namespace {

TEST(ErrorText, says_what_the_service_says) {
  EXPECT_EQ(error_text(R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],
    "scimType":"mutability","detail":"Attribute 'id' is readOnly","status":"400"})"),
            "Attribute 'id' is readOnly (mutability)");
  EXPECT_EQ(error_text(R"({"detail":"Authorization not valid","status":401})"), "Authorization not valid");
  EXPECT_EQ(error_text(R"({"scimType":"tooMany","status":"400"})"), "tooMany");
}

TEST(ErrorText, reads_the_form_of_version_1_too) {
  EXPECT_EQ(
      error_text(R"({"Errors":[{"description":"Resource not found","code":"404"},{"description":"twice"}]})"),
      "Resource not found; twice");
}

TEST(ErrorText, says_nothing_about_other_bodies) {
  for (const char* body : {"", "<html>", "[]", "{}", "null", R"({"error":"x"})",
                           R"({"detail":7,"Errors":"x"})", R"({"detail":"cut)", R"({"Errors":[1,"x",{}]})"}) {
    const std::string text = error_text(body);
    EXPECT_TRUE(text.empty() || text == "7") << body << ": " << text;
  }
  EXPECT_EQ(error_text(std::string(100'000, ' ')), "");
}

}  // namespace
}  // namespace baton::connectors::scim
