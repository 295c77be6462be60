#include "sdk/connector_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "base/error_facts.hpp"
#include "c1/connector/v2/annotation_exclusion_group.pb.h"
#include "c1/connector/v2/annotation_type_scoped_entitlements.pb.h"
#include "c1/connector/v2/annotation_type_scoped_grants.pb.h"
#include "sdk/annotations.hpp"
#include "sdk/entitlements.hpp"
#include "sdk/grants.hpp"
#include "sdk/resource_types.hpp"
#include "sdk/resources.hpp"
#include "unit/sdk/await.hpp"

namespace baton::sdk {
namespace {

namespace v2 = c1::connector::v2;
using ::testing::HasSubstr;

/// A syncer whose answers a test sets.
class GroupSyncer : public ResourceSyncer {
 public:
  explicit GroupSyncer(std::string name = "Group") : type(make_resource_type(name, {})) {}

  v2::ResourceType resource_type() const override { return type; }

  Reply<v2::Resource> list(ListRequest request) override {
    last_list = request;
    if (throws) throw std::runtime_error("author's\nbug");
    if (cancelled) throw boost::system::system_error(boost::asio::error::operation_aborted);
    if (!error.ok()) co_return error;
    Page<v2::Resource> page;
    fill_resource(page.add(), type.id(), "g1", "Group 1");
    page.set_next_token(next);
    page.add_sibling("s1");
    co_return page;
  }

  Reply<v2::Entitlement> entitlements(ResourceRequest request) override {
    Page<v2::Entitlement> page;
    v2::Entitlement& row = page.add();
    fill_assignment(row, request.resource_id(), "member");
    set_exclusion_group(row, ExclusionGroup("a"));
    if (two_exclusion_groups) append_annotation(*row.mutable_annotations(), v2::EntitlementExclusionGroup());
    co_return page;
  }

  SyncHints hints() const override {
    SyncHints result;
    result.independent_phases = true;
    return result;
  }

  v2::ResourceType type;
  ListRequest last_list;
  absl::Status error;
  std::string next;
  bool throws = false;
  bool cancelled = false;
  bool two_exclusion_groups = false;
};

/// A syncer with every further ability.
class AbleSyncer final : public GroupSyncer,
                         public ResourceGetter,
                         public StaticEntitlementLister,
                         public TypeEntitlementLister,
                         public TypeGrantLister {
 public:
  AbleSyncer() : GroupSyncer("Able") {
    append_annotation(*type.mutable_annotations(), v2::TypeScopedGrants());
    append_annotation(*type.mutable_annotations(), v2::TypeScopedEntitlements());
    append_annotation(*type.mutable_annotations(), v2::OptInRequired());
    v2::CapabilityPermissions permissions;
    permissions.add_permissions()->set_permission("groups.read");
    append_annotation(*type.mutable_annotations(), permissions);
  }

  Task<absl::StatusOr<v2::Resource>> get(GetRequest request) override {
    if (request.resource_id.resource() != "g1") co_return absl::NotFoundError("no such group");
    co_return make_resource(request.resource_id, "Group 1");
  }
  Reply<v2::Entitlement> static_entitlements(TypeRequest request) override {
    Page<v2::Entitlement> page;
    page.add().set_slug("static of " + request.resource_type_id);
    co_return page;
  }
  Reply<v2::Entitlement> entitlements_of_type(TypeRequest request) override {
    Page<v2::Entitlement> page;
    page.add().set_slug("all of " + request.resource_type_id + " from " + request.page.token);
    co_return page;
  }
  Reply<v2::Grant> grants_of_type(TypeRequest request) override {
    Page<v2::Grant> page;
    fill_grant(page.add(), ResourceRef(request.resource_type_id, "g1"), "member", ResourceRef("user", "u1"));
    co_return page;
  }
};

std::unique_ptr<Connector> connector_of(std::unique_ptr<ResourceSyncer> syncer) {
  ConnectorDefinition definition;
  definition.metadata.set_display_name("Test");
  definition.syncers.push_back(std::move(syncer));
  absl::StatusOr<std::unique_ptr<Connector>> connector = make_connector(std::move(definition));
  EXPECT_TRUE(connector.ok()) << connector.status();
  return *std::move(connector);
}

class BuilderTest : public ::testing::Test {
 protected:
  BuilderTest() {
    auto owned = std::make_unique<GroupSyncer>();
    syncer_ = owned.get();
    connector_ = connector_of(std::move(owned));
  }

