#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include <rocksdb/file_system.h>

namespace baton::test {

/// What goes wrong in a `FaultyFileSystem`. Appends are counted over all files, from 1; 0 is never.
class FilePlan {
 public:
  FilePlan() = default;

  /// The process exits with `FaultyFileSystem::kExitCode` in the place of this append.
  std::uint64_t exit_at = 0;
  /// Of the append that is the last, a part gets through that this seed decides.
  std::uint64_t tear_seed = 0;
  /// At the exit everything that was not synced is lost, as by a loss of power: bytes, new files, renames. Of
  /// the unsynced end of each file a part survives that `tear_seed` decides; 0: nothing of it.
  bool power_loss = false;
  /// From this append on there is no space left.
  std::uint64_t full_from = 0;
  /// This append fails for no reason, once.
  std::uint64_t fail_at = 0;
  /// Syncs of files fail from the so-many-th on.
  std::uint64_t fail_sync_from = 0;
  std::chrono::microseconds delay{0};
};

/// The system's files, but for what the plan says. Thread-safe.
class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  static constexpr int kExitCode = 86;

  explicit FaultyFileSystem(const FilePlan& plan);
  ~FaultyFileSystem() override;

  std::uint64_t appends() const;

  const char* Name() const override { return "FaultyFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

  class State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace baton::test
