#include "base/redact.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/utf8.hpp"

namespace baton {
namespace {

constexpr std::array<std::string_view, 11> kSecretHeaders = {"api-key",
                                                             "apikey",
                                                             "auth",
                                                             "cookie",
                                                             "proxy-authorization",
                                                             "set-cookie",
                                                             "token",
                                                             "x-forwarded-for",
                                                             "x-forwarded-proto",
                                                             "secret",
                                                             "password"};
constexpr std::array<std::string_view, 8> kSecretParameters = {"token", "key",  "secret",    "password",
                                                               "code",  "auth", "signature", "assertion"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool contains_ignoring_case(std::string_view text, std::string_view lower_needle) {
  return std::search(text.begin(), text.end(), lower_needle.begin(), lower_needle.end(),
                     [](char a, char b) { return lower(a) == b; }) != text.end();
}

bool contains_any(std::string_view name, std::span<const std::string_view> needles) {
  return std::any_of(needles.begin(), needles.end(),
                     [&](std::string_view needle) { return contains_ignoring_case(name, needle); });
}

/// `name` with %xx decoded, so that an escaped letter does not hide a secret parameter.
std::string percent_decoded(std::string_view name) {
  const auto digit = [](char c) {
    c = lower(c);
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  };
  std::string decoded;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const int high = name[i] == '%' && i + 2 < name.size() ? digit(name[i + 1]) : -1;
    const int low = high >= 0 ? digit(name[i + 2]) : -1;
    if (low >= 0) {
      decoded.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      decoded.push_back(name[i]);
    }
  }
  return decoded;
}

void append_redacted_query(std::string& out, std::string_view query) {
  while (true) {
    const std::size_t end = query.find_first_of("&;");
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && is_secret_parameter(percent_decoded(pair.substr(0, equals)))) {
      out.append(pair.substr(0, equals + 1)).append(kRedacted);
    } else {
      out.append(pair);
    }
    if (end == std::string_view::npos) return;
    out.push_back(query[end]);
    query.remove_prefix(end + 1);
  }
}

}  // namespace

bool is_secret_header(std::string_view name) {
  return contains_any(name, kSecretHeaders);
}

bool is_secret_parameter(std::string_view name) {
  return contains_any(name, kSecretParameters);
}

std::string_view redact_header(std::string_view name, std::string_view value) {
  return is_secret_header(name) ? kRedacted : value;
}

std::string redact_url(std::string_view url) {
  std::string out;
  out.reserve(url.size());
  // User info: everything between "//" and the last "@" of the authority.
  const std::size_t slashes = url.find("//");
  if (slashes != std::string_view::npos) {
    const std::size_t start = slashes + 2;
    const std::string_view authority = url.substr(start, url.find_first_of("/?#", start) - start);
    const std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos) {
      out.append(url.substr(0, start)).append(kRedacted);
      url.remove_prefix(start + at);
    }
  }
  // The query and the fragment, which OAuth's implicit answers use like a query.
  const std::size_t question = url.find_first_of("?#");
  if (question == std::string_view::npos) return out.append(url);
  out.append(url.substr(0, question + 1));
  std::string_view tail = url.substr(question + 1);
  const std::size_t hash = tail.find('#');
  append_redacted_query(out, tail.substr(0, hash));
  if (hash != std::string_view::npos) {
    out.push_back('#');
    append_redacted_query(out, tail.substr(hash + 1));
  }
  return out;
}

std::string redact_text(std::string_view text) {
  const auto in_name = [](char c) {
    c = lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  const auto equals_ignoring_case = [](std::string_view name, std::string_view lower_name) {
    return name.size() == lower_name.size() && contains_ignoring_case(name, lower_name);
  };
  std::string out;
  out.reserve(text.size());
  std::size_t i = 0;
  while (i < text.size()) {
    if (!in_name(text[i])) {
      out.push_back(text[i++]);
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && in_name(text[i])) ++i;
    const std::string_view name = text.substr(begin, i - begin);
    out.append(name);
    const bool scheme = equals_ignoring_case(name, "bearer") || equals_ignoring_case(name, "basic");
    if (!scheme && !is_secret_parameter(name)) continue;
    // To the value: a closing quote of the name, the mark, an opening quote.
    std::size_t at = i;
    if (at < text.size() && (text[at] == '"' || text[at] == '\'')) ++at;
    while (at < text.size() && is_space(text[at])) ++at;
    if (scheme) {
      if (at == i || at == text.size()) continue;
    } else {
      if (at == text.size() || (text[at] != ':' && text[at] != '=')) continue;
      ++at;
      while (at < text.size() && is_space(text[at])) ++at;
    }
    const char quote = at < text.size() && (text[at] == '"' || text[at] == '\'') ? text[at++] : '\0';
    std::size_t end = at;
    while (end < text.size()) {
      if (quote != '\0' && text[end] == '\\') {
        end = std::min(end + 2, text.size());
        continue;
      }
      if (quote != '\0' ? text[end] == quote
                        : is_space(text[end]) ||
                              std::string_view("&;,\"'}])").find(text[end]) != std::string_view::npos) {
        break;
      }
      ++end;
    }
    if (end == at) continue;
    // What names a scheme is no secret, what follows it is.
    const std::string_view value = text.substr(at, end - at);
    if (quote == '\0' && (equals_ignoring_case(value, "bearer") || equals_ignoring_case(value, "basic"))) {
      out.append(text.substr(i, at - i));
      i = at;
      continue;
    }
    out.append(text.substr(i, at - i)).append(kRedacted);
    i = end;
  }
  return out;
}

std::string scrub(std::string_view text, std::size_t max_bytes) {
  constexpr std::string_view kEllipsis = "...";
  std::string out;
  // A byte of input yields at most three of output, so a bounded look at a huge body is enough.
  const std::string clean = sanitize_utf8(text.substr(0, max_bytes * 4 + 16));
  bool space_due = false;
  for (const char c : clean) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == ' ' || (byte >= '\t' && byte <= '\r')) {
      space_due = !out.empty();
    } else if (byte >= 0x20 && byte != 0x7f) {
      if (space_due) out.push_back(' ');
      space_due = false;
      out.push_back(c);
    }
  }
  if (out.size() <= max_bytes) return out;
  const std::size_t keep = max_bytes > kEllipsis.size() ? max_bytes - kEllipsis.size() : 0;
  out.resize(truncate_utf8(out, keep).size());
  return out.append(kEllipsis.substr(0, max_bytes));
}

}  // namespace baton
