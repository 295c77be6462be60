#pragma once

#include "absl/status/status.h"

namespace baton {

/// The exit code of a process that ends with `status`: the gRPC code number, 0 for OK.
int exit_code(const absl::Status& status);

/// The canonical code with this gRPC number; Unknown for numbers that are none (a child that died of a
/// signal).
absl::StatusCode status_code_from(int exit_code);

}  // namespace baton
