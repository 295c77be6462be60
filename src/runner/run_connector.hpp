#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "absl/status/statusor.h"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "http/client.hpp"
#include "http/permit.hpp"
#include "http/request_log.hpp"
#include "sdk/config.hpp"
#include "sdk/config_fields.hpp"
#include "sdk/connector.hpp"

namespace baton::runner {

/// What the process offers a connector while it is built: where its code runs, whose permits its requests
/// need, and where it reports. Outlives the connector.
class ConnectorRuntime {
 public:
  virtual ~ConnectorRuntime() = default;

  /// All code of the connector runs here, one thread at a time.
  virtual boost::asio::any_io_executor executor() = 0;
  virtual http::PermitSource& permits() = 0;
  virtual http::RequestLog* request_log() = 0;
  virtual const Clock& clock() const = 0;
  virtual Entropy& entropy() = 0;
  virtual Log& log() = 0;
  /// The end summary shows the sum of these; they live as long as the connector.
  virtual void count(const http::ClientCounters& counters) = 0;
};

/// A setting of the upstream connector that ours does not have: whoever gives it, as a flag, a variable or in
/// the file, gets exit code 12 and the reason, never a sync that ignored it.
class UnsupportedField {
 public:
  UnsupportedField(std::string field_name, std::string why)
      : name(std::move(field_name)), reason(std::move(why)) {}

  /// Without dashes: "api-key".
  std::string name;
  /// What there is instead: "mapping files are not supported; ...".
  std::string reason;
};

/// A connector program: what it is called, what it can be configured with, and how its connector is made.
class ConnectorProgram {
 public:
  ConnectorProgram() = default;

  /// Without the prefix: "demo" is the program `baton-demo`.
  std::string name;
  /// One line for `--help`.
  std::string description;
  std::string version;
  /// Settings of the connector beside those that every connector program has.
  std::vector<sdk::Field> fields;
  /// What the upstream connector of this name can be given besides.
  std::vector<UnsupportedField> unsupported;
  std::function<absl::StatusOr<std::shared_ptr<sdk::Connector>>(const sdk::Config&, ConnectorRuntime&)> make;
};

/// The whole life of a connector process: parses flags, environment and file, runs the sync, prints the
/// summary. Returns the exit code: 0, or the gRPC number of the error, which is one line on stderr. stdout
/// stays empty but for `--help` and `--version`.
int run_connector(int argc, char** argv, const ConnectorProgram& program);

}  // namespace baton::runner
