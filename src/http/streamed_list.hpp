#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "http/body_stream.hpp"
#include "http/client.hpp"
#include "http/json_document.hpp"
#include "http/json_element_cutter.hpp"

namespace baton::http {

/// How a list that comes all at once is cut.
class StreamedListOptions {
 public:
  StreamedListOptions() = default;

  /// The array in the answer; empty when the answer is the array.
  std::string member;
  std::uint64_t rows_per_page = 200;
  std::size_t max_row_bytes = std::size_t{4} * 1024 * 1024;
  std::uint64_t max_body_bytes = std::uint64_t{16} * 1024 * 1024 * 1024;
};

/// Pages for a service that gives its whole list at once: the answer is read as it comes and cut after so
/// many rows, so that a list of any size needs the memory of one page and one connection.
///
/// A token is the number of rows before the page. The open answer waits for the next page's call; if that
/// call comes in another process, or somebody else walked on, the list is asked for again and the rows before
/// the page are passed over. The service therefore has to give its rows in the same order each time.
///
/// On the client's executor, like the connector that owns it. Answers that nobody comes back for are closed
/// when more than a few wait.
class StreamedList {
 public:
  /// `client` outlives the list.
  StreamedList(Client& client, StreamedListOptions options);
  ~StreamedList();
  StreamedList(const StreamedList&) = delete;
  StreamedList& operator=(const StreamedList&) = delete;

  /// One page.
  class Rows {
   public:
    explicit Rows(JsonDocument rows) : document(std::move(rows)) {}
    /// An array of rows, to be read with `json_root_value(...).for_each`.
    JsonDocument document;
    /// Empty at the end.
    std::string next_token;
  };
  static_assert(!std::is_aggregate_v<Rows>);

  /// InvalidArgument for a token that is no number.
  Task<absl::StatusOr<Rows>> page(std::string target, std::string token);

 private:
  class Walk;

  Task<absl::StatusOr<std::unique_ptr<Walk>>> begin(std::string target, std::uint64_t skip);
  std::unique_ptr<Walk> unpark(std::string_view target, std::uint64_t at);

  Client& client_;
  StreamedListOptions options_;
  std::shared_ptr<JsonPool> json_pool_;
  /// Open answers, the one parked last at the end.
  std::list<std::unique_ptr<Walk>> parked_;
};

}  // namespace baton::http
