#include "cli/explanation.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "cli/command.hpp"
#include "cli/lookup.hpp"
#include "expansion/evaluator.hpp"
#include "expansion/graph.hpp"
#include "expansion/input.hpp"
#include "storage/c1z/grant_origin.hpp"

namespace baton::cli {
namespace {

using c1::connector::v2::Entitlement;
using c1::connector::v2::ResourceId;
using expansion::AccessGraph;
using expansion::Hold;
using expansion::Obstacle;

/// Ends a visit that has seen enough.
absl::Status enough() {
  return absl::CancelledError();
}

/// Notices whether a principal gets a row of a destination.
class OneRow final : public expansion::ResultSink {
 public:
  OneRow(const expansion::Input& input, expansion::EntitlementIndex destination,
         expansion::ResourceView principal)
      : input_(input), destination_(destination), principal_(principal) {}

  absl::Status begin(expansion::EntitlementIndex destination) override {
    here_ = destination == destination_;
    return absl::OkStatus();
  }
  absl::Status row(const expansion::ResultRow& row) override {
    found_ = found_ || (here_ && input_.principal(row.principal) == principal_);
    return absl::OkStatus();
  }
  absl::Status end(expansion::EntitlementIndex) override { return absl::OkStatus(); }
  bool found() const { return found_; }

 private:
  const expansion::Input& input_;
  expansion::EntitlementIndex destination_;
  expansion::ResourceView principal_;
  bool here_ = false;
  bool found_ = false;
};

}  // namespace

absl::StatusOr<Explainer> Explainer::create(c1z::Reader& reader, const ResourceId& principal) {
  Explainer explainer(reader);
  explainer.principal_ = principal;
  absl::Status status = explainer.read_grants();
  if (!status.ok()) return status;
  const auto known = reader.find_resource(principal.resource_type(), principal.resource());
  if (!known.ok()) return known.status();
  if (*known == nullptr && explainer.grants_.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no resource ", principal.resource(), " of type ",
                                            principal.resource_type(),
                                            ", and no grant to one; baton resources lists what there is"));
  }
  status = explainer.read_descriptions();
  if (!status.ok()) return status;
  return explainer;
}

Explainer::Index Explainer::entry(const std::string& id) {
  const auto [at, fresh] = index_.try_emplace(id, static_cast<Index>(entries_.size()));
  if (fresh) {
    entries_.emplace_back();
    entries_.back().id = id;
    entries_.back().entitlement.set_id(id);
  }
  return at->second;
}

absl::Status Explainer::read_grants() {
  c1z::GrantFilter filter;
  filter.principal_type_id = principal_.resource_type();
  filter.principal_id = principal_.resource();
  return reader_->for_each_grant(filter, [&](const c1z::StoredGrant& stored) {
    const Index on = entry(stored.grant.entitlement().id());
    Entry& held = entries_[on];
    *held.entitlement.mutable_resource()->mutable_id() = stored.grant.entitlement().resource().id();
    if (c1z::origin_of(stored) != c1z::GrantOrigin::kExpansion) {
      held.hold = std::max(held.hold, c1z::is_direct(stored.grant) ? Hold::kDirect : Hold::kIndirect);
    }
    grants_[on].push_back(stored);
    return absl::OkStatus();
  });
}

absl::Status Explainer::read_descriptions() {
  c1z::GrantFilter filter;
  filter.expandable = true;
  return reader_->for_each_grant(filter, [&](const c1z::StoredGrant& stored) {
    c1::connector::v2::GrantExpandable expandable;
    // A description that cannot be read says nothing, to expansion neither.
    if (!expandable.ParseFromString(stored.expansion)) return absl::OkStatus();
    Description description;
    description.destination = entry(stored.grant.entitlement().id());
    *entries_[description.destination].entitlement.mutable_resource()->mutable_id() =
        stored.grant.entitlement().resource().id();
    description.principal = stored.grant.principal().id();
    description.shallow = expandable.shallow();
    description.types.assign(expandable.resource_type_ids().begin(), expandable.resource_type_ids().end());
    for (const std::string& id : expandable.entitlement_ids()) description.sources.push_back(entry(id));
    entries_[description.destination].descriptions.push_back(descriptions_.size());
    descriptions_.push_back(std::move(description));
    return absl::OkStatus();
  });
}

absl::Status Explainer::look_up(Entry& entry) {
  if (entry.looked_up) return absl::OkStatus();
  const auto found = reader_->find_entitlement(entry.id);
  if (!found.ok()) return found.status();
  entry.looked_up = true;
  entry.has_row = *found != nullptr;
  if (entry.has_row) {
    entry.entitlement = **found;
    return absl::OkStatus();
  }
  absl::StatusOr<Entitlement> placeholder = entitlement_or_placeholder(*reader_, entry.entitlement);
  if (!placeholder.ok()) return placeholder.status();
  entry.entitlement = *std::move(placeholder);
  return absl::OkStatus();
}

