#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "storage/sync_store.hpp"

namespace baton::bench {

/// One encoded page of `kPageRows` grants for each of the first `count` groups of workload L, in an order as
/// answers come: groups at random, members of a group as the service lists them. Made once.
std::span<const std::shared_ptr<const storage::EncodedRows>> grant_pages(std::size_t count);

/// A store in a folder of its own below the system's temporary one, with a planned cursor for every group.
class SampleStore {
 public:
  explicit SampleStore(std::size_t groups);
  /// Removes the folder.
  ~SampleStore();
  SampleStore(const SampleStore&) = delete;
  SampleStore& operator=(const SampleStore&) = delete;

  storage::SyncStore& store() { return *store_; }
  /// What to commit: a group's page and the end of its cursor, in the order of `grant_pages`.
  std::span<const storage::PageCommit> commits() const { return commits_; }

 private:
  std::filesystem::path folder_;
  std::unique_ptr<storage::SyncStore> store_;
  std::vector<storage::PageCommit> commits_;
};

}  // namespace baton::bench
