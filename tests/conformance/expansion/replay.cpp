#include "conformance/expansion/replay.hpp"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "expansion/evaluator.hpp"
#include "expansion/graph.hpp"
#include "expansion/input.hpp"

namespace baton::expansion::conformance {
namespace {

bool is_blank(const std::string& id) {
  return id.find_first_not_of(" \t\r\n") == std::string::npos;
}

std::optional<VectorExpandable> usable(std::optional<VectorExpandable> expandable,
                                       const std::set<std::string>& listed_types) {
  if (!expandable) return std::nullopt;
  if (std::all_of(expandable->entitlement_ids.begin(), expandable->entitlement_ids.end(), is_blank)) {
    return std::nullopt;
  }
  const bool was_filtered = !expandable->types.empty();
  std::erase_if(expandable->types, [&](const std::string& type) { return !listed_types.contains(type); });
  if (was_filtered && expandable->types.empty()) return std::nullopt;
  return expandable;
}

Ref resource_of(const VectorCase& vector, const VectorGrant& grant) {
  if (grant.entitlement_resource) return *grant.entitlement_resource;
  for (const VectorEntitlement& entitlement : vector.entitlements) {
    if (entitlement.id == grant.entitlement) return entitlement.resource;
  }
  return {};
}

std::optional<Ref> as_ref(const ResourceView& parent) {
  if (parent == ResourceView{}) return std::nullopt;
  return Ref{std::string(parent.type), std::string(parent.id)};
}

std::map<std::string, bool> as_map(std::span<const SourceEntry> sources) {
  std::map<std::string, bool> map;
  for (const SourceEntry& source : sources) map.emplace(source.entitlement_id, source.is_direct);
  return map;
}

/// Applies rows to a grant table and notes whatever contradicts the sink's contract.
class TableSink final : public ResultSink {
 public:
  TableSink(const Input& input, Replay& replay) : input_(input), replay_(replay) {}

  absl::Status begin(EntitlementIndex destination) override {
    if (destination_) breach("begin inside a destination");
    if (!seen_.insert(destination).second) breach("destination came twice");
    destination_ = destination;
    last_principal_.reset();
    return absl::OkStatus();
  }

  absl::Status row(const ResultRow& row) override {
    check(row);
    const EntitlementView entitlement = input_.entitlement(*destination_);
    const ResourceView principal = input_.principal(row.principal);
    const Ref resource{std::string(entitlement.resource_type), std::string(entitlement.resource_id)};
    const Ref holder{std::string(principal.type), std::string(principal.id)};
    const auto [place, is_new] =
        replay_.grants.try_emplace(GrantKey{resource, std::string(entitlement.id), holder});
    VectorGrant& grant = place->second;
    if (is_new != row.synthesised) breach("a row is synthesised if and only if there is no base grant");
    std::map<std::string, bool> sources = as_map(row.sources);
    if (is_new) {
      grant.id = absl::StrCat(std::string(entitlement.id), ":", holder.type, ":", holder.id);
      grant.entitlement = entitlement.id;
      grant.entitlement_resource = resource;
      grant.principal = holder;
      grant.parent = as_ref(row.parent);
      grant.immutable = true;
    } else if (grant.sources == sources) {
      breach("an unchanged row was delivered");
    }
    grant.sources = std::move(sources);
    return absl::OkStatus();
  }

  absl::Status end(EntitlementIndex destination) override {
    if (destination_ != destination) breach("end of another destination");
    destination_.reset();
    return absl::OkStatus();
  }

 private:
  void check(const ResultRow& row) {
    if (last_principal_ && *last_principal_ >= row.principal) breach("principals do not ascend");
    last_principal_ = row.principal;
    if (row.sources.empty()) breach("a row without sources");
    const auto not_ascending = [](const SourceEntry& a, const SourceEntry& b) {
      return a.entitlement_id >= b.entitlement_id;
    };
    if (std::adjacent_find(row.sources.begin(), row.sources.end(), not_ascending) != row.sources.end()) {
      breach("sources are not distinct and ascending");
    }
    const auto sources = as_map(row.sources);
    std::string text;
    for (const auto& [source, is_direct] : sources) absl::StrAppend(&text, source, is_direct ? "+" : "-");
    if (row.encoded->empty()) *row.encoded = text;
    if (*row.encoded != text) breach("one encoding for different sources");
    if (row.synthesised && !sources.contains(std::string(input_.entitlement(row.first_source).id))) {
      breach("the first source is none of the sources");
    }
  }

