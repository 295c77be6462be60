#include "sdk/connector_builder.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <string>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "absl/strings/str_cat.h"
#include "base/error_facts.hpp"
#include "base/limits.hpp"
#include "base/redact.hpp"
#include "c1/connector/v2/annotation_exclusion_group.pb.h"
#include "c1/connector/v2/annotation_type_scoped_entitlements.pb.h"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "sdk/annotations.hpp"
#include "sdk/resources.hpp"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;

absl::string_view to_absl(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

/// One registered resource type: its syncer and the further abilities it was found to have.
class Registration {
 public:
  explicit Registration(std::unique_ptr<ResourceSyncer> owned)
      : syncer(std::move(owned)),
        type(syncer->resource_type()),
        hints(syncer->hints()),
        getter(dynamic_cast<ResourceGetter*>(syncer.get())),
        static_entitlements(dynamic_cast<StaticEntitlementLister*>(syncer.get())),
        type_entitlements(dynamic_cast<TypeEntitlementLister*>(syncer.get())),
        type_grants(dynamic_cast<TypeGrantLister*>(syncer.get())) {}

  std::unique_ptr<ResourceSyncer> syncer;
  v2::ResourceType type;
  SyncHints hints;
  ResourceGetter* getter;
  StaticEntitlementLister* static_entitlements;
  TypeEntitlementLister* type_entitlements;
  TypeGrantLister* type_grants;
};

absl::Status check_registration(const Registration& entry) {
  const std::string& id = entry.type.id();
  if (id.empty() || id.size() > limits::kIdBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a resource type id has 1 to ", limits::kIdBytes, " bytes, that of the type named \"",
                     scrub(entry.type.display_name(), 64), "\" has ", id.size()));
  }
  const Annotations& annotations = entry.type.annotations();
  if (contains_annotation<v2::TypeScopedGrants>(annotations) && entry.type_grants == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "resource type ", id, " is annotated TypeScopedGrants, but its syncer is no TypeGrantLister"));
  }
  if (contains_annotation<v2::TypeScopedEntitlements>(annotations) && entry.type_entitlements == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("resource type ", id,
                     " is annotated TypeScopedEntitlements, but its syncer is no TypeEntitlementLister"));
  }
  return absl::OkStatus();
}

/// The status for whatever an author's code threw.
absl::Status status_of_exception(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const boost::system::system_error& error) {
    // Asio ends a cancelled wait this way.
    if (error.code() == boost::asio::error::operation_aborted) {
      return absl::CancelledError("the call was cancelled");
    }
    return absl::InternalError(
        absl::StrCat("the connector threw: ", scrub(error.what(), limits::kErrorExcerptBytes)));
  } catch (const std::exception& error) {
    return absl::InternalError(
        absl::StrCat("the connector threw: ", scrub(error.what(), limits::kErrorExcerptBytes)));
  } catch (...) {
    return absl::InternalError("the connector threw something that is no exception");
  }
}

/// Awaits an author's answer and turns an exception into an error; `Answer` is a StatusOr.
template <class Answer>
Task<Answer> guarded(Task<Answer> call) {
  std::exception_ptr thrown;
  try {
    co_return co_await std::move(call);
  } catch (...) {
    thrown = std::current_exception();
  }
  co_return status_of_exception(thrown);
}

/// What is asked and of whom, for errors.
class Question {
 public:
  Question(std::string_view verb, ResourceRef about, std::string_view page_token)
      : what(verb), subject(about.type, about.id), token(page_token) {}

  std::string_view what;
  SubjectResource subject;
  std::string_view token;
};

absl::Status failed(const Question& question, const absl::Status& status) {
  absl::Status annotated = annotate(status, absl::StrCat("error: ", to_absl(question.what), " failed"));
  if (!subject(annotated)) set_subject(annotated, question.subject);
  return annotated;
}

