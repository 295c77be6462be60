#include "cli/explanation_text.hpp"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/lookup.hpp"
#include "cli/protojson.hpp"
#include "cli/table.hpp"

namespace baton::cli {
namespace {

using c1::connector::v2::Entitlement;
using expansion::Obstacle;

/// What a link does to this grant, behind the name of what it leads through.
std::string remark_on(const ExplainedStep& step) {
  switch (step.obstacle) {
    case Obstacle::kNone:
      break;
    case Obstacle::kFiltered:
      return absl::StrCat("; stops here: passes only principals of type ",
                          cell(absl::StrJoin(step.types, ", ")));
    case Obstacle::kShallow:
      return "; stops here: shallow, passes direct grants only";
    case Obstacle::kSourceMissing:
      return "; stops here: there is no such entitlement";
    case Obstacle::kDestinationMissing:
      return "; stops here: there is no entitlement that it could lead to";
    case Obstacle::kForeignSource:
      return "; stops here: not an entitlement of the resource that was granted access, expansion fails";
  }
  std::string text;
  if (step.shallow) text += ", shallow";
  if (!step.types.empty()) absl::StrAppend(&text, ", only ", cell(absl::StrJoin(step.types, ", ")));
  return text;
}

const char* name_of(Obstacle obstacle) {
  switch (obstacle) {
    case Obstacle::kFiltered:
      return "filtered";
    case Obstacle::kShallow:
      return "shallow";
    case Obstacle::kSourceMissing:
      return "sourceMissing";
    case Obstacle::kDestinationMissing:
      return "destinationMissing";
    case Obstacle::kForeignSource:
      return "foreignSource";
    case Obstacle::kNone:
      break;
  }
  return "";
}

const char* granted(const ExplainedPath& path) {
  return path.direct ? "granted directly" : "granted, but not directly: the grant names other sources";
}

absl::StatusOr<Branch> branch(c1z::Reader& reader, const ExplainedPath& path, bool stopped) {
  if (path.steps.empty()) return Branch(granted(path));
  Branch branch(absl::StrCat(stopped ? "stopped, " : "by ", path.steps.size(),
                             path.steps.size() == 1 ? " link" : " links"));
  for (const ExplainedStep& step : path.steps) {
    const absl::StatusOr<std::string> label = entitlement_label(reader, step.through);
    if (!label.ok()) return label.status();
    branch.leaves.push_back(absl::StrCat("through ", *label, remark_on(step)));
  }
  branch.leaves.emplace_back(granted(path));
  return branch;
}

std::string line(const ExplainedPath& path, bool stopped) {
  if (path.steps.empty()) return granted(path);
  std::string text = stopped ? "stopped: through " : "through ";
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", through ", cell(path.steps[i].through.id()),
                    remark_on(path.steps[i]));
  }
  return text;
}

std::string left_out(const Explanation& explanation) {
  return absl::StrCat("and more paths", explanation.more_holding ? "" : " that are stopped",
                      "; a greater --limit shows them");
}

void append_path(const ExplainedPath& path, bool holds, std::string& json) {
  json += holds ? R"({"holds":true,"steps":[)" : R"({"holds":false,"steps":[)";
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    const ExplainedStep& step = path.steps[i];
    json += i == 0 ? R"({"entitlement":)" : R"(,{"entitlement":)";
    append_json_string(step.through.id(), json);
    json += R"(,"resource":)";
    append_json(step.through.resource().id(), json);
    if (step.shallow) json += R"(,"shallow":true)";
    for (std::size_t type = 0; type < step.types.size(); ++type) {
      json += type == 0 ? R"(,"resourceTypeIds":[)" : ",";
      append_json_string(step.types[type], json);
    }
    if (!step.types.empty()) json.push_back(']');
    if (step.obstacle != Obstacle::kNone) {
      absl::StrAppend(&json, R"(,"stops":")", name_of(step.obstacle), "\"");
    }
    json.push_back('}');
  }
  json += path.direct ? R"(],"direct":true})" : R"(],"direct":false})";
}

}  // namespace

absl::StatusOr<std::string> entitlement_label(c1z::Reader& reader, const Entitlement& entitlement) {
  const auto resource = resource_or_placeholder(reader, entitlement.resource().id());
  if (!resource.ok()) return resource.status();
  const std::string& what = entitlement.slug().empty() ? entitlement.display_name() : entitlement.slug();
  const std::string& where =
      resource->display_name().empty() ? resource->id().resource() : resource->display_name();
  return cell(absl::StrCat(what, " of ", where, " (", entitlement.id(), ")"));
}

absl::StatusOr<std::vector<Branch>> path_branches(c1z::Reader& reader, const Explanation& explanation) {
  std::vector<Branch> branches;
  for (const bool stopped : {false, true}) {
    for (const ExplainedPath& path : stopped ? explanation.stopped : explanation.holding) {
      absl::StatusOr<Branch> one = branch(reader, path, stopped);
      if (!one.ok()) return one.status();
      branches.push_back(*std::move(one));
    }
  }
  if (branches.empty()) branches.emplace_back("no path leads there");
  if (explanation.more_holding || explanation.more_stopped) branches.emplace_back(left_out(explanation));
  return branches;
}

std::vector<std::string> path_lines(const Explanation& explanation) {
  std::vector<std::string> lines;
  for (const ExplainedPath& path : explanation.holding) lines.push_back(line(path, false));
  // Of what one has it matters little what else might have led there.
  if (lines.empty()) {
    for (const ExplainedPath& path : explanation.stopped) lines.push_back(line(path, true));
  }
  if (explanation.more_holding || (explanation.holding.empty() && explanation.more_stopped)) {
    lines.push_back(left_out(explanation));
  }
  for (const std::string& remark : explanation.remarks) lines.push_back(cell(remark));
  return lines;
}

void append_branches(const std::vector<Branch>& branches, const std::string& indent, std::string& text) {
  for (std::size_t i = 0; i < branches.size(); ++i) {
    const bool last = i + 1 == branches.size();
    const Branch& branch = branches[i];
    absl::StrAppend(&text, indent, last ? "└─" : "├─", branch.leaves.empty() ? "─" : "┬", branch.head, "\n");
    for (std::size_t leaf = 0; leaf < branch.leaves.size(); ++leaf) {
      absl::StrAppend(&text, indent, last ? "  " : "│ ", leaf + 1 == branch.leaves.size() ? "└──" : "├──",
                      branch.leaves[leaf], "\n");
    }
  }
}

void append_paths_json(const Explanation& explanation, std::string& json) {
  json += R"("paths":[)";
  bool first = true;
  for (const bool holds : {true, false}) {
    for (const ExplainedPath& path : holds ? explanation.holding : explanation.stopped) {
      if (!first) json.push_back(',');
      first = false;
      append_path(path, holds, json);
    }
  }
  json.push_back(']');
  if (!explanation.more_holding && !explanation.more_stopped) return;
  json += R"(,"more":{)";
  if (explanation.more_holding) json += R"("holding":true)";
  if (explanation.more_stopped) json += explanation.more_holding ? R"(,"stopped":true)" : R"("stopped":true)";
  json.push_back('}');
}

}  // namespace baton::cli
