#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "connectors/scim/api.hpp"
#include "http/json.hpp"
#include "http/json_document.hpp"
#include "sdk/page.hpp"

namespace baton::connectors::scim {

/// One page of a list: the answers that hold its resources, and where the list goes on.
class ListPage {
 public:
  ListPage() = default;

  /// Calls `read(JsonObject)` for each resource; may be used several times.
  template <class Read>
  [[nodiscard]] absl::Status for_each(Read&& read) {
    for (http::JsonDocument& answer : answers) {
      http::JsonObject root = http::json_root(answer);
      for (const std::string_view key : kRowKeys) {
        const absl::Status status = root.for_each_if_any(key, read);
        if (!status.ok()) return status;
      }
    }
    return absl::OkStatus();
  }

  /// Tells the engine where the list goes on.
  template <class Row>
  void hand_on_tokens(sdk::Page<Row>& page) {
    page.set_next_token(std::move(next_token));
    for (std::string& token : siblings) page.add_sibling(std::move(token));
  }

  std::vector<http::JsonDocument> answers;
  std::string next_token;
  std::vector<std::string> siblings;

 private:
  /// Names of attributes have no case in SCIM; services write this one in two ways.
  static constexpr std::string_view kRowKeys[] = {"Resources", "resources"};
};
static_assert(!std::is_aggregate_v<ListPage>);

/// Reads the page of `query`'s list that `token` names, and finds out how the list goes on.
///
/// InvalidArgument for a token that is none; Internal when the service keeps back a part of the list (it
/// announces more than it gives and ignores `startIndex`), and for an answer that is no list.
Task<absl::StatusOr<ListPage>> fetch_list_page(Api& api, Query query, std::string token);

}  // namespace baton::connectors::scim
