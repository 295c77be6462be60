#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "absl/status/statusor.h"
#include "base/log.hpp"
#include "connectors/ldap/connection.hpp"
#include "connectors/ldap/directory_options.hpp"
#include "http/permit.hpp"
#include "http/request_log.hpp"
#include "sdk/connector.hpp"

namespace baton::connectors::ldap {

/// The connector, and the figures of its client, which live as long as it does.
class LdapConnector {
 public:
  LdapConnector() = default;

  std::shared_ptr<sdk::Connector> connector;
  const http::ClientCounters* counters = nullptr;
};

/// A connector for the directory that `settings` reach. Empty bases of `options` become the general one.
/// `permits` and `log` outlive it. InvalidArgument for a base that is no DN.
absl::StatusOr<LdapConnector> make_ldap_connector(boost::asio::any_io_executor executor,
                                                  ConnectionSettings settings, DirectoryOptions options,
                                                  http::PermitSource& permits, Log& log);

}  // namespace baton::connectors::ldap
