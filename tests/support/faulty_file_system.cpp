#include "support/faulty_file_system.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/hash.hpp"

namespace baton::test {
namespace {

namespace fs = std::filesystem;
using rocksdb::IOStatus;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

void write_content(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
}

}  // namespace

/// What is on disk for sure, and what would be lost.
class FaultyFileSystem::State {
 public:
  explicit State(const FilePlan& plan) : plan_(plan) {}

  enum class Fate { kGood, kFull, kFails, kLast };

  Fate next_append() {
    const std::lock_guard lock(mutex_);
    const std::uint64_t number = ++appends_;
    if (number == plan_.exit_at) return Fate::kLast;
    if (plan_.full_from != 0 && number >= plan_.full_from) return Fate::kFull;
    if (number == plan_.fail_at) return Fate::kFails;
    return Fate::kGood;
  }

  bool sync_fails() {
    const std::lock_guard lock(mutex_);
    return plan_.fail_sync_from != 0 && ++syncs_ >= plan_.fail_sync_from;
  }

  void created(const std::string& path, std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    File& file = files_[path];
    file.size = size;
    file.synced = size;
    file.is_new = size == 0;
  }
  void appended(const std::string& path, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    files_[path].size += bytes;
  }
  void synced(const std::string& path) {
    const std::lock_guard lock(mutex_);
    File& file = files_[path];
    file.synced = file.size;
  }
  void folder_synced(const std::string& folder) {
    const std::lock_guard lock(mutex_);
    for (auto& [path, file] : files_) {
      if (fs::path(path).parent_path() == fs::path(folder)) file.is_new = false;
    }
    std::erase_if(renames_,
                  [&](const Rename& one) { return fs::path(one.to).parent_path() == fs::path(folder); });
  }
  void renaming(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    Rename rename;
    rename.from = from;
    rename.to = to;
    if (fs::exists(to)) rename.before = content_of(to);
    renames_.push_back(std::move(rename));
    const auto found = files_.extract(from);
    if (found) files_[to] = found.mapped();
  }
  void removed(const std::string& path) {
    const std::lock_guard lock(mutex_);
    files_.erase(path);
  }

  std::uint64_t appends() const {
    const std::lock_guard lock(mutex_);
    return appends_;
  }
  const FilePlan& plan() const { return plan_; }

  std::size_t torn(std::size_t bytes) const { return plan_.tear_seed == 0 ? 0 : random(bytes) % (bytes + 1); }

  [[noreturn]] void end() {
    mutex_.lock();
    if (plan_.power_loss) lose_power();
    ::_exit(kExitCode);
  }

 private:
  class File {
   public:
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
    bool is_new = false;
  };
  class Rename {
   public:
    std::string from;
    std::string to;
    std::optional<std::string> before;
  };

  std::uint64_t random(std::uint64_t salt) const {
    const std::uint64_t words[] = {plan_.tear_seed, appends_, salt};
    return hash64(std::string_view(reinterpret_cast<const char*>(words), sizeof words));
  }

  void lose_power() {
    std::error_code ignored;
    for (const auto& [path, file] : files_) {
      if (file.is_new) {
        fs::remove(path, ignored);
        continue;
      }
      const std::uint64_t lost = file.size - file.synced;
      if (lost > 0) fs::resize_file(path, file.synced + torn(lost), ignored);
    }
    for (auto rename = renames_.rbegin(); rename != renames_.rend(); ++rename) {
      if (fs::exists(rename->to)) write_content(rename->from, content_of(rename->to));
      if (rename->before) {
        write_content(rename->to, *rename->before);
      } else {
        fs::remove(rename->to, ignored);
      }
    }
  }

