#include "sync/simple_fold.hpp"

#include <gtest/gtest.h>

namespace baton::sync {
namespace {

TEST(SimpleFold, makes_equal_what_differs_in_case_alone) {
  EXPECT_EQ(simple_fold("K"), simple_fold("k"));
  EXPECT_EQ(simple_fold("\u212a"), simple_fold("k")) << "the Kelvin sign";
  EXPECT_EQ(simple_fold("\u03a3"), simple_fold("\u03c3"));
  EXPECT_EQ(simple_fold("\u03c2"), simple_fold("\u03c3")) << "the sigma at the end of a word";
  EXPECT_EQ(simple_fold("\u017f"), simple_fold("S")) << "the long s";
  EXPECT_EQ(simple_fold("\u1e9e"), simple_fold("\u00df"));
  EXPECT_EQ(simple_fold("Ann@EXAMPLE.com"), simple_fold("ann@example.COM"));
}

TEST(SimpleFold, keeps_apart_what_differs_in_more) {
  EXPECT_NE(simple_fold("\u0130"), simple_fold("i")) << "the dotted capital i is itself alone";
  EXPECT_NE(simple_fold("\u0131"), simple_fold("i")) << "so is the small one without a dot";
  EXPECT_NE(simple_fold("\u00df"), simple_fold("ss"));
  EXPECT_NE(simple_fold(" a"), simple_fold("a"));
  EXPECT_NE(simple_fold("\u00e9"), simple_fold("e\u0301")) << "nothing is composed";
}

TEST(SimpleFold, takes_any_bytes) {
  EXPECT_EQ(simple_fold(""), "");
  EXPECT_EQ(simple_fold("a\xff"
                        "b"),
            "a\ufffd"
            "b");
}

}  // namespace
}  // namespace baton::sync