/// The entitlement and all whose holders may come to hold it, with their rows looked up.
absl::StatusOr<std::vector<Explainer::Index>> Explainer::ancestors(Index asked) {
  std::vector<Index> around{asked};
  std::vector<bool> met(entries_.size(), false);
  met[asked] = true;
  for (std::size_t i = 0; i < around.size(); ++i) {
    Entry& entry = entries_[around[i]];
    if (absl::Status status = look_up(entry); !status.ok()) return status;
    for (const std::size_t description : entry.descriptions) {
      for (const Index source : descriptions_[description].sources) {
        if (met[source]) continue;
        met[source] = true;
        around.push_back(source);
      }
    }
  }
  return around;
}

bool Explainer::passes(const std::vector<std::string>& types) const {
  return types.empty() || std::ranges::find(types, principal_.resource_type()) != types.end();
}

/// The graph of one question, with what its links stand for.
class Explainer::Question {
 public:
  Question(const Explainer& explainer, const std::vector<Index>& around)
      : explainer_(explainer), around_(around) {
    for (std::size_t node = 0; node < around.size(); ++node) {
      nodes_[around[node]] = graph_.add_entitlement(explainer.entries_[around[node]].hold);
    }
    for (const Index destination : around) {
      for (const std::size_t description : explainer.entries_[destination].descriptions) {
        for (const Index source : explainer.descriptions_[description].sources) {
          if (source != destination) add(source, destination, explainer.descriptions_[description]);
        }
      }
    }
    for (std::uint32_t link = 0; link < types_.size(); ++link) {
      const AccessGraph::Link& added = graph_.link(link);
      if (added.obstacle == Obstacle::kNone && !explainer.passes(types_[link])) {
        graph_.set_obstacle(link, Obstacle::kFiltered);
      }
    }
  }

  const AccessGraph& graph() const { return graph_; }

  ExplainedPath explain(const expansion::AccessPath& path) const {
    ExplainedPath explained;
    explained.direct = graph_.hold(path.granted) == Hold::kDirect;
    for (const expansion::PathStep& step : path.steps) {
      const AccessGraph::Link& link = graph_.link(step.link);
      ExplainedStep& added = explained.steps.emplace_back();
      added.through = explainer_.entries_[around_[link.source]].entitlement;
      added.shallow = link.shallow;
      added.types = types_[step.link];
      added.obstacle = step.obstacle;
    }
    return explained;
  }

 private:
  /// Descriptions of one link together: deep wins over shallow, unfiltered over filtered, filters unite.
  void add(Index source, Index destination, const Description& description) {
    const auto [at, fresh] = links_.try_emplace(std::pair(source, destination), 0);
    if (fresh) {
      AccessGraph::Link link;
      link.source = nodes_.at(source);
      link.destination = nodes_.at(destination);
      link.shallow = description.shallow;
      link.obstacle = obstacle(source, destination, description);
      at->second = graph_.add_link(link);
      types_.push_back(description.types);
      return;
    }
    std::vector<std::string>& types = types_[at->second];
    if (types.empty() || description.types.empty()) {
      types.clear();
    } else {
      for (const std::string& type : description.types) {
        if (std::ranges::find(types, type) == types.end()) types.push_back(type);
      }
    }
    if (!description.shallow) graph_.set_deep(at->second);
  }

  Obstacle obstacle(Index source, Index destination, const Description& description) const {
    const Entry& from = explainer_.entries_[source];
    if (!from.has_row) return Obstacle::kSourceMissing;
    const ResourceId& owner = from.entitlement.resource().id();
    if (owner.resource_type() != description.principal.resource_type() ||
        owner.resource() != description.principal.resource()) {
      return Obstacle::kForeignSource;
    }
    return explainer_.entries_[destination].has_row ? Obstacle::kNone : Obstacle::kDestinationMissing;
  }

  const Explainer& explainer_;
  const std::vector<Index>& around_;
  AccessGraph graph_;
  std::map<Index, AccessGraph::Node> nodes_;
  std::map<std::pair<Index, Index>, std::uint32_t> links_;
  std::vector<std::vector<std::string>> types_;
};

absl::StatusOr<Explanation> Explainer::explain(const std::string& entitlement_id, std::size_t limit) {
  const Index asked = entry(entitlement_id);
  const absl::StatusOr<std::vector<Index>> around = ancestors(asked);
  if (!around.ok()) return around.status();
  Explanation explanation;
  explanation.entitlement = entries_[asked].entitlement;
  if (const auto stored = grants_.find(asked); stored != grants_.end()) explanation.grants = stored->second;
  if (!entries_[asked].has_row && explanation.grants.empty()) {
    c1z::GrantFilter filter;
    filter.entitlement_id = entitlement_id;
    const absl::Status met = reader_->for_each_grant(filter, [](const auto&) { return enough(); });
    if (met.ok()) {
      return absl::NotFoundError(
          absl::StrCat("there is no entitlement ", entitlement_id,
                       ", and no grant of one; baton entitlements lists what there is"));
    }
    if (met != enough()) return met;
  }
  const Question question(*this, *around);
  expansion::PathLimits limits;
  limits.paths = limit;
  const expansion::AccessPaths paths = expansion::find_paths(question.graph(), 0, limits);
  for (const auto& path : paths.holding) explanation.holding.push_back(question.explain(path));
  for (const auto& path : paths.stopped) explanation.stopped.push_back(question.explain(path));
  explanation.more_holding = paths.more_holding;
  explanation.more_stopped = paths.more_stopped;
  if (absl::Status status = remark(*around, asked, explanation); !status.ok()) return status;
  return explanation;
}

