#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/sync_store.hpp"

namespace baton::test {

/// Groups with users, in one another and in roles, some in circles, some edges shallow or filtered: the same
/// rows every time. Expansion makes some thousands, in dozens of segments of `kSampleSegmentRows`.
absl::Status add_sample(storage::SyncStore& store);
inline constexpr std::uint64_t kSampleSegmentRows = 150;

/// Every grant of the store, its message included, without the moment it came at.
absl::StatusOr<std::vector<std::string>> all_grants(const storage::SyncStore& store);

}  // namespace baton::test
