#include <array>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/tuple_key.hpp"
#include "storage/c1z/artifact_file.hpp"
#include "storage/c1z/deterministic.hpp"
#include "storage/c1z/envelope.hpp"
#include "storage/c1z/pages/key_sorter.hpp"
#include "storage/c1z/stats_count.hpp"
#include "storage/c1z/v3/envelope_writer.hpp"
#include "storage/c1z/v3/family_keys.hpp"
#include "storage/c1z/v3/grants_by_principal.hpp"
#include "storage/c1z/v3/manifest_writer.hpp"
#include "storage/c1z/v3/sync_records.hpp"
#include "storage/c1z/v3/table_pipeline.hpp"
#include "storage/c1z/write_method.hpp"
#include "storage/c1z/writer.hpp"

namespace baton::c1z {
namespace {

using storage::Family;
using storage::Record;

/// Head and summary without what depends on the number of resource types.
constexpr std::size_t kHeadRoom = 4096;
/// A type's entries in the three counts of the summary beside its name, which is in each.
constexpr std::size_t kRoomPerType = 3 * 24;
constexpr std::uint64_t kIndexes = 2;
constexpr std::uint64_t kRowsPerReport = 50'000;

/// Whether none of resource type, resource and entitlement id is empty in the four elements; with the flag
/// "1" the tail may be. Version 3 refuses rows where one is, version 1 has them.
bool names_entitlement(std::string_view tuple) {
  return !tuple.empty() && tuple.front() != '\0' && tuple.find(std::string_view("\0\0", 2)) == tuple.npos &&
         !tuple.ends_with(std::string_view("\0000\0", 3));
}

absl::Status incomplete(const char* what, std::string_view tuple) {
  return absl::FailedPreconditionError(
      absl::StrCat("a ", what, " has an empty id, which version 3 cannot hold: ",
                   absl::CHexEscape(absl::string_view(tuple.data(), tuple.size()))));
}

/// Rows in ascending order, cut into tables.
class TableStream {
 public:
  TableStream(v3::TablePipeline& pipeline, v3::BlockCompression compression)
      : pipeline_(pipeline), compression_(compression) {}

  /// The key is `prefix` and `key` together. Cancelled: the pipeline has failed and knows why.
  absl::Status add(std::string_view prefix, std::string_view key, std::string_view value) {
    if (rows_ != nullptr && rows_->bytes.size() >= v3::TablePipeline::kTableBytes) finish();
    if (rows_ == nullptr) {
      rows_ = pipeline_.take();
      if (rows_ == nullptr) return absl::CancelledError("a table could not be written");
      rows_->compression = compression_;
    }
    rows_->add(prefix, key, value);
    return absl::OkStatus();
  }
  void finish() {
    if (rows_ != nullptr) pipeline_.submit(std::exchange(rows_, nullptr));
  }

 private:
  v3::TablePipeline& pipeline_;
  v3::BlockCompression compression_;
  std::unique_ptr<v3::TableRows> rows_;
};

/// One file from the first row to the head.
class V3File {
 public:
  V3File(const WriteOptions& options, const SyncRunInfo& run, storage::RecordSource& records,
         const File& file, std::size_t head_room)
      : options_(options),
        run_(run),
        records_(records),
        parents_(options.temporary_folder.empty() ? folder_of(options.path) : options.temporary_folder),
        envelope_(file, head_room),
        pipeline_(envelope_, options.level, options.workers,
                  [this](const v3::TableRows& rows) { return note_grants(rows); }) {}

