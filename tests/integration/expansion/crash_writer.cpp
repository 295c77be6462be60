// Expands the run directory given, on two threads, and kills itself right after so many segments were
// committed; 0 never. Arguments: directory, number.

#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "actors/run_expansion.hpp"
#include "sample.hpp"
#include "storage/sync_store.hpp"

namespace {

using namespace baton;

class KillingLog final : public Log {
 public:
  explicit KillingLog(unsigned long at) : at_(at) {}
  bool enabled(LogLevel) const override { return true; }
  void write(LogLevel, std::string_view, std::string_view message, std::initializer_list<LogField>) override {
    if (message == "segment committed" && ++committed_ == at_) std::raise(SIGKILL);
  }

 private:
  const unsigned long at_;
  std::atomic<unsigned long> committed_{0};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  storage::StoreOptions options;
  options.directory = argv[1];
  options.must_exist = true;
  const auto store = storage::SyncStore::open(options);
  if (!store.ok()) {
    std::fprintf(stderr, "%s\n", store.status().ToString().c_str());
    return 1;
  }
  actors::ExpansionOptions expansion;
  expansion.workers = 2;
  expansion.rows_per_segment = test::kSampleSegmentRows;
  expansion.log = std::make_shared<KillingLog>(std::stoul(argv[2]));
  const auto done = actors::run_expansion(**store, expansion);
  if (!done.ok()) std::fprintf(stderr, "%s\n", done.status().ToString().c_str());
  return done.ok() ? 0 : 1;
}
