#include "http/link_header.hpp"

#include <initializer_list>
#include <string>

#include <gtest/gtest.h>

namespace baton::http {
namespace {

std::string next_of(std::initializer_list<std::string> values) {
  Headers headers;
  for (const std::string& value : values) headers.add("link", value);
  return find_link(headers, "next").value_or("none");
}

TEST(LinkHeader, TheTargetOfTheRelationIsFound) {
  EXPECT_EQ(next_of({"<https://a/b?page=2>; rel=\"next\", <https://a/b?page=9>; rel=\"last\""}),
            "https://a/b?page=2");
  EXPECT_EQ(next_of({"<https://a/b?page=9>; rel=\"last\",<https://a/b?page=2>;rel=next"}),
            "https://a/b?page=2");
  EXPECT_EQ(next_of({"</b?page=1>; rel=prev", "</b?page=3>; rel=next"}), "/b?page=3");
  EXPECT_EQ(next_of({"<x>; rel=\"prev NEXT\""}), "x");
  EXPECT_EQ(next_of({"<x> ; title = \"a, b; c \\\" d\" ; REL = \"next\""}), "x");
  EXPECT_EQ(next_of({"<a,b;c>; rel=next"}), "a,b;c");
}

TEST(LinkHeader, WhatIsNoSuchLinkIsPassedOver) {
  EXPECT_EQ(next_of({}), "none");
  EXPECT_EQ(next_of({"<x>; rel=nextpage"}), "none");
  EXPECT_EQ(next_of({"<x>; rel=last; rel=next"}), "none") << "the first rel counts";
  EXPECT_EQ(next_of({"<x>; rel=next; anchor=\"#part\""}), "none");
  EXPECT_EQ(next_of({"<x>"}), "none");
  EXPECT_EQ(next_of({"x; rel=next, <y>; rel=next"}), "y");
  EXPECT_EQ(next_of({"<x; rel=next"}), "none");
  EXPECT_EQ(next_of({"<x>; rel=\"next"}), "x");
  EXPECT_EQ(next_of({"<x> garbage; rel=next, <y>; rel=next"}), "y");
  EXPECT_EQ(next_of({"title=\"<x>; rel=next\", <y>; rel=next"}), "y") << "quotes hide what is in them";
  EXPECT_EQ(next_of({",,, ;", "<"}), "none");
}

}  // namespace
}  // namespace baton::http
