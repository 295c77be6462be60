#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "expansion/string_table.hpp"
#include "expansion/types.hpp"

namespace baton::expansion {

/// Everything expansion knows about one sync: entitlements, principals, base grants, expandable
/// descriptions. Immutable; any thread may read it. Views it returns live as long as it does.
///
/// Size: 4 bytes per base grant; a grant with `sources` adds 8, and each distinct list of sources is kept
/// once.
class Input {
 public:
  /// A list of sources, as written by the connector or by an earlier expansion: (id, is_direct), distinct
  /// and sorted by the bytes of the id.
  using SourceList = std::vector<SourceEntry>;

  /// What a grant's GrantExpandable says: whoever holds one of `sources`, entitlements of the grant's own
  /// principal, also holds `destination`.
  struct Description {
    EntitlementIndex destination;
    PrincipalRank principal;
    bool shallow;
    /// Bare entitlement ids, in the connector's order.
    std::span<const Symbol> sources;
    /// Principal types that may pass; empty lets everyone pass.
    std::span<const Symbol> types;
  };

  /// A distinct parent of principals.
  using ParentIndex = uint32_t;

  Input(Input&&) = default;
  Input& operator=(Input&&) = default;

  std::size_t entitlement_count() const { return entitlements_.size(); }
  std::size_t principal_count() const { return principals_.size() - 1; }
  std::size_t grant_count() const { return holders_.size(); }
  std::size_t description_count() const { return descriptions_.size(); }

  /// Equal for inputs read from equal rows in equal order, on any machine; else different but for bad luck.
  uint64_t fingerprint() const;

  EntitlementView entitlement(EntitlementIndex index) const;
  ResourceView principal(PrincipalRank rank) const {
    const Principal& found = principals_[rank];
    return {texts_.at(found.type), std::string_view(principal_ids_.data() + found.id_begin,
                                                    principals_[rank + 1].id_begin - found.id_begin)};
  }

  /// Says that `principal` and `parent` are asked for this rank soon, so that memory is fetched meanwhile:
  /// the holders of an entitlement lie far apart among millions of principals. First `prefetch_principal`, a
  /// few principals later `prefetch_id`.
  [[gnu::always_inline]] void prefetch_principal(PrincipalRank rank) const {
    __builtin_prefetch(&principals_[rank]);
  }
  [[gnu::always_inline]] void prefetch_id(PrincipalRank rank) const {
    __builtin_prefetch(principal_ids_.data() + principals_[rank].id_begin);
  }

  /// The text behind a symbol of a Description.
  std::string_view text(Symbol symbol) const { return texts_.at(symbol); }

  /// Base grants of an entitlement, by principal.
  std::span<const Holder> holders(EntitlementIndex index) const;

  /// The base grant's sources; nullptr if they are empty. The grant must exist.
  const SourceList* sources(EntitlementIndex index, PrincipalRank rank) const;
  /// Whether any base grant of the entitlement has sources: a cheap test before asking for each.
  bool has_sources(EntitlementIndex index) const;

  /// The principals of a type, as a half-open range of ranks; empty if there are none.
  std::pair<PrincipalRank, PrincipalRank> ranks_of_type(Symbol type) const;

  Description description(std::size_t index) const;

  /// True when base grants of this principal carry different parents, so that the parent of a synthesised
  /// grant depends on the grant it comes from.
  bool parents_differ(PrincipalRank rank) const { return differing_.contains(rank); }
  /// Whether there is any such principal.
  bool any_parents_differ() const { return !differing_.empty(); }
  /// The parent that base grants of this principal carry; any of them when they differ.
  ParentIndex parent(PrincipalRank rank) const { return principals_[rank].parent; }
  /// The parent that this very base grant carries. The grant must exist.
  ParentIndex parent_of_grant(EntitlementIndex index, PrincipalRank rank) const;
  ResourceView parent_view(ParentIndex parent) const { return resource(parent_texts_.at(parent)); }

  /// Entitlements with a row whose bare id is `id`: none, one, or two examples when it is ambiguous.
  struct Lookup {
    static constexpr EntitlementIndex kNone = UINT32_MAX;
    EntitlementIndex first = kNone;
    EntitlementIndex second = kNone;
  };
  Lookup find(Symbol id) const;

 private:
  friend class InputBuilder;
  Input() = default;

