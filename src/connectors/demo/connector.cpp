#include "connectors/demo/connector.hpp"

#include <utility>

#include "connectors/demo/api.hpp"
#include "connectors/demo/syncers.hpp"
#include "sdk/connector_builder.hpp"

namespace baton::connectors::demo {

http::Paging cursor_paging() {
  return http::Paging::cursor("cursor", "next");
}

http::Paging offset_paging() {
  return http::Paging::offset("offset", "items", "total");
}

http::Paging link_paging() {
  return http::Paging::link_header();
}

absl::StatusOr<DemoConnector> make_demo_connector(boost::asio::any_io_executor executor,
                                                  http::ClientOptions options, http::PermitSource& permits,
                                                  http::RequestLog* log, http::Paging paging) {
  auto client = http::Client::create(std::move(executor), std::move(options), permits, log);
  if (!client.ok()) return client.status();
  auto api = std::make_shared<Api>(std::move(*client), std::move(paging));
  sdk::ConnectorDefinition definition;
  definition.metadata.set_display_name("Demo");
  definition.metadata.set_description("Users, nested groups, roles and applications of a directory service");
  definition.validate = [api] { return api->ping(); };
  definition.syncers.push_back(make_user_syncer(api));
  definition.syncers.push_back(make_group_syncer(api));
  definition.syncers.push_back(make_role_syncer(api));
  definition.syncers.push_back(make_app_syncer(api));
  auto connector = sdk::make_connector(std::move(definition));
  if (!connector.ok()) return connector.status();
  DemoConnector demo;
  demo.connector = std::move(*connector);
  demo.counters = &api->counters();
  return demo;
}

}  // namespace baton::connectors::demo
