#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace tenant {

/// One way to go wrong.
struct Fault {
  enum class Kind {
    kAnswer,     ///< an error status instead of the answer
    kReset,      ///< the connection is reset without a byte
    kTruncate,   ///< half the body, then the connection ends
    kMalformed,  ///< status 200 and a body that is not JSON
    kEndless,    ///< the right answer's beginning, and then a body that goes on for ever
    kSlow,       ///< the right answer, in small pieces with pauses between them
  };
  Kind kind = Kind::kAnswer;
  int status = 0;            ///< of kAnswer
  bool retry_after = false;  ///< kAnswer with 429: whether it says when to come back
  std::string name;          ///< as written in the schedule
};

/// Which requests meet which fault: a comma-separated list of `fault@[path:P:]rule:N`.
///   fault  a status from 400 to 599, `429-noretry`, `reset`, `truncate`, `malformed`, `endless` or `slow`
///   rule   `every:N` each N-th request, `at:N` the N-th only, `first:N` the first N
///   path   counts only requests to exactly P, or to what P stands for when it ends in '*'
/// Each entry counts the requests it looks at on its own, from 1. Of several that are due at once the first
/// one in the list strikes and the others wait for their next request, so that none is ever left out. Decides
/// by counting alone: the same requests in the same order meet the same faults. Not thread-safe.
class FaultSchedule {
 public:
  FaultSchedule() = default;
  /// Empty text means no faults. InvalidArgument quotes the entry that is not understood.
  static absl::StatusOr<FaultSchedule> parse(std::string_view text);

  /// Counts one request and returns the fault it meets, or null. The path is without its query.
  const Fault* next(std::string_view path);
  /// Starts counting again.
  void reset();

 private:
  enum class Rule { kEvery, kAt, kFirst };
  struct Entry {
    Fault fault;
    Rule rule = Rule::kEvery;
    std::uint64_t n = 0;
    std::string path;  // empty: any
    bool prefix = false;
    std::uint64_t seen = 0;
    std::uint64_t due = 0;
  };
  static absl::StatusOr<Entry> parse_entry(std::string_view text);

  std::vector<Entry> entries_;
};

}  // namespace tenant
