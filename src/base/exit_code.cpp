#include "base/exit_code.hpp"

namespace baton {

int exit_code(const absl::Status& status) {
  // absl's canonical codes carry gRPC's numbers; `code()` maps anything foreign to Unknown.
  return static_cast<int>(status.code());
}

absl::StatusCode status_code_from(int exit_code) {
  constexpr int kLast = static_cast<int>(absl::StatusCode::kUnauthenticated);
  if (exit_code < 0 || exit_code > kLast) return absl::StatusCode::kUnknown;
  return static_cast<absl::StatusCode>(exit_code);
}

}  // namespace baton