  const FilePlan plan_;
  mutable std::mutex mutex_;
  std::uint64_t appends_ = 0;
  std::uint64_t syncs_ = 0;
  std::map<std::string, File> files_;
  std::vector<Rename> renames_;
};

namespace {

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path,
             std::shared_ptr<FaultyFileSystem::State> state)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), state_(std::move(state)) {}

  IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                  rocksdb::IODebugContext* debug) override {
    return append(data, [&](const rocksdb::Slice& part) {
      return FSWritableFileOwnerWrapper::Append(part, options, debug);
    });
  }
  IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                  const rocksdb::DataVerificationInfo&, rocksdb::IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return sync([&] { return FSWritableFileOwnerWrapper::Sync(options, debug); });
  }
  IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return sync([&] { return FSWritableFileOwnerWrapper::Fsync(options, debug); });
  }

 private:
  template <class Write>
  IOStatus append(const rocksdb::Slice& data, const Write& write) {
    using Fate = FaultyFileSystem::State::Fate;
    if (state_->plan().delay.count() > 0) std::this_thread::sleep_for(state_->plan().delay);
    switch (state_->next_append()) {
      case Fate::kGood:
        break;
      case Fate::kFull:
        return IOStatus::NoSpace("No space left on device", path_);
      case Fate::kFails:
        return IOStatus::IOError("Input/output error", path_);
      case Fate::kLast: {
        const rocksdb::Slice part(data.data(), state_->torn(data.size()));
        if (!part.empty() && write(part).ok()) state_->appended(path_, part.size());
        state_->end();
      }
    }
    IOStatus written = write(data);
    if (written.ok()) state_->appended(path_, data.size());
    return written;
  }
  template <class Call>
  IOStatus sync(const Call& call) {
    if (state_->sync_fails()) return IOStatus::IOError("Input/output error while syncing", path_);
    IOStatus synced = call();
    if (synced.ok()) state_->synced(path_);
    return synced;
  }

  std::string path_;
  std::shared_ptr<FaultyFileSystem::State> state_;
};

class FaultyFolder final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyFolder(std::unique_ptr<rocksdb::FSDirectory> folder, std::string path,
               std::shared_ptr<FaultyFileSystem::State> state)
      : FSDirectoryWrapper(std::move(folder)), path_(std::move(path)), state_(std::move(state)) {}

  IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    IOStatus synced = FSDirectoryWrapper::Fsync(options, debug);
    if (synced.ok()) state_->folder_synced(path_);
    return synced;
  }
  IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& how) override {
    IOStatus synced = FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how);
    if (synced.ok()) state_->folder_synced(path_);
    return synced;
  }

 private:
  std::string path_;
  std::shared_ptr<FaultyFileSystem::State> state_;
};

}  // namespace

FaultyFileSystem::FaultyFileSystem(const FilePlan& plan)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), state_(std::make_shared<State>(plan)) {}

FaultyFileSystem::~FaultyFileSystem() = default;

std::uint64_t FaultyFileSystem::appends() const {
  return state_->appends();
}

IOStatus FaultyFileSystem::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                                           rocksdb::IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSWritableFile> made;
  IOStatus status = FileSystemWrapper::NewWritableFile(path, options, &made, debug);
  if (!status.ok()) return status;
  state_->created(path, 0);
  *file = std::make_unique<FaultyFile>(std::move(made), path, state_);
  return status;
}

IOStatus FaultyFileSystem::ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                                              rocksdb::IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSWritableFile> made;
  IOStatus status = FileSystemWrapper::ReopenWritableFile(path, options, &made, debug);
  if (!status.ok()) return status;
  std::error_code ignored;
  state_->created(path, fs::file_size(path, ignored));
  *file = std::make_unique<FaultyFile>(std::move(made), path, state_);
  return status;
}

IOStatus FaultyFileSystem::NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                        std::unique_ptr<rocksdb::FSDirectory>* directory,
                                        rocksdb::IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> made;
  IOStatus status = FileSystemWrapper::NewDirectory(path, options, &made, debug);
  if (!status.ok()) return status;
  *directory = std::make_unique<FaultyFolder>(std::move(made), path, state_);
  return status;
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to,
                                      const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) {
  state_->renaming(from, to);
  return FileSystemWrapper::RenameFile(from, to, options, debug);
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                                      rocksdb::IODebugContext* debug) {
  IOStatus status = FileSystemWrapper::DeleteFile(path, options, debug);
  if (status.ok()) state_->removed(path);
  return status;
}

}  // namespace baton::test
