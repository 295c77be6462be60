#include "storage/c1z/zstd_stream.hpp"

#include <zstd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"

namespace baton::c1z {
namespace {

constexpr std::uint32_t kFrameMagic = 0xFD2FB528;
constexpr std::uint32_t kSkippableMagic = 0x184D2A50;  // its low four bits are free
constexpr std::size_t kLongestFrameHeader = 18;
constexpr std::size_t kInputBytes = std::size_t{256} << 10;

std::uint32_t little_endian_32(const std::byte* at) {
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | std::to_integer<std::uint32_t>(at[i]);
  return value;
}

class FreeDecompressor {
 public:
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

/// How much memory the frame asks for (RFC 8878, 3.1.1.1.2): from the window byte, or in a single-segment
/// frame the content size.
std::uint64_t window_bytes(std::span<const std::byte> header) {
  if (header.size() < 6) return 0;
  const auto descriptor = std::to_integer<unsigned>(header[4]);
  if ((descriptor & 0x20) != 0) {
    const unsigned long long size = ZSTD_getFrameContentSize(header.data(), header.size());
    return size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ? 0 : size;
  }
  const auto window = std::to_integer<unsigned>(header[5]);
  const std::uint64_t base = std::uint64_t{1} << (10 + (window >> 3));
  return base + base / 8 * (window & 7);
}

/// Reads a file through a window of bytes that can be looked at before they are taken.
class Input {
 public:
  explicit Input(const ZstdStream& stream) : stream_(stream), at_(stream.begin), buffer_(kInputBytes) {}

  /// Makes at least `wanted` bytes visible, fewer only at the end of the stream.
  absl::Status fill(std::size_t wanted) {
    if (end_ - begin_ >= wanted) return absl::OkStatus();
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    const std::uint64_t left = stream_.end - at_ - end_;
    const std::size_t room = buffer_.size() - end_;
    const auto more = std::span(buffer_).subspan(end_, left < room ? static_cast<std::size_t>(left) : room);
    const absl::StatusOr<std::size_t> got = stream_.file.read_at(at_ + end_, more);
    if (!got.ok()) return got.status();
    end_ += *got;
    return absl::OkStatus();
  }
  std::span<const std::byte> visible() const { return std::span(buffer_).subspan(begin_, end_ - begin_); }
  void take(std::size_t count) {
    begin_ += count;
    at_ += count;
  }
  /// Where in the file the next byte stands.
  std::uint64_t at() const { return at_; }

 private:
  const ZstdStream& stream_;
  std::uint64_t at_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class Decoder {
 public:
  using Sink = std::function<absl::Status(std::span<const std::byte>)>;

  Decoder(const ZstdStream& stream, const DecodeLimits& limits, const Sink& sink)
      : input_(stream), path_(stream.path), sink_(sink), limits_(limits), output_(ZSTD_DStreamOutSize()) {}

  absl::StatusOr<std::uint64_t> run() {
    if (context_ == nullptr) return absl::ResourceExhaustedError("no memory for a zstd decoder");
    // zstd's own limit is a power of two; the exact one is checked at each frame's header.
    const int log = std::clamp(static_cast<int>(std::bit_width(limits_.max_window_bytes - 1)), 10, 31);
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, log);
    while (true) {
      if (const absl::Status status = fill(kLongestFrameHeader); !status.ok()) return status;
      if (input_.visible().empty()) return decoded_;
      if (const absl::Status status = decode_frame(); !status.ok()) return status;
    }
  }

 private:
  absl::Status check_frame_header() const {
    const std::span<const std::byte> seen = input_.visible();
    if (seen.size() < 4) return trailing();
    const std::uint32_t magic = little_endian_32(seen.data());
    if ((magic & 0xFFFFFFF0) == kSkippableMagic) return absl::OkStatus();
    if (magic != kFrameMagic) return trailing();
    if (const std::uint64_t window = window_bytes(seen); window > limits_.max_window_bytes) {
      return absl::ResourceExhaustedError(absl::StrCat(path_, " needs a zstd window of ", window,
                                                       " bytes, allowed are ", limits_.max_window_bytes,
                                                       "; BATON_DECODER_MAX_MEMORY_MB raises the limit"));
    }
    const unsigned long long declared = ZSTD_getFrameContentSize(seen.data(), seen.size());
    const bool known = declared != ZSTD_CONTENTSIZE_UNKNOWN && declared != ZSTD_CONTENTSIZE_ERROR;
    if (known && limits_.trust_declared_size_to_refuse && declared > limits_.max_decoded_bytes - decoded_) {
      return over_the_limit();
    }
    return absl::OkStatus();
  }

  absl::Status decode_frame() {
    if (const absl::Status status = check_frame_header(); !status.ok()) return status;
    bool more_to_flush = false;
    while (true) {
      if (const absl::Status status = fill(1); !status.ok()) return status;
      const std::span<const std::byte> seen = input_.visible();
      if (seen.empty() && !more_to_flush) return damaged("it ends in the middle of a zstd frame");
      ZSTD_inBuffer in{seen.data(), seen.size(), 0};
      ZSTD_outBuffer out{output_.data(), output_.size(), 0};
      const std::size_t left = ZSTD_decompressStream(context_.get(), &out, &in);
      input_.take(in.pos);
      if (ZSTD_isError(left) != 0) return damaged(ZSTD_getErrorName(left));
      if (out.pos > limits_.max_decoded_bytes - decoded_) return over_the_limit();
      decoded_ += out.pos;
      if (const absl::Status status = sink_(std::span(output_).first(out.pos)); !status.ok()) return status;
      if (left == 0) return absl::OkStatus();
      more_to_flush = out.pos == out.size;
    }
  }

  absl::Status fill(std::size_t wanted) {
    const absl::Status status = input_.fill(wanted);
    return status.ok() ? status : absl::Status(status.code(), absl::StrCat(path_, ": ", status.message()));
  }
  absl::Status over_the_limit() const {
    return absl::ResourceExhaustedError(
        absl::StrCat(path_, " holds more than ", limits_.max_decoded_bytes,
                     " bytes when decoded; BATON_DECODER_MAX_DECODED_SIZE_MB raises the limit"));
  }
  absl::Status trailing() const {
    return damaged(decoded_ == 0 ? "what follows its magic is not a zstd stream"
                                 : "there is something behind its last zstd frame");
  }
  absl::Status damaged(std::string_view what) const {
    return absl::DataLossError(absl::StrCat(path_, " is damaged near byte ", input_.at(), ": ",
                                            absl::string_view(what.data(), what.size())));
  }

  Input input_;
  const std::string& path_;
  const Sink& sink_;
  const DecodeLimits& limits_;
  std::vector<std::byte> output_;
  std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context_{ZSTD_createDCtx()};
  std::uint64_t decoded_ = 0;
};

}  // namespace

absl::StatusOr<std::uint64_t> decode_zstd(
    const ZstdStream& stream, const DecodeLimits& limits,
    const std::function<absl::Status(std::span<const std::byte>)>& sink) {
  return Decoder(stream, limits, sink).run();
}

}  // namespace baton::c1z
