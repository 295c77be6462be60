#include "storage/c1z/envelope_stream.hpp"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace baton::c1z {
namespace {

// RFC 8878, 3.1.1: magic, descriptor, window; then, when the descriptor says so, the content size. zstd
// leaves it out of frames whose size it is not told beforehand.
constexpr std::size_t kShortHeader = 6;
constexpr std::size_t kDescriptorAt = 4;
constexpr std::byte kChecksumOnly{0x04};
constexpr std::byte kEightBytesOfSize{0xC0};
constexpr std::size_t kSizeBytes = 8;

constexpr std::uint32_t kSkippableMagic = 0x184D2A50;
constexpr std::size_t kSkippableHeader = 8;

void put_little_endian(std::byte* at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i, value >>= 8) at[i] = static_cast<std::byte>(value & 0xff);
}

absl::Status zstd_error(std::size_t code) {
  return absl::InternalError(absl::StrCat("zstd: ", ZSTD_getErrorName(code)));
}

}  // namespace

EnvelopeStream::EnvelopeStream(const File& target, std::size_t head_room, const CompressOptions& options)
    : target_(target),
      head_room_(head_room),
      level_(options.level),
      compressor_(make_compressor(options.level, options.workers)),
      output_(ZSTD_CStreamOutSize()) {}

absl::Status EnvelopeStream::begin() {
  if (compressor_ == nullptr) return absl::ResourceExhaustedError("no memory for a zstd encoder");
  ZSTD_CCtx_setParameter(compressor_.get(), ZSTD_c_contentSizeFlag, 0);
  std::vector<std::byte> head(kMagicBytes + head_room_);
  std::ranges::copy(std::as_bytes(std::span(kMagicV1)), head.begin());
  written_ = head.size();
  return target_.write(head);
}

absl::Status EnvelopeStream::append(std::span<const std::byte> bytes) {
  body_bytes_ += bytes.size();
  return compress(bytes, ZSTD_e_continue);
}

absl::Status EnvelopeStream::compress(std::span<const std::byte> bytes, ZSTD_EndDirective end) {
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  while (true) {
    ZSTD_outBuffer out{output_.data(), output_.size(), 0};
    const std::size_t left = ZSTD_compressStream2(compressor_.get(), &out, &in, end);
    if (ZSTD_isError(left) != 0) return zstd_error(left);
    if (absl::Status status = write(std::span(output_).first(out.pos)); !status.ok()) return status;
    if (end == ZSTD_e_end ? left == 0 : in.pos == in.size) return absl::OkStatus();
  }
}

absl::Status EnvelopeStream::write(std::span<const std::byte> compressed) {
  if (frame_header_.size() < kShortHeader) {
    const std::size_t count = std::min(compressed.size(), kShortHeader - frame_header_.size());
    frame_header_.insert(frame_header_.end(), compressed.begin(),
                         compressed.begin() + static_cast<std::ptrdiff_t>(count));
    compressed = compressed.subspan(count);
    if (frame_header_.size() < kShortHeader) return absl::OkStatus();
    if (frame_header_[kDescriptorAt] != kChecksumOnly) {
      return absl::InternalError("zstd began a frame with a header that was not asked for");
    }
    frame_header_[kDescriptorAt] |= kEightBytesOfSize;
    frame_header_.resize(kShortHeader + kSizeBytes);
    written_ += frame_header_.size();
    if (absl::Status status = target_.write(frame_header_); !status.ok()) return status;
  }
  written_ += compressed.size();
  return target_.write(compressed);
}

absl::StatusOr<std::uint64_t> EnvelopeStream::finish(std::span<const std::byte> beginning) {
  absl::Status status = compress({}, ZSTD_e_end);
  if (status.ok()) status = write_head(beginning);
  if (!status.ok()) return status;
  std::byte size[kSizeBytes];
  put_little_endian(size, body_bytes_, kSizeBytes);
  status = target_.write_at(kMagicBytes + head_room_ + kShortHeader, size);
  if (!status.ok()) return status;
  return written_;
}

absl::Status EnvelopeStream::write_head(std::span<const std::byte> beginning) {
  const Compressor compressor = make_compressor(level_, 0);
  if (compressor == nullptr) return absl::ResourceExhaustedError("no memory for a zstd encoder");
  std::vector<std::byte> head(ZSTD_compressBound(beginning.size()));
  const std::size_t used =
      ZSTD_compress2(compressor.get(), head.data(), head.size(), beginning.data(), beginning.size());
  if (ZSTD_isError(used) != 0) return zstd_error(used);
  if (used != head_room_ && used + kSkippableHeader > head_room_) {
    return absl::OutOfRangeError(absl::StrCat("the beginning takes ", used, " bytes of ", head_room_));
  }
  head.resize(used);
  if (used < head_room_) {
    head.resize(used + kSkippableHeader);
    put_little_endian(head.data() + used, kSkippableMagic, 4);
    put_little_endian(head.data() + used + 4, head_room_ - head.size(), 4);
  }
  return target_.write_at(kMagicBytes, head);
}

}  // namespace baton::c1z