  absl::Status write(WriteSummary& summary) {
    const absl::Time start = absl::Now();
    const absl::StatusOr<c1::storage::v3::SyncRunRecord> sync_run = v3::make_sync_run(run_);
    if (!sync_run.ok()) return sync_run.status();
    absl::Status status = write_rows();
    if (status.ok()) status = add_message(rows_, v3::kSyncRunKey, *sync_run);
    rows_.finish();
    const absl::Time rows_done = absl::Now();
    c1::storage::v3::SyncStatsRecord stats;
    if (run_.with_stats) stats = v3::make_stats(run_, counted_);
    if (status.ok()) status = write_indexes();
    if (status.ok()) status = write_meta(stats);
    last_.finish();
    const absl::Time indexes_done = absl::Now();
    const absl::StatusOr<std::vector<v3::TableInfo>> tables = pipeline_.finish();
    // The pipeline's error is the cause of ours.
    if (!tables.ok() && (status.ok() || absl::IsCancelled(status))) return tables.status();
    if (!status.ok()) return status;
    status = write_small_files(*tables);
    if (!status.ok()) return status;
    absl::StatusOr<std::uint64_t> bytes =
        envelope_.finish(v3::make_head(*sync_run, run_.with_stats ? &stats : nullptr));
    // Types that only grants and entitlements know can be more than was foreseen. The summary is a courtesy:
    // the same counts stand in the payload.
    if (absl::IsOutOfRange(bytes.status())) bytes = envelope_.finish(v3::make_head(*sync_run, nullptr));
    if (!bytes.ok()) return bytes.status();
    status = report(WriteStep::kCompression, envelope_.raw_bytes(), envelope_.raw_bytes());
    if (!status.ok()) return status;
    summary.file_bytes = *bytes;
    summary.database_bytes = envelope_.raw_bytes();
    summary.resource_types = counts_[0];
    summary.resources = counts_[1];
    summary.entitlements = counts_[2];
    summary.grants = counts_[3];
    summary.rows_time = rows_done - start;
    summary.indexes_time = indexes_done - rows_done;
    summary.compression_time = absl::Now() - indexes_done;
    return absl::OkStatus();
  }

 private:
  absl::Status write_rows() {
    absl::Status status = write_family(Family::kResourceTypes, v3::KeyFamily::kResourceType,
                                       [this](const Record& record) { return note_resource_type(record); });
    if (status.ok()) {
      status = write_family(Family::kResources, v3::KeyFamily::kResource,
                            [this](const Record& record) { return note_resource(record); });
    }
    if (status.ok()) {
      status = write_family(Family::kEntitlements, v3::KeyFamily::kEntitlement,
                            [this](const Record& record) { return note_entitlement(record); });
    }
    if (status.ok()) {
      status = write_family(Family::kGrants, v3::KeyFamily::kGrant,
                            [this](const Record& record) { return note_grant(record); });
    }
    return status.ok() ? report(WriteStep::kRows, written_, written_) : status;
  }

  template <class Note>
  absl::Status write_family(Family family, v3::KeyFamily key_family, const Note& note) {
    const std::string prefix = v3::key_prefix(key_family);
    std::uint64_t& count = counts_[static_cast<std::size_t>(family)];
    if (absl::Status status = records_.rewind(family); !status.ok()) return status;
    Record record;
    while (true) {
      const absl::StatusOr<bool> more = records_.next(record);
      if (!more.ok()) return more.status();
      if (!*more) return absl::OkStatus();
      if (absl::Status status = note(record); !status.ok()) return status;
      if (absl::Status status = rows_.add(prefix, record.key, record.value); !status.ok()) return status;
      ++count;
      if (++written_ % kRowsPerReport == 0) {
        if (absl::Status status = report(WriteStep::kRows, written_, 0); !status.ok()) return status;
      }
    }
  }

  absl::Status note_resource_type(const Record& record) {
    counted_.add_resource_type(first_element(record.key));
    return absl::OkStatus();
  }

  absl::Status note_resource(const Record& record) {
    counted_.add_resource(first_element(record.key));
    if (record.parent_id.empty()) return absl::OkStatus();
    v3::by_parent_key(key_, record.parent_type_id, record.parent_id, record.key);
    return parents_.add(key_, 0);
  }

  absl::Status note_entitlement(const Record& record) {
    if (!names_entitlement(record.key)) return incomplete("entitlement", record.key);
    counted_.add_entitlement(first_element(record.key));
    return absl::OkStatus();
  }

