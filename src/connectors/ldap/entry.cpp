#include "connectors/ldap/entry.hpp"

#include <algorithm>

#include "connectors/ldap/lower_case.hpp"

namespace baton::connectors::ldap {
namespace {

const std::vector<std::string>& no_values() {
  static const std::vector<std::string> none;
  return none;
}

}  // namespace

const std::vector<std::string>& Entry::values(std::string_view name) const {
  for (const Attribute& attribute : attributes) {
    if (equal_ignoring_case(attribute.name, name)) return attribute.values;
  }
  return no_values();
}

const std::vector<std::string>& Entry::values_exactly(std::string_view name) const {
  for (const Attribute& attribute : attributes) {
    if (attribute.name == name) return attribute.values;
  }
  return no_values();
}

std::string_view Entry::first(std::string_view name) const {
  const std::vector<std::string>& all = values(name);
  return all.empty() ? std::string_view() : std::string_view(all.front());
}

bool Entry::is_a(std::string_view object_class) const {
  const std::vector<std::string>& classes = values("objectClass");
  return std::any_of(classes.begin(), classes.end(), [object_class](const std::string& name) {
    return equal_ignoring_case(name, object_class);
  });
}

std::size_t Entry::bytes() const {
  std::size_t sum = sizeof(Entry) + dn.size();
  for (const Attribute& attribute : attributes) {
    sum += sizeof(Attribute) + attribute.name.size();
    for (const std::string& value : attribute.values) sum += sizeof(std::string) + value.size();
  }
  return sum;
}

}  // namespace baton::connectors::ldap
