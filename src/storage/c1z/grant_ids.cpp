#include "storage/c1z/grant_ids.hpp"

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "c1/connector/v2/resource.pb.h"
#include "storage/c1z/id_clash.hpp"

namespace baton::c1z {
namespace {

/// Lists every row whose id another row has, with the id that it would be given instead.
absl::Status collect_clashes(Database& database, const std::string& sync_id) {
  absl::Status status = database.execute(
      "DROP TABLE IF EXISTS temp.clash;"
      "CREATE TEMP TABLE clash (id integer primary key, external_id text, composed text, structural blob)");
  if (!status.ok()) return status;
  absl::StatusOr<Statement> collect = database.prepare(
      "INSERT INTO temp.clash (id, external_id, composed) "
      "SELECT id, external_id, "
      "entitlement_id || ':' || principal_resource_type_id || ':' || principal_resource_id FROM v1_grants "
      "WHERE sync_id = ?1 AND external_id IN (SELECT external_id FROM v1_grants WHERE sync_id = ?1 "
      "GROUP BY external_id HAVING count(*) > 1)");
  if (!collect.ok()) return collect.status();
  collect->bind_text(1, sync_id);
  return collect->run();
}

/// Fills in the structural order, which only the source knows. Row ids are positions behind `last_earlier`.
absl::Status add_structural_order(Database& database, std::int64_t last_earlier, storage::RowSource& rows) {
  absl::StatusOr<Statement> clashes = database.prepare("SELECT id FROM temp.clash ORDER BY id");
  if (!clashes.ok()) return clashes.status();
  absl::StatusOr<Statement> update = database.prepare("UPDATE temp.clash SET structural = ?1 WHERE id = ?2");
  if (!update.ok()) return update.status();
  if (absl::Status status = rows.rewind_grants(); !status.ok()) return status;
  storage::GrantRow row;
  std::int64_t position = last_earlier;
  while (true) {
    const absl::StatusOr<bool> wanted = clashes->step();
    if (!wanted.ok()) return wanted.status();
    if (!*wanted) break;
    for (const std::int64_t id = clashes->integer(0); position < id; ++position) {
      const absl::StatusOr<bool> more = rows.next(row);
      if (!more.ok()) return more.status();
      if (!*more) return absl::InternalError("the rows ended earlier when they were read again");
    }
    update->bind_blob(1, row.order);
    update->bind_int(2, position);
    if (absl::Status status = update->run(); !status.ok()) return status;
  }
  // To the end: what the source counts it counts from the start again.
  while (true) {
    const absl::StatusOr<bool> more = rows.next(row);
    if (!more.ok() || !*more) return more.status();
  }
}

/// Gives one row its composed id, in the column and in the blob.
class Renamer {
 public:
  static absl::StatusOr<Renamer> prepare(Database& database) {
    absl::StatusOr<Statement> read = database.prepare("SELECT data FROM v1_grants WHERE id = ?1");
    if (!read.ok()) return read.status();
    absl::StatusOr<Statement> write =
        database.prepare("UPDATE v1_grants SET external_id = ?1, data = ?2 WHERE id = ?3");
    if (!write.ok()) return write.status();
    return Renamer(*std::move(read), *std::move(write));
  }

  absl::Status rename(std::int64_t row, std::string_view id) {
    read_.bind_int(1, row);
    const absl::StatusOr<bool> found = read_.step();
    if (!found.ok()) return found.status();
    if (!*found) return absl::InternalError(absl::StrCat("grant row ", row, " is gone"));
    const absl::StatusOr<std::string> bytes = grant_with_id(read_.blob(0), id);
    if (!bytes.ok()) return bytes.status();
    read_.reset();
    write_.bind_text(1, id);
    write_.bind_blob(2, *bytes);
    write_.bind_int(3, row);
    return write_.run();
  }

 private:
  Renamer(Statement read, Statement write) : read_(std::move(read)), write_(std::move(write)) {}