  absl::StatusOr<Page<v2::Resource>> list(const std::string& type, const std::string& token = "") {
    Connector::ListResourcesRequest request;
    request.set_resource_type_id(type);
    request.set_page_token(token);
    request.set_page_size(50);
    request.set_active_sync_id("sync");
    return await(connector_->list_resources(request));
  }

  GroupSyncer* syncer_;
  std::unique_ptr<Connector> connector_;
};

TEST_F(BuilderTest, hands_request_and_page_through) {
  Connector::ListResourcesRequest request;
  request.set_resource_type_id("group");
  request.set_page_token("t1");
  request.set_page_size(50);
  request.set_active_sync_id("sync");
  *request.mutable_parent_resource_id() = make_resource_id("org", 7);
  syncer_->next = "t2";
  const auto page = await(connector_->list_resources(request));
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->row(0).id().resource(), "g1");
  EXPECT_EQ(page->next_token(), "t2");
  EXPECT_THAT(page->siblings(), ::testing::ElementsAre("s1"));
  EXPECT_EQ(syncer_->last_list.page.token, "t1");
  EXPECT_EQ(syncer_->last_list.page.size, 50U);
  EXPECT_EQ(syncer_->last_list.sync_id, "sync");
  ASSERT_TRUE(syncer_->last_list.parent);
  EXPECT_EQ(syncer_->last_list.parent->resource(), "7");
}

TEST_F(BuilderTest, unknown_type_is_not_found) {
  EXPECT_EQ(list("nope").status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(list("nope").status().message()), HasSubstr("nope"));
  Connector::ListGrantsRequest grants;
  *grants.mutable_resource() = make_resource(ResourceRef("nope", "1"), "");
  EXPECT_EQ(await(connector_->list_grants(grants)).status().code(), absl::StatusCode::kNotFound);
  Connector::ListStaticEntitlementsRequest statics;
  statics.set_resource_type_id("nope");
  EXPECT_EQ(await(connector_->list_static_entitlements(statics)).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(BuilderTest, missing_resource_is_an_invalid_argument) {
  EXPECT_EQ(await(connector_->list_grants(Connector::ListGrantsRequest())).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(await(connector_->list_entitlements(Connector::ListEntitlementsRequest())).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(await(connector_->get_resource(Connector::GetResourceRequest())).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(BuilderTest, errors_get_a_prefix_and_keep_code_and_facts) {
  syncer_->error = absl::UnavailableError("service is down");
  set_retry_after(syncer_->error, std::chrono::seconds(7));
  const absl::Status status = list("group").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), "error: listing resources failed: service is down");
  EXPECT_EQ(retry_after(status), std::chrono::seconds(7));
  EXPECT_EQ(subject(status), SubjectResource("group", ""));
}

TEST_F(BuilderTest, the_same_token_again_is_a_loop) {
  syncer_->next = "t1";
  EXPECT_TRUE(list("group", "").ok());
  EXPECT_TRUE(list("group", "t0").ok());
  const absl::Status status = list("group", "t1").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("the next page token is unchanged"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("probably a connector bug"));
  syncer_->next = "";
  EXPECT_TRUE(list("group", "").ok()) << "the last page has no token to compare";
}

TEST_F(BuilderTest, exceptions_stop_here) {
  syncer_->throws = true;
  const absl::Status status = list("group").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("author's bug"));
  syncer_->throws = false;
  syncer_->cancelled = true;
  EXPECT_EQ(list("group").status().code(), absl::StatusCode::kCancelled);
}

TEST_F(BuilderTest, two_exclusion_groups_are_refused) {
  Connector::ListEntitlementsRequest request;
  *request.mutable_resource() = make_resource(ResourceRef("group", "g1"), "");
  EXPECT_TRUE(await(connector_->list_entitlements(request)).ok());
  syncer_->two_exclusion_groups = true;
  const absl::Status status = await(connector_->list_entitlements(request)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("group:g1:member"));
  EXPECT_EQ(subject(status), SubjectResource("group", "g1"));
}

TEST_F(BuilderTest, defaults_are_empty_pages) {
  Connector::ListGrantsRequest grants;
  *grants.mutable_resource() = make_resource(ResourceRef("group", "g1"), "");
  const auto page = await(connector_->list_grants(grants));
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->size(), 0U);
  Connector::ListStaticEntitlementsRequest statics;
  statics.set_resource_type_id("group");
  EXPECT_EQ(await(connector_->list_static_entitlements(statics))->size(), 0U);
  Connector::GetResourceRequest get;
  *get.mutable_resource_id() = make_resource_id("group", "g1");
  EXPECT_EQ(await(connector_->get_resource(get)).status().code(), absl::StatusCode::kUnimplemented);
}

TEST_F(BuilderTest, type_scoped_requests_need_the_ability) {
  Connector::ListGrantsRequest grants;
  *grants.mutable_resource() = make_resource(ResourceRef("group", "group"), "");
  append_annotation(*grants.mutable_annotations(), v2::TypeScopedGrants());
  EXPECT_EQ(await(connector_->list_grants(grants)).status().code(), absl::StatusCode::kUnimplemented);
}

TEST_F(BuilderTest, hints_are_those_of_the_syncer) {
  EXPECT_TRUE(connector_->hints("group").independent_phases);
  EXPECT_FALSE(connector_->hints("nope").independent_phases);
}

TEST_F(BuilderTest, validate_tells_the_sdk_version) {
  const auto response = await(connector_->validate(Connector::ValidateRequest()));
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->sdk_version(), "0.25.0");
}

TEST(Builder, abilities_are_found_and_routed) {
  const auto connector = connector_of(std::make_unique<AbleSyncer>());
  Connector::ListGrantsRequest grants;
  *grants.mutable_resource() = make_resource(ResourceRef("able", "able"), "");
  EXPECT_EQ(await(connector->list_grants(grants))->size(), 0U)
      << "without the marker: the resource's own grants";
  append_annotation(*grants.mutable_annotations(), v2::TypeScopedGrants());
  EXPECT_EQ(await(connector->list_grants(grants))->row(0).id(), "able:g1:member:user:u1");

  Connector::ListEntitlementsRequest entitlements;
  *entitlements.mutable_resource() = make_resource(ResourceRef("able", "able"), "");
  entitlements.set_page_token("p");
  append_annotation(*entitlements.mutable_annotations(), v2::TypeScopedEntitlements());
  EXPECT_EQ(await(connector->list_entitlements(entitlements))->row(0).slug(), "all of able from p");

  Connector::ListStaticEntitlementsRequest statics;
  statics.set_resource_type_id("able");
  EXPECT_EQ(await(connector->list_static_entitlements(statics))->row(0).slug(), "static of able");

  Connector::GetResourceRequest get;
  *get.mutable_resource_id() = make_resource_id("able", "g1");
  EXPECT_EQ(await(connector->get_resource(get))->resource().display_name(), "Group 1");
  *get.mutable_resource_id() = make_resource_id("able", "g2");
  EXPECT_EQ(await(connector->get_resource(get)).status().code(), absl::StatusCode::kNotFound);
}

TEST(Builder, lists_types_in_the_order_given_and_capabilities_by_id) {
  ConnectorDefinition definition;
  definition.metadata.set_display_name("Test");
  definition.syncers.push_back(std::make_unique<GroupSyncer>("Zebra"));
  definition.syncers.push_back(std::make_unique<AbleSyncer>());
  const auto connector = *make_connector(std::move(definition));
  const auto types = await(connector->list_resource_types(Connector::ListResourceTypesRequest()));
  ASSERT_TRUE(types.ok());
  EXPECT_EQ(types->row(0).id(), "zebra");
  EXPECT_EQ(types->row(1).id(), "able");

  const auto metadata = await(connector->get_metadata(Connector::GetMetadataRequest()));
  ASSERT_TRUE(metadata.ok());
  EXPECT_EQ(metadata->metadata().display_name(), "Test");
  const v2::ConnectorCapabilities& capabilities = metadata->metadata().capabilities();
  ASSERT_EQ(capabilities.resource_type_capabilities_size(), 2);
  EXPECT_EQ(capabilities.resource_type_capabilities(0).resource_type().id(), "able");
  EXPECT_THAT(capabilities.resource_type_capabilities(0).capabilities(),
              ::testing::ElementsAre(v2::CAPABILITY_SYNC, v2::CAPABILITY_TARGETED_SYNC));
  EXPECT_EQ(capabilities.resource_type_capabilities(0).permissions().permissions(0).permission(),
            "groups.read");
  EXPECT_TRUE(capabilities.resource_type_capabilities(0).opt_in_required());
  EXPECT_FALSE(capabilities.resource_type_capabilities(0).deprecated());
  EXPECT_TRUE(capabilities.resource_type_capabilities(1).has_permissions()) << "present even when empty";
  EXPECT_FALSE(capabilities.resource_type_capabilities(1).opt_in_required());
  EXPECT_THAT(capabilities.connector_capabilities(),
              ::testing::ElementsAre(v2::CAPABILITY_SYNC, v2::CAPABILITY_TARGETED_SYNC,
                                     v2::CAPABILITY_SERVICE_MODE_TARGETED_SYNC));
}

TEST(Builder, no_types_is_a_failed_precondition) {
  const auto connector = *make_connector(ConnectorDefinition());
  EXPECT_EQ(await(connector->list_resource_types(Connector::ListResourceTypesRequest())).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(Builder, refuses_bad_registrations_naming_the_type) {
  EXPECT_EQ(make_connector(std::unique_ptr<ConnectorSource>()).status().code(),
            absl::StatusCode::kInvalidArgument);

  ConnectorDefinition null;
  null.syncers.push_back(nullptr);
  EXPECT_EQ(make_connector(std::move(null)).status().code(), absl::StatusCode::kInvalidArgument);

  ConnectorDefinition nameless;
  nameless.syncers.push_back(std::make_unique<GroupSyncer>(""));
  EXPECT_EQ(make_connector(std::move(nameless)).status().code(), absl::StatusCode::kInvalidArgument);

  ConnectorDefinition twice;
  twice.syncers.push_back(std::make_unique<GroupSyncer>());
  twice.syncers.push_back(std::make_unique<GroupSyncer>("Role"));
  twice.syncers.push_back(std::make_unique<GroupSyncer>());
  EXPECT_THAT(std::string(make_connector(std::move(twice)).status().message()), HasSubstr("\"group\""));

  ConnectorDefinition scoped;
  auto syncer = std::make_unique<GroupSyncer>();
  append_annotation(*syncer->type.mutable_annotations(), v2::TypeScopedGrants());
  scoped.syncers.push_back(std::move(syncer));
  EXPECT_THAT(std::string(make_connector(std::move(scoped)).status().message()),
              HasSubstr("group is annotated TypeScopedGrants"));
}

TEST(Builder, validate_asks_the_author_and_reports_errors) {
  ConnectorDefinition definition;
  absl::Status answer = absl::UnauthenticatedError("bad token");
  definition.validate = [&answer]() -> Task<absl::Status> { co_return answer; };
  const auto connector = *make_connector(std::move(definition));
  EXPECT_EQ(await(connector->validate(Connector::ValidateRequest())).status().code(),
            absl::StatusCode::kUnauthenticated);
  answer = absl::OkStatus();
  EXPECT_TRUE(await(connector->validate(Connector::ValidateRequest())).ok());

  ConnectorDefinition throwing;
  throwing.validate = []() -> Task<absl::Status> {
    throw std::runtime_error("boom");
    co_return absl::OkStatus();
  };
  const auto other = *make_connector(std::move(throwing));
  EXPECT_EQ(await(other->validate(Connector::ValidateRequest())).status().code(),
            absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace baton::sdk
