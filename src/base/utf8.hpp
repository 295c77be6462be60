#pragma once

#include <string>
#include <string_view>

namespace baton {

/// Whether `text` is well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF); protobuf
/// strings must be. Text that is all ASCII is checked eight bytes at a time.
bool is_valid_utf8(std::string_view text);

/// `text` with each byte that is not part of well-formed UTF-8 replaced by U+FFFD.
std::string sanitize_utf8(std::string_view text);

/// The longest prefix of at most `max_bytes` that does not end inside a character.
std::string_view truncate_utf8(std::string_view text, std::size_t max_bytes);

}  // namespace baton
