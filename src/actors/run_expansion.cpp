#include "actors/run_expansion.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "expansion/evaluator.hpp"
#include "expansion/graph.hpp"
#include "expansion/input.hpp"
#include "expansion/report.hpp"

namespace baton::actors {
namespace {

/// Rows of a destination go to the store in groups of this many.
constexpr std::size_t kRowsPerWrite = 1000;

/// Everything expansion needs, in one pass over the collected rows.
absl::StatusOr<expansion::Input> read_input(const storage::SyncStore& store) {
  expansion::InputBuilder builder;
  absl::Status read =
      store.for_each_entitlement([&](std::string_view type, std::string_view resource, std::string_view id) {
        expansion::EntitlementView view;
        view.resource_type = type;
        view.resource_id = resource;
        view.id = id;
        builder.add_entitlement(view);
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  std::vector<expansion::SourceEntry> sources;
  read = store.for_each_base_grant([&](const storage::BaseGrant& grant) -> absl::Status {
    expansion::EntitlementView view;
    view.resource_type = grant.resource_type_id;
    view.resource_id = grant.resource_id;
    view.id = grant.entitlement_id;
    view.has_row = false;
    const expansion::EntitlementIndex entitlement = builder.add_entitlement(view);
    sources.clear();
    for (const auto& [id, direct] : grant.sources) sources.push_back({id, direct});
    const auto principal =
        builder.add_grant(entitlement, {grant.principal_type_id, grant.principal_id},
                          {grant.principal_parent_type_id, grant.principal_parent_id}, sources);
    if (!principal.ok()) return principal.status();
    if (grant.needs_expansion) {
      builder.add_description(entitlement, *principal, grant.expandable_entitlement_ids, grant.shallow,
                              grant.expandable_resource_type_ids);
    }
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return std::move(builder).seal();
}

/// Hands the rows of one destination after the other to the store's family `expanded`.
class StoreSink final : public expansion::ResultSink {
 public:
  StoreSink(const expansion::Input& input, storage::SyncStore& store) : input_(input), store_(store) {
    rows_.reserve(kRowsPerWrite);
  }

  absl::Status begin(expansion::EntitlementIndex destination) override {
    destination_ = input_.entitlement(destination);
    return absl::OkStatus();
  }

  absl::Status row(const expansion::ResultRow& row) override {
    const expansion::ResourceView principal = input_.principal(row.principal);
    storage::ExpansionRow out;
    out.resource_type_id = destination_.resource_type;
    out.resource_id = destination_.resource_id;
    out.entitlement_id = destination_.id;
    out.principal_type_id = principal.type;
    out.principal_id = principal.id;
    out.principal_parent_type_id = row.parent.type;
    out.principal_parent_id = row.parent.id;
    out.synthesised = row.synthesised;
    // The span lives until this call returns; the pool keeps the entries until the rows are written.
    pool_.emplace_back();
    for (const expansion::SourceEntry& source : row.sources) {
      pool_.back().emplace_back(source.entitlement_id, source.is_direct);
    }
    rows_.push_back(out);
    return rows_.size() >= kRowsPerWrite ? write() : absl::OkStatus();
  }

  absl::Status end(expansion::EntitlementIndex) override { return write(); }

 private:
  absl::Status write() {
    if (rows_.empty()) return absl::OkStatus();
    for (std::size_t i = 0; i < rows_.size(); ++i) rows_[i].sources = pool_[i];
    absl::Status written = store_.append_expansion(rows_);
    rows_.clear();
    pool_.clear();
    return written;
  }

  const expansion::Input& input_;
  storage::SyncStore& store_;
  expansion::EntitlementView destination_;
  std::vector<storage::ExpansionRow> rows_;
  std::vector<std::vector<std::pair<std::string_view, bool>>> pool_;
};

}  // namespace

absl::StatusOr<ExpansionStatistics> run_expansion(storage::SyncStore& store, const ExpansionOptions& options) {
  if (options.mode == sync::ExpansionMode::kStrict) {
    return absl::UnimplementedError("expansion mode strict is not supported yet; use upstream");
  }
  if (absl::Status cleared = store.clear_expansion(); !cleared.ok()) return cleared;
  ExpansionStatistics result;
  if (options.mode == sync::ExpansionMode::kOff) return result;
  const absl::StatusOr<expansion::Input> input = read_input(store);
  if (!input.ok()) return input.status();
  const absl::StatusOr<expansion::Graph> graph = expansion::Graph::build(*input);
  if (!graph.ok()) return graph.status();
  const expansion::GraphReport& report = graph->report();
  result.edges = report.edges;
  result.edges_source_missing = report.edges_source_missing;
  result.edges_destination_missing = report.edges_destination_missing;
  result.self_loops = report.self_loops;
  result.components = report.nodes;
  result.cycles = report.cycles;
  result.cycle_example = report.cycle_example;
  if (std::string warning = expansion::warning_text(report); !warning.empty()) {
    if (options.log != nullptr) options.log->write(LogLevel::kWarn, "sync.expander", warning, {});
    result.warnings.push_back(std::move(warning));
  }
  StoreSink sink(*input, store);
  expansion::Evaluator evaluator(*input, *graph);
  if (absl::Status done = evaluator.run(sink); !done.ok()) return done;
  result.destinations = evaluator.statistics().destinations;
  result.rows_added = evaluator.statistics().rows_synthesised;
  result.rows_changed = evaluator.statistics().rows_changed;
  for (const auto& [entitlement, rows] : evaluator.statistics().largest) {
    result.largest.emplace_back(input->entitlement(entitlement).id, rows);
  }
  if (absl::Status synced = store.sync_log(); !synced.ok()) return synced;
  return result;
}

}  // namespace baton::actors
