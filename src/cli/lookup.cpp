#include "cli/lookup.hpp"

#include "absl/strings/str_cat.h"
#include "cli/table.hpp"

namespace baton::cli {

using c1::connector::v2::Entitlement;
using c1::connector::v2::Resource;
using c1::connector::v2::ResourceId;
using c1::connector::v2::ResourceType;

absl::StatusOr<ResourceType> resource_type_or_placeholder(c1z::Reader& reader, const std::string& id) {
  const absl::StatusOr<const ResourceType*> found = reader.find_resource_type(id);
  if (!found.ok()) return found.status();
  if (*found != nullptr) return **found;
  ResourceType missing;
  missing.set_id(id);
  missing.set_display_name(absl::StrCat("MISSING RESOURCE TYPE (", id, ")"));
  return missing;
}

absl::StatusOr<Resource> resource_or_placeholder(c1z::Reader& reader, const ResourceId& id) {
  const absl::StatusOr<const Resource*> found = reader.find_resource(id.resource_type(), id.resource());
  if (!found.ok()) return found.status();
  if (*found != nullptr) return **found;
  Resource missing;
  *missing.mutable_id() = id;
  missing.set_display_name(absl::StrCat("MISSING RESOURCE (", id.resource_type(), ":", id.resource(), ")"));
  return missing;
}

absl::StatusOr<Entitlement> entitlement_or_placeholder(c1z::Reader& reader, const Entitlement& reference) {
  const absl::StatusOr<const Entitlement*> found =
      reader.find_entitlement_on(reference.resource().id(), reference.id());
  if (!found.ok()) return found.status();
  if (*found != nullptr) return **found;
  Entitlement missing;
  missing.set_id(reference.id());
  missing.set_display_name(absl::StrCat("MISSING ENTITLEMENT (", reference.id(), ")"));
  if (reference.resource().has_id()) *missing.mutable_resource()->mutable_id() = reference.resource().id();
  return missing;
}

absl::StatusOr<baton::v1::ResourceOutput> resource_output(c1z::Reader& reader, const Resource& resource) {
  baton::v1::ResourceOutput output;
  absl::StatusOr<ResourceType> type = resource_type_or_placeholder(reader, resource.id().resource_type());
  if (!type.ok()) return type.status();
  *output.mutable_resource_type() = *std::move(type);
  if (resource.has_parent_resource_id()) {
    absl::StatusOr<Resource> parent = resource_or_placeholder(reader, resource.parent_resource_id());
    if (!parent.ok()) return parent.status();
    *output.mutable_parent() = *std::move(parent);
  }
  *output.mutable_resource() = resource;
  return output;
}

std::vector<std::string> resource_cells(const baton::v1::ResourceOutput& output) {
  return {cell(output.resource().id().resource()), cell(output.resource().display_name()),
          cell(output.resource_type().display_name()),
          output.has_parent() ? cell(absl::StrCat(output.parent().display_name(), " (",
                                                  output.parent().id().resource_type(), ")"))
                              : "-"};
}

const std::vector<std::string>& resource_header() {
  static const std::vector<std::string> kHeader{"ID", "Display Name", "Resource Type", "Parent Resource"};
  return kHeader;
}

}  // namespace baton::cli
