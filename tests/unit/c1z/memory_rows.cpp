#include "unit/c1z/memory_rows.hpp"

#include <algorithm>

#include "base/tuple_key.hpp"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "storage/c1z/deterministic.hpp"
#include "storage/c1z/expandable.hpp"

namespace baton::c1z {

using c1::connector::v2::Entitlement;
using c1::connector::v2::Grant;
using c1::connector::v2::Resource;
using c1::connector::v2::ResourceType;

ResourceType make_type(const std::string& id) {
  ResourceType type;
  type.set_id(id);
  type.set_display_name("Type " + id);
  type.add_traits(id == "user" ? ResourceType::TRAIT_USER : ResourceType::TRAIT_GROUP);
  return type;
}

Resource make_resource(const std::string& type, const std::string& id) {
  Resource resource;
  resource.mutable_id()->set_resource_type(type);
  resource.mutable_id()->set_resource(id);
  resource.set_display_name("Name of " + id);
  return resource;
}

Resource make_child(const std::string& type, const std::string& id, const std::string& parent_type,
                    const std::string& parent_id) {
  Resource resource = make_resource(type, id);
  resource.mutable_parent_resource_id()->set_resource_type(parent_type);
  resource.mutable_parent_resource_id()->set_resource(parent_id);
  return resource;
}

Entitlement make_entitlement(const std::string& type, const std::string& resource, const std::string& slug) {
  Entitlement entitlement;
  entitlement.mutable_resource()->mutable_id()->set_resource_type(type);
  entitlement.mutable_resource()->mutable_id()->set_resource(resource);
  entitlement.set_id(type + ":" + resource + ":" + slug);
  entitlement.set_display_name(slug + " of " + resource);
  entitlement.set_slug(slug);
  entitlement.set_purpose(Entitlement::PURPOSE_VALUE_ASSIGNMENT);
  entitlement.add_grantable_to()->set_id("user");
  return entitlement;
}

Grant make_grant(const std::string& type, const std::string& resource, const std::string& user) {
  Grant grant;
  *grant.mutable_entitlement() = make_entitlement(type, resource, "member");
  *grant.mutable_principal() = make_resource("user", user);
  grant.set_id(grant.entitlement().id() + ":user:" + user);
  return grant;
}

void MemoryRows::add(const ResourceType& row) {
  auto& stored = types_.emplace_back();
  stored.message = row;
  append_tuple(stored.key, row.id());
  append_deterministic(row, stored.blob);
}

void MemoryRows::add(const Resource& row) {
  auto& stored = resources_.emplace_back();
  stored.message = row;
  append_tuple(stored.key, row.id().resource_type(), row.id().resource());
  append_deterministic(row, stored.blob);
}

void MemoryRows::add(const Entitlement& row) {
  auto& stored = entitlements_.emplace_back();
  stored.message = row;
  const auto& on = row.resource().id();
  append_entitlement_identity(stored.key, on.resource_type(), on.resource(), row.id());
  append_deterministic(row, stored.blob);
}

void MemoryRows::add(const Grant& row, std::uint8_t structural) {
  auto& stored = grants_.emplace_back();
  stored.message = row;
  const auto& on = row.entitlement().resource().id();
  append_entitlement_identity(stored.key, on.resource_type(), on.resource(), row.entitlement().id());
  append_next_element(stored.key, row.principal().id().resource_type());
  append_next_element(stored.key, row.principal().id().resource());
  stored.order = std::string(15, '\0') + static_cast<char>(structural);
  Grant stripped = row;
  stored.expansion = take_expandable(stripped);
  append_deterministic(stripped, stored.blob);
}

template <class Message>
absl::Status MemoryRows::rewind(std::vector<Row<Message>>& rows) {
  std::ranges::sort(rows, {}, &Row<Message>::key);
  at_ = 0;
  return absl::OkStatus();
}

absl::Status MemoryRows::rewind_resource_types() {
  return rewind(types_);
}
absl::Status MemoryRows::rewind_resources() {
  return rewind(resources_);
}
absl::Status MemoryRows::rewind_entitlements() {
  return rewind(entitlements_);
}
absl::Status MemoryRows::rewind_grants() {
  return rewind(grants_);
}

absl::StatusOr<bool> MemoryRows::next(storage::ResourceTypeRow& row) {
  if (at_ == types_.size()) return false;
  const auto& stored = types_[at_++];
  row.id = stored.message.id();
  row.blob = stored.blob;
  row.discovered_at = kDiscovered;
  return true;
}

absl::StatusOr<bool> MemoryRows::next(storage::ResourceRow& row) {
  if (at_ == resources_.size()) return false;
  const auto& stored = resources_[at_++];
  row.type_id = stored.message.id().resource_type();
  row.id = stored.message.id().resource();
  row.has_parent = stored.message.has_parent_resource_id();
  row.parent_type_id = stored.message.parent_resource_id().resource_type();
  row.parent_id = stored.message.parent_resource_id().resource();
  row.blob = stored.blob;
  row.discovered_at = kDiscovered;
  return true;
}

absl::StatusOr<bool> MemoryRows::next(storage::EntitlementRow& row) {
  if (at_ == entitlements_.size()) return false;
  const auto& stored = entitlements_[at_++];
  row.resource_type_id = stored.message.resource().id().resource_type();
  row.resource_id = stored.message.resource().id().resource();
  row.id = stored.message.id();
  row.blob = stored.blob;
  row.discovered_at = kDiscovered;
  return true;
}

absl::StatusOr<bool> MemoryRows::next(storage::GrantRow& row) {
  if (at_ == fail_after_) return failure_;
  if (at_ == grants_.size()) return false;
  const auto& stored = grants_[at_++];
  row.resource_type_id = stored.message.entitlement().resource().id().resource_type();
  row.resource_id = stored.message.entitlement().resource().id().resource();
  row.entitlement_id = stored.message.entitlement().id();
  row.principal_type_id = stored.message.principal().id().resource_type();
  row.principal_id = stored.message.principal().id().resource();
  row.id = stored.message.id();
  row.expansion = stored.expansion;
  row.needs_expansion = !stored.expansion.empty();
  row.blob = stored.blob;
  row.discovered_at = kDiscovered;
  row.order = stored.order;
  return true;
}

SyncRunInfo make_run() {
  SyncRunInfo run;
  run.sync_id = "3MUTGS9iMbfUzFLf670qZKIi8Ae";
  run.started_at = 1'795'404'050'550'494'599;
  run.ended_at = 1'795'404'051'000'000'000;
  run.token = R"({"version":1})";
  run.supports_diff = true;
  return run;
}

WriteOptions make_options(const std::string& path) {
  WriteOptions options;
  options.path = path;
  options.time_zone = absl::UTCTimeZone();
  return options;
}

void add_small_directory(MemoryRows& rows) {
  rows.add(make_type("user"));
  rows.add(make_type("group"));
  for (const char* user : {"u1", "u2", "u3"}) rows.add(make_resource("user", user));
  rows.add(make_resource("group", "g1"));
  rows.add(make_child("group", "g2", "group", "g1"));
  rows.add(make_entitlement("group", "g1", "member"));
  rows.add(make_entitlement("group", "g2", "member"));
  rows.add(make_grant("group", "g2", "u1"));
  rows.add(make_grant("group", "g2", "u2"));
  rows.add(make_grant("group", "g1", "u3"));
  Grant nested = make_grant("group", "g1", "x");
  *nested.mutable_principal() = make_resource("group", "g2");
  nested.set_id("group:g1:member:group:g2");
  c1::connector::v2::GrantExpandable expandable;
  expandable.add_entitlement_ids("group:g2:member");
  nested.add_annotations()->PackFrom(expandable);
  rows.add(nested);
}

}  // namespace baton::c1z