  absl::Status note_grant(const Record& record) {
    counted_.add_grant(first_element(record.key));
    if (counts_[3] == std::numeric_limits<std::uint32_t>::max()) {
      return absl::ResourceExhaustedError("a file of version 3 holds at most 2^32 - 1 grants of ours");
    }
    return record.needs_expansion ? last_.add(needs_expansion_prefix_, record.key, {}) : absl::OkStatus();
  }

  /// Takes down who holds the grants of a table; on the pipeline's threads, which have more time than ours.
  absl::Status note_grants(const v3::TableRows& rows) {
    if (rows.last_key() < grant_prefix_ || rows.first_key() >= v3::kSyncRunKey) return absl::OkStatus();
    return rows.for_each([this](std::string_view key, std::string_view) {
      if (!key.starts_with(grant_prefix_)) return absl::OkStatus();
      v3::GrantTuple grant;
      if (!v3::split_grant_tuple(key.substr(grant_prefix_.size()), grant)) {
        return absl::DataLossError("a grant's key has not six elements; the source of rows is damaged");
      }
      const bool new_entitlement = by_principal_.add(grant);
      if (grant.principal.front() == '\0' || grant.principal.back() == '\0' ||
          (new_entitlement && !names_entitlement(grant.entitlement))) {
        return incomplete("grant", key.substr(grant_prefix_.size()));
      }
      return absl::OkStatus();
    });
  }

  /// The resource type that a tuple begins with.
  std::string_view first_element(std::string_view tuple) {
    TupleReader reader(tuple);
    const std::string_view raw = reader.next_raw();
    if (raw.find('\x01') == std::string_view::npos) return raw;
    TupleReader(raw).next(element_).IgnoreError();  // an escape of ours
    return element_;
  }

  absl::Status write_indexes() {
    TableStream index(pipeline_, v3::BlockCompression::kNone);
    if (absl::Status status = parents_.rewind(); !status.ok()) return status;
    while (true) {
      const absl::StatusOr<bool> more = parents_.next();
      if (!more.ok()) return more.status();
      if (!*more) break;
      if (absl::Status status = index.add({}, parents_.key(), {}); !status.ok()) return status;
    }
    absl::Status status = report(WriteStep::kIndexes, 1, kIndexes);
    if (!status.ok()) return status;
    // All grants have been seen when their last table is written.
    status = pipeline_.drain();
    if (!status.ok()) return status;
    by_principal_.finish();
    const std::string prefix = v3::key_prefix(v3::KeyIndex::kByPrincipal);
    std::uint64_t written = 0;
    status = by_principal_.for_each(prefix, [&](std::string_view front, std::string_view entitlement) {
      if (absl::Status added = index.add(front, entitlement, {}); !added.ok()) return added;
      return ++written % kRowsPerReport == 0 ? report(WriteStep::kIndexes, 1, kIndexes) : absl::OkStatus();
    });
    if (!status.ok()) return status;
    index.finish();
    return report(WriteStep::kIndexes, 2, kIndexes);
  }

  /// The index of grants to expand was written with the grants; what follows it ends the file.
  absl::Status write_meta(const c1::storage::v3::SyncStatsRecord& stats) {
    std::string number;
    append_be32(number, v3::kEntitlementIdFormat);
    absl::Status status = add_meta(v3::kMetaEntitlementIdFormat, number);
    number.clear();
    append_be32(number, v3::kKeyspaceVersion);
    if (status.ok()) status = add_meta(v3::kMetaKeyspaceVersion, number);
    if (!run_.with_stats || !status.ok()) return status;
    v3::meta_key(key_, v3::kMetaStats);
    return add_message(last_, key_, stats);
  }
  absl::Status add_meta(std::string_view name, std::string_view value) {
    v3::meta_key(key_, name);
    return last_.add({}, key_, value);
  }
  absl::Status add_message(TableStream& stream, std::string_view key,
                           const google::protobuf::MessageLite& message) {
    std::string value;
    append_deterministic(message, value);
    return stream.add({}, key, value);
  }

