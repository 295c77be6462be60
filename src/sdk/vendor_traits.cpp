#include "sdk/vendor_traits.hpp"

#include <utility>

#include "sdk/timestamps.hpp"

namespace baton::sdk {
namespace {

bool is_before(const google::protobuf::Timestamp& a, const google::protobuf::Timestamp& b) {
  return std::pair(a.seconds(), a.nanos()) < std::pair(b.seconds(), b.nanos());
}

}  // namespace

void fill_money(c1::connector::v2::Money& money, const Amount& amount) {
  money.set_amount_minor(amount.minor);
  money.mutable_currency_code()->assign(amount.currency);
}

VendorTrait& VendorTrait::identity(std::string_view id, std::string_view name, std::string_view dba) {
  message().mutable_vendor_id()->assign(id);
  message().mutable_vendor_name()->assign(name);
  message().mutable_vendor_dba_name()->assign(dba);
  return *this;
}

VendorTrait& VendorTrait::website(std::string_view domain) {
  message().mutable_website_domain()->assign(domain);
  return *this;
}

VendorTrait& VendorTrait::external_id(std::string_view id) {
  message().mutable_external_vendor_id()->assign(id);
  return *this;
}

VendorTrait& VendorTrait::deep_link(std::string_view url) {
  message().mutable_deep_link_url()->assign(url);
  return *this;
}

VendorTrait& VendorTrait::source_scope(std::string_view business_id, std::string_view entity_id) {
  message().mutable_source_business_id()->assign(business_id);
  message().mutable_source_entity_id()->assign(entity_id);
  return *this;
}

VendorTrait& VendorTrait::spend_30_days(const Amount& amount) {
  fill_money(*message().mutable_trailing_30d_spend(), amount);
  return *this;
}

VendorTrait& VendorTrait::spend_365_days(const Amount& amount) {
  fill_money(*message().mutable_trailing_365d_spend(), amount);
  return *this;
}

VendorTrait& VendorTrait::spend_this_year(const Amount& amount) {
  fill_money(*message().mutable_ytd_spend(), amount);
  return *this;
}

absl::Status VendorTrait::apply() {
  if (message().vendor_id().empty() || message().vendor_name().empty()) {
    return absl::InvalidArgumentError("a vendor needs an id and a name");
  }
  const std::string_view link = message().deep_link_url();
  if (!link.empty() && !link.starts_with("https://")) {
    return absl::InvalidArgumentError("the deep link of a vendor must start with https://");
  }
  return write();
}

VendorAgreementTrait& VendorAgreementTrait::term(std::string_view name, std::optional<TimePoint> start,
                                                 std::optional<TimePoint> end, bool auto_renewal) {
  message().mutable_agreement_name()->assign(name);
  if (start) set_timestamp(*message().mutable_start_date(), *start);
  if (end) set_timestamp(*message().mutable_end_date(), *end);
  message().set_auto_renewal(auto_renewal);
  return *this;
}

VendorAgreementTrait& VendorAgreementTrait::last_date_to_terminate(TimePoint moment) {
  set_timestamp(*message().mutable_last_date_to_terminate(), moment);
  return *this;
}

VendorAgreementTrait& VendorAgreementTrait::renewal(Message::RenewalStatus status,
                                                    std::string_view raw_status) {
  message().set_renewal_status(status);
  message().mutable_renewal_status_raw()->assign(raw_status);
  return *this;
}

VendorAgreementTrait& VendorAgreementTrait::total_value(const Amount& amount) {
  fill_money(*message().mutable_total_value(), amount);
  return *this;
}

VendorAgreementTrait& VendorAgreementTrait::line_item(std::string_view name, double quantity,
                                                      std::string_view unit, const Amount& price_per_unit,
                                                      const Amount& total) {
  c1::connector::v2::LineItem& item = *message().add_line_items();
  item.mutable_product_or_service_name()->assign(name);
  item.set_quantity(quantity);
  item.mutable_unit()->assign(unit);
  fill_money(*item.mutable_price_per_unit(), price_per_unit);
  fill_money(*item.mutable_total_price(), total);
  return *this;
}

VendorAgreementTrait& VendorAgreementTrait::pricing_model(Message::PricingModel model) {
  message().set_pricing_model(model);
  return *this;
}

VendorAgreementTrait& VendorAgreementTrait::account_manager(std::string_view email, std::string_view name) {
  message().mutable_external_account_manager_email()->assign(email);
  message().mutable_external_account_manager_name()->assign(name);
  return *this;
}

absl::Status VendorAgreementTrait::apply() {
  const Message& agreement = message();
  if (agreement.has_start_date() && agreement.has_end_date() &&
      is_before(agreement.end_date(), agreement.start_date())) {
    return absl::InvalidArgumentError("a vendor agreement ends before it starts");
  }
  if (agreement.has_last_date_to_terminate() && agreement.has_end_date() &&
      is_before(agreement.end_date(), agreement.last_date_to_terminate())) {
    return absl::InvalidArgumentError("a vendor agreement can be terminated after its end");
  }
  return write();
}

}  // namespace baton::sdk
