#include "actors/run_expansion.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "actors/expansion_input.hpp"
#include "base/hash.hpp"
#include "base/tuple_key.hpp"
#include "expansion/evaluator.hpp"
#include "expansion/graph.hpp"
#include "expansion/input.hpp"
#include "expansion/report.hpp"
#include "expansion/schedule.hpp"
#include "expansion/segments.hpp"

namespace baton::actors {
namespace {

constexpr std::string_view kSubject = "sync.expander";

/// What a process that dies loses of a large expansion: well under a second's work. As a table file it has a
/// few MiB.
constexpr std::uint64_t kRowsPerSegment = 250'000;

/// Changes when the same rows come to be written in other bytes or other segments.
constexpr std::uint64_t kPlanVersion = 1;

/// Runs `work` on so many threads at a time, this one among them, and answers with the first error.
absl::Status run_on(std::size_t workers, const std::function<absl::Status()>& work) {
  std::mutex mutex;
  absl::Status first;
  const auto run = [&] {
    absl::Status status = work();
    const std::lock_guard lock(mutex);
    first.Update(status);
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < workers; ++i) threads.emplace_back(run);
  run();
  threads.clear();  // joins
  return first;
}

/// Hands the rows of one destination after the other to a segment.
class SegmentSink final : public expansion::ResultSink {
 public:
  SegmentSink(const expansion::Input& input, storage::ExpansionSegment& segment)
      : input_(input), segment_(segment) {}

  absl::Status begin(expansion::EntitlementIndex destination) override {
    const expansion::EntitlementView view = input_.entitlement(destination);
    return segment_.begin(view.resource_type, view.resource_id, view.id);
  }

  absl::Status row(const expansion::ResultRow& row) override {
    if (row.encoded->empty()) {
      sources_.clear();
      for (const expansion::SourceEntry& source : row.sources) {
        sources_.emplace_back(source.entitlement_id, source.is_direct);
      }
      storage::encode_sources(*row.encoded, sources_, row.synthesised);
    }
    const expansion::ResourceView principal = input_.principal(row.principal);
    storage::ExpansionRow out;
    out.principal_type_id = principal.type;
    out.principal_id = principal.id;
    out.principal_parent_type_id = row.parent.type;
    out.principal_parent_id = row.parent.id;
    out.synthesised = row.synthesised;
    out.sources = *row.encoded;
    return segment_.add(out);
  }

  absl::Status end(expansion::EntitlementIndex) override { return absl::OkStatus(); }

 private:
  const expansion::Input& input_;
  storage::ExpansionSegment& segment_;
  std::vector<std::pair<std::string_view, bool>> sources_;
};

/// The note that a segment is committed with: what was counted in it, for a process that goes on.
std::string to_note(const expansion::Statistics& statistics) {
  std::string note;
  append_be64(note, statistics.destinations);
  append_be64(note, statistics.rows_synthesised);
  append_be64(note, statistics.rows_changed);
  for (const auto& [entitlement, rows] : statistics.largest) {
    append_be64(note, entitlement);
    append_be64(note, rows);
  }
  return note;
}

expansion::Statistics from_note(std::string_view note) {
  std::vector<std::uint64_t> numbers;
  for (; note.size() >= 8; note.remove_prefix(8)) numbers.push_back(load_be64(note.data()));
  numbers.resize(std::max<std::size_t>(numbers.size(), 3));
  expansion::Statistics statistics;
  statistics.destinations = numbers[0];
  statistics.rows_synthesised = numbers[1];
  statistics.rows_changed = numbers[2];
  for (std::size_t i = 3; i + 1 < numbers.size(); i += 2) {
    statistics.largest.push_back({static_cast<expansion::EntitlementIndex>(numbers[i]), numbers[i + 1]});
  }
  return statistics;
}

/// One expansion over a store.
class Run {
 public:
  Run(storage::SyncStore& store, const ExpansionOptions& options, const expansion::Input& input,
      const expansion::Graph& graph)
      : store_(store),
        options_(options),
        workers_(options.workers != 0 ? options.workers
                                      : std::max<std::size_t>(std::thread::hardware_concurrency(), 1)),
        input_(input),
        graph_(graph),
        evaluator_(input, graph) {}