/// The rules that every page of every author must keep.
template <class Row>
absl::StatusOr<Page<Row>> checked(const Question& question, absl::StatusOr<Page<Row>> page) {
  if (!page.ok()) return failed(question, page.status());
  if (!question.token.empty() && page->next_token() == question.token) {
    absl::Status status = absl::InternalError(absl::StrCat(
        to_absl(question.what), ": the next page token is unchanged; this is probably a connector bug"));
    set_subject(status, question.subject);
    return status;
  }
  if constexpr (std::is_same_v<Row, v2::Entitlement>) {
    for (std::size_t i = 0; i < page->size(); ++i) {
      const v2::Entitlement& row = page->row(i);
      if (row.annotations_size() < 2 ||
          count_annotations<v2::EntitlementExclusionGroup>(row.annotations()) < 2) {
        continue;
      }
      absl::Status status = absl::InvalidArgumentError(
          absl::StrCat(to_absl(question.what), ": entitlement \"", scrub(row.id(), 128),
                       "\" is in more than one exclusion group"));
      set_subject(status, question.subject);
      return status;
    }
  }
  return page;
}

template <class Request>
PageRequest page_request(const Request& request) {
  return PageRequest(request.page_token(), request.page_size());
}

ResourceRequest resource_request(const v2::Resource& resource, PageRequest page, const std::string& sync_id) {
  ResourceRequest ask;
  ask.page = std::move(page);
  ask.resource = resource;
  ask.sync_id = sync_id;
  return ask;
}

TypeRequest type_request(const std::string& type_id, PageRequest page, const std::string& sync_id) {
  TypeRequest ask;
  ask.page = std::move(page);
  ask.resource_type_id = type_id;
  ask.sync_id = sync_id;
  return ask;
}

class BuiltConnector final : public Connector {
 public:
  BuiltConnector(std::unique_ptr<ConnectorSource> source, std::vector<Registration> registrations)
      : source_(std::move(source)), metadata_(source_->metadata()), registrations_(std::move(registrations)) {
    for (const Registration& entry : registrations_) by_type_.emplace(entry.type.id(), &entry);
  }

  Reply<ValidateResponse> validate(const ValidateRequest&) override {
    std::exception_ptr thrown;
    absl::Status status;
    try {
      status = co_await source_->validate();
    } catch (...) {
      thrown = std::current_exception();
    }
    if (thrown) status = status_of_exception(thrown);
    if (!status.ok()) co_return annotate(status, "error: validating the connector failed");
    ValidateResponse response;
    response.set_sdk_version(std::string(kSdkVersion));
    co_return response;
  }

  Reply<GetMetadataResponse> get_metadata(const GetMetadataRequest&) override {
    GetMetadataResponse response;
    *response.mutable_metadata() = metadata_;
    *response.mutable_metadata()->mutable_capabilities() = capabilities();
    co_return response;
  }

  Reply<CleanupResponse> cleanup(const CleanupRequest&) override { co_return CleanupResponse(); }

  Reply<Page<v2::ResourceType>> list_resource_types(const ListResourceTypesRequest&) override {
    if (registrations_.empty()) {
      co_return absl::FailedPreconditionError("the connector has no resource types");
    }
    Page<v2::ResourceType> page;
    for (const Registration& entry : registrations_) page.add() = entry.type;
    co_return page;
  }

  Reply<Page<v2::Resource>> list_resources(const ListResourcesRequest& request) override {
    const Registration* entry = find(request.resource_type_id());
    if (entry == nullptr) co_return unknown_type(request.resource_type_id());
    ListRequest ask;
    ask.page = page_request(request);
    ask.sync_id = request.active_sync_id();
    if (request.has_parent_resource_id()) ask.parent = request.parent_resource_id();
    const Question question("listing resources", ResourceRef(request.resource_type_id(), ""),
                            request.page_token());
    co_return checked(question, co_await guarded(entry->syncer->list(std::move(ask))));
  }

