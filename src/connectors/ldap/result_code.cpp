#include "connectors/ldap/result_code.hpp"

#include <ldap.h>

#include "absl/strings/str_cat.h"
#include "base/limits.hpp"
#include "base/redact.hpp"

namespace baton::connectors::ldap {
namespace {

/// What a code means, and what a person can do about it.
class Meaning {
 public:
  Meaning(absl::StatusCode status_code, const char* words, const char* what_to_do = nullptr)
      : code(status_code), text(words), hint(what_to_do) {}

  absl::StatusCode code;
  const char* text;
  const char* hint;
};

Meaning meaning_of(int code) {
  using Code = absl::StatusCode;
  switch (code) {
    case LDAP_INVALID_CREDENTIALS:
      return Meaning(Code::kUnauthenticated, "the server refuses the bind DN or its password",
                     "check --bind-dn and --password");
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_AUTH_METHOD_NOT_SUPPORTED:
      return Meaning(Code::kUnauthenticated, "the server does not let this DN bind with a password");
    case LDAP_STRONG_AUTH_REQUIRED:
    case LDAP_CONFIDENTIALITY_REQUIRED:
      return Meaning(Code::kFailedPrecondition, "the server wants an encrypted connection",
                     "use an ldaps:// URL or --start-tls");
    case LDAP_INSUFFICIENT_ACCESS:
      return Meaning(Code::kPermissionDenied, "the bind DN may not do this");
    case LDAP_BUSY:
      return Meaning(Code::kUnavailable, "the server is busy");
    case LDAP_UNAVAILABLE:
      return Meaning(Code::kUnavailable, "the server is unavailable");
    case LDAP_SERVER_DOWN:
    case LDAP_CONNECT_ERROR:
      return Meaning(Code::kUnavailable, "the connection was lost");
    case LDAP_TIMEOUT:
      return Meaning(Code::kDeadlineExceeded, "the server does not answer");
    case LDAP_TIMELIMIT_EXCEEDED:
      return Meaning(Code::kDeadlineExceeded, "the search takes longer than the server allows");
    case LDAP_SIZELIMIT_EXCEEDED:
    case LDAP_ADMINLIMIT_EXCEEDED:
      return Meaning(Code::kResourceExhausted, "the server does not give all entries to this bind DN",
                     "raise its limit there (OpenLDAP: limits ... size.prtotal=unlimited), or narrow the "
                     "search with --filter or the --*-search-dn flags");
    case LDAP_NO_SUCH_OBJECT:
      return Meaning(Code::kNotFound, "there is no such entry, or the bind DN may not see it");
    case LDAP_INVALID_DN_SYNTAX:
      return Meaning(Code::kInvalidArgument, "the server takes this for no DN");
    case LDAP_FILTER_ERROR:
      return Meaning(Code::kInvalidArgument, "this is no search filter", "check --filter");
    case LDAP_REFERRAL:
      return Meaning(Code::kFailedPrecondition,
                     "the server refers to another one, and referrals are not followed",
                     "set --url to the server that has these entries");
    case LDAP_UNWILLING_TO_PERFORM:
      return Meaning(Code::kFailedPrecondition, "the server is not willing to do this");
    case LDAP_UNAVAILABLE_CRITICAL_EXTENSION:
      return Meaning(Code::kUnimplemented, "the server cannot do this");
    case LDAP_PROTOCOL_ERROR:
    case LDAP_DECODING_ERROR:
      return Meaning(Code::kInternal, "server and connector do not understand each other");
    case LDAP_NO_MEMORY:
      return Meaning(Code::kResourceExhausted, "out of memory");
    default:
      return Meaning(Code::kUnknown, "the server reports an error");
  }
}

}  // namespace

absl::Status result_status(int code, std::string_view doing, std::string_view diagnostic) {
  if (code == LDAP_SUCCESS) return absl::OkStatus();
  const Meaning meaning = meaning_of(code);
  std::string message = absl::StrCat(std::string(doing), ": ", meaning.text, " (");
  if (code > 0) absl::StrAppend(&message, "LDAP result ", code, ", ");
  absl::StrAppend(&message, ::ldap_err2string(code));
  const std::string said = scrub(diagnostic, limits::kErrorExcerptBytes);
  if (!said.empty()) absl::StrAppend(&message, ": ", said);
  message += ')';
  if (meaning.hint != nullptr) absl::StrAppend(&message, "; ", meaning.hint);
  return absl::Status(meaning.code, message);
}

bool is_lost_search(int code) {
  return code == LDAP_UNWILLING_TO_PERFORM || code == LDAP_PROTOCOL_ERROR;
}

}  // namespace baton::connectors::ldap
