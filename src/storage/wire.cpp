#include "storage/wire.hpp"

#include <algorithm>

namespace baton::storage::wire {

void Writer::grow(std::size_t size) {
  constexpr std::size_t kFirst = 4096;
  buffer_.resize(std::max({kFirst, buffer_.size() * 2, size_ + size}));
}

void Writer::close_long(Mark mark, std::size_t length) {
  const std::size_t more = varint_size(length) - 1;
  extend(more);
  char* const content = buffer_.data() + mark.length_at + 1;
  std::memmove(content + more, content, length);
  char* at = buffer_.data() + mark.length_at;
  std::size_t value = length;
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
  *at = static_cast<char>(value);
}

}  // namespace baton::storage::wire
