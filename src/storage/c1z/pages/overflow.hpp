#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/c1z/pages/page_stream.hpp"

/// Payloads that are too long for a b-tree page keep their beginning in the cell and the rest in a chain of
/// pages.
namespace baton::c1z {

/// How much of a payload stays in its cell: "Cell payload overflow" of the file format. The limits of tables
/// and of indexes differ.
class LocalPayload {
 public:
  static LocalPayload of_table(std::size_t page_bytes) { return {page_bytes, page_bytes - 35}; }
  static LocalPayload of_index(std::size_t page_bytes) {
    return {page_bytes, (page_bytes - 12) * 64 / 255 - 23};
  }

  std::size_t largest() const { return largest_; }
  std::size_t bytes(std::size_t payload) const {
    if (payload <= largest_) return payload;
    const std::size_t local = smallest_ + (payload - smallest_) % (page_bytes_ - 4);
    return local <= largest_ ? local : smallest_;
  }

 private:
  LocalPayload(std::size_t page_bytes, std::size_t largest)
      : page_bytes_(page_bytes), largest_(largest), smallest_((page_bytes - 12) * 32 / 255 - 23) {}

  std::size_t page_bytes_;
  std::size_t largest_;
  std::size_t smallest_;
};

/// Writes `rest`, which is not empty, as a chain of pages; returns the first one's number.
absl::StatusOr<std::uint32_t> write_overflow(PageStream& pages, std::string_view rest);

}  // namespace baton::c1z
