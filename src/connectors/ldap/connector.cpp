#include "connectors/ldap/connector.hpp"

#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"
#include "connectors/ldap/client.hpp"
#include "connectors/ldap/directory.hpp"
#include "connectors/ldap/dn.hpp"
#include "connectors/ldap/syncers.hpp"
#include "sdk/connector_builder.hpp"

namespace baton::connectors::ldap {

absl::StatusOr<LdapConnector> make_ldap_connector(boost::asio::any_io_executor executor,
                                                  ConnectionSettings settings, DirectoryOptions options,
                                                  http::PermitSource& permits, Log& log) {
  const std::array<std::pair<const char*, std::string*>, 4> bases = {
      {{"--base-dn", &options.base},
       {"--user-search-dn", &options.user_base},
       {"--group-search-dn", &options.group_base},
       {"--role-search-dn", &options.role_base}}};
  for (const auto& [flag, base] : bases) {
    if (base->empty()) *base = options.base;
    if (const absl::StatusOr<Dn> dn = Dn::parse(*base); !dn.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(flag, " ", scrub(*base, 200), " is ", dn.status().message()));
    }
  }
  if (!options.filter.empty() && options.filter.front() != '(') options.filter = "(" + options.filter + ")";

  auto client = std::make_shared<Client>(executor, std::move(settings), permits, log);
  auto directory = std::make_shared<Directory>(std::move(executor), client, std::move(options));
  sdk::ConnectorDefinition definition;
  definition.metadata.set_display_name("LDAP");
  definition.metadata.set_description("LDAP connector for Baton");
  definition.validate = [directory] { return directory->validate(); };
  definition.syncers.push_back(make_user_syncer(directory));
  definition.syncers.push_back(make_group_syncer(directory));
  definition.syncers.push_back(make_role_syncer(directory));
  auto connector = sdk::make_connector(std::move(definition));
  if (!connector.ok()) return connector.status();
  LdapConnector ldap;
  ldap.connector = std::move(*connector);
  ldap.counters = &client->counters();
  return ldap;
}

}  // namespace baton::connectors::ldap
