#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "c1/reader/v2/sync.pb.h"

/// The statistics that a v1 file caches with each finished sync.
namespace baton::c1z {

/// Counts rows as they pass by, types first. Cheap for rows that come sorted by type. Not thread-safe.
class StatsCount {
 public:
  void add_resource_type(std::string_view id);
  void add_resource(std::string_view type_id) { ++counter(resources_, type_id); }
  void add_entitlement(std::string_view type_id) { ++counter(entitlements_, type_id); }
  void add_grant(std::string_view type_id) { ++counter(grants_, type_id); }

  /// As readers expect them: resources by type has every known type, zeros included, and no other; the sums
  /// are those of the maps. Entitlements and grants are left out for `resources_only` syncs.
  c1::reader::v2::SyncStats stats(std::string_view sync_type) const;

 private:
  class PerType {
   public:
    std::map<std::string, std::int64_t, std::less<>> counts;
    std::string_view last_type;
    std::int64_t* last = nullptr;
  };
  static std::int64_t& counter(PerType& table, std::string_view type_id) {
    if (table.last != nullptr && table.last_type == type_id) return *table.last;
    auto [at, fresh] = table.counts.try_emplace(std::string(type_id), 0);
    table.last_type = at->first;
    table.last = &at->second;
    return *table.last;
  }

  std::int64_t resource_types_ = 0;
  std::map<std::string, bool, std::less<>> known_types_;
  PerType resources_;
  PerType entitlements_;
  PerType grants_;
};

/// The text of the column `stats`: a JSON object with snake_case names in upstream's order, numbers as
/// numbers, zero members left out, map keys sorted. It is not protobuf's JSON.
std::string stats_text(const c1::reader::v2::SyncStats& stats);

}  // namespace baton::c1z
