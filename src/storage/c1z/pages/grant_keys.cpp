#include "storage/c1z/pages/grant_keys.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <tuple>
#include <utility>

namespace baton::c1z {
namespace {

absl::Status out_of_order() {
  return absl::DataLossError("grants do not come in order of their identity; the run directory is damaged");
}

/// Whether `a:` comes before `b:`.
bool comes_before_with_colon(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  const int order = a.substr(0, common).compare(b.substr(0, common));
  if (order != 0 || a.size() == b.size()) return order < 0;
  return a.size() < b.size() ? static_cast<unsigned char>(b[common]) >= ':'
                             : static_cast<unsigned char>(a[common]) < ':';
}

}  // namespace

absl::Status GrantKeys::add(std::string_view resource_type, std::string_view resource,
                            std::string_view entitlement, std::string_view principal_type,
                            std::string_view principal, std::string_view own_id) {
  if (principal_of_.size() == UINT32_MAX) {
    return absl::ResourceExhaustedError("more than four billion grants do not go into one file");
  }
  const bool same_group = !groups_.empty() && entitlement == entitlement_of(groups_.back()) &&
                          resource == last_resource_ && resource_type == last_resource_type_;
  if (!same_group) {
    if (absl::Status status = begin_group(resource_type, resource, entitlement); !status.ok()) return status;
  } else {
    const Principals::Handle before = principal_of_.back();
    if (std::tuple(principals_.type(before), principals_.id(before)) >=
        std::tuple(principal_type, principal)) {
      return out_of_order();
    }
  }
  const std::uint32_t row = rows();
  principal_of_.push_back(principals_.refer(principal_type, principal));
  groups_.back().end = row + 1;
  own_.push_back(!own_id.empty());
  return own_id.empty() ? absl::OkStatus() : own_ids_.add(own_id, row);
}

absl::Status GrantKeys::begin_group(std::string_view resource_type, std::string_view resource,
                                    std::string_view entitlement) {
  if (std::tuple(std::string_view(last_resource_type_), std::string_view(last_resource_)) >
      std::tuple(resource_type, resource)) {
    return out_of_order();
  }
  Group group;
  group.entitlement_offset = entitlements_.size();
  group.entitlement_size = static_cast<std::uint32_t>(entitlement.size());
  group.first = rows();
  groups_.push_back(group);
  entitlements_.append(entitlement);
  last_resource_type_ = resource_type;
  last_resource_ = resource;
  return absl::OkStatus();
}

void GrantKeys::finish() {
  principal_order_ = principals_.in_order();
  joined_ranks_ = principals_.joined_ranks(principal_order_);
  groups_by_entitlement_.resize(groups_.size());
  std::iota(groups_by_entitlement_.begin(), groups_by_entitlement_.end(), 0);
  std::ranges::stable_sort(groups_by_entitlement_, [this](std::uint32_t a, std::uint32_t b) {
    return entitlement_of(groups_[a]) < entitlement_of(groups_[b]);
  });
}

std::string GrantKeys::composed_id(std::uint32_t row) const {
  const auto group = std::ranges::upper_bound(groups_, row, {}, &Group::end);
  std::string id(entitlement_of(*group));
  return id.append(1, ':').append(principals_.joined(principal_of_[row]));
}

class GrantKeys::GroupIds {
 public:
  GroupIds(const GrantKeys& keys, const Group& group)
      : keys_(keys), group_(group), id_(keys.entitlement_of(group)) {
    id_.push_back(':');
    prefix_ = id_.size();
    if (keys.joined_ranks_.empty()) return;
    order_.resize(group.end - group.first);
    std::iota(order_.begin(), order_.end(), group.first);
    std::ranges::sort(order_, {}, [&](std::uint32_t row) {
      return keys_.joined_ranks_[keys_.principals_.number(keys_.principal_of_[row])];
    });
  }

  /// Rows with ids of their own are left out.
  bool next() {
    while (at_ < group_.end - group_.first) {
      row_ = order_.empty() ? group_.first + at_ : order_[at_];
      ++at_;
      keys_.prefetch_ahead_of(row_);
      if (keys_.own_[row_]) continue;
      id_.resize(prefix_);
      id_.append(keys_.principals_.joined(keys_.principal_of_[row_]));
      return true;
    }
    return false;
  }
  std::string_view id() const { return id_; }
  std::uint32_t row() const { return row_; }

 private:
  const GrantKeys& keys_;
  const Group& group_;
  std::vector<std::uint32_t> order_;  // empty: as the rows lie
  std::string id_;
  std::size_t prefix_ = 0;
  std::uint32_t at_ = 0;
  std::uint32_t row_ = 0;
};

/// Composed ids begin with the entitlement and a colon. Groups in that order give them in order, but where
/// one such beginning is the beginning of another: these groups are merged.
class GrantKeys::ComposedIds {
 public:
  explicit ComposedIds(const GrantKeys& keys) : keys_(keys), groups_(keys.groups_by_entitlement_) {
    std::ranges::stable_sort(groups_, [&](std::uint32_t a, std::uint32_t b) {
      return comes_before_with_colon(entitlement(a), entitlement(b));
    });
  }

  bool next() {
    if (!open_.empty()) {
      std::ranges::pop_heap(open_, kComesLater);
      if (open_.back()->next()) {
        std::ranges::push_heap(open_, kComesLater);
      } else {
        open_.pop_back();
      }
    }
    while (open_.empty()) {
      if (at_ == groups_.size()) return false;
      open_cluster();
    }
    return true;
  }
  std::string_view id() const { return open_.front()->id(); }
  std::uint32_t row() const { return open_.front()->row(); }

