#include "http/proxy.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/redact.hpp"

namespace baton::http {
namespace {

namespace ip = boost::asio::ip;

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = absl::ascii_tolower(static_cast<unsigned char>(c));
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? digit(text[i + 1]) : -1;
    const int low = high >= 0 ? digit(text[i + 2]) : -1;
    if (low >= 0) {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

bool is_in_network(const ip::address& address, const std::string& network) {
  boost::system::error_code error;
  if (address.is_v4()) {
    const ip::network_v4 net = ip::make_network_v4(network, error);
    return !error && net.canonical().network() ==
                         ip::network_v4(address.to_v4(), net.prefix_length()).canonical().network();
  }
  const ip::network_v6 net = ip::make_network_v6(network, error);
  return !error && net.canonical().network() ==
                       ip::network_v6(address.to_v6(), net.prefix_length()).canonical().network();
}

}  // namespace

absl::StatusOr<Proxy> Proxy::parse(std::string_view text) {
  const std::string shown = scrub(redact_url(text), 100);
  std::string rest(text);
  if (rest.find("://") == std::string::npos) rest.insert(0, "http://");
  std::string authorization;
  const std::size_t start = rest.find("://") + 3;
  const std::size_t end = rest.find_first_of("/?#", start);
  const std::size_t at = rest.rfind('@', end);
  if (at != std::string::npos && at >= start) {
    const std::string user = percent_decoded(std::string_view(rest).substr(start, at - start));
    authorization =
        absl::StrCat("Basic ", absl::Base64Escape(user.find(':') == std::string::npos ? user + ":" : user));
    rest.erase(start, at + 1 - start);
  }
  const absl::StatusOr<Url> url = Url::parse(rest);
  if (!url.ok() || url->secure()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the proxy \"", shown, "\" is none of the form http://host:port"));
  }
  Proxy proxy;
  proxy.host_ = url->host();
  proxy.port_ = url->port();
  proxy.authorization_ = std::move(authorization);
  return proxy;
}

absl::StatusOr<ProxySettings> ProxySettings::parse(std::string_view for_http, std::string_view for_https,
                                                   std::string_view no_proxy) {
  ProxySettings settings;
  if (!for_http.empty()) {
    absl::StatusOr<Proxy> proxy = Proxy::parse(for_http);
    if (!proxy.ok()) return proxy.status();
    settings.http_ = *std::move(proxy);
  }
  if (!for_https.empty()) {
    absl::StatusOr<Proxy> proxy = Proxy::parse(for_https);
    if (!proxy.ok()) return proxy.status();
    settings.https_ = *std::move(proxy);
  }
  while (!no_proxy.empty()) {
    const std::string_view entry = no_proxy.substr(0, no_proxy.find(','));
    no_proxy.remove_prefix(std::min(no_proxy.size(), entry.size() + 1));
    std::string clean =
        absl::AsciiStrToLower(absl::StripAsciiWhitespace(absl::string_view(entry.data(), entry.size())));
    if (!clean.empty()) settings.exempt_.push_back(std::move(clean));
  }
  return settings;
}

absl::StatusOr<ProxySettings> ProxySettings::from(
    const std::function<std::optional<std::string>(const std::string&)>& variable) {
  const auto value = [&variable](const std::string& name) {
    const std::optional<std::string> upper = variable(name);
    if (upper && !upper->empty()) return *upper;
    return variable(absl::AsciiStrToLower(name)).value_or("");
  };
  absl::StatusOr<ProxySettings> settings =
      parse(value("HTTP_PROXY"), value("HTTPS_PROXY"), value("NO_PROXY"));
  if (settings.ok()) return settings;
  return absl::InvalidArgumentError(absl::StrCat("HTTP_PROXY, HTTPS_PROXY: ", settings.status().message()));
}

absl::StatusOr<ProxySettings> ProxySettings::from_environment() {
  return from([](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  });
}

bool ProxySettings::is_exempt(const Url& url) const {
  const std::string& host = url.host();
  boost::system::error_code error;
  const ip::address address = ip::make_address(host, error);
  const bool numeric = !error;
  if (host == "localhost" || (numeric && address.is_loopback())) return true;
  for (std::string entry : exempt_) {
    if (entry == "*") return true;
    if (numeric && entry.find('/') != std::string::npos) {
      if (is_in_network(address, entry)) return true;
      continue;
    }
    // A port, unless this is an IPv6 address without brackets.
    const std::size_t colon = entry.rfind(':');
    if (colon != std::string::npos && (entry.find(':') == colon || entry[colon - 1] == ']')) {
      if (entry.substr(colon + 1) != std::to_string(url.port())) continue;
      entry.resize(colon);
    }
    if (entry.size() > 1 && entry.front() == '[' && entry.back() == ']')
      entry = entry.substr(1, entry.size() - 2);
    if (entry.starts_with("*.")) entry.erase(0, 1);
    const bool suffix_only = entry.starts_with('.');
    if (!suffix_only && host == entry) return true;
    const std::string suffix = suffix_only ? entry : "." + entry;
    if (!numeric && host.size() > suffix.size() && host.ends_with(suffix)) return true;
  }
  return false;
}

const Proxy* ProxySettings::proxy_for(const Url& url) const {
  const std::optional<Proxy>& proxy = url.secure() ? https_ : http_;
  if (!proxy || is_exempt(url)) return nullptr;
  return &*proxy;
}

}  // namespace baton::http
