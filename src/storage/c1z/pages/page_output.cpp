#include "storage/c1z/pages/page_output.hpp"

#include <algorithm>
#include <utility>

#include "storage/c1z/v1_schema.hpp"

namespace baton::c1z {

absl::Status IndexOutput::add_earlier(const std::span<const Value>* entry) {
  const auto go_on = [this] {
    absl::StatusOr<bool> more = earlier_->next();
    has_earlier_ = more.ok() && *more;
    return more.status();
  };
  if (!earlier_.has_value()) {
    absl::StatusOr<EarlierEntries> entries =
        output_.earlier->entries(*std::ranges::find(v1_indexes(), name_, &IndexSchema::name));
    if (!entries.ok()) return entries.status();
    earlier_.emplace(*std::move(entries));
    if (absl::Status status = go_on(); !status.ok()) return status;
  }
  while (has_earlier_ && (entry == nullptr || compare(earlier_->entry(), *entry) < 0)) {
    absl::Status status = tree_.add(earlier_->entry());
    if (status.ok()) status = go_on();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status TableOutput::carry_over() {
  if (output_.earlier == nullptr) return absl::OkStatus();
  absl::StatusOr<EarlierRows> rows =
      output_.earlier->rows(*std::ranges::find(v1_tables(), name_, &TableSchema::name));
  if (!rows.ok()) return rows.status();
  while (true) {
    const absl::StatusOr<bool> more = rows->next();
    if (!more.ok() || !*more) return more.status();
    last_kept_ = rows->id();
    if (absl::Status status = add(last_kept_, rows->columns()); !status.ok()) return status;
  }
}

}  // namespace baton::c1z
