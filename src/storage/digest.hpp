#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "storage/c1z/reader.hpp"

/// The content digest: what a connector decided, and nothing about when, where or in which container it was
/// written. `docs/digest.md` describes the canonical rows.
namespace baton::storage {

class DigestOptions {
 public:
  DigestOptions() = default;
  explicit DigestOptions(bool only_common) : common(only_common) {}

  /// Leave out what a c1z of version 3 cannot hold, so that files of both versions agree.
  bool common = false;
};

/// One row in its canonical form. `kind` is "resourceType", "resource", "entitlement" or "grant"; `bytes` is
/// what is hashed. Valid during the visit.
class CanonicalRow {
 public:
  std::string_view kind;
  const google::protobuf::Message& message;
  std::string_view bytes;
};

/// Visits the rows of the selected sync in the digest's order. Memory does not grow with the number of rows.
absl::Status for_each_canonical_row(c1z::Reader& reader, const DigestOptions& options,
                                    const std::function<absl::Status(const CanonicalRow&)>& visit);

/// SHA-256 over the selected sync in lower-case hexadecimal.
absl::StatusOr<std::string> content_digest(c1z::Reader& reader, const DigestOptions& options);

}  // namespace baton::storage
