#pragma once

#include <string>
#include <string_view>

namespace baton::sync {

/// `text` with each character in its simple case folding: K, k and the Kelvin sign become one, so do Σ, σ and
/// ς, s and ſ, ẞ and ß; İ and ı stay themselves. Nothing is trimmed, normalised or made longer. Bytes that
/// are not UTF-8 fold to U+FFFD each.
std::string simple_fold(std::string_view text);

}  // namespace baton::sync
