#include "base/tuple_key.hpp"

#include <cstring>

#include "absl/strings/str_cat.h"

namespace baton {
namespace {

constexpr char kEscape = '\x01';

/// Offset of the first byte 00 or 01, or the size of `text`.
std::size_t find_special(std::string_view text) {
  std::size_t at = 0;
  // Eight bytes at a time: subtracting 2 from each byte borrows into the top bit only of those below 2.
  for (; text.size() - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    if (((word - 0x0202020202020202U) & ~word & 0x8080808080808080U) != 0) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) > 1) ++at;
  return at;
}

template <class Number>
void append_big_endian(std::string& key, Number value) {
  char bytes[sizeof value];
  for (std::size_t i = sizeof value; i-- > 0; value = static_cast<Number>(value >> 8)) {
    bytes[i] = static_cast<char>(value & 0xff);
  }
  key.append(bytes, sizeof bytes);
}

template <class Number>
Number load_big_endian(const char* bytes) {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value = static_cast<Number>((value << 8) | static_cast<unsigned char>(bytes[i]));
  }
  return value;
}

}  // namespace

void append_element(std::string& key, std::string_view element) {
  std::size_t special = find_special(element);
  while (special < element.size()) {
    key.append(element.data(), special);
    key.push_back(kEscape);
    key.push_back(static_cast<char>(element[special] + 1));
    element.remove_prefix(special + 1);
    special = find_special(element);
  }
  key.append(element);
}

std::string_view TupleReader::next_raw() {
  if (done_) return {};
  const std::size_t end = rest_.find('\0');
  const std::string_view raw = rest_.substr(0, end);
  if (end == std::string_view::npos) {
    rest_ = {};
    done_ = true;
  } else {
    rest_.remove_prefix(end + 1);
  }
  return raw;
}

absl::Status TupleReader::next(std::string& element) {
  element.clear();
  if (done_) return absl::OutOfRangeError("a tuple key has fewer elements than expected");
  std::string_view raw = next_raw();
  std::size_t escape = raw.find(kEscape);
  while (escape != std::string_view::npos) {
    element.append(raw.substr(0, escape));
    const char code = escape + 1 < raw.size() ? raw[escape + 1] : '\0';
    if (code != '\x01' && code != '\x02') {
      return absl::DataLossError("a tuple key holds an escape that is neither 01 01 nor 01 02");
    }
    element.push_back(static_cast<char>(code - 1));
    raw.remove_prefix(escape + 2);
    escape = raw.find(kEscape);
  }
  element.append(raw);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> split_tuple(std::string_view tuple) {
  std::vector<std::string> elements;
  TupleReader reader(tuple);
  while (!reader.at_end()) {
    absl::Status status = reader.next(elements.emplace_back());
    if (!status.ok()) return status;
  }
  return elements;
}

void append_entitlement_identity(std::string& key, std::string_view resource_type_id,
                                 std::string_view resource_id, std::string_view entitlement_id) {
  append_element(key, resource_type_id);
  append_next_element(key, resource_id);
  const std::size_t prefix = resource_type_id.size() + resource_id.size() + 2;
  const bool plain = entitlement_id.size() >= prefix && entitlement_id.starts_with(resource_type_id) &&
                     entitlement_id[resource_type_id.size()] == ':' &&
                     entitlement_id.substr(resource_type_id.size() + 1).starts_with(resource_id) &&
                     entitlement_id[prefix - 1] == ':';
  key.append(plain ? std::string_view("\0001\0", 3) : std::string_view("\0000\0", 3));
  append_element(key, plain ? entitlement_id.substr(prefix) : entitlement_id);
}

absl::StatusOr<EntitlementIdentity> read_entitlement_identity(TupleReader& reader) {
  EntitlementIdentity identity;
  std::string flag;
  std::string tail;
  for (std::string* element : {&identity.resource_type_id, &identity.resource_id, &flag, &tail}) {
    if (reader.at_end()) return absl::DataLossError("an entitlement key has fewer than four elements");
    absl::Status status = reader.next(*element);
    if (!status.ok()) return status;
  }
  if (flag == "1") {
    identity.entitlement_id = absl::StrCat(identity.resource_type_id, ":", identity.resource_id, ":", tail);
  } else if (flag == "0") {
    identity.entitlement_id = std::move(tail);
  } else {
    return absl::DataLossError("the third element of an entitlement key is neither 0 nor 1");
  }
  return identity;
}

void append_be16(std::string& key, std::uint16_t value) {
  append_big_endian(key, value);
}
void append_be32(std::string& key, std::uint32_t value) {
  append_big_endian(key, value);
}
void append_be64(std::string& key, std::uint64_t value) {
  append_big_endian(key, value);
}

std::uint16_t load_be16(const char* bytes) {
  return load_big_endian<std::uint16_t>(bytes);
}
std::uint32_t load_be32(const char* bytes) {
  return load_big_endian<std::uint32_t>(bytes);
}
std::uint64_t load_be64(const char* bytes) {
  return load_big_endian<std::uint64_t>(bytes);
}

}  // namespace baton
