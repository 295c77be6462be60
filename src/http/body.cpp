#include "http/body.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace baton::http {

Body::Body(Body&& other) noexcept
    : data_(std::move(other.data_)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Body& Body::operator=(Body&& other) noexcept {
  data_ = std::move(other.data_);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

bool Body::reserve(std::size_t bytes) {
  if (data_ && bytes <= capacity_) return true;
  auto* grown = static_cast<char*>(std::realloc(data_.get(), bytes + kPadding));
  if (grown == nullptr) return false;
  (void)data_.release();
  data_.reset(grown);
  capacity_ = bytes;
  return true;
}

bool Body::append(std::string_view bytes) {
  if (bytes.empty()) return true;
  if (bytes.size() > tail_room() &&
      !reserve(std::max({size_ + bytes.size(), capacity_ * 2, std::size_t{4096}}))) {
    return false;
  }
  std::memcpy(tail(), bytes.data(), bytes.size());
  commit(bytes.size());
  return true;
}

void Body::seal() {
  if (data_) std::memset(tail(), 0, kPadding);
}

}  // namespace baton::http
