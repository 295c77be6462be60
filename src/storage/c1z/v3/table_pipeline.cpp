#include "storage/c1z/v3/table_pipeline.hpp"

#include <algorithm>
#include <utility>

namespace baton::c1z::v3 {
namespace {

absl::Status out_of_order() {
  return absl::DataLossError("rows came in the wrong order; the source of rows is damaged");
}

}  // namespace

TablePipeline::TablePipeline(EnvelopeWriter& envelope, int level, int workers)
    : envelope_(envelope), level_(level), unmade_(std::max(workers, 1) + 2) {
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
    return std::make_unique<TableRows>();
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
  Compressor compressor = make_compressor(level_, 0);
  if (compressor == nullptr) return fail(absl::ResourceExhaustedError("no memory for compressing"));
  TableWriter writer;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !failure_.ok() || closed_ || !jobs_.empty(); });
    if (!failure_.ok() || jobs_.empty()) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    absl::StatusOr<Built> built = build(compressor, writer, job);
    if (!built.ok()) return fail(built.status());
    job.rows->bytes.clear();
    job.rows->rows.clear();
    lock.lock();
    free_.push_back(std::move(job.rows));
    built_.emplace(job.number, *std::move(built));
    changed_.notify_all();
    write_out(lock);
  }
}

absl::StatusOr<TablePipeline::Built> TablePipeline::build(Compressor& compressor, TableWriter& writer,
                                                          const Job& job) {
  const TableRows& rows = *job.rows;
  const std::string_view bytes = rows.bytes;
  Built built;
  writer.begin(rows.compression);
  std::size_t at = 0;
  std::string_view last;
  for (const TableRows::Row& row : rows.rows) {
    const std::string_view key = bytes.substr(at, row.key_size);
    if (at > 0 && key <= last) return out_of_order();
    last = key;
    at += row.key_size;
    writer.add(key, bytes.substr(at, row.value_size));
    at += row.value_size;
  }
  const std::string_view table = writer.finish();
  built.table.number = job.number;
  built.table.size = table.size();
  built.table.smallest = bytes.substr(0, rows.rows.front().key_size);
  built.table.largest = last;
  absl::StatusOr<EncodedFile> file = encode_file(compressor, table_name(job.number), table);
  if (!file.ok()) return file.status();
  built.file = *std::move(file);
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
    absl::Status status = envelope_.add(std::move(built.file));
    lock.lock();
    if (!status.ok() && failure_.ok()) failure_ = std::move(status);
    tables_.push_back(std::move(built.table));
  }
  writing_ = false;
  changed_.notify_all();
}

void TablePipeline::fail(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  if (failure_.ok()) failure_ = status;
  changed_.notify_all();
}

}  // namespace baton::c1z::v3
