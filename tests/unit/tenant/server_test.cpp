#include "tenant/server.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

namespace tenant {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
  bool complete = false;  // as many bytes as announced
};

// A blocking client over any stream; reads answers one by one and keeps what comes behind them.
template <class Stream>
class Client {
 public:
  template <class... Args>
  explicit Client(asio::io_context& io, Args&&... args) : stream(io, std::forward<Args>(args)...) {}

  void send(const std::string& bytes) { asio::write(stream, asio::buffer(bytes)); }

  Answer read() {
    Answer answer;
    error = {};
    std::size_t end = std::string::npos;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos && !error) more();
    if (end == std::string::npos) return answer;
    answer.head = input_.substr(0, end + 2);
    input_.erase(0, end + 4);
    answer.status = std::stoi(answer.head.substr(9, 3));
    if (answer.head.find("chunked") != std::string::npos) {
      read_chunks(answer);
    } else {
      const std::size_t at = answer.head.find("Content-Length: ");
      const std::size_t length = std::stoul(answer.head.substr(at + 16));
      while (input_.size() < length && !error) more();
      answer.complete = input_.size() >= length;
      answer.body = input_.substr(0, length);
      input_.erase(0, answer.body.size());
    }
    return answer;
  }
  Answer get(const std::string& target) {
    send("GET " + target + " HTTP/1.1\r\nHost: tenant\r\n\r\n");
    return read();
  }
  // Whether the server has ended the connection; waits for it to say something.
  bool ended() {
    error = {};
    while (!error) more();
    return error == asio::error::eof || error == asio::error::connection_reset;
  }

  Stream stream;
  error_code error;

 private:
  void more() {
    char piece[16 * 1024];
    input_.append(piece, stream.read_some(asio::buffer(piece), error));
  }
  void read_chunks(Answer& answer) {
    for (;;) {
      std::size_t line = 0;
      while ((line = input_.find("\r\n")) == std::string::npos && !error) more();
      if (error) return;
      const std::size_t size = std::stoul(input_.substr(0, line), nullptr, 16);
      while (input_.size() < line + 2 + size + 2 && !error) more();
      if (error) return;
      answer.body += input_.substr(line + 2, size);
      input_.erase(0, line + 2 + size + 2);
      if (size == 0) break;
    }
    answer.complete = true;
  }

  std::string input_;
};

using PlainClient = Client<tcp::socket>;

