#include "sync/simple_fold.hpp"

#include <cstdint>

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace baton::sync {

std::string simple_fold(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  const auto length = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < length;) {
    UChar32 character = 0;
    U8_NEXT_OR_FFFD(text.data(), at, length, character);
    character = u_foldCase(character, U_FOLD_CASE_DEFAULT);
    char bytes[U8_MAX_LENGTH];
    std::int32_t size = 0;
    U8_APPEND_UNSAFE(bytes, size, character);
    folded.append(bytes, static_cast<std::size_t>(size));
  }
  return folded;
}

}  // namespace baton::sync
