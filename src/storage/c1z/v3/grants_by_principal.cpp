#include "storage/c1z/v3/grants_by_principal.hpp"

#include <span>
#include <utility>

namespace baton::c1z::v3 {

void GrantsByPrincipal::add(const GrantTuple& grant) {
  if (entitlements_.empty() || entitlement(entitlements_.size() - 1) != grant.entitlement) {
    entitlement_bytes_.append(grant.entitlement);
    entitlements_.emplace_back().tuple_end = static_cast<std::uint32_t>(entitlement_bytes_.size());
  }
  Waiting& waiting = waiting_[waiting_count_++];
  waiting.principal.assign(grant.principal);
  waiting.type_size = grant.principal.find('\0');
  principals_.prefetch_slot(waiting.type(), waiting.id());
  entitlements_.back().grants_end = static_cast<std::uint32_t>(grants_.size() + waiting_count_);
  if (waiting_count_ == kWaiting) refer_waiting();
}

void GrantsByPrincipal::refer_waiting() {
  const std::span<const Waiting> waiting = std::span(waiting_).first(waiting_count_);
  for (const Waiting& one : waiting) principals_.prefetch_entry(one.type(), one.id());
  for (const Waiting& one : waiting) grants_.push_back(principals_.refer(one.type(), one.id()));
  waiting_count_ = 0;
}

absl::Status GrantsByPrincipal::for_each(const std::function<absl::Status(const GrantTuple&)>& visit) const {
  // Where the grants of each principal begin, by its number, and then where its next one goes.
  std::vector<std::uint32_t> places(principals_.size());
  for (const Principals::Handle handle : grants_) ++places[principals_.number(handle)];
  // Elements are written without a byte 00, so the order of pairs is the order of tuples.
  const std::vector<Principals::Handle> order = principals_.in_order();
  std::uint32_t begin = 0;
  for (const Principals::Handle handle : order) {
    std::uint32_t& place = places[principals_.number(handle)];
    begin += std::exchange(place, begin);
  }
  std::vector<std::uint32_t> sorted(grants_.size());
  std::size_t at = 0;
  for (std::uint32_t number = 0; number < entitlements_.size(); ++number) {
    for (; at < entitlements_[number].grants_end; ++at) {
      sorted[places[principals_.number(grants_[at])]++] = number;
    }
  }
  std::string principal;
  GrantTuple grant;
  at = 0;
  for (const Principals::Handle handle : order) {
    principal.assign(principals_.type(handle)).push_back('\0');
    principal.append(principals_.id(handle));
    grant.principal = principal;
    for (const std::uint32_t end = places[principals_.number(handle)]; at < end; ++at) {
      grant.entitlement = entitlement(sorted[at]);
      if (absl::Status status = visit(grant); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace baton::c1z::v3
