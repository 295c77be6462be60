#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// The protobuf wire format, as much of it as the hand-written encoders and transcoders of stored rows need.
/// Private to `storage/`.
namespace baton::storage::wire {

enum class Type : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

/// Bytes that `value` takes as a varint: one for each seven bits.
constexpr std::size_t varint_size(std::uint64_t value) {
  return static_cast<std::size_t>((std::bit_width(value | 1) + 6) / 7);
}

/// Appends fields to a string that it treats as raw memory: the string is longer than what was written, so
/// that an append costs one comparison. `finish` cuts it. The string must outlive the writer and is not to be
/// touched meanwhile.
class Writer {
 public:
  /// A place where a nested message was opened; hand it to `close`.
  class Mark {
   public:
    Mark(std::size_t tag_at, std::size_t length_at) : tag_at(tag_at), length_at(length_at) {}
    std::size_t tag_at;
    std::size_t length_at;
  };

  /// Writes from offset `at`, over whatever stood there.
  Writer(std::string& buffer, std::size_t at) : buffer_(buffer), size_(at) {}

  std::size_t size() const { return size_; }
  std::string_view written(std::size_t from) const {
    return std::string_view(buffer_.data() + from, size_ - from);
  }
  /// What was written at `offset`, to fill in.
  char* at(std::size_t offset) { return buffer_.data() + offset; }
  /// Forgets everything behind `size`.
  void rewind(std::size_t size) { size_ = size; }
  /// Cuts the string to what was written.
  void finish() { buffer_.resize(size_); }

  /// Room for `size` bytes, already counted as written.
  char* extend(std::size_t size) {
    if (size > buffer_.size() - size_) grow(size);
    char* const at = buffer_.data() + size_;
    size_ += size;
    return at;
  }

  void bytes(std::string_view text) {
    if (!text.empty()) std::memcpy(extend(text.size()), text.data(), text.size());
  }
  void byte(char value) { *extend(1) = value; }

  void varint(std::uint64_t value) {
    char* at = extend(varint_size(value));
    for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
    *at = static_cast<char>(value);
  }

  void tag(std::uint32_t field, Type type) { varint((field << 3) | static_cast<std::uint32_t>(type)); }

  /// Writes the field even when it is empty: repeated fields, presence.
  void bytes_field(std::uint32_t field, std::string_view text) {
    tag(field, Type::kBytes);
    varint(text.size());
    bytes(text);
  }
  /// A singular proto3 string: left out when empty.
  void string_field(std::uint32_t field, std::string_view text) {
    if (!text.empty()) bytes_field(field, text);
  }
  /// A singular proto3 number, enum or bool: left out when zero. Negative numbers go in as their 64-bit
  /// pattern.
  void number_field(std::uint32_t field, std::uint64_t value) {
    if (value == 0) return;
    tag(field, Type::kVarint);
    varint(value);
  }

  /// Begins a nested message. One byte is set aside for its length, which is enough for most.
  Mark open(std::uint32_t field) {
    const std::size_t tag_at = size_;
    tag(field, Type::kBytes);
    const Mark mark(tag_at, size_);
    byte(0);
    return mark;
  }
  /// Ends it, present even when it is empty.
  void close(Mark mark) {
    const std::size_t length = size_ - mark.length_at - 1;
    if (length < 0x80) {
      buffer_[mark.length_at] = static_cast<char>(length);
    } else {
      close_long(mark, length);
    }
  }
  /// Ends it, or takes it back when nothing was written.
  void close_or_drop(Mark mark) {
    if (size_ == mark.length_at + 1) {
      size_ = mark.tag_at;
    } else {
      close(mark);
    }
  }

 private:
  void grow(std::size_t size);
  void close_long(Mark mark, std::size_t length);

  std::string& buffer_;
  std::size_t size_;
};

/// One field as it was read; views point into the message.
class Field {
 public:
  std::uint32_t number = 0;
  Type type = Type::kVarint;
  /// Varints and fixed-width values.
  std::uint64_t value = 0;
  /// The content of a kBytes field.
  std::string_view bytes;
  /// The field as it stands in the message, tag included.
  std::string_view raw;
};

/// Reads a message field by field. Malformed input ends the walk with `failed()`; never reads past the end.
class Reader {
 public:
  explicit Reader(std::string_view message) : at_(message.data()), end_(message.data() + message.size()) {}

  /// False at the end, and on malformed input.
  bool next(Field& field) {
    if (at_ == end_) return false;
    const char* const begin = at_;
    std::uint64_t tag = 0;
    if (!varint(tag) || tag > 0xffffffff) return fail();
    field.number = static_cast<std::uint32_t>(tag >> 3);
    field.type = static_cast<Type>(tag & 7);
    switch (field.type) {
      case Type::kVarint:
        if (!varint(field.value)) return fail();
        break;
      case Type::kBytes: {
        std::uint64_t size = 0;
        if (!varint(size) || size > static_cast<std::uint64_t>(end_ - at_)) return fail();
        field.bytes = std::string_view(at_, size);
        at_ += size;
        break;
      }
      case Type::kFixed64:
        if (!fixed(8)) return fail();
        break;
      case Type::kFixed32:
        if (!fixed(4)) return fail();
        break;
      default:
        return fail();
    }
    field.raw = std::string_view(begin, static_cast<std::size_t>(at_ - begin));
    return true;
  }

  bool failed() const { return failed_; }

 private:
  bool varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool fixed(std::ptrdiff_t size) {
    if (end_ - at_ < size) return false;
    at_ += size;
    return true;
  }
  bool fail() {
    failed_ = true;
    at_ = end_;
    return false;
  }

  const char* at_;
  const char* end_;
  bool failed_ = false;
};

}  // namespace baton::storage::wire
