#include "expansion/segments.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/tuple_key.hpp"

namespace baton::expansion {

Segments Segments::of(const Input& input, const Graph& graph, const Evaluator& evaluator,
                      uint64_t rows_per_segment) {
  std::vector<std::pair<std::string, Destination>> by_key;
  for (NodeIndex node = 0; node < graph.node_count(); ++node) {
    if (graph.incoming(node).empty()) continue;
    for (const EntitlementIndex member : graph.members(node)) {
      const EntitlementView view = input.entitlement(member);
      std::string key;
      append_entitlement_identity(key, view.resource_type, view.resource_id, view.id);
      by_key.emplace_back(std::move(key), Destination{node, member});
    }
  }
  std::sort(by_key.begin(), by_key.end(), [](const auto& a, const auto& b) { return a.first < b.first; });

  Segments segments;
  segments.destinations_.reserve(by_key.size());
  uint64_t rows = 0;
  for (const auto& [key, destination] : by_key) {
    segments.destinations_.push_back(destination);
    const uint64_t bound = evaluator.row_bound(destination.node);
    rows += bound;
    segments.row_bound_ += bound;
    if (rows >= rows_per_segment) {
      segments.offsets_.push_back(segments.destinations_.size());
      rows = 0;
    }
  }
  if (segments.offsets_.back() != segments.destinations_.size()) {
    segments.offsets_.push_back(segments.destinations_.size());
  }
  return segments;
}

}  // namespace baton::expansion
