#include "cli/engine_sources.hpp"

#include <algorithm>
#include <limits>
#include <memory>

#include "c1/connector/v2/annotation_grant.pb.h"
#include "storage/c1z/grant_origin.hpp"

namespace baton::cli {
namespace {

using c1::connector::v2::Entitlement;
using c1::connector::v2::Grant;
using c1::connector::v2::ResourceId;

constexpr expansion::NodeIndex kNoNode = std::numeric_limits<expansion::NodeIndex>::max();

/// Cannot be mistaken for another pair: the lengths are in it.
std::string pair_key(const std::string& entitlement, const ResourceId& principal) {
  std::string key = std::to_string(entitlement.size());
  key.push_back(':');
  key += entitlement;
  key += std::to_string(principal.resource_type().size());
  key.push_back(':');
  key += principal.resource_type();
  key += principal.resource();
  return key;
}

}  // namespace

void EngineSources::notice(const Entitlement& entitlement) {
  const ResourceId& on = entitlement.resource().id();
  entitlements_[entitlement.id()] =
      builder_.add_entitlement({on.resource_type(), on.resource(), entitlement.id(), true});
}

bool EngineSources::notice(const c1z::StoredGrant& stored) {
  const Grant& grant = stored.grant;
  if (!stored.expansion.empty()) {
    const ResourceId& on = grant.entitlement().resource().id();
    Description description;
    description.destination =
        builder_.add_entitlement({on.resource_type(), on.resource(), grant.entitlement().id(), false});
    description.principal = grant.principal().id();
    description.bytes = stored.expansion;
    descriptions_.push_back(std::move(description));
  }
  const auto& sources = grant.sources().sources();
  if (sources.size() < 2 || !c1z::is_direct(grant)) return false;
  types_.try_emplace(grant.principal().id().resource_type(), 0);
  for (const auto& [id, source] : sources) {
    if (id != grant.entitlement().id()) wanted_.try_emplace(pair_key(id, grant.principal().id()), Held::kNo);
  }
  return true;
}

absl::Status EngineSources::ready() {
  // The grants of an entitlement come to the builder in one run, each principal once.
  std::map<expansion::EntitlementIndex,
           std::map<std::pair<std::string, std::string>, std::vector<const std::string*>>>
      runs;
  for (const Description& description : descriptions_) {
    runs[description.destination][{description.principal.resource_type(), description.principal.resource()}]
        .push_back(&description.bytes);
  }
  for (const auto& [destination, principals] : runs) {
    for (const auto& [id, said] : principals) {
      const auto handle = builder_.add_grant(destination, {id.first, id.second});
      if (!handle.ok()) return handle.status();
      for (const std::string* bytes : said) {
        c1::connector::v2::GrantExpandable expandable;
        if (!expandable.ParseFromString(*bytes)) continue;
        const std::vector<std::string_view> ids(expandable.entitlement_ids().begin(),
                                                expandable.entitlement_ids().end());
        const std::vector<std::string_view> types(expandable.resource_type_ids().begin(),
                                                  expandable.resource_type_ids().end());
        builder_.add_description(destination, *handle, ids, expandable.shallow(), types);
      }
    }
  }
  // So that every type that matters has a rank, which is what filters are made of.
  const expansion::EntitlementIndex nobody = builder_.add_entitlement({{}, {}, {}, false});
  for (const auto& [type, rank] : types_) {
    const auto handle = builder_.add_grant(nobody, {type, "any"});
    if (!handle.ok()) return handle.status();
  }
  const absl::StatusOr<expansion::Input> input = std::move(builder_).seal();
  if (!input.ok()) return input.status();
  absl::StatusOr<expansion::Graph> graph = expansion::Graph::build(*input);
  if (!graph.ok()) return graph.status();
  for (expansion::PrincipalRank rank = 0; rank < input->principal_count(); ++rank) {
    const auto type = types_.find(std::string(input->principal(rank).type));
    if (type != types_.end()) type->second = rank;
  }
  nodes_.assign(input->entitlement_count(), kNoNode);
  for (expansion::NodeIndex node = 0; node < graph->node_count(); ++node) {
    for (const expansion::EntitlementIndex member : graph->members(node)) nodes_[member] = node;
  }
  graph_ = std::make_unique<expansion::Graph>(*std::move(graph));
  descriptions_.clear();
  return absl::OkStatus();
}

void EngineSources::resolve(const Grant& grant) {
  const auto wanted = wanted_.find(pair_key(grant.entitlement().id(), grant.principal().id()));
  if (wanted == wanted_.end()) return;
  wanted->second = std::max(wanted->second, c1z::is_direct(grant) ? Held::kDirect : Held::kIndirect);
}

bool EngineSources::separate(Grant& grant) const {
  auto& sources = *grant.mutable_sources()->mutable_sources();
  const std::string& own = grant.entitlement().id();
  std::vector<std::string> added;
  for (const auto& [id, source] : sources) {
    if (id != own && would_add(id, source.is_direct(), grant)) added.push_back(id);
  }
  if (added.empty()) return false;
  for (const std::string& id : added) sources.erase(id);
  if (sources.size() == 1 && sources.contains(own) && sources.at(own).is_direct()) grant.clear_sources();
  return true;
}

bool EngineSources::would_add(const std::string& source, bool is_direct, const Grant& grant) const {
  const auto held = wanted_.find(pair_key(source, grant.principal().id()));
  if (held == wanted_.end() || held->second == Held::kNo) return false;
  if ((held->second == Held::kDirect) != is_direct) return false;
  const auto from = entitlements_.find(source);
  const auto to = entitlements_.find(grant.entitlement().id());
  if (from == entitlements_.end() || to == entitlements_.end()) return false;
  const expansion::NodeIndex from_node = nodes_[from->second];
  const expansion::NodeIndex to_node = nodes_[to->second];
  if (from_node == kNoNode || to_node == kNoNode) return false;
  // Inside a cycle upstream adds nothing; the strict reading does, link by link.
  if (from_node == to_node) return true;
  const auto edges = graph_->incoming(to_node);
  const auto edge = std::ranges::lower_bound(edges, from_node, {}, &expansion::NodeEdge::from);
  return edge != edges.end() && edge->from == from_node &&
         passes(*edge, grant.principal().id().resource_type(), is_direct);
}

bool EngineSources::passes(const expansion::NodeEdge& edge, const std::string& type, bool is_direct) const {
  if (edge.shallow && !is_direct) return false;
  if (edge.filter == expansion::Graph::kNoFilter) return true;
  const expansion::PrincipalRank rank = types_.at(type);
  return std::ranges::any_of(graph_->filter(edge.filter), [&](const expansion::RankRange& range) {
    return range.begin <= rank && rank < range.end;
  });
}

}  // namespace baton::cli
