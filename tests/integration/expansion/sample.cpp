#include "sample.hpp"

#include <random>
#include <set>

#include "base/hash.hpp"
#include "c1/connector/v2/annotation_grant.pb.h"

namespace baton::test {
namespace {

namespace v2 = c1::connector::v2;

constexpr std::uint32_t kGroups = 80;
constexpr std::int64_t kDiscovered = 1'700'000'000'000'000'000;

std::string group_id(std::uint32_t group) {
  return "g" + std::to_string(100 + group);
}

class SampleWriter {
 public:
  explicit SampleWriter(storage::SyncStore& store) : store_(store) {}

  absl::Status write() {
    for (std::uint32_t group = 0; group < kGroups; ++group) {
      v2::Entitlement entitlement;
      entitlement.set_id("group:" + group_id(group) + ":member");
      set_id(*entitlement.mutable_resource()->mutable_id(), "group", group_id(group));
      storage::EncodedRows page(storage::StructuralOrder(5, hash64(entitlement.id()), 0), kDiscovered);
      page.add(entitlement);
      std::set<std::string> users;
      for (std::uint32_t i = random_() % 30; i > 0; --i) users.insert("u" + std::to_string(random_() % 200));
      for (const std::string& user : users) page.add(grant(entitlement, "user", user));
      for (const std::uint32_t source : sources(group)) {
        v2::Grant nested = grant(entitlement, "group", group_id(source));
        v2::GrantExpandable expandable;
        expandable.add_entitlement_ids("group:" + group_id(source) + ":member");
        expandable.set_shallow(random_() % 6 == 0);
        if (random_() % 3 != 0) expandable.add_resource_type_ids("user");
        nested.add_annotations()->PackFrom(expandable);
        page.add(nested);
      }
      page.finish();
      if (absl::Status status = store_.add_rows(page); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  static void set_id(v2::ResourceId& id, const std::string& type, const std::string& name) {
    id.set_resource_type(type);
    id.set_resource(name);
  }

  /// Mostly groups of lower numbers, so that circles are few.
  std::set<std::uint32_t> sources(std::uint32_t group) {
    std::set<std::uint32_t> found;
    for (std::uint32_t i = random_() % 5; i > 0; --i) {
      const std::uint32_t source = random_() % kGroups;
      if (source < group || (source != group && random_() % 4 == 0)) found.insert(source);
    }
    return found;
  }

  v2::Grant grant(const v2::Entitlement& entitlement, const std::string& type, const std::string& principal) {
    v2::Grant grant;
    *grant.mutable_entitlement() = entitlement;
    set_id(*grant.mutable_principal()->mutable_id(), type, principal);
    grant.set_id(entitlement.id() + ":" + type + ":" + principal);
    if (random_() % 20 == 0) (*grant.mutable_sources()->mutable_sources())["elsewhere"].set_is_direct(true);
    return grant;
  }

  storage::SyncStore& store_;
  std::mt19937 random_{7};
};

}  // namespace

absl::Status add_sample(storage::SyncStore& store) {
  return SampleWriter(store).write();
}

absl::StatusOr<std::vector<std::string>> all_grants(const storage::SyncStore& store) {
  const auto rows = store.rows();
  if (!rows.ok()) return rows.status();
  std::vector<std::string> grants;
  storage::GrantRow row;
  while (true) {
    const absl::StatusOr<bool> more = (*rows)->next(row);
    if (!more.ok()) return more.status();
    if (!*more) return grants;
    grants.push_back(std::string(row.id) + (row.synthesised ? " made " : " collected ") +
                     std::string(row.blob));
  }
}

}  // namespace baton::test
