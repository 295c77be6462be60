#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "c1/connector/v2/resource.pb.h"
#include "sdk/connector.hpp"
#include "sdk/page.hpp"
#include "sdk/page_token.hpp"

namespace baton::sdk {

/// Asks for a page of the resources of a type, at the root or below a parent.
class ListRequest {
 public:
  ListRequest() = default;

  PageRequest page;
  /// The resource whose children are asked for; nothing at the root.
  std::optional<c1::connector::v2::ResourceId> parent;
  /// The sync on whose behalf the list is read.
  std::string sync_id;
};

/// Asks for a page of what hangs on one resource: its entitlements or its grants.
class ResourceRequest {
 public:
  ResourceRequest() = default;

  const c1::connector::v2::ResourceId& resource_id() const { return resource.id(); }

  PageRequest page;
  /// The resource as it was listed, annotations and profile included.
  c1::connector::v2::Resource resource;
  std::string sync_id;
};

/// Asks for a page of what hangs on a whole resource type.
class TypeRequest {
 public:
  TypeRequest() = default;

  PageRequest page;
  std::string resource_type_id;
  std::string sync_id;
};

/// Asks for one resource.
class GetRequest {
 public:
  GetRequest() = default;

  c1::connector::v2::ResourceId resource_id;
  std::optional<c1::connector::v2::ResourceId> parent;
  std::string sync_id;
};

/// What a connector author writes for each resource type: how to list its resources, the entitlements they
/// offer and who holds them.
///
/// Every method is a coroutine on the connector's executor; between two `co_await`s no other code of the
/// connector runs. A method is called many times and may be in flight for several requests at once, so what
/// it needs between two awaits belongs into locals. Errors are returned, with the code that fits; exceptions
/// end the call as Internal.
class ResourceSyncer {
 public:
  template <class Row>
  using Reply = Task<absl::StatusOr<Page<Row>>>;

  virtual ~ResourceSyncer() = default;

  /// Asked once, when the connector is built.
  virtual c1::connector::v2::ResourceType resource_type() const = 0;

  virtual Reply<c1::connector::v2::Resource> list(ListRequest request) = 0;
  /// By default a resource offers nothing.
  virtual Reply<c1::connector::v2::Entitlement> entitlements(ResourceRequest request);
  /// By default nobody holds anything.
  virtual Reply<c1::connector::v2::Grant> grants(ResourceRequest request);

  /// What the engine may rely on; asked once, when the connector is built.
  virtual SyncHints hints() const { return SyncHints(); }
};

/// A further ability of a syncer: one resource can be read by its id.
class ResourceGetter {
 public:
  virtual ~ResourceGetter() = default;
  virtual Task<absl::StatusOr<c1::connector::v2::Resource>> get(GetRequest request) = 0;
};

/// A further ability: entitlements that every resource of the type offers alike. Rows carry no resource; the
/// engine makes one entitlement of each for every resource.
class StaticEntitlementLister {
 public:
  virtual ~StaticEntitlementLister() = default;
  virtual ResourceSyncer::Reply<c1::connector::v2::Entitlement> static_entitlements(TypeRequest request) = 0;
};

/// A further ability: one listing has the entitlements of all resources of the type. Used when the resource
/// type carries the annotation TypeScopedEntitlements.
class TypeEntitlementLister {
 public:
  virtual ~TypeEntitlementLister() = default;
  virtual ResourceSyncer::Reply<c1::connector::v2::Entitlement> entitlements_of_type(TypeRequest request) = 0;
};

/// A further ability: one listing has the grants on all resources of the type. Used when the resource type
/// carries the annotation TypeScopedGrants.
class TypeGrantLister {
 public:
  virtual ~TypeGrantLister() = default;
  virtual ResourceSyncer::Reply<c1::connector::v2::Grant> grants_of_type(TypeRequest request) = 0;
};

// g++ 12 destroys aggregates twice in an awaited expression; see base/task.hpp.
static_assert(!std::is_aggregate_v<PageRequest>);
static_assert(!std::is_aggregate_v<ListRequest>);
static_assert(!std::is_aggregate_v<ResourceRequest>);
static_assert(!std::is_aggregate_v<TypeRequest>);
static_assert(!std::is_aggregate_v<GetRequest>);

}  // namespace baton::sdk
