#include "sdk/vendor_traits.hpp"

#include <gtest/gtest.h>

#include "sdk/annotations.hpp"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;

TimePoint at(int seconds) {
  return TimePoint(std::chrono::seconds(seconds));
}

TEST(VendorTrait, options) {
  v2::Resource row;
  VendorTrait vendor(row);
  vendor.identity("v1", "Vendor Ltd", "Vendor")
      .website("vendor.example")
      .external_id("x")
      .deep_link("https://v/1");
  vendor.source_scope("b", "e").spend_30_days(Amount(100, "EUR")).spend_365_days(Amount(1200, "EUR"));
  vendor.spend_this_year(Amount(700, "EUR"));
  ASSERT_TRUE(vendor.apply().ok());
  const auto trait = **pick_annotation<v2::VendorTrait>(row.annotations());
  EXPECT_EQ(trait.vendor_dba_name(), "Vendor");
  EXPECT_EQ(trait.source_entity_id(), "e");
  EXPECT_EQ(trait.trailing_365d_spend().amount_minor(), 1200);
  EXPECT_EQ(trait.ytd_spend().currency_code(), "EUR");
}

TEST(VendorTrait, refuses_what_is_incomplete) {
  v2::Resource row;
  EXPECT_EQ(VendorTrait(row).identity("", "n").apply().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(VendorTrait(row).identity("i", "").apply().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(VendorTrait(row).identity("i", "n").deep_link("http://v").apply().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(row.annotations_size(), 0);
}

TEST(VendorAgreementTrait, options) {
  v2::Resource row;
  VendorAgreementTrait agreement(row);
  agreement.term("Main", at(10), at(20), true).last_date_to_terminate(at(20));
  agreement.renewal(v2::VendorAgreementTrait::RENEWAL_STATUS_INITIATED, "in progress")
      .total_value(Amount(5, "USD"));
  agreement.line_item("Seat", 2, "seat", Amount(1, "USD"), Amount(2, "USD"));
  agreement.pricing_model(v2::VendorAgreementTrait::PRICING_MODEL_PER_SEAT)
      .account_manager("m@example.com", "M");
  ASSERT_TRUE(agreement.apply().ok());
  const auto trait = **pick_annotation<v2::VendorAgreementTrait>(row.annotations());
  EXPECT_EQ(trait.start_date().seconds(), 10);
  EXPECT_TRUE(trait.auto_renewal());
  EXPECT_EQ(trait.renewal_status_raw(), "in progress");
  EXPECT_EQ(trait.line_items(0).total_price().amount_minor(), 2);
  EXPECT_EQ(trait.external_account_manager_name(), "M");
}

TEST(VendorAgreementTrait, dates_must_be_in_order_and_may_be_absent) {
  v2::Resource row;
  EXPECT_EQ(VendorAgreementTrait(row).term("x", at(20), at(10), false).apply().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      VendorAgreementTrait(row).term("x", at(5), at(10), false).last_date_to_terminate(at(11)).apply().code(),
      absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(row.annotations_size(), 0);
  ASSERT_TRUE(VendorAgreementTrait(row).term("x", std::nullopt, std::nullopt, false).apply().ok());
  EXPECT_FALSE((*pick_annotation<v2::VendorAgreementTrait>(row.annotations()))->has_end_date());
}

}  // namespace
}  // namespace baton::sdk
