#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expansion/types.hpp"

namespace baton::expansion {

/// What building the graph found. Counts are of distinct edges (source entitlement, destination
/// entitlement); for a missing source, of mentions.
struct GraphReport {
  /// Missing ids named in a warning.
  static constexpr std::size_t kMaxExamples = 25;

  uint64_t edges = 0;  // kept, before cycles are collapsed
  uint64_t edges_source_missing = 0;
  uint64_t edges_destination_missing = 0;
  uint64_t self_loops = 0;
  uint64_t distinct_missing_ids = 0;
  /// In order of first occurrence, at most kMaxExamples.
  std::vector<std::string> missing_examples;

  uint64_t nodes = 0;   // strongly connected components, single entitlements included
  uint64_t cycles = 0;  // those of more than one entitlement
  /// Whether their entitlements count as one, as upstream has it.
  bool cycles_collapsed = true;
  /// Ids around one cycle, each an edge to the next and the last one to the first.
  std::vector<std::string> cycle_example;

  bool has_warnings() const { return edges_source_missing + edges_destination_missing + cycles > 0; }
};

/// What evaluation did so far.
struct Statistics {
  static constexpr std::size_t kLargest = 10;

  struct Destination {
    EntitlementIndex entitlement = 0;
    uint64_t rows = 0;
  };

  uint64_t destinations = 0;
  uint64_t rows_synthesised = 0;
  uint64_t rows_changed = 0;
  /// Destinations with the most rows, largest first; ties by index.
  std::vector<Destination> largest;

  /// Adds one finished destination.
  void count(EntitlementIndex entitlement, uint64_t synthesised, uint64_t changed);
  /// Adds what was counted elsewhere of other destinations.
  void add(const Statistics& other);

 private:
  /// Gives a destination its place among the largest.
  void rank(const Destination& candidate);
};

/// The run's one warning for a log: counts, example ids, one cycle. Empty if nothing is worth a warning.
/// Long for the eye but bounded: at most kMaxExamples ids and as many of the cycle, each cut to 200 bytes.
std::string warning_text(const GraphReport& report);

/// An id for people: quoted, unprintable bytes escaped, cut to 200 bytes.
std::string quoted_id(std::string_view id);

}  // namespace baton::expansion
