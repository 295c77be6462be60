#include "http/network_failure.hpp"

namespace baton::http {

absl::StatusCode NetworkFailure::code() const {
  switch (fault_) {
    case Fault::kNone:
      return absl::StatusCode::kOk;
    case Fault::kCancelled:
      return absl::StatusCode::kCancelled;
    case Fault::kUnreachable:
    case Fault::kConnectionLost:
    case Fault::kTruncated:
      return absl::StatusCode::kUnavailable;
    case Fault::kNoSuchHost:
      return absl::StatusCode::kInvalidArgument;
    case Fault::kCertificate:
    case Fault::kTls:
      return absl::StatusCode::kUnknown;
    case Fault::kProxy:
      return absl::StatusCode::kPermissionDenied;
    case Fault::kUndecodable:
      return absl::StatusCode::kInternal;
    case Fault::kTimeout:
      return absl::StatusCode::kDeadlineExceeded;
    case Fault::kTooLarge:
    case Fault::kLocal:
      return absl::StatusCode::kResourceExhausted;
  }
  return absl::StatusCode::kUnknown;
}

}  // namespace baton::http
