#pragma once

#include <memory>

#include "storage/c1z/v3/envelope_reader.hpp"
#include "storage/c1z/v3/payload_place.hpp"

namespace baton::c1z::v3 {

/// A payload of one zstd frame for each file, an index, and a footer that ends the file. Reads and checks
/// index and footer; frames are unpacked when their file is asked for.
absl::StatusOr<std::unique_ptr<EnvelopeReader>> open_indexed_payload(const PayloadPlace& place);

}  // namespace baton::c1z::v3
