#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/c1z/v3/envelope_writer.hpp"
#include "storage/c1z/v3/manifest_writer.hpp"
#include "storage/c1z/v3/table_writer.hpp"

namespace baton::c1z::v3 {

/// The rows of one table on their way to becoming it: keys and values one behind the other.
class TableRows {
 public:
  class Row {
   public:
    std::uint32_t key_size = 0;
    std::uint32_t value_size = 0;
  };

  BlockCompression compression = BlockCompression::kNone;
  std::string bytes;
  std::vector<Row> rows;

  /// Calls `visit` with key and value of each row while it says OK.
  template <class Visit>
  absl::Status for_each(const Visit& visit) const {
    std::string_view rest = bytes;
    for (const Row& row : rows) {
      const std::string_view key = rest.substr(0, row.key_size);
      rest.remove_prefix(row.key_size);
      if (absl::Status status = visit(key, rest.substr(0, row.value_size)); !status.ok()) return status;
      rest.remove_prefix(row.value_size);
    }
    return absl::OkStatus();
  }
  std::string_view first_key() const { return std::string_view(bytes).substr(0, rows.front().key_size); }
  std::string_view last_key() const {
    const std::size_t size = rows.back().key_size + std::size_t{rows.back().value_size};
    return std::string_view(bytes).substr(bytes.size() - size, rows.back().key_size);
  }

  void add(std::string_view prefix, std::string_view key, std::string_view value) {
    bytes.append(prefix).append(key).append(value);
    rows.push_back(Row{static_cast<std::uint32_t>(prefix.size() + key.size()),
                       static_cast<std::uint32_t>(value.size())});
  }
};

/// Builds, compresses and hashes tables on threads of its own and writes them to the envelope in the order in
/// which they were handed in, so that the file does not depend on how the threads ran. Used by one thread.
/// `observe` sees the rows of each table in that order too, on any of the threads, one at a time.
///
/// Memory: `workers` + 4 sets of rows of about `kTableBytes`, and what the workers make of theirs.
class TablePipeline {
 public:
  /// Rows of this many bytes are a table.
  static constexpr std::size_t kTableBytes = std::size_t{3} << 20;

  using Observe = std::function<absl::Status(const TableRows&)>;

  TablePipeline(EnvelopeWriter& envelope, int level, int workers, Observe observe);
  /// Stops what is not finished and waits for the threads.
  ~TablePipeline();
  TablePipeline(const TablePipeline&) = delete;
  TablePipeline& operator=(const TablePipeline&) = delete;

  /// Empty rows to fill; waits until there are some. Null once something has failed, which `finish` tells.
  std::unique_ptr<TableRows> take();
  /// Hands rows in, at least one, ascending; an empty one is given back.
  void submit(std::unique_ptr<TableRows> rows);

  /// Waits until everything handed in has been observed and written.
  absl::Status drain();

  /// Waits until all tables are in the envelope. They are numbered from `kFirstTable` on, in the order of
  /// their keys' writing. DataLoss: keys out of order. No call afterwards.
  absl::StatusOr<std::vector<TableInfo>> finish();

  static constexpr std::uint64_t kFirstTable = 2;  // the MANIFEST is file 1

 private:
  class Job {
   public:
    std::uint64_t number = 0;
    std::unique_ptr<TableRows> rows;
  };
  class Built {
   public:
    std::unique_ptr<TableRows> rows;
    TableInfo table;
    EncodedFile file;
  };
  void run();
  absl::StatusOr<Built> build(FileEncoder& encoder, TableWriter& writer, Job job);
  /// Writes what is due. `lock` is held on the way in and out.
  void write_out(std::unique_lock<std::mutex>& lock);

  EnvelopeWriter& envelope_;
  const int level_;
  const Observe observe_;

  std::mutex mutex_;
  std::condition_variable changed_;
  absl::Status failure_;
  bool closed_ = false;
  bool writing_ = false;
  int unmade_;  // sets of rows that may still be made
  std::vector<std::unique_ptr<TableRows>> free_;
  std::deque<Job> jobs_;
  std::map<std::uint64_t, Built> built_;
  std::uint64_t next_number_ = kFirstTable;
  std::uint64_t next_to_write_ = kFirstTable;
  std::vector<TableInfo> tables_;
  std::vector<std::thread> threads_;
};

}  // namespace baton::c1z::v3
