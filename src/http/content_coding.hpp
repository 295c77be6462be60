#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "http/body.hpp"

namespace baton::http {

/// What the client can undo, as `Accept-Encoding` says it.
inline constexpr std::string_view kAcceptedCodings = "gzip, deflate, br, zstd";

/// Whether a `Content-Encoding` changes the bytes at all ("identity" and nothing do not).
bool is_coded(std::string_view content_encoding);

/// Undoes one coding of a whole body: gzip, deflate (with or without the zlib frame), br or zstd.
///
/// InvalidArgument for a coding that is not known, DataLoss for bytes that are none of it or end early,
/// ResourceExhausted when more than `max_bytes` come out or memory is short: a few bytes may stand for
/// gigabytes, so what comes out is counted while it comes.
absl::Status decode_body(std::string_view content_encoding, const Body& coded, std::size_t max_bytes,
                         Body& plain);

}  // namespace baton::http
