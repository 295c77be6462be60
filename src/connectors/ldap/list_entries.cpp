#include "connectors/ldap/list_entries.hpp"

#include <utility>

#include "connectors/ldap/listing.hpp"

namespace baton::connectors::ldap {
namespace {

/// Entries a page: what servers give at once without being told to (Active Directory up to 1000).
constexpr std::uint32_t kPageSize = 500;

}  // namespace

Task<absl::StatusOr<sdk::Page<c1::connector::v2::Resource>>> list_entries(std::shared_ptr<Client> client,
                                                                          std::string name, Query query,
                                                                          std::string token,
                                                                          ReadRow read_row) {
  const absl::StatusOr<Position> position = Position::parse(token);
  if (!position.ok()) co_return position.status();
  query.page_size = kPageSize;
  Listing listing(std::move(client), std::move(name), std::move(query));
  absl::Status status = co_await listing.seek(*position);
  if (status.ok()) status = co_await listing.search().fill();
  if (!status.ok()) co_return listing_failure(status);
  sdk::Page<c1::connector::v2::Resource> page;
  // A server without paged results gives everything at once; the pages are no larger for that.
  while (listing.search().ready() > 0 && page.size() < kPageSize) {
    const Entry entry = listing.search().pop();
    if (absl::Status read = read_row(entry, page.add()); !read.ok()) co_return read;
  }
  if (!listing.search().finished()) {
    page.set_next_token(listing.position().text());
    listing.park();
  }
  co_return page;
}

}  // namespace baton::connectors::ldap
