#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>

#include "base/error_facts.hpp"
#include "client_fixture.hpp"
#include "http/json.hpp"

namespace baton::http {
namespace {

using test::FakeHttpServer;
using test::FakeReply;
using test::TestCertificate;
using ::testing::HasSubstr;

class ClientTlsTest : public ClientTest {
 protected:
  void TearDown() override {
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove(trust_file_);
  }

  /// From here on, the process trusts this certificate and no other.
  void trust(const TestCertificate& certificate) {
    trust_file_ =
        std::filesystem::path(::testing::TempDir()) / ("http-trust-" + std::to_string(::getpid()) + ".pem");
    std::ofstream(trust_file_) << certificate.certificate();
    ::setenv("SSL_CERT_FILE", trust_file_.c_str(), 1);
  }

  std::filesystem::path trust_file_;
};

TEST_F(ClientTlsTest, ATrustedCertificateForTheRightNameIsAccepted) {
  const TestCertificate certificate = TestCertificate::self_signed({"localhost", "127.0.0.1"});
  trust(certificate);
  FakeHttpServer server(certificate);
  const std::string big = R"({"text":")" + std::string(400'000, 'x') + R"("})";
  server.on("/a", {FakeReply::json(big)});
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    const auto client = make_client(options_for(server.url(host)));
    for (int i = 0; i < 3; ++i) {
      absl::StatusOr<JsonDocument> document = await(client->get_json("/a"));
      ASSERT_TRUE(document.ok()) << document.status();
      EXPECT_EQ(document->text(), big);
    }
    EXPECT_EQ(client->counters().connections_opened, 1u);
  }
}

TEST_F(ClientTlsTest, AnUnknownCertificateIsRefusedOnce) {
  const TestCertificate certificate = TestCertificate::self_signed({"127.0.0.1"});
  trust(TestCertificate::self_signed({"127.0.0.1"}));
  FakeHttpServer server(certificate);
  const auto client = make_client(options_for(server.url()));
  const absl::Status status = await(client->get_json("/a")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnknown);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("/a: TLS certificate of 127.0.0.1 cannot be verified: self-signed certificate"));
  EXPECT_EQ(retryable(status), false);
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(ClientTlsTest, ACertificateForAnotherNameIsRefused) {
  const TestCertificate certificate = TestCertificate::self_signed({"other.example"});
  trust(certificate);
  FakeHttpServer server(certificate);
  const auto by_address = make_client(options_for(server.url()));
  EXPECT_THAT(std::string(await(by_address->get_json("/a")).status().message()),
              HasSubstr("cannot be verified: IP address mismatch"));
  const auto by_name = make_client(options_for(server.url("localhost")));
  EXPECT_THAT(std::string(await(by_name->get_json("/a")).status().message()),
              HasSubstr("cannot be verified: hostname mismatch"));
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(ClientTlsTest, AHandshakeThatNobodyAnswersEndsAtItsLimit) {
  FakeHttpServer plain;
  // The fake server waits for the end of a header that never comes; a short limit ends that.
  ClientOptions options = options_for("https://127.0.0.1:" + std::to_string(plain.port()));
  options.timeouts.tls = std::chrono::milliseconds(50);
  const auto impatient = make_client(std::move(options));
  const absl::Status status = await(impatient->get_json("/a")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(status.message()), HasSubstr("timed out after 50 ms while setting up TLS"));
}

TEST_F(ClientTlsTest, ARedirectFromHttpsToHttpIsRefused) {
  const TestCertificate certificate = TestCertificate::self_signed({"127.0.0.1"});
  trust(certificate);
  FakeHttpServer plain;
  FakeHttpServer server(certificate);
  FakeReply redirect(302);
  redirect.header("Location", plain.url() + "/a");
  server.on("/a", {redirect});
  const auto client = make_client(options_for(server.url()));
  EXPECT_THAT(std::string(await(client->get_json("/a")).status().message()),
              HasSubstr("leads from https to http, which is refused"));
  EXPECT_EQ(plain.connections(), 0u);
}

TEST_F(ClientTlsTest, ATruncatedBodyOverTlsIsNoticed) {
  const TestCertificate certificate = TestCertificate::self_signed({"127.0.0.1"});
  trust(certificate);
  FakeHttpServer server(certificate);
  server.on("/a", {FakeReply::json(R"({"items":[]})").truncate_after(4)});
  const auto client = make_client(options_for(server.url()));
  const absl::Status status = await(client->get_json("/a")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("connection closed after 4 of 12 bytes"));
}

}  // namespace
}  // namespace baton::http