  struct Entitlement {
    Symbol resource_type;
    Symbol resource_id;
    Symbol id;
    bool has_row;
    // Grants: [begin, end) of holders_; rows with sources: [sources_begin, sources_end) of sourced_.
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t sources_begin = 0;
    std::size_t sources_end = 0;
  };
  struct Principal {
    Symbol type = StringTable::kNone;
    ParentIndex parent = StringTable::kNone;
    std::size_t id_begin = 0;  // in principal_ids_; it ends where the next begins
  };
  static_assert(sizeof(Principal) == 16, "one principal is one access to memory");
  struct Sourced {
    PrincipalRank principal;
    uint32_t list;
  };
  struct StoredDescription {
    EntitlementIndex destination;
    PrincipalRank principal;
    bool shallow;
    std::size_t sources_begin;
    std::size_t types_begin;
    std::size_t types_end;  // also where the symbols of this description end
  };

  /// Reads what InputBuilder::pack wrote.
  ResourceView resource(std::string_view packed) const;

  StringTable texts_;         // entitlement ids, resource types and ids, types of principals and parents
  StringTable parent_texts_;  // packed resources
  std::vector<Entitlement> entitlements_;
  // Principals by rank, their ids side by side: rows are made in this order.
  std::vector<Principal> principals_ = std::vector<Principal>(1);  // one more, which ends the last
  std::vector<char> principal_ids_;
  std::vector<Holder> holders_;
  std::vector<Sourced> sourced_;
  std::vector<SourceList> lists_;
  std::vector<StoredDescription> descriptions_;
  std::vector<Symbol> description_symbols_;
  absl::flat_hash_map<Symbol, Lookup> by_id_;
  absl::flat_hash_map<Symbol, std::pair<PrincipalRank, PrincipalRank>> type_ranges_;
  absl::flat_hash_map<uint64_t, ParentIndex> parent_exceptions_;  // key: entitlement, rank
  absl::flat_hash_set<PrincipalRank> differing_;
};

/// Collects an Input in one pass over the store's rows. Texts are copied. Errors of `add_…` leave the
/// builder usable only for destruction. Not thread-safe.
class InputBuilder {
 public:
  /// A principal before the ranks are known.
  using PrincipalHandle = uint32_t;

  InputBuilder() = default;
  InputBuilder(InputBuilder&&) = default;
  InputBuilder& operator=(InputBuilder&&) = default;

  /// The entitlement with this identity, in any order, any number of times; it has a row if one of the
  /// calls said so.
  EntitlementIndex add_entitlement(const EntitlementView& entitlement);

  /// One base grant. All grants of an entitlement come in one run (as they lie in the store), and each
  /// (entitlement, principal) once; within the run principals may come in any order, ascending is fastest.
  /// `parent` is handed back with the principal's synthesised grants. `sources` are the entries of a map:
  /// their ids are distinct. A grant whose principal id is empty counts for nothing and is not kept. Errors:
  /// InvalidArgument for a second run, ResourceExhausted beyond 2^31 principals.
  absl::StatusOr<PrincipalHandle> add_grant(EntitlementIndex entitlement, const ResourceView& principal,
                                            const ResourceView& parent = {},
                                            std::span<const SourceEntry> sources = {});

  /// The expandable description of the grant just added. `types` empty means everyone.
  void add_description(EntitlementIndex destination, PrincipalHandle principal,
                       std::span<const std::string_view> source_ids, bool shallow,
                       std::span<const std::string_view> types);

  /// Assigns the ranks. Errors: InvalidArgument if a grant was added twice, naming it.
  absl::StatusOr<Input> seal() &&;

 private:
  /// A resource as one string: four bytes of its type's symbol, then its id. Valid until the next call.
  std::string_view pack(const ResourceView& resource);
  absl::StatusOr<PrincipalHandle> intern_principal(const ResourceView& principal);
  uint32_t intern_sources(std::span<const SourceEntry> sources);
  void add_parent(EntitlementIndex entitlement, PrincipalHandle principal, const ResourceView& parent);
  std::vector<PrincipalRank> rank_principals();
  std::vector<PrincipalHandle> principals_in_order() const;
  absl::Status rank_grants(EntitlementIndex index, const std::vector<PrincipalRank>& ranks);
  void rank_parent_exceptions(const std::vector<PrincipalRank>& ranks);
  void index_ids();

  Input input_;
  StringTable principals_;                   // packed resources, by handle
  std::vector<Input::ParentIndex> parents_;  // by handle
  absl::flat_hash_map<std::array<Symbol, 3>, EntitlementIndex> entitlement_index_;
  absl::flat_hash_map<std::vector<Symbol>, uint32_t> list_index_;
  EntitlementIndex open_run_ = UINT32_MAX;
  Symbol last_type_ = StringTable::kNone;
  Input::ParentIndex last_parent_ = StringTable::kNone;
  // Buffers of pack and intern_sources, kept for their capacity.
  std::string packed_;
  std::vector<SourceEntry> list_;
  std::vector<Symbol> list_key_;
};

}  // namespace baton::expansion
