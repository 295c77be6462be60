#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "http/headers.hpp"
#include "http/request.hpp"
#include "http/url.hpp"

namespace baton::http {

/// Whether and how a client remembers answers to GET. Off unless a connector turns it on: worth it where the
/// same thing is asked for again and again in one sync, such as the names of a few roles.
class CacheOptions {
 public:
  CacheOptions() = default;

  bool enabled = false;
  /// Of all answers together, headers included; the one used longest ago goes first.
  std::size_t max_bytes = std::size_t{5} * 1024 * 1024;
  /// How long an answer is good for; `Cache-Control: max-age` may shorten it.
  std::chrono::seconds ttl = std::chrono::hours(1);
};

/// An answer that was kept. Immutable.
class CachedResponse {
 public:
  CachedResponse(Url answering_url, Headers response_headers, std::string_view bytes)
      : url(std::move(answering_url)), headers(std::move(response_headers)), body(bytes) {}

  Url url;
  Headers headers;
  std::string body;
  /// The tag to ask with whether it is still right; empty for none.
  std::string etag;
};
static_assert(!std::is_aggregate_v<CachedResponse>);

/// Answers to GET in memory, for the client that owns it and its credentials. Private to the room; lives on
/// the client's executor.
///
/// An answer is found again by scheme, host, port, path and query as they were asked for, and by all headers
/// of the request: what `Vary` could name is the same then, or the same for the whole client. Values of
/// secret headers are kept as hashes.
class ResponseCache {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit ResponseCache(const CacheOptions& options) : options_(options) {}

  /// Nothing for a request that must not be answered from memory (`Cache-Control: no-cache` or `no-store`).
  static std::optional<std::string> key_of(const Request& request, const Url& url);

  /// What was kept; `fresh` says whether it may be used without asking.
  std::shared_ptr<const CachedResponse> find(const std::string& key, TimePoint now, bool& fresh);
  /// Keeps an answer with status 200, unless its headers forbid that (`no-store`, `Vary: *`), it is larger
  /// than a quarter of the room, or it would be stale at once and has no tag to ask with.
  void put(const std::string& key, CachedResponse response, TimePoint now);
  /// The service says that the answer is still right.
  void renew(const std::string& key, TimePoint now);

 private:
  class Entry {
   public:
    Entry(std::string entry_key, std::shared_ptr<const CachedResponse> kept, std::size_t size)
        : key(std::move(entry_key)), response(std::move(kept)), bytes(size) {}
    std::string key;
    std::shared_ptr<const CachedResponse> response;
    std::size_t bytes;
    TimePoint fresh_until{};
  };

  std::chrono::seconds life_of(const Headers& headers) const;

  CacheOptions options_;
  std::size_t bytes_ = 0;
  /// The one used last comes first.
  std::list<Entry> entries_;
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;
};

}  // namespace baton::http
