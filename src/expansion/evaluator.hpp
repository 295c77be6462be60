#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "expansion/graph.hpp"
#include "expansion/input.hpp"
#include "expansion/reduction.hpp"
#include "expansion/report.hpp"

namespace baton::expansion {

/// Walks the graph from its sources on and reduces every destination. Deterministic: to continue an
/// interrupted run, evaluate again and let the sink pass over destinations that it knows to be written;
/// to learn the number of rows beforehand, evaluate into a sink that drops them. Not thread-safe.
class Evaluator {
 public:
  /// Both must outlive the evaluator.
  Evaluator(const Input& input, const Graph& graph);

  bool done() const { return next_ == graph_.node_count(); }

  /// Evaluates nodes up to and including the next one that is a destination (usually one entitlement, all of
  /// a collapsed cycle otherwise). The caller looks between steps whether to stop. Fails only as the sink
  /// fails; the evaluator is then good for destruction only.
  absl::Status step(ResultSink& sink);

  /// Steps until done.
  absl::Status run(ResultSink& sink);

  const Statistics& statistics() const { return statistics_; }

 private:
  absl::Status evaluate(NodeIndex node, ResultSink& sink);
  std::vector<Feed> feeds_of(NodeIndex node) const;
  void release_sources(NodeIndex node);

  const Input& input_;
  const Graph& graph_;
  NodeIndex next_ = 0;
  /// Per entitlement: its holders if they are more than the base holders and still needed.
  std::vector<std::vector<Holder>> grown_;
  /// Per node: edges whose destination is not evaluated yet.
  std::vector<uint32_t> consumers_left_;
  SynthesisedParents parents_;
  Statistics statistics_;
};

}  // namespace baton::expansion
