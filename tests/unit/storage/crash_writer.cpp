// Walks the script of crash_script.hpp in the directory given, and writes to standard output the number of
// pages that each commit acknowledged, one byte each. It is killed while doing so, or may not write files
// beyond a size: arguments are the directory, a seed, and that size (0 for none).

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <deque>
#include <random>

#include "crash_script.hpp"

using namespace baton::storage;

namespace {

int fail(const absl::Status& status) {
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  if (const rlim_t limit = std::stoul(argv[3]); limit != 0) {
    // To the one who writes, much like a full disk.
    const rlimit size{limit, limit};
    std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &size);
  }
  StoreOptions options;
  options.directory = argv[1];
  options.memtable_bytes = 64 << 10;  // flushes and compactions must be hit, too
  std::mt19937 random(static_cast<std::uint32_t>(std::stoul(argv[2])));
  const auto store = SyncStore::open(options);
  if (!store.ok()) return fail(store.status());
  const auto roots = crash::roots();
  if (const auto planned = (*store)->plan("roots", roots); !planned.ok()) return fail(planned.status());

  std::deque<WorkItem> live;
  while (true) {
    for (const std::uint8_t phase : {2, 4}) {
      auto items = (*store)->next_work(Lane(phase, false), 4);
      if (!items.ok()) return fail(items.status());
      for (WorkItem& item : *items) live.push_back(std::move(item));
    }
    if (live.empty()) break;
    // Up to three cursors advance in one batch.
    std::vector<PageCommit> pages;
    for (std::size_t n = 1 + random() % 3; n > 0 && !live.empty(); --n) {
      pages.push_back(crash::page_of(live.front().key, live.front().cursor));
      live.front().cursor = pages.back().cursor;
      if (!pages.back().cursor.done()) live.push_back(live.front());
      live.pop_front();
      if (!live.empty() && live.size() == n) break;
    }
    if (const auto committed = (*store)->commit(pages); !committed.ok()) return fail(committed.status());
    if (random() % 16 == 0) {
      if (const absl::Status synced = (*store)->sync_log(); !synced.ok()) return fail(synced);
    }
    const char count = static_cast<char>(pages.size());
    if (::write(STDOUT_FILENO, &count, 1) != 1) return 3;
  }
  return 0;
}
