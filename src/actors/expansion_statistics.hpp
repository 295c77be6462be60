#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace baton::actors {

/// What an expansion did. Ids are as the connector gave them: escape them before showing.
class ExpansionStatistics {
 public:
  ExpansionStatistics() = default;

  /// Distinct edges between entitlements that took part, and what was left out.
  std::uint64_t edges = 0;
  std::uint64_t edges_source_missing = 0;
  std::uint64_t edges_destination_missing = 0;
  std::uint64_t self_loops = 0;
  /// Strongly connected components of the graph.
  std::uint64_t components = 0;
  /// Components of more than one entitlement, and the ids around one cycle, each an edge to the next.
  std::uint64_t cycles = 0;
  std::vector<std::string> cycle_example;

  /// Entitlements that edges lead to.
  std::uint64_t destinations = 0;
  /// Grants made, and collected grants whose sources changed.
  std::uint64_t rows_added = 0;
  std::uint64_t rows_changed = 0;
  /// Up to ten destinations with the most rows, largest first: entitlement id, rows added and changed.
  std::vector<std::pair<std::string, std::uint64_t>> largest;

  /// How long it took to read the collected grants, and then to find who holds what; what is left of the
  /// whole is making and storing rows.
  std::chrono::nanoseconds read_time{0};
  std::chrono::nanoseconds settle_time{0};
  /// Segments that an earlier process had committed.
  std::uint64_t segments_resumed = 0;

  /// For people; at most one.
  std::vector<std::string> warnings;
};

}  // namespace baton::actors