  absl::Status write_small_files(const std::vector<v3::TableInfo>& tables) {
    v3::FileEncoder encoder(options_.level);
    const std::string edits = v3::make_manifest(tables, v3::TablePipeline::kFirstTable + tables.size());
    for (const auto& [name, content] : {std::pair<const char*, std::string_view>(v3::kManifestName, edits),
                                        {v3::kFormatMarker, {}},
                                        {v3::kManifestMarker, {}}}) {
      absl::StatusOr<v3::EncodedFile> encoded = encoder.encode(name, content);
      if (!encoded.ok()) return encoded.status();
      if (absl::Status status = envelope_.add(*std::move(encoded)); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status report(WriteStep step, std::uint64_t done, std::uint64_t total) {
    return options_.progress ? options_.progress(WriteProgress{step, done, total}) : absl::OkStatus();
  }

  const WriteOptions& options_;
  const SyncRunInfo& run_;
  storage::RecordSource& records_;
  StatsCount counted_;
  std::array<std::uint64_t, storage::kFamilies> counts_{};
  std::uint64_t written_ = 0;
  std::string key_;
  std::string element_;
  const std::string grant_prefix_ = v3::key_prefix(v3::KeyFamily::kGrant);
  const std::string needs_expansion_prefix_ = v3::key_prefix(v3::KeyIndex::kNeedsExpansion);
  KeySorter parents_;
  v3::GrantsByPrincipal by_principal_;
  v3::EnvelopeWriter envelope_;
  // Before the streams, which hand their rows to it; after the envelope, into which its threads write.
  v3::TablePipeline pipeline_;
  /// Everything up to the sync run, and everything from the grants to expand on.
  TableStream rows_{pipeline_, v3::BlockCompression::kSnappy};
  TableStream last_{pipeline_, v3::BlockCompression::kNone};
};

/// What head and summary may take.
absl::StatusOr<std::size_t> head_room(const SyncRunInfo& run, storage::RecordSource& records) {
  std::size_t room = kHeadRoom + run.sync_id.size() + run.parent_sync_id.size();
  if (absl::Status status = records.rewind(Family::kResourceTypes); !status.ok()) return status;
  Record record;
  while (true) {
    const absl::StatusOr<bool> more = records.next(record);
    if (!more.ok()) return more.status();
    if (!*more) return room;
    room += 3 * record.key.size() + kRoomPerType;
  }
}

absl::Status write_file(const WriteOptions& options, const SyncRunInfo& run, storage::RecordSource& records,
                        WriteSummary& summary) {
  const absl::StatusOr<std::size_t> room = head_room(run, records);
  if (!room.ok()) return room.status();
  absl::StatusOr<ArtifactFile> artifact = ArtifactFile::create(options.path, options.before_step);
  if (!artifact.ok()) return artifact.status();
  {
    V3File file(options, run, records, artifact->file(), *room);
    if (absl::Status status = file.write(summary); !status.ok()) return status;
  }
  const absl::Time start = absl::Now();
  absl::Status status = artifact->commit();
  summary.compression_time += absl::Now() - start;
  return status;
}

}  // namespace

absl::StatusOr<WriteSummary> write_v3(const WriteOptions& options, const SyncRunInfo& run,
                                      storage::RecordSource& records) {
  const absl::StatusOr<FileKind> kind = inspect(options.path);
  if (!kind.ok()) return kind.status();
  if (absl::Status status = may_replace(options.path, *kind, FileVersion::kV3); !status.ok()) return status;
  WriteSummary summary;
  summary.replaced_file = *kind == FileKind::kV3;
  absl::Status status =
      while_writing(write_file(options, run, records, summary), absl::StrCat("writing ", options.path));
  if (!status.ok()) return status;
  return summary;
}

}  // namespace baton::c1z
