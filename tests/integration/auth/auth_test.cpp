#include <algorithm>
#include <cctype>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <boost/asio/post.hpp>

#include "absl/strings/escaping.h"
#include "actors/engine.hpp"
#include "connectors/demo/connector.hpp"
#include "http/token_grant.hpp"
#include "runner/permit_adapter.hpp"
#include "runner/request_lines.hpp"
#include "runner/summary.hpp"
#include "support/fake_http_server.hpp"
#include "support/scratch_directory.hpp"
#include "tenant/server.hpp"

namespace baton::test {
namespace {

namespace asio = boost::asio;
using http::Credentials;
using http::SigningKey;
using http::TokenGrant;
using ::testing::HasSubstr;
using ::testing::Not;

/// Keeps every line of every level with all its facts.
class EverythingLog final : public Log {
 public:
  bool enabled(LogLevel) const override { return true; }
  void write(LogLevel, std::string_view subject, std::string_view message,
             std::initializer_list<LogField> fields) override {
    const std::lock_guard lock(mutex_);
    text_.append(subject).append(" ").append(message);
    for (const LogField& field : fields) text_.append(" ").append(field.name).append("=").append(field.value);
    text_ += '\n';
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

class KeyPair {
 public:
  explicit KeyPair(EVP_PKEY* key) {
    BIO* memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(memory, key, nullptr, nullptr, 0, nullptr, nullptr);
    private_pem = take(memory);
    PEM_write_bio_PUBKEY(memory, key);
    public_pem = take(memory);
    BIO_free(memory);
    EVP_PKEY_free(key);
  }
  std::string private_pem;
  std::string public_pem;

 private:
  static std::string take(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    std::string text(data, static_cast<std::size_t>(size));
    (void)BIO_reset(memory);
    return text;
  }
};

class AuthTest : public ::testing::Test {
 protected:
  AuthTest() {
    options_.shape.users = 60;
    options_.shape.groups = 12;
    options_.shape.members = 4;
    options_.shape.roles = 6;
    options_.shape.assignments = 2;
    options_.shape.role_users = 1;
    options_.shape.apps = 2;
    options_.page_size = 5;
  }

  std::string start_tenant() {
    auto server = tenant::Server::start(options_);
    EXPECT_TRUE(server.ok()) << server.status();
    tenant_ = *std::move(server);
    return tenant_->base_url();
  }
  std::string write(const std::string& name, const std::string& text) {
    const std::string path = scratch_ / name;
    std::ofstream(path) << text;
    return path;
  }

  /// A whole sync; what it said to anybody is in `said_`.
  actors::SyncOutcome sync(http::ClientOptions client) {
    auto log = std::make_shared<EverythingLog>();
    auto clock = std::make_shared<SystemClock>();
    actors::Engine::Options engine_options;
    engine_options.clock = clock;
    engine_options.entropy = std::make_shared<SystemEntropy>();
    engine_options.log = log;
    auto engine = actors::Engine::create(engine_options);
    runner::PermitAdapter permits(*engine, *clock);
    runner::RequestLines lines(log);
    auto demo = connectors::demo::make_demo_connector(engine->executor(), std::move(client), permits, &lines);
    EXPECT_TRUE(demo.ok()) << demo.status();
    actors::SyncJob job;
    job.connector_name = "demo";
    job.path = scratch_ / "sync.c1z";
    job.directory = scratch_ / "sync.c1z.sync";
    job.restart = true;
    job.display = std::make_shared<Silence>();
    job.connector = demo->connector;
    actors::SyncOutcome outcome = engine->run_sync(job);
    runner::RequestTotals totals;
    totals.add(*demo->counters);
    retries_ = totals.retries;
    said_ = log->text() + runner::summary_text(outcome, totals) + std::string(outcome.status.message());
    job.connector.reset();
    std::promise<void> gone;
    asio::post(engine->executor(), [&gone, connector = std::move(demo->connector)]() mutable {
      connector.reset();
      gone.set_value();
    });
    gone.get_future().wait();
    permits.close();
    return outcome;
  }

  /// Syncs, which has to succeed, and looks for the secrets in everything that was said.
  void expect_silent_sync(http::ClientOptions client, const std::vector<std::string>& secrets) {
    const actors::SyncOutcome outcome = sync(std::move(client));
    EXPECT_TRUE(outcome.status.ok()) << outcome.status;
    EXPECT_EQ(outcome.summary.resources, 80u);
    EXPECT_THAT(said_, HasSubstr("http answered method=GET url=" + tenant_->base_url() + "/v1/users"));
    expect_unsaid(secrets);
  }
  void expect_unsaid(const std::vector<std::string>& secrets) {
    for (const std::string& secret : secrets) {
      EXPECT_THAT(said_, Not(HasSubstr(secret)));
      EXPECT_THAT(said_, Not(HasSubstr(absl::Base64Escape(secret))));
    }
    EXPECT_THAT(said_, Not(HasSubstr("at-1-"))) << "a token that the tenant gave out";
    EXPECT_THAT(said_, Not(HasSubstr("eyJ"))) << "an assertion";
  }

  class Silence final : public actors::ProgressDisplay {
   public:
    std::chrono::milliseconds interval() const override { return std::chrono::seconds(1); }
    void show(const actors::ProgressView&) override {}
  };

  ScratchDirectory scratch_;
  tenant::Options options_;
  std::unique_ptr<tenant::Server> tenant_;
  std::string said_;
  std::uint64_t retries_ = 0;
};

TEST_F(AuthTest, ABearerToken) {
  options_.token = "bearer-s3cret-token";
  http::ClientOptions client(start_tenant());
  client.credentials = Credentials::bearer(options_.token);
  expect_silent_sync(std::move(client), {options_.token});
}

TEST_F(AuthTest, AUserWithAPassword) {
  options_.basic = "ann:pass-w0rd-of-ann";
  http::ClientOptions client(start_tenant());
  client.credentials = Credentials::basic("ann", "pass-w0rd-of-ann");
  expect_silent_sync(std::move(client), {"pass-w0rd-of-ann", options_.basic});
}

TEST_F(AuthTest, AnApiKeyInAHeaderAndInTheQuery) {
  options_.api_key = "key-4-the-api";
  http::ClientOptions by_header(start_tenant());
  by_header.credentials = Credentials::api_key_header("X-API-Key", options_.api_key);
  expect_silent_sync(std::move(by_header), {options_.api_key});
  http::ClientOptions by_query(start_tenant());
  by_query.credentials = Credentials::api_key_query("api_key", options_.api_key);
  expect_silent_sync(std::move(by_query), {options_.api_key});
}

TEST_F(AuthTest, ClientCredentialsWithTokensThatWearOut) {
  options_.oauth_client = "client-1:client-s3cret";
  options_.token_uses = 20;
  const std::string url = start_tenant();
  http::ClientOptions client(url);
  client.credentials =
      Credentials::tokens(TokenGrant::client_credentials(url + "/oauth/token", "client-1", "client-s3cret"));
  expect_silent_sync(std::move(client), {"client-s3cret"});
  EXPECT_EQ(retries_, 0u) << "a token that has worn out is no failed try";
}

TEST_F(AuthTest, ARefreshToken) {
  options_.oauth_client = "client-1:client-s3cret";
  options_.oauth_refresh = "refresh-t0ken-1";
  options_.token_uses = 20;
  const std::string url = start_tenant();
  http::ClientOptions client(url);
  TokenGrant grant =
      TokenGrant::refresh(url + "/oauth/token", "client-1", "client-s3cret", "refresh-t0ken-1");
  grant.secret_in_form = true;
  client.credentials = Credentials::tokens(std::move(grant));
  expect_silent_sync(std::move(client), {"client-s3cret", "refresh-t0ken-1"});
}

TEST_F(AuthTest, AssertionsByRsaAndByTheCurve) {
  for (EVP_PKEY* made : {EVP_RSA_gen(2048), EVP_EC_gen("P-256")}) {
    const KeyPair pair(made);
    options_.oauth_jwt_key = write("public.pem", pair.public_pem);
    const std::string url = start_tenant();
    const auto key = SigningKey::from_pem(pair.private_pem);
    ASSERT_TRUE(key.ok()) << key.status();
    http::JwtClaims claims;
    claims.issuer = "service@project.test";
    claims.scope = "directory.read";
    http::ClientOptions client(url);
    client.credentials = Credentials::tokens(TokenGrant::assertion(url + "/oauth/token", *key, claims));
    expect_silent_sync(std::move(client), {pair.private_pem.substr(60, 40)});
  }
}

TEST_F(AuthTest, AClientCertificate) {
  const TestCertificate server = TestCertificate::self_signed({"127.0.0.1"});
  const TestCertificate own = TestCertificate::self_signed({"client.test"});
  options_.tls_cert = write("cert.pem", server.certificate());
  options_.tls_key = write("key.pem", server.key());
  options_.tls_client_ca = write("client.pem", own.certificate());
  const std::string url = start_tenant();
  http::ClientOptions client(url);
  client.tls.authorities = server.certificate();
  client.tls.certificate = own.certificate();
  client.tls.key = own.key();
  expect_silent_sync(client, {own.key().substr(60, 40)});
  client.tls.certificate.clear();
  client.tls.key.clear();
  client.retry.tries = 1;
  EXPECT_FALSE(sync(std::move(client)).status.ok());
}

TEST_F(AuthTest, WrongCredentialsEndTheSyncAndAreNotShown) {
  options_.oauth_client = "client-1:client-s3cret";
  options_.token = "right";
  const std::string url = start_tenant();
  http::ClientOptions client(url);
  client.credentials =
      Credentials::tokens(TokenGrant::client_credentials(url + "/oauth/token", "client-1", "wr0ng-s3cret"));
  const actors::SyncOutcome outcome = sync(std::move(client));
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kUnauthenticated) << outcome.status;
  EXPECT_THAT(
      std::string(outcome.status.message()),
      HasSubstr("asking for a token: POST " + url + "/oauth/token: 401 Unauthorized: invalid_client"));
  expect_unsaid({"wr0ng-s3cret"});
  http::ClientOptions bearer(url);
  bearer.credentials = Credentials::bearer("wr0ng-bearer");
  EXPECT_EQ(sync(std::move(bearer)).status.code(), absl::StatusCode::kUnauthenticated);
  expect_unsaid({"wr0ng-bearer"});
}

}  // namespace
}  // namespace baton::test
