#pragma once

#include <string>
#include <type_traits>

#include "absl/status/status.h"

namespace baton::http {

/// What can go wrong below HTTP, as far as the rules for trying again tell it apart.
enum class Fault {
  kNone,
  kCancelled,
  /// Nothing was sent: refused, no route, temporary trouble with the name, lost while connecting.
  kUnreachable,
  kNoSuchHost,
  /// The certificate cannot be verified, or is for another host.
  kCertificate,
  /// Any other disagreement while setting up TLS.
  kTls,
  /// The proxy does not let us through.
  kProxy,
  /// Closed or reset before the first byte of a response.
  kConnectionLost,
  /// Closed or reset in the middle of a response.
  kTruncated,
  /// What came is not HTTP, or its body not what was asked for.
  kUndecodable,
  kTimeout,
  kTooLarge,
  /// This machine is at its limits: memory, descriptors.
  kLocal,
};

/// A failure of one exchange, or its absence.
class NetworkFailure {
 public:
  NetworkFailure() = default;
  NetworkFailure(Fault fault, std::string text) : fault_(fault), what_(std::move(text)) {}

  explicit operator bool() const { return fault_ != Fault::kNone; }
  Fault fault() const { return fault_; }
  const std::string& what() const { return what_; }
  /// Upstream's mapping: lost and unreachable are Unavailable, limits of time DeadlineExceeded, a name that
  /// does not exist InvalidArgument, TLS Unknown.
  absl::StatusCode code() const;

 private:
  Fault fault_ = Fault::kNone;
  std::string what_;
};
static_assert(!std::is_aggregate_v<NetworkFailure>);

}  // namespace baton::http
