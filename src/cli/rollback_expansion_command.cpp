#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "actors/run_expansion.hpp"
#include "base/tuple_key.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/output_file.hpp"
#include "cli/protojson.hpp"
#include "cli/selection.hpp"
#include "cli/table.hpp"
#include "cli/temporary_run.hpp"

namespace baton::cli {
namespace {

using c1::connector::v2::Grant;

/// What a syncer's token says of a sync whose grants are still to be expanded.
constexpr const char* kNeedsExpansion = R"({"needs_expansion":true})";

/// Where two lists of grants part.
class Comparison {
 public:
  std::uint64_t compared = 0;
  std::uint64_t different = 0;
  std::string example;

  void differs(const std::string& id) {
    if (different++ == 0) example = id;
  }
};

std::string identity_of(const Grant& grant) {
  const auto& on = grant.entitlement().resource().id();
  std::string key;
  append_entitlement_identity(key, on.resource_type(), on.resource(), grant.entitlement().id());
  append_next_element(key, grant.principal().id().resource_type());
  append_next_element(key, grant.principal().id().resource());
  return key;
}

std::map<std::string, bool> sources_of(const Grant& grant) {
  std::map<std::string, bool> sources;
  for (const auto& [id, source] : grant.sources().sources()) sources.emplace(id, source.is_direct());
  return sources;
}

/// The grants of a run, one after the other.
class RunGrants {
 public:
  explicit RunGrants(storage::RowSource& rows) : rows_(rows) {}

  absl::Status next() {
    storage::GrantRow row;
    const absl::StatusOr<bool> more = rows_.next(row);
    if (!more.ok()) return more.status();
    at_end_ = !*more;
    if (at_end_) return absl::OkStatus();
    if (!grant_.ParseFromArray(row.blob.data(), static_cast<int>(row.blob.size()))) {
      return absl::InternalError("the temporary run holds a grant that cannot be read");
    }
    identity_ = identity_of(grant_);
    return absl::OkStatus();
  }

  bool at_end() const { return at_end_; }
  const Grant& grant() const { return grant_; }
  const std::string& identity() const { return identity_; }

 private:
  storage::RowSource& rows_;
  Grant grant_;
  std::string identity_;
  bool at_end_ = false;
};

/// Both come in the order of identities.
absl::StatusOr<Comparison> compare(c1z::Reader& before, storage::SyncStore& after) {
  const absl::StatusOr<std::unique_ptr<storage::RowSource>> rows = after.rows();
  if (!rows.ok()) return rows.status();
  if (absl::Status status = (*rows)->rewind_grants(); !status.ok()) return status;
  Comparison result;
  RunGrants other(**rows);
  if (absl::Status status = other.next(); !status.ok()) return status;
  absl::Status status = before.for_each_grant({}, [&](const c1z::StoredGrant& stored) -> absl::Status {
    const std::string identity = identity_of(stored.grant);
    while (!other.at_end() && other.identity() < identity) {
      result.differs(other.grant().id());
      if (absl::Status next = other.next(); !next.ok()) return next;
    }
    ++result.compared;
    if (other.at_end() || other.identity() != identity) {
      result.differs(stored.grant.id());
      return absl::OkStatus();
    }
    if (sources_of(stored.grant) != sources_of(other.grant())) result.differs(stored.grant.id());
    return other.next();
  });
  for (; status.ok() && !other.at_end(); status = other.next()) result.differs(other.grant().id());
  if (!status.ok()) return status;
  return result;
}

absl::Status check_flags(const Options& options, c1z::FileVersion version) {
  if (options.validate && !options.replay) {
    return usage_error("--validate needs --replay: it compares the grants before and after");
  }
  if (!options.dry_run) return check_output_file(options, version);
  if (options.replay || !options.out.empty()) {
    return usage_error("--dry-run writes nothing: it goes with neither --out nor --replay");
  }
  return absl::OkStatus();
}

void note_suspects(const LoadSummary& loaded, Output& output) {
  if (loaded.suspects_deleted > 0) {
    output.note(absl::StrCat("note: ", loaded.suspects_deleted,
                             " of these grants are not immutable, so the connector may have made them; "
                             "--preserve-suspect-grants keeps such grants"));
  }
  if (loaded.suspects_kept > 0) {
    output.note(absl::StrCat("note: ", loaded.suspects_kept,
                             " grants look derived but are not immutable; they were kept"));
  }
}

std::string counts_json(const c1z::SyncInfo& sync, const LoadSummary& loaded) {
  std::string json = R"({"syncId":)";
  append_json_string(sync.id, json);
  absl::StrAppend(&json, R"(,"deleted":")", loaded.deleted, R"(","cleared":")", loaded.cleared, "\"");
  return json;
}

absl::Status dry_run(c1z::Reader& reader, const Options& options, LoadRule rule, const c1z::SyncInfo& sync,
                     Output& output) {
  const absl::StatusOr<LoadSummary> counted = count_rollback(reader, rule);
  if (!counted.ok()) return counted.status();
  note_suspects(*counted, output);
  if (options.format == Format::kJson) {
    output.text(counts_json(sync, *counted) + R"(,"dryRun":true})"
                                              "\n");
  } else {
    output.text(absl::StrCat("dry-run: sync ", sync.id, " — would delete ", counted->deleted,
                             " expansion-derived grant(s) and clear sources on ", counted->cleared,
                             " direct grant(s)\n"));
  }
  return absl::OkStatus();
}

/// Expands again, and compares if that is asked for.
absl::StatusOr<Comparison> replay(c1z::Reader& reader, const Options& options, storage::SyncStore& store,
                                  Output& output) {
  const absl::StatusOr<actors::ExpansionStatistics> expanded =
      actors::run_expansion(store, actors::ExpansionOptions());
  if (!expanded.ok()) return expanded.status();
  for (const std::string& warning : expanded->warnings) output.note(absl::StrCat("warning: ", warning));
  if (!options.validate) return Comparison();
  absl::StatusOr<Comparison> compared = compare(reader, store);
  if (compared.ok() && compared->different > 0) {
    return absl::UnknownError(absl::StrCat("validation: the sources of ", compared->different,
                                           " grant(s) differ before and after replay, such as ",
                                           cell(compared->example), "; nothing was written"));
  }
  return compared;
}

}  // namespace

