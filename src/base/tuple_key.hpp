#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

/// Order-preserving tuple keys, as the c1z v3 engine writes them: elements joined by the byte 00; inside an
/// element 00 becomes 01 01 and 01 becomes 01 02, all else stays. There is no terminator, so the empty key is
/// the tuple of one empty element. Bytewise order of keys is element-wise order of tuples.
namespace baton {

/// Appends `element` escaped, without a separator.
void append_element(std::string& key, std::string_view element);

/// Appends the separator and `element` escaped.
inline void append_next_element(std::string& key, std::string_view element) {
  key.push_back('\0');
  append_element(key, element);
}

/// Appends all elements, joined; the first one without a separator before it.
template <class... Rest>
void append_tuple(std::string& key, std::string_view first, const Rest&... rest) {
  append_element(key, first);
  (append_next_element(key, std::string_view(rest)), ...);
}

/// Reads a tuple from front to back without allocating for its shape. The bytes must outlive the reader.
class TupleReader {
 public:
  explicit TupleReader(std::string_view tuple) : rest_(tuple) {}

  /// True once the last element has been read.
  bool at_end() const { return done_; }

  /// Replaces `element` by the next one, unescaped. DataLoss for a broken escape, OutOfRange after the last.
  absl::Status next(std::string& element);

  /// The next element as it is written, escapes and all; empty after the last. For comparing and skipping.
  std::string_view next_raw();

  /// What has not been read yet.
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool done_ = false;
};

/// All elements of a tuple; DataLoss for a broken escape.
absl::StatusOr<std::vector<std::string>> split_tuple(std::string_view tuple);

/// Which entitlement: the resource it is on, and its public id.
class EntitlementIdentity {
 public:
  EntitlementIdentity() = default;
  EntitlementIdentity(std::string type, std::string id, std::string entitlement)
      : resource_type_id(std::move(type)),
        resource_id(std::move(id)),
        entitlement_id(std::move(entitlement)) {}
  friend bool operator==(const EntitlementIdentity&, const EntitlementIdentity&) = default;

  std::string resource_type_id;
  std::string resource_id;
  std::string entitlement_id;
};

/// Appends the four elements that identify an entitlement: type, id, flag, tail. The flag is "1" and the tail
/// is what follows when the entitlement's id starts with `<type>:<id>:`; otherwise "0" and the whole id.
void append_entitlement_identity(std::string& key, std::string_view resource_type_id,
                                 std::string_view resource_id, std::string_view entitlement_id);

/// Reads the four elements back; the reader stands behind them afterwards. DataLoss for anything else.
absl::StatusOr<EntitlementIdentity> read_entitlement_identity(TupleReader& reader);

/// Appends `value` with its high byte first, so that byte order is numeric order.
void append_be16(std::string& key, std::uint16_t value);
void append_be32(std::string& key, std::uint32_t value);
void append_be64(std::string& key, std::uint64_t value);

/// Reads a big-endian number from `bytes`, which must point at enough of them.
std::uint16_t load_be16(const char* bytes);
std::uint32_t load_be32(const char* bytes);
std::uint64_t load_be64(const char* bytes);

}  // namespace baton
