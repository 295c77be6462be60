#include "storage/c1z/pages/principals.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace baton::c1z {
namespace {

constexpr std::size_t kFirstSlots = 1024;

}  // namespace

Principals::Handle Principals::refer(std::string_view type, std::string_view id) {
  if (slots_.size() < 2 * (handles_.size() + 1)) grow();
  const std::uint32_t wanted = hash(type, id);
  Slot& slot = find(wanted, type, id);
  if (slot.handle == kNone) slot = Slot{wanted, append(type, id)};
  return slot.handle;
}

Principals::Slot& Principals::find(std::uint32_t wanted, std::string_view type, std::string_view id) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = wanted & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.handle == kNone) return slot;
    if (slot.hash == wanted && this->id(slot.handle) == id && this->type(slot.handle) == type) return slot;
  }
}

Principals::Handle Principals::append(std::string_view type, std::string_view id) {
  bytes_.resize((bytes_.size() + kAlignment - 1) / kAlignment * kAlignment);
  const auto handle = static_cast<Handle>(bytes_.size() / kAlignment);
  const std::array<std::uint32_t, 3> head{static_cast<std::uint32_t>(handles_.size()),
                                          static_cast<std::uint32_t>(type.size()),
                                          static_cast<std::uint32_t>(type.size() + 1 + id.size())};
  bytes_.append(reinterpret_cast<const char*>(head.data()), kHeadBytes);
  bytes_.append(type).append(1, ':').append(id);
  handles_.push_back(handle);
  return handle;
}

void Principals::grow() {
  const std::vector<Slot> old =
      std::exchange(slots_, std::vector<Slot>(std::max(kFirstSlots, 2 * slots_.size())));
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.handle == kNone) continue;
    std::size_t at = slot.hash & mask;
    while (slots_[at].handle != kNone) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

std::vector<Principals::Handle> Principals::in_order() const {
  std::vector<Handle> order = handles_;
  std::ranges::sort(
      order, [this](Handle a, Handle b) { return std::tuple(type(a), id(a)) < std::tuple(type(b), id(b)); });
  return order;
}

std::vector<std::uint32_t> Principals::joined_ranks(const std::vector<Handle>& by_type) const {
  const auto before = [this](Handle a, Handle b) { return joined(a) < joined(b); };
  if (std::ranges::is_sorted(by_type, before)) return {};
  std::vector<Handle> order = by_type;
  std::ranges::stable_sort(order, before);
  std::vector<std::uint32_t> ranks(order.size());
  for (std::uint32_t rank = 0; rank < order.size(); ++rank) ranks[number(order[rank])] = rank;
  return ranks;
}

}  // namespace baton::c1z
