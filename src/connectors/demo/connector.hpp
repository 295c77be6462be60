#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "absl/status/statusor.h"
#include "http/client.hpp"
#include "http/client_options.hpp"
#include "http/paging.hpp"
#include "http/permit.hpp"
#include "http/request_log.hpp"
#include "sdk/connector.hpp"

namespace baton::connectors::demo {

/// The connector, and the figures of its HTTP client, which live as long as it does.
class DemoConnector {
 public:
  DemoConnector() = default;

  std::shared_ptr<sdk::Connector> connector;
  const http::ClientCounters* counters = nullptr;
};

/// The ways in which the service's lists are walked, depending on how it was started.
http::Paging cursor_paging();
http::Paging offset_paging();
http::Paging link_paging();

/// A connector for the directory service at `options.base_url`. `permits` and `log` (may be null) outlive it.
/// InvalidArgument when the URL is none.
absl::StatusOr<DemoConnector> make_demo_connector(boost::asio::any_io_executor executor,
                                                  http::ClientOptions options, http::PermitSource& permits,
                                                  http::RequestLog* log,
                                                  http::Paging paging = cursor_paging());

}  // namespace baton::connectors::demo
