#include "storage/expansion_segment.hpp"

#include <rocksdb/sst_file_writer.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/tuple_key.hpp"
#include "storage/expanded_rows.hpp"

namespace baton::storage {
namespace {

namespace fs = std::filesystem;

/// A table file that is removed again unless it was taken in.
class TableFile {
 public:
  TableFile(const Database& database, Table table, std::string path)
      : database_(database), path_(std::move(path)), options_(database.file_options(table)) {}
  ~TableFile() {
    writer_.reset();
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
  }
  TableFile(const TableFile&) = delete;
  TableFile& operator=(const TableFile&) = delete;

  absl::Status put(std::string_view key, std::string_view value) {
    if (!writer_.has_value()) {
      // What is written here is read soon: it may stay in the page cache.
      writer_.emplace(rocksdb::EnvOptions(), options_, nullptr, /*invalidate_page_cache=*/false);
      absl::Status opened = database_.status(writer_->Open(path_));
      if (!opened.ok()) return opened;
    }
    return database_.status(writer_->Put(slice(key), slice(value)));
  }
  bool empty() const { return !writer_.has_value(); }
  absl::Status finish() { return database_.status(writer_->Finish()); }
  const std::string& path() const { return path_; }
  void taken_in() { path_.clear(); }

 private:
  const Database& database_;
  std::string path_;
  const rocksdb::Options options_;
  std::optional<rocksdb::SstFileWriter> writer_;  // opens its file with the first row
};

class RocksExpansionSegment final : public ExpansionSegment {
 public:
  RocksExpansionSegment(std::shared_ptr<Database> database, std::uint32_t number, std::int64_t at)
      : database_(std::move(database)),
        number_(number),
        rows_(*database_, Table::kExpanded, path("rows")),
        done_(*database_, Table::kRun, path("done")),
        encoder_(at) {}

  absl::Status begin(std::string_view resource_type_id, std::string_view resource_id,
                     std::string_view entitlement_id) override {
    encoder_.begin(resource_type_id, resource_id, entitlement_id);
    return absl::OkStatus();
  }

  absl::Status add(const ExpansionRow& row) override {
    encoder_.encode(row);
    return rows_.put(encoder_.key(), encoder_.value());
  }

  absl::Status commit(std::string_view note) override {
    absl::Status status = done_.put(segment_key(number_), note);
    if (status.ok()) status = done_.finish();
    if (status.ok() && !rows_.empty()) status = rows_.finish();
    if (!status.ok()) return status;
    std::vector<std::pair<Table, std::string>> files = {{Table::kRun, done_.path()}};
    if (!rows_.empty()) files.emplace_back(Table::kExpanded, rows_.path());
    status = database_->ingest(files);
    if (!status.ok()) return status;
    rows_.taken_in();
    done_.taken_in();
    return status;
  }

 private:
  std::string path(const char* content) const {
    return absl::StrCat(database_->directory(), "/", kSegmentPrefix, number_, "-", content, ".sst");
  }

  std::shared_ptr<Database> database_;
  const std::uint32_t number_;
  TableFile rows_;
  TableFile done_;
  ExpandedRowEncoder encoder_;
};

}  // namespace

std::string segment_key(std::uint32_t number) {
  std::string key(kExpansionPrefix);
  key += "segment/";
  append_be32(key, number);
  return key;
}

absl::StatusOr<std::unique_ptr<ExpansionSegment>> open_expansion_segment(std::shared_ptr<Database> database,
                                                                         std::uint32_t number,
                                                                         std::int64_t at) {
  return std::make_unique<RocksExpansionSegment>(std::move(database), number, at);
}

absl::Status remove_segment_files(const std::string& directory) {
  std::error_code error;
  std::vector<fs::path> stale;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(kSegmentPrefix) && is_store_file(name)) stale.push_back(it->path());
  }
  for (const fs::path& path : stale) {
    if (!error) fs::remove(path, error);
  }
  if (error) {
    return absl::PermissionDeniedError(absl::StrCat("cannot remove old segment files from the run directory ",
                                                    directory, ": ", error.message()));
  }
  return absl::OkStatus();
}

}  // namespace baton::storage
