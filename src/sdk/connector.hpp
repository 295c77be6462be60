#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "c1/connector/v2/connector.pb.h"
#include "sdk/page.hpp"

namespace baton::sdk {

/// What a connector promises about the rows of one resource type.
class SyncHints {
 public:
  SyncHints() = default;

  /// No other cursor changes the rows of this type: its entitlements and grants may be asked for as soon as
  /// the resource's row is committed, instead of after the whole earlier phase.
  bool independent_phases = false;
};

/// The one interface the engine drives: the list requests of c1.connector.v2, asynchronous.
///
/// A native connector, a child process behind gRPC and a test script all implement it; the pipeline cannot
/// tell them apart. Every call runs on the executor of the coroutine that awaits it (the connector's
/// executor, one thread at a time) and observes that coroutine's cancellation slot. A request outlives the
/// task that takes it. Errors are canonical codes; facts such as a rate limit travel as payloads
/// (`base/error_facts.hpp`).
class Connector {
 public:
  using ValidateRequest = c1::connector::v2::ConnectorServiceValidateRequest;
  using ValidateResponse = c1::connector::v2::ConnectorServiceValidateResponse;
  using GetMetadataRequest = c1::connector::v2::ConnectorServiceGetMetadataRequest;
  using GetMetadataResponse = c1::connector::v2::ConnectorServiceGetMetadataResponse;
  using CleanupRequest = c1::connector::v2::ConnectorServiceCleanupRequest;
  using CleanupResponse = c1::connector::v2::ConnectorServiceCleanupResponse;
  using ListResourceTypesRequest = c1::connector::v2::ResourceTypesServiceListResourceTypesRequest;
  using ListResourcesRequest = c1::connector::v2::ResourcesServiceListResourcesRequest;
  using ListStaticEntitlementsRequest = c1::connector::v2::EntitlementsServiceListStaticEntitlementsRequest;
  using ListEntitlementsRequest = c1::connector::v2::EntitlementsServiceListEntitlementsRequest;
  using ListGrantsRequest = c1::connector::v2::GrantsServiceListGrantsRequest;
  using GetResourceRequest = c1::connector::v2::ResourceGetterServiceGetResourceRequest;
  using GetResourceResponse = c1::connector::v2::ResourceGetterServiceGetResourceResponse;

  template <class Response>
  using Reply = Task<absl::StatusOr<Response>>;

  virtual ~Connector() = default;

  /// Name, description and capabilities; Unimplemented unless the connector has some to tell.
  virtual Reply<GetMetadataResponse> get_metadata(const GetMetadataRequest& request);
  virtual Reply<ValidateResponse> validate(const ValidateRequest& request) = 0;
  virtual Reply<CleanupResponse> cleanup(const CleanupRequest& request) = 0;
  virtual Reply<Page<c1::connector::v2::ResourceType>> list_resource_types(
      const ListResourceTypesRequest& request) = 0;
  virtual Reply<Page<c1::connector::v2::Resource>> list_resources(const ListResourcesRequest& request) = 0;
  virtual Reply<Page<c1::connector::v2::Entitlement>> list_static_entitlements(
      const ListStaticEntitlementsRequest& request) = 0;
  virtual Reply<Page<c1::connector::v2::Entitlement>> list_entitlements(
      const ListEntitlementsRequest& request) = 0;
  virtual Reply<Page<c1::connector::v2::Grant>> list_grants(const ListGrantsRequest& request) = 0;
  /// Unimplemented when the type has no getter.
  virtual Reply<GetResourceResponse> get_resource(const GetResourceRequest& request) = 0;

  /// Promises about `resource_type_id`; read once per sync, from any thread.
  virtual SyncHints hints(std::string_view resource_type_id) const = 0;
};

}  // namespace baton::sdk
