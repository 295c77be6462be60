#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baton::connectors::ldap {

/// One attribute of an entry: its name as the server writes it, and its values, which are bytes.
class Attribute {
 public:
  explicit Attribute(std::string attribute_name) : name(std::move(attribute_name)) {}

  std::string name;
  std::vector<std::string> values;
};

/// One entry of a search's answer.
class Entry {
 public:
  Entry() = default;
  explicit Entry(std::string name) : dn(std::move(name)) {}

  /// The values of the attribute with this name, in any case; empty when there is none.
  const std::vector<std::string>& values(std::string_view name) const;
  /// The same, with the name exactly as it is written.
  const std::vector<std::string>& values_exactly(std::string_view name) const;
  /// The first value of the attribute with this name, in any case; empty when there is none.
  std::string_view first(std::string_view name) const;
  /// Whether one of its object classes is this, in any case.
  bool is_a(std::string_view object_class) const;
  /// Bytes that it holds, roughly.
  std::size_t bytes() const;

  /// As the server writes it.
  std::string dn;
  /// In the server's order.
  std::vector<Attribute> attributes;
};

}  // namespace baton::connectors::ldap
