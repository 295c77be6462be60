#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "c1/connector/v2/connector.pb.h"
#include "sdk/connector.hpp"
#include "sdk/resource_syncer.hpp"

namespace baton::sdk {

/// The upstream SDK release whose behaviour ours follows; what `validate` answers as its version.
inline constexpr std::string_view kSdkVersion = "0.25.0";

/// A connector as one object: what upstream calls the builder. Lives as long as the connector made of it.
class ConnectorSource {
 public:
  virtual ~ConnectorSource() = default;

  /// Name and description for people; asked once.
  virtual c1::connector::v2::ConnectorMetadata metadata() const = 0;
  /// Are the credentials good and is the service there? The first call of every sync.
  virtual Task<absl::Status> validate() = 0;
  /// One syncer per resource type, in the order in which types are to be listed; asked once.
  virtual std::vector<std::unique_ptr<ResourceSyncer>> syncers() = 0;
};

/// A connector as loose parts, for those that need no object of their own.
///
/// Members are destroyed from the last to the first, so the syncers go before what `validate` holds on to.
class ConnectorDefinition {
 public:
  ConnectorDefinition() = default;

  c1::connector::v2::ConnectorMetadata metadata;
  /// May be left empty: nothing to check. A capturing lambda is fine here, since the connector keeps it.
  std::function<Task<absl::Status>()> validate;
  std::vector<std::unique_ptr<ResourceSyncer>> syncers;
};

/// Turns syncers into what the engine drives.
///
/// InvalidArgument for a missing source or syncer, a resource type without an id or with one above 1024
/// bytes, two syncers of one type, and for a type that is annotated as type-scoped while its syncer has no
/// such listing; the message names the type. Resource types are listed in the order given.
absl::StatusOr<std::unique_ptr<Connector>> make_connector(std::unique_ptr<ConnectorSource> source);
absl::StatusOr<std::unique_ptr<Connector>> make_connector(ConnectorDefinition definition);

}  // namespace baton::sdk
