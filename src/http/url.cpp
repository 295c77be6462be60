#include "http/url.hpp"

#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"

namespace baton::http {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

absl::string_view absl_view(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

absl::Status refuse(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("URL \"", scrub(redact_url(text.substr(0, 300)), 200), "\": ", absl_view(why)));
}

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (lower(left[i]) != lower(right[i])) return false;
  }
  return true;
}

void append_encoded(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

/// White space and control characters would end the request line early or smuggle a header in.
bool has_forbidden_bytes(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) return true;
  }
  return false;
}

std::string encode_high_bytes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      append_encoded(out, c);
    } else {
      out += c;
    }
  }
  return out;
}

std::string_view without_fragment(std::string_view text) {
  return text.substr(0, text.find('#'));
}

/// `<scheme>:` at the start of `text`, without the colon; empty when there is none.
std::string_view scheme_of(std::string_view text) {
  if (text.empty() || !is_alpha(text[0])) return {};
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ':') return text.substr(0, i);
    if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return {};
  }
  return {};
}

bool valid_host(std::string_view host, bool literal_v6) {
  if (host.empty() || host.size() > 255) return false;
  for (const char c : host) {
    const bool hex = is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
    if (literal_v6 ? !(hex || c == ':' || c == '.')
                   : !(is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_')) {
      return false;
    }
  }
  return true;
}

/// RFC 3986 §5.2.4 for an absolute path without a query.
std::string remove_dot_segments(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  while (!path.empty()) {
    const std::size_t end = path.find('/', 1);
    const std::string_view segment = path.substr(0, end);
    path = end == std::string_view::npos ? std::string_view() : path.substr(end);
    if (segment == "/.." || segment == "/.") {
      if (segment == "/..") {
        const std::size_t slash = out.rfind('/');
        out.resize(slash == std::string::npos ? 0 : slash);
      }
      if (path.empty()) out += '/';
    } else {
      out += segment;
    }
  }
  return out.empty() ? "/" : out;
}

}  // namespace

absl::StatusOr<Url> Url::parse(std::string_view text) {
  if (text.size() > kMaxUrlBytes) return refuse(text, absl::StrCat("longer than ", kMaxUrlBytes, " bytes"));
  if (has_forbidden_bytes(text))
    return refuse(text, "white space or control characters must be percent-encoded");
  Url url;
  const std::string_view scheme = scheme_of(text);
  if (equals_ignoring_case(scheme, "https")) {
    url.secure_ = true;
  } else if (!equals_ignoring_case(scheme, "http")) {
    return refuse(text, "must start with http:// or https://");
  }
  std::string_view rest = text.substr(scheme.size() + 1);
  if (!rest.starts_with("//")) return refuse(text, "must start with http:// or https://");
  rest = without_fragment(rest.substr(2));

  const std::size_t authority_end = rest.find_first_of("/?");
  const std::string_view authority = rest.substr(0, authority_end);
  const std::string_view target = authority_end == std::string_view::npos ? "" : rest.substr(authority_end);
  if (authority.find('@') != std::string_view::npos) {
    return refuse(text, "credentials in a URL are refused, pass them as options");
  }

  std::string_view host = authority;
  std::string_view port;
  const bool literal_v6 = authority.starts_with('[');
  if (literal_v6) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return refuse(text, "the IPv6 address has no closing bracket");
    host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!port.empty() && port[0] != ':') return refuse(text, "unexpected text behind the IPv6 address");
  } else if (const std::size_t colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (!valid_host(host, literal_v6)) return refuse(text, "the host is missing or not a host name");
  for (const char c : host) url.host_ += lower(c);

  const std::uint16_t default_port = url.secure_ ? 443 : 80;
  url.port_ = default_port;
  if (port.size() > 1) {
    const auto [end, error] = std::from_chars(port.data() + 1, port.data() + port.size(), url.port_);
    if (error != std::errc() || end != port.data() + port.size() || url.port_ == 0) {
      return refuse(text, "the port must be a number from 1 to 65535");
    }
  }
  const std::string shown_host = literal_v6 ? absl::StrCat("[", url.host_, "]") : url.host_;
  url.authority_ = url.port_ == default_port ? shown_host : absl::StrCat(shown_host, ":", url.port_);
  url.origin_ = absl::StrCat(absl_view(url.scheme()), "://", shown_host, ":", url.port_);
  return url.with_target(target);
}

absl::StatusOr<Url> Url::with_target(std::string_view target) const {
  if (has_forbidden_bytes(target)) {
    return refuse(target, "white space or control characters must be percent-encoded");
  }
  Url url = *this;
  const std::string encoded = encode_high_bytes(without_fragment(target));
  url.target_ = encoded.starts_with('/') ? encoded : absl::StrCat("/", encoded);
  if (url.target_.size() > kMaxUrlBytes) {
    return refuse(target, absl::StrCat("longer than ", kMaxUrlBytes, " bytes"));
  }
  return url;
}

std::string Url::text() const {
  return absl::StrCat(absl_view(scheme()), "://", authority_, target_);
}

absl::StatusOr<Url> Url::append(std::string_view target) const {
  if (target.find("://") != std::string_view::npos && !scheme_of(target).empty()) return parse(target);
  std::string_view base_path = std::string_view(target_).substr(0, target_.find('?'));
  if (base_path.ends_with('/')) base_path.remove_suffix(1);
  std::string joined(base_path);
  if (!target.starts_with('/') && !target.starts_with('?') && !target.empty()) joined += '/';
  joined += target;
  return with_target(joined);
}

absl::StatusOr<Url> Url::resolve(std::string_view reference) const {
  if (reference.size() > kMaxUrlBytes) {
    return refuse(reference, absl::StrCat("longer than ", kMaxUrlBytes, " bytes"));
  }
  if (!scheme_of(reference).empty()) return parse(reference);
  if (reference.starts_with("//")) return parse(absl::StrCat(absl_view(scheme()), ":", absl_view(reference)));
  reference = without_fragment(reference);
  if (reference.empty()) return *this;

  const std::string_view own_path = std::string_view(target_).substr(0, target_.find('?'));
  if (reference.starts_with('?')) {
    return with_target(absl::StrCat(absl_view(own_path), absl_view(reference)));
  }
  const std::string_view path = reference.substr(0, reference.find('?'));
  const std::string_view query = reference.substr(path.size());
  std::string merged(path);
  if (!path.starts_with('/')) {
    merged = absl::StrCat(absl_view(own_path.substr(0, own_path.rfind('/') + 1)), absl_view(path));
  }
  return with_target(absl::StrCat(remove_dot_segments(merged), absl_view(query)));
}

bool may_share_credentials(const Url& from, const Url& to) {
  if (from.host() != to.host()) return false;
  if (from.secure() && !to.secure()) return false;
  if (from.secure() == to.secure()) return from.port() == to.port();
  return from.port() == 80 && to.port() == 443;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      append_encoded(out, c);
    }
  }
  return out;
}

}  // namespace baton::http
