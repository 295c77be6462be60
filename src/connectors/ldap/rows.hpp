#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "c1/connector/v2/resource.pb.h"
#include "connectors/ldap/entry.hpp"

/// From an entry to a row. Pure; the texts of an entry are the server's and may be anything.
namespace baton::connectors::ldap {

/// The canonical DN of an entry, which is its id. Internal when the server's DN is none.
absl::StatusOr<std::string> entry_id(const Entry& entry);

/// InvalidArgument for a userAccountControl that is no number.
absl::Status read_user(const Entry& entry, c1::connector::v2::Resource& row);
absl::Status read_group(const Entry& entry, c1::connector::v2::Resource& row);
absl::Status read_role(const Entry& entry, c1::connector::v2::Resource& row);

}  // namespace baton::connectors::ldap
