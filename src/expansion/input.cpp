#include "expansion/input.hpp"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <map>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/hash.hpp"
#include "base/tuple_key.hpp"
#include "expansion/report.hpp"

namespace baton::expansion {
namespace {

uint64_t grant_key(EntitlementIndex entitlement, uint32_t principal) {
  return (static_cast<uint64_t>(entitlement) << 32) | principal;
}

bool names(std::span<const SourceEntry> sources, std::string_view id) {
  return std::any_of(sources.begin(), sources.end(),
                     [id](const SourceEntry& source) { return source.entitlement_id == id; });
}

}  // namespace

uint64_t Input::fingerprint() const {
  uint64_t hash = 0;
  std::string buffer;
  const auto add = [&](std::string_view bytes) {
    buffer.clear();
    append_be64(buffer, hash);
    append_be64(buffer, hash64(bytes));
    hash = hash64(buffer);
  };
  const auto add_array = [&](const auto& array) {
    const auto bytes = std::as_bytes(std::span(array));
    add({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  };
  const auto add_numbers = [&](std::initializer_list<uint64_t> numbers) {
    add_array(std::span(numbers.begin(), numbers.size()));
  };
  for (const StringTable* table : {&texts_, &parent_texts_}) {
    for (Symbol symbol = 0; symbol < table->size(); ++symbol) add(table->at(symbol));
  }
  add_array(principals_);
  add_array(principal_ids_);
  add_array(holders_);
  add_array(sourced_);
  for (const SourceList& list : lists_) {
    add_numbers({list.size()});
    for (const SourceEntry& source : list) {
      add(source.entitlement_id);
      add_numbers({source.is_direct});
    }
  }
  for (const Entitlement& row : entitlements_) {
    add_numbers({row.resource_type, row.resource_id, row.id, row.has_row, row.begin, row.end,
                 row.sources_begin, row.sources_end});
  }
  for (const StoredDescription& row : descriptions_) {
    add_numbers(
        {row.destination, row.principal, row.shallow, row.sources_begin, row.types_begin, row.types_end});
  }
  add_array(description_symbols_);
  return hash;
}

EntitlementView Input::entitlement(EntitlementIndex index) const {
  const Entitlement& found = entitlements_[index];
  return {texts_.at(found.resource_type), texts_.at(found.resource_id), texts_.at(found.id), found.has_row};
}

std::span<const Holder> Input::holders(EntitlementIndex index) const {
  const Entitlement& found = entitlements_[index];
  return std::span(holders_).subspan(found.begin, found.end - found.begin);
}

bool Input::has_sources(EntitlementIndex index) const {
  return entitlements_[index].sources_begin != entitlements_[index].sources_end;
}

const Input::SourceList* Input::sources(EntitlementIndex index, PrincipalRank rank) const {
  const Entitlement& found = entitlements_[index];
  const auto end = sourced_.begin() + static_cast<std::ptrdiff_t>(found.sources_end);
  const auto place =
      std::lower_bound(sourced_.begin() + static_cast<std::ptrdiff_t>(found.sources_begin), end, rank,
                       [](const Sourced& a, PrincipalRank b) { return a.principal < b; });
  return place != end && place->principal == rank ? &lists_[place->list] : nullptr;
}

std::pair<PrincipalRank, PrincipalRank> Input::ranks_of_type(Symbol type) const {
  const auto found = type_ranges_.find(type);
  return found == type_ranges_.end() ? std::pair<PrincipalRank, PrincipalRank>{0, 0} : found->second;
}

Input::Description Input::description(std::size_t index) const {
  const StoredDescription& stored = descriptions_[index];
  const std::span<const Symbol> symbols(description_symbols_);
  return {stored.destination, stored.principal, stored.shallow,
          symbols.subspan(stored.sources_begin, stored.types_begin - stored.sources_begin),
          symbols.subspan(stored.types_begin, stored.types_end - stored.types_begin)};
}

ResourceView Input::resource(std::string_view packed) const {
  Symbol type = 0;
  std::memcpy(&type, packed.data(), sizeof type);
  return {texts_.at(type), packed.substr(sizeof type)};
}

Input::ParentIndex Input::parent_of_grant(EntitlementIndex index, PrincipalRank rank) const {
  const auto found = parent_exceptions_.find(grant_key(index, rank));
  return found == parent_exceptions_.end() ? parent(rank) : found->second;
}

Input::Lookup Input::find(Symbol id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? Lookup{} : found->second;
}

EntitlementIndex InputBuilder::add_entitlement(const EntitlementView& entitlement) {
  StringTable& texts = input_.texts_;
  const std::array<Symbol, 3> identity{texts.intern(entitlement.resource_type),
                                       texts.intern(entitlement.resource_id), texts.intern(entitlement.id)};
  const auto [place, is_new] =
      entitlement_index_.try_emplace(identity, static_cast<EntitlementIndex>(input_.entitlements_.size()));
  if (is_new) {
    input_.entitlements_.push_back({identity[0], identity[1], identity[2], entitlement.has_row});
  } else if (entitlement.has_row) {
    input_.entitlements_[place->second].has_row = true;
  }
  return place->second;
}

absl::StatusOr<InputBuilder::PrincipalHandle> InputBuilder::add_grant(EntitlementIndex entitlement,
                                                                      const ResourceView& principal,
                                                                      const ResourceView& parent,
                                                                      std::span<const SourceEntry> sources) {
  const absl::StatusOr<PrincipalHandle> handle = intern_principal(principal);
  if (!handle.ok() || principal.id.empty()) return handle;

  Input::Entitlement& row = input_.entitlements_[entitlement];
  if (entitlement != open_run_) {
    if (row.begin != row.end) {
      return absl::InvalidArgumentError(absl::StrCat("expansion input: grants of entitlement ",
                                                     quoted_id(input_.texts_.at(row.id)),
                                                     " come in two runs; they must be read in key order"));
    }
    open_run_ = entitlement;
    row.begin = row.end = input_.holders_.size();
    row.sources_begin = row.sources_end = input_.sourced_.size();
  }
  const bool is_direct = sources.empty() || names(sources, input_.texts_.at(row.id));
  input_.holders_.emplace_back(*handle, is_direct);
  ++row.end;
  if (!sources.empty()) {
    input_.sourced_.push_back({*handle, intern_sources(sources)});
    ++row.sources_end;
  }
  add_parent(entitlement, *handle, parent);
  return handle;
}

void InputBuilder::add_description(EntitlementIndex destination, PrincipalHandle principal,
                                   std::span<const std::string_view> source_ids, bool shallow,
                                   std::span<const std::string_view> types) {
  std::vector<Symbol>& symbols = input_.description_symbols_;
  Input::StoredDescription stored{destination, principal, shallow, symbols.size(), 0, 0};
  for (const std::string_view id : source_ids) symbols.push_back(input_.texts_.intern(id));
  stored.types_begin = symbols.size();
  for (const std::string_view type : types) symbols.push_back(input_.texts_.intern(type));
  stored.types_end = symbols.size();
  input_.descriptions_.push_back(stored);
}

absl::StatusOr<Input> InputBuilder::seal() && {
  const std::vector<PrincipalRank> ranks = rank_principals();
  for (EntitlementIndex index = 0; index < input_.entitlements_.size(); ++index) {
    if (const absl::Status status = rank_grants(index, ranks); !status.ok()) return status;
  }
  for (Input::StoredDescription& description : input_.descriptions_) {
    description.principal = ranks[description.principal];
  }
  rank_parent_exceptions(ranks);
  index_ids();
  input_.texts_.drop_index();
  input_.parent_texts_.drop_index();
  return std::move(input_);
}

std::string_view InputBuilder::pack(const ResourceView& resource) {
  // Rows come in runs of one type: comparing with the last one saves most look-ups.
  if (last_type_ == StringTable::kNone || input_.texts_.at(last_type_) != resource.type) {
    last_type_ = input_.texts_.intern(resource.type);
  }
  packed_.resize(sizeof last_type_);
  std::memcpy(packed_.data(), &last_type_, sizeof last_type_);
  packed_ += resource.id;
  return packed_;
}

absl::StatusOr<InputBuilder::PrincipalHandle> InputBuilder::intern_principal(const ResourceView& principal) {
  const PrincipalHandle handle = principals_.intern(pack(principal));
  if (handle < parents_.size()) return handle;
  if (handle >= Holder::kMaxPrincipals) {
    return absl::ResourceExhaustedError("expansion input: more than 2^31 principals in one sync");
  }
  parents_.push_back(StringTable::kNone);
  return handle;
}

uint32_t InputBuilder::intern_sources(std::span<const SourceEntry> sources) {
  list_.assign(sources.begin(), sources.end());
  std::sort(list_.begin(), list_.end(),
            [](const SourceEntry& a, const SourceEntry& b) { return a.entitlement_id < b.entitlement_id; });
  list_key_.clear();
  for (SourceEntry& source : list_) {
    const Symbol symbol = input_.texts_.intern(source.entitlement_id);
    source.entitlement_id = input_.texts_.at(symbol);  // from now on our copy
    list_key_.push_back(symbol);
    list_key_.push_back(source.is_direct ? 1 : 0);
  }
  const auto [place, is_new] =
      list_index_.try_emplace(list_key_, static_cast<uint32_t>(input_.lists_.size()));
  if (is_new) input_.lists_.push_back(list_);
  return place->second;
}

void InputBuilder::add_parent(EntitlementIndex entitlement, PrincipalHandle principal,
                              const ResourceView& parent) {
  if (last_parent_ == StringTable::kNone || input_.parent_view(last_parent_) != parent) {
    last_parent_ = input_.parent_texts_.intern(pack(parent));
  }
  const Input::ParentIndex index = last_parent_;
  Input::ParentIndex& usual = parents_[principal];
  if (usual == StringTable::kNone) {
    usual = index;
  } else if (usual != index) {
    input_.parent_exceptions_[grant_key(entitlement, principal)] = index;
    input_.differing_.insert(principal);
  }
}

std::vector<InputBuilder::PrincipalHandle> InputBuilder::principals_in_order() const {
  // Principals have few types: the order of these, and the first bytes of an id, decide most comparisons
  // without following a pointer.
  struct Key {
    uint32_t type;  // position in order
    PrincipalHandle handle;
    uint64_t id_start;
    std::string_view id;
  };
  std::map<std::string_view, uint32_t> types;
  std::vector<Key> keys;
  keys.reserve(principals_.size());
  for (PrincipalHandle handle = 0; handle < principals_.size(); ++handle) {
    types[input_.resource(principals_.at(handle)).type] = 0;
  }
  uint32_t position = 0;
  for (auto& [type, place] : types) place = position++;
  for (PrincipalHandle handle = 0; handle < principals_.size(); ++handle) {
    const ResourceView principal = input_.resource(principals_.at(handle));
    std::array<char, 8> start{};
    std::copy_n(principal.id.begin(), std::min(principal.id.size(), start.size()), start.begin());
    keys.push_back({types[principal.type], handle, load_be64(start.data()), principal.id});
  }
  std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) {
    if (a.type != b.type) return a.type < b.type;
    return a.id_start != b.id_start ? a.id_start < b.id_start : a.id < b.id;
  });
  std::vector<PrincipalHandle> order;
  order.reserve(keys.size());
  for (const Key& key : keys) order.push_back(key.handle);
  return order;
}

std::vector<PrincipalRank> InputBuilder::rank_principals() {
  const std::vector<PrincipalHandle> order = principals_in_order();
  std::vector<PrincipalRank> ranks(order.size());
  input_.principals_.resize(order.size() + 1);
  for (PrincipalRank rank = 0; rank < order.size(); ++rank) {
    ranks[order[rank]] = rank;
    const ResourceView principal = input_.resource(principals_.at(order[rank]));
    const Symbol type = input_.texts_.find(principal.type);
    input_.principals_[rank] = {type, parents_[order[rank]], input_.principal_ids_.size()};
    input_.principal_ids_.insert(input_.principal_ids_.end(), principal.id.begin(), principal.id.end());
    input_.type_ranges_.try_emplace(type, rank, rank).first->second.second = rank + 1;
  }
  input_.principals_.back().id_begin = input_.principal_ids_.size();
  principals_ = {};
  return ranks;
}

absl::Status InputBuilder::rank_grants(EntitlementIndex index, const std::vector<PrincipalRank>& ranks) {
  const Input::Entitlement& row = input_.entitlements_[index];
  const auto grants = std::span(input_.holders_).subspan(row.begin, row.end - row.begin);
  const auto by_principal = [](Holder a, Holder b) { return a.principal() < b.principal(); };
  for (Holder& holder : grants) holder = Holder(ranks[holder.principal()], holder.is_direct());
  if (!std::is_sorted(grants.begin(), grants.end(), by_principal)) {
    std::sort(grants.begin(), grants.end(), by_principal);
  }
  const auto twice = std::adjacent_find(grants.begin(), grants.end(),
                                        [](Holder a, Holder b) { return a.principal() == b.principal(); });
  if (twice != grants.end()) {
    const ResourceView principal = input_.principal(twice->principal());
    return absl::InvalidArgumentError(absl::StrCat(
        "expansion input: two grants of entitlement ", quoted_id(input_.texts_.at(row.id)), " to ",
        quoted_id(principal.type), " ", quoted_id(principal.id), "; equal identities must be folded before"));
  }

  const auto sourced =
      std::span(input_.sourced_).subspan(row.sources_begin, row.sources_end - row.sources_begin);
  for (Input::Sourced& entry : sourced) entry.principal = ranks[entry.principal];
  std::sort(sourced.begin(), sourced.end(),
            [](const Input::Sourced& a, const Input::Sourced& b) { return a.principal < b.principal; });
  return absl::OkStatus();
}

void InputBuilder::rank_parent_exceptions(const std::vector<PrincipalRank>& ranks) {
  decltype(input_.parent_exceptions_) exceptions;
  for (const auto& [key, parent] : input_.parent_exceptions_) {
    exceptions.emplace(grant_key(static_cast<EntitlementIndex>(key >> 32), ranks[key & UINT32_MAX]), parent);
  }
  input_.parent_exceptions_ = std::move(exceptions);

  decltype(input_.differing_) differing;
  for (const PrincipalHandle handle : input_.differing_) differing.insert(ranks[handle]);
  input_.differing_ = std::move(differing);
}

void InputBuilder::index_ids() {
  for (EntitlementIndex index = 0; index < input_.entitlements_.size(); ++index) {
    const Input::Entitlement& row = input_.entitlements_[index];
    if (!row.has_row) continue;
    Input::Lookup& lookup = input_.by_id_[row.id];
    if (lookup.first == Input::Lookup::kNone) {
      lookup.first = index;
    } else if (lookup.second == Input::Lookup::kNone) {
      lookup.second = index;
    }
  }
}

}  // namespace baton::expansion