absl::Status run_rollback_expansion(const Options& options, Output& output) {
  const absl::StatusOr<c1z::FileVersion> version = version_of_input(options);
  if (!version.ok()) return version.status();
  if (absl::Status status = check_flags(options, *version); !status.ok()) return status;
  const auto reader = open_selected(options, output);
  if (!reader.ok()) return reader.status();
  absl::StatusOr<c1z::SyncInfo> sync = sync_to_copy(**reader, options);
  if (!sync.ok()) return sync.status();
  const LoadRule rule = options.preserve_suspects ? LoadRule::kRollBackButSuspects : LoadRule::kRollBack;
  if (options.dry_run) return dry_run(**reader, options, rule, *sync, output);

  const InterruptGuard guard;
  absl::StatusOr<TemporaryRun> run = TemporaryRun::create();
  if (!run.ok()) return run.status();
  const absl::StatusOr<LoadSummary> loaded = load(**reader, rule, run->store());
  if (!loaded.ok()) return loaded.status();
  absl::StatusOr<Comparison> compared = Comparison();
  if (options.replay) {
    compared = replay(**reader, options, run->store(), output);
    if (!compared.ok()) return compared.status();
  } else {
    sync->token = kNeedsExpansion;
  }
  if (absl::Status status = interrupt_status(); !status.ok()) return status;
  if (absl::Status status = write_output_file(options, *version, *sync, run->store(), output); !status.ok()) {
    return status;
  }
  if (absl::Status status = note_what_is_left(**reader, output); !status.ok()) return status;
  note_suspects(*loaded, output);
  if (options.format == Format::kJson) {
    std::string json = counts_json(*sync, *loaded) + R"(,"out":)";
    append_json_string(options.out, json);
    if (options.replay) json += R"(,"replayed":true)";
    if (options.validate) absl::StrAppend(&json, R"(,"validated":")", compared->compared, "\"");
    output.text(json + "}\n");
    return absl::OkStatus();
  }
  output.text(absl::StrCat("sync ", sync->id, " rolled back: deleted ", loaded->deleted,
                           " expansion-derived grant(s), cleared sources on ", loaded->cleared,
                           " direct grant(s); wrote ", options.out,
                           options.replay ? "; replayed expansion\n" : "\n"));
  if (options.validate) {
    output.text(absl::StrCat("validation: ", compared->compared,
                             " grant source set(s) identical before and after replay\n"));
  }
  return absl::OkStatus();
}

}  // namespace baton::cli
