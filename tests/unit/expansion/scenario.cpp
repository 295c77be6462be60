#include "unit/expansion/scenario.hpp"

#include <gtest/gtest.h>

#include "absl/status/statusor.h"

namespace baton::expansion::testing {
namespace {

ResourceView principal_view(std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {"user", name};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

std::vector<std::string_view> views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

}  // namespace

Scenario& Scenario::entitlement(std::string id) {
  get(id).has_row = true;
  return *this;
}

Scenario& Scenario::entitlement(std::string id, std::string resource_type, std::string resource_id) {
  Entitlement& found = get(id);
  found.resource_type = std::move(resource_type);
  found.resource_id = std::move(resource_id);
  found.has_row = true;
  return *this;
}

Scenario& Scenario::grant(const std::string& entitlement, const std::string& principal,
                          std::map<std::string, bool> sources) {
  get(entitlement).grants[principal].sources = std::move(sources);
  return *this;
}

Scenario& Scenario::parent(const std::string& entitlement, const std::string& principal,
                           std::string parent_id) {
  get(entitlement).grants.at(principal).parent = std::move(parent_id);
  return *this;
}

Scenario& Scenario::edge(const std::string& source, const std::string& destination, const Edge& edge) {
  return expandable(destination, "group:" + source, {source}, edge);
}

Scenario& Scenario::edge(const std::string& source, const std::string& destination) {
  return edge(source, destination, Edge());
}

Scenario& Scenario::expandable(const std::string& destination, const std::string& principal,
                               std::vector<std::string> sources, const Edge& edge) {
  get(destination).grants[principal].descriptions.push_back({std::move(sources), edge});
  return *this;
}

Scenario& Scenario::expandable(const std::string& destination, const std::string& principal,
                               std::vector<std::string> sources) {
  return expandable(destination, principal, std::move(sources), Edge());
}

Input Scenario::input() const {
  InputBuilder builder;
  for (const auto& [id, row] : entitlements_) {
    const EntitlementIndex index =
        builder.add_entitlement({row.resource_type, row.resource_id, id, row.has_row});
    for (const auto& [principal, grant] : row.grants) {
      std::vector<SourceEntry> sources;
      for (const auto& [source, is_direct] : grant.sources) sources.push_back({source, is_direct});
      const ResourceView parent = grant.parent.empty() ? ResourceView{} : ResourceView{"org", grant.parent};
      const auto handle = builder.add_grant(index, principal_view(principal), parent, sources);
      EXPECT_TRUE(handle.ok()) << handle.status();
      for (const Description& description : grant.descriptions) {
        builder.add_description(index, *handle, views(description.sources), description.edge.shallow,
                                views(description.edge.types));
      }
    }
  }
  absl::StatusOr<Input> input = std::move(builder).seal();
  EXPECT_TRUE(input.ok()) << input.status();
  return *std::move(input);
}

Scenario::Entitlement& Scenario::get(const std::string& id) {
  const auto [place, is_new] = entitlements_.try_emplace(id);
  if (is_new) {
    place->second.resource_type = "group";
    place->second.resource_id = id;
  }
  return place->second;
}

absl::Status Recorder::begin(EntitlementIndex destination) {
  destination_ = destination;
  return absl::OkStatus();
}

absl::Status Recorder::row(const ResultRow& row) {
  if (fail_at_ > 0 && --fail_at_ == 0) return absl::ResourceExhaustedError("the sink is full");
  std::string text(input_.entitlement(destination_).id);
  text += ": " + name(input_.principal(row.principal)) + " {";
  for (std::size_t i = 0; i < row.sources.size(); ++i) {
    if (i > 0) text += ", ";
    text += row.sources[i].entitlement_id;
    text += row.sources[i].is_direct ? "+" : "-";
  }
  text += row.synthesised ? "}*" : "}";
  if (!row.parent.id.empty()) text += "^" + std::string(row.parent.id);
  rows.push_back(std::move(text));
  encoded_now.push_back(row.encoded->empty());
  std::string sources;
  for (const SourceEntry& source : row.sources) {
    sources.append(source.entitlement_id).push_back(source.is_direct ? '+' : '-');
  }
  if (row.encoded->empty()) *row.encoded = sources;
  EXPECT_EQ(*row.encoded, sources) << "an encoding of other sources was handed out";
  return absl::OkStatus();
}

absl::Status Recorder::end(EntitlementIndex destination) {
  EXPECT_EQ(destination, destination_);
  ended.emplace_back(input_.entitlement(destination).id);
  return absl::OkStatus();
}

std::string name(const ResourceView& principal) {
  if (principal.type == "user") return std::string(principal.id);
  return std::string(principal.type) + ":" + std::string(principal.id);
}

EntitlementIndex index_of(const Input& input, std::string_view id) {
  for (EntitlementIndex index = 0; index < input.entitlement_count(); ++index) {
    if (input.entitlement(index).id == id) return index;
  }
  ADD_FAILURE() << "no entitlement " << id;
  return 0;
}

PrincipalRank rank_of(const Input& input, std::string_view principal) {
  for (PrincipalRank rank = 0; rank < input.principal_count(); ++rank) {
    if (name(input.principal(rank)) == principal) return rank;
  }
  ADD_FAILURE() << "no principal " << principal;
  return 0;
}

}  // namespace baton::expansion::testing
