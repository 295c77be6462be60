#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tenant {

/// Where a request went, for counting.
enum class Route { kUsers, kGroups, kRoles, kApps, kMembers, kAssignments, kPing, kUnknown, kStatic, kAdmin };
inline constexpr std::size_t kRouteCount = 10;
std::string_view route_name(Route route);

/// What a tenant has seen and served since it started or was reset. Requests to /admin and /static are
/// counted under their routes only. Not thread-safe.
class Counters {
 public:
  void connection_opened();
  void connection_closed() { --open_; }
  void request_started();
  void request_finished() { --in_flight_; }
  /// `status` 0 stands for no answer at all.
  void answered(Route route, int status, std::uint64_t rows);
  void refused() { ++refusals_; }
  void faulted(const std::string& name) { ++faults_[name]; }
  void sent(std::uint64_t bytes) { bytes_ += bytes; }

  /// Zeroes everything but what is open and in flight.
  void reset();
  /// One JSON object; the README names its fields.
  std::string json() const;

 private:
  std::uint64_t connections_ = 0;
  std::uint64_t open_ = 0;
  std::uint64_t most_open_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t most_in_flight_ = 0;
  std::uint64_t rows_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t refusals_ = 0;
  std::array<std::map<int, std::uint64_t>, kRouteCount> by_route_;
  std::map<std::string, std::uint64_t> faults_;
};

}  // namespace tenant