  Reply<Page<v2::Entitlement>> list_static_entitlements(
      const ListStaticEntitlementsRequest& request) override {
    const Registration* entry = find(request.resource_type_id());
    if (entry == nullptr) co_return unknown_type(request.resource_type_id());
    if (entry->static_entitlements == nullptr) co_return Page<v2::Entitlement>();
    TypeRequest ask =
        type_request(request.resource_type_id(), page_request(request), request.active_sync_id());
    const Question question("listing static entitlements", ResourceRef(request.resource_type_id(), ""),
                            request.page_token());
    co_return checked(question,
                      co_await guarded(entry->static_entitlements->static_entitlements(std::move(ask))));
  }

  Reply<Page<v2::Entitlement>> list_entitlements(const ListEntitlementsRequest& request) override {
    const v2::ResourceId& id = request.resource().id();
    if (id.resource_type().empty()) co_return missing_resource("listing entitlements");
    const Registration* entry = find(id.resource_type());
    if (entry == nullptr) co_return unknown_type(id.resource_type());
    const Question question("listing entitlements", id, request.page_token());
    if (contains_annotation<v2::TypeScopedEntitlements>(request.annotations())) {
      if (entry->type_entitlements == nullptr) {
        co_return no_type_list(id.resource_type(), "entitlements");
      }
      TypeRequest ask = type_request(id.resource_type(), page_request(request), request.active_sync_id());
      co_return checked(question,
                        co_await guarded(entry->type_entitlements->entitlements_of_type(std::move(ask))));
    }
    ResourceRequest ask =
        resource_request(request.resource(), page_request(request), request.active_sync_id());
    co_return checked(question, co_await guarded(entry->syncer->entitlements(std::move(ask))));
  }

  Reply<Page<v2::Grant>> list_grants(const ListGrantsRequest& request) override {
    const v2::ResourceId& id = request.resource().id();
    if (id.resource_type().empty()) co_return missing_resource("listing grants");
    const Registration* entry = find(id.resource_type());
    if (entry == nullptr) co_return unknown_type(id.resource_type());
    const Question question("listing grants", id, request.page_token());
    if (contains_annotation<v2::TypeScopedGrants>(request.annotations())) {
      if (entry->type_grants == nullptr) co_return no_type_list(id.resource_type(), "grants");
      TypeRequest ask = type_request(id.resource_type(), page_request(request), request.active_sync_id());
      co_return checked(question, co_await guarded(entry->type_grants->grants_of_type(std::move(ask))));
    }
    ResourceRequest ask =
        resource_request(request.resource(), page_request(request), request.active_sync_id());
    co_return checked(question, co_await guarded(entry->syncer->grants(std::move(ask))));
  }

  Reply<GetResourceResponse> get_resource(const GetResourceRequest& request) override {
    const v2::ResourceId& id = request.resource_id();
    if (id.resource_type().empty()) co_return missing_resource("getting a resource");
    const Registration* entry = find(id.resource_type());
    if (entry == nullptr) co_return unknown_type(id.resource_type());
    if (entry->getter == nullptr) {
      co_return absl::UnimplementedError(
          absl::StrCat("resources of type ", scrub(id.resource_type(), 64), " cannot be fetched one by one"));
    }
    GetRequest ask;
    ask.resource_id = id;
    ask.sync_id = request.active_sync_id();
    if (request.has_parent_resource_id()) ask.parent = request.parent_resource_id();
    absl::StatusOr<v2::Resource> resource = co_await guarded(entry->getter->get(std::move(ask)));
    if (!resource.ok()) {
      const Question question("getting a resource", id, "");
      co_return failed(question, resource.status());
    }
    GetResourceResponse response;
    *response.mutable_resource() = *std::move(resource);
    co_return response;
  }

  SyncHints hints(std::string_view resource_type_id) const override {
    const Registration* entry = find(resource_type_id);
    return entry != nullptr ? entry->hints : SyncHints();
  }

 private:
  const Registration* find(std::string_view type_id) const {
    const auto found = by_type_.find(type_id);
    return found == by_type_.end() ? nullptr : found->second;
  }

