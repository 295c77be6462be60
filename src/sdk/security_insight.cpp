#include "sdk/security_insight.hpp"

#include "sdk/timestamps.hpp"

// The plain risk score is deprecated upstream, but part of the contract.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace baton::sdk {

using Message = c1::connector::v2::SecurityInsightTrait;

void SecurityInsightTrait::misused(const char* what) {
  if (misuse_.ok()) misuse_ = absl::InvalidArgumentError(what);
}

SecurityInsightTrait& SecurityInsightTrait::risk_score(std::string_view value) {
  if (message().has_issue()) misused("a security insight is either a risk score or an issue, not both");
  message().mutable_risk_score()->mutable_value()->assign(value);
  return *this;
}

SecurityInsightTrait& SecurityInsightTrait::normalized_score(std::uint32_t score,
                                                             std::string_view source_score) {
  if (message().has_issue()) misused("a security insight is either a risk score or an issue, not both");
  if (score > 100) misused("a normalised risk score is at most 100");
  message().mutable_risk_score()->set_normalized_score(score);
  message().mutable_risk_score()->mutable_source_score()->assign(source_score);
  return *this;
}

SecurityInsightTrait& SecurityInsightTrait::factor(std::string_view description, Severity severity) {
  if (!message().has_risk_score()) {
    misused("a risk factor comes after its risk score");
    return *this;
  }
  c1::connector::v2::RiskFactor& factor = *message().mutable_risk_score()->add_risk_factors();
  factor.mutable_description()->assign(description);
  factor.set_severity(severity);
  return *this;
}

SecurityInsightTrait& SecurityInsightTrait::issue(std::string_view value) {
  if (message().has_risk_score()) misused("a security insight is either a risk score or an issue, not both");
  message().mutable_issue()->mutable_value()->assign(value);
  return *this;
}

SecurityInsightTrait& SecurityInsightTrait::severity(std::string_view severity) {
  if (!message().has_issue()) {
    misused("a severity comes after its issue");
    return *this;
  }
  message().mutable_issue()->mutable_severity()->assign(severity);
  return *this;
}

SecurityInsightTrait& SecurityInsightTrait::observed_at(TimePoint moment) {
  set_timestamp(*message().mutable_observed_at(), moment);
  return *this;
}

SecurityInsightTrait& SecurityInsightTrait::about_user(std::string_view email) {
  message().mutable_user()->mutable_email()->assign(email);
  return *this;
}

SecurityInsightTrait& SecurityInsightTrait::about_resource(ResourceRef resource) {
  fill_resource_id(*message().mutable_resource_id(), resource);
  return *this;
}

SecurityInsightTrait& SecurityInsightTrait::about_external_resource(std::string_view external_id,
                                                                    std::string_view app_hint) {
  message().mutable_external_resource()->mutable_external_id()->assign(external_id);
  message().mutable_external_resource()->mutable_app_hint()->assign(app_hint);
  return *this;
}

SecurityInsightTrait& SecurityInsightTrait::about_app_user(std::string_view email,
                                                           std::string_view external_id) {
  message().mutable_app_user()->mutable_email()->assign(email);
  message().mutable_app_user()->mutable_external_id()->assign(external_id);
  return *this;
}

absl::Status SecurityInsightTrait::apply() {
  if (message().insight_type_case() == Message::INSIGHT_TYPE_NOT_SET) {
    misused("a security insight needs a risk score or an issue");
  }
  if (message().target_case() == Message::TARGET_NOT_SET) misused("a security insight needs a target");
  if (!misuse_.ok()) return misuse_;
  if (!message().has_observed_at()) observed_at(clock_.now());
  return write();
}

}  // namespace baton::sdk
