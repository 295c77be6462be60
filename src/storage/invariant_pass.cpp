#include "storage/invariant_pass.hpp"

#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/hash.hpp"
#include "base/tuple_key.hpp"
#include "c1/connector/v2/annotation_baton_id.pb.h"
#include "c1/connector/v2/annotation_exclusion_group.pb.h"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "c1/connector/v2/annotation_resource_tree.pb.h"
#include "storage/encoded_rows.hpp"
#include "storage/record_view.hpp"
#include "storage/row_stream.hpp"
#include "storage/wire.hpp"

namespace baton::storage {
namespace {

namespace v2 = c1::connector::v2;

constexpr std::uint64_t kRowsBetweenLooks = 4096;
constexpr std::uint32_t kMostMembers = 50;
constexpr std::size_t kListedGroups = DanglingRows::kExamples;

/// The elements of a tuple's front, as they are written: everything before the `count`-th separator.
std::string_view front(std::string_view tuple, int count) {
  std::size_t at = 0;
  for (; count > 0; --count) {
    at = tuple.find('\0', at);
    if (at == std::string_view::npos) return tuple;
    ++at;
  }
  return tuple.substr(0, at - 1);
}

/// The identities of a grant: four elements of its entitlement, then two of its principal.
std::string_view entitlement_of(std::string_view grant) {
  return front(grant, 4);
}
std::string_view principal_of(std::string_view grant) {
  const std::size_t entitlement = entitlement_of(grant).size();
  return entitlement < grant.size() ? grant.substr(entitlement + 1) : std::string_view();
}

std::string readable_pair(std::string_view tuple) {
  TupleReader reader(tuple);
  std::string type;
  std::string id;
  if (!reader.next(type).ok()) return "?";
  if (!reader.next(id).ok()) return absl::Utf8SafeCEscape(type);
  return absl::Utf8SafeCEscape(absl::StrCat(type, "/", id));
}

std::string readable_entitlement(std::string_view tuple) {
  TupleReader reader(tuple);
  const auto identity = read_entitlement_identity(reader);
  if (!identity.ok()) return "?";
  return absl::Utf8SafeCEscape(
      absl::StrCat(identity->entitlement_id, " on ", identity->resource_type_id, "/", identity->resource_id));
}

/// Takes an `Any` apart in place. False when it is none.
bool split_any(std::string_view any, std::string_view& name, std::string_view& value) {
  name = value = {};
  wire::Reader reader(any);
  for (wire::Field field; reader.next(field);) {
    if (field.number == 1) name = field.bytes;
    if (field.number == 2) value = field.bytes;
  }
  const std::size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  return !name.empty();
}

template <class... Messages>
bool has_any_of(const std::vector<std::string_view>& annotations) {
  for (const std::string_view any : annotations) {
    std::string_view name;
    std::string_view value;
    if (split_any(any, name, value) && ((name == Messages::descriptor()->full_name()) || ...)) return true;
  }
  return false;
}

/// One exclusion group while the entitlements go by.
class Group {
 public:
  std::uint32_t type = 0;
  std::uint32_t members = 0;
  std::uint64_t last_member = 0;
  std::uint64_t default_id = 0;
  bool told = false;
};

class Pass {
 public:
  Pass(const Snapshot& snapshot, const InvariantPass& options) : snapshot_(snapshot), options_(options) {}

  absl::StatusOr<InvariantFindings> run() {
    absl::Status status = types();
    if (status.ok() && (options_.references || options_.child_planned)) status = resources();
    if (status.ok()) status = entitlements();
    if (status.ok() && options_.references) status = grants();
    if (!status.ok()) return status;
    return std::move(findings_);
  }

 private:
  template <class Visit>
  absl::Status walk(FamilyStream& rows, const Visit& visit) {
    while (true) {
      if (++rows_ % kRowsBetweenLooks == 0 && options_.go_on) {
        if (absl::Status status = options_.go_on(); !status.ok()) return status;
      }
      const absl::StatusOr<bool> more = rows.next();
      if (!more.ok()) return more.status();
      if (!*more) return absl::OkStatus();
      if (absl::Status status = visit(); !status.ok()) return status;
    }
  }

  absl::Status types() {
    FamilyStream rows(snapshot_, Family::kResourceTypes);
    return walk(rows, [&] {
      types_.emplace(rows.identity());
      return absl::OkStatus();
    });
  }

  absl::Status resources() {
    FamilyStream rows(snapshot_, Family::kResources);
    return walk(rows, [&] {
      resources_.insert(hash64(rows.identity()));
      return options_.child_planned ? children(rows) : absl::OkStatus();
    });
  }

  absl::Status children(const FamilyStream& rows) {
    ResourceView view;
    if (!view.parse(rows.value().record)) return unreadable(rows.identity());
    for (const std::string_view any : view.annotations) {
      std::string_view name;
      std::string_view value;
      v2::ChildResourceType child;
      if (!split_any(any, name, value) || name != v2::ChildResourceType::descriptor()->full_name() ||
          !child.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
          child.resource_type_id().empty()) {
        continue;
      }
      const absl::StatusOr<bool> planned =
          options_.child_planned(child.resource_type_id(), std::string(view.type_id), std::string(view.id));
      if (!planned.ok()) return planned.status();
      if (*planned) continue;
      std::string type;
      append_element(type, child.resource_type_id());
      findings_.child_listings.add(types_.contains(type), absl::StrCat(child.resource_type_id(), " below ",
                                                                       readable_pair(rows.identity())));
    }
    return absl::OkStatus();
  }

