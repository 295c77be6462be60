#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

/// What is said when public ids clash, which v1 keys its rows by.
namespace baton::c1z {

/// How many renamed grants a summary names.
inline constexpr std::size_t kRenamedExamples = 25;

/// FailedPrecondition: two grants have the same composed id.
absl::Status grants_clash(std::string_view id);
/// FailedPrecondition: one id stands for an entitlement on each of two resources, given as (type, id).
absl::Status entitlements_clash(std::string_view id, std::string_view type_a, std::string_view resource_a,
                                std::string_view type_b, std::string_view resource_b);
/// FailedPrecondition: two resources, given as (type, id), have the same `type:id`.
absl::Status resources_clash(std::string_view joined, std::string_view type_a, std::string_view id_a,
                             std::string_view type_b, std::string_view id_b);
/// A line about a grant that was given its composed id.
std::string renamed_example(std::string_view id, std::string_view composed);

/// A serialized grant with another id. DataLoss when the bytes are no grant.
absl::StatusOr<std::string> grant_with_id(std::string_view blob, std::string_view id);

}  // namespace baton::c1z
