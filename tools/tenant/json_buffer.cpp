#include "tenant/json_buffer.hpp"

#include <algorithm>

namespace tenant {

void JsonBuffer::grow(std::size_t size) {
  const std::size_t wanted = std::max({size_ + size, capacity_ * 2, std::size_t{4096}});
  auto bigger = std::make_unique_for_overwrite<char[]>(wanted);
  if (size_ > 0) std::memcpy(bigger.get(), data_.get(), size_);
  data_ = std::move(bigger);
  capacity_ = wanted;
}

}  // namespace tenant
