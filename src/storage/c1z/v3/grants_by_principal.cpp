#include "storage/c1z/v3/grants_by_principal.hpp"

#include <span>

namespace baton::c1z::v3 {

bool GrantsByPrincipal::add(const GrantTuple& grant) {
  const bool first =
      entitlement_ends_.empty() || entitlement(entitlement_ends_.size() - 1) != grant.entitlement;
  if (first) {
    entitlement_bytes_.append(grant.entitlement);
    entitlement_ends_.push_back(entitlement_bytes_.size());
  }
  Waiting& waiting = waiting_[waiting_count_++];
  waiting.principal.assign(grant.principal);
  waiting.type_size = grant.principal.find('\0');
  waiting.entitlement = static_cast<std::uint32_t>(entitlement_ends_.size() - 1);
  principals_.prefetch_slot(waiting.type(), waiting.id());
  if (waiting_count_ == waiting_.size()) take_waiting();
  return first;
}

void GrantsByPrincipal::take_waiting() {
  const std::span<Waiting> all = std::span(waiting_).first(waiting_count_);
  waiting_count_ = 0;
  for (const Waiting& one : all) principals_.prefetch_entry(one.type(), one.id());
  for (Waiting& one : all) {
    one.number = principals_.number(principals_.refer(one.type(), one.id()));
    if (one.number == lists_.size()) {
      List& list = lists_.emplace_back();
      list.first = list.last = static_cast<std::uint32_t>(pieces_.size());
      pieces_.emplace_back();
    }
    __builtin_prefetch(&lists_[one.number]);
  }
  for (const Waiting& one : all) __builtin_prefetch(&pieces_[lists_[one.number].last]);
  for (const Waiting& one : all) append(lists_[one.number], one.entitlement);
}

void GrantsByPrincipal::append(List& list, std::uint32_t entitlement) {
  std::uint32_t distance = entitlement - list.entitlement;
  list.entitlement = entitlement;
  for (; distance >= 0x80; distance >>= 7) append_byte(list, static_cast<unsigned char>(distance | 0x80));
  append_byte(list, static_cast<unsigned char>(distance));
}

void GrantsByPrincipal::append_byte(List& list, unsigned char byte) {
  if (list.taken == Piece().bytes.size()) {
    const auto next = static_cast<std::uint32_t>(pieces_.size());
    pieces_.emplace_back();
    pieces_[list.last].next = next;
    list.last = next;
    list.taken = 0;
  }
  pieces_[list.last].bytes[list.taken++] = byte;
}

absl::Status GrantsByPrincipal::for_each(std::string_view prefix, const Visit& visit) const {
  std::string front;
  // Elements are written without a byte 00, so the order of pairs is the order of tuples.
  for (const Principals::Handle handle : principals_.in_order()) {
    front.assign(prefix).append(principals_.type(handle)).push_back('\0');
    front.append(principals_.id(handle)).push_back('\0');
    const List& list = lists_[principals_.number(handle)];
    std::uint32_t number = 0;
    std::uint32_t distance = 0;
    unsigned shift = 0;
    for (std::uint32_t at = list.first;; at = pieces_[at].next) {
      const Piece& piece = pieces_[at];
      const std::size_t size = at == list.last ? list.taken : piece.bytes.size();
      for (std::size_t i = 0; i < size; ++i) {
        distance |= static_cast<std::uint32_t>(piece.bytes[i] & 0x7f) << shift;
        shift += 7;
        if (piece.bytes[i] >= 0x80) continue;
        number += distance;
        distance = shift = 0;
        if (absl::Status status = visit(front, entitlement(number)); !status.ok()) return status;
      }
      if (at == list.last) break;
    }
  }
  return absl::OkStatus();
}

}  // namespace baton::c1z::v3
