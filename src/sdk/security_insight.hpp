#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "base/clock.hpp"
#include "c1/connector/v2/annotation_security_insight.pb.h"
#include "sdk/traits.hpp"

namespace baton::sdk {

/// A finding about someone or something: a risk score or an issue, and its target. Used like the classes of
/// `sdk/traits.hpp`. Observed now unless said otherwise.
///
/// `apply` answers InvalidArgument for the first of: a score above 100, a factor before a score, a severity
/// before an issue, no or both kinds of finding, no target.
class SecurityInsightTrait final : public TraitDraft<c1::connector::v2::SecurityInsightTrait> {
 public:
  using Severity = c1::connector::v2::RiskFactor::Severity;

  SecurityInsightTrait(c1::connector::v2::Resource& row, const Clock& clock)
      : TraitDraft(row), clock_(clock) {}

  /// A score in the source's own words; deprecated upstream in favour of the one below.
  SecurityInsightTrait& risk_score(std::string_view value);
  /// 0 to 100, and the score as the source writes it.
  SecurityInsightTrait& normalized_score(std::uint32_t score, std::string_view source_score = "");
  SecurityInsightTrait& factor(std::string_view description, Severity severity);
  SecurityInsightTrait& issue(std::string_view value);
  SecurityInsightTrait& severity(std::string_view severity);
  SecurityInsightTrait& observed_at(TimePoint moment);

  /// The target; the last call counts.
  SecurityInsightTrait& about_user(std::string_view email);
  SecurityInsightTrait& about_resource(ResourceRef resource);
  SecurityInsightTrait& about_external_resource(std::string_view external_id, std::string_view app_hint = "");
  SecurityInsightTrait& about_app_user(std::string_view email, std::string_view external_id);

  [[nodiscard]] absl::Status apply();

 private:
  void misused(const char* what);

  const Clock& clock_;
  /// The first wrong call.
  absl::Status misuse_;
};

}  // namespace baton::sdk
