#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "absl/status/statusor.h"
#include "base/task.hpp"
#include "connectors/scim/api.hpp"

namespace baton::connectors::scim {

/// The ids of all groups, read once by the first who asks: for members that do not say what they are.
///
/// A read that fails keeps the pages it has, so that a repeated call goes on where it stopped.
class GroupIds {
 public:
  using Ids = std::set<std::string, std::less<>>;

  explicit GroupIds(std::shared_ptr<Api> api) : api_(std::move(api)) {}

  /// The set lives as long as this object and does not change any more.
  Task<absl::StatusOr<const Ids*>> get();

 private:
  /// Reads what is left.
  Task<absl::Status> read();

  std::shared_ptr<Api> api_;
  Ids ids_;
  /// Pages that are still to be read.
  std::vector<std::string> tokens_ = {""};
  /// While somebody reads, the others wait here.
  std::shared_ptr<boost::asio::steady_timer> reading_;
};

}  // namespace baton::connectors::scim
