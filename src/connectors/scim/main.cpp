#include <cstdint>
#include <string>
#include <utility>

#include "connectors/scim/connector.hpp"
#include "runner/run_connector.hpp"

namespace {

using baton::http::Credentials;
using baton::sdk::Config;
using baton::sdk::Field;

/// Errors of settings end with exit code 2, like those that the runner finds.
absl::StatusOr<Credentials> credentials_of(const Config& config) {
  const std::string& token = config.get_string("token");
  const std::string& username = config.get_string("username");
  const std::string& password = config.get_string("password");
  if (!token.empty() && (!username.empty() || !password.empty())) {
    return absl::UnknownError(
        "--token and --username/--password were given; the service takes only one of them");
  }
  if (!token.empty()) return Credentials::bearer(token);
  if (username.empty() && password.empty()) {
    return absl::UnknownError("no credentials: give --token ($BATON_TOKEN), or --username and --password");
  }
  if (username.empty() || password.empty()) {
    return absl::UnknownError("--username and --password are needed together; one of them is missing");
  }
  return Credentials::basic(username, password);
}

absl::StatusOr<std::shared_ptr<baton::sdk::Connector>> make(const Config& config,
                                                            baton::runner::ConnectorRuntime& runtime) {
  absl::StatusOr<Credentials> credentials = credentials_of(config);
  if (!credentials.ok()) return credentials.status();
  const std::int64_t page_size = config.get_int("page-size");
  if (page_size < 1 || page_size > 10'000) {
    return absl::UnknownError("--page-size: " + std::to_string(page_size) + " is not between 1 and 10000");
  }
  baton::http::ClientOptions options(config.get_string("base-url"));
  options.credentials = *std::move(credentials);
  options.clock = &runtime.clock();
  options.entropy = &runtime.entropy();
  auto scim = baton::connectors::scim::make_scim_connector(
      runtime.executor(), std::move(options), static_cast<std::uint64_t>(page_size), runtime.permits(),
      runtime.log(), runtime.request_log());
  if (!scim.ok()) return scim.status();
  runtime.count(*scim->counters);
  return std::move(scim->connector);
}

}  // namespace

int main(int argc, char** argv) {
  baton::runner::ConnectorProgram program;
  program.name = "scim";
  program.description = "Syncs users, groups, roles and entitlements of a SCIM 2.0 service.";
  program.version = BATON_VERSION;
  program.fields = {
      Field::string("base-url")
          .required()
          .description("Where the SCIM API is: what comes before /Users, such as https://host/scim/v2"),
      Field::string("token").secret().description("Bearer token for the API"),
      Field::string("username").description("User name for HTTP Basic, with --password, instead of a token"),
      Field::string("password").secret().description("Password for HTTP Basic"),
      Field::integer("page-size")
          .operational()
          .default_value(static_cast<std::int64_t>(baton::connectors::scim::kDefaultPageSize))
          .description("How many resources to ask for at once; the service may give fewer"),
  };
  const std::string mapping =
      "mapping files and their providers are not supported; the service must speak SCIM 2.0, see --base-url";
  const std::string oauth = "tokens cannot be requested; give one with --token";
  program.unsupported = {
      {"service-provider", mapping}, {"scim-config-file", mapping},
      {"scim-config", mapping},      {"scim-config-value", mapping},
      {"scim-client-id", oauth},     {"scim-client-secret", oauth},
      {"account-id", oauth},         {"api-key", "keys in other forms are not supported; see --token"},
  };
  program.make = make;
  return baton::runner::run_connector(argc, argv, program);
}
