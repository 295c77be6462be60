#pragma once

#include <compare>
#include <filesystem>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace baton::expansion::conformance {

/// A resource or principal of a vector.
struct Ref {
  std::string type;
  std::string id;

  friend auto operator<=>(const Ref&, const Ref&) = default;
};

struct VectorEntitlement {
  std::string id;
  Ref resource;
};

struct VectorExpandable {
  std::vector<std::string> entitlement_ids;
  bool shallow = false;
  std::vector<std::string> types;
};

struct VectorGrant {
  std::string id;
  std::string entitlement;
  std::optional<Ref> entitlement_resource;
  Ref principal;
  std::optional<Ref> parent;
  std::optional<VectorExpandable> expandable;
  std::map<std::string, bool> sources;
  bool immutable = false;
};

/// A grant as the finished file must hold it.
struct ExpectedGrant {
  std::string entitlement;
  Ref principal;
  std::string id;
  std::optional<Ref> parent;
  std::map<std::string, bool> sources;
  bool immutable = false;
  bool expandable = false;

  friend auto operator<=>(const ExpectedGrant&, const ExpectedGrant&) = default;
};

/// For GoogleTest's messages.
void PrintTo(const ExpectedGrant& grant, std::ostream* out);

struct VectorCase {
  std::string name;
  std::set<std::string> listed_types;
  std::vector<VectorEntitlement> entitlements;
  std::vector<VectorGrant> grants;
  std::vector<std::vector<std::string>> collapsed_cycles;
  std::string expected_error;
  std::vector<ExpectedGrant> expected;
};

/// Reads one vector file. Throws simdjson::simdjson_error if it is not one.
std::vector<VectorCase> read_vector_file(const std::filesystem::path& path);

}  // namespace baton::expansion::conformance
