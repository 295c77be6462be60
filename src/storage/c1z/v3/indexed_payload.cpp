#include "storage/c1z/v3/indexed_payload.hpp"

#include <xxhash.h>

#include <array>
#include <functional>
#include <limits>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/hash.hpp"
#include "base/tuple_key.hpp"
#include "storage/c1z/zstd_stream.hpp"
#include "storage/wire.hpp"

namespace baton::c1z::v3 {
namespace {

namespace wire = storage::wire;

/// Offset of the index (8), its length (4), its hash (8), magic (8).
constexpr std::size_t kFooterBytes = 28;
constexpr std::string_view kIndexMagic{"C1ZIDX1\0", 8};
constexpr std::uint32_t kLargestIndex = 64U << 20;
constexpr std::size_t kSha256Bytes = 32;

/// c1.c1z.v3.IndexedFrameEntry, of which millions could stand in an index.
class FrameEntry {
 public:
  std::string_view name;
  std::int64_t offset = 0;
  std::int64_t compressed_size = 0;
  std::int64_t raw_size = 0;
  std::uint64_t raw_hash = 0;
  std::size_t sha256_bytes = 0;

  bool parse(std::string_view message) {
    wire::Reader reader(message);
    for (wire::Field field; reader.next(field);) {
      const bool is_bytes = field.type == wire::Type::kBytes;
      const bool is_number = field.type == wire::Type::kVarint;
      if (field.number == 1 && is_bytes) name = field.bytes;
      if (field.number == 2 && is_number) offset = static_cast<std::int64_t>(field.value);
      if (field.number == 3 && is_number) compressed_size = static_cast<std::int64_t>(field.value);
      if (field.number == 4 && is_number) raw_size = static_cast<std::int64_t>(field.value);
      if (field.number == 5 && field.type == wire::Type::kFixed64) raw_hash = load_le64(field);
      if (field.number == 6 && is_bytes) sha256_bytes = field.bytes.size();
    }
    return !reader.failed();
  }
  static std::uint64_t load_le64(const wire::Field& field) {
    std::uint64_t value = 0;
    for (std::size_t i = 1; i <= 8; ++i) {
      value = value << 8 | static_cast<unsigned char>(field.raw[field.raw.size() - i]);
    }
    return value;
  }
};

class Frame {
 public:
  std::uint64_t offset = 0;
  std::uint64_t compressed_size = 0;
  std::uint64_t raw_size = 0;
  std::uint64_t raw_hash = 0;
  /// Where in the private copy its bytes go.
  std::uint64_t place = 0;
  bool unpacked = false;
};

class FreeHash {
 public:
  void operator()(XXH64_state_t* state) const { XXH64_freeState(state); }
};

class IndexedPayload final : public EnvelopeReader {
 public:
  explicit IndexedPayload(const PayloadPlace& place) : EnvelopeReader(place.path), place_(place) {}

  absl::Status read_index();
  absl::StatusOr<PayloadFile> file(std::string_view name) override;

 private:
  absl::StatusOr<std::string> read(std::uint64_t offset, std::size_t size, std::string_view what) const;
  absl::Status add_entry(const FrameEntry& entry, std::uint64_t frames_end);
  absl::Status unpack(std::string_view name, Frame& frame);

