#include "sync/resume.hpp"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "sync/timestamp.hpp"

namespace baton::sync {
namespace {

std::set<std::string> differing_fields(const RunConfiguration& then, const RunConfiguration& now) {
  std::set<std::string> fields;
  for (const auto& [name, value] : then) {
    const auto other = now.find(name);
    if (other == now.end() || other->second != value) fields.insert(name);
  }
  for (const auto& [name, value] : now) {
    if (!then.contains(name)) fields.insert(name);
  }
  return fields;
}

}  // namespace

absl::StatusOr<Start> decide_start(const std::optional<baton::store::v1::RunHeader>& found,
                                   const RunConfiguration& configuration, bool restart,
                                   const std::string& artifact_sync_id,
                                   std::chrono::system_clock::time_point now,
                                   std::chrono::milliseconds max_age) {
  if (!found) return Start::kFresh;
  if (restart) return Start::kRestart;
  if (!artifact_sync_id.empty() && artifact_sync_id == found->sync_id()) return Start::kExported;
  if (found->state() == baton::store::v1::RUN_STATE_EXPORTED) return Start::kTakenAway;
  const RunConfiguration then(found->configuration().begin(), found->configuration().end());
  if (const auto fields = differing_fields(then, configuration); !fields.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "an unfinished sync was begun with another configuration; these differ: ",
        absl::StrJoin(fields, ", "),
        ". Run with the configuration of then to go on, or with --restart to discard what it collected"));
  }
  // A run that died before its first commit is as old as its start.
  const auto last =
      from_timestamp(found->last_commit_at().seconds() > 0 ? found->last_commit_at() : found->started_at());
  if (max_age.count() > 0 && now - last > max_age) return Start::kExpired;
  return Start::kResume;
}

}  // namespace baton::sync
