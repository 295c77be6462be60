#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
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

  void add(std::string_view prefix, std::string_view key, std::string_view value) {
    bytes.append(prefix).append(key).append(value);
    rows.push_back(Row{static_cast<std::uint32_t>(prefix.size() + key.size()),
                       static_cast<std::uint32_t>(value.size())});
  }
};

/// Builds, compresses and hashes tables on threads of its own and writes them to the envelope in the order in
/// which they were handed in, so that the file does not depend on how the threads ran. Used by one thread.
///
/// Memory: `workers` + 2 sets of rows of about `kTableBytes`, and what the workers make of theirs.
class TablePipeline {
 public:
  /// Rows of this many bytes are a table.
  static constexpr std::size_t kTableBytes = std::size_t{8} << 20;

  TablePipeline(EnvelopeWriter& envelope, int level, int workers);
  /// Stops what is not finished and waits for the threads.
  ~TablePipeline();
  TablePipeline(const TablePipeline&) = delete;
  TablePipeline& operator=(const TablePipeline&) = delete;

  /// Empty rows to fill; waits until there are some. Null once something has failed, which `finish` tells.
  std::unique_ptr<TableRows> take();
  /// Hands rows in, at least one, ascending; an empty one is given back.
  void submit(std::unique_ptr<TableRows> rows);

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
    TableInfo table;
    EncodedFile file;
  };
  void run();
  absl::StatusOr<Built> build(Compressor& compressor, TableWriter& writer, const Job& job);
  /// Writes what is due. `lock` is held on the way in and out.
  void write_out(std::unique_lock<std::mutex>& lock);
  void fail(const absl::Status& status);

  EnvelopeWriter& envelope_;
  const int level_;

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
