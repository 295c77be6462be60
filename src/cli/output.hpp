#pragma once

#include <cstddef>
#include <ostream>
#include <string_view>

#include "absl/status/status.h"

namespace baton::cli {

/// Where a command writes. Results go to `text`, remarks for a human to `note`.
class Output {
 public:
  Output(std::ostream& results, std::ostream& notes, bool color, std::size_t width)
      : results_(results), notes_(notes), color_(color), width_(width) {}

  void text(std::string_view text) { results_ << text; }
  /// One line beside the results.
  void note(std::string_view line) { notes_ << line << '\n'; }
  bool color() const { return color_; }
  /// How many characters a line of a table may have; 0 is any number.
  std::size_t width() const { return width_; }
  /// Whether all results have reached their destination.
  absl::Status finish() {
    results_.flush();
    if (!results_) return absl::UnknownError("writing the results to standard output failed");
    return absl::OkStatus();
  }

 private:
  std::ostream& results_;
  std::ostream& notes_;
  bool color_;
  std::size_t width_;
};

}  // namespace baton::cli
