#include "connectors/ldap/listing.hpp"

#include <gtest/gtest.h>

namespace baton::connectors::ldap {
namespace {

TEST(Position, IsTheSameAfterARoundTrip) {
  Position position;
  position.round = 3;
  position.taken = 1500;
  position.hash = 0xFEDCBA9876543210;
  const absl::StatusOr<Position> again = Position::parse(position.text());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->round, position.round);
  EXPECT_EQ(again->taken, position.taken);
  EXPECT_EQ(again->hash, position.hash);
}

TEST(Position, OfTheEmptyTokenIsTheBeginning) {
  EXPECT_EQ(Position::parse("")->taken, 0u);
}

TEST(Position, RefusesOtherTokens) {
  for (const char* text :
       {"x", "1", "1.2", "1.2.", "1.2.g", "1.2.3.4", ".2.3", "-1.2.3", "1.99999999999999999999.3"}) {
    EXPECT_EQ(Position::parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(ListingFailure, DoesNotLetAMissingBasePassForAnEmptyListing) {
  EXPECT_EQ(listing_failure(absl::NotFoundError("gone")).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(listing_failure(absl::UnavailableError("down")).code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(listing_failure(absl::OkStatus()).ok());
}

}  // namespace
}  // namespace baton::connectors::ldap
