#include "connectors/ldap/ldap_url.hpp"

#include <charconv>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"
#include "connectors/ldap/lower_case.hpp"

namespace baton::connectors::ldap {
namespace {

constexpr std::size_t kMaxUrlBytes = 16 * 1024;

/// Takes `prefix` off, whatever its case.
bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.size() < prefix.size() || !equal_ignoring_case(text.substr(0, prefix.size()), prefix))
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Cuts the part before the next `?` off `rest`.
std::string_view next_part(std::string_view& rest) {
  const std::size_t end = rest.find('?');
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

absl::StatusOr<std::string> percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    unsigned byte = 0;
    const char* begin = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(begin, begin + 2, byte, 16).ptr != begin + 2 || byte == 0) {
      return absl::InvalidArgumentError("has broken percent encoding");
    }
    result += static_cast<char>(byte);
    i += 2;
  }
  return result;
}

absl::Status bad(std::string_view text, const char* what) {
  return absl::InvalidArgumentError(absl::StrCat("the URL ", scrub(redact_url(text), 200), " ", what));
}

}  // namespace

absl::StatusOr<ServerUrl> ServerUrl::parse(std::string_view text) {
  ServerUrl url;
  std::string_view rest = text;
  if (text.size() > kMaxUrlBytes) return bad(text.substr(0, 200), "is longer than 16 KiB");
  if (take_prefix(rest, "ldaps://")) {
    url.secure_ = true;
  } else if (!take_prefix(rest, "ldap://")) {
    return bad(text, "must begin with ldap:// or ldaps://");
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#") != std::string_view::npos) {
    return bad(text, "must end after host and port; the base belongs into --base-dn");
  }
  if (rest.find('@') != std::string_view::npos) return bad(text, "must not hold a user; see --bind-dn");
  std::string_view port;
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return bad(text, "has a '[' without its ']'");
    url.host_ = rest.substr(1, end - 1);
    port = rest.substr(end + 1);
    if (!port.empty() && port[0] != ':') return bad(text, "has text between host and port");
  } else {
    const std::size_t colon = rest.find(':');
    url.host_ = rest.substr(0, colon);
    if (colon != std::string_view::npos) port = rest.substr(colon);
  }
  if (url.host_.empty()) return bad(text, "has no host");
  url.port_ = url.secure_ ? 636 : 389;
  if (!port.empty()) {
    port.remove_prefix(1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port_);
    if (error != std::errc() || end != port.data() + port.size() || url.port_ == 0) {
      return bad(text, "has a port that is no number from 1 to 65535");
    }
  }
  return url;
}

std::string ServerUrl::authority() const {
  const bool v6 = host_.find(':') != std::string::npos;
  return absl::StrCat(v6 ? "[" : "", host_, v6 ? "]:" : ":", port_);
}

std::string ServerUrl::text() const {
  return absl::StrCat(secure_ ? "ldaps://" : "ldap://", authority());
}

absl::StatusOr<MemberUrl> MemberUrl::parse(std::string_view text) {
  MemberUrl url;
  std::string_view rest = text;
  if (text.size() > kMaxUrlBytes) return bad(text.substr(0, 200), "is longer than 16 KiB");
  if (!take_prefix(rest, "ldap://") && !take_prefix(rest, "ldaps://")) {
    return bad(text, "must begin with ldap:// or ldaps://");
  }
  const std::size_t host_end = rest.find_first_of("/?");
  if (host_end == std::string_view::npos) return url;
  if (rest[host_end] == '?') return bad(text, "has no '/' before its first '?'");
  rest.remove_prefix(host_end + 1);
  absl::StatusOr<std::string> base = percent_decoded(next_part(rest));
  if (!base.ok()) return bad(text, "has broken percent encoding in its DN");
  url.base = *std::move(base);
  next_part(rest);  // attributes
  const std::string_view scope = next_part(rest);
  if (equal_ignoring_case(scope, "base")) {
    url.scope = Scope::kBase;
  } else if (equal_ignoring_case(scope, "one")) {
    url.scope = Scope::kOneLevel;
  } else if (!scope.empty() && !equal_ignoring_case(scope, "sub")) {
    return bad(text, "has a scope that is none of base, one and sub");
  }
  absl::StatusOr<std::string> filter = percent_decoded(next_part(rest));
  if (!filter.ok()) return bad(text, "has broken percent encoding in its filter");
  if (!filter->empty()) url.filter = filter->starts_with('(') ? *std::move(filter) : "(" + *filter + ")";
  return url;
}

}  // namespace baton::connectors::ldap
