#include "storage/c1z/id_clash.hpp"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "c1/connector/v2/grant.pb.h"
#include "storage/c1z/deterministic.hpp"

namespace baton::c1z {
namespace {

std::string shown(std::string_view id) {
  return absl::StrCat("\"", absl::Utf8SafeCEscape(absl::string_view(id.data(), id.size())), "\"");
}

}  // namespace

absl::Status grants_clash(std::string_view id) {
  return absl::FailedPreconditionError(absl::StrCat("two grants are both called ", shown(id),
                                                    " once composed of entitlement and principal; a c1z of "
                                                    "version 1 cannot hold both: change the colons in "
                                                    "the ids of the entitlements or principals"));
}

absl::Status entitlements_clash(std::string_view id, std::string_view type_a, std::string_view resource_a,
                                std::string_view type_b, std::string_view resource_b) {
  return absl::FailedPreconditionError(absl::StrCat(
      "entitlement id ", shown(id), " stands for two entitlements, one on resource ", shown(type_a), " ",
      shown(resource_a), " and one on resource ", shown(type_b), " ", shown(resource_b),
      "; a c1z of version 1 cannot hold both: the connector must give them different ids"));
}

absl::Status resources_clash(std::string_view joined, std::string_view type_a, std::string_view id_a,
                             std::string_view type_b, std::string_view id_b) {
  return absl::FailedPreconditionError(
      absl::StrCat("two resources are both called ", shown(joined), ": type ", shown(type_a), " id ",
                   shown(id_a), ", and type ", shown(type_b), " id ", shown(id_b),
                   "; a c1z of version 1 cannot hold both: change the colons in the resource types or ids"));
}

std::string renamed_example(std::string_view id, std::string_view composed) {
  return absl::StrCat("grant id ", shown(id), " is taken, became ", shown(composed));
}

absl::StatusOr<std::string> grant_with_id(std::string_view blob, std::string_view id) {
  c1::connector::v2::Grant grant;
  if (!grant.ParseFromArray(blob.data(), static_cast<int>(blob.size()))) {
    return absl::DataLossError(
        absl::StrCat("the grant that is to become ", shown(id), " cannot be read back"));
  }
  grant.set_id(id.data(), id.size());
  std::string bytes;
  append_deterministic(grant, bytes);
  return bytes;
}

}  // namespace baton::c1z
