#include "storage/c1z/v3/table_pipeline.hpp"

#include <algorithm>
#include <utility>

namespace baton::c1z::v3 {
namespace {

absl::Status out_of_order() {
  return absl::DataLossError("rows came in the wrong order; the source of rows is damaged");
}

}  // namespace

TablePipeline::TablePipeline(EnvelopeWriter& envelope, int level, int workers, Observe observe)
    : envelope_(envelope), level_(level), observe_(std::move(observe)), unmade_(std::max(workers, 1) + 4) {
  for (int i = 0; i < std::max(workers, 1); ++i) threads_.emplace_back([this] { run(); });
}

TablePipeline::~TablePipeline() {
  {
    const std::lock_guard lock(mutex_);
    if (failure_.ok()) failure_ = absl::CancelledError("the tables were given up");
    closed_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::unique_ptr<TableRows> TablePipeline::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !failure_.ok() || unmade_ > 0 || !free_.empty(); });
  if (!failure_.ok()) return nullptr;
  if (free_.empty()) {
    --unmade_;
    lock.unlock();
    auto rows = std::make_unique<TableRows>();
    rows->bytes.reserve(kTableBytes + kTableBytes / 16);  // the last row reaches beyond
    return rows;
  }
  std::unique_ptr<TableRows> rows = std::move(free_.back());
  free_.pop_back();
  return rows;
}

void TablePipeline::submit(std::unique_ptr<TableRows> rows) {
  const std::lock_guard lock(mutex_);
  if (rows->rows.empty()) {
    free_.push_back(std::move(rows));
  } else {
    jobs_.push_back(Job{next_number_++, std::move(rows)});
  }
  changed_.notify_all();
}

absl::Status TablePipeline::drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !failure_.ok() || tables_.size() + kFirstTable == next_number_; });
  return failure_;
}

absl::StatusOr<std::vector<TableInfo>> TablePipeline::finish() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
  if (!failure_.ok()) return failure_;
  std::vector<TableInfo> tables = std::move(tables_);
  std::ranges::sort(tables, {}, &TableInfo::smallest);
  for (std::size_t i = 1; i < tables.size(); ++i) {
    if (tables[i - 1].largest >= tables[i].smallest) return out_of_order();
  }
  return tables;
}

void TablePipeline::run() {
  FileEncoder encoder(level_);
  TableWriter writer;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !failure_.ok() || closed_ || !jobs_.empty(); });
    if (!failure_.ok() || jobs_.empty()) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    const std::uint64_t number = job.number;
    absl::StatusOr<Built> built = build(encoder, writer, std::move(job));
    lock.lock();
    if (built.ok()) {
      built_.emplace(number, *std::move(built));
      write_out(lock);
    } else if (failure_.ok()) {
      failure_ = built.status();
    }
    changed_.notify_all();
  }
}

absl::StatusOr<TablePipeline::Built> TablePipeline::build(FileEncoder& encoder, TableWriter& writer,
                                                          Job job) {
  writer.begin(job.rows->compression);
  const char* last = nullptr;
  std::size_t last_size = 0;
  absl::Status status = job.rows->for_each([&](std::string_view key, std::string_view value) {
    if (last != nullptr && key <= std::string_view(last, last_size)) return out_of_order();
    last = key.data();
    last_size = key.size();
    writer.add(key, value);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  const std::string_view table = writer.finish();
  Built built;
  built.table.number = job.number;
  built.table.size = table.size();
  built.table.smallest = job.rows->first_key();
  built.table.largest = job.rows->last_key();
  absl::StatusOr<EncodedFile> file = encoder.encode(table_name(job.number), table);
  if (!file.ok()) return file.status();
  built.file = *std::move(file);
  built.rows = std::move(job.rows);
  return built;
}

void TablePipeline::write_out(std::unique_lock<std::mutex>& lock) {
  // One thread writes at a time, the others go on building.
  if (writing_) return;
  writing_ = true;
  for (auto due = built_.find(next_to_write_); due != built_.end() && failure_.ok();
       due = built_.find(next_to_write_)) {
    Built built = std::move(due->second);
    built_.erase(due);
    ++next_to_write_;
    lock.unlock();
    absl::Status status = observe_ ? observe_(*built.rows) : absl::OkStatus();
    if (status.ok()) status = envelope_.add(std::move(built.file));
    built.rows->bytes.clear();
    built.rows->rows.clear();
    lock.lock();
    if (!status.ok() && failure_.ok()) failure_ = std::move(status);
    tables_.push_back(std::move(built.table));
    free_.push_back(std::move(built.rows));
    changed_.notify_all();
  }
  writing_ = false;
  changed_.notify_all();
}

}  // namespace baton::c1z::v3
