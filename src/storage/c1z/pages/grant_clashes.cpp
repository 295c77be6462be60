#include "storage/c1z/pages/grant_clashes.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "storage/c1z/id_clash.hpp"

namespace baton::c1z {
namespace {

/// A grant whose public id another one has, too.
class Member {
 public:
  std::uint32_t row = 0;
  /// Members of one id have one number; ids in order.
  std::uint32_t clash = 0;
  bool composed = false;
  std::string order;
};

/// All members, and the first ids in question, to be shown.
class Clashes {
 public:
  std::vector<Member> members;
  std::vector<std::string> ids;

  void add(std::string_view id, std::span<const std::uint32_t> rows, const GrantKeys& keys) {
    if (ids.size() < kRenamedExamples) ids.emplace_back(id);
    for (const std::uint32_t row : rows) members.push_back({row, count_, !keys.has_own_id(row), {}});
    ++count_;
  }

 private:
  std::uint32_t count_ = 0;
};

absl::StatusOr<Clashes> find_clashes(GrantKeys& keys) {
  Clashes clashes;
  std::string id;
  std::vector<std::uint32_t> rows;
  absl::Status status = keys.for_each_id([&](std::string_view next, std::uint32_t row) {
    if (next != id || rows.empty()) {
      if (rows.size() > 1) clashes.add(id, rows, keys);
      rows.clear();
      id.assign(next);
    }
    rows.push_back(row);
    return absl::OkStatus();
  });
  if (rows.size() > 1) clashes.add(id, rows, keys);
  if (!status.ok()) return status;
  return clashes;
}

/// Fills in the structural order, which only the source knows.
absl::Status add_structural_order(std::vector<Member>& members, storage::RowSource& rows) {
  std::ranges::sort(members, {}, &Member::row);
  if (absl::Status status = rows.rewind_grants(); !status.ok()) return status;
  storage::GrantRow row;
  auto wanted = members.begin();
  // To the end: what the source counts it counts from the start again.
  for (std::uint32_t position = 0;; ++position) {
    const absl::StatusOr<bool> more = rows.next(row);
    if (!more.ok()) return more.status();
    if (!*more) break;
    if (wanted == members.end() || wanted->row != position) continue;
    wanted->order = row.order;
    ++wanted;
  }
  if (wanted != members.end()) return absl::InternalError("the rows ended earlier when they were read again");
  return absl::OkStatus();
}

}  // namespace

absl::Status resolve_clashing_grants(GrantKeys& keys, storage::RowSource& rows, RenamedGrants& renamed,
                                     WriteSummary& summary) {
  renamed.resize(keys.rows());
  while (true) {
    absl::StatusOr<Clashes> clashes = find_clashes(keys);
    if (!clashes.ok()) return clashes.status();
    std::vector<Member>& members = clashes->members;
    if (members.empty()) return absl::OkStatus();
    if (absl::Status status = add_structural_order(members, rows); !status.ok()) return status;
    // Of each id the one that keeps it comes first. A composed id cannot be another, so that grant must.
    std::ranges::sort(members, [](const Member& a, const Member& b) {
      return std::tuple(a.clash, b.composed, std::string_view(b.order), a.row) <
             std::tuple(b.clash, a.composed, std::string_view(a.order), b.row);
    });
    for (std::size_t i = 1; i < members.size(); ++i) {
      const Member& member = members[i];
      if (member.clash != members[i - 1].clash) continue;
      const std::string composed = keys.composed_id(member.row);
      if (member.composed) return grants_clash(composed);
      keys.compose_id(member.row);
      renamed[member.row] = true;
      ++summary.renamed_grants;
      if (summary.renamed_examples.size() < kRenamedExamples) {
        summary.renamed_examples.push_back(renamed_example(clashes->ids[member.clash], composed));
      }
    }
  }
}

}  // namespace baton::c1z
