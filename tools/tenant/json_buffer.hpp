#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace tenant {

/// A growing byte buffer for hand-written JSON. It keeps its memory when cleared, so that a connection which
/// serves pages of one size allocates once. Bytes are never zeroed first.
class JsonBuffer {
 public:
  /// A pointer to at least `size` writable bytes behind what is there. Valid until the next call;
  /// `commit` says how far the caller wrote.
  char* reserve(std::size_t size) {
    if (capacity_ - size_ < size) grow(size);
    return data_.get() + size_;
  }
  /// Takes over everything up to `end`, which lies inside the bytes of the last `reserve`.
  void commit(const char* end) { size_ = static_cast<std::size_t>(end - data_.get()); }

  void append(std::string_view text) {
    if (text.empty()) return;
    char* out = reserve(text.size());
    std::memcpy(out, text.data(), text.size());
    commit(out + text.size());
  }
  /// Drops what lies behind the first `size` bytes.
  void truncate(std::size_t size) {
    if (size < size_) size_ = size;
  }
  void clear() { size_ = 0; }

  std::size_t size() const { return size_; }
  std::string_view view() const { return std::string_view(data_.get(), size_); }

 private:
  void grow(std::size_t size);

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace tenant
