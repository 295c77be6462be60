#include "storage/c1z/pages/directory_tables.hpp"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "base/tuple_key.hpp"

namespace baton::c1z {
namespace {

absl::Status out_of_order(const char* what) {
  return absl::DataLossError(
      absl::StrCat(what, " do not come in order of their identity; the run directory is damaged"));
}

constexpr std::string_view kHasParent = "p";

/// Writes the unique index of a table whose ids were collected.
absl::Status write_external_ids(PageOutput& output, std::string_view name, const TableOutput& table,
                                KeySorter& ids, const std::string& sync_id, std::optional<RowPair>& clash) {
  IndexOutput index(output, name);
  if (absl::Status status = ids.rewind(); !status.ok()) return status;
  std::string last_id;
  std::int64_t last_row = 0;
  while (true) {
    const absl::StatusOr<bool> more = ids.next();
    if (!more.ok()) return more.status();
    if (!*more) return index.finish();
    if (last_row != 0 && ids.key() == last_id) {
      clash = RowPair(last_row, ids.row());
      return absl::AlreadyExistsError(
          absl::StrCat("an id of ", absl::string_view(name.data(), name.size()), " is there twice"));
    }
    last_id = ids.key();
    last_row = ids.row();
    absl::Status status =
        index.add({Value::text(last_id), Value::text(sync_id), Value::integer(table.row_id(last_row))});
    if (!status.ok()) return status;
  }
}

}  // namespace

ResourceTypesTable::ResourceTypesTable(PageOutput& output)
    : table_(output, "v1_resource_types"), by_external_id_(output, "idx_resource_types_external_sync_v1") {}

absl::Status ResourceTypesTable::add(const RowValues& row) {
  enum : std::size_t { kExternalId, kData, kSyncId };
  if (rows_ > 0 && row.text(kExternalId) <= last_id_) return out_of_order("resource types");
  last_id_ = row.text(kExternalId);
  ++rows_;
  absl::Status status = table_.add(table_.row_id(rows_), row.all(), row.body());
  if (status.ok())
    status = by_external_id_.add({row[kExternalId], row[kSyncId], Value::integer(table_.row_id(rows_))});
  return status;
}

absl::Status ResourceTypesTable::finish() {
  absl::Status status = table_.finish();
  if (status.ok()) status = by_external_id_.finish();
  return status;
}

ResourcesTable::ResourcesTable(PageOutput& output)
    : output_(output),
      table_(output, "v1_resources"),
      by_type_(output, "idx_resources_resource_type_id_v1"),
      external_ids_(output.folder),
      parents_(output.folder) {}

absl::Status ResourcesTable::add(const RowValues& row) {
  enum : std::size_t { kType, kExternalId, kParentType, kParentId, kData, kSyncId };
  if (row.text(kType) < last_type_) return out_of_order("resources");
  last_type_ = row.text(kType);
  sync_id_ = row.text(kSyncId);
  ++rows_;
  absl::Status status = table_.add(table_.row_id(rows_), row.all(), row.body());
  if (status.ok()) status = by_type_.add({row[kType], Value::integer(table_.row_id(rows_))});
  if (status.ok()) status = external_ids_.add(row.text(kExternalId), rows_);
  if (!status.ok()) return status;
  // NULL sorts first: it is the empty key, and no other is.
  key_.clear();
  if (row[kParentType].type() != Value::Type::kNull) {
    append_tuple(key_, kHasParent, row.text(kParentType), row.text(kParentId));
  }
  return parents_.add(key_, rows_);
}

absl::Status ResourcesTable::finish() {
  absl::Status status = table_.finish();
  if (status.ok()) status = by_type_.finish();
  if (!status.ok()) return status;
  status = write_external_ids(output_, "idx_resources_parent_resource_id_v1", table_, external_ids_, sync_id_,
                              clash_);
  if (!status.ok()) return status;
  return write_parents();
}

absl::Status ResourcesTable::write_parents() {
  IndexOutput index(output_, "idx_resources_external_sync_v1");
  if (absl::Status status = parents_.rewind(); !status.ok()) return status;
  std::string type;
  std::string id;
  while (true) {
    const absl::StatusOr<bool> more = parents_.next();
    if (!more.ok()) return more.status();
    if (!*more) return index.finish();
    absl::Status status;
    if (parents_.key().empty()) {
      status = index.add({Value::null(), Value::null(), Value::integer(table_.row_id(parents_.row()))});
    } else {
      TupleReader tuple(parents_.key());
      tuple.next_raw();
      status = tuple.next(type);
      if (status.ok()) status = tuple.next(id);
      if (status.ok())
        status =
            index.add({Value::text(type), Value::text(id), Value::integer(table_.row_id(parents_.row()))});
    }
    if (!status.ok()) return status;
  }
}

EntitlementsTable::EntitlementsTable(PageOutput& output)
    : output_(output),
      table_(output, "v1_entitlements"),
      by_resource_(output, "idx_entitlements_resource_id_v1"),
      external_ids_(output.folder) {}

absl::Status EntitlementsTable::add(const RowValues& row) {
  enum : std::size_t { kType, kResource, kExternalId, kData, kSyncId };
  if (std::tuple(row.text(kType), row.text(kResource)) <
      std::tuple(std::string_view(last_type_), std::string_view(last_resource_))) {
    return out_of_order("entitlements");
  }
  last_type_ = row.text(kType);
  last_resource_ = row.text(kResource);
  sync_id_ = row.text(kSyncId);
  ++rows_;
  absl::Status status = table_.add(table_.row_id(rows_), row.all(), row.body());
  if (status.ok())
    status = by_resource_.add({row[kType], row[kResource], Value::integer(table_.row_id(rows_))});
  if (status.ok()) status = external_ids_.add(row.text(kExternalId), rows_);
  return status;
}

absl::Status EntitlementsTable::finish() {
  absl::Status status = table_.finish();
  if (status.ok()) status = by_resource_.finish();
  if (!status.ok()) return status;
  return write_external_ids(output_, "idx_entitlements_external_sync_v1", table_, external_ids_, sync_id_,
                            clash_);
}

}  // namespace baton::c1z
