#include "connectors/ldap/listing.hpp"

#include <charconv>

#include "absl/strings/str_cat.h"

namespace baton::connectors::ldap {
namespace {

/// Takes a number and, unless it is the last, the dot behind it.
bool take_number(std::string_view& text, int base, bool last, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (last) return text.empty();
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

absl::StatusOr<Position> Position::parse(std::string_view text) {
  Position position;
  if (text.empty()) return position;
  if (!take_number(text, 10, false, position.round) || !take_number(text, 10, false, position.taken) ||
      !take_number(text, 16, true, position.hash)) {
    return absl::InvalidArgumentError("page token corrupt: not a place in a search");
  }
  return position;
}

std::string Position::text() const {
  return absl::StrCat(round, ".", taken, ".", absl::Hex(hash));
}

Task<absl::Status> Listing::seek(Position position) {
  round_ = position.round;
  search_ = client_->unpark(key(position));
  if (search_) co_return absl::OkStatus();
  search_ = std::make_unique<PagedSearch>(*client_, query_);
  while (search_->taken() < position.taken) {
    const absl::Status filled = co_await search_->fill();
    if (!filled.ok()) co_return listing_failure(filled);
    if (search_->at_end()) break;
    while (search_->taken() < position.taken && search_->ready() > 0) search_->pop();
  }
  if (search_->taken() != position.taken || (position.taken > 0 && search_->hash() != position.hash)) {
    client_->log().write(LogLevel::kInfo, "ldap", "the directory has changed; the listing begins anew",
                         {LogField("listing", name_)});
    ++round_;
    search_ = std::make_unique<PagedSearch>(*client_, query_);
  }
  co_return absl::OkStatus();
}

Position Listing::position() const {
  Position position;
  position.round = round_;
  position.taken = search_->taken();
  position.hash = search_->hash();
  return position;
}

void Listing::park() {
  std::string where = key(position());
  client_->park(std::move(where), std::move(search_));
}

absl::Status listing_failure(const absl::Status& status) {
  if (!absl::IsNotFound(status)) return status;
  return absl::FailedPreconditionError(status.message());
}

}  // namespace baton::connectors::ldap
