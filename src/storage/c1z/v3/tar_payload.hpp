#pragma once

#include <memory>

#include "storage/c1z/v3/envelope_reader.hpp"
#include "storage/c1z/v3/payload_place.hpp"

namespace baton::c1z::v3 {

/// A payload that is a tar archive of folders and regular files, read where it stands, or as one zstd stream,
/// which is unpacked into a private copy.
absl::StatusOr<std::unique_ptr<EnvelopeReader>> open_tar_payload(const PayloadPlace& place, bool compressed);

}  // namespace baton::c1z::v3
