#pragma once

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace baton::c1z::v3 {

/// What all open tables and cursors of one file may hold together. Not thread-safe.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t limit) : limit_(limit) {}

  /// A part of it, given back with the object; the budget must outlive it.
  class Share {
   public:
    explicit Share(MemoryBudget& budget) : budget_(&budget) {}
    Share(Share&& other) noexcept : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
    Share& operator=(Share&&) = delete;
    ~Share() { budget_->used_ -= bytes_; }

    /// Holds `bytes` instead of what it held. ResourceExhausted when the budget has not so much left.
    absl::Status resize(std::uint64_t bytes) {
      if (bytes > bytes_ && bytes - bytes_ > budget_->limit_ - budget_->used_) {
        return absl::ResourceExhaustedError(
            absl::StrCat("its tables need more than ", budget_->limit_, " bytes of memory at once"));
      }
      budget_->used_ += bytes - bytes_;
      bytes_ = bytes;
      return absl::OkStatus();
    }
    std::uint64_t bytes() const { return bytes_; }

   private:
    MemoryBudget* budget_;
    std::uint64_t bytes_ = 0;
  };

 private:
  std::uint64_t limit_;
  std::uint64_t used_ = 0;
};

}  // namespace baton::c1z::v3