  absl::Status entitlements() {
    FamilyStream rows(snapshot_, Family::kEntitlements);
    EntitlementView view;
    return walk(rows, [&]() -> absl::Status {
      const std::string_view resource = front(rows.identity(), 2);
      if (options_.references && !resources_.contains(hash64(resource))) {
        findings_.entitlement_resources.add(type_is_synced(resource), readable_entitlement(rows.identity()));
      }
      if (!view.parse(rows.value().record)) return unreadable(rows.identity());
      for (const std::string_view any : view.annotations) exclusion_group(view, rows.identity(), any);
      return absl::OkStatus();
    });
  }

  void exclusion_group(const EntitlementView& entitlement, std::string_view identity, std::string_view any) {
    std::string_view name;
    std::string_view value;
    v2::EntitlementExclusionGroup annotation;
    if (!split_any(any, name, value) || name != v2::EntitlementExclusionGroup::descriptor()->full_name() ||
        !annotation.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
        annotation.exclusion_group_id().empty()) {
      return;
    }
    const std::string& id = annotation.exclusion_group_id();
    const std::uint64_t member = hash64(identity);
    const auto type = static_cast<std::uint32_t>(hash64(entitlement.resource_type_id));
    Group& group = groups_[hash64(id)];
    if (group.members == 0) group.type = type;
    if (group.type != type) return broken(group, id, "has members on more than one resource type");
    if (group.members == 0 || group.last_member != member) ++group.members;
    group.last_member = member;
    if (group.members > kMostMembers) return broken(group, id, "has more than 50 members");
    if (!annotation.is_default()) return;
    const std::uint64_t default_id = hash64(entitlement.id) | 1;
    if (group.default_id != 0 && group.default_id != default_id) {
      return broken(group, id, "has more than one default");
    }
    group.default_id = default_id;
  }

  void broken(Group& group, const std::string& id, const char* what) {
    if (group.told) return;
    group.told = true;
    if (findings_.exclusion_groups.size() < kListedGroups) {
      findings_.exclusion_groups.push_back(absl::StrCat("group ", absl::Utf8SafeCEscape(id), " ", what));
    }
  }

  /// Grants lie by entitlement: whether that is there is asked once for all of its grants.
  absl::Status grants() {
    FamilyStream entitlements(snapshot_, Family::kEntitlements);
    absl::StatusOr<bool> more = entitlements.next();
    if (!more.ok()) return more.status();
    FamilyStream rows(snapshot_, Family::kGrants);
    std::string last;
    bool has_entitlement = false;
    bool has_resource = false;
    bool first = true;
    return walk(rows, [&]() -> absl::Status {
      const std::string_view entitlement = entitlement_of(rows.identity());
      if (first || entitlement != last) {
        first = false;
        last = entitlement;
        while (*more && entitlements.identity() < entitlement) {
          more = entitlements.next();
          if (!more.ok()) return more.status();
        }
        has_entitlement = *more && entitlements.identity() == entitlement;
        has_resource = resources_.contains(hash64(front(entitlement, 2)));
      }
      const std::string_view principal = principal_of(rows.identity());
      const bool has_principal = resources_.contains(hash64(principal));
      if (has_entitlement && has_resource && has_principal) return absl::OkStatus();
      return dangling(rows, has_entitlement, has_resource, has_principal);
    });
  }

  absl::Status dangling(const FamilyStream& rows, bool has_entitlement, bool has_resource,
                        bool has_principal) {
    GrantView view;
    if (!view.parse(rows.value().record)) return unreadable(rows.identity());
    const bool inserted = has_any_of<v2::InsertResourceGrants>(view.annotations);
    const std::string_view entitlement = entitlement_of(rows.identity());
    const std::string_view resource = front(entitlement, 2);
    if (!has_resource) {
      DanglingRows& found = inserted ? findings_.inserted_grant_resources : findings_.grant_resources;
      found.add(type_is_synced(resource), readable_entitlement(entitlement));
    }
    if (!has_entitlement && !inserted) {
      findings_.grant_entitlements.add(type_is_synced(resource), readable_entitlement(entitlement));
    }
    const auto is_placeholder = [&view] {
      return has_any_of<v2::ExternalResourceMatch, v2::ExternalResourceMatchAll, v2::ExternalResourceMatchID>(
          view.annotations);
    };
    if (!has_principal && !is_placeholder()) {
      const std::string_view principal = principal_of(rows.identity());
      findings_.grant_principals.add(
          type_is_synced(principal),
          absl::StrCat(readable_pair(principal), " of ", readable_entitlement(entitlement)));
    }
    return absl::OkStatus();
  }

  bool type_is_synced(std::string_view resource) const { return types_.contains(front(resource, 1)); }

  absl::Status unreadable(std::string_view identity) const {
    return absl::DataLossError(
        absl::StrCat("the run directory ", snapshot_.database().directory(), " holds an unreadable row (key ",
                     absl::CHexEscape(absl::string_view(identity.data(), identity.size())),
                     "); start over with --restart"));
  }

  const Snapshot& snapshot_;
  const InvariantPass& options_;
  InvariantFindings findings_;
  std::uint64_t rows_ = 0;
  std::set<std::string, std::less<>> types_;
  absl::flat_hash_set<std::uint64_t> resources_;
  absl::flat_hash_map<std::uint64_t, Group> groups_;
};

}  // namespace

absl::StatusOr<InvariantFindings> check_invariants(const Snapshot& snapshot, const InvariantPass& pass) {
  return Pass(snapshot, pass).run();
}

}  // namespace baton::storage
