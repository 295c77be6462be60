// Expansion on its own: makes the collected grants of a shape, expands them, or only counts what expansion
// would add. Prints one JSON object. bench/expansion drives it; each step is a process of its own, so that
// resident sizes are those of the step.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include "actors/run_expansion.hpp"
#include "base/hash.hpp"
#include "c1/connector/v2/annotation_grant.pb.h"
#include "expand/shapes.hpp"
#include "expansion/evaluator.hpp"
#include "expansion/graph.hpp"
#include "expansion/input.hpp"
#include "expansion/schedule.hpp"
#include "storage/sync_store.hpp"

namespace baton::bench {
namespace {

namespace v2 = c1::connector::v2;
using std::chrono::steady_clock;

constexpr std::int64_t kDiscoveredAt = 1'800'000'000'000'000'000;

/// A line of /proc/self/status, in bytes; 0 where there is none.
std::uint64_t memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stoull(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

double seconds_since(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

/// Writes a shape as a sync would have collected it: an entitlement and its grants in pages.
class StoreMaker final : public ShapeVisitor {
 public:
  explicit StoreMaker(storage::SyncStore& store) : store_(store) {}

  absl::Status visit(const GrantList& list) override {
    v2::Entitlement entitlement;
    entitlement.set_id(list.entitlement);
    entitlement.mutable_resource()->mutable_id()->set_resource_type(std::string(list.type));
    entitlement.mutable_resource()->mutable_id()->set_resource(list.id);
    storage::EncodedRows page(storage::StructuralOrder(3, hash64(list.entitlement), 0), kDiscoveredAt);
    page.add(entitlement);
    page.finish();
    absl::Status status = store_.add_rows(page);
    for (std::size_t at = 0; at < list.holders.size() && status.ok(); at += kPageRows) {
      status = add_grants(entitlement, list, at);
    }
    return status;
  }

 private:
  static constexpr std::size_t kPageRows = 1'000;

  absl::Status add_grants(const v2::Entitlement& entitlement, const GrantList& list, std::size_t at) {
    storage::EncodedRows page(
        storage::StructuralOrder(5, hash64(list.entitlement), static_cast<std::uint32_t>(at / kPageRows)),
        kDiscoveredAt);
    for (std::size_t i = at; i < std::min(at + kPageRows, list.holders.size()); ++i) {
      const GrantList::Holder& holder = list.holders[i];
      v2::Grant grant;
      *grant.mutable_entitlement() = entitlement;
      grant.mutable_principal()->mutable_id()->set_resource_type(std::string(holder.type));
      grant.mutable_principal()->mutable_id()->set_resource(holder.id);
      grant.set_id(list.entitlement + ":" + std::string(holder.type) + ":" + holder.id);
      if (!holder.source.empty()) {
        v2::GrantExpandable expandable;
        expandable.add_entitlement_ids(holder.source);
        expandable.add_resource_type_ids("user");
        grant.add_annotations()->PackFrom(expandable);
      }
      page.add(grant);
    }
    page.finish();
    return store_.add_rows(page);
  }

  storage::SyncStore& store_;
};

class InputMaker final : public ShapeVisitor {
 public:
  absl::Status visit(const GrantList& list) override {
    const auto index = builder.add_entitlement({list.type, list.id, list.entitlement});
    for (const GrantList::Holder& holder : list.holders) {
      const auto principal = builder.add_grant(index, {holder.type, holder.id});
      if (!principal.ok()) return principal.status();
      if (holder.source.empty()) continue;
      const std::string_view sources[] = {holder.source};
      const std::string_view types[] = {"user"};
      builder.add_description(index, *principal, sources, false, types);
    }
    return absl::OkStatus();
  }

  expansion::InputBuilder builder;
};

absl::StatusOr<std::unique_ptr<storage::SyncStore>> open(const std::string& directory) {
  storage::StoreOptions options;
  options.directory = directory;
  return storage::SyncStore::open(options);
}

absl::Status make(const std::string& shape, std::uint64_t scale, const std::string& directory) {
  auto store = open(directory);
  if (!store.ok()) return store.status();
  StoreMaker maker(**store);
  if (absl::Status status = walk(shape, scale, maker); !status.ok()) return status;
  std::cout << "{}\n";
  return (*store)->close();
}

absl::Status expand(const std::string& directory, bool strict, std::size_t workers) {
  auto store = open(directory);
  if (!store.ok()) return store.status();
  if (absl::Status cleared = (*store)->clear_expansion(); !cleared.ok()) return cleared;
  actors::ExpansionOptions options;
  options.mode = strict ? sync::ExpansionMode::kStrict : sync::ExpansionMode::kUpstream;
  options.workers = workers;
  const std::uint64_t baseline = memory("VmRSS");
  const auto start = steady_clock::now();
  const auto statistics = actors::run_expansion(**store, options);
  const double seconds = seconds_since(start);
  if (!statistics.ok()) return statistics.status();
  std::cout << "{\"rows\": " << statistics->rows_added + statistics->rows_changed
            << ", \"edges\": " << statistics->edges << ", \"cycles\": " << statistics->cycles
            << ", \"seconds\": " << seconds
            << ", \"read\": " << std::chrono::duration<double>(statistics->read_time).count()
            << ", \"settle\": " << std::chrono::duration<double>(statistics->settle_time).count()
            << ", \"baseline\": " << baseline << ", \"peak\": " << memory("VmHWM") << "}\n";
  return (*store)->close();
}

/// From the graph on, without reading a store and without making rows.
absl::Status count(const std::string& shape, std::uint64_t scale, bool strict, std::size_t workers) {
  InputMaker maker;
  if (absl::Status status = walk(shape, scale, maker); !status.ok()) return status;
  const auto input = std::move(maker.builder).seal();
  if (!input.ok()) return input.status();
  const auto start = steady_clock::now();
  const auto graph = expansion::Graph::build(
      *input, strict ? expansion::CycleMode::kClose : expansion::CycleMode::kCollapse);
  if (!graph.ok()) return graph.status();
  expansion::Evaluator evaluator(*input, *graph);
  expansion::Schedule schedule(*graph);
  const auto run = [&](const std::function<void()>& work) {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < workers; ++i) threads.emplace_back(work);
  };
  run([&] {
    while (const auto component = schedule.take()) {
      evaluator.settle(*component);
      schedule.done(*component);
    }
  });
  std::atomic<expansion::NodeIndex> next{0};
  std::atomic<std::uint64_t> rows{0};
  run([&] {
    std::uint64_t own = 0;
    for (auto node = next.fetch_add(1); node < graph->node_count(); node = next.fetch_add(1)) {
      if (graph->incoming(node).empty()) continue;
      for (const auto member : graph->members(node)) own += evaluator.count_added(node, member);
    }
    rows += own;
  });
  const double seconds = seconds_since(start);
  std::cout << "{\"rows\": " << rows << ", \"seconds\": " << seconds << "}\n";
  return absl::OkStatus();
}

}  // namespace
}  // namespace baton::bench

int main(int argc, char** argv) {
  std::string shape;
  std::uint64_t scale = 1;
  std::string directory;
  bool strict = false;
  std::size_t workers = 2;
  CLI::App app("Measures grant expansion on its own; prints JSON.");
  app.require_subcommand(1);
  std::vector<std::string> shapes;
  for (const std::string_view name : baton::bench::shape_names()) shapes.emplace_back(name);
  const auto add_shape = [&](CLI::App* command) {
    command->add_option("shape", shape, "What to make")->required()->check(CLI::IsMember(shapes));
    command->add_option("--scale", scale, "How many times as large")->check(CLI::Range(1, 1000));
  };
  CLI::App* const make =
      app.add_subcommand("make", "Make the collected grants of a shape in a new directory");
  add_shape(make);
  make->add_option("directory", directory, "The run directory")->required();
  CLI::App* const expand = app.add_subcommand("expand", "Expand them");
  expand->add_option("directory", directory, "The run directory")->required();
  CLI::App* const count = app.add_subcommand("count", "Count in memory what expansion adds to a shape");
  add_shape(count);
  for (CLI::App* const command : {expand, count}) {
    command->add_flag("--strict", strict, "Keep cycles");
    command->add_option("--workers", workers, "Threads")->check(CLI::Range(1, 64));
  }
  CLI11_PARSE(app, argc, argv);
  absl::Status status;
  if (*make) status = baton::bench::make(shape, scale, directory);
  if (*expand) status = baton::bench::expand(directory, strict, workers);
  if (*count) status = baton::bench::count(shape, scale, strict, workers);
  if (!status.ok()) std::cerr << "expansion_bench: " << status << '\n';
  return status.ok() ? 0 : 1;
}
