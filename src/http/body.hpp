#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace baton::http {

/// The bytes of a response, followed by `kPadding` readable bytes, so that a JSON parser that loads whole
/// vectors reads them in place.
///
/// Move-only; moving keeps the bytes where they are. Memory is not initialised before it is written.
class Body {
 public:
  static constexpr std::size_t kPadding = 64;

  Body() = default;
  Body(Body&& other) noexcept;
  Body& operator=(Body&& other) noexcept;
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  ~Body() = default;

  std::string_view view() const { return std::string_view(data_.get(), size_); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// Makes room for `bytes` in all; false when the system has no memory for that.
  [[nodiscard]] bool reserve(std::size_t bytes);
  /// Room behind the bytes there are, to be written and then counted with `commit`.
  char* tail() { return data_.get() + size_; }
  std::size_t tail_room() const { return capacity_ - size_; }
  void commit(std::size_t bytes) { size_ += bytes; }
  /// Adds a copy of `bytes`, growing in doubling steps; false as above.
  [[nodiscard]] bool append(std::string_view bytes);
  /// Writes zeros behind the last byte: a parser may look at them.
  void seal();

 private:
  class Release {
   public:
    void operator()(char* memory) const { std::free(memory); }
  };

  std::unique_ptr<char, Release> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace baton::http
