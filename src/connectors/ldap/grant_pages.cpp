#include "connectors/ldap/grant_pages.hpp"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connectors/ldap/listing.hpp"
#include "connectors/ldap/rows.hpp"
#include "connectors/ldap/value_ranges.hpp"
#include "sdk/entitlements.hpp"
#include "sdk/grants.hpp"
#include "sdk/page_token.hpp"

namespace baton::connectors::ldap {
namespace {

namespace v2 = c1::connector::v2;

/// Entries come with all their members, so few at a time.
constexpr std::uint32_t kEntriesPerPage = 100;
constexpr std::size_t kGrantsPerPage = 5000;

}  // namespace

void fill_membership(v2::Grant& row, std::string_view type, std::string_view id, const Principal& principal) {
  const sdk::ResourceRef holder(principal.type, principal.id);
  sdk::fill_grant(row, sdk::ResourceRef(type, id), kMember, holder);
  if (principal.type == kGroup) sdk::set_expandable(row, {sdk::entitlement_id(holder, kMember)});
}

Task<absl::StatusOr<sdk::Page<v2::Grant>>> GrantPages::page(std::string name, Query query, std::string token,
                                                            Resolve resolve) {
  const std::size_t at = token.find('@');
  const absl::StatusOr<Position> position = Position::parse(std::string_view(token).substr(0, at));
  if (!position.ok()) co_return position.status();
  const absl::StatusOr<std::uint64_t> skip = sdk::parse_number_token(
      at == std::string::npos ? std::string_view() : std::string_view(token).substr(at + 1));
  if (!skip.ok()) co_return skip.status();

  query.page_size = kEntriesPerPage;
  Listing listing(client_, std::move(name), std::move(query));
  absl::Status status = co_await listing.seek(*position);
  if (status.ok()) status = co_await listing.search().fill();
  if (!status.ok()) co_return listing_failure(status);

  // When the walk had to begin anew, the entry here is another one.
  std::size_t done = listing.position().round == position->round ? static_cast<std::size_t>(*skip) : 0;
  sdk::Page<v2::Grant> page;
  PagedSearch& search = listing.search();
  while (search.ready() > 0 && page.size() < kGrantsPerPage) {
    std::vector<Principal> principals;
    if (done > 0 && token == unfinished_token_) {
      principals = std::move(unfinished_);
    } else {
      const absl::Status whole = co_await complete_ranges(*client_, search.front());
      // Deleted while it was read: another look, without it.
      if (absl::IsNotFound(whole)) co_return absl::UnavailableError(whole.message());
      if (!whole.ok()) co_return whole;
      absl::StatusOr<std::vector<Principal>> resolved = resolve(search.front());
      if (!resolved.ok()) co_return resolved.status();
      principals = *std::move(resolved);
    }
    unfinished_token_.clear();
    const absl::StatusOr<std::string> id = entry_id(search.front());
    if (!id.ok()) co_return id.status();
    for (; done < principals.size() && page.size() < kGrantsPerPage; ++done) {
      fill_membership(page.add(), type_, *id, principals[done]);
    }
    if (done < principals.size()) {
      unfinished_ = std::move(principals);
      break;
    }
    search.pop();
    done = 0;
  }
  if (!search.finished()) {
    std::string next = listing.position().text();
    if (done > 0) absl::StrAppend(&next, "@", done);
    if (done > 0) unfinished_token_ = next;
    page.set_next_token(std::move(next));
    listing.park();
  }
  co_return page;
}

}  // namespace baton::connectors::ldap
