#include "storage/c1z/pages/page_image.hpp"

#include <cstring>

namespace baton::c1z {
namespace {

constexpr std::size_t kLeafHeader = 8;
constexpr std::size_t kInteriorHeader = 12;

}  // namespace

PageImage::PageImage(std::size_t page_bytes, PageType type, std::size_t offset)
    : bytes_(page_bytes), type_(type), offset_(offset) {
  const bool leaf = type == PageType::kIndexLeaf || type == PageType::kTableLeaf;
  first_pointer_ = offset + (leaf ? kLeafHeader : kInteriorHeader);
  clear();
}

char* PageImage::add(std::size_t cell_bytes) {
  content_ -= cell_bytes;
  put_be16(data() + pointers_end_, content_);
  pointers_end_ += kPointerBytes;
  ++count_;
  return data() + content_;
}

std::string_view PageImage::cell(std::size_t index) const {
  const auto begin_of = [this](std::size_t i) {
    const auto* const pointer =
        reinterpret_cast<const unsigned char*>(data() + first_pointer_ + i * kPointerBytes);
    return static_cast<std::size_t>(pointer[0] << 8 | pointer[1]);
  };
  const std::size_t begin = begin_of(index);
  return {data() + begin, (index == 0 ? bytes_.size() : begin_of(index - 1)) - begin};
}

void PageImage::drop_last() {
  content_ += cell(count_ - 1).size();
  pointers_end_ -= kPointerBytes;
  --count_;
}

std::span<const std::byte> PageImage::finish(std::uint32_t right) {
  char* const header = data() + offset_;
  header[0] = static_cast<char>(type_);
  put_be16(header + 1, 0);
  put_be16(header + 3, count_);
  // 65536 is written as 0.
  put_be16(header + 5, content_ & 0xffff);
  header[7] = 0;
  if (first_pointer_ == offset_ + kInteriorHeader) put_be32(header + 8, right);
  // What an earlier page left in between would only cost the compressor.
  std::memset(data() + pointers_end_, 0, content_ - pointers_end_);
  return bytes_;
}

void PageImage::clear() {
  count_ = 0;
  pointers_end_ = first_pointer_;
  content_ = bytes_.size();
}

}  // namespace baton::c1z
