#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baton::http {

/// Header fields in the order they came, in one block of memory. Names are compared without regard to case.
///
/// Views that it hands out live until it changes or goes away. Not synchronised.
class Headers {
 public:
  Headers() = default;

  void add(std::string_view name, std::string_view value);
  /// The value of the first field of that name; nothing when there is none.
  std::optional<std::string_view> find(std::string_view name) const;
  /// The same, with the empty text for "none".
  std::string_view value(std::string_view name) const { return find(name).value_or(std::string_view()); }

  std::size_t size() const { return fields_.size(); }
  std::string_view name_at(std::size_t index) const;
  std::string_view value_at(std::size_t index) const;
  void clear();

 private:
  class Field {
   public:
    Field(std::uint32_t begin_at, std::uint32_t name_bytes, std::uint32_t value_bytes)
        : begin(begin_at), name_size(name_bytes), value_size(value_bytes) {}
    std::uint32_t begin;
    std::uint32_t name_size;
    std::uint32_t value_size;
  };

  std::string text_;
  std::vector<Field> fields_;
};

/// Compares ASCII texts without regard to case.
bool equal_ignoring_case(std::string_view left, std::string_view right);

/// Whether `name` may be a header's name (RFC 9110 §5.1) and `value` its value: no line ends, no control
/// characters that would smuggle another field in.
bool is_valid_field(std::string_view name, std::string_view value);

}  // namespace baton::http
