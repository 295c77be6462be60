#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "c1/connector/v2/grant.pb.h"
#include "connectors/ldap/client.hpp"
#include "connectors/ldap/entry.hpp"
#include "connectors/ldap/types.hpp"
#include "sdk/page.hpp"

namespace baton::connectors::ldap {

/// Who holds what an entry stands for.
using Resolve = std::function<absl::StatusOr<std::vector<Principal>>(const Entry& entry)>;

/// Writes the grant of `type`/`id`'s membership to `principal`; a group's reaches its members.
void fill_membership(c1::connector::v2::Grant& row, std::string_view type, std::string_view id,
                     const Principal& principal);

/// The grants on all resources of a type, walked in one search over their entries: no search for each.
///
/// A page ends with the server's page, or inside an entry that has more members than a page holds.
class GrantPages {
 public:
  /// `type` outlives this.
  GrantPages(std::shared_ptr<Client> client, std::string_view type)
      : client_(std::move(client)), type_(type) {}

  /// `token` is a position of the search and, behind an `@`, how many members of the entry there are done.
  Task<absl::StatusOr<sdk::Page<c1::connector::v2::Grant>>> page(std::string name, Query query,
                                                                 std::string token, Resolve resolve);

 private:
  std::shared_ptr<Client> client_;
  std::string_view type_;
  /// The members of the entry that the last page ended in, kept for the call with this token, so that a group
  /// of a million is resolved once and not for every page. Only a saving: they can be had again.
  std::string unfinished_token_;
  std::vector<Principal> unfinished_;
};

}  // namespace baton::connectors::ldap
