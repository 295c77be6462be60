#include "http/response_cache.hpp"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/hash.hpp"
#include "base/redact.hpp"

namespace baton::http {
namespace {

/// What an entry costs beside its texts.
constexpr std::size_t kOverhead = 256;

absl::string_view absl_view(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

/// Calls `read` with each directive of all `Cache-Control` fields, in lower case, without blanks.
template <class Read>
void for_each_directive(const Headers& headers, Read read) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!equal_ignoring_case(headers.name_at(i), "Cache-Control")) continue;
    const std::string text = absl::AsciiStrToLower(absl_view(headers.value_at(i)));
    std::size_t begin = 0;
    while (begin <= text.size()) {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      read(absl::StripAsciiWhitespace(absl::string_view(text.data() + begin, end - begin)));
      begin = end + 1;
    }
  }
}

bool says(const Headers& headers, absl::string_view directive) {
  bool found = false;
  for_each_directive(headers, [&](absl::string_view one) { found = found || one == directive; });
  return found;
}

}  // namespace

std::optional<std::string> ResponseCache::key_of(const Request& request, const Url& url) {
  if (request.method != Method::kGet || says(request.headers, "no-cache") ||
      says(request.headers, "no-store")) {
    return std::nullopt;
  }
  std::vector<std::string> fields;
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const std::string_view value = request.headers.value_at(i);
    std::string field = absl::AsciiStrToLower(absl_view(request.headers.name_at(i)));
    if (is_secret_header(field)) {
      const Hash128 hash = hash128(value);
      absl::StrAppend(&field, ":#", absl::Hex(hash.high), ".", absl::Hex(hash.low));
    } else {
      absl::StrAppend(&field, ":", absl_view(value));
    }
    fields.push_back(std::move(field));
  }
  std::sort(fields.begin(), fields.end());
  std::string key = absl::StrCat(url.text(), request.anonymous ? "\nanonymous" : "\n");
  // No value can hold a line end.
  for (const std::string& field : fields) absl::StrAppend(&key, "\n", field);
  return key;
}

std::shared_ptr<const CachedResponse> ResponseCache::find(const std::string& key, TimePoint now,
                                                          bool& fresh) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  const Entry& entry = *found->second;
  fresh = now < entry.fresh_until;
  if (!fresh && entry.response->etag.empty()) return nullptr;
  return entry.response;
}

std::chrono::seconds ResponseCache::life_of(const Headers& headers) const {
  std::chrono::seconds life = options_.ttl;
  for_each_directive(headers, [&](absl::string_view directive) {
    if (directive == "no-cache") life = std::chrono::seconds(0);
    if (!absl::ConsumePrefix(&directive, "max-age=")) return;
    std::int64_t seconds = 0;
    for (const char c : directive.substr(0, 9)) {
      if (c < '0' || c > '9') break;
      seconds = seconds * 10 + (c - '0');
    }
    life = std::min(life, std::chrono::seconds(seconds));
  });
  return life;
}

void ResponseCache::put(const std::string& key, CachedResponse response, TimePoint now) {
  if (says(response.headers, "no-store")) return;
  for (std::size_t i = 0; i < response.headers.size(); ++i) {
    if (equal_ignoring_case(response.headers.name_at(i), "Vary") &&
        response.headers.value_at(i).find('*') != std::string_view::npos) {
      return;
    }
  }
  const std::chrono::seconds life = life_of(response.headers);
  response.etag = response.headers.value("ETag");
  if (life.count() <= 0 && response.etag.empty()) return;
  std::size_t bytes = kOverhead + 2 * key.size() + response.body.size();
  for (std::size_t i = 0; i < response.headers.size(); ++i) {
    bytes += response.headers.name_at(i).size() + response.headers.value_at(i).size();
  }
  if (bytes > options_.max_bytes / 4) return;
  if (const auto old = by_key_.find(key); old != by_key_.end()) {
    const auto place = old->second;
    by_key_.erase(old);
    bytes_ -= place->bytes;
    entries_.erase(place);
  }
  entries_.emplace_front(key, std::make_shared<const CachedResponse>(std::move(response)), bytes);
  entries_.front().fresh_until = now + life;
  by_key_.emplace(entries_.front().key, entries_.begin());
  bytes_ += bytes;
  while (bytes_ > options_.max_bytes) {
    by_key_.erase(entries_.back().key);
    bytes_ -= entries_.back().bytes;
    entries_.pop_back();
  }
}

void ResponseCache::renew(const std::string& key, TimePoint now) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  found->second->fresh_until = now + life_of(found->second->response->headers);
}

}  // namespace baton::http
