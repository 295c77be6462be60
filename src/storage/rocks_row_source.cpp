#include "storage/rocks_row_source.hpp"

#include <optional>
#include <utility>

#include "storage/row_stream.hpp"
#include "storage/v1_transcoder.hpp"

namespace baton::storage {
namespace {

class RocksRowSource final : public RowSource {
 public:
  explicit RocksRowSource(std::shared_ptr<Database> database) : snapshot_(std::move(database)) {}

  absl::Status rewind_resource_types() override { return start(Family::kResourceTypes); }
  absl::Status rewind_resources() override { return start(Family::kResources); }
  absl::Status rewind_entitlements() override { return start(Family::kEntitlements); }
  absl::Status rewind_grants() override {
    grants_.reset();
    grants_.emplace(snapshot_);
    return absl::OkStatus();
  }

  absl::StatusOr<bool> next(ResourceTypeRow& row) override { return next_of(Family::kResourceTypes, row); }
  absl::StatusOr<bool> next(ResourceRow& row) override { return next_of(Family::kResources, row); }
  absl::StatusOr<bool> next(EntitlementRow& row) override { return next_of(Family::kEntitlements, row); }

  absl::StatusOr<bool> next(GrantRow& row) override {
    if (!grants_.has_value()) grants_.emplace(snapshot_);
    absl::StatusOr<bool> more = grants_->next();
    if (!more.ok() || !*more) return more;
    row.order = grants_->order();
    absl::Status status = transcoder_.transcode(grants_->value(), grants_->sources(), row);
    if (!status.ok()) return status;
    return true;
  }

 private:
  absl::Status start(Family family) {
    std::optional<FamilyStream>& stream = streams_[static_cast<std::size_t>(family)];
    stream.reset();
    stream.emplace(snapshot_, family);
    return absl::OkStatus();
  }

  template <class Row>
  absl::StatusOr<bool> next_of(Family family, Row& row) {
    std::optional<FamilyStream>& stream = streams_[static_cast<std::size_t>(family)];
    if (!stream.has_value()) stream.emplace(snapshot_, family);
    absl::StatusOr<bool> more = stream->next();
    if (!more.ok() || !*more) return more;
    absl::Status status = transcoder_.transcode(stream->value(), row);
    if (!status.ok()) return status;
    return true;
  }

  // Before the streams, whose iterators must go first.
  Snapshot snapshot_;
  std::array<std::optional<FamilyStream>, kFamilies> streams_;
  std::optional<GrantStream> grants_;
  V1Transcoder transcoder_;
};

}  // namespace

std::unique_ptr<RowSource> make_row_source(std::shared_ptr<Database> database) {
  return std::make_unique<RocksRowSource>(std::move(database));
}

}  // namespace baton::storage
