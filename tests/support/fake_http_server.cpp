#include "support/fake_http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <functional>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace baton::test {
namespace {

void require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

std::string pem_text(const std::function<int(BIO*)>& write) {
  BIO* const bio = BIO_new(BIO_s_mem());
  require(bio != nullptr && write(bio) == 1, "cannot write PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// One accepted connection: bytes in and out, with or without TLS.
class Wire {
 public:
  Wire(int socket, SSL_CTX* tls) : socket_(socket) {
    if (tls != nullptr) {
      ssl_ = SSL_new(tls);
      SSL_set_fd(ssl_, socket_);
    }
  }
  ~Wire() {
    if (ssl_ != nullptr) SSL_free(ssl_);
  }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  bool accept() { return ssl_ == nullptr || SSL_accept(ssl_) == 1; }

  bool read(std::string& into) {
    char buffer[16384];
    const long got = ssl_ != nullptr ? SSL_read(ssl_, buffer, sizeof(buffer))
                                     : static_cast<long>(::recv(socket_, buffer, sizeof(buffer), 0));
    if (got <= 0) return false;
    into.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const long put = ssl_ != nullptr
                           ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                           : static_cast<long>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
      if (put <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }

  /// Makes the coming close a reset.
  void reset_on_close() const {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  }

  void finish() {
    if (ssl_ != nullptr) SSL_shutdown(ssl_);
  }

 private:
  int socket_;
  SSL* ssl_ = nullptr;
};

}  // namespace

TestCertificate::TestCertificate(std::string certificate, std::string key)
    : certificate_(std::move(certificate)), key_(std::move(key)) {}

TestCertificate TestCertificate::self_signed(const std::vector<std::string>& names) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  X509* const certificate = X509_new();
  require(key != nullptr && certificate != nullptr, "cannot make a key");
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* const subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("fake server"), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  std::string alternatives;
  for (const std::string& name : names) {
    if (!alternatives.empty()) alternatives += ',';
    in_addr address{};
    alternatives += (::inet_pton(AF_INET, name.c_str(), &address) == 1 ? "IP:" : "DNS:") + name;
  }
  X509_EXTENSION* const extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternatives.c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1,
          "cannot name the certificate");
  X509_EXTENSION_free(extension);
  require(X509_sign(certificate, key, EVP_sha256()) > 0, "cannot sign");
  TestCertificate result(pem_text([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); }),
                         pem_text([&](BIO* bio) {
                           return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
                         }));
  X509_free(certificate);
  EVP_PKEY_free(key);
  return result;
}

FakeReply::FakeReply(int status, std::string body) : status_(status), body_(std::move(body)) {}

FakeReply FakeReply::json(std::string body) {
  FakeReply reply(200, std::move(body));
  reply.header("Content-Type", "application/json");
  return reply;
}

FakeReply FakeReply::raw(std::string bytes) {
  FakeReply reply(0, std::move(bytes));
  reply.fate_ = Fate::kRaw;
  return reply;
}

FakeReply& FakeReply::header(std::string_view name, std::string_view value) {
  headers_.append(name).append(": ").append(value).append("\r\n");
  return *this;
}

FakeReply& FakeReply::truncate_after(std::size_t bytes) {
  fate_ = Fate::kTruncate;
  truncate_after_ = bytes;
  return *this;
}

FakeReply& FakeReply::reset() {
  fate_ = Fate::kReset;
  return *this;
}

FakeReply& FakeReply::hold() {
  fate_ = Fate::kHold;
  return *this;
}

FakeReply& FakeReply::hold_in_body() {
  fate_ = Fate::kHoldInBody;
  return *this;
}

FakeReply& FakeReply::then_close() {
  fate_ = Fate::kThenClose;
  return *this;
}

FakeReply& FakeReply::chunked(std::size_t bytes) {
  chunk_ = bytes;
  return *this;
}

FakeReply& FakeReply::until_close() {
  until_close_ = true;
  return *this;
}

