#include "storage/c1z/v3/tar_payload.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/c1z/zstd_stream.hpp"

namespace baton::c1z::v3 {
namespace {

/// POSIX ustar.
constexpr std::size_t kRecord = 512;
constexpr std::uint64_t kPermissions = 0777;
constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 40;

class Header {
 public:
  explicit Header(std::string_view record) : record_(record) {}

  bool is_end() const { return record_.find_first_not_of('\0') == std::string_view::npos; }
  std::string name() const {
    const std::string prefix(text(345, 155));
    const bool has_prefix = record_.substr(257, 6) == std::string_view("ustar\0", 6) && !prefix.empty();
    return has_prefix ? absl::StrCat(prefix, "/", std::string(text(0, 100))) : std::string(text(0, 100));
  }
  char type() const { return record_[156]; }
  std::optional<std::uint64_t> mode() const { return octal(100, 8); }
  std::optional<std::uint64_t> size() const { return octal(124, 12); }
  bool checksum_fits() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < record_.size(); ++i) {
      sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(record_[i]);
    }
    return octal(148, 8) == sum;
  }

 private:
  std::string_view text(std::size_t at, std::size_t size) const {
    const std::string_view field = record_.substr(at, size);
    return field.substr(0, std::min(field.find('\0'), field.size()));
  }
  std::optional<std::uint64_t> octal(std::size_t at, std::size_t size) const {
    std::string_view digits = text(at, size);
    while (!digits.empty() && digits.front() == ' ') digits.remove_prefix(1);
    while (!digits.empty() && digits.back() == ' ') digits.remove_suffix(1);
    if (digits.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (const char digit : digits) {
      if (digit < '0' || digit > '7') return std::nullopt;
      value = value << 3 | static_cast<std::uint64_t>(digit - '0');
    }
    return value;
  }

  std::string_view record_;
};

class TarPayload final : public EnvelopeReader {
 public:
  explicit TarPayload(const PayloadPlace& place) : EnvelopeReader(place.path), place_(place) {}

  absl::Status unpack();
  absl::Status read_headers();

  absl::StatusOr<PayloadFile> file(std::string_view name) override {
    const auto at = begins_.find(name);
    if (at == begins_.end()) return absl::InternalError("a file was asked for that the payload has not");
    return PayloadFile(archive(), at->second, sizes_.find(name)->second);
  }

 private:
  const File& archive() const { return copy_.is_open() ? copy_ : *place_.file; }
  absl::Status damaged_at(std::uint64_t at, std::string_view what) const {
    return damaged(absl::StrCat("its tar archive, at byte ", at - begin_, ": ",
                                absl::string_view(what.data(), what.size())));
  }

  PayloadPlace place_;
  File copy_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> begins_;
};

absl::Status TarPayload::unpack() {
  absl::StatusOr<File> copy = make_private_copy(place_);
  if (!copy.ok()) return copy.status();
  copy_ = *std::move(copy);
  const absl::StatusOr<std::uint64_t> decoded =
      decode_zstd(ZstdStream(*place_.file, path(), place_.begin, place_.file_size), place_.limits,
                  [&](std::span<const std::byte> bytes) { return copied(path(), copy_.write(bytes)); });
  if (!decoded.ok()) return decoded.status();
  end_ = *decoded;
  return absl::OkStatus();
}

absl::Status TarPayload::read_headers() {
  if (!copy_.is_open()) {
    begin_ = place_.begin;
    end_ = place_.file_size;
    if (end_ - begin_ > place_.limits.max_decoded_bytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path(), " holds more than ", place_.limits.max_decoded_bytes,
                       " bytes; BATON_DECODER_MAX_DECODED_SIZE_MB raises the limit"));
    }
  }
  std::array<char, kRecord> record{};
  for (std::uint64_t at = begin_;;) {
    if (end_ - at < kRecord) return damaged_at(at, "it ends without its end mark");
    const absl::StatusOr<std::size_t> got = archive().read_at(at, std::as_writable_bytes(std::span(record)));
    if (!got.ok()) return got.status();
    if (*got < kRecord) return damaged_at(at, "it became shorter while it was read");
    const Header header(std::string_view(record.data(), record.size()));
    if (header.is_end()) return absl::OkStatus();
    if (!header.checksum_fits()) return damaged_at(at, "the checksum of a header does not match");
    const std::optional<std::uint64_t> size = header.size();
    const std::optional<std::uint64_t> mode = header.mode();
    const bool folder = header.type() == '5';
    if (!folder && header.type() != '0' && header.type() != '\0') {
      return damaged_at(at, absl::StrCat("an entry of type '", absl::CEscape(std::string(1, header.type())),
                                         "'; only folders and regular files are possible"));
    }
    if (!size || *size > kLargestFile || (folder && *size != 0)) {
      return damaged_at(at, "a header with an impossible size");
    }
    if (!mode || (*mode & ~kPermissions) != 0) return damaged_at(at, "a header with an impossible mode");
    at += kRecord;
    if (*size > end_ - at) return damaged_at(at, "it ends in the middle of a file");
    if (!folder) {
      std::string name = header.name();
      if (absl::Status status = add(name, *size); !status.ok()) return status;
      begins_.emplace(std::move(name), at);
    }
    at += std::min((*size + kRecord - 1) / kRecord * kRecord, end_ - at);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<EnvelopeReader>> open_tar_payload(const PayloadPlace& place, bool compressed) {
  auto payload = std::make_unique<TarPayload>(place);
  if (compressed) {
    if (absl::Status status = payload->unpack(); !status.ok()) return status;
  }
  if (absl::Status status = payload->read_headers(); !status.ok()) return status;
  return payload;
}

}  // namespace baton::c1z::v3
