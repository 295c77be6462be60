#include "actors/external_importer.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_facts.hpp"
#include "base/hash.hpp"
#include "c1/connector/v2/annotation_baton_id.pb.h"
#include "c1/connector/v2/annotation_entitlement.pb.h"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "sdk/bid.hpp"
#include "sync/annotation.hpp"
#include "sync/timestamp.hpp"

namespace baton::actors {
namespace {

namespace v2 = c1::connector::v2;

constexpr std::size_t kRowsPerWrite = 2000;
constexpr std::size_t kKeysPerWrite = 1000;

std::optional<sync::EntitlementReference> parse_reference(const std::string& text) {
  const absl::StatusOr<v2::Entitlement> parsed = sdk::parse_entitlement_bid(text);
  if (!parsed.ok()) return std::nullopt;
  sync::EntitlementReference reference;
  reference.resource_type_id = parsed->resource().id().resource_type();
  reference.resource_id = parsed->resource().id().resource();
  reference.slug = parsed->slug();
  return reference;
}

/// Adds an annotation unless it is there.
template <class Message, class Row>
void mark(Row& row) {
  if (!sync::has_annotation<Message>(row.annotations())) row.add_annotations()->PackFrom(Message());
}

/// One import from its first row to its last. What it writes depends on the external sync and on the
/// collected carriers only, so that doing it again writes the same.
class Import {
 public:
  Import(const ImporterConfig& config, ImportResult& result) : config_(config), result_(result) {
    start_rows();
  }

  absl::Status run() {
    absl::Status status = find_holders();
    if (status.ok()) status = copy_types();
    if (status.ok()) status = copy_resources();
    if (status.ok()) status = copy_entitlements();
    if (status.ok()) status = copy_grants();
    if (status.ok()) status = flush();
    if (status.ok() && config_.store->counters().external_matches() > 0) status = match();
    if (status.ok()) status = flush();
    if (status.ok()) status = config_.store->sync_log();
    return status;
  }

 private:
  using Id = std::pair<std::string, std::string>;

  c1z::Reader& reader() { return config_.source->reader(); }
  static Id id_of(const v2::ResourceId& id) { return {id.resource_type(), id.resource()}; }

  /// With a filter: who holds the entitlement. By type and id, as equal ids of two types are two principals.
  absl::Status find_holders() {
    const std::string& entitlement = config_.source->external().entitlement_id;
    if (entitlement.empty()) return absl::OkStatus();
    c1z::GrantFilter filter;
    filter.entitlement_id = entitlement;
    holders_.emplace();
    return reader().for_each_grant(filter, [&](const c1z::StoredGrant& stored) {
      holders_->insert(id_of(stored.grant.principal().id()));
      return config_.stop->go_on();
    });
  }

  bool is_copied(const v2::ResourceId& id) const {
    if (!config_.source->types().contains(id.resource_type())) return false;
    return !holders_ || holders_->contains(id_of(id));
  }

  absl::Status copy_types() {
    std::set<std::string, std::less<>> held;
    if (holders_) {
      for (const Id& holder : *holders_) held.insert(holder.first);
    }
    return reader().for_each_resource_type([&](const v2::ResourceType& type) {
      if (!config_.source->types().contains(type.id())) return absl::OkStatus();
      if (holders_ && !held.contains(type.id())) return absl::OkStatus();
      if (sync::has_annotation<v2::SkipEntitlementsAndGrants>(type.annotations())) {
        skipped_types_.insert(type.id());
      }
      return put(type);
    });
  }

  absl::Status for_each_copied_resource(const std::function<absl::Status(const v2::Resource&)>& visit) {
    for (const std::string& type : config_.source->types()) {
      absl::Status read = reader().for_each_resource(type, [&](const v2::Resource& resource) {
        return is_copied(resource.id()) ? visit(resource) : config_.stop->go_on();
      });
      if (!read.ok()) return read;
    }
    return absl::OkStatus();
  }

  absl::Status copy_resources() {
    return for_each_copied_resource([&](const v2::Resource& resource) {
      ++result_.resources;
      if (skipped_types_.contains(resource.id().resource_type()) ||
          sync::has_annotation<v2::SkipEntitlementsAndGrants>(resource.annotations())) {
        skipped_.insert(id_of(resource.id()));
      } else if (sync::has_annotation<v2::SkipGrants>(resource.annotations())) {
        without_grants_.insert(id_of(resource.id()));
      }
      return put(copy_of(resource));
    });
  }

  static v2::Resource copy_of(const v2::Resource& resource) {
    v2::Resource copy = resource;
    mark<v2::BatonID>(copy);
    return copy;
  }

  absl::Status copy_entitlements() {
    for (const std::string& type : config_.source->types()) {
      absl::Status read = reader().for_each_entitlement(type, [&](const v2::Entitlement& row) {
        const v2::ResourceId& id = row.resource().id();
        if (!is_copied(id) || skipped_.contains(id_of(id))) return config_.stop->go_on();
        v2::Entitlement copy = row;
        mark<v2::EntitlementImmutable>(copy);
        return put(copy);
      });
      if (!read.ok()) return read;
    }
    return absl::OkStatus();
  }