  /// Copies what the type's annotations say about syncing it.
  static void describe(const v2::ResourceType& type, v2::ResourceTypeCapability& capability) {
    const Annotations& annotations = type.annotations();
    v2::CapabilityPermissions& permissions = *capability.mutable_permissions();
    const auto found = pick_annotation<v2::CapabilityPermissions>(annotations);
    if (found.ok() && *found) permissions = **found;
    capability.set_opt_in_required(contains_annotation<v2::OptInRequired>(annotations));
    capability.set_skip_sync_anomaly_detection(
        contains_annotation<v2::SkipSyncAnomalyDetection>(annotations));
    capability.set_deprecated(contains_annotation<v2::Deprecated>(annotations));
  }

  /// What the registered types can do: types sorted by id, capabilities by number.
  v2::ConnectorCapabilities capabilities() const {
    v2::ConnectorCapabilities all;
    bool any_getter = false;
    for (const auto& [id, entry] : by_type_) {
      v2::ResourceTypeCapability& capability = *all.add_resource_type_capabilities();
      *capability.mutable_resource_type() = entry->type;
      capability.add_capabilities(v2::CAPABILITY_SYNC);
      if (entry->getter != nullptr) capability.add_capabilities(v2::CAPABILITY_TARGETED_SYNC);
      describe(entry->type, capability);
      any_getter = any_getter || entry->getter != nullptr;
    }
    if (!by_type_.empty()) all.add_connector_capabilities(v2::CAPABILITY_SYNC);
    if (any_getter) {
      all.add_connector_capabilities(v2::CAPABILITY_TARGETED_SYNC);
      all.add_connector_capabilities(v2::CAPABILITY_SERVICE_MODE_TARGETED_SYNC);
    }
    return all;
  }

  static absl::Status unknown_type(std::string_view type_id) {
    return absl::NotFoundError(
        absl::StrCat("the connector has no resource type \"", scrub(type_id, 64), "\""));
  }

  static absl::Status missing_resource(std::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(to_absl(what), " needs a resource, the request has none"));
  }

  static absl::Status no_type_list(std::string_view type_id, std::string_view what) {
    return absl::UnimplementedError(absl::StrCat("resource type ", scrub(type_id, 64), " does not list the ",
                                                 to_absl(what), " of all its resources at once"));
  }

  std::unique_ptr<ConnectorSource> source_;
  v2::ConnectorMetadata metadata_;
  std::vector<Registration> registrations_;
  /// Keys are owned by the map, values point into `registrations_`; constant after construction.
  std::map<std::string, const Registration*, std::less<>> by_type_;
};

/// Loose parts behind the interface of a source.
class DefinedSource final : public ConnectorSource {
 public:
  explicit DefinedSource(ConnectorDefinition definition) : definition_(std::move(definition)) {}

  v2::ConnectorMetadata metadata() const override { return definition_.metadata; }

  Task<absl::Status> validate() override {
    if (!definition_.validate) co_return absl::OkStatus();
    co_return co_await definition_.validate();
  }

  std::vector<std::unique_ptr<ResourceSyncer>> syncers() override { return std::move(definition_.syncers); }

 private:
  ConnectorDefinition definition_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Connector>> make_connector(std::unique_ptr<ConnectorSource> source) {
  if (source == nullptr) return absl::InvalidArgumentError("a connector cannot be made of nothing");
  std::vector<Registration> registrations;
  for (std::unique_ptr<ResourceSyncer>& syncer : source->syncers()) {
    if (syncer == nullptr) return absl::InvalidArgumentError("one of the connector's syncers is null");
    Registration& entry = registrations.emplace_back(std::move(syncer));
    absl::Status status = check_registration(entry);
    if (!status.ok()) return status;
    const auto same =
        std::find_if(registrations.begin(), registrations.end() - 1,
                     [&](const Registration& other) { return other.type.id() == entry.type.id(); });
    if (same != registrations.end() - 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("two resource syncers have the resource type id \"", entry.type.id(), "\""));
    }
  }
  return std::make_unique<BuiltConnector>(std::move(source), std::move(registrations));
}

absl::StatusOr<std::unique_ptr<Connector>> make_connector(ConnectorDefinition definition) {
  return make_connector(std::make_unique<DefinedSource>(std::move(definition)));
}

}  // namespace baton::sdk
