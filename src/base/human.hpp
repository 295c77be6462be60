#pragma once

#include <chrono>
#include <cstdint>
#include <string>

/// Figures as a summary prints them.
namespace baton {

/// "0.42 s", "12.3 s", "3 m 07 s", "2 h 05 m"; always positive.
std::string human_duration(std::chrono::nanoseconds duration);

/// "999 B", "1.5 KiB", "12.3 MiB"; powers of 1024.
std::string human_bytes(std::uint64_t bytes);

/// "1,234,567".
std::string human_count(std::uint64_t count);

}  // namespace baton