/// Whether upstream's expansion of these rows would leave the principal with the entitlement, and a cycle
/// that it would collapse on the way. The rows of everybody else do not matter to the principal's.
absl::StatusOr<bool> Explainer::upstream_holds(const std::vector<Index>& around, Index asked,
                                               std::string& cycle) const {
  expansion::InputBuilder builder;
  std::vector<expansion::EntitlementIndex> numbers;
  for (const Index index : around) {
    const Entry& entry = entries_[index];
    const ResourceId& on = entry.entitlement.resource().id();
    numbers.push_back(builder.add_entitlement({on.resource_type(), on.resource(), entry.id, entry.has_row}));
  }
  for (std::size_t i = 0; i < around.size(); ++i) {
    const Entry& entry = entries_[around[i]];
    // Each principal once: those of descriptions, with all they say, and the one in question.
    std::map<std::pair<std::string, std::string>, std::vector<const Description*>> principals;
    for (const std::size_t description : entry.descriptions) {
      const ResourceId& id = descriptions_[description].principal;
      principals[{id.resource_type(), id.resource()}].push_back(&descriptions_[description]);
    }
    const std::pair own(principal_.resource_type(), principal_.resource());
    if (entry.hold != Hold::kNone) principals[own];
    for (const auto& [id, said] : principals) {
      std::vector<expansion::SourceEntry> sources;
      if (id == own && entry.hold == Hold::kIndirect) sources.push_back({std::string_view(), false});
      const auto handle = builder.add_grant(numbers[i], {id.first, id.second}, {}, sources);
      if (!handle.ok()) return handle.status();
      for (const Description* description : said) {
        std::vector<std::string_view> ids;
        for (const Index source : description->sources) ids.push_back(entries_[source].id);
        const std::vector<std::string_view> types(description->types.begin(), description->types.end());
        builder.add_description(numbers[i], *handle, ids, description->shallow, types);
      }
    }
  }
  const absl::StatusOr<expansion::Input> input = std::move(builder).seal();
  if (!input.ok()) return input.status();
  const absl::StatusOr<expansion::Graph> graph = expansion::Graph::build(*input);
  if (!graph.ok()) return graph.status();
  cycle = absl::StrJoin(graph->report().cycle_example, " -> ");
  OneRow row(*input, numbers.front(), {principal_.resource_type(), principal_.resource()});
  expansion::Evaluator evaluator(*input, *graph);
  if (absl::Status status = evaluator.run(row); !status.ok()) return status;
  return row.found() || entries_[asked].hold != Hold::kNone;
}

absl::Status Explainer::remark(const std::vector<Index>& around, Index asked,
                               Explanation& explanation) const {
  const bool stored = !explanation.grants.empty();
  const bool explained = !explanation.holding.empty();
  std::string cycle;
  const absl::StatusOr<bool> upstream = upstream_holds(around, asked, cycle);
  if (!upstream.ok()) {
    explanation.remarks.push_back(
        absl::StrCat("expansion of this file fails: ", upstream.status().message()));
    return absl::OkStatus();
  }
  if (stored && !explained) {
    explanation.remarks.push_back(
        *upstream ? absl::StrCat("the grant in the file comes from a cycle: upstream's expansion takes "
                                 "entitlements that feed each other (",
                                 cycle, ") for one and forgets filters and shallow flags between them")
                  : "no path leads to the grant in the file: what it came from is gone since, or it was "
                    "never made by expansion");
  } else if (!stored && *upstream) {
    explanation.remarks.emplace_back(
        "the file holds no such grant: it was not expanded, or not since the grants above came; baton expand "
        "adds it");
  } else if (!stored && explained) {
    explanation.remarks.push_back(
        absl::StrCat("the file holds no such grant: upstream's expansion takes entitlements that feed each "
                     "other (",
                     cycle, ") for one and passes nothing on between them; baton expand --mode strict does"));
  }
  return absl::OkStatus();
}

absl::StatusOr<ResourceId> parse_principal(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    return usage_error(absl::StrCat("--principal must be TYPE:ID, such as user:alice, not ", text));
  }
  ResourceId id;
  id.set_resource_type(text.substr(0, colon));
  id.set_resource(text.substr(colon + 1));
  return id;
}

}  // namespace baton::cli
