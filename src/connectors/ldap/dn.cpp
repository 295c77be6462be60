#include "connectors/ldap/dn.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "absl/strings/str_cat.h"
#include "connectors/ldap/lower_case.hpp"

namespace baton::connectors::ldap {
namespace {

/// No directory has such names; ids of more than 1024 bytes cannot be stored anyway.
constexpr std::size_t kMaxDnBytes = 16 * 1024;

/// Types whose values are written in lower case, as upstream has it.
constexpr std::array<std::string_view, 15> kCaseless = {
    "cn",       "uid", "ou", "dc", "sn", "givenname",       "mail",       "member",
    "memberof", "o",   "c",  "l",  "st", "telephonenumber", "description"};

/// Further names of the types of RFC 4519 that name entries.
constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kSynonyms = {{
    {"2.5.4.3", "cn"},
    {"commonname", "cn"},
    {"2.5.4.4", "sn"},
    {"surname", "sn"},
    {"2.5.4.6", "c"},
    {"countryname", "c"},
    {"2.5.4.7", "l"},
    {"localityname", "l"},
    {"2.5.4.8", "st"},
    {"stateorprovincename", "st"},
    {"2.5.4.10", "o"},
    {"organizationname", "o"},
    {"2.5.4.11", "ou"},
    {"organizationalunitname", "ou"},
    {"2.5.4.42", "givenname"},
    {"gn", "givenname"},
    {"0.9.2342.19200300.100.1.1", "uid"},
    {"userid", "uid"},
    {"0.9.2342.19200300.100.1.25", "dc"},
    {"domaincomponent", "dc"},
    {"rfc822mailbox", "mail"},
}};

bool is_caseless(std::string_view type) {
  return std::find(kCaseless.begin(), kCaseless.end(), type) != kCaseless.end();
}

std::string_view principal_name(std::string_view type) {
  if (type.starts_with("oid.")) type.remove_prefix(4);
  for (const auto& [other, name] : kSynonyms) {
    if (other == type) return name;
  }
  return type;
}

/// The length of the white space (Unicode's) that `text` begins with, one character of it; 0 without.
std::size_t leading_space(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r')) return 1;
  for (const std::string_view space : {"\xC2\x85", "\xC2\xA0"}) {
    if (text.starts_with(space)) return 2;
  }
  for (const std::string_view space :
       {"\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"}) {
    if (text.starts_with(space)) return 3;
  }
  // U+2000 to U+200A.
  const bool general =
      text.size() > 2 && text.starts_with("\xE2\x80") && static_cast<unsigned char>(text[2]) <= 0x8A;
  return general ? 3 : 0;
}

std::string_view trim(std::string_view text) {
  while (const std::size_t length = leading_space(text)) text.remove_prefix(length);
  while (!text.empty()) {
    bool cut = false;
    for (std::size_t length = 1; length <= 3 && length <= text.size() && !cut; ++length) {
      cut = leading_space(text.substr(text.size() - length)) == length;
      if (cut) text.remove_suffix(length);
    }
    if (!cut) break;
  }
  return text;
}

std::string one_space_each(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c != ' ' || !result.ends_with(' ')) result += c;
  }
  return result;
}

constexpr std::string_view kHexDigits = "0123456789abcdef";

std::optional<unsigned> hex_digit(char c) {
  if (c >= 'A' && c <= 'F') c = static_cast<char>(c + ('a' - 'A'));
  const std::size_t value = kHexDigits.find(c);
  if (value == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(value);
}

/// RFC 4514 §2.4, and in hex whatever does not print.
void append_escaped(std::string& target, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    const bool at_edge = (i == 0 && (c == ' ' || c == '#')) || (i + 1 == text.size() && c == ' ');
    if (at_edge || std::string_view("\"+,;<>\\").find(c) != std::string_view::npos) {
      target += '\\';
      target += c;
    } else if (byte < 32 || byte > 126) {
      target += '\\';
      target += kHexDigits[byte >> 4];
      target += kHexDigits[byte & 15];
    } else {
      target += c;
    }
  }
}

/// The contents of one primitive BER element that fills `bytes`; nothing when it is none.
std::optional<std::string_view> ber_contents(std::string_view bytes) {
  constexpr unsigned kConstructed = 0x20;
  constexpr unsigned kLongTag = 0x1F;
  if (bytes.size() < 2) return std::nullopt;
  const auto tag = static_cast<unsigned char>(bytes[0]);
  if ((tag & kConstructed) != 0 || (tag & kLongTag) == kLongTag) return std::nullopt;
  std::size_t length = static_cast<unsigned char>(bytes[1]);
  std::size_t header = 2;
  if (length > 0x80 && length <= 0x84) {
    const std::size_t count = length - 0x80;
    if (bytes.size() < 2 + count) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = length << 8 | static_cast<unsigned char>(bytes[2 + i]);
    header += count;
  } else if (length >= 0x80) {
    return std::nullopt;
  }
  if (length != bytes.size() - header) return std::nullopt;
  return bytes.substr(header);
}

