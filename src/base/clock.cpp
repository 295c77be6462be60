#include "base/clock.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace baton {

std::uint64_t Entropy::next64() {
  std::array<std::byte, 8> bytes{};
  fill(bytes);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::chrono::system_clock::time_point SystemClock::now() const {
  return std::chrono::system_clock::now();
}

std::chrono::steady_clock::time_point SystemClock::steady_now() const {
  return std::chrono::steady_clock::now();
}

void SystemEntropy::fill(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t count = ::getrandom(out.data(), out.size(), 0);
    if (count > 0) {
      out = out.subspan(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      std::fputs("the kernel has no random bytes (getrandom failed)\n", stderr);
      std::abort();
    }
  }
}

FixedClock::FixedClock(std::chrono::system_clock::time_point start) : start_(start) {}

std::chrono::system_clock::time_point FixedClock::now() const {
  const std::chrono::nanoseconds elapsed(elapsed_ns_.load(std::memory_order_relaxed));
  return start_ + std::chrono::duration_cast<std::chrono::system_clock::duration>(elapsed);
}

std::chrono::steady_clock::time_point FixedClock::steady_now() const {
  const std::chrono::nanoseconds elapsed(elapsed_ns_.load(std::memory_order_relaxed));
  return std::chrono::steady_clock::time_point(elapsed);
}

void FixedClock::advance(std::chrono::nanoseconds by) {
  elapsed_ns_.fetch_add(by.count(), std::memory_order_relaxed);
}

SeededEntropy::SeededEntropy(std::uint64_t seed) : state_(seed) {}

void SeededEntropy::fill(std::span<std::byte> out) {
  // A counter run through a mixing function (the constants are those of splitmix64): the counter makes it
  // thread-safe, the mixer makes neighbouring counters unrelated.
  constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;
  while (!out.empty()) {
    std::uint64_t word = state_.fetch_add(kStep, std::memory_order_relaxed) + kStep;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9U;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebU;
    word ^= word >> 31;
    const std::size_t count = std::min(out.size(), sizeof word);
    std::memcpy(out.data(), &word, count);
    out = out.subspan(count);
  }
}

}  // namespace baton