  absl::Status copy_grants() {
    for (const std::string& type : config_.source->types()) {
      c1z::GrantFilter filter;
      filter.resource_type_id = type;
      absl::Status read = reader().for_each_grant(filter, [&](const c1z::StoredGrant& stored) {
        const v2::ResourceId& id = stored.grant.entitlement().resource().id();
        if (!is_copied(id) || skipped_.contains(id_of(id)) || without_grants_.contains(id_of(id))) {
          return config_.stop->go_on();
        }
        v2::Grant copy = stored.grant;
        if (!stored.expansion.empty()) {
          google::protobuf::Any& any = *copy.add_annotations();
          any.set_type_url("type.googleapis.com/" + v2::GrantExpandable::descriptor()->full_name());
          any.set_value(stored.expansion);
        }
        mark<v2::GrantImmutable>(copy);
        rows_->add_unarmed(copy);
        return written();
      });
      if (!read.ok()) return read;
    }
    return absl::OkStatus();
  }

  absl::Status match() {
    sync::ExternalMatcher matcher(
        config_.source->external().traits, parse_reference,
        [&](const std::string& type, const std::string& resource, const std::string& id) {
          return config_.store->has_entitlement(type, resource, id);
        },
        [&](const v2::Grant& grant) { return put(grant); });
    absl::Status status =
        config_.store->for_each_external_match([&](const std::string& key, const v2::Grant& grant) {
          matcher.add_carrier(key, grant);
          return config_.stop->go_on();
        });
    if (!status.ok() || matcher.empty()) return status;
    status = for_each_copied_resource([&](const v2::Resource& row) { return matcher.match(copy_of(row)); });
    if (status.ok()) status = matcher.finish();
    // Only once everything that came of them is written: a process that dies in between finds them again.
    if (status.ok()) status = flush();
    const std::vector<std::string> spent = matcher.spent_carriers();
    for (std::size_t at = 0; status.ok() && at < spent.size(); at += kKeysPerWrite) {
      const std::size_t count = std::min(kKeysPerWrite, spent.size() - at);
      status = config_.store->remove_grants(std::span(spent).subspan(at, count));
    }
    result_.grants_made = matcher.grants_made();
    for (const std::string& note : matcher.notes()) {
      config_.log->write(LogLevel::kWarn, ImporterState::name, note, {});
    }
    return status;
  }

  template <class Row>
  absl::Status put(const Row& row) {
    rows_->add(row);
    return written();
  }

  absl::Status written() {
    if (rows_->size() % kRowsPerWrite != 0) return config_.stop->go_on();
    return flush();
  }

  absl::Status flush() {
    if (rows_->size() > 0) {
      rows_->finish();
      if (absl::Status added = config_.store->add_rows(*rows_); !added.ok()) return added;
      start_rows();
    }
    return config_.stop->go_on();
  }

  /// Behind everything that the connector said, in the order of the external sync.
  void start_rows() {
    const storage::StructuralOrder order(static_cast<std::uint8_t>(Operation::kListExternalResources),
                                         hash64(config_.source->sync_id()), batch_++);
    rows_ = std::make_unique<storage::EncodedRows>(order, sync::nanoseconds_of(config_.clock->now()));
  }

  const ImporterConfig& config_;
  ImportResult& result_;
  std::optional<std::set<Id>> holders_;
  std::set<std::string> skipped_types_;
  std::set<Id> skipped_;
  std::set<Id> without_grants_;
  std::unique_ptr<storage::EncodedRows> rows_;
  std::uint32_t batch_ = 0;
};

bool has_trait(const v2::ResourceType& type, const sync::TraitSet& traits) {
  for (const int trait : type.traits()) {
    if (traits.contains(static_cast<v2::ResourceType::Trait>(trait))) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<ExternalSource> ExternalSource::open(const ExternalSync& external) {
  ExternalSource source;
  source.external_ = external;
  absl::StatusOr<std::unique_ptr<c1z::Reader>> reader = c1z::open_reader(external.path);
  if (!reader.ok()) return annotate(reader.status(), "the external sync");
  source.reader_ = *std::move(reader);
  if (absl::Status selected = source.reader_->select(""); !selected.ok()) return selected;
  const c1z::SyncInfo* sync = source.reader_->selected();
  if (sync == nullptr || !sync->ended_at) {
    return absl::FailedPreconditionError(
        absl::StrCat("the external file ", external.path, " holds no finished sync"));
  }
  source.sync_id_ = sync->id;
  absl::Status read = source.reader_->for_each_resource_type([&](const v2::ResourceType& type) {
    if (has_trait(type, external.traits)) source.types_.insert(type.id());
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return source;
}

ImporterActor::behavior_type ImporterState::make_behavior(ImporterConfig config) {
  config_ = std::move(config);
  return {
      [this](import_atom) {
        ImportResult result;
        result.status = Import(config_, result).run();
        return SharedImport(std::move(result));
      },
  };
}

ImporterActor::behavior_type external_importer(ImporterActor::stateful_pointer<ImporterState> self,
                                               ImporterConfig config) {
  return self->state.make_behavior(std::move(config));
}

}  // namespace baton::actors
