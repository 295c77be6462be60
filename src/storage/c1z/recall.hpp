#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace baton::c1z {

/// Of encoded messages in each cache of a reader's looked-up rows.
inline constexpr std::size_t kRememberedBytes = std::size_t{4} << 20;

/// Remembers what was looked up last, absences included. When full it forgets everything and starts over,
/// which suits lists whose neighbours ask for the same rows. Pointers stay valid until the next `put`.
template <class Value>
class Recall {
 public:
  /// `capacity` is in bytes of encoded messages and their keys.
  explicit Recall(std::size_t capacity) : capacity_(capacity) {}

  /// The remembered answer to `key` (null inside for "there is none"), or null when the question is new.
  const std::unique_ptr<Value>* get(const std::string& key) const {
    const auto at = known_.find(key);
    return at == known_.end() ? nullptr : &at->second;
  }
  const Value* put(const std::string& key, std::unique_ptr<Value> value) {
    const std::size_t bytes = kEntryBytes + key.size() + (value == nullptr ? 0 : value->ByteSizeLong());
    if (bytes_ + bytes > capacity_) clear();
    bytes_ += bytes;
    return (known_[key] = std::move(value)).get();
  }
  void clear() {
    known_.clear();
    bytes_ = 0;
  }

 private:
  static constexpr std::size_t kEntryBytes = 64;

  std::size_t capacity_;
  std::size_t bytes_ = 0;
  std::unordered_map<std::string, std::unique_ptr<Value>> known_;
};

}  // namespace baton::c1z
