#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "baton/v1/outputs.pb.h"
#include "storage/c1z/reader.hpp"

/// Rows that other rows refer to. One that is missing is no error: a placeholder with its id and a display
/// name such as `MISSING RESOURCE (type:id)` stands in for it.
namespace baton::cli {

absl::StatusOr<c1::connector::v2::ResourceType> resource_type_or_placeholder(c1z::Reader& reader,
                                                                             const std::string& id);
absl::StatusOr<c1::connector::v2::Resource> resource_or_placeholder(c1z::Reader& reader,
                                                                    const c1::connector::v2::ResourceId& id);
absl::StatusOr<c1::connector::v2::Entitlement> entitlement_or_placeholder(
    c1z::Reader& reader, const c1::connector::v2::Entitlement& reference);

/// A resource with its type, and its parent if it has one.
absl::StatusOr<baton::v1::ResourceOutput> resource_output(c1z::Reader& reader,
                                                          const c1::connector::v2::Resource& resource);

/// The cells of a table of resources: id, display name, type, parent or "-".
std::vector<std::string> resource_cells(const baton::v1::ResourceOutput& output);
const std::vector<std::string>& resource_header();

}  // namespace baton::cli
