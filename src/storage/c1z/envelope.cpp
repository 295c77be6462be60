#include "storage/c1z/envelope.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <zstd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/c1z/compressor.hpp"
#include "storage/c1z/zstd_stream.hpp"

namespace baton::c1z {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// A value in MiB from the environment. Text that is no number is ignored, as the format's other readers do.
absl::Status read_mebibytes(const char* name, std::uint64_t& bytes, bool& chosen) {
  const char* text = std::getenv(name);
  if (text == nullptr) return absl::OkStatus();
  std::uint64_t value = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, value);
  if (error != std::errc() || stop != end || value > (std::uint64_t{1} << 43)) return absl::OkStatus();
  if (value == 0) return absl::InvalidArgumentError(absl::StrCat(name, " must not be 0"));
  bytes = value << 20;
  chosen = true;
  return absl::OkStatus();
}

/// The first bytes of a file, fewer than five only when it has no more; a view into `head`.
absl::StatusOr<std::string_view> read_magic(const File& file, std::array<std::byte, kMagicBytes>& head) {
  const absl::StatusOr<std::size_t> got = file.read_at(0, head);
  if (!got.ok()) return got.status();
  return std::string_view(reinterpret_cast<const char*>(head.data()), *got);
}

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
  const absl::StatusOr<std::string_view> magic = read_magic(*file, head);
  if (!magic.ok()) return magic.status();
  if (*magic == kMagicV1) return FileKind::kV1;
  if (*magic == kMagicV3) return FileKind::kV3;
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
  if (const absl::Status status = read_mebibytes("BATON_DECODER_MAX_DECODED_SIZE_MB",
                                                 limits.max_decoded_bytes, limits.decoded_bytes_chosen);
      !status.ok()) {
    return status;
  }
  bool window_chosen = false;
  if (const absl::Status status =
          read_mebibytes("BATON_DECODER_MAX_MEMORY_MB", limits.max_window_bytes, window_chosen);
      !status.ok()) {
    return status;
  }
  const char* disabled = std::getenv("BATON_DISABLE_FCS_FAIL_FAST");
  limits.trust_declared_size_to_refuse = disabled == nullptr || std::strcmp(disabled, "1") != 0;
  return limits;
}

absl::StatusOr<std::uint64_t> decompress_v1(const File& source, const std::string& path, const File& target,
                                            const DecodeLimits& limits) {
  const auto named = [&](const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
  };
  std::array<std::byte, kMagicBytes> head{};
  const absl::StatusOr<std::string_view> magic = read_magic(source, head);
  if (!magic.ok()) return named(magic.status());
  if (*magic == kMagicV3) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is a c1z of version 3, not of version 1"));
  }
  if (*magic != kMagicV1) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not a c1z file",
                                                   magic->empty() ? ": it is empty"
                                                   : magic->size() < kMagicBytes
                                                       ? ": it is only a few bytes long"
                                                       : ""));
  }
  const absl::StatusOr<std::uint64_t> size = source.size();
  if (!size.ok()) return named(size.status());
  return decode_zstd(ZstdStream(source, path, kMagicBytes, *size), limits,
                     [&](std::span<const std::byte> decoded) { return copied(path, target.write(decoded)); });
}

absl::Status copied(const std::string& path, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("decompressing ", path, " into a private copy: ",
                                                  status.message(), "; BATON_TMPDIR chooses another folder"));
}

}  // namespace baton::c1z
