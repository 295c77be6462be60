#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "c1/connector/v2/resource.pb.h"
#include "connectors/ldap/client.hpp"
#include "connectors/ldap/entry.hpp"
#include "sdk/page.hpp"

namespace baton::connectors::ldap {

/// Fills a row from an entry.
using ReadRow = absl::Status (*)(const Entry& entry, c1::connector::v2::Resource& row);

/// One page of a listing of resources: the search's entries, a row each. `name` tells listings apart.
Task<absl::StatusOr<sdk::Page<c1::connector::v2::Resource>>> list_entries(std::shared_ptr<Client> client,
                                                                          std::string name, Query query,
                                                                          std::string token,
                                                                          ReadRow read_row);

}  // namespace baton::connectors::ldap
