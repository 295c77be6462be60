#include <cstdlib>
#include <utility>

#include "connectors/ldap/connector.hpp"
#include "runner/run_connector.hpp"

namespace {

using baton::sdk::Config;
using baton::sdk::Field;
namespace ldap = baton::connectors::ldap;

/// A wrong use of flags has no code of its own: exit 2, as for those that the command line finds.
absl::Status misused(const char* what) {
  return absl::UnknownError(what);
}

absl::StatusOr<std::string> server_url(const Config& config) {
  const bool has_url = !config.get_string("url").empty();
  const bool has_domain = !config.get_string("domain").empty();
  if (has_url && has_domain) return misused("--url and --domain exclude each other; --url is the one to use");
  if (has_url) return config.get_string("url");
  if (has_domain) return "ldap://" + config.get_string("domain");
  return misused(
      "required flag(s) \"url\" not set: where the directory is, such as ldaps://ldap.example.com");
}

absl::StatusOr<ldap::ConnectionSettings> connection_settings(const Config& config, baton::Log& log) {
  const absl::StatusOr<std::string> text = server_url(config);
  if (!text.ok()) return text.status();
  absl::StatusOr<ldap::ServerUrl> url = ldap::ServerUrl::parse(*text);
  if (!url.ok()) return url.status();
  ldap::ConnectionSettings settings(*std::move(url));
  settings.start_tls = config.get_bool("start-tls");
  if (settings.start_tls && settings.url.secure()) {
    return misused("--start-tls is for ldap:// URLs; an ldaps:// one is encrypted anyway");
  }
  settings.verify = !config.get_bool("insecure-skip-verify");
  settings.bind_dn = config.get_string(config.get_string("bind-dn").empty() ? "user-dn" : "bind-dn");
  if (settings.bind_dn.empty()) {
    return misused("required flag(s) \"bind-dn\" not set: the DN that reads the directory");
  }
  settings.password = config.get_string("password");
  if (settings.password.empty()) {
    log.write(baton::LogLevel::kWarn, "ldap", "no password is set: the server will not check who we are", {});
  } else if (!settings.url.secure() && !settings.start_tls) {
    log.write(baton::LogLevel::kWarn, "ldap",
              "the password goes over the network in the clear; use an ldaps:// URL or --start-tls", {});
  }
  return settings;
}

absl::StatusOr<std::shared_ptr<baton::sdk::Connector>> make(const Config& config,
                                                            baton::runner::ConnectorRuntime& runtime) {
  absl::StatusOr<ldap::ConnectionSettings> settings = connection_settings(config, runtime.log());
  if (!settings.ok()) return settings.status();
  ldap::DirectoryOptions options;
  options.base = config.get_string("base-dn");
  options.user_base = config.get_string("user-search-dn");
  options.group_base = config.get_string("group-search-dn");
  options.role_base = config.get_string("role-search-dn");
  options.filter = config.get_string("filter");
  options.operational_attributes = !config.get_bool("disable-operational-attrs");
  auto connector = ldap::make_ldap_connector(runtime.executor(), *std::move(settings), std::move(options),
                                             runtime.permits(), runtime.log());
  if (!connector.ok()) return connector.status();
  runtime.count(*connector->counters);
  return std::move(connector->connector);
}

}  // namespace

int main(int argc, char** argv) {
  // The flags decide, not an ldaprc in some folder or this machine's ldap.conf. Before any thread starts.
  ::setenv("LDAPNOINIT", "1", 1);
  baton::runner::ConnectorProgram program;
  program.name = "ldap";
  program.description = "Syncs users, groups and roles of an LDAP directory.";
  program.version = BATON_VERSION;
  program.fields = {
      Field::string("url").description(
          "required: Where the directory is: ldap://host[:port] or ldaps://host[:port]"),
      Field::string("domain").hidden().description("Deprecated: the host, for ldap://"),
      Field::string("base-dn").description(
          "DN below which everything is looked for, such as dc=example,dc=com"),
      Field::string("bind-dn").description("required: DN that reads the directory"),
      Field::string("user-dn").hidden().description("Another name of --bind-dn, which outranks it"),
      Field::string("password").secret().description("Password of the bind DN"),
      Field::string("user-search-dn").description("DN below which users are looked for; unset, the base DN"),
      Field::string("group-search-dn")
          .description("DN below which groups are looked for; unset, the base DN"),
      Field::string("role-search-dn").description("DN below which roles are looked for; unset, the base DN"),
      Field::string("filter").description("LDAP filter that users, groups and roles must match, too"),
      Field::boolean("disable-operational-attrs")
          .description("Do not ask for users' operational attributes, such as the time of creation"),
      Field::boolean("start-tls").operational().description("Encrypt an ldap:// connection before the bind"),
      Field::boolean("insecure-skip-verify")
          .operational()
          .description("Do not check the server's certificate"),
  };
  program.make = make;
  return baton::runner::run_connector(argc, argv, program);
}
