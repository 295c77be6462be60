#include <array>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "baton/v1/outputs.pb.h"
#include "c1/connector/v2/annotation_trait.pb.h"
#include "cli/command.hpp"
#include "cli/lookup.hpp"
#include "cli/protojson.hpp"
#include "cli/selection.hpp"
#include "cli/table.hpp"

namespace baton::cli {
namespace {

using baton::v1::PrincipalsCompareOutput;
using baton::v1::ResourceOutput;

/// Why two principals of different files may be one, the surest first.
enum class Rule : std::uint8_t { kId, kEmail, kLogin, kName };
constexpr std::array<std::string_view, 4> kRuleNames{"id", "email", "login", "name"};

absl::StatusOr<std::vector<Rule>> rules_of(const std::string& names) {
  std::vector<Rule> rules;
  for (const absl::string_view name : absl::StrSplit(names, ',')) {
    std::size_t rule = 0;
    while (rule < kRuleNames.size() && kRuleNames[rule] != std::string_view(name.data(), name.size())) ++rule;
    if (rule == kRuleNames.size()) {
      return usage_error(
          absl::StrCat("--match takes id, email, login and name, joined by commas, not ", name));
    }
    rules.push_back(static_cast<Rule>(rule));
  }
  return rules;
}

/// A principal with all that it can be recognised by.
class Principal {
 public:
  explicit Principal(ResourceOutput resource) : output(std::move(resource)) {
    const auto& traits = output.resource_type().traits();
    bool user = std::ranges::find(traits, c1::connector::v2::ResourceType::TRAIT_USER) != traits.end();
    for (const auto& annotation : output.resource().annotations()) {
      c1::connector::v2::UserTrait trait;
      if (!annotation.Is<c1::connector::v2::UserTrait>() || !annotation.UnpackTo(&trait)) continue;
      user = true;
      for (const auto& email : trait.emails()) add(Rule::kEmail, absl::AsciiStrToLower(email.address()));
      add(Rule::kLogin, absl::AsciiStrToLower(trait.login()));
      for (const std::string& alias : trait.login_aliases()) {
        add(Rule::kLogin, absl::AsciiStrToLower(alias));
      }
    }
    const auto& id = output.resource().id();
    add(Rule::kId, absl::StrCat(id.resource_type().size(), ":", id.resource_type(), id.resource()));
    // A group is no user of the same name.
    if (!output.resource().display_name().empty()) {
      add(Rule::kName, absl::StrCat(user ? "user " : "other ", output.resource().display_name()));
    }
  }

  ResourceOutput output;
  /// Principals that share one of these match by its rule.
  std::vector<std::pair<Rule, std::string>> marks;

 private:
  void add(Rule rule, std::string mark) {
    if (!mark.empty()) marks.emplace_back(rule, std::move(mark));
  }
};

absl::StatusOr<std::vector<Principal>> read_principals(const std::string& file,
                                                       const std::string& entitlement, Output& output) {
  Options options;
  options.file = file;
  const auto reader = open_selected(options, output);
  if (!reader.ok()) return reader.status();
  const auto known = (*reader)->find_entitlement(entitlement);
  if (!known.ok()) return known.status();
  if (*known == nullptr) return absl::NotFoundError(absl::StrCat(file, " has no entitlement ", entitlement));
  c1z::GrantFilter filter;
  filter.entitlement_id = entitlement;
  std::map<std::pair<std::string, std::string>, c1::connector::v2::ResourceId> ids;
  absl::Status status = (*reader)->for_each_grant(filter, [&](const c1z::StoredGrant& stored) {
    const auto& id = stored.grant.principal().id();
    ids[{id.resource_type(), id.resource()}] = id;
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  std::vector<Principal> principals;
  for (const auto& [key, id] : ids) {
    const auto resource = resource_or_placeholder(**reader, id);
    if (!resource.ok()) return resource.status();
    auto item = resource_output(**reader, *resource);
    if (!item.ok()) return item.status();
    principals.emplace_back(*std::move(item));
  }
  return principals;
}

using Marks = std::map<std::pair<Rule, std::string>, const Principal*>;

Marks marks_of(const std::vector<Principal>& principals) {
  Marks marks;
  for (const Principal& principal : principals) {
    for (const auto& mark : principal.marks) marks.try_emplace(mark, &principal);
  }
  return marks;
}

/// The first of `others` that it matches, by the first rule that any does; null when there is none.
std::pair<const Principal*, Rule> match(const Principal& principal, const Marks& others,
                                        const std::vector<Rule>& rules) {
  for (const Rule rule : rules) {
    for (const auto& mark : principal.marks) {
      if (mark.first != rule) continue;
      if (const auto found = others.find(mark); found != others.end()) return {found->second, rule};
    }
  }
  return {nullptr, Rule::kId};
}

std::string principal_text(const Principal& principal) {
  const auto& resource = principal.output.resource();
  return cell(absl::StrCat(resource.display_name(), " (", resource.id().resource_type(), ":",
                           resource.id().resource(), ")"));
}

std::string heading(std::string_view title) {
  std::string line;
  for (std::size_t i = 0; i < title.size() + 2; ++i) line += "─";
  return absl::StrCat("┌", line, "┐\n│ ", absl::string_view(title.data(), title.size()), " │\n└", line,
                      "┘\n");
}

std::string resources_text(std::string_view title,
                           const google::protobuf::RepeatedPtrField<ResourceOutput>& items,
                           const Output& output) {
  if (items.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  for (const ResourceOutput& item : items) rows.push_back(resource_cells(item));
  return heading(title) + table_text(resource_header(), rows, output.color(), output.width());
}

}  // namespace

absl::Status run_principals_compare(const Options& options, Output& output) {
  if (options.entitlement.empty() || options.compare_entitlement.empty()) {
    return usage_error("--entitlement and --compare-entitlement are required");
  }
  const absl::StatusOr<std::vector<Rule>> rules = rules_of(options.match);
  if (!rules.ok()) return rules.status();
  const auto base = read_principals(options.file, options.entitlement, output);
  if (!base.ok()) return base.status();
  const auto compared = read_principals(options.compare_file, options.compare_entitlement, output);
  if (!compared.ok()) return compared.status();

  PrincipalsCompareOutput result;
  std::vector<std::vector<std::string>> guesses;
  const Marks base_marks = marks_of(*base);
  const Marks compared_marks = marks_of(*compared);
  for (const Principal& principal : *base) {
    *result.add_base() = principal.output;
    const auto [other, rule] = match(principal, compared_marks, *rules);
    if (other == nullptr) {
      *result.add_missing() = principal.output;
    } else if (rule != Rule::kId) {
      guesses.push_back({principal_text(principal), principal_text(*other),
                         std::string(kRuleNames[static_cast<std::size_t>(rule)])});
    }
  }
  for (const Principal& principal : *compared) {
    *result.add_compared() = principal.output;
    if (match(principal, base_marks, *rules).first == nullptr) *result.add_extra() = principal.output;
  }

  if (options.format == Format::kJson) {
    std::string json;
    append_json(result, json);
    json.push_back('\n');
    output.text(json);
    return absl::OkStatus();
  }
  std::string text = resources_text("Missing Principals", result.missing(), output) +
                     resources_text("Extra Principals", result.extra(), output);
  if (text.empty()) text = "The principals between these entitlements appear to match!\n";
  // Equal ids are certain; the rest is for the reader to judge.
  if (!guesses.empty()) {
    text += table_text({"Base", "Compared", "Matched by"}, guesses, output.color(), output.width());
  }
  output.text(text);
  return absl::OkStatus();
}

}  // namespace baton::cli
