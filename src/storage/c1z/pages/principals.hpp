#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"

namespace baton::c1z {

/// Every principal of the grants once, behind a handle of four bytes, so that a grant need not hold two
/// strings.
///
/// A principal takes its two ids and about 30 bytes. Laid out so that following a handle touches one place in
/// memory: that is done many million times, in an order that no cache knows. Not thread-safe.
class Principals {
 public:
  using Handle = std::uint32_t;

  /// The principal's handle, a new one or the old.
  Handle refer(std::string_view type, std::string_view id);
  /// Two steps that bring into the cache what `refer` will look at; the second one some time after the first.
  void prefetch_slot(std::string_view type, std::string_view id) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash(type, id) & (slots_.size() - 1)]);
  }
  void prefetch_entry(std::string_view type, std::string_view id) const {
    if (slots_.empty()) return;
    const Handle handle = slots_[hash(type, id) & (slots_.size() - 1)].handle;
    if (handle != kNone) prefetch(handle);
  }

  std::size_t size() const { return handles_.size(); }
  /// Principals are numbered from 0 as they come.
  std::uint32_t number(Handle handle) const { return load(handle, 0); }
  std::string_view type(Handle handle) const { return {text(handle), load(handle, 1)}; }
  std::string_view id(Handle handle) const {
    const std::uint32_t type_size = load(handle, 1);
    return {text(handle) + type_size + 1, load(handle, 2) - type_size - 1};
  }
  /// `type:id`.
  std::string_view joined(Handle handle) const { return {text(handle), load(handle, 2)}; }
  /// Says that the principal will be asked for soon.
  void prefetch(Handle handle) const { __builtin_prefetch(bytes_.data() + offset(handle)); }

  /// All handles, by type and then id.
  std::vector<Handle> in_order() const;
  /// By number each principal's place in the order of `type:id`; empty when that is the order of `by_type`,
  /// which `in_order` returned.
  std::vector<std::uint32_t> joined_ranks(const std::vector<Handle>& by_type) const;

 private:
  class Slot {
   public:
    std::uint32_t hash = 0;
    Handle handle = kNone;
  };
  static constexpr Handle kNone = UINT32_MAX;
  // In `bytes_` an entry is: number, size of the type, size of `type:id`, the text; its place is a multiple
  // of 8.
  static constexpr std::size_t kAlignment = 8;
  static constexpr std::size_t kHeadBytes = 3 * sizeof(std::uint32_t);

  /// Types are few, and hardly ever do two of them share an id.
  static std::uint32_t hash(std::string_view type, std::string_view id) {
    return static_cast<std::uint32_t>(hash64(id) + type.size());
  }
  static std::size_t offset(Handle handle) { return handle * kAlignment; }
  const char* text(Handle handle) const { return bytes_.data() + offset(handle) + kHeadBytes; }
  std::uint32_t load(Handle handle, std::size_t field) const {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes_.data() + offset(handle) + field * sizeof value, sizeof value);
    return value;
  }
  Handle append(std::string_view type, std::string_view id);
  Slot& find(std::uint32_t wanted, std::string_view type, std::string_view id);
  void grow();

  std::string bytes_;
  std::vector<Handle> handles_;
  std::vector<Slot> slots_;  // a power of two, at most half of them taken
};

}  // namespace baton::c1z
