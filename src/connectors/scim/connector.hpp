#pragma once

#include <cstdint>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "absl/status/statusor.h"
#include "base/log.hpp"
#include "http/client.hpp"
#include "http/client_options.hpp"
#include "http/permit.hpp"
#include "http/request_log.hpp"
#include "sdk/connector.hpp"

namespace baton::connectors::scim {

/// The `count` that lists are asked for unless the user says otherwise: what every service allows.
inline constexpr std::uint64_t kDefaultPageSize = 100;

/// The connector, and the figures of its HTTP client, which live as long as it does.
class ScimConnector {
 public:
  ScimConnector() = default;

  std::shared_ptr<sdk::Connector> connector;
  const http::ClientCounters* counters = nullptr;
};

/// A connector for the SCIM 2.0 service at `options.base_url`, which ends before `/Users`. `permits`, `log`
/// and `requests` (may be null) outlive it. InvalidArgument when the URL is none.
absl::StatusOr<ScimConnector> make_scim_connector(boost::asio::any_io_executor executor,
                                                  http::ClientOptions options, std::uint64_t page_size,
                                                  http::PermitSource& permits, Log& log,
                                                  http::RequestLog* requests);

}  // namespace baton::connectors::scim
