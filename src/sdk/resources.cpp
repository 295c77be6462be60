#include "sdk/resources.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/limits.hpp"
#include "c1/connector/v2/annotation_id_alias.pb.h"
#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "sdk/annotations.hpp"
#include "sdk/timestamps.hpp"

// Upstream has deprecated the copies of profile and status on traits and the external id, but writes and
// reads them still, and so do we.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace baton::sdk {

namespace v2 = c1::connector::v2;

void fill_resource_id(v2::ResourceId& id, ResourceRef ref) {
  id.mutable_resource_type()->assign(ref.type);
  id.mutable_resource()->assign(ref.id);
}

v2::ResourceId make_resource_id(std::string_view type_id, std::string_view id) {
  v2::ResourceId message;
  fill_resource_id(message, ResourceRef(type_id, id));
  return message;
}

void fill_resource(v2::Resource& row, ResourceRef ref, std::string_view display_name) {
  fill_resource_id(*row.mutable_id(), ref);
  row.mutable_display_name()->assign(display_name);
}

v2::Resource make_resource(ResourceRef ref, std::string_view display_name) {
  v2::Resource resource;
  fill_resource(resource, ref, display_name);
  return resource;
}

void set_parent(v2::Resource& row, ResourceRef parent) {
  fill_resource_id(*row.mutable_parent_resource_id(), parent);
}

void set_description(v2::Resource& row, std::string_view description) {
  row.mutable_description()->assign(description);
}

void set_icon(v2::Resource& row, std::string_view asset_id) {
  if (!asset_id.empty()) row.mutable_icon()->mutable_id()->assign(asset_id);
}

void set_status(v2::Resource& row, v2::Status::ResourceStatus status, std::string_view details) {
  row.mutable_status()->set_status(status);
  row.mutable_status()->mutable_details()->assign(details);
}

void set_created_at(v2::Resource& row, std::chrono::system_clock::time_point moment) {
  set_timestamp(*row.mutable_created_at(), moment);
}

void set_external_id(v2::Resource& row, std::string_view id, std::string_view link,
                     std::string_view description) {
  v2::ExternalId& external = *row.mutable_external_id();
  external.mutable_id()->assign(id);
  external.mutable_link()->assign(link);
  external.mutable_description()->assign(description);
}

absl::Status add_aliases(v2::Resource& row, std::span<const std::string_view> ids) {
  if (ids.empty()) return absl::InvalidArgumentError("aliases were asked for, but none is given");
  absl::StatusOr<std::optional<v2::Aliases>> existing = pick_annotation<v2::Aliases>(row.annotations());
  if (!existing.ok()) return existing.status();
  v2::Aliases aliases = existing->value_or(v2::Aliases());
  for (const std::string_view id : ids) {
    if (id.empty() || id.size() > limits::kAliasBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("an alias has 1 to ", limits::kAliasBytes, " bytes, this one has ", id.size()));
    }
    const bool known = std::any_of(aliases.ids().begin(), aliases.ids().end(),
                                   [&](const std::string& other) { return other == id; });
    if (!known) aliases.add_ids()->assign(id);
  }
  if (static_cast<std::size_t>(aliases.ids_size()) > limits::kAliases) {
    return absl::InvalidArgumentError(
        absl::StrCat("a resource has at most ", limits::kAliases, " aliases, not ", aliases.ids_size()));
  }
  update_annotation(*row.mutable_annotations(), aliases);
  return absl::OkStatus();
}

void set_nhi_type(v2::Resource& row, v2::NonHumanIdentityTrait::NhiType type, std::string_view detail) {
  v2::NonHumanIdentityTrait trait;
  trait.set_nhi_type(type);
  trait.mutable_nhi_detail()->assign(detail);
  update_annotation(*row.mutable_annotations(), trait);
}

void add_child_resource_type(v2::Resource& row, std::string_view type_id) {
  v2::ChildResourceType child;
  child.mutable_resource_type_id()->assign(type_id);
  append_annotation(*row.mutable_annotations(), child);
}

namespace {

/// Calls `read(trait)` with the resource's trait of this type, if it has one; true when `read` found what it
/// wanted.
template <class Trait, class Read>
absl::StatusOr<bool> read_trait(const v2::Resource& resource, const Read& read) {
  absl::StatusOr<std::optional<Trait>> trait = pick_annotation<Trait>(resource.annotations());
  if (!trait.ok()) return trait.status();
  return trait->has_value() && read(**trait);
}

/// Tries the traits in this order and stops at the first hit or error.
template <class... Traits, class Read>
absl::Status read_first_trait(const v2::Resource& resource, const Read& read) {
  absl::Status status;
  const auto done = [&](absl::StatusOr<bool> hit) {
    status = hit.status();
    return !hit.ok() || *hit;
  };
  (void)(done(read_trait<Traits>(resource, read)) || ...);
  return status;
}

v2::Status::ResourceStatus mapped(v2::UserTrait::Status::Status status) {
  // The numbers of both enums agree.
  return static_cast<v2::Status::ResourceStatus>(static_cast<int>(status));
}

}  // namespace

absl::StatusOr<google::protobuf::Struct> profile_of(const v2::Resource& resource) {
  if (resource.has_profile()) return resource.profile();
  google::protobuf::Struct profile;
  absl::Status status = read_first_trait<v2::UserTrait, v2::GroupTrait, v2::RoleTrait, v2::AppTrait,
                                         v2::SecretTrait, v2::AgentTrait>(resource, [&](const auto& trait) {
    if (trait.has_profile()) profile = trait.profile();
    return trait.has_profile();
  });
  if (!status.ok()) return status;
  return profile;
}

absl::StatusOr<v2::Status> status_of(const v2::Resource& resource) {
  if (resource.has_status()) return resource.status();
  v2::Status found;
  absl::Status status = read_first_trait<v2::UserTrait>(resource, [&](const v2::UserTrait& trait) {
    found.set_status(mapped(trait.status().status()));
    found.set_details(trait.status().details());
    return trait.has_status();
  });
  if (status.ok() && found.status() == v2::Status::RESOURCE_STATUS_UNSPECIFIED) {
    status = read_first_trait<v2::AgentTrait>(resource, [&](const v2::AgentTrait& trait) {
      // READY, DISABLED, DELETED have the numbers of ENABLED, DISABLED, DELETED.
      found.set_status(static_cast<v2::Status::ResourceStatus>(static_cast<int>(trait.status())));
      return true;
    });
  }
  if (!status.ok()) return status;
  return found;
}

}  // namespace baton::sdk
