#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "c1/connector/v2/entitlement.pb.h"
#include "c1/connector/v2/grant.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "c1/reader/v2/sync.pb.h"
#include "storage/c1z/envelope.hpp"

/// Reading `.c1z` files, whoever wrote them.
namespace baton::c1z {

/// One sync that a file holds.
class SyncInfo {
 public:
  SyncInfo() = default;

  std::string id;
  absl::Time started_at;
  /// Empty: the sync was never finished.
  std::optional<absl::Time> ended_at;
  std::string token;
  std::string type;
  std::string parent_id;
  std::string linked_id;
  bool supports_diff = false;
  /// Which checks its rows passed when it was sealed, as the file words them; empty when none was made.
  std::string invariant_generation;
  std::string invariant_coverage;
  std::string invariant_mode;
};

/// What makes a grant of a listing; an empty member asks for nothing. Resource means the entitlement's.
class GrantFilter {
 public:
  GrantFilter() = default;

  std::string resource_type_id;
  std::string resource_id;
  std::string entitlement_id;
  std::string principal_type_id;
  std::string principal_id;
  /// Only grants with an expandable description.
  bool expandable = false;
  /// Only the first so many in order; 0 is all. A few of many are found without reading the others.
  std::uint64_t limit = 0;
};

/// A grant with entitlement and principal filled in where the file left them out, and the annotation
/// `GrantExpandable` taken out of it.
class StoredGrant {
 public:
  StoredGrant() = default;

  c1::connector::v2::Grant grant;
  /// A serialized `GrantExpandable`, or empty.
  std::string expansion;
  bool needs_expansion = false;
};

class ReaderOptions {
 public:
  ReaderOptions() = default;

  /// Where the private copy goes; empty: `temporary_folder()`.
  std::string temporary_folder;
  /// Empty: `DecodeLimits::from_environment`.
  std::optional<DecodeLimits> limits;
  /// Tells which unfinished syncs are recent, and in which zone the file's wall clock is read for that.
  std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
  absl::TimeZone time_zone = absl::LocalTimeZone();
  /// What the SQLite library may keep of the private copy in memory, in KiB.
  int cache_kib = 32 * 1024;
};

/// One open file. Not thread-safe. Memory is bounded by the largest row and a few caches.
///
/// Lists come in order of identity: resource types by id; resources by type and id; entitlements by resource
/// type, resource and id, those first whose id does not begin with `type:resource:`; grants by entitlement,
/// then principal type and principal. Errors name the file; DataLoss means that it is damaged.
class Reader {
 public:
  virtual ~Reader() = default;

  template <class Row>
  using Visit = std::function<absl::Status(const Row&)>;

  /// Of the file's format: 1 or 3.
  virtual int version() const = 0;

  /// All syncs, in the order in which they were begun.
  virtual const std::vector<SyncInfo>& syncs() const = 0;

  /// Chooses the sync that everything below is about. Empty: the latest finished one of any type, else the
  /// latest unfinished one of the last seven days, else the rows of all syncs. NotFound for an id that the
  /// file has not; FailedPrecondition when a v3 file has none at all.
  virtual absl::Status select(const std::string& sync_id) = 0;
  /// Null when the rows of all syncs are read.
  virtual const SyncInfo* selected() const = 0;

  /// The counts cached in the file where they can be trusted, else counted now.
  virtual absl::StatusOr<c1::reader::v2::SyncStats> stats() = 0;

  virtual absl::Status for_each_resource_type(const Visit<c1::connector::v2::ResourceType>& visit) = 0;
  /// An empty type asks for all.
  virtual absl::Status for_each_resource(const std::string& type_id,
                                         const Visit<c1::connector::v2::Resource>& visit) = 0;
  /// By the type of the entitlement's resource; an empty type asks for all.
  virtual absl::Status for_each_entitlement(const std::string& type_id,
                                            const Visit<c1::connector::v2::Entitlement>& visit) = 0;
  virtual absl::Status for_each_grant(const GrantFilter& filter, const Visit<StoredGrant>& visit) = 0;

  /// When the row that is being visited was found; for calls from inside a visit.
  virtual absl::Time discovered_at() const = 0;

  /// Single rows, remembered for the next time; null when there is none. Valid until the next call of the
  /// same function. May be called while a list is being visited.
  virtual absl::StatusOr<const c1::connector::v2::ResourceType*> find_resource_type(
      const std::string& id) = 0;
  virtual absl::StatusOr<const c1::connector::v2::Resource*> find_resource(const std::string& type_id,
                                                                           const std::string& id) = 0;
  virtual absl::StatusOr<const c1::connector::v2::Entitlement*> find_entitlement(const std::string& id) = 0;
  /// The one on this resource; in version 3 others may have its id.
  virtual absl::StatusOr<const c1::connector::v2::Entitlement*> find_entitlement_on(
      const c1::connector::v2::ResourceId& /*resource*/, const std::string& id) {
    return find_entitlement(id);
  }
};

/// Opens a file of either version. NotFound: no such file, or an empty one. InvalidArgument: not a c1z.
/// Unimplemented: version 3 with something that upstream's SDK does not write. FailedPrecondition: version 3
/// that was not closed. Otherwise as `decompress_v1`.
///
/// The file itself is only read. What is decompressed of it goes into a private copy whose name is gone
/// before this returns, so that nothing is left behind however the process ends: of a v1 file all, of a v3
/// file the tables that are asked for.
absl::StatusOr<std::unique_ptr<Reader>> open_reader(const std::string& path,
                                                    const ReaderOptions& options = {});

}  // namespace baton::c1z
