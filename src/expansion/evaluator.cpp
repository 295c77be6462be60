#include "expansion/evaluator.hpp"

#include <algorithm>
#include <utility>

namespace baton::expansion {

Evaluator::Evaluator(const Input& input, const Graph& graph)
    : input_(input), graph_(graph), grown_(input.entitlement_count()), consumers_left_(graph.node_count()) {
  for (NodeIndex node = 0; node < graph.node_count(); ++node) {
    consumers_left_[node] = static_cast<uint32_t>(graph.consumer_count(node));
  }
}

absl::Status Evaluator::step(ResultSink& sink) {
  while (!done()) {
    const NodeIndex node = next_++;
    if (!graph_.incoming(node).empty()) return evaluate(node, sink);
  }
  return absl::OkStatus();
}

absl::Status Evaluator::run(ResultSink& sink) {
  while (!done()) {
    if (absl::Status status = step(sink); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Evaluator::evaluate(NodeIndex node, ResultSink& sink) {
  const std::vector<Feed> feeds = feeds_of(node);
  for (const EntitlementIndex destination : graph_.members(node)) {
    ReductionRequest request;
    request.destination = destination;
    request.feeds = feeds;
    request.keep_holders = graph_.consumer_count(node) > 0;
    absl::StatusOr<Reduction> reduction = reduce(input_, parents_, request, sink);
    if (!reduction.ok()) return reduction.status();
    grown_[destination] = std::move(reduction->holders);
    for (const auto& [principal, parent] : reduction->parents) parents_[{destination, principal}] = parent;
    statistics_.count(destination, reduction->synthesised, reduction->changed);
  }
  release_sources(node);
  return absl::OkStatus();
}

std::vector<Feed> Evaluator::feeds_of(NodeIndex node) const {
  std::vector<Feed> feeds;
  for (const NodeEdge& edge : graph_.incoming(node)) {
    for (const EntitlementIndex source : graph_.members(edge.from)) {
      Feed feed;
      feed.source = source;
      feed.node = edge.from;
      feed.holders =
          grown_[source].empty() ? input_.holders(source) : std::span<const Holder>(grown_[source]);
      feed.shallow = edge.shallow;
      feed.filtered = edge.filter != Graph::kNoFilter;
      feed.ranges = graph_.filter(edge.filter);
      feeds.push_back(feed);
    }
  }
  std::sort(feeds.begin(), feeds.end(), [&](const Feed& a, const Feed& b) {
    return input_.entitlement(a.source).id < input_.entitlement(b.source).id;
  });
  return feeds;
}

void Evaluator::release_sources(NodeIndex node) {
  for (const NodeEdge& edge : graph_.incoming(node)) {
    if (--consumers_left_[edge.from] > 0) continue;
    for (const EntitlementIndex source : graph_.members(edge.from)) grown_[source] = {};
  }
}

}  // namespace baton::expansion
