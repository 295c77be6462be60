#pragma once

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "storage/c1z/reader.hpp"

namespace baton::cli {

google::protobuf::Timestamp timestamp(absl::Time time);

/// Fills in what `baton.v1.SyncOutput` and `c1.reader.v2.SyncRun` have in common.
template <class Output>
Output sync_message(const c1z::SyncInfo& sync) {
  Output output;
  output.set_id(sync.id);
  *output.mutable_started_at() = timestamp(sync.started_at);
  if (sync.ended_at) *output.mutable_ended_at() = timestamp(*sync.ended_at);
  output.set_sync_token(sync.token);
  output.set_sync_type(sync.type);
  output.set_parent_sync_id(sync.parent_id);
  return output;
}

}  // namespace baton::cli
