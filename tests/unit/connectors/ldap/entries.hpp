#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "connectors/ldap/entry.hpp"

namespace baton::connectors::ldap {

/// An entry for tests, in the order given.
inline Entry make_entry(std::string dn,
                        std::initializer_list<std::pair<std::string, std::vector<std::string>>> attributes) {
  Entry entry(std::move(dn));
  for (const auto& [name, values] : attributes) {
    entry.attributes.emplace_back(name).values = values;
  }
  return entry;
}

}  // namespace baton::connectors::ldap
