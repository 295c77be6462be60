#include "storage/c1z/envelope.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/c1z/compressor.hpp"

namespace baton::c1z {
namespace {

constexpr std::uint32_t kFrameMagic = 0xFD2FB528;
constexpr std::uint32_t kSkippableMagic = 0x184D2A50;  // its low four bits are free
constexpr std::size_t kLongestFrameHeader = 18;
constexpr std::size_t kInputBytes = std::size_t{256} << 10;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

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

/// A value in MiB from the environment. Text that is no number is ignored, as the format's other readers do.
absl::Status read_mebibytes(const char* name, std::uint64_t& bytes) {
  const char* text = std::getenv(name);
  if (text == nullptr) return absl::OkStatus();
  std::uint64_t value = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, value);
  if (error != std::errc() || stop != end || value > (std::uint64_t{1} << 43)) return absl::OkStatus();
  if (value == 0) return absl::InvalidArgumentError(absl::StrCat(name, " must not be 0"));
  bytes = value << 20;
  return absl::OkStatus();
}

/// Reads a file through a window of bytes that can be looked at before they are taken.
class Input {
 public:
  explicit Input(const File& file) : file_(file), buffer_(kInputBytes) {}

  /// Makes at least `wanted` bytes visible, fewer only at the end of the file.
  absl::Status fill(std::size_t wanted) {
    if (end_ - begin_ >= wanted) return absl::OkStatus();
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    while (end_ < wanted) {
      const absl::StatusOr<std::size_t> got = file_.read(std::span(buffer_).subspan(end_));
      if (!got.ok()) return got.status();
      if (*got == 0) break;
      end_ += *got;
    }
    return absl::OkStatus();
  }
  std::span<const std::byte> visible() const { return std::span(buffer_).subspan(begin_, end_ - begin_); }
  void take(std::size_t count) {
    begin_ += count;
    taken_ += count;
  }
  std::uint64_t taken() const { return taken_; }

 private:
  const File& file_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t taken_ = 0;
};

class Decoder {
 public:
  Decoder(const File& source, const std::string& path, const File& target, const DecodeLimits& limits)
      : input_(source), path_(path), target_(target), limits_(limits), output_(ZSTD_DStreamOutSize()) {}

  absl::StatusOr<std::uint64_t> run() {
    if (const absl::Status status = check_magic(); !status.ok()) return status;
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
  absl::Status check_magic() {
    if (const absl::Status status = fill(kMagicBytes); !status.ok()) return status;
    const std::span<const std::byte> seen = input_.visible();
    const std::string_view magic(reinterpret_cast<const char*>(seen.data()),
                                 std::min(seen.size(), kMagicBytes));
    if (magic == kMagicV3) {
      return absl::UnimplementedError(
          absl::StrCat(path_, " is a c1z of version 3, which this program does not read yet"));
    }
    if (magic != kMagicV1) {
      return absl::InvalidArgumentError(absl::StrCat(path_, " is not a c1z file",
                                                     seen.empty() ? ": it is empty"
                                                     : seen.size() < kMagicBytes
                                                         ? ": it is only a few bytes long"
                                                         : ""));
    }
    input_.take(kMagicBytes);
    return absl::OkStatus();
  }

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
      if (const absl::Status status = keep(out.pos); !status.ok()) return status;
      if (left == 0) return absl::OkStatus();
      more_to_flush = out.pos == out.size;
    }
  }

  absl::Status fill(std::size_t wanted) {
    const absl::Status status = input_.fill(wanted);
    return status.ok() ? status : absl::Status(status.code(), absl::StrCat(path_, ": ", status.message()));
  }
  /// Writes the first bytes of the output to the copy.
  absl::Status keep(std::size_t count) {
    const absl::Status status = target_.write(std::span(output_).first(count));
    if (status.ok()) return status;
    return absl::Status(status.code(),
                        absl::StrCat("decompressing ", path_, " into a private copy: ", status.message(),
                                     "; BATON_TMPDIR chooses another folder"));
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
    return absl::DataLossError(absl::StrCat(path_, " is damaged near byte ", input_.taken(), ": ",
                                            absl::string_view(what.data(), what.size())));
  }

