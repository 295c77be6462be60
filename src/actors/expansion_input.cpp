#include "actors/expansion_input.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace baton::actors {
namespace {

/// Large enough that handing one over costs nothing, small enough to stay in the cache.
constexpr std::size_t kBatchRows = 512;
constexpr std::size_t kBatchBytes = std::size_t{64} << 10;
constexpr std::size_t kQueuedBatches = 8;

/// Grants with the bytes that they point to.
class GrantBatch {
 public:
  GrantBatch() { rows_.reserve(kBatchRows); }

  const std::vector<storage::BaseGrant>& rows() const { return rows_; }
  bool empty() const { return rows_.empty(); }

  /// False when there is no room; an empty batch has room for any row.
  bool add(const storage::BaseGrant& row) {
    const std::size_t size = bytes_of(row);
    if (rows_.empty()) bytes_.reserve(std::max(kBatchBytes, size));
    if (rows_.size() == kBatchRows || bytes_.capacity() - bytes_.size() < size) return false;
    storage::BaseGrant& copy = rows_.emplace_back(row);
    for_each_text(copy, [this](std::string_view& text) { text = keep(text); });
    return true;
  }

 private:
  template <class Row, class Visit>
  static void for_each_text(Row& row, const Visit& visit) {
    visit(row.resource_type_id);
    visit(row.resource_id);
    visit(row.entitlement_id);
    visit(row.principal_type_id);
    visit(row.principal_id);
    visit(row.principal_parent_type_id);
    visit(row.principal_parent_id);
    for (auto& [id, is_direct] : row.sources) visit(id);
    for (auto& id : row.expandable_entitlement_ids) visit(id);
    for (auto& type : row.expandable_resource_type_ids) visit(type);
  }

  static std::size_t bytes_of(const storage::BaseGrant& row) {
    std::size_t size = 0;
    for_each_text(row, [&](std::string_view text) { size += text.size(); });
    return size;
  }

  std::string_view keep(std::string_view text) {
    const std::size_t at = bytes_.size();
    bytes_.append(text);  // never beyond the capacity, so earlier views stay
    return std::string_view(bytes_).substr(at);
  }

  std::string bytes_;
  std::vector<storage::BaseGrant> rows_;
};

/// Batches on their way from the thread that reads to the one that numbers.
class BatchQueue {
 public:
  /// Waits for room. False when nobody will take any more.
  bool push(GrantBatch batch) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return batches_.size() < kQueuedBatches || closed_; });
    if (closed_) return false;
    batches_.push_back(std::move(batch));
    changed_.notify_all();
    return true;
  }
  /// Waits for one. Nothing after the last.
  std::optional<GrantBatch> pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !batches_.empty() || closed_; });
    if (batches_.empty()) return std::nullopt;
    GrantBatch batch = std::move(batches_.front());
    batches_.pop_front();
    changed_.notify_all();
    return batch;
  }
  /// By either side: nothing more is pushed; what is queued can still be taken.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<GrantBatch> batches_;
  bool closed_ = false;
};

absl::Status read_grants(const storage::SyncStore& store, BatchQueue& queue) {
  GrantBatch batch;
  absl::Status status = store.for_each_base_grant([&](const storage::BaseGrant& grant) -> absl::Status {
    if (batch.add(grant)) return absl::OkStatus();
    if (!queue.push(std::exchange(batch, GrantBatch())))
      return absl::CancelledError("nobody takes the grants");
    batch.add(grant);
    return absl::OkStatus();
  });
  if (status.ok() && !batch.empty()) queue.push(std::move(batch));
  queue.close();
  return status;
}

class InputReader {
 public:
  absl::Status add_entitlements(const storage::SyncStore& store) {
    return store.for_each_entitlement(
        [this](std::string_view type, std::string_view resource, std::string_view id) {
          builder_.add_entitlement({type, resource, id});
          return absl::OkStatus();
        });
  }

  absl::Status add(const storage::BaseGrant& grant) {
    // Grants come entitlement by entitlement.
    if (!entitlement_.has_value() || grant.entitlement_id != id_ || grant.resource_id != resource_ ||
        grant.resource_type_id != type_) {
      type_ = grant.resource_type_id;
      resource_ = grant.resource_id;
      id_ = grant.entitlement_id;
      entitlement_ = builder_.add_entitlement({type_, resource_, id_, /*has_row=*/false});
    }
    sources_.clear();
    for (const auto& [source, direct] : grant.sources) sources_.push_back({source, direct});
    const auto principal =
        builder_.add_grant(*entitlement_, {grant.principal_type_id, grant.principal_id},
                           {grant.principal_parent_type_id, grant.principal_parent_id}, sources_);
    if (!principal.ok()) return principal.status();
    if (grant.needs_expansion) {
      builder_.add_description(*entitlement_, *principal, grant.expandable_entitlement_ids, grant.shallow,
                               grant.expandable_resource_type_ids);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<expansion::Input> seal() { return std::move(builder_).seal(); }

 private:
  expansion::InputBuilder builder_;
  std::vector<expansion::SourceEntry> sources_;
  std::string type_;
  std::string resource_;
  std::string id_;
  std::optional<expansion::EntitlementIndex> entitlement_;
};

}  // namespace

absl::StatusOr<expansion::Input> read_expansion_input(const storage::SyncStore& store,
                                                      const std::function<absl::Status()>& go_on) {
  InputReader reader;
  absl::Status status = reader.add_entitlements(store);
  if (!status.ok()) return status;
  BatchQueue queue;
  absl::Status read;
  {
    const std::jthread thread([&] { read = read_grants(store, queue); });
    while (status.ok()) {
      const std::optional<GrantBatch> batch = queue.pop();
      if (!batch.has_value()) break;
      if (go_on) status = go_on();
      if (!status.ok()) break;
      for (const storage::BaseGrant& grant : batch->rows()) {
        status = reader.add(grant);
        if (!status.ok()) break;
      }
    }
    queue.close();
  }
  // The other thread's error may follow from this one's.
  status.Update(read);
  if (!status.ok()) return status;
  return reader.seal();
}

}  // namespace baton::actors
