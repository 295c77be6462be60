#include "storage/c1z/retention.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace baton::c1z {
namespace {

absl::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

absl::StatusOr<Retention> Retention::parse(std::string_view keep_sync_count, std::string_view skip_cleanup) {
  Retention retention;
  if (!keep_sync_count.empty()) {
    std::int64_t count = 0;
    if (!absl::SimpleAtoi(view(keep_sync_count), &count)) {
      return absl::InvalidArgumentError(
          absl::StrCat("BATON_KEEP_SYNC_COUNT must be a whole number, not \"", view(keep_sync_count), "\""));
    }
    if (count > 0) {
      retention.full_syncs = static_cast<int>(std::min<std::int64_t>(count, std::numeric_limits<int>::max()));
    }
  }
  constexpr std::array<std::string_view, 6> kTrue{"1", "t", "T", "TRUE", "true", "True"};
  constexpr std::array<std::string_view, 6> kFalse{"0", "f", "F", "FALSE", "false", "False"};
  retention.keep_all = std::ranges::find(kTrue, skip_cleanup) != kTrue.end();
  if (!skip_cleanup.empty() && !retention.keep_all &&
      std::ranges::find(kFalse, skip_cleanup) == kFalse.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("BATON_SKIP_CLEANUP must be true or false, not \"", view(skip_cleanup), "\""));
  }
  return retention;
}

std::set<std::string> syncs_to_remove(const std::vector<SyncInfo>& syncs, const std::string& current,
                                      const Retention& retention) {
  std::set<std::string> gone;
  if (retention.keep_all) return gone;
  std::vector<const SyncInfo*> fulls;
  std::vector<const SyncInfo*> partials;
  std::vector<const SyncInfo*> differences;
  for (const SyncInfo& sync : syncs) {
    if (!sync.ended_at.has_value() || sync.id == current) continue;
    if (sync.type == "partial" || sync.type == "resources_only") {
      partials.push_back(&sync);
    } else if (sync.type == "partial_upserts" || sync.type == "partial_deletions") {
      differences.push_back(&sync);
    } else {
      fulls.push_back(&sync);
    }
  }
  // The new sync takes one of the places.
  const auto places = static_cast<std::size_t>(std::max(retention.full_syncs, 1) - 1);
  if (fulls.size() > places) {
    const std::size_t surplus = fulls.size() - places;
    for (std::size_t i = 0; i < surplus; ++i) gone.insert(fulls[i]->id);
    for (const SyncInfo* partial : partials) {
      if (*partial->ended_at < fulls[surplus - 1]->started_at) gone.insert(partial->id);
    }
  }
  if (differences.size() > 2) {
    const SyncInfo& last = *differences.back();
    for (const SyncInfo* sync : differences) {
      if (sync->id != last.id && sync->id != last.linked_id) gone.insert(sync->id);
    }
  }
  return gone;
}

}  // namespace baton::c1z
