#pragma once

#include <cstdio>
#include <cstdlib>

namespace baton::fuzz {

/// Ends the process, as a sanitizer would, when something that must hold for every input does not.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace baton::fuzz
