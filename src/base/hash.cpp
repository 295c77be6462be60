#include "base/hash.hpp"

#include <xxhash.h>

namespace baton {

std::uint64_t hash64(std::string_view bytes) {
  return XXH64(bytes.data(), bytes.size(), 0);
}

Hash128 hash128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return Hash128(hash.high64, hash.low64);
}

}  // namespace baton
