#include "storage/c1z/v3/sync_records.hpp"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"

namespace baton::c1z::v3 {
namespace {

namespace records = c1::storage::v3;

constexpr std::array<std::pair<std::string_view, records::SyncType>, 5> kTypes{{
    {"full", records::SYNC_TYPE_FULL},
    {"partial", records::SYNC_TYPE_PARTIAL},
    {"resources_only", records::SYNC_TYPE_RESOURCES_ONLY},
    {"partial_upserts", records::SYNC_TYPE_PARTIAL_UPSERTS},
    {"partial_deletions", records::SYNC_TYPE_PARTIAL_DELETIONS},
}};
constexpr std::uint32_t kFormatMajorVersion = 24;

void set_time(google::protobuf::Timestamp& time, std::int64_t nanoseconds) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t rest = nanoseconds % kSecond;
  if (rest < 0) rest += kSecond;
  time.set_seconds((nanoseconds - rest) / kSecond);
  time.set_nanos(static_cast<std::int32_t>(rest));
}

}  // namespace

std::string_view sync_type_name(records::SyncType type) {
  for (const auto& [name, known] : kTypes) {
    if (type == known) return name;
  }
  return "";
}

absl::StatusOr<records::SyncRunRecord> make_sync_run(const SyncRunInfo& run) {
  records::SyncRunRecord record;
  record.set_sync_id(run.sync_id);
  for (const auto& [name, type] : kTypes) {
    if (run.type == name) record.set_type(type);
  }
  if (record.type() == records::SYNC_TYPE_UNSPECIFIED) {
    return absl::InvalidArgumentError(
        absl::StrCat("sync ", run.sync_id, " is of type \"", run.type, "\", which version 3 has not"));
  }
  record.set_parent_sync_id(run.parent_sync_id);
  set_time(*record.mutable_started_at(), run.started_at);
  set_time(*record.mutable_ended_at(), run.ended_at);
  record.set_sync_token(run.token);
  record.set_supports_diff(run.supports_diff);
  record.set_ingest_invariant_generation(run.invariant_generation);
  for (const std::string& check : run.invariant_coverage) record.add_ingest_invariant_coverage(check);
  record.set_ingest_invariant_mode(run.invariant_mode);
  return record;
}

records::SyncStatsRecord make_stats(const SyncRunInfo& run, const StatsCount& counted) {
  const c1::reader::v2::SyncStats stats = counted.stats(run.type);
  records::SyncStatsRecord record;
  record.set_sync_id(run.sync_id);
  record.set_resource_types(stats.resource_types());
  record.set_resources(stats.resources());
  record.set_entitlements(stats.entitlements());
  record.set_grants(stats.grants());
  record.set_assets(stats.assets());
  *record.mutable_resources_by_resource_type() = stats.resources_by_resource_type();
  *record.mutable_grants_by_entitlement_resource_type() = stats.grants_by_resource_type();
  *record.mutable_entitlements_by_resource_type() = stats.entitlements_by_resource_type();
  // Not the time of the export, so that the same sync gives the same file.
  set_time(*record.mutable_written_at(), run.ended_at);
  return record;
}

c1::c1z::v3::C1ZManifestV3 make_head(const records::SyncRunRecord& run,
                                     const records::SyncStatsRecord* stats) {
  c1::c1z::v3::C1ZManifestV3 head;
  head.set_engine("pebble3");
  head.set_engine_schema_version(kFormatMajorVersion);
  head.set_payload_encoding(c1::c1z::v3::PAYLOAD_ENCODING_INDEXED_ZSTD);
  head.set_pebble_id_index_format(c1::c1z::v3::PEBBLE_ID_INDEX_FORMAT_STRUCTURED_V1);
  c1::c1z::v3::SyncRunSummary& summary = *head.add_sync_runs();
  summary.set_sync_id(run.sync_id());
  summary.set_type(run.type());
  *summary.mutable_started_at() = run.started_at();
  *summary.mutable_ended_at() = run.ended_at();
  summary.set_parent_sync_id(run.parent_sync_id());
  if (stats != nullptr) *summary.mutable_stats() = *stats;
  return head;
}

}  // namespace baton::c1z::v3
