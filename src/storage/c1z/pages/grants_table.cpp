#include "storage/c1z/pages/grants_table.hpp"

#include "absl/status/statusor.h"
#include "storage/c1z/id_clash.hpp"

namespace baton::c1z {
namespace {

enum : std::size_t {
  kResourceType,
  kResource,
  kEntitlement,
  kPrincipalType,
  kPrincipal,
  kExternalId,
  kExpansion,
  kNeedsExpansion,
  kData,
  kSyncId,
};

bool is_composed(const RowValues& row) {
  std::string_view id = row.text(kExternalId);
  for (const std::size_t part : {kEntitlement, kPrincipalType}) {
    const std::string_view text = row.text(part);
    if (!id.starts_with(text) || id.size() == text.size() || id[text.size()] != ':') return false;
    id.remove_prefix(text.size() + 1);
  }
  return id == row.text(kPrincipal);
}

}  // namespace

GrantsTable::GrantsTable(PageOutput& output, const RenamedGrants& renamed)
    : output_(output),
      renamed_(renamed),
      table_(output, "v1_grants"),
      by_resource_(output, "idx_grants_resource_type_id_resource_id_v1"),
      expandable_(output, "idx_grants_sync_expansion_v1"),
      waiting_(output, "idx_grants_sync_needs_expansion_v1"),
      keys_(output.folder) {}

absl::Status GrantsTable::add(const RowBatch& batch) {
  // So many rows are added while a place in memory is on its way.
  constexpr std::size_t kAhead = 8;
  const auto columns = static_cast<std::size_t>(RowReader::columns(Table::kGrants));
  const std::span<const RowBatch::Cell> cells(batch.cells);
  const auto principal_at = [&](std::size_t row, auto hint) {
    if (row * columns >= cells.size()) return;
    const auto of_row = cells.subspan(row * columns, columns);
    (keys_.*hint)(batch.bytes_of(of_row[kPrincipalType]), batch.bytes_of(of_row[kPrincipal]));
  };
  for (std::size_t row = 0; row * columns < cells.size(); ++row) {
    principal_at(row + 2 * kAhead, &GrantKeys::expect_soon);
    principal_at(row + kAhead, &GrantKeys::expect_next);
    absl::Status status = add(RowValues(batch, cells.subspan(row * columns, columns)));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status GrantsTable::add(const RowValues& row) {
  const auto position = static_cast<std::size_t>(rows_);
  const bool composed = is_composed(row);
  const bool renamed = !composed && !renamed_.empty() && renamed_[position];
  absl::Status status = keys_.add(row.text(kResourceType), row.text(kResource), row.text(kEntitlement),
                                  row.text(kPrincipalType), row.text(kPrincipal),
                                  composed || renamed ? std::string_view() : row.text(kExternalId));
  if (!status.ok()) return status;
  ++rows_;
  const std::int64_t id = table_.row_id(rows_);
  if (rows_ == 1) sync_id_ = row.text(kSyncId);
  if (renamed) {
    status = add_renamed(row);
  } else {
    status = table_.add(id, row.all(), row.body());
  }
  if (status.ok()) status = by_resource_.add({row[kResourceType], row[kResource], Value::integer(id)});
  if (status.ok() && row[kExpansion].type() != Value::Type::kNull) {
    status = expandable_.add({row[kSyncId], Value::integer(id)});
  }
  if (status.ok() && row[kNeedsExpansion].number() == 1) {
    status = waiting_.add({row[kSyncId], Value::integer(id)});
  }
  return status;
}

absl::Status GrantsTable::add_renamed(const RowValues& row) {
  const std::string id = keys_.composed_id(static_cast<std::uint32_t>(rows_ - 1));
  const absl::StatusOr<std::string> blob = grant_with_id(row.text(kData), id);
  if (!blob.ok()) return blob.status();
  RowValues changed = row;
  changed[kExternalId] = Value::text(id);
  changed[kData] = Value::blob(*blob);
  return table_.add(table_.row_id(rows_), changed.all());
}

absl::Status GrantsTable::finish_rows() {
  keys_.finish();
  absl::Status status = table_.finish();
  for (IndexOutput* index : {&by_resource_, &expandable_, &waiting_}) {
    if (status.ok()) status = index->finish();
  }
  return status;
}

absl::Status GrantsTable::write_ids() {
  IndexOutput index(output_, "idx_grants_external_sync_v1");
  std::string last;
  bool first = true;
  absl::Status status = keys_.for_each_id([&](std::string_view id, std::uint32_t row) -> absl::Status {
    if (!first && id == last) return absl::AlreadyExistsError("two grants have one public id");
    first = false;
    last.assign(id);
    return index.add({Value::text(id), Value::text(sync_id_), id_of(row)});
  });
  if (status.ok()) status = index.finish();
  return status;
}

absl::Status GrantsTable::write_principals() {
  IndexOutput index(output_, "idx_grants_principal_id_v1");
  absl::Status status =
      keys_.for_each_principal([&](std::string_view type, std::string_view id, std::uint32_t row) {
        return index.add({Value::text(type), Value::text(id), id_of(row)});
      });
  if (status.ok()) status = index.finish();
  return status;
}

absl::Status GrantsTable::write_entitlements_and_principals() {
  IndexOutput index(output_, "idx_grants_entitlement_id_principal_id_v1");
  absl::Status status = keys_.for_each_entitlement_and_principal(
      [&](std::string_view entitlement, std::string_view type, std::string_view id, std::uint32_t row) {
        return index.add({Value::text(entitlement), Value::text(type), Value::text(id), id_of(row)});
      });
  if (status.ok()) status = index.finish();
  return status;
}

absl::Status GrantsTable::write_entitlements() {
  IndexOutput index(output_, "idx_grants_entitlement_sync_grant_v1");
  absl::Status status = keys_.for_each_entitlement([&](std::string_view entitlement, std::uint32_t row) {
    // The row id is a column of this index, too.
    const Value id = id_of(row);
    return index.add({Value::text(entitlement), Value::text(sync_id_), id, id});
  });
  if (status.ok()) status = index.finish();
  return status;
}

}  // namespace baton::c1z