class FakeHttpServer::State {
 public:
  explicit State(const TestCertificate* certificate) {
    if (certificate != nullptr) load(*certificate);
    // A client that goes away must end a write, not the test.
    std::signal(SIGPIPE, SIG_IGN);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    require(listener_ >= 0, "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    require(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0, "bind");
    require(::listen(listener_, 128) == 0, "listen");
    socklen_t size = sizeof(address);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  ~State() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
    }
    changed_.notify_all();
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (std::thread& worker : workers_) worker.join();
    SSL_CTX_free(tls_);
  }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void script(std::string path, std::vector<FakeReply> replies) {
    const std::lock_guard lock(mutex_);
    scripts_[std::move(path)] = Script(std::move(replies));
  }

  void answer_with(std::string path, FakeHttpServer::Answer answer) {
    const std::lock_guard lock(mutex_);
    answers_[std::move(path)] = std::move(answer);
  }

  std::uint16_t port() const { return port_; }
  bool secure() const { return tls_ != nullptr; }

  std::vector<SeenRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

  std::size_t connections() const {
    const std::lock_guard lock(mutex_);
    return accepted_;
  }

  template <class Condition>
  void wait(Condition condition) const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return condition(*this); });
  }

  std::size_t seen_count() const { return seen_.size(); }
  std::size_t open_count() const { return open_.size(); }

 private:
  class Script {
   public:
    Script() = default;
    explicit Script(std::vector<FakeReply> all) : replies(std::move(all)) {}
    std::vector<FakeReply> replies;
    std::size_t next = 0;
  };

  void load(const TestCertificate& certificate) {
    tls_ = SSL_CTX_new(TLS_server_method());
    BIO* bio = BIO_new_mem_buf(certificate.certificate().data(), -1);
    X509* const x509 = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    bio = BIO_new_mem_buf(certificate.key().data(), -1);
    EVP_PKEY* const key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    require(SSL_CTX_use_certificate(tls_, x509) == 1 && SSL_CTX_use_PrivateKey(tls_, key) == 1,
            "certificate");
    X509_free(x509);
    EVP_PKEY_free(key);
  }

  void accept_all() {
    while (true) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      const std::lock_guard lock(mutex_);
      if (stopping_) {
        ::close(socket);
        return;
      }
      open_.insert(socket);
      workers_.emplace_back([this, socket, number = ++accepted_] { serve(socket, number); });
    }
  }

  void serve(int socket, std::size_t number) {
    {
      Wire wire(socket, tls_);
      std::string input;
      if (wire.accept()) {
        while (serve_one(wire, input, number)) {
        }
      }
    }
    const std::lock_guard lock(mutex_);
    open_.erase(socket);
    ::close(socket);
    changed_.notify_all();
  }

  bool serve_one(Wire& wire, std::string& input, std::size_t number) {
    std::size_t end = 0;
    while ((end = input.find("\r\n\r\n")) == std::string::npos) {
      if (!wire.read(input)) return false;
    }
    SeenRequest request = parse(input.substr(0, end));
    request.connection = number;
    input.erase(0, end + 4);
    const auto announced = request.headers.find("content-length");
    const std::size_t length = announced == request.headers.end() ? 0 : std::stoul(announced->second);
    while (input.size() < length) {
      if (!wire.read(input)) return false;
    }
    request.body = input.substr(0, length);
    input.erase(0, length);
    const bool head_only = request.method == "HEAD";
    const FakeReply reply = next_reply(std::move(request));
    return answer(wire, reply, head_only);
  }

  static SeenRequest parse(const std::string& head) {
    SeenRequest request;
    const std::size_t line_end = std::min(head.find("\r\n"), head.size());
    const std::size_t method_end = head.find(' ');
    request.method = head.substr(0, method_end);
    request.target = head.substr(method_end + 1, head.rfind(' ', line_end) - method_end - 1);
    std::size_t at = line_end + 2;
    while (at < head.size()) {
      const std::size_t end = std::min(head.find("\r\n", at), head.size());
      const std::size_t colon = head.find(": ", at);
      request.headers[lower(head.substr(at, colon - at))] = head.substr(colon + 2, end - colon - 2);
      at = end + 2;
    }
    return request;
  }

  FakeReply next_reply(SeenRequest request) {
    const std::lock_guard lock(mutex_);
    const std::string path = request.target.substr(0, request.target.find('?'));
    seen_.push_back(std::move(request));
    changed_.notify_all();
    if (const auto found = answers_.find(path); found != answers_.end()) return found->second(seen_.back());
    const auto found = scripts_.find(path);
    if (found == scripts_.end()) return FakeReply(404);
    Script& script = found->second;
    const FakeReply& reply = script.replies[script.next];
    if (script.next + 1 < script.replies.size()) ++script.next;
    return reply;
  }

  void wait_for_stop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_; });
  }

  bool answer(Wire& wire, const FakeReply& reply, bool head_only) {
    using Fate = FakeReply::Fate;
    if (reply.fate_ == Fate::kReset) {
      wire.reset_on_close();
      return false;
    }
    if (reply.fate_ == Fate::kHold) {
      wait_for_stop();
      return false;
    }
    if (reply.fate_ == Fate::kRaw) {
      wire.write(reply.body_);
      wire.finish();
      return false;
    }
    std::string out = "HTTP/1.1 " + std::to_string(reply.status_) + " Scripted\r\n" + reply.headers_;
    if (reply.chunk_ > 0) {
      out += "Transfer-Encoding: chunked\r\n\r\n" + chunks(reply);
    } else {
      if (!reply.until_close_) out += "Content-Length: " + std::to_string(reply.body_.size()) + "\r\n";
      out += "\r\n";
      const std::size_t head_size = out.size();
      if (!head_only) out += reply.body_;
      if (reply.fate_ == Fate::kTruncate) out.resize(head_size + reply.truncate_after_);
      if (reply.fate_ == Fate::kHoldInBody) out.resize(head_size + reply.body_.size() / 2);
    }
    if (!wire.write(out)) return false;
    if (reply.fate_ == Fate::kHoldInBody) wait_for_stop();
    const bool ends = reply.fate_ != Fate::kWhole || reply.until_close_;
    if (ends) wire.finish();
    return !ends;
  }

  static std::string chunks(const FakeReply& reply) {
    std::string out;
    std::string_view rest = reply.body_;
    while (!rest.empty()) {
      const std::string_view chunk = rest.substr(0, reply.chunk_);
      char size[32];
      std::snprintf(size, sizeof(size), "%zx\r\n", chunk.size());
      out.append(size).append(chunk).append("\r\n");
      rest.remove_prefix(chunk.size());
    }
    if (reply.fate_ == FakeReply::Fate::kTruncate) {
      out.resize(std::min(out.size(), reply.truncate_after_));
    } else {
      out += "0\r\n\r\n";
    }
    return out;
  }

  SSL_CTX* tls_ = nullptr;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> workers_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool stopping_ = false;
  std::size_t accepted_ = 0;
  std::set<int> open_;
  std::map<std::string, Script> scripts_;
  std::map<std::string, FakeHttpServer::Answer> answers_;
  std::vector<SeenRequest> seen_;
};

