#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace baton::sdk {

/// One level of a nested listing: where it stands, and in what.
class PageState {
 public:
  PageState() = default;
  explicit PageState(std::string page_token, std::string type_id = "", std::string id = "")
      : token(std::move(page_token)), resource_type_id(std::move(type_id)), resource_id(std::move(id)) {}
  friend bool operator==(const PageState&, const PageState&) = default;

  std::string token;
  std::string resource_type_id;
  std::string resource_id;
};

/// A stack of page states, for listings in several stages; its text is the page token. The form is
/// upstream's, so that a token written by a connector of either SDK can be read by the other:
///
///     {"states":null,"current_state":{"token":"2","type":"user"}}
///
/// `states` is null until the stack was first used and `[]` when it was used and is empty again.
class Bag {
 public:
  Bag() = default;

  /// Reads a token; the empty one is the empty bag. InvalidArgument ("page token corrupt: ...") for anything
  /// that is no such text, and above 1 MiB. Members that it does not know are skipped.
  static absl::StatusOr<Bag> parse(std::string_view token);

  /// The token; empty when there is no current state.
  std::string marshal() const;

  /// Makes `state` the current one; what was current waits below it.
  void push(PageState state);
  /// Takes the current state off and goes on with the one below it.
  std::optional<PageState> pop();

  /// Moves the current state to its next page; with an empty token it is finished and the one below goes on.
  /// FailedPrecondition when there is no current state.
  absl::Status next(std::string_view token);
  /// `next`, and the page token to return. On an empty bag a token starts a state; without one there is
  /// nothing left to list, and the answer is the empty token (upstream's asks for the first page again).
  absl::StatusOr<std::string> next_token(std::string_view token = "");

  /// Null when there is none.
  const PageState* current() const { return current_ ? &*current_ : nullptr; }
  /// Parts of the current state; empty when there is none.
  const std::string& token() const;
  const std::string& resource_type_id() const;
  const std::string& resource_id() const;

 private:
  std::optional<PageState> current_;
  /// Below the current one, the next to come last. Nothing at all is written differently from empty.
  std::optional<std::vector<PageState>> stack_;
};

static_assert(!std::is_aggregate_v<PageState>);
static_assert(!std::is_aggregate_v<Bag>);

}  // namespace baton::sdk
