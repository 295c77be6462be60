#include "connectors/scim/connector.hpp"

#include <utility>

#include "connectors/scim/api.hpp"
#include "connectors/scim/error_text.hpp"
#include "connectors/scim/syncers.hpp"
#include "sdk/connector_builder.hpp"

namespace baton::connectors::scim {

absl::StatusOr<ScimConnector> make_scim_connector(boost::asio::any_io_executor executor,
                                                  http::ClientOptions options, std::uint64_t page_size,
                                                  http::PermitSource& permits, Log& log,
                                                  http::RequestLog* requests) {
  options.error_text = error_text;
  auto client = http::Client::create(std::move(executor), std::move(options), permits, requests);
  if (!client.ok()) return client.status();
  auto api = std::make_shared<Api>(std::move(*client), page_size, log);
  sdk::ConnectorDefinition definition;
  definition.metadata.set_display_name("SCIM");
  definition.metadata.set_description("Users, nested groups, roles and entitlements of a SCIM 2.0 service");
  definition.validate = [api] { return api->ping(); };
  definition.syncers.push_back(make_user_syncer(api));
  definition.syncers.push_back(make_group_syncer(api));
  definition.syncers.push_back(make_role_syncer(api));
  definition.syncers.push_back(make_entitlement_syncer(api));
  auto connector = sdk::make_connector(std::move(definition));
  if (!connector.ok()) return connector.status();
  ScimConnector scim;
  scim.connector = std::move(*connector);
  scim.counters = &api->counters();
  return scim;
}

}  // namespace baton::connectors::scim
