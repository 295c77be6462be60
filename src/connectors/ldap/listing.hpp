#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "connectors/ldap/client.hpp"

namespace baton::connectors::ldap {

/// How far a search has been walked; what page tokens are made of. It holds nothing of the server's: a cookie
/// would be worthless on any other connection, and so after a restart.
class Position {
 public:
  Position() = default;

  /// The beginning for the empty text; InvalidArgument ("page token corrupt") for a text of no position.
  static absl::StatusOr<Position> parse(std::string_view text);
  std::string text() const;

  /// How often the walk has begun anew because the directory had changed; keeps tokens from repeating.
  std::uint64_t round = 0;
  /// Entries passed, and a hash over their names in order.
  std::uint64_t taken = 0;
  std::uint64_t hash = 0;
};
static_assert(!std::is_aggregate_v<Position>);

/// A paged search as the pages of one cursor see it: at each call it goes to where the token points.
///
/// Usually the running search is parked there already. Else, after a restart of the process or a lost
/// connection, the same search is made once more and walked to that place, which servers keep for a directory
/// that has not changed; when the entries passed are not the same ones any more, the walk begins anew, so
/// that none is left out: rows that come twice are the same rows.
class Listing {
 public:
  /// `name` tells the cursors of a connector apart.
  Listing(std::shared_ptr<Client> client, std::string name, Query query)
      : client_(std::move(client)), name_(std::move(name)), query_(std::move(query)) {}
  Listing(const Listing&) = delete;
  Listing& operator=(const Listing&) = delete;

  Task<absl::Status> seek(Position position);

  /// After `seek`.
  PagedSearch& search() { return *search_; }
  /// Where it is now.
  Position position() const;
  /// Keeps the search for the call that comes with this position; nothing else may be called after it.
  void park();

 private:
  std::string key(const Position& position) const { return name_ + " " + position.text(); }

  std::shared_ptr<Client> client_;
  std::string name_;
  Query query_;
  std::uint64_t round_ = 0;
  std::unique_ptr<PagedSearch> search_;
};

/// What a search for rows says of a failure: a base that is gone is no empty answer, so NotFound becomes
/// FailedPrecondition, which stops the sync instead of dropping the listing.
absl::Status listing_failure(const absl::Status& status);

}  // namespace baton::connectors::ldap