  /// Finds who holds what.
  absl::Status settle() {
    expansion::Schedule schedule(graph_);
    return run_on(workers_, [&] {
      while (const auto component = schedule.take()) {
        evaluator_.settle(*component);
        schedule.done(*component);
      }
      return absl::OkStatus();
    });
  }

  /// Makes the rows and stores them.
  absl::Status write() {
    const std::uint64_t rows_per_segment =
        options_.rows_per_segment != 0 ? options_.rows_per_segment : kRowsPerSegment;
    const auto segments = expansion::Segments::of(input_, graph_, evaluator_, rows_per_segment);
    absl::Status status = check_limit(segments);
    if (!status.ok()) return status;
    return write_segments(segments, rows_per_segment);
  }

  const expansion::Statistics& statistics() const { return statistics_; }
  std::uint64_t segments_resumed() const { return segments_resumed_; }

 private:
  /// Counts exactly, if the bound alone does not show that the limit is kept.
  absl::Status check_limit(const expansion::Segments& segments) {
    if (options_.max_rows == 0 || segments.row_bound() <= options_.max_rows) return absl::OkStatus();
    std::atomic<expansion::NodeIndex> next{0};
    std::mutex mutex;
    expansion::Statistics counted;
    absl::Status status = run_on(workers_, [&] {
      expansion::Statistics own;
      for (auto node = next.fetch_add(1); node < graph_.node_count(); node = next.fetch_add(1)) {
        if (graph_.incoming(node).empty()) continue;
        for (const expansion::EntitlementIndex member : graph_.members(node)) {
          own.count(member, evaluator_.count_added(node, member), 0);
        }
      }
      const std::lock_guard lock(mutex);
      counted.add(own);
      return absl::OkStatus();
    });
    if (!status.ok() || counted.rows_synthesised <= options_.max_rows) return status;
    std::string message =
        absl::StrCat("expansion would add ", counted.rows_synthesised, " grants, more than the ",
                     options_.max_rows, " that are allowed; nothing was added. Largest destinations: ");
    const char* separator = "";
    for (const auto& [entitlement, rows] : counted.largest) {
      absl::StrAppend(&message, separator, expansion::quoted_id(input_.entitlement(entitlement).id), " ",
                      rows);
      separator = ", ";
    }
    return absl::ResourceExhaustedError(message);
  }

  absl::Status write_segments(const expansion::Segments& segments, std::uint64_t rows_per_segment) {
    storage::ExpansionPlan plan;
    std::string identity;
    for (const std::uint64_t part :
         {kPlanVersion, static_cast<std::uint64_t>(options_.mode), rows_per_segment, input_.fingerprint()}) {
      append_be64(identity, part);
    }
    plan.fingerprint = hash64(identity);
    plan.segments = static_cast<std::uint32_t>(segments.count());
    const auto notes = store_.begin_expansion(plan);
    if (!notes.ok()) return notes.status();
    std::atomic<std::uint32_t> next{0};
    std::atomic<bool> failed{false};
    return run_on(workers_, [&] {
      absl::Status status;
      for (auto number = next.fetch_add(1); number < plan.segments && !failed; number = next.fetch_add(1)) {
        status = (*notes)[number].has_value() ? take_over(segments.segment(number), *(*notes)[number])
                                              : write_segment(number, segments.segment(number));
        if (!status.ok()) failed = true;
      }
      return status;
    });
  }

