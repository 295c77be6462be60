#pragma once

#include <map>
#include <string>
#include <utility>

#include "storage/record_source.hpp"

namespace baton::c1z {

/// Records that a test gives.
class MemoryRecords final : public storage::RecordSource {
 public:
  class Row {
   public:
    std::string value;
    std::string parent_type_id;
    std::string parent_id;
    bool needs_expansion = false;
  };
  using Rows = std::map<std::string, Row>;

  Rows& rows(storage::Family family) { return families_[family]; }
  /// Reading the grants fails after this many.
  void fail_after(std::size_t grants, absl::Status status) {
    fail_after_ = grants;
    failure_ = std::move(status);
  }

  absl::Status rewind(storage::Family family) override {
    family_ = family;
    next_ = families_[family].begin();
    read_ = 0;
    return absl::OkStatus();
  }
  absl::StatusOr<bool> next(storage::Record& record) override {
    if (family_ == storage::Family::kGrants && read_++ == fail_after_) return failure_;
    if (next_ == families_[family_].end()) return false;
    const auto& [key, row] = *next_++;
    record.key = key;
    record.value = row.value;
    record.parent_type_id = row.parent_type_id;
    record.parent_id = row.parent_id;
    record.needs_expansion = row.needs_expansion;
    return true;
  }

 private:
  std::map<storage::Family, Rows> families_;
  storage::Family family_ = storage::Family::kResourceTypes;
  Rows::const_iterator next_;
  std::size_t read_ = 0;
  std::size_t fail_after_ = SIZE_MAX;
  absl::Status failure_;
};

}  // namespace baton::c1z
