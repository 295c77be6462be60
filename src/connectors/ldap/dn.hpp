#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace baton::connectors::ldap {

/// A distinguished name (RFC 4514), taken apart. Immutable; copies are independent.
///
/// Read as upstream's library reads it, since that decides which values of a group are names of entries and
/// which are plain user names: `;` separates like `,`, spaces around a part do not count, a value that begins
/// with `#` is BER in hex, and the empty text is the name of the root. Unescaped `"`, `<` and `>` are errors.
class Dn {
 public:
  /// InvalidArgument, telling what is wrong with it and at which byte, for anything that is no DN and for
  /// texts above 16 KiB.
  static absl::StatusOr<Dn> parse(std::string_view text);

  /// The form that ids are made of, byte for byte upstream's: types in lower case; values too where the type
  /// is one of those that never distinguish case; the parts of a multi-valued RDN in byte order; everything
  /// that is not printable ASCII as `\xx`.
  std::string canonical() const;

  /// Equal for names that a directory takes for the same entry, more generously than `canonical`: no value
  /// distinguishes case, runs of spaces are one space, and well-known types are known under all their names
  /// (`commonName`, `2.5.4.3` and `cn`). For look-ups only. It does not compose characters (RFC 4518's NFKC).
  std::string match_key() const;

  /// The root's name, which is empty.
  bool empty() const { return rdns_.empty(); }

 private:
  class Ava {
   public:
    Ava(std::string attribute_type, std::string attribute_value)
        : type(std::move(attribute_type)), value(std::move(attribute_value)) {}
    /// In lower case.
    std::string type;
    /// Decoded and without spaces around it.
    std::string value;
  };
  using Rdn = std::vector<Ava>;
  friend class DnReader;

  Dn() = default;

  std::vector<Rdn> rdns_;
};

/// Whether the entry with match key `key` is `base` or lies below it.
bool is_at_or_below(std::string_view key, std::string_view base);

}  // namespace baton::connectors::ldap
