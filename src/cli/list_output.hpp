#pragma once

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
  /// Exactly one of these is true when rows are printed; neither while they are only checked.
  virtual bool wants_cells() const { return false; }
  virtual bool wants_message() const { return false; }
  virtual void cells(const std::vector<std::string>& /*row*/) {}
  virtual void message(const google::protobuf::Message& /*row*/) {}
};

/// Says every row of a list to the sink, the same ones at each call.
using Rows = std::function<absl::Status(RowSink&)>;

/// Prints a list as a table or as `{"<member>":[…]}` (`{}` when empty), in bounded memory: the rows are
/// walked twice, first to find errors and column widths, so that a list that cannot be read prints nothing at
/// all.
absl::Status print_list(const Options& options, Output& output, const std::string& json_member,
                        const std::vector<std::string>& header, const Rows& rows);

}  // namespace baton::cli
