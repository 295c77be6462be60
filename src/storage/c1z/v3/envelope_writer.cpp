#include "storage/c1z/v3/envelope_writer.hpp"

#include <openssl/evp.h>
#include <zstd.h>

#include <algorithm>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/hash.hpp"
#include "base/tuple_key.hpp"
#include "storage/c1z/deterministic.hpp"
#include "storage/c1z/envelope.hpp"

namespace baton::c1z::v3 {
namespace {

constexpr std::string_view kFooterMagic{"C1ZIDX1\0", 8};
constexpr std::size_t kHeadBytes = kMagicBytes + 4;

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

absl::StatusOr<std::string> sha256(std::string_view content) {
  std::string hash(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (EVP_Digest(content.data(), content.size(), reinterpret_cast<unsigned char*>(hash.data()), &size,
                 EVP_sha256(), nullptr) != 1) {
    return absl::InternalError("OpenSSL offers no SHA-256");
  }
  hash.resize(size);
  return hash;
}

}  // namespace

absl::StatusOr<EncodedFile> FileEncoder::encode(std::string name, std::string_view content) {
  if (compressor_ == nullptr) return absl::ResourceExhaustedError("no memory for compressing");
  EncodedFile encoded;
  encoded.name = std::move(name);
  const std::size_t most = ZSTD_compressBound(content.size());
  if (room_size_ < most) {
    room_ = std::make_unique_for_overwrite<char[]>(most);
    room_size_ = most;
  }
  const std::size_t size =
      ZSTD_compress2(compressor_.get(), room_.get(), room_size_, content.data(), content.size());
  if (ZSTD_isError(size) != 0) {
    return absl::InternalError(absl::StrCat("compressing ", encoded.name, ": ", ZSTD_getErrorName(size)));
  }
  encoded.frame.assign(room_.get(), size);
  encoded.raw_size = content.size();
  encoded.raw_xxh64 = hash64(content);
  absl::StatusOr<std::string> hash = sha256(content);
  if (!hash.ok()) return hash.status();
  encoded.raw_sha256 = *std::move(hash);
  return encoded;
}

absl::Status EnvelopeWriter::add(EncodedFile encoded) {
  if (absl::Status status = file_.write_at(end_, as_bytes(encoded.frame)); !status.ok()) return status;
  c1::c1z::v3::IndexedFrameEntry& entry = *index_.add_entries();
  entry.set_name(std::move(encoded.name));
  entry.set_frame_offset(static_cast<std::int64_t>(end_));
  entry.set_compressed_size(static_cast<std::int64_t>(encoded.frame.size()));
  entry.set_raw_size(static_cast<std::int64_t>(encoded.raw_size));
  entry.set_raw_xxh64(encoded.raw_xxh64);
  entry.set_raw_sha256(std::move(encoded.raw_sha256));
  index_.set_total_raw_size(index_.total_raw_size() + entry.raw_size());
  index_.set_total_compressed_size(index_.total_compressed_size() + entry.compressed_size());
  end_ += encoded.frame.size();
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> EnvelopeWriter::finish(const c1::c1z::v3::C1ZManifestV3& manifest) {
  std::string body;
  append_deterministic(manifest, body);
  if (kHeadBytes + body.size() > head_room_) {
    return absl::OutOfRangeError("the manifest is larger than the room that was left for it");
  }
  index_.set_manifest_xxh64(hash64(body));
  std::ranges::sort(*index_.mutable_entries(), {}, [](const auto& entry) { return entry.name(); });
  std::string tail;
  append_deterministic(index_, tail);
  const std::uint64_t hash = hash64(tail);
  const auto size = static_cast<std::uint32_t>(tail.size());
  append_be64(tail, end_);
  append_be32(tail, size);
  append_be64(tail, hash);
  tail.append(kFooterMagic);
  if (absl::Status status = file_.write_at(end_, as_bytes(tail)); !status.ok()) return status;
  end_ += tail.size();

  std::string head(kMagicV3);
  append_be32(head, static_cast<std::uint32_t>(body.size()));
  head.append(body);
  if (absl::Status status = file_.write_at(0, as_bytes(head)); !status.ok()) return status;
  return end_;
}

}  // namespace baton::c1z::v3
