#include "actors/process_memory.hpp"

#include <malloc.h>
#include <sys/resource.h>

namespace baton::actors {

std::uint64_t peak_resident_bytes() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

void return_freed_memory() {
  malloc_trim(0);
}

}  // namespace baton::actors