template <class Rdns, class Write>
std::string join(const Rdns& rdns, Write write) {
  std::string result;
  std::vector<std::string> parts;
  for (const auto& rdn : rdns) {
    parts.clear();
    for (const auto& ava : rdn) write(ava, parts.emplace_back());
    std::sort(parts.begin(), parts.end());
    if (&rdn != &rdns.front()) result += ',';
    for (const std::string& part : parts) {
      if (&part != &parts.front()) result += '+';
      result += part;
    }
  }
  return result;
}

}  // namespace

/// Walks over the text once.
class DnReader {
 public:
  explicit DnReader(std::string_view text) : text_(text) {}

  absl::StatusOr<Dn> read() {
    Dn dn;
    if (text_.size() > kMaxDnBytes) return error("is longer than 16 KiB");
    if (text_.empty()) return dn;
    dn.rdns_.emplace_back();
    while (true) {
      if (absl::Status status = read_ava(dn.rdns_.back()); !status.ok()) return status;
      if (at_ == text_.size()) return dn;
      if (text_[at_++] != '+') dn.rdns_.emplace_back();
    }
  }

 private:
  absl::Status error(const char* what) const {
    return absl::InvalidArgumentError(absl::StrCat("a DN that ", what, " at byte ", at_));
  }

  /// Much more than RFC 4512 has, as upstream takes nearly anything; but ids are printable, and unambiguous.
  static bool may_be_in_type(char c) {
    return c >= ' ' && c <= '~' && std::string_view("\"<>\\").find(c) == std::string_view::npos;
  }

  static bool is_separator(char c) { return c == ',' || c == ';' || c == '+'; }

  absl::Status read_ava(Dn::Rdn& rdn) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '=' && !is_separator(text_[at_])) ++at_;
    if (at_ == text_.size() || text_[at_] != '=') return error("has a part without '='");
    const std::string_view type = trim(text_.substr(begin, at_ - begin));
    if (type.empty()) return error("has a value without a type");
    if (!std::all_of(type.begin(), type.end(), may_be_in_type)) return error("has a type that is none");
    ++at_;
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    std::string value;
    const bool hex = at_ < text_.size() && text_[at_] == '#';
    if (absl::Status status = hex ? read_hex(value) : read_text(value); !status.ok()) return status;
    rdn.emplace_back(lower_case(type), std::string(trim(value)));
    return absl::OkStatus();
  }

  absl::Status read_hex(std::string& value) {
    ++at_;
    std::string bytes;
    while (at_ < text_.size() && !is_separator(text_[at_]) && text_[at_] != ' ') {
      if (!take_hex_pair(bytes)) return error("has a broken hex value");
    }
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    if (at_ < text_.size() && !is_separator(text_[at_])) return error("has text behind a hex value");
    const std::optional<std::string_view> contents = ber_contents(bytes);
    if (!contents) return error("has a hex value that is no BER element");
    value = *contents;
    return absl::OkStatus();
  }

  absl::Status read_text(std::string& value) {
    for (; at_ < text_.size() && !is_separator(text_[at_]); ++at_) {
      const char c = text_[at_];
      if (c == '"' || c == '<' || c == '>') return error("has a special character unescaped");
      if (c != '\\') {
        value += c;
        continue;
      }
      ++at_;
      if (at_ < text_.size() && std::string_view(" \"#+,;<=>\\").find(text_[at_]) != std::string_view::npos) {
        value += text_[at_];
      } else if (take_hex_pair(value)) {
        --at_;
      } else {
        return error("has a broken escape");
      }
    }
    return absl::OkStatus();
  }

  /// Appends the byte that two hex digits here stand for; false when there are none.
  bool take_hex_pair(std::string& bytes) {
    if (at_ + 2 > text_.size()) return false;
    const auto high = hex_digit(text_[at_]);
    const auto low = hex_digit(text_[at_ + 1]);
    if (!high || !low) return false;
    bytes += static_cast<char>(*high << 4 | *low);
    at_ += 2;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

absl::StatusOr<Dn> Dn::parse(std::string_view text) {
  return DnReader(text).read();
}

std::string Dn::canonical() const {
  return join(rdns_, [](const Ava& ava, std::string& part) {
    part = ava.type + '=';
    append_escaped(part, is_caseless(ava.type) ? lower_case(ava.value) : ava.value);
  });
}

std::string Dn::match_key() const {
  return join(rdns_, [](const Ava& ava, std::string& part) {
    part = std::string(principal_name(ava.type)) + '=';
    append_escaped(part, one_space_each(lower_case(ava.value)));
  });
}

bool is_at_or_below(std::string_view key, std::string_view base) {
  if (base.empty() || key == base) return true;
  if (key.size() <= base.size() || !key.ends_with(base)) return false;
  std::string_view child = key.substr(0, key.size() - base.size());
  if (!child.ends_with(',')) return false;
  child.remove_suffix(1);
  // A comma behind an odd number of backslashes is part of a value.
  const std::size_t last = child.find_last_not_of('\\');
  const std::size_t backslashes = child.size() - (last == std::string_view::npos ? 0 : last + 1);
  return backslashes % 2 == 0;
}

}  // namespace baton::connectors::ldap