  Statement read_;
  Statement write_;
};

}  // namespace

absl::Status rename_clashing_grants(Database& database, const std::string& sync_id, std::int64_t last_earlier,
                                    storage::RowSource& rows, WriteSummary& summary) {
  if (absl::Status status = collect_clashes(database, sync_id); !status.ok()) return status;
  if (absl::Status status = add_structural_order(database, last_earlier, rows); !status.ok()) return status;
  absl::StatusOr<Renamer> renamer = Renamer::prepare(database);
  if (!renamer.ok()) return renamer.status();
  // Of each id the row that keeps it comes first: its composed id cannot be another, so that row must.
  absl::StatusOr<Statement> clashes = database.prepare(
      "SELECT id, external_id, composed FROM temp.clash "
      "ORDER BY external_id, (external_id = composed) DESC, structural DESC, id");
  if (!clashes.ok()) return clashes.status();
  std::string kept;
  bool first = true;
  while (true) {
    const absl::StatusOr<bool> more = clashes->step();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    const std::string_view id = clashes->text(1);
    const std::string_view composed = clashes->text(2);
    if (first || kept != id) {
      kept = id;
      first = false;
      continue;
    }
    if (composed == id) {
      return grants_clash(id);
    }
    if (absl::Status status = renamer->rename(clashes->integer(0), composed); !status.ok()) return status;
    ++summary.renamed_grants;
    if (summary.renamed_examples.size() < kRenamedExamples) {
      summary.renamed_examples.push_back(renamed_example(id, composed));
    }
  }
}

absl::Status describe_clashing_entitlements(Database& database, const std::string& sync_id) {
  absl::StatusOr<Statement> clash = database.prepare(
      "SELECT external_id, resource_type_id, resource_id FROM v1_entitlements "
      "WHERE sync_id = ?1 AND external_id = (SELECT external_id FROM v1_entitlements WHERE sync_id = ?1 "
      "GROUP BY external_id HAVING count(*) > 1 ORDER BY 1 LIMIT 1) "
      "ORDER BY id LIMIT 2");
  if (!clash.ok()) return clash.status();
  clash->bind_text(1, sync_id);
  std::string id;
  std::string types[2];
  std::string resources[2];
  for (int i = 0; i < 2; ++i) {
    const absl::StatusOr<bool> found = clash->step();
    if (!found.ok()) return found.status();
    if (!*found) return absl::InternalError("entitlement ids clash, yet none is there twice");
    id = clash->text(0);
    types[i] = clash->text(1);
    resources[i] = clash->text(2);
  }
  return entitlements_clash(id, types[0], resources[0], types[1], resources[1]);
}

absl::Status describe_clashing_resources(Database& database, const std::string& sync_id) {
  absl::StatusOr<Statement> clash = database.prepare(
      "SELECT external_id, data FROM v1_resources "
      "WHERE sync_id = ?1 AND external_id = (SELECT external_id FROM v1_resources WHERE sync_id = ?1 GROUP "
      "BY external_id HAVING count(*) > 1 ORDER BY 1 LIMIT 1) "
      "ORDER BY id LIMIT 2");
  if (!clash.ok()) return clash.status();
  clash->bind_text(1, sync_id);
  std::string joined;
  c1::connector::v2::Resource which[2];
  for (c1::connector::v2::Resource& resource : which) {
    const absl::StatusOr<bool> found = clash->step();
    if (!found.ok()) return found.status();
    if (!*found) return absl::InternalError("resource ids clash, yet none is there twice");
    joined = clash->text(0);
    const std::string_view blob = clash->blob(1);
    if (!resource.ParseFromArray(blob.data(), static_cast<int>(blob.size()))) {
      return absl::InternalError(absl::StrCat("a resource that clashes cannot be read back"));
    }
  }
  return resources_clash(joined, which[0].id().resource_type(), which[0].id().resource(),
                         which[1].id().resource_type(), which[1].id().resource());
}

}  // namespace baton::c1z