FakeHttpServer::FakeHttpServer() : state_(std::make_shared<State>(nullptr)) {}
FakeHttpServer::FakeHttpServer(const TestCertificate& certificate)
    : state_(std::make_shared<State>(&certificate)) {}
FakeHttpServer::~FakeHttpServer() = default;

FakeHttpServer& FakeHttpServer::on(std::string path, std::vector<FakeReply> replies) {
  state_->script(std::move(path), std::move(replies));
  return *this;
}

FakeHttpServer& FakeHttpServer::answer(std::string path, Answer answer) {
  state_->answer_with(std::move(path), std::move(answer));
  return *this;
}

std::uint16_t FakeHttpServer::port() const {
  return state_->port();
}
std::string FakeHttpServer::url() const {
  return url("127.0.0.1");
}

std::string FakeHttpServer::url(std::string_view host) const {
  return std::string(state_->secure() ? "https://" : "http://") + std::string(host) + ":" +
         std::to_string(state_->port());
}

std::vector<SeenRequest> FakeHttpServer::requests() const {
  return state_->requests();
}
std::size_t FakeHttpServer::connections() const {
  return state_->connections();
}

void FakeHttpServer::wait_for_requests(std::size_t count) const {
  state_->wait([count](const State& state) { return state.seen_count() >= count; });
}

void FakeHttpServer::wait_until_open(std::size_t connections) const {
  state_->wait([connections](const State& state) { return state.open_count() <= connections; });
}

}  // namespace baton::test
