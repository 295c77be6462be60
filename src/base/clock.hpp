#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace baton {

/// Where time comes from, so that a test can set it. Implementations are safe to use from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall time, for anything that is written down or compared with another machine.
  virtual std::chrono::system_clock::time_point now() const = 0;
  /// Monotonic time, for waits and durations.
  virtual std::chrono::steady_clock::time_point steady_now() const = 0;
};

/// Where randomness comes from. Implementations are safe to use from any thread.
class Entropy {
 public:
  virtual ~Entropy() = default;
  /// Fills `out` completely; cannot fail.
  virtual void fill(std::span<std::byte> out) = 0;
  /// 64 random bits.
  std::uint64_t next64();
};

/// The clocks of the operating system.
class SystemClock final : public Clock {
 public:
  std::chrono::system_clock::time_point now() const override;
  std::chrono::steady_clock::time_point steady_now() const override;
};

/// The kernel's random bytes; ends the process should the kernel have none, as no safe answer exists then.
class SystemEntropy final : public Entropy {
 public:
  void fill(std::span<std::byte> out) override;
};

/// A clock that moves only when told to: for tests and for files that must come out byte for byte the same.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(std::chrono::system_clock::time_point start);
  std::chrono::system_clock::time_point now() const override;
  std::chrono::steady_clock::time_point steady_now() const override;
  /// Moves both clocks forward.
  void advance(std::chrono::nanoseconds by);

 private:
  std::chrono::system_clock::time_point start_;
  std::atomic<std::int64_t> elapsed_ns_{0};
};

/// A reproducible stream of bytes from a seed; never for secrets. Concurrent callers get distinct bytes, in
/// an order that depends on who came first.
class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed);
  void fill(std::span<std::byte> out) override;

 private:
  std::atomic<std::uint64_t> state_;
};

}  // namespace baton
