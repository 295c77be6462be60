#include "storage/row_count.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/tuple_key.hpp"
#include "storage/row_stream.hpp"

namespace baton::storage {
namespace {

constexpr std::size_t kExamples = 25;

/// Counts by the first element of identities; neighbours mostly share it.
class TypeCounter {
 public:
  explicit TypeCounter(std::map<std::string, std::uint64_t>& counts) : counts_(counts) {}

  absl::Status add(std::string_view identity) {
    const std::string_view raw = TupleReader(identity).next_raw();
    if (count_ == nullptr || raw != raw_) {
      std::string type;
      absl::Status status = TupleReader(identity).next(type);
      if (!status.ok()) return status;
      raw_ = raw;
      count_ = &counts_[type];
    }
    ++*count_;
    return absl::OkStatus();
  }

 private:
  std::map<std::string, std::uint64_t>& counts_;
  std::string raw_;
  std::uint64_t* count_ = nullptr;
};

std::string readable(Family family, std::string_view identity) {
  TupleReader reader(identity);
  std::vector<std::string> parts;
  if (family == Family::kEntitlements || family == Family::kGrants) {
    const absl::StatusOr<EntitlementIdentity> entitlement = read_entitlement_identity(reader);
    if (entitlement.ok()) {
      parts = {entitlement->entitlement_id, "on",
               absl::StrCat(entitlement->resource_type_id, "/", entitlement->resource_id)};
    }
    if (family == Family::kGrants) parts.emplace_back("for");
  }
  std::vector<std::string> rest;
  while (!reader.at_end() && reader.next(rest.emplace_back()).ok()) {
  }
  if (!rest.empty()) parts.push_back(absl::StrJoin(rest, "/"));
  constexpr const char* kNames[] = {"resource type", "resource", "entitlement", "grant"};
  return absl::StrCat(kNames[static_cast<std::size_t>(family)], " ",
                      absl::Utf8SafeCEscape(absl::StrJoin(parts, " ")));
}

template <class Stream>
absl::Status count_stream(Stream& stream, Family family, std::map<std::string, std::uint64_t>& by_type,
                          FamilyCounts& counts) {
  TypeCounter counter(by_type);
  while (true) {
    const absl::StatusOr<bool> more = stream.next();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    absl::Status status = counter.add(stream.identity());
    if (!status.ok()) return status;
    if (stream.value().has(flag::kSynthesised)) ++counts.synthesised_grants;
    if (!stream.conflict()) continue;
    ++counts.conflicts;
    if (counts.conflict_examples.size() < kExamples) {
      counts.conflict_examples.push_back(readable(family, stream.identity()));
    }
  }
}

}  // namespace

absl::StatusOr<FamilyCounts> count_families(const Snapshot& snapshot) {
  FamilyCounts counts;
  const auto count = [&](Family family, std::map<std::string, std::uint64_t>& by_type) {
    FamilyStream stream(snapshot, family, true);
    return count_stream(stream, family, by_type, counts);
  };
  absl::Status status = count(Family::kResourceTypes, counts.resource_types);
  if (status.ok()) status = count(Family::kResources, counts.resources);
  if (status.ok()) status = count(Family::kEntitlements, counts.entitlements);
  if (!status.ok()) return status;
  GrantStream grants(snapshot, true);
  status = count_stream(grants, Family::kGrants, counts.grants, counts);
  if (!status.ok()) return status;
  return counts;
}

}  // namespace baton::storage
