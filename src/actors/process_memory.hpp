#pragma once

#include <cstdint>

namespace baton::actors {

/// The largest resident size that this process has had, in bytes; 0 where the kernel does not tell.
std::uint64_t peak_resident_bytes();

/// Gives memory that was freed back to the kernel: what one step of a sync left behind in the heaps of its
/// threads must not count on top of what the next one needs. Takes milliseconds.
void return_freed_memory();

}  // namespace baton::actors
