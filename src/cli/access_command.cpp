#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "cli/command.hpp"
#include "cli/explanation.hpp"
#include "cli/explanation_text.hpp"
#include "cli/lookup.hpp"
#include "cli/protojson.hpp"
#include "cli/selection.hpp"
#include "cli/table.hpp"

namespace baton::cli {
namespace {

using baton::v1::ResourceAccessListOutput;

/// Explanations by entitlement id; empty unless they were asked for.
using Explanations = std::map<std::string, Explanation>;

/// A tree of three levels: the principal, the resources, what is held on each; with reasons of four.
std::string tree_text(const ResourceAccessListOutput& list, const Explanations& why) {
  const auto& principal = list.principal();
  std::string text =
      absl::StrCat(list.access().empty() ? "└──" : "└─┬", "Effective Access for ",
                   cell(principal.display_name()), " (", cell(principal.id().resource_type()), ")\n");
  for (int i = 0; i < list.access_size(); ++i) {
    const auto& access = list.access(i);
    const bool last = i + 1 == list.access_size();
    absl::StrAppend(&text, last ? "  └─┬" : "  ├─┬", cell(access.resource().display_name()), " (",
                    cell(access.resource_type().display_name()), ")\n");
    for (int j = 0; j < access.entitlements_size(); ++j) {
      const bool last_held = j + 1 == access.entitlements_size();
      const std::string indent = last ? "    " : "  │ ";
      const auto reasons = why.find(access.entitlements(j).id());
      absl::StrAppend(&text, indent, last_held ? "└─" : "├─", reasons == why.end() ? "─" : "┬",
                      cell(access.entitlements(j).slug()), "\n");
      if (reasons == why.end()) continue;
      std::vector<Branch> lines;
      for (std::string& line : path_lines(reasons->second)) lines.emplace_back(std::move(line));
      append_branches(lines, indent + (last_held ? "  " : "│ "), text);
    }
  }
  return text;
}

absl::StatusOr<Explanations> explain(c1z::Reader& reader, const Options& options,
                                     const ResourceAccessListOutput& list) {
  Explanations explanations;
  if (!options.why) return explanations;
  absl::StatusOr<Explainer> explainer = Explainer::create(reader, list.principal().id());
  if (!explainer.ok()) return explainer.status();
  for (const auto& access : list.access()) {
    for (const auto& entitlement : access.entitlements()) {
      absl::StatusOr<Explanation> explanation = explainer->explain(entitlement.id(), options.limit);
      if (!explanation.ok()) return explanation.status();
      explanations.emplace(entitlement.id(), *std::move(explanation));
    }
  }
  return explanations;
}

/// The message as ever, with a last member `why` that has the paths of each entitlement.
std::string json_text(const ResourceAccessListOutput& list, const Options& options, const Explanations& why) {
  std::string json;
  append_json(list, json);
  if (options.why) {
    json.back() = ',';
    json += R"("why":[)";
    bool first = true;
    for (const auto& [id, explanation] : why) {
      json += first ? R"({"entitlement":)" : R"(,{"entitlement":)";
      first = false;
      append_json_string(id, json);
      json.push_back(',');
      append_paths_json(explanation, json);
      json.push_back('}');
    }
    json += "]}";
  }
  json.push_back('\n');
  return json;
}

absl::StatusOr<ResourceAccessListOutput> collect(c1z::Reader& reader, const Options& options) {
  c1::connector::v2::ResourceId id;
  id.set_resource_type(options.resource_type);
  id.set_resource(options.resource);
  ResourceAccessListOutput list;
  const auto principal = reader.find_resource(options.resource_type, options.resource);
  if (!principal.ok()) return principal.status();
  const bool known = *principal != nullptr;
  if (known) *list.mutable_principal() = **principal;

  c1z::GrantFilter filter;
  filter.principal_type_id = options.resource_type;
  filter.principal_id = options.resource;
  // By resource, then by entitlement; several grants of one entitlement are one line.
  std::map<std::pair<std::string, std::string>, std::map<std::string, c1::connector::v2::Entitlement>> held;
  absl::Status status = reader.for_each_grant(filter, [&](const c1z::StoredGrant& stored) -> absl::Status {
    auto entitlement = entitlement_or_placeholder(reader, stored.grant.entitlement());
    if (!entitlement.ok()) return entitlement.status();
    const auto& on = entitlement->resource().id();
    held[{on.resource_type(), on.resource()}].try_emplace(entitlement->id(), *std::move(entitlement));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (!known) {
    if (held.empty()) {
      return absl::NotFoundError(absl::StrCat(options.file, " has no resource ", options.resource,
                                              " of type ", options.resource_type, " and no grant of it"));
    }
    // Access of somebody whose row is missing is access all the same.
    const auto placeholder = resource_or_placeholder(reader, id);
    if (!placeholder.ok()) return placeholder.status();
    *list.mutable_principal() = *placeholder;
  }
  for (const auto& [resource_id, entitlements] : held) {
    id.set_resource_type(resource_id.first);
    id.set_resource(resource_id.second);
    const auto resource = resource_or_placeholder(reader, id);
    if (!resource.ok()) return resource.status();
    const auto type = resource_type_or_placeholder(reader, id.resource_type());
    if (!type.ok()) return type.status();
    auto& access = *list.add_access();
    *access.mutable_resource() = *resource;
    *access.mutable_resource_type() = *type;
    for (const auto& [name, entitlement] : entitlements) *access.add_entitlements() = entitlement;
  }
  return list;
}

}  // namespace

absl::Status run_access(const Options& options, Output& output) {
  if (options.resource_type.empty() || options.resource.empty()) {
    return usage_error("--resource-type and --resource are required: they name the principal");
  }
  const auto reader = open_selected(options, output);
  if (!reader.ok()) return reader.status();
  const absl::StatusOr<ResourceAccessListOutput> list = collect(**reader, options);
  if (!list.ok()) return list.status();
  const absl::StatusOr<Explanations> why = explain(**reader, options, *list);
  if (!why.ok()) return why.status();
  output.text(options.format == Format::kConsole ? tree_text(*list, *why) : json_text(*list, options, *why));
  return absl::OkStatus();
}

}  // namespace baton::cli
