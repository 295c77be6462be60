#include "base/redact.hpp"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(RedactHeader, hides_credentials_in_any_case) {
  for (const std::string_view name :
       {"Authorization", "authorization", "X-Api-Key", "Cookie", "Set-Cookie", "Proxy-Authorization",
        "X-Forwarded-For", "X-Forwarded-Proto", "X-Auth", "X-Vault-Token"}) {
    EXPECT_EQ(redact_header(name, "s3cret"), "REDACTED") << name;
  }
  EXPECT_EQ(redact_header("Content-Type", "application/json"), "application/json");
}

TEST(RedactUrl, hides_user_info_and_secret_parameters) {
  EXPECT_EQ(redact_url("https://u:p@host/x"), "https://REDACTED@host/x");
  EXPECT_EQ(redact_url("https://u:p@ss@host/x"), "https://REDACTED@host/x");
  EXPECT_EQ(redact_url("https://host/x?page=2&access_token=abc&size=5"),
            "https://host/x?page=2&access_token=REDACTED&size=5");
  EXPECT_EQ(redact_url("/x?API_KEY=abc&Client_Secret=d;code=e&q"),
            "/x?API_KEY=REDACTED&Client_Secret=REDACTED;code=REDACTED&q");
  EXPECT_EQ(redact_url("/cb?x=1#id_token=abc"), "/cb?x=1#id_token=REDACTED");
  EXPECT_EQ(redact_url("/cb#id_token=abc"), "/cb#id_token=REDACTED");
  EXPECT_EQ(redact_url("/x?%74oken=abc"), "/x?%74oken=REDACTED");
}

TEST(RedactUrl, leaves_the_rest_alone) {
  for (const std::string_view url : {"", "host", "https://host:8080/a/b?page=2#part",
                                     "https://host/mail@example.com", "/x?a=b&&c%2", "/x?"}) {
    EXPECT_EQ(redact_url(url), url);
  }
}

TEST(Scrub, makes_one_clean_line) {
  EXPECT_EQ(scrub(" a\r\n\tb\x1b[31m c\x7f \n", 100), "a b[31m c");
  EXPECT_EQ(scrub("", 10), "");
}

TEST(Scrub, cuts_with_a_mark_and_never_inside_a_character) {
  EXPECT_EQ(scrub("abcdefgh", 8), "abcdefgh");
  EXPECT_EQ(scrub("abcdefghi", 8), "abcde...");
  EXPECT_EQ(scrub("abcd\xe2\x82\xac and more", 8), "abcd...");
  EXPECT_EQ(scrub("abcdef", 2), "..");
  EXPECT_EQ(scrub("a\xff"
                  "b",
                  10),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(scrub(std::string(1 << 20, 'x'), 10), "xxxxxxx...");
}

}  // namespace
}  // namespace baton
