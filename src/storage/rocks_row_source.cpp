#include "storage/rocks_row_source.hpp"

#include <array>
#include <numeric>
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
    grants_.emplace(snapshot_, true);
    conflicts_[static_cast<std::size_t>(Family::kGrants)] = 0;
    return absl::OkStatus();
  }

  std::uint64_t conflicts() const override {
    return std::accumulate(conflicts_.begin(), conflicts_.end(), std::uint64_t{0});
  }

  absl::StatusOr<bool> next(ResourceTypeRow& row) override { return next_of(Family::kResourceTypes, row); }
  absl::StatusOr<bool> next(ResourceRow& row) override { return next_of(Family::kResources, row); }
  absl::StatusOr<bool> next(EntitlementRow& row) override { return next_of(Family::kEntitlements, row); }

  absl::StatusOr<bool> next(GrantRow& row) override {
    if (!grants_.has_value()) grants_.emplace(snapshot_, true);
    absl::StatusOr<bool> more = grants_->next();
    if (!more.ok() || !*more) return more;
    conflicts_[static_cast<std::size_t>(Family::kGrants)] += grants_->conflict() ? 1 : 0;
    row.order = grants_->order();
    absl::Status status = transcoder_.transcode(grants_->value(), grants_->sources(), row);
    if (!status.ok()) return status;
    return true;
  }

 private:
  absl::Status start(Family family) {
    std::optional<FamilyStream>& stream = streams_[static_cast<std::size_t>(family)];
    stream.reset();
    stream.emplace(snapshot_, family, true);
    conflicts_[static_cast<std::size_t>(family)] = 0;
    return absl::OkStatus();
  }

  template <class Row>
  absl::StatusOr<bool> next_of(Family family, Row& row) {
    std::optional<FamilyStream>& stream = streams_[static_cast<std::size_t>(family)];
    if (!stream.has_value()) stream.emplace(snapshot_, family, true);
    absl::StatusOr<bool> more = stream->next();
    if (!more.ok() || !*more) return more;
    conflicts_[static_cast<std::size_t>(family)] += stream->conflict() ? 1 : 0;
    absl::Status status = transcoder_.transcode(stream->value(), row);
    if (!status.ok()) return status;
    return true;
  }

  // Before the streams, whose iterators must go first.
  Snapshot snapshot_;
  std::array<std::optional<FamilyStream>, kFamilies> streams_;
  std::optional<GrantStream> grants_;
  std::array<std::uint64_t, kFamilies> conflicts_{};
  V1Transcoder transcoder_;
};

}  // namespace

std::unique_ptr<RowSource> make_row_source(std::shared_ptr<Database> database) {
  return std::make_unique<RocksRowSource>(std::move(database));
}

}  // namespace baton::storage
