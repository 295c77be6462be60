#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace baton::connectors::ldap {

/// How far below its base a search looks.
enum class Scope { kBase, kOneLevel, kSubtree };

/// Where the directory is: `ldap://host[:port]` or `ldaps://host[:port]`.
class ServerUrl {
 public:
  /// InvalidArgument, naming the place, for anything else; a path other than `/` is refused.
  static absl::StatusOr<ServerUrl> parse(std::string_view text);

  /// TLS from the first byte.
  bool secure() const { return secure_; }
  /// An IPv6 address is without its brackets.
  const std::string& host() const { return host_; }
  std::uint16_t port() const { return port_; }
  /// `host:port`.
  std::string authority() const;
  /// The whole, with the port.
  std::string text() const;

 private:
  ServerUrl() = default;

  bool secure_ = false;
  std::string host_;
  std::uint16_t port_ = 0;
};

/// What the `memberURL` of a dynamic group says (RFC 4516): which search finds its members. Server,
/// attributes and extensions are of no interest: the search goes to the directory that has the group.
class MemberUrl {
 public:
  /// InvalidArgument for a text that is no LDAP URL, has broken percent encoding, an unknown scope or is
  /// above 16 KiB. Without a scope it is the subtree, as upstream has it, and not RFC 4516's base object.
  static absl::StatusOr<MemberUrl> parse(std::string_view text);

  std::string base;
  Scope scope = Scope::kSubtree;
  std::string filter = "(objectClass=*)";

 private:
  MemberUrl() = default;
};

}  // namespace baton::connectors::ldap
