#include "absl/strings/str_cat.h"
#include "cli/command.hpp"
#include "cli/explanation.hpp"
#include "cli/explanation_text.hpp"
#include "cli/lookup.hpp"
#include "cli/protojson.hpp"
#include "cli/selection.hpp"
#include "cli/table.hpp"
#include "storage/c1z/grant_origin.hpp"

namespace baton::cli {
namespace {

using c1::connector::v2::Resource;

absl::StatusOr<std::string> tree_text(c1z::Reader& reader, const Resource& principal,
                                      const Explanation& explanation) {
  const absl::StatusOr<std::string> asked = entitlement_label(reader, explanation.entitlement);
  if (!asked.ok()) return asked.status();
  const absl::StatusOr<std::vector<Branch>> branches = path_branches(reader, explanation);
  if (!branches.ok()) return branches.status();
  std::string text =
      absl::StrCat("└─┬",
                   cell(absl::StrCat(principal.display_name(), " (", principal.id().resource_type(), ":",
                                     principal.id().resource(), ")")),
                   explanation.grants.empty() ? " does not hold " : " holds ", *asked, "\n");
  append_branches(*branches, "  ", text);
  for (const std::string& remark : explanation.remarks) absl::StrAppend(&text, "Note: ", cell(remark), "\n");
  return text;
}

std::string json_text(const Resource& principal, const Explanation& explanation) {
  std::string json = R"({"principal":)";
  append_json(principal, json);
  json += R"(,"entitlement":)";
  append_json(explanation.entitlement, json);
  json += explanation.grants.empty() ? R"(,"held":false,"grants":[)" : R"(,"held":true,"grants":[)";
  for (std::size_t i = 0; i < explanation.grants.size(); ++i) {
    const c1z::StoredGrant& stored = explanation.grants[i];
    json += i == 0 ? R"({"grant":)" : R"(,{"grant":)";
    append_json(stored.grant, json);
    json += c1z::is_direct(stored.grant) ? R"(,"direct":true)" : R"(,"direct":false)";
    json += c1z::origin_of(stored) == c1z::GrantOrigin::kExpansion ? R"(,"expanded":true})"
                                                                   : R"(,"expanded":false})";
  }
  json += "],";
  append_paths_json(explanation, json);
  for (std::size_t i = 0; i < explanation.remarks.size(); ++i) {
    json += i == 0 ? R"(,"remarks":[)" : ",";
    append_json_string(explanation.remarks[i], json);
  }
  json += explanation.remarks.empty() ? "}\n" : "]}\n";
  return json;
}

}  // namespace

absl::Status run_why(const Options& options, Output& output) {
  if (options.principal.empty() || options.entitlement.empty()) {
    return usage_error("--principal and --entitlement are required: who holds what");
  }
  const absl::StatusOr<c1::connector::v2::ResourceId> id = parse_principal(options.principal);
  if (!id.ok()) return id.status();
  const auto reader = open_selected(options, output);
  if (!reader.ok()) return reader.status();
  absl::StatusOr<Explainer> explainer = Explainer::create(**reader, *id);
  if (!explainer.ok()) return explainer.status();
  const absl::StatusOr<Explanation> explanation = explainer->explain(options.entitlement, options.limit);
  if (!explanation.ok()) return explanation.status();
  const absl::StatusOr<Resource> principal = resource_or_placeholder(**reader, *id);
  if (!principal.ok()) return principal.status();
  if (options.format == Format::kJson) {
    output.text(json_text(*principal, *explanation));
    return absl::OkStatus();
  }
  const absl::StatusOr<std::string> text = tree_text(**reader, *principal, *explanation);
  if (!text.ok()) return text.status();
  output.text(*text);
  return absl::OkStatus();
}

}  // namespace baton::cli