  PayloadPlace place_;
  std::map<std::string, Frame, std::less<>> frames_;
  std::uint64_t raw_bytes_ = 0;
  File copy_;
};

absl::StatusOr<std::string> IndexedPayload::read(std::uint64_t offset, std::size_t size,
                                                 std::string_view what) const {
  std::string bytes(size, '\0');
  const absl::StatusOr<std::size_t> got =
      place_.file->read_at(offset, std::as_writable_bytes(std::span(bytes)));
  if (!got.ok()) return got.status();
  if (*got < size)
    return damaged(absl::StrCat("it ends in its ", absl::string_view(what.data(), what.size())));
  return bytes;
}

absl::Status IndexedPayload::read_index() {
  if (place_.file_size - place_.begin < kFooterBytes) {
    return damaged("it ends before the footer that tells where its files are");
  }
  const std::uint64_t footer_at = place_.file_size - kFooterBytes;
  const absl::StatusOr<std::string> footer = read(footer_at, kFooterBytes, "footer");
  if (!footer.ok()) return footer.status();
  if (!std::string_view(*footer).ends_with(kIndexMagic)) {
    return damaged("it does not end with a footer; it may have been cut off");
  }
  const std::uint64_t index_at = load_be64(footer->data());
  const std::uint32_t index_size = load_be32(footer->data() + 8);
  if (index_size > kLargestIndex) {
    return damaged(absl::StrCat("its index claims ", index_size, " bytes; ", kLargestIndex, " are possible"));
  }
  if (index_at < place_.begin || index_at > footer_at || footer_at - index_at != index_size) {
    return damaged(absl::StrCat("its footer puts an index of ", index_size, " bytes at byte ", index_at,
                                ", which does not end at the footer"));
  }
  const absl::StatusOr<std::string> index = read(index_at, index_size, "index");
  if (!index.ok()) return index.status();
  if (hash64(*index) != load_be64(footer->data() + 12)) {
    return damaged("the hash of its index does not match");
  }
  wire::Reader reader(*index);
  std::uint64_t manifest_hash = 0;
  for (wire::Field field; reader.next(field);) {
    if (field.number == 4 && field.type == wire::Type::kFixed64) manifest_hash = FrameEntry::load_le64(field);
    if (field.number != 1 || field.type != wire::Type::kBytes) continue;
    FrameEntry entry;
    if (!entry.parse(field.bytes)) return damaged("its index is no valid protobuf message");
    if (absl::Status status = add_entry(entry, index_at); !status.ok()) return status;
  }
  if (reader.failed()) return damaged("its index is no valid protobuf message");
  if (manifest_hash != 0 && manifest_hash != place_.manifest_hash) {
    return damaged("the hash of its manifest does not match the one in its index");
  }
  return absl::OkStatus();
}

absl::Status IndexedPayload::add_entry(const FrameEntry& entry, std::uint64_t frames_end) {
  if (absl::Status status = add(std::string(entry.name), static_cast<std::uint64_t>(entry.raw_size));
      !status.ok()) {
    return status;
  }
  const auto damage = [&](auto... what) {
    return damaged(
        absl::StrCat("index entry \"", absl::Utf8SafeCEscape(std::string(entry.name)), "\" ", what...));
  };
  if (entry.raw_size < 0) return damage("claims a negative size");
  if (entry.compressed_size <= 0) return damage("has no frame");
  if (entry.sha256_bytes != kSha256Bytes) {
    return damage("has a SHA-256 of ", entry.sha256_bytes, " bytes instead of ", kSha256Bytes);
  }
  Frame frame;
  frame.offset = static_cast<std::uint64_t>(entry.offset);
  frame.compressed_size = static_cast<std::uint64_t>(entry.compressed_size);
  frame.raw_size = static_cast<std::uint64_t>(entry.raw_size);
  frame.raw_hash = entry.raw_hash;
  frame.place = raw_bytes_;
  if (entry.offset < 0 || frame.offset < place_.begin || frame.offset > frames_end ||
      frame.compressed_size > frames_end - frame.offset) {
    return damage("has its frame at bytes ", entry.offset, " to ", frame.offset + frame.compressed_size,
                  ", outside the payload");
  }
  if (frame.raw_size > place_.limits.max_decoded_bytes - raw_bytes_) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path(), " holds more than ", place_.limits.max_decoded_bytes,
                     " bytes when decoded; BATON_DECODER_MAX_DECODED_SIZE_MB raises the limit"));
  }
  raw_bytes_ += frame.raw_size;
  frames_.emplace(entry.name, frame);
  return absl::OkStatus();
}

absl::StatusOr<PayloadFile> IndexedPayload::file(std::string_view name) {
  const auto at = frames_.find(name);
  if (at == frames_.end()) return absl::InternalError("a file was asked for that the payload has not");
  if (!at->second.unpacked) {
    if (absl::Status status = unpack(name, at->second); !status.ok()) return status;
    at->second.unpacked = true;
  }
  return PayloadFile(copy_, at->second.place, at->second.raw_size);
}

absl::Status IndexedPayload::unpack(std::string_view name, Frame& frame) {
  if (!copy_.is_open()) {
    absl::StatusOr<File> copy = make_private_copy(place_);
    if (!copy.ok()) return copy.status();
    copy_ = *std::move(copy);
  }
  const std::string what = absl::StrCat(path(), ": ", absl::Utf8SafeCEscape(std::string(name)));
  const std::unique_ptr<XXH64_state_t, FreeHash> hash(XXH64_createState());
  if (hash == nullptr) return absl::ResourceExhaustedError("no memory for a hash");
  XXH64_reset(hash.get(), 0);
  std::uint64_t decoded = 0;
  const auto keep = [&](std::span<const std::byte> bytes) -> absl::Status {
    if (bytes.size() > frame.raw_size - decoded) {
      return absl::DataLossError(absl::StrCat(what, " is damaged: it decodes to more than the ",
                                              frame.raw_size, " bytes of the index"));
    }
    XXH64_update(hash.get(), bytes.data(), bytes.size());
    const absl::Status status = copied(path(), copy_.write_at(frame.place + decoded, bytes));
    decoded += bytes.size();
    return status;
  };
  const absl::StatusOr<std::uint64_t> done =
      decode_zstd(ZstdStream(*place_.file, what, frame.offset, frame.offset + frame.compressed_size),
                  place_.limits, keep);
  if (!done.ok()) return done.status();
  if (decoded != frame.raw_size) {
    return absl::DataLossError(absl::StrCat(what, " is damaged: it decodes to ", decoded,
                                            " bytes instead of the ", frame.raw_size, " of the index"));
  }
  if (XXH64_digest(hash.get()) != frame.raw_hash) {
    return absl::DataLossError(
        absl::StrCat(what, " is damaged: its hash does not match the one of the index"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<EnvelopeReader>> open_indexed_payload(const PayloadPlace& place) {
  auto payload = std::make_unique<IndexedPayload>(place);
  if (absl::Status status = payload->read_index(); !status.ok()) return status;
  return payload;
}

}  // namespace baton::c1z::v3