  void breach(std::string text) { replay_.breaches.push_back(std::move(text)); }

  const Input& input_;
  Replay& replay_;
  std::set<EntitlementIndex> seen_;
  std::optional<EntitlementIndex> destination_;
  std::optional<PrincipalRank> last_principal_;
};

absl::Status feed(InputBuilder& builder, const GrantKey& key, const VectorGrant& grant) {
  const auto& [resource, id, principal] = key;
  const EntitlementIndex entitlement = builder.add_entitlement({resource.type, resource.id, id, false});
  std::vector<SourceEntry> sources;
  for (const auto& [source, is_direct] : grant.sources) sources.push_back({source, is_direct});
  const ResourceView parent =
      grant.parent ? ResourceView{grant.parent->type, grant.parent->id} : ResourceView{};
  const auto handle = builder.add_grant(entitlement, {principal.type, principal.id}, parent, sources);
  if (!handle.ok() || !grant.expandable) return handle.status();
  const std::vector<std::string_view> ids(grant.expandable->entitlement_ids.begin(),
                                          grant.expandable->entitlement_ids.end());
  const std::vector<std::string_view> types(grant.expandable->types.begin(), grant.expandable->types.end());
  builder.add_description(entitlement, *handle, ids, grant.expandable->shallow, types);
  return absl::OkStatus();
}

absl::StatusOr<Input> build_input(const VectorCase& vector, const GrantTable& grants, RowOrder order) {
  InputBuilder builder;
  std::vector<const GrantTable::value_type*> rows;
  for (const auto& row : grants) rows.push_back(&row);
  std::vector<VectorEntitlement> entitlements = vector.entitlements;
  if (order == RowOrder::kReversed) {
    std::reverse(rows.begin(), rows.end());
    std::reverse(entitlements.begin(), entitlements.end());
  }
  for (const VectorEntitlement& row : entitlements) {
    builder.add_entitlement({row.resource.type, row.resource.id, row.id, true});
  }
  for (const auto* row : rows) {
    if (absl::Status status = feed(builder, row->first, row->second); !status.ok()) return status;
  }
  return std::move(builder).seal();
}

}  // namespace

GrantTable ingest(const VectorCase& vector) {
  GrantTable table;
  for (VectorGrant grant : vector.grants) {
    if (!vector.listed_types.contains(grant.principal.type)) continue;
    grant.expandable = usable(std::move(grant.expandable), vector.listed_types);
    GrantKey key{resource_of(vector, grant), grant.entitlement, grant.principal};
    table.insert_or_assign(std::move(key), std::move(grant));
  }
  return table;
}

absl::StatusOr<Replay> expand(const VectorCase& vector, GrantTable grants, RowOrder order, CycleMode mode) {
  const absl::StatusOr<Input> input = build_input(vector, grants, order);
  if (!input.ok()) return input.status();
  const absl::StatusOr<Graph> graph = Graph::build(*input, mode);
  if (!graph.ok()) return graph.status();
  Replay replay;
  replay.grants = std::move(grants);
  replay.report = graph->report();
  for (NodeIndex node = 0; node < graph->node_count(); ++node) {
    if (graph->members(node).size() < 2) continue;
    std::vector<std::string>& cycle = replay.cycles.emplace_back();
    for (const EntitlementIndex member : graph->members(node))
      cycle.emplace_back(input->entitlement(member).id);
  }
  std::sort(replay.cycles.begin(), replay.cycles.end());
  TableSink sink(*input, replay);
  Evaluator evaluator(*input, *graph);
  if (absl::Status status = evaluator.run(sink); !status.ok()) return status;
  replay.statistics = evaluator.statistics();
  return replay;
}

std::vector<ExpectedGrant> as_expected(const GrantTable& grants) {
  std::vector<ExpectedGrant> all;
  for (const auto& [key, grant] : grants) {
    all.push_back({grant.entitlement, grant.principal, grant.id, grant.parent, grant.sources, grant.immutable,
                   grant.expandable.has_value()});
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace baton::expansion::conformance
