#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace baton::test {

/// A self-signed certificate with its key, made on the spot.
class TestCertificate {
 public:
  /// Valid for these names; "127.0.0.1" and the like become addresses.
  static TestCertificate self_signed(const std::vector<std::string>& names);

  /// PEM texts.
  const std::string& certificate() const { return certificate_; }
  const std::string& key() const { return key_; }

 private:
  TestCertificate(std::string certificate, std::string key);
  std::string certificate_;
  std::string key_;
};

/// What the fake server does with one request.
class FakeReply {
 public:
  explicit FakeReply(int status = 200, std::string body = {});
  static FakeReply json(std::string body);
  /// Exactly these bytes, then the connection closes.
  static FakeReply raw(std::string bytes);

  FakeReply& header(std::string_view name, std::string_view value);
  /// Announces the whole body, sends so many bytes of it, closes.
  FakeReply& truncate_after(std::size_t bytes);
  /// Sends nothing and resets the connection.
  FakeReply& reset();
  /// Sends nothing until the server stops.
  FakeReply& hold();
  /// The same after the header and half of the body.
  FakeReply& hold_in_body();
  /// Answers, promises to keep the connection, and closes it.
  FakeReply& then_close();
  /// Sends the body in chunks of so many bytes.
  FakeReply& chunked(std::size_t bytes);
  /// Sends no length: the body ends with the connection.
  FakeReply& until_close();

 private:
  friend class FakeHttpServer;
  enum class Fate { kWhole, kTruncate, kReset, kHold, kHoldInBody, kThenClose, kRaw };

  int status_;
  std::string body_;
  std::string headers_;
  Fate fate_ = Fate::kWhole;
  std::size_t truncate_after_ = 0;
  std::size_t chunk_ = 0;
  bool until_close_ = false;
};

/// A request as the fake server saw it.
class SeenRequest {
 public:
  std::string method;
  /// Path and query.
  std::string target;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  /// Which connection it came on, from 1.
  std::size_t connection = 0;
};

/// An HTTP/1.1 server on a loopback port that answers from a script; a thread per connection, plain or TLS.
///
/// Safe from any thread. The destructor closes all connections and joins.
class FakeHttpServer {
 public:
  FakeHttpServer();
  explicit FakeHttpServer(const TestCertificate& certificate);
  ~FakeHttpServer();
  FakeHttpServer(const FakeHttpServer&) = delete;
  FakeHttpServer& operator=(const FakeHttpServer&) = delete;

  /// Answers requests for this path (without query), one reply after the other, the last for ever. Any other
  /// path gets 404.
  FakeHttpServer& on(std::string path, std::vector<FakeReply> replies);
  /// Answers requests for this path by what they ask. Called under the server's lock, by one thread at a
  /// time.
  using Answer = std::function<FakeReply(const SeenRequest& request)>;
  FakeHttpServer& answer(std::string path, Answer answer);

  std::uint16_t port() const;
  /// `http://127.0.0.1:port` or https.
  std::string url() const;
  /// The same with another name for this host.
  std::string url(std::string_view host) const;

  std::vector<SeenRequest> requests() const;
  std::size_t connections() const;
  /// Waits until so many requests have been read.
  void wait_for_requests(std::size_t count) const;
  /// Waits until the peers have closed all connections but so many.
  void wait_until_open(std::size_t connections) const;

 private:
  class State;

  std::shared_ptr<State> state_;
};

}  // namespace baton::test
