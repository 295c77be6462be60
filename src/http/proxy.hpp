#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "http/url.hpp"

namespace baton::http {

/// An HTTP proxy.
class Proxy {
 public:
  /// `http://host:port`, with or without `user:password@`; port 80 when none is named. InvalidArgument for
  /// anything else, showing nothing of a password.
  static absl::StatusOr<Proxy> parse(std::string_view text);

  const std::string& host() const { return host_; }
  std::uint16_t port() const { return port_; }
  /// The value of `Proxy-Authorization`, a secret; empty for none.
  const std::string& authorization() const { return authorization_; }

 private:
  Proxy() = default;

  std::string host_;
  std::uint16_t port_ = 0;
  std::string authorization_;
};

/// Which requests go through a proxy. Hosts of this machine never do. Immutable once made.
class ProxySettings {
 public:
  ProxySettings() = default;

  /// `no_proxy` is a list of hosts, `.suffix`es (a host stands for its subdomains, too), addresses, networks
  /// (`10.0.0.0/8`), each with a port if only that is meant, or `*`. Empty texts mean no proxy.
  static absl::StatusOr<ProxySettings> parse(std::string_view for_http, std::string_view for_https,
                                             std::string_view no_proxy);
  /// Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` through `variable`, in lower case where those are
  /// unset.
  static absl::StatusOr<ProxySettings> from(
      const std::function<std::optional<std::string>(const std::string&)>& variable);
  static absl::StatusOr<ProxySettings> from_environment();

  /// Null for a direct connection.
  const Proxy* proxy_for(const Url& url) const;

 private:
  bool is_exempt(const Url& url) const;

  std::optional<Proxy> http_;
  std::optional<Proxy> https_;
  std::vector<std::string> exempt_;
};

}  // namespace baton::http
