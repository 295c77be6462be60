#include "storage/rocks_record_source.hpp"

#include <array>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "storage/record_encoder.hpp"
#include "storage/record_view.hpp"
#include "storage/row_stream.hpp"
#include "storage/wire.hpp"

namespace baton::storage {
namespace {

constexpr std::uint32_t kGrantSources = 9;

class RocksRecordSource final : public RecordSource {
 public:
  explicit RocksRecordSource(std::shared_ptr<Database> database) : snapshot_(std::move(database)) {}

  absl::Status rewind(Family family) override {
    family_ = family;
    conflicts_[static_cast<std::size_t>(family)] = 0;
    rows_.reset();
    grants_.reset();
    if (family == Family::kGrants) {
      grants_.emplace(snapshot_, true);
    } else {
      rows_.emplace(snapshot_, family, true);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> next(Record& record) override {
    if (grants_.has_value()) return next_grant(record);
    if (!rows_.has_value()) return absl::FailedPreconditionError("records are read before `rewind`");
    const absl::StatusOr<bool> more = rows_->next();
    if (!more.ok() || !*more) return more;
    if (rows_->conflict()) ++conflicts_[static_cast<std::size_t>(family_)];
    record.key = rows_->identity();
    record.value = rows_->value().record;
    record.needs_expansion = false;
    if (family_ == Family::kResources) {
      if (!resource_.parse(record.value)) return unreadable();
      record.parent_type_id = resource_.parent_type_id;
      record.parent_id = resource_.parent_id;
    }
    return true;
  }

  std::uint64_t conflicts() const override {
    return std::accumulate(conflicts_.begin(), conflicts_.end(), std::uint64_t{0});
  }

 private:
  absl::StatusOr<bool> next_grant(Record& record) {
    const absl::StatusOr<bool> more = grants_->next();
    if (!more.ok() || !*more) return more;
    if (grants_->conflict()) ++conflicts_[static_cast<std::size_t>(Family::kGrants)];
    record.key = grants_->identity();
    record.value = grants_->value().record;
    record.needs_expansion = grants_->value().has(flag::kNeedsExpansion);
    if (grants_->sources() != nullptr) {
      if (!replace_sources(*grants_->sources(), record.value)) return unreadable();
      record.value = with_sources_;
    }
    return true;
  }

  /// Puts the sources where those of the record stand, or would.
  bool replace_sources(const std::vector<SourceView>& sources, std::string_view record) {
    wire::Writer writer(with_sources_, 0);
    std::string_view rest;
    wire::Reader reader(record);
    for (wire::Field field; reader.next(field);) {
      if (field.number > kGrantSources && rest.empty()) {
        rest = record.substr(static_cast<std::size_t>(field.raw.data() - record.data()));
      }
      if (field.number < kGrantSources) writer.bytes(field.raw);
    }
    for (const SourceView& source : sources) write_source(writer, source.entitlement_id, source.is_direct);
    writer.bytes(rest);
    writer.finish();
    return !reader.failed();
  }

  absl::Status unreadable() const {
    return absl::DataLossError("a stored row cannot be read; the run directory is damaged");
  }

  // Before the streams, whose iterators must go first.
  Snapshot snapshot_;
  Family family_ = Family::kResourceTypes;
  std::optional<FamilyStream> rows_;
  std::optional<GrantStream> grants_;
  std::array<std::uint64_t, kFamilies> conflicts_{};
  ResourceView resource_;
  std::string with_sources_;
};

}  // namespace

std::unique_ptr<RecordSource> make_record_source(std::shared_ptr<Database> database) {
  return std::make_unique<RocksRecordSource>(std::move(database));
}

}  // namespace baton::storage
