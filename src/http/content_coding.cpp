#include "http/content_coding.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include "absl/strings/str_cat.h"
#include "base/redact.hpp"
#include "http/headers.hpp"

namespace baton::http {
namespace {

/// First guess of how much more comes out than goes in.
constexpr std::size_t kUsualRatio = 6;
constexpr std::size_t kFirstRoom = 64 * 1024;
/// A window that a peer may make us allocate: 8 MiB, what RFC 8878 §3.1.1.1.2 recommends to support.
constexpr int kLargestWindowLog = 23;

absl::Status broken(std::string_view coding) {
  return absl::DataLossError(
      absl::StrCat("the body is no whole ", absl::string_view(coding.data(), coding.size())));
}

absl::Status too_large(std::size_t max_bytes) {
  return absl::ResourceExhaustedError(absl::StrCat("the response is larger than ", max_bytes, " bytes"));
}

/// Room at the end of `plain`, growing in doubling steps up to one byte over the limit.
absl::Status make_room(Body& plain, std::size_t max_bytes) {
  if (plain.size() > max_bytes) return too_large(max_bytes);
  if (plain.tail_room() > 0) return absl::OkStatus();
  const std::size_t wanted = std::max(kFirstRoom, plain.size() * 2);
  if (!plain.reserve(std::min(wanted, max_bytes + 1))) return absl::ResourceExhaustedError("out of memory");
  return absl::OkStatus();
}

class ZlibEnd {
 public:
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

/// `window_bits` as zlib has it: with 16 for gzip, negative for raw deflate.
absl::Status inflate_all(std::string_view coded, int window_bits, std::string_view name,
                         std::size_t max_bytes, Body& plain) {
  z_stream stream{};
  if (inflateInit2(&stream, window_bits) != Z_OK) return absl::ResourceExhaustedError("out of memory");
  const std::unique_ptr<z_stream, ZlibEnd> end(&stream);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(coded.data()));
  stream.avail_in = static_cast<uInt>(coded.size());
  while (true) {
    if (const absl::Status room = make_room(plain, max_bytes); !room.ok()) return room;
    const auto space = static_cast<uInt>(std::min<std::size_t>(plain.tail_room(), std::size_t{1} << 30));
    stream.next_out = reinterpret_cast<Bytef*>(plain.tail());
    stream.avail_out = space;
    const int result = inflate(&stream, Z_NO_FLUSH);
    plain.commit(space - stream.avail_out);
    if (result == Z_STREAM_END) {
      // A gzip file may have several members (RFC 1952 §2.2).
      if (window_bits > 15 && stream.avail_in > 0 && inflateReset(&stream) == Z_OK) continue;
      return plain.size() > max_bytes ? too_large(max_bytes) : absl::OkStatus();
    }
    if (result == Z_MEM_ERROR) return absl::ResourceExhaustedError("out of memory");
    if (result != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0)) return broken(name);
  }
}

absl::Status inflate_either(std::string_view coded, std::size_t max_bytes, Body& plain) {
  // "deflate" means the zlib frame (RFC 9110 §8.4.1.2), yet some services leave it away.
  const bool framed =
      coded.size() >= 2 && (coded[0] & 0x0f) == 8 &&
      ((static_cast<unsigned char>(coded[0]) << 8) | static_cast<unsigned char>(coded[1])) % 31 == 0;
  return inflate_all(coded, framed ? 15 : -15, "deflate", max_bytes, plain);
}

absl::Status decode_brotli(std::string_view coded, std::size_t max_bytes, Body& plain) {
  const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), &BrotliDecoderDestroyInstance);
  if (!state) return absl::ResourceExhaustedError("out of memory");
  const auto* next_in = reinterpret_cast<const std::uint8_t*>(coded.data());
  std::size_t left = coded.size();
  while (true) {
    if (const absl::Status room = make_room(plain, max_bytes); !room.ok()) return room;
    auto* next_out = reinterpret_cast<std::uint8_t*>(plain.tail());
    const std::size_t space = plain.tail_room();
    std::size_t unused = space;
    const BrotliDecoderResult result =
        BrotliDecoderDecompressStream(state.get(), &left, &next_in, &unused, &next_out, nullptr);
    plain.commit(space - unused);
    if (result == BROTLI_DECODER_RESULT_SUCCESS) {
      if (left > 0) return broken("br");
      return plain.size() > max_bytes ? too_large(max_bytes) : absl::OkStatus();
    }
    if (result != BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) return broken("br");
  }
}

absl::Status decode_zstd(std::string_view coded, std::size_t max_bytes, Body& plain) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  if (!context) return absl::ResourceExhaustedError("out of memory");
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kLargestWindowLog);
  ZSTD_inBuffer in{coded.data(), coded.size(), 0};
  while (true) {
    if (const absl::Status room = make_room(plain, max_bytes); !room.ok()) return room;
    ZSTD_outBuffer out{plain.tail(), plain.tail_room(), 0};
    const std::size_t result = ZSTD_decompressStream(context.get(), &out, &in);
    plain.commit(out.pos);
    if (ZSTD_isError(result)) return broken("zstd");
    if (result == 0 && in.pos == in.size) {
      return plain.size() > max_bytes ? too_large(max_bytes) : absl::OkStatus();
    }
    if (in.pos == in.size && out.pos < out.size) return broken("zstd");
  }
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool is_coded(std::string_view content_encoding) {
  const std::string_view coding = trim(content_encoding);
  return !coding.empty() && !equal_ignoring_case(coding, "identity");
}

absl::Status decode_body(std::string_view content_encoding, const Body& coded, std::size_t max_bytes,
                         Body& plain) {
  const std::string_view coding = trim(content_encoding);
  const std::string_view bytes = coded.view();
  plain = Body();
  if (!plain.reserve(std::min(max_bytes + 1, std::max(kFirstRoom / 16, bytes.size() * kUsualRatio)))) {
    return absl::ResourceExhaustedError("out of memory");
  }
  absl::Status status;
  if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) {
    status = inflate_all(bytes, 15 + 16, "gzip", max_bytes, plain);
  } else if (equal_ignoring_case(coding, "deflate")) {
    status = inflate_either(bytes, max_bytes, plain);
  } else if (equal_ignoring_case(coding, "br")) {
    status = decode_brotli(bytes, max_bytes, plain);
  } else if (equal_ignoring_case(coding, "zstd")) {
    status = decode_zstd(bytes, max_bytes, plain);
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("the body is coded as ", scrub(coding, 40), ", which nobody asked for"));
  }
  if (status.ok()) plain.seal();
  return status;
}

}  // namespace baton::http
