// Grant expansion over a graph of workload L's shape: 5,500 entitlements, 1,010,000 grants.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expansion/evaluator.hpp"
#include "expansion/graph.hpp"
#include "expansion/input.hpp"
#include "micro/rows.hpp"
#include "tenant/directory.hpp"
#include "tenant/ids.hpp"

namespace baton::bench {
namespace {

using expansion::EntitlementIndex;

constexpr std::string_view kGroup = "group";
constexpr std::string_view kRole = "role";
constexpr std::string_view kUser = "user";
constexpr std::array<std::string_view, 1> kInheriting = {kUser};

/// Reads the directory into an input as expansion reads the store, in order of identity.
class Reader {
 public:
  Reader()
      : directory_(tenant::workload_l()),
        user_ids_('u', 6, directory_.shape().users),
        group_ids_('g', 5, directory_.shape().groups),
        role_ids_('r', 3, directory_.shape().roles) {}

  absl::StatusOr<expansion::Input> read() {
    expansion::InputBuilder builder;
    for (std::uint64_t i = 0; i < directory_.shape().groups; ++i) {
      add_owner(builder, kGroup, text(group_ids_, i), "member", directory_.members(i));
    }
    for (std::uint64_t i = 0; i < directory_.shape().roles; ++i) {
      add_owner(builder, kRole, text(role_ids_, i), "assigned", directory_.assignments(i));
    }
    if (!status_.ok()) return status_;
    return std::move(builder).seal();
  }

 private:
  static std::string text(const tenant::IdFormat& format, std::uint64_t index) {
    std::string id(static_cast<std::size_t>(format.size()), '\0');
    format.write(id.data(), index);
    return id;
  }

  static std::string entitlement_id(std::string_view type, const std::string& id, std::string_view slug) {
    return std::string(type) + ':' + id + ':' + std::string(slug);
  }

  void add_owner(expansion::InputBuilder& builder, std::string_view type, const std::string& id,
                 std::string_view slug, const tenant::PrincipalList& list) {
    const std::string entitlement = entitlement_id(type, id, slug);
    const EntitlementIndex index = builder.add_entitlement({type, id, entitlement});
    principals_.clear();
    for (std::uint64_t i = 0; i < list.size(); ++i) {
      const tenant::Principal principal = list.at(i);
      principals_.emplace_back(principal.is_group ? kGroup : kUser,
                               text(principal.is_group ? group_ids_ : user_ids_, principal.index));
    }
    std::sort(principals_.begin(), principals_.end());
    for (const auto& [principal_type, principal] : principals_) {
      const auto handle = builder.add_grant(index, {principal_type, principal});
      if (!handle.ok()) {
        status_ = handle.status();
        return;
      }
      if (principal_type != kGroup) continue;
      const std::string source = entitlement_id(kGroup, principal, "member");
      const std::array<std::string_view, 1> sources = {source};
      builder.add_description(index, *handle, sources, false, kInheriting);
    }
  }

  tenant::Directory directory_;
  tenant::IdFormat user_ids_;
  tenant::IdFormat group_ids_;
  tenant::IdFormat role_ids_;
  std::vector<std::pair<std::string_view, std::string>> principals_;
  absl::Status status_;
};

class CountingSink final : public expansion::ResultSink {
 public:
  absl::Status begin(EntitlementIndex) override { return absl::OkStatus(); }
  absl::Status row(const expansion::ResultRow& row) override {
    benchmark::DoNotOptimize(row.sources.data());
    ++rows_;
    return absl::OkStatus();
  }
  absl::Status end(EntitlementIndex) override { return absl::OkStatus(); }

  std::size_t rows() const { return rows_; }

 private:
  std::size_t rows_ = 0;
};

void read_input(benchmark::State& state) {
  Reader reader;
  std::size_t grants = 0;
  for (auto _ : state) {
    const auto input = reader.read();
    if (!input.ok()) {
      state.SkipWithError("the input cannot be built");
      return;
    }
    grants = input->grant_count();
  }
  report_rows(state, grants);
}
BENCHMARK(read_input)->Unit(benchmark::kMillisecond);

/// Graph and evaluation; `per_row` is of a row that expansion adds or changes.
void expand(benchmark::State& state) {
  const auto input = Reader().read();
  if (!input.ok()) {
    state.SkipWithError("the input cannot be built");
    return;
  }
  std::size_t rows = 0;
  for (auto _ : state) {
    const auto graph = expansion::Graph::build(*input);
    CountingSink sink;
    if (!graph.ok() || !expansion::Evaluator(*input, *graph).run(sink).ok()) {
      state.SkipWithError("expansion failed");
      return;
    }
    rows = sink.rows();
  }
  state.counters["rows"] = static_cast<double>(rows);
  report_rows(state, rows);
}
BENCHMARK(expand)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace baton::bench
