#include "storage/c1z/v3/log_reader.hpp"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/c1z/v3/bytes_cursor.hpp"
#include "storage/c1z/v3/checksum.hpp"

namespace baton::c1z::v3 {
namespace {

constexpr std::size_t kBlock = 32 << 10;
/// Checksum (4), length (2), type (1).
constexpr std::size_t kHeader = 7;
/// Recyclable chunks also have the low half of the log's number.
constexpr std::size_t kLogNumber = 4;

enum ChunkType : std::uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4, kRecyclable = 4 };

absl::Status broken(std::size_t at, const char* what) {
  return absl::DataLossError(absl::StrCat("at byte ", at, ": ", what));
}

}  // namespace

absl::StatusOr<bool> LogReader::next(std::string& record) {
  record.clear();
  record_at_ = at_;
  bool open = false;
  while (true) {
    const std::size_t block_end = std::min(log_.size(), at_ / kBlock * kBlock + kBlock);
    if (block_end - at_ < kHeader) {
      const std::string_view padding = log_.substr(at_, block_end - at_);
      if (padding.find_first_not_of('\0') != std::string_view::npos) {
        return broken(at_, "the beginning of a chunk that is cut off");
      }
      at_ = block_end;
      if (at_ < log_.size()) continue;
      if (open) return broken(record_at_, "a record without its end");
      return false;
    }
    const char* const chunk = log_.data() + at_;
    const std::uint32_t checksum = load_le<std::uint32_t>(chunk);
    const std::size_t length = load_le<std::uint16_t>(chunk + 4);
    auto type = static_cast<std::uint8_t>(chunk[6]);
    if (type == kZero && checksum == 0 && length == 0) {
      // Space that was reserved and never written.
      if (log_.substr(at_, block_end - at_).find_first_not_of('\0') != std::string_view::npos) {
        return broken(at_, "a chunk without a type");
      }
      at_ = block_end;
      continue;
    }
    std::size_t header = kHeader;
    if (type > kLast && type <= kLast + kRecyclable) {
      type = static_cast<std::uint8_t>(type - kRecyclable);
      header += kLogNumber;
    }
    if (type == kZero || type > kLast) return broken(at_, "a chunk of an unknown type");
    if (block_end - at_ < header || length > block_end - at_ - header) {
      return broken(at_, "a chunk that is cut off");
    }
    // Over the type and all behind it.
    if (mask_checksum(crc32c(log_.substr(at_ + 6, header - 6 + length))) != checksum) {
      return broken(at_, "the checksum of a chunk does not match");
    }
    const bool first = type == kFull || type == kFirst;
    if (first == open) {
      return broken(at_, open ? "a record begins inside another" : "the middle of a record that never began");
    }
    if (first) record_at_ = at_;
    open = true;
    record.append(log_.substr(at_ + header, length));
    at_ += header + length;
    if (type == kFull || type == kLast) return true;
  }
}

}  // namespace baton::c1z::v3
