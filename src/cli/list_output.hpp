#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "google/protobuf/message.h"

namespace baton::cli {

/// Takes the rows of a list, each in the shape that is asked for.
class RowSink {
 public:
  virtual ~RowSink() = default;

  /// To be called for each row, before it is said. Not OK when no more rows are wanted: to be returned as it
  /// is.
  absl::Status begin_row() { return seen_++ < limit_ ? absl::OkStatus() : enough(); }
  void stop_behind(std::uint64_t rows) { limit_ = rows; }
  /// What `begin_row` says behind the last row.
  static absl::Status enough() { return absl::CancelledError("no more rows are wanted"); }

  /// Exactly one of these is true when rows are printed; neither while they are only checked.
  virtual bool wants_cells() const { return false; }
  virtual bool wants_message() const { return false; }
  virtual void cells(const std::vector<std::string>& /*row*/) {}
  virtual void message(const google::protobuf::Message& /*row*/) {}

 private:
  std::uint64_t seen_ = 0;
  std::uint64_t limit_ = UINT64_MAX;
};

/// Says every row of a list to the sink, the same ones at each call.
using Rows = std::function<absl::Status(RowSink&)>;

/// Prints a list, up to `options.rows_at_most`, as a table or as `{"<member>":[…]}` (`{}` when empty), in
/// bounded memory: the rows are walked twice, first to find errors and column widths, so that a list that
/// cannot be read prints nothing at all.
absl::Status print_list(const Options& options, Output& output, const std::string& json_member,
                        const std::vector<std::string>& header, const Rows& rows);

}  // namespace baton::cli
