#include "tenant/paging.hpp"

#include <algorithm>
#include <charconv>

#include "tenant/hash.hpp"
#include "tenant/text.hpp"

namespace tenant {
namespace {

constexpr std::size_t kPositionDigits = 16;
constexpr std::size_t kCheckDigits = 8;

void append_hex(std::string& out, std::uint64_t value, std::size_t digits) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (std::size_t i = digits; i-- > 0;) out += kHex[value >> (4 * i) & 15];
}

std::optional<std::uint64_t> read_hex(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::uint64_t collection_key(std::uint64_t key, const Collection& collection) {
  return mix(key ^ mix(collection.owner * 8 + static_cast<std::uint64_t>(collection.kind) + 1));
}

std::uint64_t check_digits(std::uint64_t key, std::uint64_t position) {
  return draw(key, position) & 0xffffffff;
}

absl::Status bad(const char* message) {
  return absl::InvalidArgumentError(message);
}

}  // namespace

std::optional<PagingStyle> parse_paging(std::string_view text) {
  if (text == "cursor") return PagingStyle::kCursor;
  if (text == "offset") return PagingStyle::kOffset;
  if (text == "link") return PagingStyle::kLink;
  return std::nullopt;
}

Pager::Pager(PagingStyle style, std::uint64_t page_size, std::uint64_t seed)
    : style_(style), page_size_(page_size), key_(stream_key(seed, Stream::kCursor)) {}

std::string Pager::token(std::uint64_t begin, const Collection& collection) const {
  const std::uint64_t key = collection_key(key_, collection);
  std::string out;
  out.reserve(kPositionDigits + kCheckDigits);
  append_hex(out, begin ^ key, kPositionDigits);
  append_hex(out, check_digits(key, begin), kCheckDigits);
  return out;
}

std::optional<std::uint64_t> Pager::read_token(std::string_view token, const Collection& collection) const {
  if (token.size() != kPositionDigits + kCheckDigits) return std::nullopt;
  const auto position = read_hex(token.substr(0, kPositionDigits));
  const auto check = read_hex(token.substr(kPositionDigits));
  if (!position || !check) return std::nullopt;
  const std::uint64_t key = collection_key(key_, collection);
  const std::uint64_t begin = *position ^ key;
  if (begin > collection.total || check_digits(key, begin) != *check) return std::nullopt;
  return begin;
}

absl::StatusOr<PageRange> Pager::parse(std::string_view query, const Collection& collection) const {
  std::uint64_t begin = 0;
  std::uint64_t limit = page_size_;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view name = pair.substr(0, equals);
    const std::string_view value = pair.substr(std::min(pair.size(), equals + 1));
    if (name == "limit") {
      const auto number = parse_number(value);
      if (!number || *number == 0) return bad("limit must be a number from 1");
      limit = std::min(*number, kLargestPage);
    } else if (name == "cursor") {
      if (style_ == PagingStyle::kOffset) return bad("this tenant pages by offset, not by cursor");
      const auto position = read_token(value, collection);
      if (!position) return bad("cursor is not one that this list gave out");
      begin = *position;
    } else if (name == "offset") {
      if (style_ != PagingStyle::kOffset) return bad("this tenant pages by cursor, not by offset");
      const auto number = parse_number(value);
      if (!number) return bad("offset must be a number from 0");
      begin = *number;
    }
  }
  begin = std::min(begin, collection.total);
  return PageRange{begin, std::min(collection.total, begin + limit), limit};
}

}  // namespace tenant
