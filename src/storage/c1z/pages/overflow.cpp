#include "storage/c1z/pages/overflow.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "storage/c1z/pages/page_image.hpp"

namespace baton::c1z {

absl::StatusOr<std::uint32_t> write_overflow(PageStream& pages, std::string_view rest) {
  const std::uint32_t first = pages.next();
  std::vector<std::byte> page(pages.page_bytes());
  auto* const bytes = reinterpret_cast<char*>(page.data());
  while (!rest.empty()) {
    const std::size_t here = std::min(rest.size(), page.size() - 4);
    // The chain is written in one go, so its pages follow each other, but for the one that is left out.
    put_be32(bytes, here == rest.size() ? 0 : pages.following(pages.next()));
    std::memcpy(bytes + 4, rest.data(), here);
    std::memset(bytes + 4 + here, 0, page.size() - 4 - here);
    rest.remove_prefix(here);
    if (const auto number = pages.append(page); !number.ok()) return number.status();
  }
  return first;
}

}  // namespace baton::c1z
