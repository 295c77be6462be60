#include "conformance/expansion/vector_file.hpp"

#include <simdjson.h>

#include <string_view>

namespace baton::expansion::conformance {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;

std::string text(element object, std::string_view key) {
  return std::string(std::string_view(object[key]));
}

bool flag(element object, std::string_view key) {
  bool value = false;
  return object[key].get(value) == simdjson::SUCCESS && value;
}

/// The elements of an array that may be absent.
std::vector<element> list(element object, std::string_view key) {
  array found;
  if (object[key].get(found) != simdjson::SUCCESS) return {};
  return {found.begin(), found.end()};
}

std::vector<std::string> texts(element object, std::string_view key) {
  std::vector<std::string> all;
  for (const element item : list(object, key)) all.emplace_back(std::string_view(item));
  return all;
}

Ref as_ref(element object) {
  return {text(object, "type"), text(object, "id")};
}

std::optional<Ref> optional_ref(element object, std::string_view key) {
  element found;
  if (object[key].get(found) != simdjson::SUCCESS) return std::nullopt;
  return as_ref(found);
}

std::map<std::string, bool> sources(element object) {
  simdjson::dom::object found;
  std::map<std::string, bool> all;
  if (object["sources"].get(found) != simdjson::SUCCESS) return all;
  for (const auto& [id, is_direct] : found) all.emplace(id, bool(is_direct));
  return all;
}

VectorGrant grant(element object) {
  VectorGrant read;
  read.id = text(object, "id");
  read.entitlement = text(object, "entitlement");
  read.entitlement_resource = optional_ref(object, "entitlement_resource");
  read.principal = as_ref(object["principal"]);
  read.parent = optional_ref(object, "principal_parent");
  read.sources = sources(object);
  read.immutable = flag(object, "immutable");
  element expandable;
  if (object["expandable"].get(expandable) == simdjson::SUCCESS) {
    read.expandable = {texts(expandable, "entitlement_ids"), flag(expandable, "shallow"),
                       texts(expandable, "resource_type_ids")};
  }
  return read;
}

ExpectedGrant expected_grant(element object) {
  ExpectedGrant read;
  read.id = text(object, "id");
  read.entitlement = text(object, "entitlement");
  read.principal = as_ref(object["principal"]);
  read.parent = optional_ref(object, "principal_parent");
  read.sources = sources(object);
  read.immutable = flag(object, "immutable");
  read.expandable = flag(object, "expandable");
  return read;
}

/// The types that the connector lists; without a list, every type that occurs.
std::set<std::string> listed_types(element object, const VectorCase& read) {
  std::set<std::string> types;
  if (object["resource_types"].error() == simdjson::SUCCESS) {
    for (std::string& type : texts(object, "resource_types")) types.insert(std::move(type));
    return types;
  }
  for (const element resource : list(object, "resources")) types.insert(text(resource, "type"));
  for (const VectorEntitlement& entitlement : read.entitlements) types.insert(entitlement.resource.type);
  for (const VectorGrant& grant : read.grants) types.insert(grant.principal.type);
  return types;
}

VectorCase vector_case(element object) {
  VectorCase read;
  read.name = text(object, "name");
  for (const element item : list(object, "entitlements")) {
    read.entitlements.push_back({text(item, "id"), as_ref(item["resource"])});
  }
  for (const element item : list(object, "grants")) read.grants.push_back(grant(item));
  for (const element item : list(object, "expected_grants")) read.expected.push_back(expected_grant(item));
  for (const element item : list(object, "collapsed_cycles")) {
    std::vector<std::string>& cycle = read.collapsed_cycles.emplace_back();
    for (const element id : array(item)) cycle.emplace_back(std::string_view(id));
  }
  if (object["expected_error"].error() == simdjson::SUCCESS)
    read.expected_error = text(object, "expected_error");
  read.listed_types = listed_types(object, read);
  return read;
}

}  // namespace

void PrintTo(const ExpectedGrant& grant, std::ostream* out) {
  *out << grant.entitlement << ": " << grant.principal.type << " " << grant.principal.id << " {";
  for (const auto& [id, is_direct] : grant.sources) *out << " " << id << (is_direct ? "+" : "-");
  *out << " } id=" << grant.id << (grant.immutable ? " immutable" : "")
       << (grant.expandable ? " expandable" : "");
  if (grant.parent) *out << " parent=" << grant.parent->type << "/" << grant.parent->id;
}

std::vector<VectorCase> read_vector_file(const std::filesystem::path& path) {
  simdjson::dom::parser parser;
  const element document = parser.load(path.string());
  std::vector<VectorCase> cases;
  for (const element item : array(document["cases"])) cases.push_back(vector_case(item));
  return cases;
}

}  // namespace baton::expansion::conformance
