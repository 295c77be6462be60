#include "storage/c1z/v3/v3_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/ksuid.hpp"
#include "c1/storage/v3/records.pb.h"
#include "storage/c1z/deterministic.hpp"
#include "storage/c1z/recall.hpp"
#include "storage/c1z/stats_count.hpp"
#include "storage/c1z/v3/database_reader.hpp"
#include "storage/c1z/v3/family_keys.hpp"
#include "storage/c1z/v3/grant_match.hpp"
#include "storage/c1z/v3/sync_records.hpp"
#include "storage/record_messages.hpp"
#include "storage/wire.hpp"

namespace baton::c1z::v3 {
namespace {

namespace records = c1::storage::v3;

using c1::connector::v2::Entitlement;
using c1::connector::v2::Grant;
using c1::connector::v2::Resource;
using c1::connector::v2::ResourceType;
using c1::reader::v2::SyncStats;

/// An entitlement's id is looked up under every resource that it can begin with, if there are no more.
constexpr std::size_t kMostColons = 12;

absl::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

absl::Time time_of(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

SyncStats stats_of(const records::SyncStatsRecord& record) {
  SyncStats stats;
  stats.set_resource_types(record.resource_types());
  stats.set_resources(record.resources());
  stats.set_entitlements(record.entitlements());
  stats.set_grants(record.grants());
  stats.set_assets(record.assets());
  *stats.mutable_resources_by_resource_type() = record.resources_by_resource_type();
  *stats.mutable_entitlements_by_resource_type() = record.entitlements_by_resource_type();
  *stats.mutable_grants_by_resource_type() = record.grants_by_entitlement_resource_type();
  *stats.mutable_step_durations_ms() = record.step_durations_ms();
  const auto copy_calls = [](const auto& from, auto& to) {
    for (const auto& [name, call] : from) {
      c1::reader::v2::CallStat& copy = to[name];
      copy.set_count(call.count());
      copy.set_total_ms(call.total_ms());
      copy.set_max_ms(call.max_ms());
      copy.set_errors(call.errors());
      copy.set_timeouts(call.timeouts());
    }
  };
  copy_calls(record.connector_call_stats(), *stats.mutable_connector_call_stats());
  copy_calls(record.session_store_stats(), *stats.mutable_session_store_stats());
  return stats;
}

// The key under which a record belongs.
void own_key(const records::ResourceTypeRecord& record, std::string& key) {
  resource_type_key(key, record.external_id());
}
void own_key(const records::ResourceRecord& record, std::string& key) {
  resource_key(key, record.resource_type_id(), record.resource_id());
}
void own_key(const records::EntitlementRecord& record, std::string& key) {
  entitlement_key(key, record.resource().resource_type_id(), record.resource().resource_id(),
                  record.external_id());
}
void own_key(const records::GrantRecord& record, std::string& key) {
  const auto& entitlement = record.entitlement();
  grant_key(key, entitlement.resource_type_id(), entitlement.resource_id(), entitlement.entitlement_id(),
            record.principal().resource_type_id(), record.principal().resource_id());
}

constexpr const char* what_is(const records::ResourceTypeRecord& /*record*/) {
  return "resource type";
}
constexpr const char* what_is(const records::ResourceRecord& /*record*/) {
  return "resource";
}
constexpr const char* what_is(const records::EntitlementRecord& /*record*/) {
  return "entitlement";
}
constexpr const char* what_is(const records::GrantRecord& /*record*/) {
  return "grant";
}

/// Whether a serialized GrantRecord has an expansion.
bool has_expansion(std::string_view record) {
  constexpr std::uint32_t kExpansion = records::GrantRecord::kExpansionFieldNumber;
  storage::wire::Reader reader(record);
  for (storage::wire::Field field; reader.next(field);) {
    if (field.number == kExpansion) return true;
  }
  // One that cannot be read is for the parser to complain about.
  return reader.failed();
}

class V3Reader final : public Reader {
 public:
  V3Reader(std::unique_ptr<EnvelopeReader> files, std::unique_ptr<DatabaseReader> database,
           const ReaderOptions& options)
      : files_(std::move(files)), database_(std::move(database)), now_(absl::FromChrono(options.now)) {}

  absl::Status check_keyspace();
  absl::Status load_sync();

  int version() const override { return 3; }
  const std::vector<SyncInfo>& syncs() const override { return syncs_; }
  absl::Status select(const std::string& sync_id) override;
  const SyncInfo* selected() const override { return selected_; }
  absl::StatusOr<SyncStats> stats() override;
  absl::Status for_each_resource_type(const Visit<ResourceType>& visit) override;
  absl::Status for_each_resource(const std::string& type_id, const Visit<Resource>& visit) override;
  absl::Status for_each_entitlement(const std::string& type_id, const Visit<Entitlement>& visit) override;
  absl::Status for_each_grant(const GrantFilter& filter, const Visit<StoredGrant>& visit) override;
  absl::Time discovered_at() const override { return discovered_at_; }
  absl::StatusOr<const ResourceType*> find_resource_type(const std::string& id) override;
  absl::StatusOr<const Resource*> find_resource(const std::string& type_id, const std::string& id) override;
  absl::StatusOr<const Entitlement*> find_entitlement(const std::string& id) override;
  absl::StatusOr<const Entitlement*> find_entitlement_on(const c1::connector::v2::ResourceId& resource,
                                                         const std::string& id) override;

 private:
  /// The number that a stamp holds, or 0 when there is none.
  absl::StatusOr<std::uint32_t> stamp(std::string_view name);
  absl::Status damaged(std::string_view key, const char* what, std::string_view how) const;
  template <class Record>
  absl::Status parse(std::string_view key, std::string_view value, Record& record);
  /// Visits the rows of a family, or of one type of it.
  template <class Record, class Row>
  absl::Status for_each_row(KeyFamily family, const std::string& type_id, const Visit<Row>& visit);
  template <class Record, class Row>
  absl::StatusOr<std::unique_ptr<Row>> look_up(const std::string& key);
  absl::StatusOr<std::unique_ptr<Entitlement>> search_entitlement(const std::string& id);
  absl::StatusOr<SyncStats> count();
  absl::Status count_keys(KeyFamily family, const std::function<void(std::string_view)>& add);
  RangeCursor range(const std::string& prefix) { return database_->range(prefix, prefix_end(prefix)); }

  std::unique_ptr<EnvelopeReader> files_;
  std::unique_ptr<DatabaseReader> database_;
  absl::Time now_;
  std::vector<SyncInfo> syncs_;
  const SyncInfo* selected_ = nullptr;
  absl::Time discovered_at_ = absl::UnixEpoch();
  std::string own_key_;
  std::string looked_up_;

  Recall<ResourceType> known_types_{kRememberedBytes};
  Recall<Resource> known_resources_{kRememberedBytes};
  Recall<Entitlement> known_entitlements_{kRememberedBytes};
};

absl::StatusOr<std::uint32_t> V3Reader::stamp(std::string_view name) {
  std::string key;
  meta_key(key, name);
  std::string value;
  const absl::StatusOr<bool> found = database_->get(key, value);
  if (!found.ok()) return found.status();
  if (!*found) return 0;
  if (value.size() != sizeof(std::uint32_t)) {
    return files_->damaged(
        absl::StrCat("its stamp ", view(name), " has ", value.size(), " bytes instead of 4"));
  }
  return load_be32(value.data());
}

/// Files that begin or end their keys otherwise look the same from outside.
absl::Status V3Reader::check_keyspace() {
  if (!database_->has_tables()) return absl::OkStatus();
  constexpr const char* kAdvice = "; opening it once for writing with upstream's baton brings it up to date";
  const absl::StatusOr<std::uint32_t> version = stamp(kMetaKeyspaceVersion);
  if (!version.ok()) return version.status();
  if (*version != kKeyspaceVersion) {
    return absl::UnimplementedError(absl::StrCat(files_->path(), " has keys of version ", *version,
                                                 "; this program reads version ", kKeyspaceVersion,
                                                 *version < kKeyspaceVersion ? kAdvice : ""));
  }
  const absl::StatusOr<std::uint32_t> format = stamp(kMetaEntitlementIdFormat);
  if (!format.ok()) return format.status();
  if (*format != kEntitlementIdFormat) {
    return absl::UnimplementedError(
        absl::StrCat(files_->path(), " has ids of grants and entitlements in format ", *format,
                     "; this program reads format ", kEntitlementIdFormat, *format == 0 ? kAdvice : ""));
  }
  return absl::OkStatus();
}

absl::Status V3Reader::load_sync() {
  std::string value;
  const absl::StatusOr<bool> found = database_->get(kSyncRunKey, value);
  if (!found.ok()) return found.status();
  if (!*found) return absl::OkStatus();
  records::SyncRunRecord record;
  if (!record.ParseFromString(value)) {
    return files_->damaged("the record of its sync is no valid protobuf message");
  }
  if (!Ksuid::parse(record.sync_id()).ok()) {
    return files_->damaged(absl::StrCat(
        "the id of its sync, \"", absl::Utf8SafeCEscape(record.sync_id().substr(0, 100)), "\", is no KSUID"));
  }
  SyncInfo sync;
  sync.id = record.sync_id();
  sync.started_at = time_of(record.started_at());
  if (record.has_ended_at()) sync.ended_at = time_of(record.ended_at());
  sync.token = record.sync_token();
  sync.type = sync_type_name(record.type());
  sync.parent_id = record.parent_sync_id();
  sync.linked_id = record.linked_sync_id();
  sync.supports_diff = record.supports_diff();
  syncs_.push_back(std::move(sync));
  return absl::OkStatus();
}

absl::Status V3Reader::select(const std::string& sync_id) {
  selected_ = nullptr;
  if (syncs_.empty()) {
    if (sync_id.empty()) return absl::FailedPreconditionError(absl::StrCat(files_->path(), " holds no sync"));
  } else if (sync_id.empty() || sync_id == syncs_.front().id) {
    constexpr absl::Duration kUnfinishedIsRecent = absl::Hours(7 * 24);
    const SyncInfo& sync = syncs_.front();
    // There is no other, so its rows are those that are read.
    const bool recent = sync.ended_at.has_value() || sync.started_at >= now_ - kUnfinishedIsRecent;
    if (recent || !sync_id.empty()) selected_ = &sync;
    return absl::OkStatus();
  }
  return absl::NotFoundError(
      absl::StrCat(files_->path(), " has no sync ", absl::Utf8SafeCEscape(sync_id.substr(0, 100))));
}

absl::StatusOr<SyncStats> V3Reader::stats() {
  std::string key;
  meta_key(key, kMetaStats);
  std::string value;
  const absl::StatusOr<bool> found = database_->get(key, value);
  if (!found.ok()) return found.status();
  if (*found && selected_ != nullptr) {
    records::SyncStatsRecord cached;
    // As in version 1, what cannot be right is counted anew.
    if (cached.ParseFromString(value) && cached.resource_types() > 0 &&
        (cached.sync_id().empty() || cached.sync_id() == selected_->id)) {
      return stats_of(cached);
    }
  }
  return count();
}

absl::Status V3Reader::count_keys(KeyFamily family, const std::function<void(std::string_view)>& add) {
  RangeCursor rows = range(key_prefix(family));
  std::string raw_type;
  std::string type;
  bool first = true;
  while (true) {
    const absl::StatusOr<bool> more = rows.next();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    FamilyKey key;
    if (!parse_key(rows.key(), key)) return damaged(rows.key(), "row", "has a key of no family");
    const std::string_view raw = key.tuple.substr(0, key.tuple.find('\0'));
    if (first || raw != raw_type) {
      TupleReader tuple(key.tuple);
      if (absl::Status status = tuple.next(type); !status.ok()) {
        return damaged(rows.key(), "row", "has a key with a broken escape");
      }
      raw_type = raw;
      first = false;
    }
    add(type);
  }
}

absl::StatusOr<SyncStats> V3Reader::count() {
  StatsCount counted;
  std::int64_t assets = 0;
  using View = std::string_view;
  absl::Status status = count_keys(KeyFamily::kResourceType, [&](View id) { counted.add_resource_type(id); });
  if (status.ok()) {
    status = count_keys(KeyFamily::kResource, [&](View type) { counted.add_resource(type); });
  }
  if (status.ok()) {
    status = count_keys(KeyFamily::kEntitlement, [&](View type) { counted.add_entitlement(type); });
  }
  if (status.ok()) status = count_keys(KeyFamily::kGrant, [&](View type) { counted.add_grant(type); });
  if (status.ok()) status = count_keys(KeyFamily::kAsset, [&](View /*id*/) { ++assets; });
  if (!status.ok()) return status;
  SyncStats stats = counted.stats(selected_ == nullptr ? std::string_view() : selected_->type);
  stats.set_assets(assets);
  return stats;
}

absl::Status V3Reader::damaged(std::string_view key, const char* what, std::string_view how) const {
  constexpr std::size_t kShown = 200;
  return files_->damaged(absl::StrCat("the ", what, " under the key \"",
                                      absl::Utf8SafeCEscape(view(key.substr(0, kShown))), "\" ", view(how)));
}

template <class Record>
absl::Status V3Reader::parse(std::string_view key, std::string_view value, Record& record) {
  if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return damaged(key, what_is(record), "is no valid protobuf message");
  }
  own_key(record, own_key_);
  if (own_key_ != key) return damaged(key, what_is(record), "belongs under another key");
  discovered_at_ = time_of(record.discovered_at());
  return absl::OkStatus();
}

template <class Record, class Row>
absl::Status V3Reader::for_each_row(KeyFamily family, const std::string& type_id, const Visit<Row>& visit) {
  std::string prefix = key_prefix(family);
  if (!type_id.empty()) {
    append_element(prefix, type_id);
    prefix.push_back('\0');
  }
  RangeCursor rows = range(prefix);
  Record record;
  Row row;
  while (true) {
    const absl::StatusOr<bool> more = rows.next();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    absl::Status status = parse(rows.key(), rows.value(), record);
    if (!status.ok()) return status;
    storage::move_record(record, row);
    if (status = visit(row); !status.ok()) return status;
  }
}

absl::Status V3Reader::for_each_resource_type(const Visit<ResourceType>& visit) {
  return for_each_row<records::ResourceTypeRecord>(KeyFamily::kResourceType, {}, visit);
}

absl::Status V3Reader::for_each_resource(const std::string& type_id, const Visit<Resource>& visit) {
  return for_each_row<records::ResourceRecord>(KeyFamily::kResource, type_id, visit);
}

absl::Status V3Reader::for_each_entitlement(const std::string& type_id, const Visit<Entitlement>& visit) {
  return for_each_row<records::EntitlementRecord>(KeyFamily::kEntitlement, type_id, visit);
}

absl::Status V3Reader::for_each_grant(const GrantFilter& filter, const Visit<StoredGrant>& visit) {
  GrantMatch match(filter);
  RangeCursor rows = range(match.prefix());
  const std::size_t family_prefix = key_prefix(KeyFamily::kGrant).size();
  records::GrantRecord record;
  StoredGrant stored;
  std::uint64_t visited = 0;
  while (true) {
    const absl::StatusOr<bool> more = rows.next();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    const absl::StatusOr<bool> matches = match.matches(rows.key().substr(family_prefix));
    if (!matches.ok()) {
      return damaged(rows.key(), what_is(record),
                     std::string_view(matches.status().message().data(), matches.status().message().size()));
    }
    if (!*matches || (filter.expandable && !has_expansion(rows.value()))) continue;
    if (absl::Status status = parse(rows.key(), rows.value(), record); !status.ok()) return status;
    stored.expansion.clear();
    // Field for field the same message.
    if (record.has_expansion()) append_deterministic(record.expansion(), stored.expansion);
    stored.needs_expansion = record.needs_expansion();
    storage::move_record(record, stored.grant);
    if (filter.expandable && stored.expansion.empty()) continue;
    if (stored.grant.id().empty()) {
      const auto& principal = stored.grant.principal().id();
      stored.grant.set_id(absl::StrCat(stored.grant.entitlement().id(), ":", principal.resource_type(), ":",
                                       principal.resource()));
    }
    if (absl::Status status = visit(stored); !status.ok()) return status;
    if (++visited == filter.limit) return absl::OkStatus();
  }
}

template <class Record, class Row>
absl::StatusOr<std::unique_ptr<Row>> V3Reader::look_up(const std::string& key) {
  std::unique_ptr<Row> row;
  const absl::StatusOr<bool> found = database_->get(key, looked_up_);
  if (!found.ok()) return found.status();
  if (!*found) return row;
  // The row that is being visited keeps its time.
  const absl::Time visited_at = discovered_at_;
  Record record;
  absl::Status status = parse(key, looked_up_, record);
  discovered_at_ = visited_at;
  if (!status.ok()) return status;
  row = std::make_unique<Row>();
  storage::move_record(record, *row);
  return row;
}

absl::StatusOr<const ResourceType*> V3Reader::find_resource_type(const std::string& id) {
  if (const auto* known = known_types_.get(id)) return known->get();
  std::string key;
  resource_type_key(key, id);
  auto found = look_up<records::ResourceTypeRecord, ResourceType>(key);
  if (!found.ok()) return found.status();
  return known_types_.put(id, *std::move(found));
}

absl::StatusOr<const Resource*> V3Reader::find_resource(const std::string& type_id, const std::string& id) {
  std::string key;
  resource_key(key, type_id, id);
  if (const auto* known = known_resources_.get(key)) return known->get();
  auto found = look_up<records::ResourceRecord, Resource>(key);
  if (!found.ok()) return found.status();
  return known_resources_.put(key, *std::move(found));
}

absl::StatusOr<const Entitlement*> V3Reader::find_entitlement_on(
    const c1::connector::v2::ResourceId& resource, const std::string& id) {
  std::string key;
  entitlement_key(key, resource.resource_type(), resource.resource(), id);
  if (const auto* known = known_entitlements_.get(key)) return known->get();
  auto found = look_up<records::EntitlementRecord, Entitlement>(key);
  if (!found.ok()) return found.status();
  return known_entitlements_.put(key, *std::move(found));
}

absl::StatusOr<const Entitlement*> V3Reader::find_entitlement(const std::string& id) {
  // No key begins like this, so the two kinds of question do not meet.
  const std::string question = absl::StrCat("id:", id);
  if (const auto* known = known_entitlements_.get(question)) return known->get();
  auto found = search_entitlement(id);
  if (!found.ok()) return found.status();
  return known_entitlements_.put(question, *std::move(found));
}

/// Keys begin with the resource, which most ids begin with, too; else all of them are looked through.
absl::StatusOr<std::unique_ptr<Entitlement>> V3Reader::search_entitlement(const std::string& id) {
  std::string key;
  std::vector<std::size_t> colons;
  for (std::size_t at = id.find(':'); at != std::string::npos && colons.size() < kMostColons;
       at = id.find(':', at + 1)) {
    colons.push_back(at);
  }
  for (std::size_t i = 0; i < colons.size(); ++i) {
    for (std::size_t j = i + 1; j < colons.size(); ++j) {
      entitlement_key(key, id.substr(0, colons[i]), id.substr(colons[i] + 1, colons[j] - colons[i] - 1), id);
      auto found = look_up<records::EntitlementRecord, Entitlement>(key);
      if (!found.ok() || *found != nullptr) return found;
    }
  }
  RangeCursor rows = range(key_prefix(KeyFamily::kEntitlement));
  while (true) {
    const absl::StatusOr<bool> more = rows.next();
    if (!more.ok()) return more.status();
    if (!*more) return nullptr;
    FamilyKey parsed;
    if (!parse_key(rows.key(), parsed)) return damaged(rows.key(), "row", "has a key of no family");
    const absl::StatusOr<EntitlementIdentity> identity = read_entitlement_tuple(parsed.tuple);
    if (!identity.ok()) return damaged(rows.key(), "entitlement", "has a key that cannot be read");
    if (identity->entitlement_id == id)
      return look_up<records::EntitlementRecord, Entitlement>(std::string(rows.key()));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Reader>> open_v3_reader(const std::string& path,
                                                       const ReaderOptions& options) {
  absl::StatusOr<std::unique_ptr<EnvelopeReader>> files = EnvelopeReader::open(path, options);
  if (!files.ok()) return files.status();
  absl::StatusOr<std::unique_ptr<DatabaseReader>> database = DatabaseReader::open(**files);
  if (!database.ok()) return database.status();
  auto reader = std::make_unique<V3Reader>(*std::move(files), *std::move(database), options);
  absl::Status status = reader->check_keyspace();
  if (status.ok()) status = reader->load_sync();
  if (!status.ok()) return status;
  // A file without a sync opens all the same: that it holds none is an answer.
  if (!reader->syncs().empty()) status = reader->select({});
  if (!status.ok()) return status;
  return reader;
}

}  // namespace baton::c1z::v3