  Input input_;
  const std::string& path_;
  const File& target_;
  const DecodeLimits& limits_;
  std::vector<std::byte> output_;
  std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context_{ZSTD_createDCtx()};
  std::uint64_t decoded_ = 0;
};

}  // namespace

absl::StatusOr<FileKind> inspect(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    if (errno == ENOENT) return FileKind::kMissing;
    return errno_status(errno, absl::StrCat("looking at ", path));
  }
  if (!S_ISREG(about.st_mode)) return FileKind::kNotAFile;
  if (about.st_size == 0) return FileKind::kEmpty;
  const absl::StatusOr<File> file = open_for_reading(path);
  if (!file.ok()) return file.status();
  std::array<std::byte, kMagicBytes> head{};
  std::size_t have = 0;
  while (have < head.size()) {
    const absl::StatusOr<std::size_t> got = file->read(std::span(head).subspan(have));
    if (!got.ok()) return got.status();
    if (*got == 0) break;
    have += *got;
  }
  const std::string_view magic(reinterpret_cast<const char*>(head.data()), have);
  if (magic == kMagicV1) return FileKind::kV1;
  if (magic == kMagicV3) return FileKind::kV3;
  return FileKind::kOther;
}

absl::StatusOr<std::uint64_t> compress_v1(const File& source, std::uint64_t size, const File& target,
                                          const CompressOptions& options) {
  const Compressor context = make_compressor(options.level, options.workers);
  if (context == nullptr) return absl::ResourceExhaustedError("no memory for a zstd encoder");
  ZSTD_CCtx_setPledgedSrcSize(context.get(), size);

  if (const absl::Status status = source.rewind(); !status.ok()) return status;
  if (const absl::Status status = target.write(bytes_of(kMagicV1)); !status.ok()) return status;
  std::vector<std::byte> input(std::size_t{1} << 20);
  std::vector<std::byte> output(ZSTD_CStreamOutSize());
  std::uint64_t read = 0;
  std::uint64_t written = kMagicBytes;
  for (bool last = false; !last;) {
    const absl::StatusOr<std::size_t> got = source.read(input);
    if (!got.ok()) return got.status();
    read += *got;
    last = *got == 0 || read == size;
    ZSTD_inBuffer in{input.data(), *got, 0};
    std::size_t left = 0;
    do {
      ZSTD_outBuffer out{output.data(), output.size(), 0};
      left = ZSTD_compressStream2(context.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left) != 0)
        return absl::InternalError(absl::StrCat("zstd: ", ZSTD_getErrorName(left)));
      if (const absl::Status status = target.write(std::span(output).first(out.pos)); !status.ok())
        return status;
      written += out.pos;
    } while (last ? left != 0 : in.pos != in.size);
    if (options.progress) {
      if (const absl::Status status = options.progress(read); !status.ok()) return status;
    }
  }
  return written;
}

absl::StatusOr<DecodeLimits> DecodeLimits::from_environment() {
  DecodeLimits limits;
  if (const absl::Status status =
          read_mebibytes("BATON_DECODER_MAX_DECODED_SIZE_MB", limits.max_decoded_bytes);
      !status.ok()) {
    return status;
  }
  if (const absl::Status status = read_mebibytes("BATON_DECODER_MAX_MEMORY_MB", limits.max_window_bytes);
      !status.ok()) {
    return status;
  }
  const char* disabled = std::getenv("BATON_DISABLE_FCS_FAIL_FAST");
  limits.trust_declared_size_to_refuse = disabled == nullptr || std::strcmp(disabled, "1") != 0;
  return limits;
}

absl::StatusOr<std::uint64_t> decompress_v1(const File& source, const std::string& path, const File& target,
                                            const DecodeLimits& limits) {
  return Decoder(source, path, target, limits).run();
}

}  // namespace baton::c1z
