#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "c1/connector/v2/annotation_vendor.pb.h"
#include "c1/connector/v2/annotation_vendor_agreement.pb.h"
#include "sdk/traits.hpp"

/// Traits of companies that sell to the organisation, and of the agreements with them. Used like the classes
/// of `sdk/traits.hpp`. No defaults.
namespace baton::sdk {

/// An amount of money, in the smallest unit of its currency (cents); the text must outlive the call.
class Amount {
 public:
  Amount(std::int64_t minor_units, std::string_view currency_code)
      : minor(minor_units), currency(currency_code) {}

  std::int64_t minor;
  std::string_view currency;
};

void fill_money(c1::connector::v2::Money& money, const Amount& amount);

/// A vendor; id and name are required (InvalidArgument from `apply`).
class VendorTrait final : public TraitDraft<c1::connector::v2::VendorTrait> {
 public:
  explicit VendorTrait(c1::connector::v2::Resource& row) : TraitDraft(row) {}

  /// `dba` is the name the company does business under, when it is another.
  VendorTrait& identity(std::string_view id, std::string_view name, std::string_view dba = "");
  VendorTrait& website(std::string_view domain);
  VendorTrait& external_id(std::string_view id);
  /// Must start with https:// (InvalidArgument from `apply`).
  VendorTrait& deep_link(std::string_view url);
  /// Which part of the source the vendor belongs to.
  VendorTrait& source_scope(std::string_view business_id, std::string_view entity_id = "");
  VendorTrait& spend_30_days(const Amount& amount);
  VendorTrait& spend_365_days(const Amount& amount);
  VendorTrait& spend_this_year(const Amount& amount);

  [[nodiscard]] absl::Status apply();
};

/// An agreement with a vendor. `apply` answers InvalidArgument when it ends before it starts, or can be
/// terminated after its end.
class VendorAgreementTrait final : public TraitDraft<c1::connector::v2::VendorAgreementTrait> {
 public:
  using Message = c1::connector::v2::VendorAgreementTrait;

  explicit VendorAgreementTrait(c1::connector::v2::Resource& row) : TraitDraft(row) {}

  /// Dates that are not known are left out.
  VendorAgreementTrait& term(std::string_view name, std::optional<TimePoint> start,
                             std::optional<TimePoint> end, bool auto_renewal);
  VendorAgreementTrait& last_date_to_terminate(TimePoint moment);
  VendorAgreementTrait& renewal(Message::RenewalStatus status, std::string_view raw_status = "");
  VendorAgreementTrait& total_value(const Amount& amount);
  VendorAgreementTrait& line_item(std::string_view name, double quantity, std::string_view unit,
                                  const Amount& price_per_unit, const Amount& total);
  VendorAgreementTrait& pricing_model(Message::PricingModel model);
  VendorAgreementTrait& account_manager(std::string_view email, std::string_view name = "");

  [[nodiscard]] absl::Status apply();
};

}  // namespace baton::sdk