 private:
  static constexpr auto kComesLater = [](const auto& a, const auto& b) {
    return std::tuple(a->id(), a->row()) > std::tuple(b->id(), b->row());
  };

  std::string_view entitlement(std::uint32_t group) const {
    return keys_.entitlement_of(keys_.groups_[group]);
  }

  void open_cluster() {
    const std::string_view first = entitlement(groups_[at_]);
    do {
      auto ids = std::make_unique<GroupIds>(keys_, keys_.groups_[groups_[at_]]);
      if (ids->next()) open_.push_back(std::move(ids));
      ++at_;
    } while (at_ < groups_.size() && begins_with_it(entitlement(groups_[at_]), first));
    std::ranges::make_heap(open_, kComesLater);
  }
  static bool begins_with_it(std::string_view entitlement, std::string_view first) {
    return entitlement.starts_with(first) &&
           (entitlement.size() == first.size() || entitlement[first.size()] == ':');
  }

  const GrantKeys& keys_;
  std::vector<std::uint32_t> groups_;
  std::size_t at_ = 0;
  std::vector<std::unique_ptr<GroupIds>> open_;
};

absl::Status GrantKeys::for_each_id(
    const std::function<absl::Status(std::string_view id, std::uint32_t row)>& visit) {
  if (absl::Status status = own_ids_.rewind(); !status.ok()) return status;
  const auto next_own = [this]() -> absl::StatusOr<bool> {
    while (true) {
      absl::StatusOr<bool> more = own_ids_.next();
      if (!more.ok() || !*more || own_[static_cast<std::size_t>(own_ids_.row())]) return more;
    }
  };
  absl::StatusOr<bool> own = next_own();
  ComposedIds composed(*this);
  bool more = composed.next();
  while (true) {
    if (!own.ok()) return own.status();
    if (!*own && !more) return absl::OkStatus();
    absl::Status status;
    if (*own && (!more || own_ids_.key() < composed.id())) {
      status = visit(own_ids_.key(), static_cast<std::uint32_t>(own_ids_.row()));
      if (status.ok()) own = next_own();
    } else {
      status = visit(composed.id(), composed.row());
      more = composed.next();
    }
    if (!status.ok()) return status;
  }
}

absl::Status GrantKeys::for_each_principal(
    const std::function<absl::Status(std::string_view type, std::string_view id, std::uint32_t row)>& visit)
    const {
  // One pass of a radix sort: from how often each principal occurs follows every row's place.
  std::vector<std::uint32_t> place(principals_.size());
  for (std::uint32_t row = 0; row < rows(); ++row) {
    prefetch_ahead_of(row);
    ++place[principals_.number(principal_of_[row])];
  }
  std::uint32_t begin = 0;
  for (const Principals::Handle principal : principal_order_) {
    std::uint32_t& count = place[principals_.number(principal)];
    begin += std::exchange(count, begin);
  }
  std::vector<std::uint32_t> sorted(rows());
  for (std::uint32_t row = 0; row < rows(); ++row) {
    prefetch_ahead_of(row);
    sorted[place[principals_.number(principal_of_[row])]++] = row;
  }
  std::uint32_t at = 0;
  for (const Principals::Handle principal : principal_order_) {
    const std::string_view type = principals_.type(principal);
    const std::string_view id = principals_.id(principal);
    for (const std::uint32_t end = place[principals_.number(principal)]; at < end; ++at) {
      if (absl::Status status = visit(type, id, sorted[at]); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status GrantKeys::for_each_entitlement_and_principal(
    const std::function<absl::Status(std::string_view entitlement, std::string_view type, std::string_view id,
                                     std::uint32_t row)>& visit) const {
  const auto principal_before = [this](std::uint32_t a, std::uint32_t b) {
    const Principals::Handle left = principal_of_[a];
    const Principals::Handle right = principal_of_[b];
    return std::tuple(principals_.type(left), principals_.id(left), a) <
           std::tuple(principals_.type(right), principals_.id(right), b);
  };
  std::vector<std::uint32_t> merged;
  for (std::size_t at = 0; at < groups_by_entitlement_.size();) {
    const std::string_view entitlement = entitlement_of(groups_[groups_by_entitlement_[at]]);
    merged.clear();
    const std::size_t first = at;
    for (; at < groups_by_entitlement_.size(); ++at) {
      const Group& group = groups_[groups_by_entitlement_[at]];
      if (entitlement_of(group) != entitlement) break;
      for (std::uint32_t row = group.first; row < group.end; ++row) merged.push_back(row);
    }
    // One group has its principals in order; several resources may use the same text for an entitlement.
    if (at > first + 1) std::ranges::sort(merged, principal_before);
    for (const std::uint32_t row : merged) {
      prefetch_ahead_of(row);
      const Principals::Handle principal = principal_of_[row];
      absl::Status status = visit(entitlement, principals_.type(principal), principals_.id(principal), row);
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status GrantKeys::for_each_entitlement(
    const std::function<absl::Status(std::string_view entitlement, std::uint32_t row)>& visit) const {
  // Groups of one entitlement follow each other in the order of their rows.
  for (const std::uint32_t number : groups_by_entitlement_) {
    const Group& group = groups_[number];
    for (std::uint32_t row = group.first; row < group.end; ++row) {
      if (absl::Status status = visit(entitlement_of(group), row); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace baton::c1z
