#include <string>
#include <utility>

#include "connectors/demo/connector.hpp"
#include "http/token_grant.hpp"
#include "runner/run_connector.hpp"

namespace {

using baton::http::Credentials;
using baton::http::TokenGrant;
using baton::sdk::Field;

/// Errors of settings end with exit code 2, like those that the runner finds.
absl::StatusOr<Credentials> credentials_of(const baton::sdk::Config& config) {
  const std::string& token = config.get_string("token");
  const std::string& id = config.get_string("oauth-client");
  const std::string& secret = config.get_string("oauth-secret");
  if (id.empty() != secret.empty()) {
    return absl::UnknownError(
        "--oauth-client and --oauth-secret are needed together; one of them is missing");
  }
  if (id.empty()) return Credentials::bearer(token);
  if (!token.empty())
    return absl::UnknownError("--token and --oauth-client were given; only one of them can be");
  std::string url = config.get_string("base-url");
  while (url.ends_with('/')) url.pop_back();
  return Credentials::tokens(TokenGrant::client_credentials(url + "/oauth/token", id, secret));
}

baton::http::Paging paging_of(const baton::sdk::Config& config) {
  const std::string& paging = config.get_string("paging");
  if (paging == "offset") return baton::connectors::demo::offset_paging();
  if (paging == "link") return baton::connectors::demo::link_paging();
  return baton::connectors::demo::cursor_paging();
}

absl::StatusOr<std::shared_ptr<baton::sdk::Connector>> make(const baton::sdk::Config& config,
                                                            baton::runner::ConnectorRuntime& runtime) {
  baton::http::ClientOptions options(config.get_string("base-url"));
  absl::StatusOr<Credentials> credentials = credentials_of(config);
  if (!credentials.ok()) return credentials.status();
  options.credentials = *std::move(credentials);
  options.clock = &runtime.clock();
  options.entropy = &runtime.entropy();
  auto demo = baton::connectors::demo::make_demo_connector(
      runtime.executor(), std::move(options), runtime.permits(), runtime.request_log(), paging_of(config));
  if (!demo.ok()) return demo.status();
  runtime.count(*demo->counters);
  return std::move(demo->connector);
}

}  // namespace

int main(int argc, char** argv) {
  baton::runner::ConnectorProgram program;
  program.name = "demo";
  program.description = "Syncs users, groups, roles and applications of a baton-tenant directory.";
  program.version = BATON_VERSION;
  program.fields = {
      Field::string("base-url")
          .required()
          .description("Where the directory's API is, such as http://127.0.0.1:8080"),
      Field::string("token").secret().description("Bearer token for the API"),
      Field::string("oauth-client").description("OAuth 2 client, with --oauth-secret, instead of a token"),
      Field::string("oauth-secret").secret().description("Secret of the OAuth 2 client"),
      Field::select("paging", {"cursor", "offset", "link"})
          .default_value("cursor")
          .description("How the service's lists are walked, as baton-tenant --paging says it"),
  };
  program.make = make;
  return baton::runner::run_connector(argc, argv, program);
}
