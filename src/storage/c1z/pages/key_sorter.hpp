#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/file.hpp"

namespace baton::c1z {

/// Sorts row ids by keys, in bounded memory: what does not fit goes, sorted, into a temporary file without a
/// name and is merged back. Not thread-safe.
class KeySorter {
 public:
  /// `folder` takes the temporary file, if there is one. It is made at `memory_bytes` of keys.
  explicit KeySorter(std::string folder, std::size_t memory_bytes = std::size_t{8} << 20);
  ~KeySorter();
  KeySorter(const KeySorter&) = delete;
  KeySorter& operator=(const KeySorter&) = delete;

  bool empty() const { return count_ == 0; }
  absl::Status add(std::string_view key, std::int64_t row);

  /// Starts from the first pair; no `add` afterwards.
  absl::Status rewind();
  /// Goes to the next pair, by key and then row; false at the end.
  absl::StatusOr<bool> next();
  std::string_view key() const { return key_; }
  std::int64_t row() const { return row_; }

 private:
  class Entry {
   public:
    std::size_t offset = 0;
    std::uint32_t size = 0;
    std::int64_t row = 0;
  };
  /// Walks one sorted run of the file.
  class Run;

  void sort();
  absl::Status spill();
  std::string_view key_of(const Entry& entry) const {
    return std::string_view(bytes_).substr(entry.offset, entry.size);
  }

  std::string folder_;
  std::size_t memory_bytes_;
  std::uint64_t count_ = 0;
  std::string bytes_;
  std::vector<Entry> entries_;
  bool sorted_ = false;
  std::size_t at_ = 0;

  std::optional<TemporaryFile> file_;
  std::uint64_t file_bytes_ = 0;
  std::vector<std::uint64_t> run_ends_;
  std::vector<std::unique_ptr<Run>> runs_;  // a heap, the smallest in front

  std::string_view key_;
  std::int64_t row_ = 0;
};

}  // namespace baton::c1z
