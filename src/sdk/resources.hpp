#pragma once

#include <charconv>
#include <chrono>
#include <concepts>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "c1/connector/v2/annotation_trait.pb.h"
#include "c1/connector/v2/resource.pb.h"
#include "sdk/profile.hpp"

/// Resources, filled in place on a page's row. Each function sets what its name says and leaves the rest
/// alone.
namespace baton::sdk {

/// Which resource, as two views: what the id-only forms of entitlements and grants take, so that no message
/// has to be built for a row. The texts must outlive the call.
class ResourceRef {
 public:
  constexpr ResourceRef(std::string_view type_id, std::string_view resource_id)
      : type(type_id), id(resource_id) {}
  // Implicit on purpose: an id message is a reference.
  ResourceRef(const c1::connector::v2::ResourceId& id_message)
      : type(id_message.resource_type()), id(id_message.resource()) {}

  std::string_view type;
  std::string_view id;
};

/// Writes an id message.
void fill_resource_id(c1::connector::v2::ResourceId& id, ResourceRef ref);
c1::connector::v2::ResourceId make_resource_id(std::string_view type_id, std::string_view id);
template <std::integral Number>
c1::connector::v2::ResourceId make_resource_id(std::string_view type_id, Number id);

/// Sets id and display name. Options follow as further calls; traits come last (`sdk/traits.hpp`).
void fill_resource(c1::connector::v2::Resource& row, ResourceRef ref, std::string_view display_name);
inline void fill_resource(c1::connector::v2::Resource& row, std::string_view type_id, std::string_view id,
                          std::string_view display_name) {
  fill_resource(row, ResourceRef(type_id, id), display_name);
}
c1::connector::v2::Resource make_resource(ResourceRef ref, std::string_view display_name);

/// The form for services that number their objects: the id is written in decimal.
template <std::integral Number>
void fill_resource(c1::connector::v2::Resource& row, std::string_view type_id, Number id,
                   std::string_view display_name);

void set_parent(c1::connector::v2::Resource& row, ResourceRef parent);
void set_description(c1::connector::v2::Resource& row, std::string_view description);
/// The asset's id; empty ids are ignored.
void set_icon(c1::connector::v2::Resource& row, std::string_view asset_id);
void set_status(c1::connector::v2::Resource& row, c1::connector::v2::Status::ResourceStatus status,
                std::string_view details = "");
void set_created_at(c1::connector::v2::Resource& row, std::chrono::system_clock::time_point moment);
/// Upstream has deprecated this field; new connectors leave it alone.
void set_external_id(c1::connector::v2::Resource& row, std::string_view id, std::string_view link = "",
                     std::string_view description = "");

/// The resource's profile, to fill in place.
inline Profile resource_profile(c1::connector::v2::Resource& row) {
  return Profile(*row.mutable_profile());
}

/// Further ids that the resource is known by; joins those it has, without duplicates, in order of first
/// mention. InvalidArgument without ids, for an empty one, one above 256 bytes, and for more than 100 in all.
absl::Status add_aliases(c1::connector::v2::Resource& row, std::span<const std::string_view> ids);
inline absl::Status add_aliases(c1::connector::v2::Resource& row,
                                std::initializer_list<std::string_view> ids) {
  return add_aliases(row, std::span<const std::string_view>(ids.begin(), ids.size()));
}

/// Marks an identity that no person uses.
void set_nhi_type(c1::connector::v2::Resource& row, c1::connector::v2::NonHumanIdentityTrait::NhiType type,
                  std::string_view detail = "");

/// Makes the engine list this type with the row as parent.
void add_child_resource_type(c1::connector::v2::Resource& row, std::string_view type_id);

/// What the resource says about itself: its own field, or the one of its first trait that has it (user,
/// group, role, app, secret, agent). DataLoss when a trait cannot be read.
absl::StatusOr<google::protobuf::Struct> profile_of(const c1::connector::v2::Resource& resource);
absl::StatusOr<c1::connector::v2::Status> status_of(const c1::connector::v2::Resource& resource);

template <std::integral Number>
c1::connector::v2::ResourceId make_resource_id(std::string_view type_id, Number id) {
  static_assert(!std::is_same_v<Number, bool> && !std::is_same_v<Number, char>);
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, id).ptr;
  return make_resource_id(type_id, std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

template <std::integral Number>
void fill_resource(c1::connector::v2::Resource& row, std::string_view type_id, Number id,
                   std::string_view display_name) {
  static_assert(!std::is_same_v<Number, bool> && !std::is_same_v<Number, char>);
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, id).ptr;
  fill_resource(row, ResourceRef(type_id, std::string_view(digits, static_cast<std::size_t>(end - digits))),
                display_name);
}

}  // namespace baton::sdk
