#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace baton::connectors::ldap {

/// The error that an LDAP result code (RFC 4511 §4.1.9) or one of libldap's own, negative, codes stands for;
/// OK for success. The message says what was done, what that means, what the server said (`diagnostic`, cut
/// and cleaned) and, where there is something to do about it, what.
///
/// Unauthenticated for refused credentials, PermissionDenied for missing rights, Unavailable for a busy, lost
/// or silent server (tried again), DeadlineExceeded for its time limit, ResourceExhausted for its size
/// limits, NotFound for a base that does not exist, InvalidArgument for a DN or filter that is none.
absl::Status result_status(int code, std::string_view doing, std::string_view diagnostic);

/// Whether this result of a further page means that the server has forgotten the search: it can begin anew.
bool is_lost_search(int code);

}  // namespace baton::connectors::ldap
