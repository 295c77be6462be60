#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/explanation.hpp"
#include "storage/c1z/reader.hpp"

/// How explanations are shown, to people and to programs.
namespace baton::cli {

/// "member of Engineering (group:g1:member)", fit for a terminal.
absl::StatusOr<std::string> entitlement_label(c1z::Reader& reader,
                                              const c1::connector::v2::Entitlement& entitlement);

/// A branch of a tree: its head, and one line for each leaf.
class Branch {
 public:
  Branch() = default;
  explicit Branch(std::string text) : head(std::move(text)) {}

  std::string head;
  std::vector<std::string> leaves;
};

/// A branch for each path, link by link, and one that says if paths were left out.
absl::StatusOr<std::vector<Branch>> path_branches(c1z::Reader& reader, const Explanation& explanation);

/// Each path on one line.
std::vector<std::string> path_lines(const Explanation& explanation);

/// Appends branches that hang under a line whose own indent is `indent`.
void append_branches(const std::vector<Branch>& branches, const std::string& indent, std::string& text);

/// Appends the members `"paths":[…]` and, if paths were left out, `"more":{…}`.
void append_paths_json(const Explanation& explanation, std::string& json);

}  // namespace baton::cli
