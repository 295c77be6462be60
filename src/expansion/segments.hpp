#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "expansion/evaluator.hpp"
#include "expansion/graph.hpp"
#include "expansion/input.hpp"

namespace baton::expansion {

/// All destinations of a graph in the order of their keys in a store, cut into segments of about equally many
/// rows: what is written and committed at a time. Follows from the rows alone. Immutable.
class Segments {
 public:
  struct Destination {
    NodeIndex node = 0;
    EntitlementIndex entitlement = 0;
  };

  /// Everything must be settled. A segment is closed once its destinations may have `rows_per_segment` rows;
  /// one destination is never cut.
  static Segments of(const Input& input, const Graph& graph, const Evaluator& evaluator,
                     uint64_t rows_per_segment);

  std::size_t count() const { return offsets_.size() - 1; }
  std::span<const Destination> segment(std::size_t index) const {
    return std::span(destinations_).subspan(offsets_[index], offsets_[index + 1] - offsets_[index]);
  }
  std::span<const Destination> destinations() const { return destinations_; }
  /// At least the number of rows of all segments together.
  uint64_t row_bound() const { return row_bound_; }

 private:
  Segments() = default;

  std::vector<Destination> destinations_;
  std::vector<std::size_t> offsets_{0};
  uint64_t row_bound_ = 0;
};

}  // namespace baton::expansion