  absl::Status write_segment(std::uint32_t number,
                             std::span<const expansion::Segments::Destination> destinations) {
    const auto segment = store_.expansion_segment(number);
    if (!segment.ok()) return segment.status();
    SegmentSink sink(input_, **segment);
    expansion::Statistics own;
    for (const auto& [node, destination] : destinations) {
      if (options_.go_on) {
        if (absl::Status on = options_.go_on(); !on.ok()) return on;
      }
      const absl::StatusOr<expansion::RowCounts> counts = evaluator_.write(node, destination, sink);
      if (!counts.ok()) return counts.status();
      own.count(destination, counts->synthesised, counts->changed);
    }
    absl::Status committed = (*segment)->commit(to_note(own));
    if (!committed.ok()) return committed;
    if (options_.log != nullptr && options_.log->enabled(LogLevel::kDebug)) {
      options_.log->write(
          LogLevel::kDebug, kSubject, "segment committed",
          {{"segment", std::uint64_t{number}}, {"rows", own.rows_synthesised + own.rows_changed}});
    }
    count(own);
    return absl::OkStatus();
  }

  /// Of a segment that an earlier process committed.
  absl::Status take_over(std::span<const expansion::Segments::Destination> destinations,
                         std::string_view note) {
    for (const auto& destination : destinations) evaluator_.skip(destination.node);
    count(from_note(note));
    ++segments_resumed_;
    return absl::OkStatus();
  }

  void count(const expansion::Statistics& counted) {
    const std::lock_guard lock(mutex_);
    statistics_.add(counted);
  }

  storage::SyncStore& store_;
  const ExpansionOptions& options_;
  const std::size_t workers_;
  const expansion::Input& input_;
  const expansion::Graph& graph_;
  expansion::Evaluator evaluator_;
  std::mutex mutex_;
  expansion::Statistics statistics_;
  std::atomic<std::uint64_t> segments_resumed_{0};
};

ExpansionStatistics to_statistics(const expansion::GraphReport& report) {
  ExpansionStatistics statistics;
  statistics.edges = report.edges;
  statistics.edges_source_missing = report.edges_source_missing;
  statistics.edges_destination_missing = report.edges_destination_missing;
  statistics.self_loops = report.self_loops;
  statistics.components = report.nodes;
  statistics.cycles = report.cycles;
  statistics.cycle_example = report.cycle_example;
  return statistics;
}

}  // namespace

absl::StatusOr<ExpansionStatistics> run_expansion(storage::SyncStore& store,
                                                  const ExpansionOptions& options) {
  if (options.mode == sync::ExpansionMode::kOff) {
    if (absl::Status cleared = store.clear_expansion(); !cleared.ok()) return cleared;
    return ExpansionStatistics();
  }
  const SystemClock system_clock;
  const Clock& clock = options.clock != nullptr ? *options.clock : system_clock;
  const auto started = clock.steady_now();
  const absl::StatusOr<expansion::Input> input = read_expansion_input(store, options.go_on);
  if (!input.ok()) return input.status();
  const auto read = clock.steady_now();
  const bool strict = options.mode == sync::ExpansionMode::kStrict;
  const absl::StatusOr<expansion::Graph> graph = expansion::Graph::build(
      *input, strict ? expansion::CycleMode::kClose : expansion::CycleMode::kCollapse);
  if (!graph.ok()) return graph.status();
  ExpansionStatistics result = to_statistics(graph->report());
  if (std::string warning = expansion::warning_text(graph->report()); !warning.empty()) {
    if (options.log != nullptr) options.log->write(LogLevel::kWarn, kSubject, warning, {});
    result.warnings.push_back(std::move(warning));
  }
  Run run(store, options, *input, *graph);
  if (absl::Status status = run.settle(); !status.ok()) return status;
  result.read_time = read - started;
  result.settle_time = clock.steady_now() - read;
  if (absl::Status status = run.write(); !status.ok()) return status;
  result.segments_resumed = run.segments_resumed();
  if (options.log != nullptr && run.segments_resumed() > 0) {
    options.log->write(LogLevel::kInfo, kSubject, "went on with an interrupted expansion",
                       {{"segments_found", run.segments_resumed()}});
  }
  result.destinations = run.statistics().destinations;
  result.rows_added = run.statistics().rows_synthesised;
  result.rows_changed = run.statistics().rows_changed;
  for (const auto& [entitlement, rows] : run.statistics().largest) {
    result.largest.emplace_back(input->entitlement(entitlement).id, rows);
  }
  return result;
}

}  // namespace baton::actors