class ServerTest : public testing::Test {
 protected:
  void start(const Options& options) {
    auto server = Server::start(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::unique_ptr<PlainClient> connect() {
    auto client = std::make_unique<PlainClient>(io_);
    client->stream.connect(tcp::endpoint(asio::ip::address_v4::loopback(), server_->port()));
    return client;
  }

  asio::io_context io_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, KeepsConnectionsAlive) {
  start(Options{});
  EXPECT_EQ(server_->base_url(), "http://127.0.0.1:" + std::to_string(server_->port()));
  const auto client = connect();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client->get("/v1/ping").body, "{\"ok\":true}");
  EXPECT_EQ(client->get("/v1/nowhere").status, 404);
  const Answer counters = client->get("/admin/counters");
  EXPECT_NE(counters.body.find("\"accepted\":1,"), std::string::npos) << counters.body;
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start(Options{});
  const auto client = connect();
  std::string requests;
  for (int i = 0; i < 100; ++i)
    requests +=
        "GET /v1/groups/g-" + std::to_string(100'000 + i).substr(1) + "/members?limit=1 HTTP/1.1\r\n\r\n";
  client->send(requests);
  const auto other = connect();
  for (int i = 0; i < 100; ++i) {
    const Answer answer = client->read();
    EXPECT_EQ(answer.body,
              other->get("/v1/groups/g-" + std::to_string(100'000 + i).substr(1) + "/members?limit=1").body);
  }
}

TEST_F(ServerTest, TakesRequestsByteByByteAndDropsTheirBodies) {
  start(Options{});
  const auto client = connect();
  const std::string request =
      "POST /v1/users HTTP/1.1\r\nHost: tenant\r\nContent-Length: 5\r\n\r\nhello"
      "GET /v1/ping HTTP/1.1\r\nHost: tenant\r\n\r\n";
  for (const char c : request) client->send(std::string(1, c));
  EXPECT_EQ(client->read().status, 405);
  EXPECT_EQ(client->read().status, 200);
}

TEST_F(ServerTest, EndsTheConnectionWhenAsked) {
  start(Options{});
  auto client = connect();
  client->send("GET /v1/ping HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_NE(client->read().head.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(client->ended());
  client = connect();
  client->send("GET /v1/ping HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client->read().status, 200);
  EXPECT_TRUE(client->ended());
}

TEST_F(ServerTest, RefusesWhatIsNoRequestAndWhatIsTooLarge) {
  start(Options{});
  const std::vector<std::pair<std::string, int>> cases = {
      {"hello\r\n\r\n", 400},
      {"GET /v1/ping HTTP/9.9\r\n\r\n", 400},
      {"GET /v1/ping HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", 431},
      {"GET /" + std::string(20'000, 'x'), 431},
      {"POST /v1/users HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n", 413},
  };
  for (const auto& [bytes, status] : cases) {
    const auto client = connect();
    client->send(bytes);
    EXPECT_EQ(client->read().status, status) << bytes.substr(0, 40);
    EXPECT_TRUE(client->ended());
  }
  EXPECT_EQ(connect()->get("/v1/ping").status, 200);
}

TEST_F(ServerTest, StreamsTheTruth) {
  start(Options{});
  const auto client = connect();
  const Answer members = client->get("/admin/truth?kind=members");
  EXPECT_TRUE(members.complete);
  EXPECT_EQ(std::count(members.body.begin(), members.body.end(), '\n'), 50'000);
  const Answer assignments = client->get("/admin/truth?kind=assignments");
  EXPECT_EQ(std::count(assignments.body.begin(), assignments.body.end(), '\n'), 2'000);
  client->send("GET /admin/truth?kind=apps HTTP/1.0\r\n\r\n");
  std::string apps;
  error_code error;
  asio::read(client->stream, asio::dynamic_buffer(apps), error);
  EXPECT_EQ(error, asio::error::eof);
  EXPECT_EQ(std::count(apps.begin(), apps.end(), '\n'), 10 + 4);  // and the lines of the head
}

TEST_F(ServerTest, AnEmptyTruthIsAnEmptyBody) {
  Options options;
  options.shape.roles = 0;
  start(options);
  const auto client = connect();
  const Answer roles = client->get("/admin/truth?kind=roles");
  EXPECT_TRUE(roles.complete);
  EXPECT_EQ(roles.body, "");
  EXPECT_EQ(client->get("/v1/ping").status, 200);
}

TEST_F(ServerTest, ResetsTruncatesAndDribbles) {
  Options options;
  options.faults = "reset@at:2,truncate@at:3,slow@at:4";
  options.slow_pause = 1ms;
  start(options);
  auto client = connect();
  const Answer right = client->get("/v1/users");
  EXPECT_TRUE(right.complete);
  EXPECT_EQ(client->get("/v1/users").status, 0);
  EXPECT_EQ(client->error, asio::error::connection_reset);
  client = connect();
  const Answer half = client->get("/v1/users");
  EXPECT_EQ(half.status, 200);
  EXPECT_FALSE(half.complete);
  EXPECT_EQ(half.body, right.body.substr(0, right.body.size() / 2));
  EXPECT_EQ(client->error, asio::error::eof);
  client = connect();
  EXPECT_EQ(client->get("/v1/users").body, right.body);
  EXPECT_EQ(client->get("/v1/users").body, right.body);
}

TEST_F(ServerTest, WaitingAnswersHoldNobodyUp) {
  Options options;
  options.latency = 300ms;
  start(options);
  std::vector<std::unique_ptr<PlainClient>> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(connect());
  for (const auto& client : clients) client->send("GET /v1/ping HTTP/1.1\r\n\r\n");
  EXPECT_EQ(connect()->get("/static").status, 200);
  for (const auto& client : clients) EXPECT_EQ(client->read().status, 200);
  const Answer counters = connect()->get("/admin/counters");
  EXPECT_EQ(counters.body.find("\"most_in_flight\":1,"), std::string::npos) << counters.body;
}

TEST_F(ServerTest, StopLetsAnswersUnderWayGoOut) {
  Options options;
  options.latency = 100ms;
  start(options);
  const auto idle = connect();
  EXPECT_EQ(idle->get("/static").status, 200);
  const auto busy = connect();
  busy->send("GET /v1/ping HTTP/1.1\r\n\r\n");
  // The counters show when the request has arrived.
  while (connect()->get("/admin/counters").body.find("\"in_flight\":1,") == std::string::npos) {
  }
  server_->stop();
  EXPECT_TRUE(idle->ended());
  const Answer answer = busy->read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.head.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(busy->ended());
  server_->stop();
}

TEST_F(ServerTest, LogsEveryRequest) {
  const std::string path = testing::TempDir() + "tenant_requests_" + std::to_string(::getpid()) + ".log";
  Options options;
  options.log = path;
  options.faults = "reset@at:2,503@at:3";
  start(options);
  auto client = connect();
  client->get("/v1/users?limit=1");
  client->get("/v1/apps");
  client = connect();
  client->get("/v1/apps");
  client->get("/v1/nowhere");
  server_->stop();
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_EQ(text.str(),
            "1 GET /v1/users?limit=1 200\n2 GET /v1/apps 000 reset\n3 GET /v1/apps 503 503\n4 GET "
            "/v1/nowhere 404\n");
  std::filesystem::remove(path);
}

TEST_F(ServerTest, ProblemsAtTheStartAreNamed) {
  const auto failure = [](auto change) {
    Options options;
    change(options);
    const auto server = Server::start(options);
    return server.ok() ? std::string() : std::string(server.status().message());
  };
  EXPECT_TRUE(failure([](Options& o) { o.host = "nowhere"; }).starts_with("--host: "));
  EXPECT_TRUE(failure([](Options& o) { o.log = "/nonexistent/log"; }).starts_with("--log: "));
  EXPECT_TRUE(failure([](Options& o) { o.faults = "x"; }).starts_with("--faults: "));
  EXPECT_TRUE(
      failure([](Options& o) { o.tls_cert = o.tls_key = "/nonexistent.pem"; }).starts_with("--tls-cert: "));
  start(Options{});
  const std::string taken = failure([&](Options& o) { o.port = server_->port(); });
  EXPECT_NE(taken.find("cannot listen on 127.0.0.1:" + std::to_string(server_->port())), std::string::npos)
      << taken;
}

// A key and a certificate for "localhost" that signs itself, in two files.
class Certificate {
 public:
  Certificate()
      : cert_path(testing::TempDir() + "tenant_cert_" + std::to_string(::getpid()) + ".pem"),
        key_path(testing::TempDir() + "tenant_key_" + std::to_string(::getpid()) + ".pem") {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* cert = X509_new();
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_NAME* name = X509_get_subject_name(cert);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"),
                               -1, -1, 0);
    X509_set_issuer_name(cert, name);
    X509_set_pubkey(cert, key);
    X509_sign(cert, key, EVP_sha256());
    std::FILE* file = std::fopen(cert_path.c_str(), "w");
    PEM_write_X509(file, cert);
    std::fclose(file);
    file = std::fopen(key_path.c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(cert);
    EVP_PKEY_free(key);
  }
  ~Certificate() {
    std::filesystem::remove(cert_path);
    std::filesystem::remove(key_path);
  }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  const std::string cert_path;
  const std::string key_path;
};

TEST_F(ServerTest, ServesTheSameThroughTls) {
  const Certificate certificate;
  Options options;
  options.tls_cert = certificate.cert_path;
  options.tls_key = certificate.key_path;
  options.paging = PagingStyle::kLink;
  options.faults = "reset@at:3,truncate@at:4";
  start(options);
  EXPECT_TRUE(server_->base_url().starts_with("https://127.0.0.1:"));
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.load_verify_file(certificate.cert_path);
  tls.set_verify_mode(asio::ssl::verify_peer);
  using TlsClient = Client<asio::ssl::stream<tcp::socket>>;
  const auto connect_tls = [&] {
    auto client = std::make_unique<TlsClient>(io_, tls);
    client->stream.next_layer().connect(tcp::endpoint(asio::ip::address_v4::loopback(), server_->port()));
    client->stream.handshake(asio::ssl::stream_base::client);
    return client;
  };
  auto client = connect_tls();
  EXPECT_EQ(client->get("/v1/ping").body, "{\"ok\":true}");
  const Answer users = client->get("/v1/users");
  EXPECT_TRUE(users.complete);
  EXPECT_NE(users.head.find("Link: <https://tenant/v1/users?cursor="), std::string::npos);
  EXPECT_EQ(client->get("/v1/users").status, 0);
  client = connect_tls();
  EXPECT_FALSE(client->get("/v1/users").complete);
  client = connect_tls();
  EXPECT_EQ(client->get("/v1/users").body, users.body);
  // Somebody who speaks plain HTTP to it is dropped and disturbs nobody.
  const auto plain = connect();
  plain->send("GET /v1/ping HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(plain->ended());
  EXPECT_EQ(client->get("/v1/ping").status, 200);
}

}  // namespace
}  // namespace tenant
