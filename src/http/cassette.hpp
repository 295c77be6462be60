#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "absl/status/statusor.h"
#include "http/request.hpp"
#include "http/url.hpp"

namespace baton::http {

/// A recording of requests and answers, for tests of connectors without a network
/// (`ClientOptions::cassette`): recorded once from a live service, kept beside the test, replayed for ever
/// after.
///
/// The file is JSON, one interaction after the other, with JSON bodies as they are, so that it can be read
/// and mended by hand. Secrets do not get into it: credentials of the client, headers that are secret, values
/// of secret names in queries, forms and JSON. Such a value is written as `REDACTED-` and a mark that tells
/// it from other values of the same recording, so that page tokens still lead somewhere. Look through a
/// recording before it is shared all the same: names, addresses and ids of the service are in it.
///
/// Replaying, a request finds the answer that was recorded for its method, path, query and body, whatever the
/// host; of several, each once and the last for ever. What was recorded with a secret matches any value in
/// its place. A request without an answer fails, naming itself.
///
/// Thread-safe.
class Cassette {
 public:
  /// An empty one, to record into.
  static std::shared_ptr<Cassette> record();
  /// One to replay. NotFound or InvalidArgument, naming the file and the place.
  static absl::StatusOr<std::shared_ptr<Cassette>> load(const std::string& path);
  static absl::StatusOr<std::shared_ptr<Cassette>> parse(std::string_view text, std::string origin);

  /// What was recorded, as a file.
  absl::Status save(const std::string& path) const;
  std::string text() const;

  /// For the client.
  bool replays() const { return replays_; }
  /// `secrets` are texts that may occur anywhere, such as the client's own.
  void keep(const Request& request, const Url& url, const Response& response,
            const std::vector<std::string>& secrets);
  absl::StatusOr<Response> take(const Request& request, const Url& url);

 private:
  class Interaction {
   public:
    Interaction() = default;
    std::string method;
    std::string target;
    std::string body;
    int status = 0;
    Headers headers;
    std::string answer;
    bool used = false;
  };

  explicit Cassette(bool replays);
  std::string marked(std::string_view secret) const;
  std::string marked_query(std::string_view text) const;
  std::string marked_target(const Url& url) const;
  std::string marked_body(std::string_view body) const;
  void append(std::string& text, const Interaction& interaction) const;

  bool replays_;
  std::string salt_;
  mutable std::mutex mutex_;
  std::vector<Interaction> interactions_;
};
static_assert(!std::is_aggregate_v<Cassette>);

}  // namespace baton::http
