#pragma once

#include <cstdint>

namespace baton::actors {

/// The largest resident size that this process has had, in bytes; 0 where the kernel does not tell.
std::uint64_t peak_resident_bytes();

}  // namespace baton::actors
