#pragma once

#include <memory>
#include <type_traits>

#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "http/body.hpp"
#include "http/headers.hpp"

namespace baton::http {

class Client;

/// A response whose body is read by pieces, so that its size costs no memory (`Client::open`).
///
/// Holds a connection until it is read to its end or destroyed, but no permit. Used and destroyed on the
/// client's executor; it may outlive the client, and then ends with Cancelled. Nothing is repeated: who wants
/// to try again opens it again.
class BodyStream {
 public:
  BodyStream(BodyStream&&) noexcept;
  BodyStream& operator=(BodyStream&&) noexcept;
  BodyStream(const BodyStream&) = delete;
  BodyStream& operator=(const BodyStream&) = delete;
  ~BodyStream();

  const Headers& headers() const;
  /// The next bytes; none at the end. Waits for the service as long as for the head of an answer
  /// (`Timeouts::header`). Errors are those of `Client::send`; after one there is nothing more to read.
  Task<absl::StatusOr<Body>> read();

 private:
  friend class Client;
  class Source;
  explicit BodyStream(std::unique_ptr<Source> source);

  std::unique_ptr<Source> source_;
};
static_assert(!std::is_aggregate_v<BodyStream>);

}  // namespace baton::http
